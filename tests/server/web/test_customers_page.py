"""«Клиенты» in a real browser: found, topped up and given time from the row, mostly by keys."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, expect

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from tests.support.club import People
from tests.support.live_desk import LiveDesk

SPACE = "\N{NO-BREAK SPACE}"


@dataclass
class CustomersPage:
    """The page as the desk uses it; `pressed` counts the keys."""

    page: Page
    live: LiveDesk
    pressed: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self.live.address}/admin/customers{query}")
        self.page.evaluate("window.notReloaded = true")

    def press(self, *keys: str) -> None:
        for key in keys:
            if len(key) == 1:
                self.page.keyboard.type(key)  # Cyrillic, too
            else:
                self.page.keyboard.press(key)
            self.pressed.append(key)

    def row(self, customer_id: int) -> Locator:
        return self.page.locator(f"#customer-{customer_id}")

    def form(self) -> Locator:
        return self.page.locator(".row-form")

    def submit(self) -> Locator:
        return self.form().locator("[data-test=submit]")

    def names(self) -> Locator:
        return self.page.locator("tr[data-customer-id] td:first-child")

    def was_not_reloaded(self) -> bool:
        return bool(self.page.evaluate("window.notReloaded"))


@pytest.fixture
def customers(page: Page, live: LiveDesk) -> CustomersPage:
    return CustomersPage(page, live)


def test_a_customer_is_topped_up_without_the_mouse_in_under_ten_keys(
    customers: CustomersPage, people: People
) -> None:
    people.customer(name="Алия")
    erlan = people.customer(name="Ерлан", balance_tiyn=500_00)
    customers.open()
    customers.press("/", *"ерл", "Enter")
    expect(customers.page.locator("#amount")).to_be_focused()
    expect(customers.form()).to_contain_text("Ерлан")
    customers.press("ArrowDown", "ArrowDown", "ArrowDown")
    expect(customers.submit()).to_have_text(f"Пополнить на 2{SPACE}000 ₸")
    customers.press("Enter")
    expect(customers.form()).to_contain_text(f"Ерлан: баланс пополнен на 2{SPACE}000{SPACE}₸")
    expect(customers.row(erlan).locator("[data-test=balance]")).to_have_text(f"2{SPACE}500{SPACE}₸")
    assert len(customers.pressed) < 10
    assert people.balance_tiyn(erlan) == 2_500_00
    assert customers.page.url.endswith("?q=%D0%B5%D1%80%D0%BB")
    expect(customers.page.locator("#customer-q")).to_be_focused()
    assert customers.was_not_reloaded()


def test_a_newcomer_is_registered_on_a_page_of_its_own_and_never_by_half(
    customers: CustomersPage,
) -> None:
    customers.open()
    customers.page.click("[data-test=register]")
    customers.page.fill("#login", "sniper")
    customers.page.fill("#name", "Ерлан")
    customers.page.fill("#phone", "звонить")
    customers.page.fill("#password", "123")
    customers.page.keyboard.press("Enter")
    for wrong in ("phone", "password"):
        expect(customers.page.locator(f"[data-test=error-{wrong}]")).to_be_visible()
    expect(customers.page.locator("#name")).to_have_value("Ерлан")
    expect(customers.page.locator("#phone")).to_have_value("звонить")
    expect(customers.page.locator("#phone")).to_be_focused()
    customers.page.fill("#phone", "8 701 123 45 67")
    customers.page.fill("#password", "секрет")
    customers.page.keyboard.press("Enter")
    expect(customers.names()).to_have_text(["Ерлан"])
    expect(customers.page.get_by_role("status").first).to_contain_text("«sniper» зарегистрирован")


LOSE_ONE_ANSWER = """() => {
const open = XMLHttpRequest.prototype.open, send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.open = function (method, ...rest) { this.method = method; open.call(this, method, ...rest); };
XMLHttpRequest.prototype.send = function (body) {
  if (this.method.toUpperCase() === "POST") {
    XMLHttpRequest.prototype.send = send;
    this.onload = () => this.onerror(new ProgressEvent("error"));
  }
  send.call(this, body);
};
}"""
"""The server has done what was asked, and the cable came out before it could say so."""


def test_a_form_sent_again_because_the_answer_was_lost_moves_money_once(
    customers: CustomersPage, people: People
) -> None:
    erlan = people.customer()
    customers.open()
    customers.row(erlan).locator("[data-test=top-up]").click()
    customers.form().locator("#amount").fill("700")
    customers.page.evaluate(LOSE_ONE_ANSWER)
    customers.submit().click()
    expect(customers.page.locator("#toasts")).to_contain_text("Нет связи с сервером")
    assert people.balance_tiyn(erlan) == 700_00
    expect(customers.form().locator("#amount")).to_have_value("700")
    customers.submit().click()
    expect(customers.form().locator("[data-test=done]")).to_contain_text(f"700{SPACE}₸")
    assert people.balance_tiyn(erlan) == 700_00


def test_what_was_typed_while_the_form_still_settled_is_kept(
    customers: CustomersPage, people: People
) -> None:
    people.customer(name="Ерлан")
    customers.open()
    customers.press("/", *"ерл", "Enter")
    expect(customers.page.locator("#amount")).to_be_focused()
    customers.press(*"15")
    customers.form().locator("[data-row-slot]").evaluate(
        "slot => htmx.trigger(slot, 'htmx:afterSettle', { elt: slot })"
    )
    customers.press(*"00")
    expect(customers.submit()).to_have_text(f"Пополнить на 1{SPACE}500 ₸")


def test_typing_narrows_the_list_and_the_arrows_choose(
    customers: CustomersPage, people: People
) -> None:
    people.customer(name="Алия")
    people.customer(name="Ерлан")
    erzhan = people.customer(name="Ержан")
    customers.open()
    expect(customers.names()).to_have_text(["Алия", "Ержан", "Ерлан"])
    customers.press("/", *"ер")
    expect(customers.names()).to_have_text(["Ержан", "Ерлан"])
    customers.press("ArrowDown", "ArrowDown", "ArrowUp", "Enter")
    expect(customers.form()).to_contain_text("Ержан")
    expect(customers.page.locator("#amount")).to_be_focused()
    customers.press("Escape")
    expect(customers.form()).to_have_count(0)
    expect(customers.row(erzhan).locator("[data-test=top-up]")).to_be_focused()
    customers.press("/", *"никого нет", "Enter")
    expect(customers.page.get_by_text("Никого не нашли")).to_be_visible()
    expect(customers.form()).to_have_count(0)


def test_a_search_that_nobody_answered_is_asked_again_until_it_is(
    customers: CustomersPage, people: People
) -> None:
    people.customer(name="Алия")
    people.customer(name="Ерлан")
    page = customers.page
    page.clock.install()
    customers.open()
    page.route("**/admin/customers?q=*", lambda route: route.abort())
    customers.press("/", *"ерл")
    page.clock.fast_forward(1_000)
    expect(page.locator("#toasts")).to_contain_text("Нет связи с сервером")
    expect(page.locator("#customer-list")).to_have_class(re.compile("unanswered"))
    page.unroute_all()
    page.clock.fast_forward(3_000)
    expect(customers.names()).to_have_text(["Ерлан"])
    expect(page.locator("#customer-list")).not_to_have_class(re.compile("unanswered"))


def test_change_is_reckoned_and_wrong_input_stays_beside_its_field(
    customers: CustomersPage, people: People
) -> None:
    erlan = people.customer()
    customers.open()
    customers.row(erlan).locator("[data-test=top-up]").click()
    form = customers.form()
    form.locator("#amount").fill("1500")
    form.locator("#received").fill("1000")
    customers.submit().click()
    expect(form.locator("[data-test=error-received]")).to_have_text("Получено меньше, чем нужно.")
    expect(form.locator("#amount")).to_have_value("1500")
    form.locator("#received").fill("5000")
    expect(form.locator("[data-test=change]")).to_have_text(f"Сдача: 3{SPACE}500 ₸")
    form.get_by_text("Kaspi").click()
    expect(form.locator("#received")).to_be_hidden()
    form.get_by_text("Наличные").click()
    customers.submit().dblclick()
    done = form.locator("[data-test=done]")
    expect(done).to_contain_text(f"пополнен на 1{SPACE}500{SPACE}₸. Сдача: 3{SPACE}500{SPACE}₸")
    assert people.balance_tiyn(erlan) == 1_500_00


def test_a_mistake_is_taken_back_from_the_row_while_the_seconds_run(
    customers: CustomersPage, people: People, clock: ManualClock
) -> None:
    erlan = people.customer()
    customers.open()
    for _ in range(2):
        customers.row(erlan).locator("[data-test=top-up]").click()
        customers.form().locator("#amount").fill("2000")
        customers.submit().click()
        expect(customers.form().locator("[data-left]")).to_have_text("2:00")
        clock.advance(60)
    customers.form().locator("[data-test=take-back]").dblclick()
    expect(customers.form()).to_contain_text("пополнение отменено")
    expect(customers.row(erlan).locator("[data-test=balance]")).to_have_text(f"2{SPACE}000{SPACE}₸")
    assert people.balance_tiyn(erlan) == 2_000_00


def test_after_two_minutes_it_takes_a_reason(
    customers: CustomersPage, people: People, clock: ManualClock
) -> None:
    erlan = people.customer()
    customers.open()
    customers.row(erlan).locator("[data-test=top-up]").click()
    customers.form().locator("#amount").fill("2000")
    customers.submit().click()
    expect(customers.form().locator("[data-test=take-back]")).to_be_visible()
    clock.advance(120)
    customers.form().locator("[data-test=take-back]").click()
    expect(customers.form().locator("[data-test=error-reason]")).to_be_visible()
    customers.form().locator("#reason").fill("Не тот клиент")
    expect(customers.submit()).to_have_text(f"Вернуть 2{SPACE}000{SPACE}₸")
    customers.submit().click()
    expect(customers.form()).to_contain_text("пополнение отменено")
    assert people.balance_tiyn(erlan) == 0


def test_time_is_given_from_the_row_with_a_reason(
    customers: CustomersPage, people: People, club: ClubContext
) -> None:
    erlan = people.customer()
    customers.open()
    customers.row(erlan).locator("[data-test=give-time]").click()
    form = customers.form()
    expect(form.locator("#minutes")).to_be_focused()
    customers.press("4", "5", "Enter")
    expect(form.locator("[data-test=error-reason]")).to_be_visible()
    expect(form.locator("#minutes")).to_have_value("45")
    expect(form.locator("#reason")).to_be_focused()
    form.locator("#reason").fill("Завис ПК")
    customers.press("Enter")
    expect(form).to_contain_text("добавлено время 0:45:00")
    expect(customers.row(erlan).locator("[data-test=time]")).to_have_text("0:45:00")
    customers.page.goto(f"{customers.live.address}/admin/logs?kind=money")
    expect(customers.page.get_by_text("Добавлено без денег 45 мин: Завис ПК")).to_be_visible()


def test_the_menu_of_the_only_row_is_seen_whole(customers: CustomersPage, people: People) -> None:
    only = people.customer()
    customers.open()
    customers.row(only).locator("[data-menu] summary").click()
    hidden = (
        customers.row(only)
        .locator("[data-menu] :is(a, button)")
        .evaluate_all(
            """items => items.filter((item) => {
            const box = item.getBoundingClientRect();
            return !item.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
        }).map((item) => item.textContent)"""
        )
    )
    assert hidden == []
