"""The log's page: what stands in a line, and what the filters leave."""

import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from lovhub.clock import ManualClock
from lovhub.server.applications import service as applications
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.journal import service as journal
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, OWNER, People
from tests.support.live_desk import LiveDesk
from tests.support.web import ADDRESS, Browser, WebAdmin

DAY = 24 * 3600


@pytest.fixture
def evening(club: ClubContext, people: People, clock: ManualClock) -> dict[str, int]:
    """A customer at one PC, a guest at another, a game, a message, a top-up and an alarm: a second apart."""
    first, second = people.computer("ПК-1"), people.computer("DESKTOP-2")
    customer = customers.register(
        club, login="sniper", name="Ерлан", phone="", password="секрет", actor=OWNER
    )
    clock.advance(1)
    customers.top_up(
        club, customer_id=customer, amount_tiyn=2_000_00, method="kaspi", key="top", actor=CASHIER
    )
    clock.advance(1)
    tariff = people.tariff()
    session = sessions.buy(
        club, computer_id=first, customer_id=customer, tariff_id=tariff, key="buy", actor=CASHIER
    )
    clock.advance(1)
    guest = sessions.seat_guest(
        club,
        computer_id=second,
        tariff_id=tariff,
        method="cash",
        guest_name="Аслан",
        actor=CASHIER,
        key="guest",
    )
    applications.create(
        club, title="Dota 2", kind="game", exe_path="C:\\dota2.exe", arguments=[], actor=OWNER
    )
    clock.advance(1)
    with club.write() as work:
        for computer_id, session_id, who in [(first, session, customer), (second, guest, None)]:
            journal.launch_started(
                work,
                computer_id=computer_id,
                session_id=session_id,
                customer_id=who,
                application_id=1,
                at=work.now,
            )
    clock.advance(1)
    with club.write() as work:
        journal.raise_alarm(work, "launcher_killed", computer_id=first)
    computers.rename(club, computer_id=second, name="ПК-2", actor=OWNER)
    return {"first": first, "second": second, "customer": customer}


def message(club: ClubContext, computer_id: int, said: str) -> None:
    """Something that is written into the log."""
    with club.write() as work:
        journal.record(work, "command.sent", OWNER, computer_id=computer_id, text=said)


def lines(page: str) -> list[list[str]]:
    """The table's cells without tags, a list for each line."""
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split())
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", line, re.DOTALL)
        ]
        for line in re.findall(r"<tr data-kind.*?</tr>", page, re.DOTALL)
    ]


def read(desk: Browser, query: str = "") -> list[list[str]]:
    answer = desk.get(f"/admin/logs{query}")
    assert answer.status_code == 200
    return lines(answer.text)


def events(found: list[list[str]]) -> list[str]:
    return [line[3] for line in found]


# --- what a line says -----------------------------------------------------------------------------


def test_every_line_names_pc_player_and_who_did_it(desk: Browser, evening: dict[str, int]) -> None:
    said = {tuple(line[1:]) for line in read(desk)}
    assert said >= {
        ("ПК-1", "sniper", "Продано «1 час» за 500 ₸", "Данияр"),
        ("ПК-1", "sniper", "Сеанс начат", "Данияр"),
        ("ПК-2", "Гость Аслан", "Продано «1 час» за 500 ₸ (наличные)", "Данияр"),
        ("ПК-2", "Гость Аслан", "Гость посажен", "Данияр"),
        ("ПК-1", "sniper", "Запуск: Dota 2", ""),
        ("ПК-2", "Гость Аслан", "Запуск: Dota 2", ""),
        ("ПК-1", "", "Тревога: лаунчер остановлен, агент его вернул", ""),
        ("ПК-2", "", "ПК переименован: DESKTOP-2 → ПК-2", "Айгуль"),
        ("", "sniper", "Баланс пополнен на 2 000 ₸ (Kaspi)", "Данияр"),
    }


def test_the_newest_stands_first_in_the_clubs_own_time(
    desk: Browser, club: ClubContext, evening: dict[str, int], clock: ManualClock
) -> None:
    times = [line[0] for line in read(desk)]
    newest = datetime.fromtimestamp(clock.now(), ZoneInfo("Asia/Almaty"))
    # The owner's own sign-in to the test's browser came before the evening.
    assert times[0] == newest.strftime("%d.%m.%Y %H:%M:%S")
    moments = [datetime.strptime(time, "%d.%m.%Y %H:%M:%S") for time in times]  # noqa: DTZ007
    assert moments == sorted(moments, reverse=True)


def test_names_stay_text(desk: Browser, club: ClubContext, people: People) -> None:
    computer_id = people.computer("<img src=x>")
    message(club, computer_id, "<b>эй</b>")
    page = desk.get("/admin/logs").text
    assert "<img src=x>" not in page
    assert "<b>эй" not in page
    assert read(desk)[0][1:4] == ["<img src=x>", "", "Сообщение игроку: <b>эй</b>"]


def test_where_nothing_is_found_one_reads_what_to_do(
    web: WebAdmin, club: ClubContext, clock: ManualClock
) -> None:
    clock.advance(10 * DAY)
    desk = web.owner()
    day = datetime.fromtimestamp(clock.now(), ZoneInfo("Asia/Almaty")).strftime("%Y-%m-%d")
    page = desk.get(f"/admin/logs?kind=launch&from={day}").text
    assert "Ничего не нашлось" in page
    assert "Измените фильтр." in page


# --- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("launch", ["Запуск: Dota 2"] * 2),
        ("alarm", ["Тревога: лаунчер остановлен, агент его вернул"]),
        ("session", ["Гость посажен", "Сеанс начат"]),
        ("computer", ["ПК переименован: DESKTOP-2 → ПК-2"]),
        (
            "money",
            [
                "Продано «1 час» за 500 ₸ (наличные)",
                "Продано «1 час» за 500 ₸",
                "Баланс пополнен на 2 000 ₸ (Kaspi)",
            ],
        ),
    ],
)
def test_by_kind(desk: Browser, evening: dict[str, int], kind: str, wanted: list[str]) -> None:
    assert events(read(desk, f"?kind={kind}")) == wanted
    page = desk.get(f"/admin/logs?kind={kind}").text
    assert re.search(rf'<option value="{kind}" selected', page)


def test_a_technician_reads_no_sums(web: WebAdmin, evening: dict[str, int]) -> None:
    technician, cashier = web.technician(), web.cashier()
    assert "₸" in "".join(events(read(cashier)))
    left = "".join(events(read(technician)))
    assert "₸" not in left
    assert "Dota 2" in left
    assert read(technician, "?kind=money") == []
    assert 'value="money"' not in technician.get("/admin/logs").text
    told = technician.client.get(
        "/api/v1/log?limit=100",
        base_url=ADDRESS,
        headers={"Authorization": f"Bearer {web.token('technician')}"},
    )
    assert told.status_code == 200
    assert "launch" in told.text
    assert "tiyn" not in told.text


def test_by_pc_customer_and_both(desk: Browser, evening: dict[str, int]) -> None:
    first, second = evening["first"], evening["second"]
    assert {line[1] for line in read(desk, f"?computer={first}")} == {"ПК-1"}
    assert {line[1] for line in read(desk, f"?computer={second}")} == {"ПК-2"}
    hers = read(desk, "?customer=SNIPER")
    assert {line[2] for line in hers} == {"sniper"}
    assert len(hers) == 5
    both = read(desk, f"?customer=sniper&computer={first}&kind=launch")
    assert events(both) == ["Запуск: Dota 2"]
    assert read(desk, f"?customer=sniper&computer={second}") == []


def test_a_login_nobody_has_is_said_beside_the_field(
    desk: Browser, evening: dict[str, int]
) -> None:
    page = desk.get("/admin/logs?customer=никто").text
    assert 'data-test="error-customer">Такого логина нет.<' in page
    assert 'value="никто"' in page
    assert lines(page) == []


def test_by_day_in_the_clubs_time_zone_both_days_included(
    web: WebAdmin, club: ClubContext, people: People, clock: ManualClock
) -> None:
    zone = ZoneInfo("Asia/Almaty")
    pc = people.computer("ПК-1")
    today = datetime.fromtimestamp(clock.now() + 2 * DAY, zone)
    midnight = int(today.replace(hour=0, minute=0, second=0).timestamp())
    for said, at in [
        ("накануне", midnight - 1),
        ("в полночь", midnight),
        ("перед концом", midnight + DAY - 1),
        ("назавтра", midnight + DAY),
    ]:
        clock.advance(at - clock.now())
        message(club, pc, said)
    desk, day = web.owner(), f"{today:%Y-%m-%d}"
    found = events(read(desk, f"?kind=computer&from={day}&until={day}"))
    assert found == ["Сообщение игроку: перед концом", "Сообщение игроку: в полночь"]
    assert len(read(desk, f"?kind=computer&from={day}")) == 3
    assert len(read(desk, f"?kind=computer&until={day}")) == 3


@pytest.mark.parametrize(
    "query",
    ["?from=вчера", "?until=2026-13-40", "?from=9999-12-31&until=9999-12-31", "?computer=x",
     "?kind=nonsense", "?before=1.2", "?before=a.b.c", "?before=-1.0.1", "?from=0001-01-01",
     "?customer=%00"],
)  # fmt: skip
def test_nonsense_in_the_address_breaks_nothing(
    desk: Browser, evening: dict[str, int], query: str
) -> None:
    assert desk.get(f"/admin/logs{query}").status_code == 200


def test_a_revoked_pcs_past_stays_readable(
    desk: Browser, club: ClubContext, people: People
) -> None:
    pc = people.computer("ПК-9")
    computers.revoke(club, computer_id=pc, actor=OWNER)
    assert ["ПК-9", "", "ПК отключён от клуба", "Айгуль"] in [line[1:] for line in read(desk)]


def test_by_application_and_by_person(desk: Browser, evening: dict[str, int]) -> None:
    assert events(read(desk, "?application=1")) == ["Запуск: Dota 2"] * 2
    assert read(desk, "?application=1&kind=money") == []
    hers = read(desk, "?staff=1")
    assert {line[4] for line in hers} == {"Айгуль"}


def test_by_time_of_day(
    web: WebAdmin, club: ClubContext, people: People, clock: ManualClock
) -> None:
    zone = ZoneInfo("Asia/Almaty")
    pc = people.computer("ПК-1")
    noon = datetime.fromtimestamp(clock.now() + DAY, zone).replace(hour=12, minute=0, second=0)
    for said, seconds in [("до", -1), ("в двенадцать", 0), ("без пяти", 3559), ("после", 3660)]:
        clock.advance(int(noon.timestamp()) + seconds - clock.now())
        message(club, pc, said)
    desk, day = web.owner(), f"{noon:%Y-%m-%d}"
    said = ["Сообщение игроку: без пяти", "Сообщение игроку: в двенадцать"]
    between = f"kind=computer&from={day}&from_time=12:00&until={day}&until_time=13:00"
    assert events(read(desk, f"?{between}")) == said
    assert events(read(desk, "?kind=computer&from_time=12:00&until_time=13:00")) == said, "today"
    page = desk.get(f"/admin/logs?from={day}&until={day}&from_time=13:00&until_time=12:00").text
    assert 'data-test="error-until">Конец раньше начала.<' in page
    assert 'value="13:00"' in page
    assert 'data-test="error-from">Такого времени нет.<' in desk.get("/admin/logs?from=вчера").text


def test_launches_are_filtered_by_pc_customer_application_and_time_and_saved_as_shown(
    page: Page, live: LiveDesk, evening: dict[str, int], club: ClubContext
) -> None:
    with club.write() as work:
        journal.launch_ended(
            work, session_id=1, application_id=1, at=work.now + 3661, ran_seconds=3661
        )
    page.goto(f"{live.address}/admin/logs")
    page.get_by_label("ПК", exact=True).select_option("ПК-1")
    page.get_by_label("Логин клиента").fill("sniper")
    page.get_by_label("Игра или приложение").select_option("Dota 2")
    page.locator("[data-test=show]").click()
    page.wait_for_url("**computer=*customer=sniper*application=1*")
    page.locator("[data-test=quick-shift]").click()
    page.wait_for_url("**from_time=08%3A00*")
    shown = page.locator("table.log tbody tr")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Запуск: Dota 2, 1:01:01")
    expect(page.locator("[data-test=unfold]")).to_be_hidden()
    expect(page.get_by_label("ПК", exact=True)).to_have_value(str(evening["first"]))
    page.go_back()
    expect(page.get_by_label("С какого времени суток")).to_have_value("")
    page.go_forward()
    page.locator("[data-test=export]").click()
    with page.expect_download() as saving:
        page.locator("[data-test=export-csv]").click()
    written = saving.value.path().read_text("utf-8-sig").splitlines()
    cells = [cell.strip() for cell in shown.locator("td").all_inner_texts()]
    assert written[0] == "Время;ПК;Клиент;Событие;Кто;Сколько шло"
    assert written[1:] == [";".join([*cells, "1:01:01"])]


def test_on_a_phone_the_filter_opens_when_it_is_asked_for(
    page: Page, live: LiveDesk, evening: dict[str, int]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live.address}/admin/logs")
    expect(page.locator("table.log tbody tr").first).to_be_in_viewport()
    expect(page.locator("#log-filter")).to_be_hidden()
    page.locator("[data-test=unfold]").click()
    page.get_by_label("ПК", exact=True).select_option("ПК-1")
    page.locator("[data-test=show]").click()
    page.wait_for_url("**computer=*")
    expect(page.get_by_label("ПК", exact=True)).to_have_value(str(evening["first"]))
