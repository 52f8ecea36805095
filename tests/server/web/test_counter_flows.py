"""The counter with real keys and clicks: one PC by its number."""

import re

from playwright.sync_api import expect

from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.lots import by_minute
from lovhub.server.sessions import service
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.models import Tariff
from lovhub.server.tariffs.rules import Terms, ZonePrice
from lovhub.server.web.formatting import SPACE
from tests.support.club import OWNER, People
from tests.support.counter_page import PRICE, Counter, one_request
from tests.support.live_desk import at


def test_a_counter_in_a_window_of_its_own_answers_there(counter: Counter) -> None:
    """Opened by the middle button, say: what it says must not go into a dialog that nobody sees."""
    (pc,) = counter.computers("ПК-17")
    counter.people.tariff(price_tiyn=PRICE)
    page = counter.page
    page.goto(f"{counter.live.address}/admin/computers/{pc}/counter")
    submit = page.locator("[data-test=submit]")
    expect(submit).to_have_text("Принять 500 ₸ и посадить")
    page.locator("#received").fill("100")
    submit.click()
    expect(page.locator("[data-test=error-received]")).to_have_text("Получено меньше, чем нужно.")
    page.locator("#received").fill("1000")
    submit.click()
    expect(page.locator("[data-test=change-due]")).to_have_text("Сдача 500 ₸")
    assert counter.seconds_left() == {pc: 3600}


def test_17_enter_opens_pc_17_and_seats_a_guest_for_cash_by_keyboard_only(counter: Counter) -> None:
    pc, _other = counter.computers("ПК-17", "ПК-1")
    counter.people.tariff(price_tiyn=PRICE)
    counter.people.tariff(title="3 часа", seconds=10_800, price_tiyn=1_200_00)
    counter.open()
    badge = counter.page.locator("#typed-number")
    counter.type("9", "9")
    expect(badge).to_contain_text("такого ПК нет")
    counter.type("Escape")
    expect(badge).to_be_hidden()

    counter.type("1", "7")
    expect(badge).to_contain_text("ПК-17")
    counter.type("Enter")

    expect(counter.dialog.locator("#dialog-title")).to_have_text("ПК-17: посадить")
    expect(counter.dialog.locator("#tariff")).to_be_focused()
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Принять 500 ₸ и посадить")
    counter.type("ArrowDown")
    expect(submit).to_have_text("Принять 1 200 ₸ и посадить")
    counter.type("Enter")
    expect(counter.dialog.locator("#received")).to_be_focused()
    counter.page.keyboard.type("1000")
    expect(counter.by_test("change")).to_have_text("Не хватает 200 ₸")
    counter.type("Enter")
    expect(counter.by_test("error-received")).to_have_text("Получено меньше, чем нужно.")
    expect(counter.dialog.locator("#received")).to_have_value("1000")
    expect(counter.dialog.locator("#received")).to_be_focused()
    counter.page.keyboard.type("2000")  # what was wrong is selected
    expect(counter.by_test("change")).to_have_text("Сдача 800 ₸")
    counter.type("Enter")
    expect(counter.by_test("change-due")).to_have_text("Сдача 800 ₸")
    counter.close_result()
    expect(counter.dialog).to_have_count(0)
    assert counter.seconds_left() == {pc: 10_800}
    [sold] = counter.events("time.sold")
    assert (sold.computer_id, sold.data["change_tiyn"]) == (pc, 800_00)


def test_who_plays_is_shown_goes_on_for_cash_paid_once_and_gets_30_minutes(
    counter: Counter,
) -> None:
    [pc] = counter.computers("ПК-5")
    counter.guest(pc)
    counter.open()
    counter.type("5", "Enter")
    expect(counter.by_test("facts")).to_contain_text(re.compile(r"Осталось\s*0:59:5\d|1:00:00"))
    expect(counter.dialog.locator("#dialog-title")).to_have_text("ПК-5: Аслан")
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Принять 500 ₸ и продлить")
    with one_request(counter.page, "/counter"):
        submit.dblclick()
        counter.expect_toast("ПК-5: время добавлено")
    assert counter.seconds_left() == {pc: 7200}
    assert len(counter.events("time.sold")) == 2
    for name, title in [
        ("pause", "поставить на паузу?"),
        ("move", "пересадить"),
        ("end", "завершить сеанс?"),
        ("message", "Сообщение"),
        ("give-time", "добавить время без денег"),
    ]:
        counter.type("5", "Enter")
        expect(counter.dialog.locator("#tariff")).to_be_focused()
        counter.by_test(name).focus()
        counter.type("Enter")
        expect(counter.dialog.locator("#dialog-title")).to_contain_text(title)
        if name != "give-time":
            counter.type("Escape")
            expect(counter.dialog).to_have_count(0)
    expect(counter.dialog.locator("#minutes")).to_have_value("30")
    counter.dialog.get_by_text("Пропадала сеть", exact=True).click()
    counter.by_test("submit").click()
    counter.expect_toast("Время добавлено")
    assert counter.seconds_left() == {pc: 9000}


def test_a_customer_is_found_tops_up_and_sits_down_at_once(counter: Counter) -> None:
    [pc] = counter.computers("ПК-5")
    customer = counter.people.customer(name="Ерлан", balance_tiyn=100_00)
    counter.people.customer(name="Ержан")
    counter.people.tariff(price_tiyn=PRICE)
    counter.open()
    at(counter.page, pc).locator("summary").click()
    at(counter.page, pc).locator("[data-test=seat-customer]").click()
    expect(counter.dialog.locator("#search")).to_be_focused()
    counter.page.keyboard.type("ер")
    expect(counter.by_test("found")).to_have_count(2)
    counter.page.keyboard.type("лан")
    expect(counter.by_test("found")).to_have_count(1)
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Принять 500 ₸, списать 500 ₸ и посадить")
    counter.dialog.get_by_text("По частям", exact=True).click()
    expect(submit).to_have_text("Принять 500 ₸, списать 500 ₸ и посадить")
    counter.dialog.get_by_text("Наличные", exact=True).click()
    counter.page.fill("#amount", "2000")
    counter.page.fill("#received", "5000")
    expect(submit).to_have_text("Принять 2 000 ₸, списать 500 ₸ и посадить")
    expect(counter.by_test("change")).to_have_text("Сдача 3 000 ₸")
    counter.type("Enter")
    expect(counter.by_test("change-due")).to_have_text("Сдача 3 000 ₸")
    assert counter.people.balance_tiyn(customer) == 1_600_00
    assert counter.seconds_left() == {pc: 3600}


def test_a_refused_sale_keeps_the_way_of_paying_that_was_chosen(counter: Counter) -> None:
    """Cash in hand is not turned into the customer's balance, which would have been enough as well."""
    [pc] = counter.computers("ПК-5")
    customer = counter.people.customer(name="Ерлан", balance_tiyn=3 * PRICE)
    tariff = counter.people.tariff(price_tiyn=PRICE)
    counter.open()
    at(counter.page, pc).locator("summary").click()
    at(counter.page, pc).locator("[data-test=seat-customer]").click()
    expect(counter.dialog.locator("#search")).to_be_focused()
    counter.page.keyboard.type("ерлан")
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Списать 500 ₸ и посадить")

    def pays_in_cash(sentence: str) -> None:
        counter.dialog.get_by_text("Наличные", exact=True).click()
        counter.page.fill("#received", "100")
        submit.click()
        expect(counter.by_test("error-received")).to_be_visible()
        expect(submit).to_have_text(sentence)

    pays_in_cash("Принять 500 ₸, списать 500 ₸ и посадить")
    counter.type("Escape")
    service.buy(
        counter.club,
        computer_id=pc,
        customer_id=customer,
        tariff_id=tariff,
        key="sits",
        actor=OWNER,
    )
    counter.refresh()
    counter.type("5", "Enter")
    expect(submit).to_have_text("Списать 500 ₸ и продлить")
    pays_in_cash("Принять 500 ₸, списать 500 ₸ и продлить")
    assert counter.people.balance_tiyn(customer) == 2 * PRICE


def test_a_customer_plays_by_the_minute_and_nothing_is_bought(
    counter: Counter, club: ClubContext
) -> None:
    [pc] = counter.computers("ПК-6")
    customer = counter.people.customer(name="Ерлан", balance_tiyn=50_00)
    terms = Terms("По минутам", 3600, 600_00, "per_minute")
    tariffs.create(club, terms=terms, actor=OWNER)
    counter.people.tariff(price_tiyn=PRICE)
    counter.open()
    counter.type("6", "Enter")
    # A guest has nothing to pay from: the next tariff is offered.
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Принять 500 ₸ и посадить")
    counter.dialog.locator("[name=who][value=customer]").check(force=True)
    counter.page.fill("#search", "Ерлан")
    counter.by_test("found").click()
    counter.page.locator("#tariff").select_option(label=f"По минутам, 600{SPACE}₸ за час")
    counter.dialog.locator("[name=method][value=balance]").check(force=True)
    expect(submit).to_have_text("Посадить по минутам: 600 ₸ за час")
    counter.dialog.locator("[name=method][value=cash]").check(force=True)
    counter.page.fill("#amount", "150")
    expect(submit).to_have_text("Принять 150 ₸ и посадить: 600 ₸ за час")
    submit.click()
    counter.expect_toast("ПК-6: клиент посажен")
    assert counter.seconds_left() == {pc: 1200}
    counter.refresh()
    counter.type("6", "Enter")
    expect(counter.by_test("facts")).to_contain_text(f"По минутам, 600{SPACE}₸ за час")
    expect(counter.by_test("facts")).to_contain_text(f"200{SPACE}₸")  # reserved is not yet spent
    expect(counter.page.locator("#tariff option")).to_have_count(1)  # it is not started twice
    with club.read() as db:
        assert by_minute.reserved_tiyn(db, customer) == 150_00


def test_a_move_into_a_dearer_zone_names_the_difference_first(
    counter: Counter, club: ClubContext, people: People
) -> None:
    here, there = counter.computers("ПК-7", "VIP-8")
    vip = people.zone("VIP")
    with club.write() as work:
        work.db.get_one(Computer, there).zone_id = vip.zone_id
        work.db.get_one(Club, club.club_id).zone_rule = "difference"
    terms = Terms("3 часа", 10_800, 900_00, zones={vip.zone_id: ZonePrice(True, 1500_00)})
    service.seat_guest(
        club,
        computer_id=here,
        tariff_id=tariffs.create(club, terms=terms, actor=OWNER),
        method="cash",
        guest_name="Аслан",
        key="guest 7",
        actor=OWNER,
    )
    counter.refresh()
    counter.open()
    counter.type("7", "Enter")
    counter.by_test("move").click()
    counter.page.locator("#computer").select_option(label="VIP-8")
    submit = counter.by_test("submit")
    expect(submit).to_have_text("Пересадить")
    submit.click()
    expect(counter.by_test("other-zone")).to_contain_text(f"доплата за остаток времени 600{SPACE}₸")
    expect(submit).to_have_text("Взять доплату 600 ₸ и пересадить")
    submit.click()  # from the balance: a guest has none
    expect(counter.dialog).to_contain_text("У гостя нет баланса")
    counter.dialog.locator("[name=difference_method][value=cash]").check(force=True)
    submit.click()
    counter.expect_toast("Игрок пересажен на VIP-8")
    assert counter.seconds_left() == {there: 10_800}
    [event] = counter.events("time.taken_along")
    assert (event.data["amount_tiyn"], event.data["to_zone"]) == (600_00, "VIP")


def test_a_price_that_changed_meanwhile_is_not_taken_unseen(
    counter: Counter, club: ClubContext
) -> None:
    counter.computers("ПК-5")
    tariff = counter.people.tariff(price_tiyn=PRICE)
    counter.open()
    counter.type("5", "Enter")
    expect(counter.by_test("submit")).to_have_text("Принять 500 ₸ и посадить")
    with club.write() as work:
        work.db.get_one(Tariff, tariff).price_tiyn = 700_00
    counter.by_test("submit").click()
    expect(counter.by_test("error-tariff")).to_contain_text("Цена или список изменились.")
    expect(counter.by_test("submit")).to_have_text("Принять 700 ₸ и посадить")
    counter.by_test("submit").click()
    counter.expect_toast("гость посажен")
