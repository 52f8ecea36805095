"""What needs a person, in real browsers: it comes by itself, it sounds, one person takes it, and it goes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lovhub.server.actor import Actor
from lovhub.server.attention import queries, service
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm
from lovhub.server.sessions import service as sessions
from tests.server.web.conftest import OpenAs
from tests.support.chromium import Heard, wait_until
from tests.support.club import CASHIER, OWNER, People
from tests.support.real_desk import RealDesk
from tests.support.web import WebAdmin

SPY = """
window.sounds = [];
window.AudioContext = class {
  constructor() { this.state = "suspended"; this.currentTime = 0; this.destination = {}; }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect() {} }; }
  createOscillator() {
    return { frequency: {}, connect() {}, stop() {}, start() { window.sounds.push(this.frequency.value); } };
  }
  async resume() { if (navigator.userActivation.hasBeenActive) this.state = "running"; }
};
"""
"""As a browser's own: mute until one clicks or types; and tells which tones were asked for."""


@pytest.fixture
def live(web: WebAdmin, certificate_folder: Path) -> Iterator[RealDesk]:
    """The real hall, with push."""
    desk = RealDesk(web, certificate_folder)
    desk.start()
    yield desk
    desk.stop()


class Panel:
    """The panel on whichever page is open."""

    def __init__(self, page: Page, live: RealDesk, path: str = "/admin/tariffs") -> None:
        self.page = page
        page.add_init_script(SPY)
        heard = Heard(page)
        page.goto(live.address + path)
        heard.first()
        page.get_by_role("heading").first.click()  # now the browser may sound
        self.count = page.locator("#attention-count")
        self.items = page.locator(".attention-item")

    def sounds(self) -> int:
        told: int = self.page.evaluate("window.sounds.length")
        return told

    def open(self) -> None:
        self.page.keyboard.press("!")
        expect(self.page.locator("#attention")).to_be_visible()

    def press(self, name: str) -> None:
        self.items.first.locator(f"[data-test={name}]").click()


def call(club: ClubContext, computer_id: int, text: str = "") -> int:
    return service.call(club, computer_id=computer_id, reason="device", text=text, actor=CASHIER)


def test_a_call_sounds_on_another_page_is_taken_and_closed(
    page: Page, live: RealDesk, people: People
) -> None:
    panel = Panel(page, live)
    expect(panel.count).to_have_text("0")
    call(live.web.club, people.computer("ПК-7"), "не работает <b>мышь</b>")
    expect(panel.count).to_have_text("1")
    assert page.title().startswith("(1) ")
    assert panel.sounds() == 2
    expect(page.locator("#attention-told")).to_contain_text("ПК-7")
    panel.open()
    expect(panel.items).to_contain_text("ПК-7 Мышь, клавиатура, звук")
    expect(panel.items).to_contain_text("не работает <b>мышь</b>")
    page.keyboard.press("Enter")  # the focus is on «Иду»
    expect(panel.items).to_contain_text("занимается Айгуль")
    expect(panel.count).to_have_text("0")
    panel.press("close")
    expect(page.locator("#attention-none")).to_be_visible()
    assert not page.title().startswith("(")
    assert panel.sounds() == 2, "what one does oneself makes no sound"


def test_two_desks_see_it_and_the_second_is_told_who_has_it(
    open_as: OpenAs, live: RealDesk, people: People
) -> None:
    aigul = Panel(open_as("owner"), live)
    daniyar = Panel(open_as("cashier"), live, "/admin/customers")
    call_id = call(live.web.club, people.computer())
    for desk in (aigul, daniyar):
        expect(desk.count).to_have_text("1")
        desk.open()
    # The second presses what their page still shows, however late the push comes.
    with aigul.page.expect_response(re.compile("/take$")):
        aigul.press("take")
    daniyar.page.evaluate(
        "at => htmx.ajax('POST', at, { swap: 'none', values: { csrf_token:"
        " document.getElementById('attention').dataset.formToken } })",
        f"/admin/attention/calls/{call_id}/take",
    )
    expect(daniyar.page.locator("#toasts")).to_contain_text("Этим уже занимается Айгуль.")
    expect(daniyar.items).to_contain_text("занимается Айгуль")
    expect(daniyar.items.locator("[data-test=take]")).to_have_count(0)


def test_nothing_is_drawn_under_a_button_while_it_is_pressed(
    page: Page, live: RealDesk, people: People
) -> None:
    panel = Panel(page, live)
    club = live.web.club
    call_id = call(club, people.computer("ПК-1"))
    expect(panel.count).to_have_text("1")
    panel.open()
    close = panel.items.locator("[data-test=close]")
    close.hover()
    page.mouse.down()
    taker = Actor("staff", live.web.staff.make("cashier").id)
    service.take_call(club, call_id=call_id, actor=taker)
    call(club, people.computer("ПК-2"))
    # Whoever presses for long hears of it all the same.
    wait_until(page, "window.sounds.length === 4")
    expect(panel.items).to_have_count(1)

    page.mouse.up()

    expect(panel.items.filter(has_text="ПК-1")).to_have_count(0)
    expect(panel.items).to_contain_text("ПК-2")
    with club.read() as db:
        assert [one.computer_name for one in queries.open_calls(db, club.club_id)] == ["ПК-2"]


def test_of_several_tabs_one_sounds_and_another_when_it_is_closed(
    page: Page, live: RealDesk, people: People
) -> None:
    Panel(page, live)
    wait_until(page, "navigator.locks.query().then((locks) => locks.held.length === 1)")
    second = Panel(page.context.new_page(), live)
    pc = people.computer()
    call(live.web.club, pc)
    expect(second.count).to_have_text("1")
    wait_until(page, "window.sounds.length === 2")
    assert second.sounds() == 0
    second.open()
    second.page.locator("#attention-volume").fill("30")
    expect(page.locator("#attention-volume")).to_have_value("30")
    heard = second.sounds()  # a trial of the volume is heard where one tries it
    page.close()
    wait_until(second.page, "navigator.locks.query().then((locks) => !locks.pending.length)")
    call(live.web.club, pc)
    expect(second.items).to_contain_text("×2")
    wait_until(second.page, f"window.sounds.length === {heard + 2}")


def test_calling_again_sounds_again(page: Page, live: RealDesk, people: People) -> None:
    computer_id = people.computer()
    call(live.web.club, computer_id)
    panel = Panel(page, live)
    expect(panel.count).to_have_text("1")
    assert panel.sounds() == 0, "it was there before the page was opened"
    call(live.web.club, computer_id)
    wait_until(page, "window.sounds.length === 2")
    panel.open()
    expect(panel.items).to_contain_text("×2")


def test_what_came_between_two_pages_sounds_on_the_second(
    page: Page, live: RealDesk, people: People
) -> None:
    Panel(page, live)
    page.goto("about:blank")
    call(live.web.club, people.computer())
    Panel(page, live, "/admin/customers")
    wait_until(page, "window.sounds.length === 2")
    Panel(page, live)
    assert page.evaluate("window.sounds.length") == 0, "it has been heard"


def test_an_alarm_is_closed_with_a_note(page: Page, live: RealDesk, people: People) -> None:
    panel = Panel(page, live)
    computer_id = people.computer()
    with live.web.club.write() as work:
        alarm_id = journal.raise_alarm(work, "launcher_killed", computer_id=computer_id)
    expect(panel.count).to_have_text("1")
    panel.open()
    panel.press("close")
    page.get_by_label("Заметка").fill("перезапустил")
    page.get_by_role("button", name="Закрыть тревогу").click()
    expect(panel.items).to_have_count(0)
    with live.web.club.read() as db:
        assert db.get_one(Alarm, alarm_id).note == "перезапустил"


def test_a_session_about_to_end_is_extended_or_dismissed(
    page: Page, live: RealDesk, people: People
) -> None:
    panel = Panel(page, live, "/admin")
    live.web.club.links.is_linked = lambda _computer_id: True
    sessions.buy(
        live.web.club,
        computer_id=people.computer("ПК-3"),
        customer_id=people.customer(balance_tiyn=200_000, name="Ерлан"),
        tariff_id=people.tariff(seconds=300),
        key="k",
        actor=OWNER,
    )
    live.app.hub.hall.load()
    expect(panel.count).to_have_text("1")
    panel.open()
    expect(panel.items).to_contain_text("ПК-3 кончается время")
    expect(panel.items).to_contain_text("осталось 0:0")
    panel.press("extend")
    expect(page.locator("#dialog")).to_contain_text("ПК-3")
    page.locator("#dialog [data-close]").first.click()
    panel.press("dismiss")
    expect(panel.items).to_have_count(0)


def test_a_technician_is_not_asked_to_sell_time(
    open_as: OpenAs, live: RealDesk, people: People
) -> None:
    panel = Panel(open_as("technician"), live, "/admin")
    live.web.club.links.is_linked = lambda _computer_id: True
    computer_id = people.computer()
    sessions.buy(
        live.web.club,
        computer_id=computer_id,
        customer_id=people.customer(balance_tiyn=200_000),
        tariff_id=people.tariff(seconds=300),
        key="k",
        actor=OWNER,
    )
    live.app.hub.hall.load()
    call(live.web.club, computer_id)
    expect(panel.count).to_have_text("1")
    expect(panel.items).to_have_attribute("data-kind", "call")


def test_sound_is_asked_for_switched_off_and_remembered(
    page: Page, live: RealDesk, people: People
) -> None:
    page.add_init_script(SPY)
    page.goto(live.address + "/admin/tariffs")
    hint = page.locator("#attention [data-sound-blocked]")
    page.evaluate("document.getElementById('attention').hidden = false")
    expect(hint).to_be_visible()
    hint.click()
    expect(hint).to_be_hidden()
    page.locator("#attention-sound").click()
    page.reload()
    panel = Panel(page, live)
    call(live.web.club, people.computer())
    expect(panel.count).to_have_text("1")
    assert panel.sounds() == 0
    expect(page.locator("#attention-volume")).to_be_disabled()
