"""The dashboard and the charts in a real browser: every figure leads to its list, every chart says its numbers."""

import csv
import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from werkzeug.test import TestResponse

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.live import HallSession
from tests.server.web.conftest import OpenAs
from tests.support.chromium import wait_until
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, changed
from tests.support.month import Month
from tests.support.web import ADDRESS, WebAdmin, row

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(int(datetime(2027, 3, 1, 9, tzinfo=ALMATY).timestamp()))


@pytest.fixture
def web(club: ClubContext, clock: ManualClock, people: People) -> WebAdmin:
    Month(club, clock, people).play(2)
    admin = WebAdmin(club)
    admin.make_owner()
    playing = HallSession(7, "active", "Ерлан", 1, "1 час", 3600, 0, "")
    admin.hall.rows = [
        changed(row(1, "ПК-1"), status="off", link="off", problem="silent"),
        changed(row(2, "ПК-2"), lock="broken", problem="lock_broken"),
        row(3, "ПК-3", playing),
    ]
    return admin


def figures(page: Page, live: LiveDesk) -> None:
    page.goto(f"{live.address}/admin")
    expect(page.locator("#figures")).to_be_visible()


def test_every_figure_leads_to_the_list_behind_it(
    page: Page, live: LiveDesk, web: WebAdmin
) -> None:
    figures(page, live)
    leads = {
        "total": ("3", "/admin/computers", "Компьютеры"),
        "on": ("2", "/admin/computers?status=on", "Компьютеры"),
        "used": ("1", "/admin/computers?status=used", "Компьютеры"),
        "off": ("1", "/admin/computers?status=off", "Компьютеры"),
        "customers": ("4", "/admin/customers", "Клиенты"),
        "new-customers": ("0", "/admin/customers?only=new&sort=-registered", "Клиенты"),
        "owed-balances": (None, "/admin/customers?only=money&sort=-balance", "Клиенты"),
        "owed-time": (None, "/admin/customers?only=time", "Клиенты"),
        "sessions": (None, "/admin/logs?kind=session&from=2027-03-03", "Логи"),
        "launches": (None, "/admin/logs?kind=launch&from=2027-03-03", "Логи"),
        "games": ("3", "/admin/applications", "Приложения"),
        "programs": ("0", "/admin/applications?kind=program", "Приложения"),
    }
    assert set(leads) == set(
        page.locator("a .stat").evaluate_all("all => all.map((it) => it.dataset.test)")
    ), "no figure without a list"
    desk = web.owner()
    for test, only in (("new-customers", "new"), ("owed-balances", "money"), ("owed-time", "time")):
        listed = desk.get(f"/admin/customers?only={only}").text.count("data-customer-id")
        assert listed == 0 if test == "new-customers" else 0 < listed <= 4
    for test, (value, address, heading) in leads.items():
        if value is not None:
            expect(page.locator(f"[data-test={test}]")).to_have_text(value)
        assert page.locator(f"[data-test=to-{test}]").get_attribute("href") == address
        assert f">{heading}</h1>" in desk.get(address).text
    assert page.locator("[data-test=problem]").count() == 2
    page.locator("[data-test=problem]").first.click()
    expect(page).to_have_url(re.compile(r"/admin/computers\?status=problem"))
    expect(page.locator("[data-computer-id]:visible")).to_have_count(2)
    page.go_back()
    page.locator("[data-test=received-shift]").click()
    expect(page).to_have_url(f"{live.address}/admin/reports?period=today&day=shift")


def test_revenue_counts_from_midnight_of_the_club_and_beside_it_from_the_shifts_beginning(
    open_as: OpenAs, live: LiveDesk, club: ClubContext, clock: ManualClock, people: People
) -> None:
    customer = people.customer()

    def pay(amount_tiyn: int) -> None:
        customers.top_up(
            club, customer_id=customer, amount_tiyn=amount_tiyn, method="card", actor=OWNER,
            key=f"paid-{amount_tiyn}",
        )  # fmt: skip

    def received(page: Page) -> tuple[int, int]:
        page.goto(f"{live.address}/admin")
        day, shift = (
            page.locator(f"[data-test=received-{since}]").inner_text() for since in ("day", "shift")
        )
        return tiyn(day), tiyn(shift)

    almost_midnight = datetime(2027, 3, 4, 23, 59, 59, tzinfo=ALMATY).timestamp()
    clock.advance(almost_midnight - clock.now())
    page = open_as("owner")
    pay(700_00)
    assert received(page) == (700_00, 700_00)
    clock.advance(1)
    assert received(page) == (0, 700_00)
    pay(300_00)
    assert received(page) == (300_00, 1_000_00)
    clock.advance(8 * 3600)
    assert received(open_as("owner")) == (300_00, 0)


def test_who_may_not_see_money_sees_none(open_as: OpenAs, live: LiveDesk) -> None:
    page = open_as("technician")
    figures(page, live)
    expect(page.locator("[data-test=launches]")).to_be_visible()
    for sight in ("[data-test=received-day]", "[data-test=owed-balances]", "[data-test=customers]"):
        expect(page.locator(sight)).to_have_count(0)
    page.goto(f"{live.address}/admin/reports?period=30")
    expect(page.locator("[data-test=occupation]")).to_be_visible()
    expect(page.locator("[data-chart]")).to_have_count(0)
    assert "₸" not in page.locator("main").inner_text()


def painted(page: Page, chart: str) -> int:
    """How many points of the chart's canvas are not empty."""
    count: int = page.locator(f"[data-chart={chart}] canvas").evaluate(
        """it => {
             const data = it.getContext('2d').getImageData(0, 0, it.width, it.height).data;
             let found = 0;
             for (let i = 3; i < data.length; i += 4) if (data[i] > 0) found += 1;
             return found;
           }"""
    )
    return count


def test_charts_are_drawn_in_both_themes_with_their_numbers_beside_them(
    page: Page, live: LiveDesk, web: WebAdmin
) -> None:
    page.goto(f"{live.address}/admin/reports?period=7")
    inks = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        for chart in ("by-day", "by-hour"):
            expect(page.locator(f"[data-chart={chart}] canvas")).to_have_count(1)
            assert painted(page, chart) > 2_000
        inks.append(page.locator("[data-chart=by-day] canvas").evaluate("it => it.toDataURL()"))
    assert inks[0] != inks[1], "the chart wears the theme"
    plot = "document.querySelector('[data-chart=by-day] .uplot')"
    wide = page.evaluate(f"{plot}.offsetWidth")
    page.keyboard.press("!")  # the panel beside it takes room away
    wait_until(page, f"{plot}.offsetWidth < {wide}")
    assert page.evaluate(f"{plot}.offsetWidth <= {plot}.parentElement.clientWidth")

    api = web.app.test_client()
    asked = api.get(
        "/api/v1/reports/revenue?first_day=2027-02-25&last_day=2027-03-03",
        base_url=live.address,
        headers={"Authorization": f"Bearer {web.token()}"},
    ).get_json()
    for chart, labels in (("by-day", "day"), ("by-hour", "hour")):
        page.locator(f"[data-test=details-{chart}] summary").click()
        said = page.locator(f"[data-test=numbers-{chart}] tbody tr").evaluate_all(
            "rows => rows.map((row) => [row.dataset.label, ...Array.from(row.cells, (it) => it.innerText)])"
        )
        given = asked["days" if chart == "by-day" else "hours"]
        assert [line[0] for line in said] == [str(part[labels]) for part in given]
        for line, part in zip(said, given, strict=True):
            got = part["money"]
            assert [tiyn(text) for text in line[2:]] == [
                got["received_in_all_tiyn"],
                *(got["received_tiyn"][method] for method in ("cash", "card", "kaspi")),
                got["sold_tiyn"],
                got["played_tiyn"],
            ]
        total = page.locator(f"[data-test=numbers-{chart}] [data-test=total] td").last
        assert tiyn(total.inner_text()) == asked["total"]["played_tiyn"] > 0
        legend = page.locator(f"[data-chart={chart}] .u-legend .u-value").last
        assert tiyn(legend.inner_text()) == asked["total"]["played_tiyn"]

    # How full the hall was, and what was played: their pictures are made of the numbers themselves.
    cells = page.locator("[data-test=occupation] tbody td").evaluate_all(
        "all => all.filter((it) => it.innerText !== '–')"
        ".map((it) => [Number(it.innerText), getComputedStyle(it).backgroundColor])"
    )
    assert len({colour for _percent, colour in cells}) > 2
    assert min(cells)[1] != max(cells)[1]
    bars = page.locator("[data-test=games] progress")
    lengths = bars.evaluate_all("all => all.map((it) => it.value)")
    assert len(lengths) > 1
    assert lengths == sorted(lengths, reverse=True)


def tiyn(text: str) -> int:
    """«1 500,50 ₸» → 150050."""
    whole, _, hundredths = text.replace("₸", "").replace("\N{NO-BREAK SPACE}", "").partition(",")
    return int(whole) * 100 + int(hundredths or 0)


def test_a_period_is_chosen_and_a_wrong_one_is_said(page: Page, live: LiveDesk) -> None:
    page.goto(f"{live.address}/admin/reports")
    days = page.locator("[data-test=numbers-by-day] tbody tr")
    expect(days).to_have_count(7)
    page.locator("[data-test=period-30]").click()
    expect(days).to_have_count(30)
    page.locator("[data-test=day-shift]").click()
    expect(page).to_have_url(f"{live.address}/admin/reports?period=30&day=shift")
    page.fill("#f-from", "2027-03-02")
    page.fill("#f-until", "2027-03-01")
    page.click("[data-test=show]")
    expect(page.locator("[data-test=error-period]")).to_have_text("Первый день позже последнего.")
    expect(page.locator("#f-from")).to_have_value("2027-03-02")
    page.fill("#f-until", "2027-03-03")
    page.click("[data-test=show]")
    expect(days).to_have_count(2)


def test_a_long_period_is_told_by_months_and_a_month_by_its_days(
    page: Page, live: LiveDesk
) -> None:
    page.goto(f"{live.address}/admin/reports?from=2026-12-05&until=2027-03-03&day=shift")
    page.locator("[data-test=details-by-day] summary").click()
    numbers = page.locator("[data-test=numbers-by-day]")
    months = numbers.locator("[data-month]")
    expect(months.locator("th")).to_have_text(
        ["05.12–31.12.2026", "01.2027", "02.2027", "01.03–03.03.2027"]
    )
    total = row_of(numbers.locator("[data-test=total]"))
    assert total[0] > 0
    assert added_up(months) == total
    expect(page.locator("[data-chart=by-day] canvas")).to_have_count(1)

    opener = page.locator("#days-of-2027-03")
    opener.press("Enter")
    days = page.locator("#month-2027-03 [data-label]")
    expect(days).to_have_count(3)
    expect(days.first).to_have_attribute("data-label", "2027-03-01")
    assert added_up(days) == row_of(months.last)
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(opener).to_be_focused()
    opener.press("Enter")
    expect(days).to_have_count(0)
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(months).to_have_count(4)


def row_of(line: Locator) -> list[int]:
    return [tiyn(text) for text in line.locator("td").all_inner_texts()]


def added_up(lines: Locator) -> list[int]:
    return [sum(column) for column in zip(*map(row_of, lines.all()), strict=True)]


@pytest.mark.parametrize(
    ("table", "first"),
    [
        ("by-day", ["День", "Получено", "Наличные", "Карта", "Kaspi", "Продано", "Сыграно"]),
        ("by-hour", ["Час", "Получено", "Наличные", "Карта", "Kaspi", "Продано", "Сыграно"]),
        ("occupation", ["День недели", "Час", "Загрузка, %", "Занято", "Всего времени ПК"]),
        ("games", ["Название", "Время", "Запусков"]),
    ],
)
def test_each_table_leaves_as_a_file(web: WebAdmin, table: str, first: list[str]) -> None:
    answer = web.owner().get(f"/admin/reports?period=7&table={table}&export=csv")
    assert answer.mimetype == "text/csv"
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == first
    assert len(lines) == {"by-day": 8, "by-hour": 25, "occupation": 169, "games": len(lines)}[table]
    assert len(lines) > 1


def test_money_leaves_with_nobody_who_may_not_see_it(web: WebAdmin) -> None:
    for table in ("by-day", "by-hour"):
        answer = web.signed_in("technician").get(f"/admin/reports?table={table}&export=csv")
        assert answer.mimetype != "text/csv"


def test_the_api_hides_money_as_the_pages_do(web: WebAdmin) -> None:
    def ask(role: str, path: str) -> TestResponse:
        return web.app.test_client().get(
            f"/api/v1{path}",
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {web.token(role)}"},
        )

    days = "first_day=2027-03-01&last_day=2027-03-03"
    hidden = ask("technician", "/dashboard").get_json()
    assert (hidden["money_today"], hidden["money_this_shift"], hidden["owed"]) == (None, None, None)
    assert hidden["computers"] == {"total": 3, "on": 2, "off": 1, "used": 1, "problems": 2}
    assert ask("technician", f"/reports/revenue?{days}").status_code == 403
    shown = ask("owner", "/dashboard").get_json()
    assert shown["owed"]["balances_tiyn"] > 0
    cells = ask("technician", f"/reports/occupation?{days}").get_json()["cells"]
    assert len(cells) == 168
    assert any(cell["percent"] for cell in cells)
    games = ask("technician", f"/reports/games?{days}").get_json()["games"]
    assert sum(game["launches"] for game in games) > 0
    backwards = ask("owner", "/reports/revenue?first_day=2027-03-03&last_day=2027-03-01")
    assert set(backwards.get_json()["error"]["fields"]) == {"last_day"}
