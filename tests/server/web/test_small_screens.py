"""The desk on a phone and on a tablet: what is worked with there, and that none of it hides."""

import msgspec
from playwright.sync_api import Locator, Page, ViewportSize, expect

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.live import HallCondition
from tests.server.web.conftest import OpenAs
from tests.support.club import CASHIER, People
from tests.support.live_desk import LiveDesk, changed, open_hall, session
from tests.support.web import row

PHONE = ViewportSize(width=390, height=844)
TABLET = ViewportSize(width=820, height=1180)


def hidden_parts(part: Locator) -> list[str]:
    """What can be pressed there and is covered by something else, or stands beyond the edge."""
    found: list[str] = part.locator("a, button, input, select").evaluate_all(
        """all => all.filter((one) => one.checkVisibility()).filter((one) => {
            const labels = [...(one.labels || [])], place = one.type === "radio" ? labels[0] : one;
            place.scrollIntoView({ block: "nearest", behavior: "instant" });
            const box = place.getBoundingClientRect();
            if (one.tagName === "BUTTON" && one.scrollWidth > one.clientWidth + 1) return true; // its words are cut
            const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return !seen || ![one, ...labels].some((mine) => mine.contains(seen) || seen.contains(one));
        }).map((one) => one.outerHTML)"""
    )
    return found


def test_a_guest_is_seated_and_a_customer_topped_up(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    people.tariff()
    with club.write() as work:
        club_service.get(work.db, work.club_id).printer_address = "127.0.0.1:1"
    pc, erlan = people.computer("ПК-1"), people.customer(name="Ерлан")
    live.web.hall.rows = [row(pc, "ПК-1"), row(people.computer("ПК-2"), "ПК-2", session())]
    dialog = page.locator("#dialog[open]")
    for screen, view, place in ((TABLET, "table", "#rows tr"), (PHONE, "tiles", ".tile")):
        page.set_viewport_size(screen)
        open_hall(page, live, f"?view={view}")
        seat = page.locator(f"{place}[data-computer-id='{pc}']")
        seat.locator("summary").click()
        assert hidden_parts(seat) == []
        seat.locator("[data-test=seat-guest]").click()
        expect(dialog.locator("[data-test=submit]")).to_have_text("Принять 500 ₸ и посадить")
        assert hidden_parts(dialog) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if view == "table":
            page.keyboard.press("Escape")
    page.click("#dialog [data-test=submit]")
    expect(page.locator("#toasts")).to_contain_text("гость посажен")

    page.locator("[data-toggle-menu]").click()
    menu = page.locator("#menu")
    assert hidden_parts(menu) == []
    menu.get_by_role("link", name="Клиенты").click()
    page.locator("[data-test=top-up]").click()
    page.fill("#amount", "2000")
    assert hidden_parts(page.locator(".row-form")) == []
    page.click(".row-form [data-test=submit]")
    expect(page.locator("[data-test=done]")).to_be_visible()
    assert hidden_parts(page.locator("[data-test=done]")) == []
    assert people.balance_tiyn(erlan) == 2_000_00
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_plays_and_until_when_a_pc_is_held_can_be_read_on_a_tile(
    page: Page, live: LiveDesk, people: People
) -> None:
    player, held = people.computer("ПК-1"), people.computer("ПК-2")
    live.web.hall.rows = [
        row(player, "ПК-1", msgspec.structs.replace(session(), who="Бауыржан О.")),
        changed(row(held, "ПК-2"), condition=HallCondition("kept", "Мадина", None, 3600)),
    ]
    page.set_viewport_size(PHONE)
    open_hall(page, live, "?view=tiles")
    parts = page.locator(".tile :is(.tile-name, .tile-word, .tile-left, .tile-who)")
    expect(parts.filter(has_text="Бауыржан О.")).to_be_visible()
    cut = parts.evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
    )
    assert cut == []


def test_millions_fit_the_places_of_the_books(page: Page, live: LiveDesk) -> None:
    page.goto(f"{live.address}/admin/books")
    for width in (390, 820, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        beyond = page.locator(".sum").evaluate_all(
            """all => all.map((one) => {
                one.textContent = "11 106 470,67\\u00a0₸";
                return one.scrollWidth - one.clientWidth;
            })"""
        )
        assert beyond == [0] * 5, width


def test_a_manager_takes_a_mistake_back_from_home(
    open_as: OpenAs, live: LiveDesk, club: ClubContext, people: People, clock: ManualClock
) -> None:
    erlan = people.customer(name="Ерлан")
    customers.top_up(
        club, customer_id=erlan, amount_tiyn=2_000_00, method="cash", key="k", actor=CASHIER
    )
    clock.advance(3 * 3600)
    page = open_as("manager")
    page.set_viewport_size(PHONE)
    page.goto(f"{live.address}/admin/customers/{erlan}")
    page.click("[data-test=take-back]")
    page.fill("#reason", "Не тот клиент")
    assert hidden_parts(page.locator(".row-form")) == []
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("пополнение отменено")
    assert people.balance_tiyn(erlan) == 0
