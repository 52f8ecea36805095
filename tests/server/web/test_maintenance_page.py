"""A technician opens a PC without a customer: hall, PC's page, the PC itself, log and the suspicious report."""

from playwright.sync_api import expect

from lovhub.clock import ManualClock
from lovhub.protocol import local
from lovhub.server.bus import UpkeepKeysChanged
from tests.agent.support.pc_agent import PcAgent
from tests.server.web.conftest import OpenAs
from tests.server.web.test_pc_page import live, pc
from tests.support.real_desk import RealDesk
from tests.support.staff import PASSWORD

__all__ = ["live", "pc"]


def test_a_pc_is_opened_for_its_upkeep_and_everybody_sees_it(
    open_as: OpenAs, live: RealDesk, pc: PcAgent, clock: ManualClock
) -> None:
    page = open_as("technician")
    page.goto(f"{live.address}/admin/computers/1")
    page.locator("[data-test=maintenance]").click()
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("dialog .invalid-feedback")).to_contain_text("Укажите причину")
    page.get_by_label("Что нужно сделать").fill("обновить драйвер")
    page.get_by_label("Минут").fill("15")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("[data-test=in-maintenance]")).to_contain_text("Тимур: обновить драйвер")
    expect(page.locator("[data-test=pc-maintenance]")).to_contain_text("идёт")
    state = pc.wait_mode("maintenance")
    assert state.maintenance is not None
    assert (state.maintenance.who, state.maintenance.reason) == ("Тимур", "обновить драйвер")

    # The hall tells it by a picture and by words, and offers no seat there.
    owner = open_as("owner")
    owner.goto(f"{live.address}/admin/computers")
    owner.locator("[data-view-choice=table]").click()
    line = owner.locator('#rows tr[data-computer-id="1"]')
    expect(line.locator(".js-status")).to_have_text("Обслуживание")
    expect(line.locator(".js-note")).to_contain_text("Тимур, обновить драйвер")
    expect(line.locator(".status use")).to_have_attribute("href", "/static/vendor/icons.svg#key")
    owner.locator("[data-view-choice=tiles]").click()
    tile = owner.locator('.tile[data-computer-id="1"]')
    expect(tile).to_have_attribute("data-state", "maintenance")
    tile.locator("summary").click()
    expect(tile.locator("[data-test=seat-guest]")).to_have_count(0)
    tile.locator("[data-test=maintenance-end]").click()
    expect(tile).to_have_attribute("data-state", "free")
    pc.wait_mode("locked")

    # The PC ends it by itself: by the technician's button there, and when its time is over.
    for ended_by_button in (True, False):
        page.reload()
        page.locator("[data-test=maintenance]").click()
        page.get_by_label("Что нужно сделать").fill("игры")
        page.locator("dialog [data-test=submit]").click()
        pc.wait_mode("maintenance")
        if ended_by_button:
            assert pc.ask(local.PlayerSignOut(request_id="done")) == "ok"
        else:
            pc.clock.advance(30 * 60)
            clock.advance(30 * 60)
        pc.wait_mode("locked")
        expect(tile).to_have_attribute("data-state", "free")

    owner.goto(f"{live.address}/admin/suspicious?group=maintenance")
    expect(owner.locator("[data-test=finding]")).to_have_count(3)
    expect(owner.locator("[data-test=finding]").last).to_contain_text("обновить драйвер")
    expect(owner.locator("[data-test=finding]").last).to_contain_text("Тимур")
    cashier = open_as("cashier")
    cashier.goto(f"{live.address}/admin/computers/1")
    expect(cashier.locator("#pc-maintenance")).to_contain_text("обновить драйвер")
    expect(cashier.locator("[data-test=maintenance]")).to_have_count(0)


def test_a_code_for_the_number_on_the_lock_opens_the_pc(
    open_as: OpenAs, live: RealDesk, pc: PcAgent, clock: ManualClock
) -> None:
    page = open_as("technician")
    live.web.club.bus.publish(UpkeepKeysChanged())  # as when somebody is hired in the web admin
    known = pc.agent._store.upkeep_keys
    pc.wait_until(lambda: any(person.name == "Тимур" for person in known().people))
    number = pc.wait_until(lambda: (state := pc.state()) and state.upkeep_number)
    clock.advance(11 * 60)  # the password was given too long ago
    pc.clock.advance(11 * 60)
    number = pc.wait_until(
        lambda: (
            state.upkeep_number
            if (state := pc.state()) and state.upkeep_number not in {"", number}
            else None
        )
    )
    page.goto(f"{live.address}/admin/computers/1")
    page.locator("[data-test=maintenance-code]").click()
    page.get_by_label("Номер с замка").fill(number[:-1])
    page.get_by_label("Что нужно сделать").fill("поднять сеть")
    page.locator("dialog [data-test=submit]").click()
    page.locator("#confirm_password").fill(PASSWORD)
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("[data-test=error-number]")).to_contain_text("номера на замке")
    page.get_by_label("Номер с замка").fill(number)
    page.locator("dialog [data-test=submit]").click()
    code = page.locator("[data-test=maintenance-code].code-big").inner_text()
    assert pc.ask(local.TechnicianCode("wrong", code[:-1] + "x")) == "wrong_code"
    assert pc.ask(local.TechnicianCode("right", code)) == "ok"

    # The server is told, has it in hand with the reason, and ends it from here.
    state = pc.wait_until(
        lambda: (
            state
            if (state := pc.state()) and state.maintenance and state.maintenance.reason
            else None
        )
    )
    assert (state.maintenance.who, state.maintenance.reason) == ("Тимур", "поднять сеть")
    page.locator("[data-test=written]").click()
    expect(page.locator("[data-test=in-maintenance]")).to_contain_text("Тимур: поднять сеть")
    page.locator("[data-test=maintenance-end]").click()
    pc.wait_mode("locked")

    owner = open_as("owner")
    owner.goto(f"{live.address}/admin/suspicious?group=maintenance")
    expect(owner.locator("[data-test=finding]")).to_contain_text("открыт кодом техника")
    owner.goto(f"{live.address}/admin/logs")
    expect(owner.locator("body")).to_contain_text("Выдан код техника")
    cashier = open_as("cashier")
    cashier.goto(f"{live.address}/admin/computers/1")
    expect(cashier.locator("[data-test=maintenance-code]")).to_have_count(0)
