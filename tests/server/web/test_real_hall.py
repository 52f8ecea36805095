"""The hall of the real server: what is done on one page stands on the others, and what has an end ends by itself."""

import re
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from lovhub.clock import ManualClock
from lovhub.protocol import local
from lovhub.server.computers import service as computers
from lovhub.server.journal import service as journal
from lovhub.server.sessions import service as sessions
from tests.agent.support.pc_agent import PcAgent
from tests.server.web.test_customers_page import CustomersPage
from tests.server.web.test_pc_page import live, pc
from tests.support.club import OWNER, People
from tests.support.real_desk import RealDesk

__all__ = ["live", "pc"]

ALMATY = ZoneInfo("Asia/Almaty")


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


def test_a_forgotten_password_is_a_pin_of_the_desk_that_the_customer_replaces_at_the_pc(
    page: Page, live: RealDesk, pc: PcAgent, people: People
) -> None:
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


def test_a_pc_held_for_someone_until_a_time_is_free_when_it_comes(
    page: Page, live: RealDesk, pc: PcAgent, clock: ManualClock
) -> None:
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
