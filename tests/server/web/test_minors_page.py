"""Ten in the evening: the desk is told, the PC stops, and one press lets an adult go on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect
from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.sessions import service as sessions
from tests.agent.support.pc_agent import PcAgent
from tests.server.web.conftest import OpenAs
from tests.server.web.test_pc_page import live, pc
from tests.support.club import CASHIER, People
from tests.support.real_desk import RealDesk

__all__ = ["live", "pc"]


def test_the_desk_lets_an_adult_go_on_after_ten(
    open_as: OpenAs, live: RealDesk, pc: PcAgent, people: People, clock: ManualClock
) -> None:
    ten = datetime(2027, 1, 15, 22, tzinfo=ZoneInfo("Asia/Almaty")).timestamp()
    for one in (clock, pc.clock):
        one.advance(ten - 600 - clock.now() if one is clock else ten - 600 - 1_800_000_000)
    club = live.web.club
    with club.write() as work:
        work.db.execute(update(Club).values(minors_rule=True))
    tariff = people.tariff(seconds=3 * 3600)
    customer = people.customer(name="Алихан")
    pc.wait_until(lambda: live.app.hub.hall.snapshot().rows[0].link == "linked")
    sessions.seat_guest(
        club, computer_id=1, tariff_id=tariff, method="cash", guest_name="Гость", key="guest",
        actor=CASHIER,
    )  # fmt: skip
    state = pc.wait_mode("playing")
    assert state.session is not None
    assert state.session.stops == "night"
    page = open_as("cashier")
    page.goto(f"{live.address}/admin/customers/{customer}")
    page.locator("#attention-open").click()
    item = page.locator("[data-test=attention-ending]")
    expect(item).to_contain_text("возраст не подтверждён: в 22:00 сеанс остановится")

    # The account, once and for all; what cannot be a birth date is said beside the field.
    page.locator("[data-test=confirm-age]").click()
    page.get_by_label("Дата рождения из документа").fill("2030-01-01")
    page.locator("#profile-form [data-test=submit]").click()
    expect(page.locator("[data-test=error-birth_date]")).to_contain_text("проверьте год")
    page.get_by_label("Дата рождения из документа").fill("2009-01-16")
    page.locator("#profile-form [data-test=submit]").click()
    expect(page.locator("[data-test=age]")).to_contain_text("возраст 17: удостоверение личности")

    for one in (clock, pc.clock):
        one.advance(600)
    assert pc.wait_mode("locked").ended_reason == "night"
    expect(item).to_contain_text("ночь, время стоит")
    item.locator("[data-test=let-stay]").click()
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("dialog [data-test=error-leave]")).to_be_visible()
    page.locator("dialog").get_by_text("18 лет есть, документ видел").click()
    page.locator("dialog [data-test=submit]").click()
    pc.wait_mode("playing")
    expect(item).to_have_count(0)
