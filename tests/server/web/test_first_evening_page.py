"""The first evening's list and the system's state, in the browser."""

from playwright.sync_api import Page, expect

from lovhub.server.actor import SYSTEM
from lovhub.server.club import demo
from lovhub.server.context import ClubContext
from tests.support.club import People
from tests.support.live_desk import LiveDesk
from tests.support.web import Browser, WebAdmin


def test_the_list_goes_to_done_by_doing(
    page: Page, live: LiveDesk, people: People, club: ClubContext
) -> None:
    page.goto(f"{live.address}/admin/first-evening")
    tariffs = page.locator("[data-step=tariffs]")
    expect(tariffs).to_have_attribute("data-done", "no")
    tariffs.get_by_role("link").click()
    page.locator("[data-test=add]").first.click()
    page.fill("#title", "1 час")
    page.fill("#price", "500")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Тариф добавлен")
    page.goto(f"{live.address}/admin/first-evening")
    expect(tariffs).to_have_attribute("data-done", "yes")
    page.goto(f"{live.address}/admin")
    expect(page.locator("[data-test=checklist]")).to_be_visible()
    page.goto(f"{live.address}/admin/first-evening")
    page.locator("[data-test=close-checklist]").click()
    expect(page.locator("[data-test=close-checklist]")).to_have_text("Вернуть на дашборд")
    page.goto(f"{live.address}/admin")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("[data-test=checklist]")).to_have_count(0)


def test_examples_are_taken_away_with_one_click(
    page: Page, live: LiveDesk, club: ClubContext
) -> None:
    demo.furnish(club, SYSTEM)
    page.goto(f"{live.address}/admin/first-evening")
    page.locator("[data-test=remove-demo]").click()
    expect(page.locator("#toasts")).to_contain_text("Примеры убраны")
    expect(page.locator("[data-test=remove-demo]")).to_have_count(0)
    page.goto(f"{live.address}/admin/tariffs")
    expect(page.locator("#content")).to_contain_text("Тарифов пока нет")


def test_what_is_wrong_stands_in_the_menu_and_says_what_to_do(
    page: Page, live: LiveDesk, web: WebAdmin, people: People
) -> None:
    people.computer("ПК-1")
    (web.keeper.data / "config.ini").write_text("[Admin]\nAdminPassword = оставлен\n")
    (web.keeper.data / "config.ini").chmod(0o644)
    page.goto(f"{live.address}/admin/status")
    numbers = page.locator("[data-test=finding]").evaluate_all(
        "found => found.map((one) => one.dataset.number)"
    )
    assert {"LV-W006", "LV-W011", "LV-W012"} <= set(numbers)
    expect(page.locator("[data-number=LV-W011]")).to_contain_text("chmod 600")
    expect(page.locator("[data-test=trouble]")).to_have_text(str(len(numbers)))
    (web.keeper.data / "config.ini").unlink()
    page.locator("[data-test=again]").click()
    expect(page.locator("[data-number=LV-W011]")).to_have_count(0)
    page.goto(f"{live.address}/admin/customers")
    expect(page.locator("[data-test=trouble]")).to_have_text(str(len(numbers) - 2))


def test_a_cashier_sees_neither_list_nor_state(web: WebAdmin, desk: Browser) -> None:
    cashier = web.cashier()
    assert 'data-test="checklist"' in desk.get("/admin").text
    assert 'data-test="checklist"' not in cashier.get("/admin").text
    for path in ("/admin/first-evening", "/admin/status"):
        assert cashier.get(path).status_code == 403
    assert web.technician().get("/admin/status").status_code == 200
