"""Goods at the desk: two presses, and the list of prices."""

from playwright.sync_api import expect

from lovhub.server.goods import service as goods
from tests.server.web.conftest import OpenAs
from tests.support.club import OWNER
from tests.support.live_desk import LiveDesk
from tests.support.web import WebAdmin


def test_two_presses_sell_and_a_third_takes_back(live: LiveDesk, open_as: OpenAs) -> None:
    cola = goods.create(live.web.club, title="Кола", price_tiyn=500_00, actor=OWNER)
    page = open_as("cashier")
    page.goto(f"{live.address}/admin/goods")
    expect(page.locator("[data-test=pay-cash]")).to_be_disabled()
    page.locator(f"[data-test=good-{cola}]").click()
    page.locator(f"[data-test=good-{cola}]").click()
    expect(page.locator("[data-test=total]")).to_contain_text("1 000")
    page.locator("[data-test=pay-kaspi]").click()
    expect(page.locator("[data-test=sale]")).to_contain_text("Кола × 2")
    expect(page.locator("[data-test=total]")).to_contain_text("0")
    page.locator("[data-test=take-back]").click()
    expect(page.locator("[data-test=sale]")).to_contain_text("отменена")


def test_a_manager_keeps_the_list(web: WebAdmin) -> None:
    browser = web.manager()
    assert browser.post("/admin/goods/new", {"title": "Вода", "price": "0"}).status_code == 422
    browser.post("/admin/goods/new", {"title": "Вода", "price": "300"})
    browser.post("/admin/goods/1/edit", {"title": "Вода 0,5", "price": "350"}, htmx=True)
    assert "Вода 0,5" in browser.get("/admin/goods").text
    browser.post("/admin/goods/1/retire", {}, htmx=True)
    assert "Вода 0,5" not in browser.get("/admin/goods").text
    browser.post("/admin/goods/1/restore", {})
    assert "Вода 0,5" in browser.get("/admin/goods").text
    assert web.cashier().get("/admin/goods/list").status_code == 403


def test_programs_sell_too(web: WebAdmin) -> None:
    cola = goods.create(web.club, title="Кола", price_tiyn=500_00, actor=OWNER)
    headers = {"Authorization": f"Bearer {web.token('cashier')}"}
    sale = {
        "lines": [{"good_id": cola, "quantity": 2}],
        "method": "cash",
        "total_tiyn": 1_000_00,
        "key": "a-key-of-it",
    }
    client = web.app.test_client()
    sold = client.post(
        "/api/v1/goods/sales", json=sale, headers=headers, base_url="https://localhost"
    )
    assert sold.status_code == 201
    back = client.post(
        f"/api/v1/goods/sales/{sold.get_json()['posting_id']}/take-back",
        json={},
        headers=headers,
        base_url="https://localhost",
    )
    assert back.status_code == 201


def test_a_report_is_a_file_only_after_the_count(web: WebAdmin) -> None:
    browser = web.cashier()
    browser.post("/admin/shifts/open", {"counted": "0"})
    assert browser.get("/admin/shifts/1/report.pdf").status_code == 409
    owner = web.owner()
    assert "X-отчёт" in owner.get("/admin/shifts/1").text
    x = owner.get("/admin/shifts/1/report.pdf")
    assert (x.data[:5], "x-1.pdf" in x.headers["Content-Disposition"]) == (b"%PDF-", True)
    browser.post("/admin/shifts/1/close", {"counted": "5"})
    file = browser.get("/admin/shifts/1/report.pdf")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert browser.post("/admin/shifts/1/print", {}).status_code == 409, "no printer is set"
