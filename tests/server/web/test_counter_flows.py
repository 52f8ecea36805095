"""The counter with real keys and clicks: one PC by its number, several in one payment, time for everybody."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Event
from lovhub.server.ledger.check import check_ledger
from lovhub.server.live import HallRow
from lovhub.server.lots import by_minute
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms
from lovhub.server.sessions import queries, service
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.models import Tariff
from lovhub.server.tariffs.rules import Terms, ZonePrice
from lovhub.server.web.formatting import SPACE
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, at, changed, open_hall
from tests.support.web import row

PRICE = 500_00


@dataclass
class Counter:
    """The counter on the page «Компьютеры», whose hall is the club's own."""

    page: Page
    live: LiveDesk
    club: ClubContext
    people: People

    def computers(self, *names: str) -> list[int]:
        """PCs by these names, linked."""
        ids = [self.people.computer(name) for name in names]
        self._rows = dict(zip(ids, names, strict=True))
        self.refresh()
        return ids

    def refresh(self) -> None:
        """Show the sessions as they are in the database."""
        with self.club.read() as db:
            sessions = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        self.live.show(*(row(pc, name, sessions.get(pc)) for pc, name in self._rows.items()))

    def unlink(self, computer_id: int) -> None:
        """The PC goes silent."""
        rows: list[HallRow] = self.live.web.hall.rows
        self.live.show(
            *(
                changed(shown, link="lost") if shown.computer_id == computer_id else shown
                for shown in rows
            )
        )

    def guest(self, computer_id: int) -> int:
        """A guest plays there for an hour."""
        session = service.seat_guest(
            self.club,
            computer_id=computer_id,
            tariff_id=self.people.tariff(price_tiyn=PRICE),
            method="cash",
            guest_name="Аслан",
            key=f"guest {computer_id}",
            actor=OWNER,
        )
        self.refresh()
        return session

    def open(self) -> None:
        """The page, live."""
        open_hall(self.page, self.live)

    def type(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def close_result(self) -> None:
        """The result has the focus: Enter is enough."""
        expect(self.by_test("close")).to_be_focused()
        self.type("Enter")
        expect(self.dialog).to_have_count(0)

    @property
    def dialog(self) -> Locator:
        """What is open."""
        return self.page.locator("#dialog[open]")

    def by_test(self, name: str) -> Locator:
        """A part of what is open."""
        return self.dialog.locator(f"[data-test={name}]")

    def bar(self, name: str) -> Locator:
        """A button for the selected PCs."""
        return self.page.locator(f"#selection [data-test=selected-{name}]")

    def expect_toast(self, words: str) -> None:
        """A short word that it is done."""
        expect(self.page.locator("#toasts")).to_contain_text(words)

    def events(self, kind: str) -> list[Event]:
        """What the journal says of a kind."""
        with self.club.read() as db:
            return list(db.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))

    def seconds_left(self) -> dict[int, int]:
        """Seconds left at each PC that is taken."""
        with self.club.read() as db:
            live = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        return {computer_id: session.seconds_left for computer_id, session in live.items()}


@pytest.fixture
def counter(page: Page, live: LiveDesk, club: ClubContext, people: People) -> Iterator[Counter]:
    yield Counter(page, live, club, people)
    with club.read() as db:
        assert check_ledger(db) == []


@contextmanager
def one_request(page: Page, path: str) -> Iterator[None]:
    """However often a button is pressed, the form is sent once."""
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    yield
    assert len([url for url in sent if path in url]) == 1


# --- one PC ---------------------------------------------------------------------------------------


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


# --- several --------------------------------------------------------------------------------------


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
    page.fill("#part_cash", "500")
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
