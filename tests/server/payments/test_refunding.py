"""A payment given back: in parts, never more, with its bonus; refused, unanswered, told of elsewhere."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.loyalty import bonuses, queries
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.payments import refunds
from lovhub.server.payments.models import Payment, Refund
from lovhub.server.payments.providers.contract import Event, OutcomeUnknown, Refunded, Rejected
from lovhub.server.payments.settling import settle
from tests.server.payments.helpers import (
    alarms,
    assert_books_are_right,
    balance,
    spend,
    state,
    story,
)
from tests.server.payments.scripted import Scripted, ask, give_back, paid
from tests.support.club import OWNER


@pytest.fixture
def paid_id(club: ClubContext, bank: Scripted, customer_id: int) -> int:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    return payment_id


def test_money_goes_back_in_parts_and_never_more(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    assert give_back(club, bank, paid_id, 200_00).state == "done"
    assert give_back(club, bank, paid_id, 200_00).state == "done"  # the form was sent twice
    assert (state(club, paid_id), balance(club, customer_id)) == ("partly_refunded", 300_00)
    with pytest.raises(OperationRefused, match="refund_out_of_range"):
        give_back(club, bank, paid_id, 300_01, key="r2")
    give_back(club, bank, paid_id, 300_00, key="r2")
    assert (state(club, paid_id), balance(club, customer_id)) == ("refunded", 0)
    assert [amount for _, amount, _ in bank.refunded] == [200_00, 300_00]
    assert_books_are_right(club)


def test_twenty_refunds_at_once_are_one(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    together = threading.Barrier(20)

    def press(number: int) -> bool:
        together.wait()
        try:
            give_back(club, bank, paid_id, 500_00, key=f"r{number}")
        except OperationRefused:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(press, range(20))) == 1
    assert (len(bank.refunded), balance(club, customer_id)) == (1, 0)


def test_what_is_spent_does_not_go_back(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    spend(club, customer_id, 300_00)
    with pytest.raises(OperationRefused) as refused:
        give_back(club, bank, paid_id, 200_01)
    assert refused.value.values == {"left_tiyn": 200_00}
    assert bank.refunded == []
    give_back(club, bank, paid_id, 200_00)


def test_the_bonus_of_a_payment_goes_with_its_money_and_comes_back_with_a_no(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    terms = BonusTerms(is_on=True, steps=(Step(500_00, 20),))
    loyalty.set_bonus_terms(club, terms=terms, actor=OWNER)
    paid_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    settle(club, bank, paid())
    assert purse(club, customer_id) == (500_00, 100_00)
    bank.on_refund = Rejected()
    give_back(club, bank, paid_id, 200_00)
    assert purse(club, customer_id) == (500_00, 100_00)
    bank.on_refund = Refunded("done", "r1")
    give_back(club, bank, paid_id, 200_00, key="r2")
    assert purse(club, customer_id) == (300_00, 60_00)
    with club.write() as work:  # all of them are spent
        customer = work.db.get_one(Customer, customer_id)
        bonuses.annul(work, customer, key="spent", reason="", actor=OWNER)
    with pytest.raises(OperationRefused) as refused:
        give_back(club, bank, paid_id, 300_00, key="r3")
    assert (refused.value.code, refused.value.values) == (
        "refund_bonus_spent",
        {"left_tiyn": 250_00},
    )
    give_back(club, bank, paid_id, 250_00, key="r3")
    assert purse(club, customer_id) == (0, 0)
    assert_books_are_right(club)


def purse(club: ClubContext, customer_id: int) -> tuple[int, int]:
    with club.read() as db:
        customer = db.get_one(Customer, customer_id)
        return balance(club, customer_id), queries.bonus_of(db, customer)


def test_a_no_brings_the_money_back_to_the_balance(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    bank.on_refund = Rejected()
    assert give_back(club, bank, paid_id, 200_00).state == "rejected"
    assert (state(club, paid_id), balance(club, customer_id)) == ("paid", 500_00)
    assert_books_are_right(club)


@pytest.mark.parametrize("was_done", [True, False])
def test_without_an_answer_the_money_waits_for_a_person(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int, was_done: bool
) -> None:
    bank.on_refund = OutcomeUnknown()
    row = give_back(club, bank, paid_id, 200_00)
    assert (row.state, balance(club, customer_id)) == ("unknown", 300_00)
    assert alarms(club) == ["payment_refund_unknown"]
    for _ in range(2):
        refunds.decide_unknown(club, refund_id=row.id, was_done=was_done, actor=OWNER)
    assert balance(club, customer_id) == (300_00 if was_done else 500_00)
    assert_books_are_right(club)


def test_a_queued_refund_is_done_when_the_gateway_says_so(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    bank.on_refund = Refunded("pending", "r1")
    row = give_back(club, bank, paid_id, 200_00)
    settle(club, bank, Event("refunded", "42:r", "42", refunded_tiyn=200_00))
    with club.read() as db:
        assert db.get_one(Refund, row.id).state == "done"
    settle(club, bank, Event("refunded", "42:r2", "42", refunded_tiyn=300_00))
    assert alarms(club) == ["payment_refunded_elsewhere"]


def test_refunds_that_are_told_of_one_by_one_are_added_up(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    bank.on_refund = OutcomeUnknown("no answer")
    give_back(club, bank, paid_id, 200_00)
    with club.read() as db:
        name = db.get_one(Payment, paid_id).merchant_ref

    def told(number: str, tiyn: int) -> None:
        key = f"{number}:refund"
        settle(club, bank, Event("refunded", key, merchant_ref=name, gone_back_tiyn=tiyn))

    told("1", 200_00)
    told("1", 200_00)  # the same notice again
    with club.read() as db:
        assert db.scalars(select(Refund.state)).one() == "done"
    # That there was no answer is an alarm of its own.
    assert "payment_refunded_elsewhere" not in alarms(club)
    told("2", 100_00)
    assert alarms(club).count("payment_refunded_elsewhere") == 1
    assert story(club, paid_id)[-2:] == ["refund_told", "refunded_elsewhere"]


def test_given_back_by_hand_is_booked(club: ClubContext, customer_id: int, paid_id: int) -> None:
    assert give_back(club, None, paid_id, 500_00).state == "by_hand"
    assert (state(club, paid_id), balance(club, customer_id)) == ("refunded", 0)


def test_who_says_not_done_while_the_bank_is_giving_back_is_told_of(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    """Money on the balance and in the payer's pocket: a manager's trick, or a bad moment."""

    def meanwhile(*_asked: object) -> Refunded:
        with club.read() as db:
            row = db.scalars(select(Refund)).one()
        refunds.decide_unknown(club, refund_id=row.id, was_done=False, actor=OWNER)
        return Refunded("done", "r1")

    bank.refund = meanwhile  # type: ignore[method-assign]
    give_back(club, bank, paid_id, 200_00)
    assert (balance(club, customer_id), alarms(club)) == (500_00, ["payment_refunded_elsewhere"])
    assert "refunded_elsewhere" in story(club, paid_id)
