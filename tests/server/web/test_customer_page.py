"""A customer's own page and what is done from it, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import pins, service
from lovhub.server.errors import OperationRefused
from tests.server.web.test_customers_page import SPACE, CustomersPage
from tests.server.web.test_pages import counted_queries
from tests.support.club import CASHIER, People
from tests.support.live_desk import LiveDesk
from tests.support.web import WebAdmin


def test_everything_about_a_customer_is_on_their_page(
    page: Page, live: LiveDesk, people: People, clock: ManualClock
) -> None:
    erlan = people.customer(name="Ерлан", balance_tiyn=500_00)
    page.goto(f"{live.address}/admin/customers")
    page.get_by_role("link", name="Ерлан").click()
    page.evaluate("window.notReloaded = true")
    page.click("[data-test=top-up]")
    expect(page.locator("#amount")).to_be_focused()
    page.fill("#amount", "2000")
    page.keyboard.press("Enter")
    expect(page.locator("[data-test=balance]")).to_have_text(f"2{SPACE}500{SPACE}₸")
    first = page.locator("[data-movement]").first
    expect(first).to_contain_text(f"+2{SPACE}000{SPACE}₸")
    expect(first).to_contain_text("Айгуль")
    first.locator("[data-test=take-back]").click()
    expect(page.locator("[data-test=balance]")).to_have_text(f"500{SPACE}₸")
    expect(page.locator("[data-movement]").first).to_contain_text("Отмена пополнения, наличные")
    expect(page.get_by_text("отменено", exact=True)).to_be_visible()
    page.click("[data-test=give-time]")
    expect(page.locator("#minutes")).to_be_focused()
    page.fill("#reason", "Завис ПК")
    page.keyboard.press("Enter")
    expect(page.locator("[data-test=time]")).to_have_text("0:30:00")
    assert page.evaluate("window.notReloaded")
    for tab, text in (
        ("time", "+30 мин"),
        ("sessions", "Здесь пока пусто"),
        ("launches", "Здесь пока пусто"),
        ("log", "Добавлено без денег 30 мин: Завис ПК"),
    ):
        page.click(f"[data-test=tab-{tab}]")
        expect(page.get_by_text(text)).to_be_visible()
    assert people.balance_tiyn(erlan) == 500_00


def test_a_manager_takes_an_old_mistake_back_from_the_page(
    page: Page, live: LiveDesk, club: ClubContext, people: People, clock: ManualClock
) -> None:
    erlan = people.customer()
    service.top_up(
        club, customer_id=erlan, amount_tiyn=2_000_00, method="kaspi", key="k", actor=CASHIER
    )
    clock.advance(600)
    page.goto(f"{live.address}/admin/customers/{erlan}")
    page.click("[data-test=take-back]")
    expect(page.locator("#reason")).to_be_focused()
    page.fill("#reason", "Не тот клиент")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("пополнение отменено")
    expect(page.locator("[data-movement]").first).to_contain_text("Kaspi")
    expect(page.locator("[data-movement]").first).to_contain_text("Не тот клиент")
    assert people.balance_tiyn(erlan) == 0


def test_a_pin_is_issued_and_shown_once(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    customers = CustomersPage(page, live)
    erlan = people.customer(name="Ерлан")
    customers.open()
    customers.row(erlan).locator("[data-test=more]").click()
    customers.row(erlan).locator("[data-test=pin]").click()
    expect(customers.submit()).to_be_focused()
    customers.press("Enter")
    shown = customers.form().locator("[data-test=pin-code]")
    pin = shown.inner_text().replace(" ", "")
    with pytest.raises(OperationRefused, match="password_too_short"):
        pins.set_password(club, login="player1", pin=pin, password="abc", address="PC")
    expect(customers.form().get_by_role("button", name="Готово")).to_be_focused()
    customers.press("Enter")
    expect(shown).to_have_count(0)
    assert pin not in page.content()
    page.goto(f"{live.address}/admin/customers/{erlan}?tab=log")
    expect(page.get_by_text("Выдан одноразовый ПИН")).to_be_visible()


def test_name_and_phone_are_changed_in_place(page: Page, live: LiveDesk, people: People) -> None:
    erlan = people.customer(name="Ерлан")
    page.goto(f"{live.address}/admin/customers/{erlan}")
    page.click("[data-test=details]")
    expect(page.locator("#name")).to_be_focused()
    page.fill("#name", "Ерлан Ким")
    page.fill("#phone", "звонить")
    page.keyboard.press("Enter")
    expect(page.locator("#phone")).to_be_focused()
    expect(page.locator("[data-test=error-phone]")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Ерлан Ким")
    page.fill("#phone", "8 701 123 45 67")
    page.keyboard.press("Enter")
    expect(page.locator("[data-test=name]")).to_have_text("Ерлан Ким")
    expect(page.get_by_text("+77011234567")).to_be_visible()


def test_a_deleted_customer_is_asked_about_the_money_first_and_only_the_name_goes(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    customers = CustomersPage(page, live)
    erlan, alia = people.customer(name="Ерлан"), people.customer(name="Алия")
    service.top_up(
        club, customer_id=erlan, amount_tiyn=1_500_00, method="kaspi", key="k", actor=CASHIER
    )
    customers.open()
    customers.row(alia).locator("[data-test=more]").click()
    customers.row(alia).locator("[data-test=forget]").click()
    customers.submit().click()
    expect(customers.form()).to_contain_text("Алия: клиент удалён")
    expect(customers.names()).to_have_text(["Ерлан"])
    customers.row(erlan).locator("[data-test=more]").click()
    customers.row(erlan).locator("[data-test=forget]").click()
    customers.form().locator("[data-test=write-off]").click()
    expect(customers.form().locator("[data-test=error-reason]")).to_be_visible()
    expect(customers.form().locator("[data-test=pay-out]")).to_have_text(
        f"Выдать 1{SPACE}500{SPACE}₸ и удалить"
    )
    customers.form().locator("[data-test=pay-out]").click()
    expect(customers.form()).to_contain_text(f"Выдайте наличными 1{SPACE}500{SPACE}₸")
    expect(customers.names()).to_have_count(0)
    assert customers.was_not_reloaded()
    page.goto(f"{live.address}/admin/logs")
    expect(page.get_by_text(f"Клиент удалён, выдано наличными 1{SPACE}500{SPACE}₸")).to_be_visible()
    history = page.locator("tbody tr", has_text=f"Баланс пополнен на 1{SPACE}500{SPACE}₸")
    expect(history).to_contain_text("Данияр")
    for name in ("Ерлан", "player1"):
        assert name not in page.content()


def test_a_cashier_is_offered_neither_deleting_nor_old_mistakes(
    web: WebAdmin, club: ClubContext, people: People, clock: ManualClock
) -> None:
    erlan = people.customer()
    service.top_up(
        club, customer_id=erlan, amount_tiyn=2_000_00, method="kaspi", key="k", actor=CASHIER
    )
    clock.advance(120)
    desk = web.cashier()
    shown = desk.get(f"/admin/customers/{erlan}").text
    assert 'data-test="top-up"' in shown
    assert 'data-test="pin"' in shown
    assert 'data-test="forget"' not in shown
    assert 'data-test="take-back"' not in shown
    assert desk.get(f"/admin/customers/{erlan}/forget").status_code == 403
    assert web.technician().get(f"/admin/customers/{erlan}").status_code == 403


def test_staff_are_not_customers(web: WebAdmin) -> None:
    desk = web.owner()
    staff_id = web.staff_id("owner")
    assert desk.get(f"/admin/customers/{staff_id}").status_code == 404
    answer = desk.post(f"/admin/customers/{staff_id}/forget", {"expected_tiyn": "0"})
    assert answer.status_code == 404
    assert desk.get("/admin").status_code == 200


@pytest.mark.parametrize("tab", ["money", "time", "sessions", "launches", "log"])
def test_the_page_asks_the_database_no_more_the_longer_the_history(
    web: WebAdmin, club: ClubContext, people: People, tab: str
) -> None:
    erlan = people.customer()
    for number in range(60):
        service.top_up(
            club,
            customer_id=erlan,
            amount_tiyn=1_00,
            method="cash",
            key=f"k{number}",
            actor=CASHIER,
        )
        service.give_time(
            club, customer_id=erlan, seconds=60, title="+1", reason="Тест", key=f"k{number}",
            actor=CASHIER,
        )  # fmt: skip
    desk = web.owner()
    path = f"/admin/customers/{erlan}?tab={tab}"
    desk.get(path)
    with counted_queries(club.database.engine) as statements:
        shown = desk.get(path).text
    assert len(statements) <= 11, "\n\n".join(statements)
    seen = shown.count("<tr")
    while 'data-test="older"' in shown:
        address = shown.split('data-test="older"')[0].rsplit('href="', 1)[1].split('"')[0]
        shown = desk.get(address.replace("&amp;", "&")).text
        seen += shown.count("<tr")
    # The head of each part, and every row once; the opening of the account moved nothing.
    assert seen == {"money": 62, "time": 62, "sessions": 0, "launches": 0, "log": 123}[tab]
