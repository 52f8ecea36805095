"""The counter with real keys and clicks: several PCs in one payment, time for everybody."""

import re

from playwright.sync_api import expect

from lovhub.server.live import HallRow
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from lovhub.server.web.formatting import SPACE
from tests.support.club import OWNER
from tests.support.counter_page import PRICE, Counter, one_request
from tests.support.live_desk import at, changed


def test_four_pcs_are_sold_in_one_payment_by_card_and_cash(counter: Counter) -> None:
    pcs = counter.computers("ПК-1", "ПК-2", "ПК-3", "ПК-4", "ПК-5")
    counter.people.tariff(price_tiyn=PRICE)
    counter.open()
    page = counter.page
    at(page, pcs[0]).locator("[data-pick]").click()
    at(page, pcs[2]).locator(".name").click(modifiers=["Shift"])
    expect(page.locator("#rows tr.picked")).to_have_count(3)
    at(page, pcs[1]).locator(".name").click(modifiers=["Control"])
    expect(page.locator("#rows tr.picked")).to_have_count(2)
    counter.type("4", "KeyX")
    at(page, pcs[4]).locator("summary").focus()
    counter.type("x")
    expect(page.locator("[data-selected-count]")).to_have_text("Выбрано: 4")

    counter.bar("sell").click()

    expect(counter.by_test("chosen").locator("li")).to_have_count(4)
    # The hall changes behind the form, which stays as it is.
    rows: list[HallRow] = counter.live.web.hall.rows
    counter.live.show(*(changed(shown, name=f"{shown.name} новый") for shown in rows))
    expect(at(page, pcs[1])).to_contain_text("ПК-2 новый")
    expect(counter.by_test("total")).to_have_text("2 000 ₸")
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Принять 2 000 ₸")
    counter.dialog.get_by_text("По частям", exact=True).click()
    page.fill("#part_card", "1500")
    expect(counter.by_test("parts-left")).to_have_text("Осталось разделить 500 ₸")
    page.locator("#part_kaspi").press("Tab")  # amounts first, then what fills them
    expect(page.locator("[data-rest=part_cash]")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#part_cash")).to_have_value("500")
    expect(counter.by_test("parts-left")).to_be_empty()
    page.locator("[data-note='5000']").click()
    expect(counter.by_test("change")).to_have_text("Сдача 4 500 ₸")
    with one_request(page, "/counter/sell"):
        submit.dblclick()
        expect(counter.by_test("receipt").locator("tbody tr")).to_have_count(4)
    expect(counter.by_test("part")).to_have_text([re.compile("Карта"), re.compile("Наличные")])
    expect(counter.by_test("change-due")).to_have_text("Сдача 4 500 ₸")
    assert counter.seconds_left() == {pc: 3600 for pc in pcs if pc != pcs[1]}
    assert len(counter.events("time.sold_together")) == 1
    counter.close_result()
    expect(page.locator("#selection")).to_be_hidden()


def test_the_pc_in_the_way_is_named_and_nothing_is_half_sold(counter: Counter) -> None:
    pcs = counter.computers("ПК-1", "ПК-2")
    counter.people.tariff(price_tiyn=PRICE)
    counter.club.links.is_linked = lambda computer_id: computer_id != pcs[1]
    counter.open()
    counter.type("Control+a")
    counter.bar("sell").click()
    counter.page.fill("#received", "1000")
    counter.by_test("submit").click()
    expect(counter.by_test("form-error")).to_have_text("ПК-2: ПК не на связи.")
    expect(counter.dialog.locator("#received")).to_have_value("1000")
    assert counter.seconds_left() == {}


def test_some_refuse_and_the_desk_reads_which(counter: Counter) -> None:
    pcs = counter.computers("ПК-1", "ПК-2")
    session = counter.guest(pcs[0])
    counter.open()
    counter.type("Control+a")
    counter.bar("pause").click()
    counter.by_test("submit").click()
    expect(counter.by_test("done")).to_have_text("ПК-1")
    expect(counter.by_test("refused")).to_have_text("ПК-2: Здесь никто не играет.")
    assert counter.people.session(session).state == "paused"
    counter.close_result()
    counter.refresh()
    counter.bar("message").click()
    expect(counter.dialog.locator("#text")).to_be_focused()
    counter.page.keyboard.type("Закрываемся в 23:00")
    counter.by_test("submit").click()
    counter.expect_toast("Сообщение отправлено. ПК: 2")
    assert [sent for _pc, sent in counter.live.web.commands.sent] == ["Закрываемся в 23:00"] * 2


def test_after_a_failure_all_that_play_get_time_with_a_reason(counter: Counter) -> None:
    pcs = counter.computers("ПК-1", "ПК-2", "ПК-3")
    counter.guest(pcs[0])
    counter.guest(pcs[1])
    counter.open()
    counter.page.click("[data-test=time-for-all]")
    expect(counter.by_test("chosen")).to_have_text("Все, кто сейчас играет: 2.")
    expect(counter.dialog.locator("#minutes")).to_have_value("30")
    counter.dialog.get_by_text("Другое", exact=True).click()
    counter.by_test("submit").click()
    expect(counter.by_test("error-reason")).to_contain_text("Укажите причину")
    counter.dialog.get_by_text("Пропадала сеть", exact=True).click()
    with one_request(counter.page, "/counter/time"):
        counter.by_test("submit").dblclick()
        counter.expect_toast("Время добавлено. ПК: 2")
    assert counter.seconds_left() == {pcs[0]: 5400, pcs[1]: 5400}
    given = counter.events("time.given")
    assert {(event.data["reason"], event.actor_name) for event in given} == {
        ("Пропадала сеть", "Айгуль")
    }


def test_a_customer_of_a_group_pays_its_price_with_bonuses_first(counter: Counter) -> None:
    pc, free = counter.computers("ПК-1", "ПК-2")
    counter.people.tariff(price_tiyn=555_00)
    customer = counter.people.customer(name="Ерлан", balance_tiyn=1_000_00)
    group = loyalty.create_group(counter.club, name="Друзья", percent=10, actor=OWNER)
    tariffs.create(
        counter.club,
        terms=Terms("Для друзей", 3600, 300_00, groups=frozenset({group})),
        actor=OWNER,
    )
    loyalty.put_in_group(counter.club, customer_id=customer, group_id=group, actor=OWNER)
    loyalty.set_bonus_terms(counter.club, terms=BonusTerms(is_on=True), actor=OWNER)
    loyalty.give_bonus(
        counter.club,
        customer_id=customer,
        amount_tiyn=200_00,
        reason="Приз",
        key="gift",
        actor=OWNER,
    )
    counter.open()
    at(counter.page, pc).locator("summary").click()
    at(counter.page, pc).locator("[data-test=seat-customer]").click()
    tariff = counter.dialog.locator("[name=tariff]")
    expect(tariff).not_to_contain_text("Для друзей")
    counter.dialog.locator("[name=search]").fill("Ерл")
    expect(counter.by_test("found")).to_contain_text("Друзья")
    expect(tariff).to_contain_text("Для друзей")
    tariff.select_option(label=f"1 час, 499{SPACE}₸")
    submit = counter.by_test("submit")
    expect(submit).to_contain_text(f"Списать 299{SPACE}₸ и бонусами 200{SPACE}₸")
    counter.dialog.locator("[name=method][value=cash]").check(force=True)
    expect(submit).to_contain_text(f"Принять 299{SPACE}₸")
    submit.click()
    counter.expect_toast("клиент посажен")
    assert counter.people.balance_tiyn(customer) == 1_000_00
    [sold] = counter.events("time.sold")
    assert (sold.data["price_tiyn"], sold.data["bonus_tiyn"]) == (299_00, 200_00)
    assert sold.data["discount_tiyn"] == 56_00

    # In one payment for several PCs as well; the guest at the other one pays the full price.
    loyalty.give_bonus(
        counter.club, customer_id=customer, amount_tiyn=100_00, reason="Приз", key="g", actor=OWNER
    )
    for one in (pc, free):
        at(counter.page, one).locator("[data-pick]").click()
    counter.bar("sell").click()
    expect(counter.by_test("total")).to_have_text(f"954{SPACE}₸ и бонусами 100{SPACE}₸")
    expect(counter.by_test("own-terms")).to_be_visible()
    counter.dialog.locator("[name=method][value=own]").check(force=True)
    expect(submit).to_have_text(f"Списать по 555{SPACE}₸")
    counter.dialog.locator("[name=method][value=card]").check(force=True)
    expect(submit).to_have_text(f"Принять 954{SPACE}₸ и бонусами 100{SPACE}₸")
    submit.click()
    expect(counter.by_test("receipt")).to_contain_text(f"399{SPACE}₸ и бонусами 100{SPACE}₸")
