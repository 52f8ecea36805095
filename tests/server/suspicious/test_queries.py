"""What staff put on their own accounts, and on one account again and again, stands in the report with a name."""

from collections import Counter

import pytest
from sqlalchemy import delete, select

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import pins
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.journal import service as journal
from lovhub.server.loyalty import promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms
from lovhub.server.payments import orders, refunds
from lovhub.server.payments import service as payments
from lovhub.server.payments.orders import Order
from lovhub.server.payments.providers.contract import Caps, OutcomeUnknown, Refunded
from lovhub.server.payments.providers.contract import Event as Paid
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from lovhub.server.shifts import service as shifts
from lovhub.server.shifts.service import Count
from lovhub.server.staff import people as staff
from lovhub.server.suspicious import service as suspicious
from lovhub.server.suspicious import telling
from lovhub.server.suspicious.models import Lead, LeadsUntil
from tests.support.bank import Bank
from tests.support.club import People
from tests.support.staff import hire
from tests.support.suspicious import told

HOUR = 3600


class Mute(Bank):
    """Does not say whether it has given money back."""

    caps = Caps(create=True, poll=True, refund=True)

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        raise OutcomeUnknown


def found(club: ClubContext) -> list[tuple[str, str, int | None, int]]:
    lines = told(club)
    return [
        (one.judged.group, one.person, one.customer_id, one.burst.times if one.burst else 1)
        for one in lines
    ]


def top_up(club: ClubContext, customer_id: int, actor: Actor) -> None:
    customers.top_up(
        club, customer_id=customer_id, amount_tiyn=500_00, method="card", actor=actor,
        key=f"top-up-{customer_id}-{club.clock.now()}",
    )  # fmt: skip


def set_phone(club: ClubContext, customer_id: int, phone: str) -> None:
    with club.write() as work:
        work.db.get_one(Customer, customer_id).phone = phone


def test_an_own_account_is_told_each_time_and_nobody_says_of_themselves_which_it_is(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    owner, cashier = hire(club, "Айгуль", "owner"), hire(club, "Данияр Ахметов")
    own, second, namesake, stranger = (
        people.customer(name=name) for name in ("Ник", "Дан", "Данияр Ахметов", "Ерлан")
    )
    set_phone(club, own, "+77011234567")
    set_phone(club, second, "+77011234567")
    for customer_id in (own, second, stranger):
        top_up(club, customer_id, cashier)
    assert found(club) == [], "of none of them is it known whose it is"
    staff.name_account(club, staff_id=cashier.id or 0, login="PLAYER1", actor=owner)
    staff.name_account(club, staff_id=cashier.id or 0, login="player1", actor=owner)
    clock.advance(60)
    top_up(club, namesake, cashier)
    customers.give_time(
        club, customer_id=own, seconds=600, title="+", reason="сбой", key="given-1", actor=owner
    )
    loyalty.set_bonus_terms(club, terms=BonusTerms(is_on=True), actor=owner)
    loyalty.give_bonus(
        club, customer_id=own, amount_tiyn=100_00, reason="акция", key="bonus-1", actor=cashier
    )
    loyalty.give_bonus(
        club, customer_id=stranger, amount_tiyn=100_00, reason="акция", key="bonus-2", actor=cashier
    )
    assert sorted(found(club), key=str) == [
        ("bonus", "Данияр Ахметов", own, 1),
        ("bonus", "Данияр Ахметов", stranger, 1),
        ("given_time", "Айгуль", own, 1),
        ("own_account", "Айгуль", own, 1),
        ("own_account", "Данияр Ахметов", own, 1),
        ("own_account", "Данияр Ахметов", own, 1),
        ("own_account", "Данияр Ахметов", second, 1),
        ("own_account", "Данияр Ахметов", namesake, 1),
    ]
    with pytest.raises(OperationRefused, match="customer_unknown"):
        staff.name_account(club, staff_id=cashier.id or 0, login="никто", actor=owner)
    with pytest.raises(OperationRefused, match="own_account"):
        staff.name_account(club, staff_id=owner.id or 0, login="player1", actor=owner)
    with pytest.raises(OperationRefused, match="not_yours_to_manage"):
        staff.name_account(club, staff_id=owner.id or 0, login="", actor=cashier)
    staff.name_account(club, staff_id=cashier.id or 0, login=" ", actor=owner)
    assert len(found(club)) == 4, "the time and the bonuses that were given, and the namesake"


def test_one_account_again_and_again_is_one_line(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, other = hire(club, "Данияр"), hire(club, "Аскар")
    friend, regular = people.customer(name="Друг"), people.customer(name="Ерлан")
    for number in range(6):
        top_up(club, friend, cashier)
        top_up(club, regular, cashier if number % 2 else other)
        clock.advance(2 * HOUR)
    assert found(club) == [("same_account", "Данияр", friend, 6)]


def test_what_no_person_did_is_in_somebody_s_shift(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, pc = hire(club, "Данияр"), people.computer()
    shifts.open_shift(club, counted_tiyn=0, actor=cashier)
    clock.advance(60)
    with club.write() as work:
        journal.record(work, "computer.open_without_session", SYSTEM, computer_id=pc, seconds=60)
    customer = people.customer()
    pins.issue(club, customer_id=customer, actor=cashier)
    assert sorted(found(club), key=str) == [
        ("no_session", "Данияр", None, 1),
        ("pin", "Данияр", customer, 1),
    ]


def test_without_shifts_it_is_told_who_had_signed_in_last(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """A club may do without shifts; the owner, who looks in from home, is not taken for the cashier."""
    pc = people.computer()

    def seen() -> tuple[str, bool]:
        with club.write() as work:
            journal.record(
                work, "computer.open_without_session", SYSTEM, computer_id=pc, seconds=60
            )
        newest = told(club)[0]
        return newest.person, newest.by_sign_in

    def sign_in(person: Actor) -> None:
        with club.write() as work:
            journal.record(work, "staff.signed_in", person)

    cashier, other, owner = hire(club, "Данияр"), hire(club, "Аскар"), hire(club, "Айгуль", "owner")
    assert seen() == ("", False)
    for person in (other, cashier, owner):
        clock.advance(60)
        sign_in(person)
    clock.advance(60)
    assert seen() == ("Данияр", True)
    clock.advance(60)
    shift = shifts.open_shift(club, counted_tiyn=0, actor=other)
    assert seen() == ("Аскар", False)
    shifts.close(club, shift_id=shift, count=Count(0), actor=other)
    clock.advance(16 * HOUR)
    assert seen() == ("", False)


def test_money_through_kaspi_without_a_payment_is_told_where_payments_have_numbers(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, friend = hire(club, "Данияр"), people.customer(name="Друг")

    def by_kaspi(key: str) -> None:
        customers.top_up(
            club, customer_id=friend, amount_tiyn=300_00, method="kaspi", key=key, actor=cashier
        )

    by_kaspi("before-1")
    assert found(club) == [], "a club without payments through LoVHub knows no numbers"
    clock.advance(60)
    payments.record_payment(
        club, ManualProvider(), customer_id=friend, amount_tiyn=500_00, operation="QR 12345",
        key="recorded-1", actor=cashier,
    )  # fmt: skip
    assert found(club) == []
    by_kaspi("invented-1")
    lines = [(one.judged.group, one.person, one.judged.amount_tiyn) for one in told(club)]
    assert lines == [("unproven", "Данияр", 300_00)]


def test_what_a_manager_gives_back_or_away_through_kaspi_is_told(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """Refunds, money put back on a person's word, a guest's money, and promotions of one's own."""
    manager, friend, bank = hire(club, "Тимур", "manager"), people.customer(name="Друг"), Mute()
    at_work = Payments(bank.name, bank, {bank.name: bank})
    paid = [
        payments.create_payment(
            club, bank, customer_id=friend, amount_tiyn=500_00, key=f"asked-{n}", actor=manager
        )
        for n in (1, 2)
    ]
    for ref in ("1", "2"):
        settle(club, bank, Paid("paid", f"{ref}:paid", ref, amount_tiyn=500_00))
    assert found(club) == []
    given_back = [
        refunds.refund(
            club, at_work, payment_id=one, amount_tiyn=200_00, reason="передумал", key=f"back-{one}",
            actor=manager,
        )
        for one in paid
    ]  # fmt: skip
    for row, was_done in zip(given_back, (True, False), strict=True):
        assert row.state == "unknown"
        refunds.decide_unknown(club, refund_id=row.id, was_done=was_done, actor=manager)
    cola = goods.create(club, title="Кола", price_tiyn=300_00, actor=manager)
    wanted = {"lines": [Line(cola, 1)], "method": "kaspi", "expected_tiyn": 300_00}
    of_a_guest = orders.place(
        club, at_work, Order("goods", wanted), amount_tiyn=300_00, customer_id=None, phone="",
        key="drink-1", actor=manager,
    )  # fmt: skip
    payments.cancel(club, at_work, payment_id=of_a_guest, actor=manager)
    settle(club, bank, Paid("paid", "3:paid", "3", amount_tiyn=300_00))
    orders.give_credit(club, payment_id=of_a_guest, customer_id=friend, actor=manager)
    terms = PromoTerms("Друзьям", "bonus", 9_000_00, 0, from_at=0, until_at=None)
    promos.create(club, terms=terms, codes=["FRIEND"], actor=manager)
    lines = [(one.judged.group, one.judged.amount_tiyn) for one in told(club)]
    assert sorted(lines) == [
        ("bonus", 0), ("correction", 200_00), ("correction", 300_00),
        *[("payment", 0)] * 3,  # two refunds without an answer, and a sale that came to nothing
        ("void", -200_00), ("void", -200_00),
    ]  # fmt: skip
    assert {one.person for one in told(club) if not one.by_watch} == {"Тимур"}
    with club.read() as db:
        lines = telling.tell(db, told(club))
    by_payment = [line.payment_id for line in lines if line.finding.judged.group != "bonus"]
    assert sorted(by_payment, key=str) == [*[paid[0]] * 2, *[paid[1]] * 3, *[of_a_guest] * 2]


def test_leads_that_are_kept_change_nothing(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier = hire(club, "Данияр")
    regular, payer, late, early = (
        people.customer(name=name) for name in ("Ерлан", "Аскар", "Поздний", "Ранний")
    )
    began_at = clock.now()

    def by_kaspi() -> None:
        customers.top_up(
            club, customer_id=payer, amount_tiyn=300_00, method="kaspi", actor=cashier,
            key=f"invented-{clock.now()}",
        )  # fmt: skip

    def same_without() -> list[tuple[str, int]]:
        lines = told(club)
        since = told(club, began_at + 30 * HOUR)
        with club.write() as work:
            kept = work.db.execute(select(Lead.kind, Lead.at)).all()
            until = work.db.scalar(select(LeadsUntil.until_at))
            work.db.execute(delete(LeadsUntil))
        assert (told(club), told(club, began_at + 30 * HOUR)) == (lines, since)
        with club.write() as work:
            work.db.add(LeadsUntil(club_id=club.club_id, until_at=until))
        return [(kind, at - began_at) for kind, at in kept]

    payments.record_payment(
        club, ManualProvider(), customer_id=payer, amount_tiyn=500_00, operation="QR 12345",
        key="recorded-1", actor=cashier,
    )  # fmt: skip
    by_kaspi()
    for number in range(30):  # two and a half days, looked through by parts
        if number % 5 == 0:
            top_up(club, regular, cashier)
        if number >= 26:
            top_up(club, late, cashier)
        if number < 4:
            top_up(club, early, cashier)
        clock.advance(2 * HOUR)
        if number % 6 == 5:
            suspicious.keep_leads(club)
    kept = same_without()
    groups = Counter(one.judged.group for one in told(club))
    assert groups == {"unproven": 1, "same_account": 2}
    assert {kind for kind, _at in kept} == {"unproven", "again"}
    assert len(kept) == 3, "the posting, and the fourth time of two customers"

    # What comes after the leads counts with what came before.
    for _ in range(4):
        top_up(club, early, cashier)
        by_kaspi()
        clock.advance(600)
    clock.advance(-600)
    suspicious.keep_leads(club)
    assert len(same_without()) == 5
    assert Counter(one.judged.group for one in told(club)) == {"unproven": 5, "same_account": 4}

    clock.advance(-60 * HOUR)
    suspicious.keep_leads(club)
    assert same_without() == [("unproven", 0)], "the clock was set back"
    clock.advance(90 * HOUR)
    for _ in range(3):
        suspicious.keep_leads(club)
    assert len(same_without()) > 5
