"""The desk on a phone and on a tablet: what is worked with there, and that none of it hides."""

import pytest
from playwright.sync_api import Locator, Page, expect

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from tests.server.web.conftest import OpenAs
from tests.support.club import CASHIER, People
from tests.support.live_desk import LiveDesk, open_hall, session
from tests.support.web import row

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}


def hidden_parts(part: Locator) -> list[str]:
    """What can be pressed there and is covered by something else, or stands beyond the edge."""
    found: list[str] = part.locator("a, button, input, select").evaluate_all(
        """all => all.filter((one) => one.checkVisibility()).filter((one) => {
            const labels = [...(one.labels || [])], place = one.type === "radio" ? labels[0] : one;
            place.scrollIntoView({ block: "nearest", behavior: "instant" });
            const box = place.getBoundingClientRect();
            const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return !seen || ![one, ...labels].some((mine) => mine.contains(seen) || seen.contains(one));
        }).map((one) => one.outerHTML)"""
    )
    return found


@pytest.mark.parametrize("screen", [PHONE, TABLET], ids=["phone", "tablet"])
def test_a_guest_is_seated_and_a_customer_topped_up(
    page: Page, live: LiveDesk, people: People, screen: dict[str, int]
) -> None:
    page.set_viewport_size(screen)  # type: ignore[arg-type]
    people.tariff()
    pc, erlan = people.computer("ПК-1"), people.customer(name="Ерлан")
    live.web.hall.rows = [row(pc, "ПК-1"), row(people.computer("ПК-2"), "ПК-2", session())]
    for view in ("tiles", "table"):
        open_hall(page, live, f"?view={view}")
        place = page.locator(
            f"{'.tile' if view == 'tiles' else '#rows tr'}[data-computer-id='{pc}']"
        )
        place.locator("summary").click()
        assert hidden_parts(place) == []
        place.locator("[data-test=seat-guest]").click()
        dialog = page.locator("#dialog[open]")
        expect(dialog.locator("[data-test=submit]")).to_have_text("Принять 500 ₸ и посадить")
        assert hidden_parts(dialog) == []
        page.keyboard.press("Escape")
    place.locator("summary").click()
    place.locator("[data-test=seat-guest]").click()
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
    assert people.balance_tiyn(erlan) == 2_000_00
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_manager_takes_a_mistake_back_from_home(
    open_as: OpenAs, live: LiveDesk, club: ClubContext, people: People, clock: ManualClock
) -> None:
    erlan = people.customer(name="Ерлан")
    customers.top_up(
        club, customer_id=erlan, amount_tiyn=2_000_00, method="cash", key="k", actor=CASHIER
    )
    clock.advance(3 * 3600)
    page = open_as("manager")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live.address}/admin/customers/{erlan}")
    page.click("[data-test=take-back]")
    page.fill("#reason", "Не тот клиент")
    assert hidden_parts(page.locator(".row-form")) == []
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("пополнение отменено")
    assert people.balance_tiyn(erlan) == 0
