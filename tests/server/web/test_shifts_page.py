"""The shift at the desk: opened, paid into, closed blind, handed over; by keyboard."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.shifts import service
from lovhub.server.shifts.service import Count
from lovhub.server.staff.models import Staff
from tests.server.web.conftest import OpenAs
from tests.support.club import People
from tests.support.live_desk import LiveDesk
from tests.support.statements import asked
from tests.support.web import WebAdmin


def actor(web: WebAdmin) -> Actor:
    """The persona of a cashier, as the one who does something."""
    with web.club.read() as db:
        return web.staff.actor(db.get_one(Staff, web.staff_id("cashier")))


def test_a_cashier_opens_and_closes_a_shift_by_keyboard(
    live: LiveDesk, people: People, open_as: OpenAs
) -> None:
    page = open_as("cashier")
    page.goto(f"{live.address}/admin/shifts")
    page.keyboard.press("Enter")  # the button that opens a shift has the focus
    expect(page.locator("[data-note='20000']")).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    for _ in range(11):
        page.keyboard.press("Enter")
    expect(page.locator("#counted")).to_be_focused()
    expect(page.locator("#counted")).to_have_value("40000")
    page.keyboard.press("Enter")
    expect(page.locator("[data-test=open-now]")).to_contain_text("Данияр")

    customers.top_up(
        live.web.club,
        customer_id=people.customer(),
        amount_tiyn=5_000_00,
        method="cash",
        key="a top-up",
        actor=actor(live.web),
    )
    page.locator("[data-test=close-shift]").press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog.locator("[data-note='20000']")).to_be_focused()
    assert "45" not in dialog.inner_text(), "the count is blind"
    dialog.locator("#counted").fill("44000")
    page.keyboard.press("Enter")
    expect(page.locator("[data-test=difference]")).to_contain_text("1 000")
    expect(page.locator("[data-test=expected]")).to_contain_text("45 000")


def test_a_refused_sale_leads_to_opening_a_shift(
    live: LiveDesk, people: People, open_as: OpenAs
) -> None:
    people.customer()
    with live.web.club.write() as work:
        work.db.execute(update(Club).values(sales_need_shift=True))
    page = open_as("cashier")
    page.goto(f"{live.address}/admin")
    expect(page.locator("[data-test=needs-shift]")).to_be_visible()
    page.goto(f"{live.address}/admin/customers")
    page.locator("[data-test=top-up]").click()
    page.locator("#amount").fill("500")
    page.locator("[data-test=submit]").click()
    page.locator("[data-test=open-shift]").click()
    page.locator("#dialog #counted").fill("0")
    page.locator("#dialog [data-test=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Смена открыта")


@pytest.fixture
def closed(web: WebAdmin) -> int:
    """A cashier's shift that is over."""
    cashier = actor(web)
    shift = service.open_shift(web.club, counted_tiyn=7_000_00, actor=cashier)
    service.pay(
        web.club, is_out=True, amount_tiyn=500_00, reason="вода", key="water", actor=cashier
    )
    service.close(web.club, shift_id=shift, count=Count(6_400_00), actor=cashier)
    return shift


def test_the_list_asks_one_statement_whatever_its_length(web: WebAdmin, closed: int) -> None:
    browser = web.owner()
    assert "недостача" in browser.get("/admin/shifts").text
    with asked(web.club) as few:
        browser.get("/admin/shifts")
    for number in range(3):
        shift = service.open_shift(web.club, counted_tiyn=number, actor=actor(web))
        service.close(web.club, shift_id=shift, count=Count(0), actor=actor(web))
    with asked(web.club) as more:
        browser.get("/admin/shifts")
    assert len(more) == len(few)


def test_a_cashier_sees_own_shifts_only(web: WebAdmin, closed: int, club: ClubContext) -> None:
    other = web.staff.make("cashier", login="other")
    own = service.open_shift(club, counted_tiyn=0, actor=other)
    browser = web.signed_in("cashier")
    assert browser.get(f"/admin/shifts/{closed}").status_code == 200
    assert browser.get(f"/admin/shifts/{own}").status_code == 404
    assert browser.get(f"/admin/shifts/{own}/close").status_code == 404
    assert web.signed_in("manager").get(f"/admin/shifts/{own}").status_code == 200


def test_programs_run_a_shift_too(web: WebAdmin) -> None:
    headers = {"Authorization": f"Bearer {web.token('cashier')}"}
    client = web.app.test_client()

    def ask(method: str, path: str, **body: object) -> dict[str, object]:
        answer = client.open(
            f"/api/v1{path}", method=method, base_url="https://localhost", headers=headers,
            **({"json": body} if method == "POST" else {}),
        )  # fmt: skip
        assert answer.status_code < 300, answer.text
        found: dict[str, object] = answer.get_json()
        return found

    shift = ask("POST", "/shifts", counted_tiyn=100_00)["shift_id"]
    ask(
        "POST",
        "/shifts/payments",
        is_out=False,
        amount_tiyn=50_00,
        reason="размен",
        key="key-of-it",
    )
    under_way = ask("GET", "/shifts")["open"]
    assert isinstance(under_way, dict)
    assert (under_way["id"], under_way["expected_tiyn"]) == (shift, None)
    ask("POST", f"/shifts/{shift}/close", counted_tiyn=140_00)
    assert ask("GET", f"/shifts/{shift}")["difference_tiyn"] == -10_00
