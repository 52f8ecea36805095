"""The books, a receipt and the owner's messages as the desk uses them in a browser."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.goods import service as goods
from tests.server.web.conftest import OpenAs
from tests.support.chromium import wait_until
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(int(datetime(2027, 3, 28, 9, tzinfo=ZoneInfo("Asia/Almaty")).timestamp()))


def test_from_a_sale_to_its_receipt_and_the_books(
    club: ClubContext, people: People, live: LiveDesk, open_as: OpenAs
) -> None:
    with club.write() as work:
        club_service.get(work.db, work.club_id).printer_address = "127.0.0.1:1"  # it is off
    people.customer(balance_tiyn=900_00)
    water = goods.create(club, title="Су 0,5", price_tiyn=300_00, actor=OWNER)
    page = open_as("owner")
    page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1; };")

    page.goto(f"{live.address}/admin/goods")
    page.click(f"[data-test=good-{water}]")
    page.click("[data-test=pay-card]")
    page.click("[data-test=print_receipt]")
    expect(page.locator("#toasts .alert-danger")).to_contain_text("Принтер не отвечает")
    page.click("[data-test=receipt]")
    expect(page.locator("[data-test=slip]")).to_contain_text("Су 0,5")
    expect(page.locator("[data-test=slip]")).not_to_contain_text("КОПИЯ")
    page.click("[data-test=print-page]")
    expect(page.locator("[data-print-now]")).not_to_contain_text("КОПИЯ")
    wait_until(page, "window.printed === 1")
    page.click("[data-test=print-page]")
    expect(page.locator("[data-print-now]")).to_contain_text("КОПИЯ")

    page.goto(f"{live.address}/admin/books?period=today")
    expect(page.locator("[data-test=goods]")).to_have_text("300 ₸")
    expect(page.locator("[data-test=received]")).to_have_text("1 200 ₸")
    expect(page.locator("[data-test=owed]")).to_have_text("900 ₸")
    page.select_option("#f-by", "method")
    page.select_option("#f-step", "week")
    page.click("[data-test=show]")
    expect(page.locator("[data-test=books] tbody tr")).to_have_count(2)
    expect(page.locator("[data-test=books] tbody tr").first).to_contain_text("Наличные")
    page.select_option("#f-by", "zone")
    page.click("[data-test=show]")
    expect(page.locator("[data-test=nothing]")).to_be_visible()
    page.fill("#f-from", "2027-03-30")
    page.click("[data-test=show]")
    expect(page.locator("[data-test=error-period]")).to_be_visible()

    page.goto(f"{live.address}/admin/settings")
    page.click("[data-test=notices]")
    page.fill("#telegram", "12345")
    page.click("[data-test=submit]")
    with page.expect_response("**/notices/test"):
        page.click("[data-test=send-test]")
    page.reload()
    expect(page.locator("[data-test=latest] tbody tr")).to_have_count(1)
