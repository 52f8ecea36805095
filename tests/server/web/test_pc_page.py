"""A PC's page, and what the desk does with a PC, with the real agent at the other end of the real channel."""

import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from lovhub import __version__
from lovhub.agent.libraries.scan import Found
from lovhub.clock import ManualClock
from lovhub.protocol import local
from lovhub.protocol.views import FoundGame
from lovhub.server.bus import ComputerChanged
from lovhub.server.computers import service as computers
from lovhub.server.computers.models import Computer
from lovhub.server.journal import service as journal
from lovhub.server.sessions import service as sessions
from lovhub.simulator.screen import screen_of
from tests.agent.support.pc_agent import PcAgent
from tests.server.web.conftest import OpenAs
from tests.server.web.test_customers_page import CustomersPage
from tests.support.api import Api
from tests.support.club import OWNER, People
from tests.support.live_desk import changed
from tests.support.real_desk import RealDesk
from tests.support.statements import asked
from tests.support.web import Browser, WebAdmin, row

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture
def live(web: WebAdmin, certificate_folder: Path) -> Iterator[RealDesk]:
    """The whole server."""
    desk = RealDesk(web, certificate_folder)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def pc(live: RealDesk, tmp_path: Path) -> Iterator[PcAgent]:
    """A paired agent with a launcher."""
    pairings = live.app.hub.pairings
    with PcAgent(tmp_path / "pc", live.port) as agent:
        agent.wait_until(pairings.pending)
        pairings.approve(pairings.pending()[0].pairing_id, OWNER)
        agent.wait_mode("locked")
        yield agent


def test_a_message_is_answered_and_a_call_comes_back(
    page: Page, live: RealDesk, pc: PcAgent
) -> None:
    page.goto(f"{live.address}/admin/computers/1")
    for said in ("на связи", "127.0.0.1", __version__):
        expect(page.locator("#pc-now")).to_contain_text(said)
    expect(page.locator("[data-test=hardware]")).to_contain_text("ГиБ")
    page.locator("[data-test=message]").click()
    page.get_by_label("Текст").fill("Турнир в 20:00")
    page.locator("dialog [data-test=submit]").click()
    command = page.locator("[data-test=command]")
    expect(command).to_contain_text("Турнир в 20:00")
    expect(command).to_contain_text("Айгуль")
    expect(page.locator("[data-test=command-state]")).to_contain_text("выполнено")
    assert pc.heard(local.Notice) == [local.Notice(text="Турнир в 20:00")]

    said = pc.ask(local.PlayerCall(request_id="c", reason="game", text="не запускается"))
    assert said == "ok"
    expect(page.locator("#attention-count")).to_have_text("1")
    page.keyboard.press("!")
    page.locator(".attention-item [data-test=take]").click()
    pc.wait_until(lambda: (state := pc.state()) and state.call and state.call.taken_by == "Айгуль")
    # Who has taken it is drawn with other buttons: one that is pressed just then is gone.
    expect(page.locator(".attention-item [data-test=take]")).to_have_count(0)
    page.locator(".attention-item [data-test=close]").click()
    pc.wait_until(lambda: (state := pc.state()) and state.call is None)


def test_the_hostname_is_the_name_until_an_alias_shows_here_on_the_dashboard_and_in_the_logs(
    page: Page, live: RealDesk, people: People
) -> None:
    club, customer = live.web.club, people.customer(name="Ерлан", balance_tiyn=500_00)
    paired = computers.pair(
        club, hostname="DESKTOP-7Q2K", public_key=secrets.token_bytes(32), actor=OWNER
    )
    club.links.is_linked = lambda _computer_id: True
    game = people.application(title="Dota 2")
    session = sessions.buy(
        club,
        computer_id=paired.computer_id,
        customer_id=customer,
        tariff_id=people.tariff(),
        key="an-hour",
        actor=OWNER,
    )
    with club.write() as work:
        journal.launch_started(
            work,
            computer_id=paired.computer_id,
            session_id=session,
            customer_id=customer,
            application_id=game,
            at=work.now,
        )
        journal.raise_alarm(work, "launcher_killed", computer_id=paired.computer_id)

    page.goto(f"{live.address}/admin/computers?view=table")
    name = page.locator("#rows .name")
    expect(name).to_have_text("DESKTOP-7Q2K")
    page.locator("#rows summary").click()
    page.locator("#rows [data-test=rename]").click()
    page.locator("#name").fill("ПК-12")
    page.locator("dialog [data-test=submit]").click()
    expect(name).to_have_text("ПК-12")

    page.goto(f"{live.address}/admin")
    expect(page.locator("[data-test=alarm]")).to_contain_text("ПК-12")
    page.goto(f"{live.address}/admin/logs?kind=launch")
    launch = page.locator("tbody tr")
    expect(launch).to_contain_text("ПК-12")
    expect(launch).to_contain_text("player1")
    expect(launch).to_contain_text("Запуск: Dota 2")

    # Its own page holds all that was: who played, what they started, and what went wrong.
    page.goto(f"{live.address}/admin/computers/{paired.computer_id}")
    expect(page.get_by_role("heading", name="ПК-12")).to_be_visible()
    expect(page.locator("#pc-now")).to_contain_text("DESKTOP-7Q2K")
    expect(page.locator("[data-test=pc-session]")).to_contain_text("Ерлан")
    expect(page.locator("[data-test=pc-launch]")).to_contain_text("Dota 2")
    expect(page.locator("[data-test=pc-alarm]")).to_contain_text("лаунчер остановлен")


def test_a_customer_replaces_the_desks_pin_at_the_pc_which_was_held_until_a_time_and_is_free_by_then(
    page: Page, live: RealDesk, pc: PcAgent, people: People, clock: ManualClock
) -> None:
    # Held for somebody, until the time has come.
    page.goto(f"{live.address}/admin/computers?view=tiles")
    tile = page.locator("#tiles .tile")
    expect(tile).to_have_attribute("data-state", "free")
    tile.locator("summary").click()
    tile.locator("[data-test=keep]").click()
    page.fill("#search", "Дима")
    until = datetime.fromtimestamp(clock.now() + 1800, ALMATY).strftime("%H:%M")
    page.fill("#until", until)
    page.click("#dialog [data-test=submit]")
    expect(tile).to_have_attribute("data-state", "kept")
    expect(tile).to_contain_text("Дима")
    expect(tile.locator(".tile-left")).to_have_text(re.compile(r"^до \d\d:\d\d$"))
    for one in (clock, pc.clock):
        one.advance(1800)
    expect(tile).to_have_attribute("data-state", "free")

    # A forgotten password: the desk issues a PIN, which is good for a new password, and for nothing else.
    customers, erlan = CustomersPage(page, live), people.customer(name="Ерлан")
    customers.open()
    customers.row(erlan).locator("[data-test=more]").click()
    customers.row(erlan).locator("[data-test=pin]").click()
    customers.submit().click()
    pin = customers.form().locator("[data-test=pin-code]").inner_text().replace(" ", "")

    def sign_in(request_id: str, password: str) -> str:
        return pc.ask(local.PlayerSignIn(request_id=request_id, login="player1", password=password))

    assert sign_in("1", pin) == "new_password_needed"
    new = local.PlayerSetPassword(request_id="2", login="player1", pin=pin, password="домбыра")
    assert pc.ask(new) == "ok"
    pc.wait_mode("signed_in")
    assert pc.ask(local.PlayerSignOut(request_id="3")) == "ok"
    pc.wait_mode("locked")
    assert sign_in("4", pin) == "wrong_credentials"
    assert sign_in("5", "домбыра") == "ok"
    page.goto(f"{live.address}/admin/customers/{erlan}?tab=log")
    for told in ("Выдан одноразовый ПИН", "Клиент придумал новый пароль"):
        expect(page.locator("tbody")).to_contain_text(told)


def test_a_pc_is_taken_out_of_the_club_after_a_question(
    page: Page, live: RealDesk, people: People
) -> None:
    computer_id = people.computer("ПК-5")
    page.goto(f"{live.address}/admin/computers/{computer_id}")
    expect(page.get_by_role("heading", name="ПК-5")).to_be_visible()
    page.locator("[data-test=revoke]").click()
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("#content")).to_contain_text("Отключён от клуба")
    with live.web.club.read() as db:
        assert db.get_one(Computer, computer_id).revoked_at is not None


def test_a_cashier_may_look_and_not_revoke(open_as: OpenAs, live: RealDesk, people: People) -> None:
    computer_id = people.computer("ПК-5")
    page = open_as("cashier")
    page.goto(f"{live.address}/admin/computers/{computer_id}")
    expect(page.locator("#pc-commands")).to_contain_text("Пока ничего")
    expect(page.locator("[data-test=revoke]")).to_have_count(0)


def test_when_a_pc_was_last_heard_stands_on_its_page_and_is_told_to_programs(
    web: WebAdmin, desk: Browser, people: People, clock: ManualClock
) -> None:
    heard, never = people.computer(), people.computer()
    at = clock.now() - 86_400
    computers.flush_last_seen(web.club, {heard: at})
    said = (
        f"<dt>Последний сигнал</dt><dd>{datetime.fromtimestamp(at, ALMATY):%d.%m.%Y %H:%M:%S}</dd>"
    )
    assert said in desk.get(f"/admin/computers/{heard}").text
    assert "<dt>Последний сигнал</dt><dd>—</dd>" in desk.get(f"/admin/computers/{never}").text
    api = Api(web, web.token("technician"))
    told = [api.done("GET", f"/computers/{pc}")["last_seen_at"] for pc in (heard, never)]
    assert told == [at, None]


def test_the_page_asks_no_more_the_longer_the_history(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    computer_id = people.computer()
    with asked(web.club) as statements:
        assert desk.get(f"/admin/computers/{computer_id}").status_code == 200
    assert len(statements) <= 12
    assert desk.get("/admin/computers/99").status_code == 404
    older = f"/admin/computers/{computer_id}/history?of=sessions&before=5"
    assert desk.get(older, htmx=True).status_code == 200
    assert desk.get(older).location == f"/admin/computers/{computer_id}"


@pytest.mark.parametrize(
    ("problem", "lock"), [("launcher_silent", "открыт"), ("lock_broken", "сломан")]
)
def test_only_a_lock_that_has_to_hold_is_called_broken(
    web: WebAdmin, desk: Browser, people: People, problem: str, lock: str
) -> None:
    computer_id = people.computer()
    web.hall.rows = [changed(row(computer_id, "ПК-1"), lock="broken", problem=problem)]
    shown = desk.get(f"/admin/computers/{computer_id}").text
    assert f"<dt>Замок</dt><dd>{lock}</dd>" in shown


def test_commands_in_a_window_of_their_own_are_answered_there(
    page: Page, live: RealDesk, pc: PcAgent
) -> None:
    page.goto(f"{live.address}/admin/remote?pc=1")
    page.locator("[data-test=remote-volume]").click()
    expect(page.locator("main [data-test=answer]")).to_have_attribute("data-state", "done")
    assert pc.machine.asked == [40]


def test_the_desk_takes_pcs_in_hand_and_sees_each_answer(
    open_as: OpenAs, page: Page, live: RealDesk, pc: PcAgent, people: People
) -> None:
    silent = people.computer("ПК-далеко")
    live.web.club.bus.publish(ComputerChanged(silent))
    page.goto(f"{live.address}/admin/computers")
    page.locator("[data-view-choice=table]").click()
    for computer_id in (1, silent):
        page.locator(f'#rows tr[data-computer-id="{computer_id}"] [data-pick]').click()
    page.locator("[data-test=selected-remote]").click()
    page.get_by_label("Громкость, %").fill("35")
    page.keyboard.press("Enter")
    answer = page.locator("dialog [data-test=answer]")
    expect(answer).to_have_attribute("data-state", "done")
    expect(page.locator("dialog [data-test=refused]")).to_contain_text("ПК-далеко: ПК не на связи")
    assert pc.machine.asked == [35]

    # A player is there: what becomes of the time is told before the question.
    customer_id, tariff_id = people.customer(balance_tiyn=100_000), people.tariff()
    sessions.buy(
        live.web.club,
        computer_id=1,
        customer_id=customer_id,
        tariff_id=tariff_id,
        key="hand",
        actor=OWNER,
    )
    pc.wait_mode("playing")
    page.goto(f"{live.address}/admin/computers/1")
    expect(page.locator("#pc-now")).to_contain_text("осталось")
    page.locator("[data-test=remote]").click()
    page.locator("[data-test=remote-screenshot]").click()
    pc.wait_until(lambda: pc.heard(local.TakeScreenshot))
    asked = pc.heard(local.TakeScreenshot)[0]
    pc.say(local.Screenshot(asked.command_id, screen_of("ПК-1")))
    picture = page.locator("dialog [data-test=picture]")
    expect(picture).to_have_js_property("naturalWidth", 960)
    pc.wait_until(lambda: local.DeskDid("screenshot") in pc.heard(local.DeskDid))
    address = f"{live.address}{picture.get_attribute('src')}"
    manager = open_as("manager")  # not who asked
    manager.goto(f"{live.address}/admin/computers/1")
    look = "address => fetch(address).then((a) => [a.status, a.headers.get('cache-control')])"
    assert page.evaluate(look, address) == [200, "no-store"]
    assert manager.evaluate(look, address) == [404, "no-store"]

    page.locator("[data-test=remote-more]").click()
    page.locator("[data-test=remote-lock]").click()
    expect(answer).to_have_attribute("data-state", "done")
    pc.wait_mode("held")
    page.locator("[data-test=remote-more]").click()
    page.locator("[data-test=remote-restart]").click()
    expect(page.locator("dialog [data-test=playing]")).to_contain_text("Пропало питание")
    page.locator("dialog [data-test=submit]").click()
    expect(answer).to_have_attribute("data-state", "done")
    pc.wait_until(lambda: pc.machine.asked == [35, "restart"])
    page.locator("dialog [data-test=close]").click()
    expect(page.locator("#pc-commands")).to_contain_text("Перезагрузить")
    page.goto(f"{live.address}/admin/logs?kind=computer")
    expect(page.locator("#content")).to_contain_text("Команда ПК: Снимок экрана")

    cashier = open_as("cashier")
    cashier.goto(f"{live.address}/admin/computers/1")
    cashier.locator("[data-test=remote]").click()
    expect(cashier.locator("dialog [data-test=remote-sign_out]")).to_be_visible()
    for kind in ("restart", "shut_down", "start", "screenshot"):
        expect(cashier.locator(f"dialog [data-test=remote-{kind}]")).to_have_count(0)


def test_games_of_a_pc_are_found_and_added_with_one_press(
    page: Page, live: RealDesk, pc: PcAgent, people: People
) -> None:
    people.application(title="Rust")
    pc.machine.found = Found(
        stores=("steam",),
        games=(
            FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True),
            FoundGame("Rust", "steam", "steam://rungameid/252490", ("RustClient.exe",)),
            FoundGame("Secret", "steam", "steam://rungameid/9"),
        ),
    )
    page.goto(f"{live.address}/admin/applications")
    page.locator("[data-test=find-games]").click()
    page.locator("dialog [data-test=submit]").click()
    games = page.locator("dialog [data-test=game]")
    expect(games).to_have_count(3)
    boxes = games.locator("[name=chosen]")
    expect(boxes.nth(0)).to_be_checked()
    for number in (1, 2):
        expect(boxes.nth(number)).not_to_be_checked()
    expect(games.nth(1)).to_contain_text("похожая уже есть")
    boxes.nth(2).check()
    page.locator("dialog [data-test=submit]").click()
    wrong = page.locator("dialog [data-test=error-watch]")
    expect(wrong).to_contain_text("имя её процесса")
    page.get_by_label("Процесс игры «Secret»").fill("secret.exe")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Добавлено игр: 2")
    titles = ["Rust", "Dota 2", "Secret"]
    expect(page.locator("tbody td.name")).to_have_text(titles)
    pc.wait_until(
        lambda: [view.title for view in pc.call(lambda: pc.agent.state.applications)] == titles
    )
