"""The server dies at any statement: all of an operation is there, or nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

from sqlalchemy import event

from lovhub.server.context import ClubContext
from lovhub.server.payments import refunds, rules, service
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.settings import Payments
from tests.server.payments.helpers import (
    assert_books_are_right,
    balance,
    credits_booked,
    json_of,
    pay,
    payments,
)
from tests.support.bank import Bank
from tests.support.club import CASHIER, OWNER


class Died(BaseException):
    """The process is gone: nothing in it gets to tidy up."""


@contextmanager
def dying_at(club: ClubContext, number: int) -> Iterator[list[int]]:
    """Die before this statement or commit, counted from 1; what has been reached is counted."""
    engine, reached = club.database.engine, [0]

    def step(*_anything: object) -> None:
        reached[0] += 1
        if reached[0] == number:
            raise Died

    for moment in ("before_cursor_execute", "commit"):
        event.listen(engine, moment, step)
    try:
        yield reached
    finally:
        for moment in ("before_cursor_execute", "commit"):
            event.remove(engine, moment, step)


def die_everywhere(
    club: ClubContext, operation: Callable[[], object], look: Callable[[], None]
) -> int:
    """Try the operation with a death at each step in turn, then without; how many steps there are."""
    for number in count(1):
        with dying_at(club, number) as reached, suppress(Died):
            operation()
        look()
        if reached[0] < number:
            return number - 1
    raise AssertionError


def test_settling_is_all_or_nothing(
    club: ClubContext, biller: BillerProvider, customer_id: int
) -> None:
    account = rules.payment_number(customer_id)

    def look() -> None:
        states = [payment.state for payment in payments(club)]
        money = balance(club, customer_id)
        assert (states, money, credits_booked(club)) in (([], 0, 0), (["paid"], 10000_00, 1))
        assert_books_are_right(club)

    assert die_everywhere(club, lambda: pay(club, biller, account), look) > 10
    assert balance(club, customer_id) == 10000_00
    assert json_of(pay(club, biller, account))["result"] == 0


def test_a_refund_never_loses_nor_doubles_money(club: ClubContext, customer_id: int) -> None:
    bank = Bank()
    at_work = Payments(bank.name, bank, {bank.name: bank})

    def ask() -> int:
        return service.create_payment(
            club, bank, customer_id=customer_id, amount_tiyn=500_00, key="ask-12345", actor=CASHIER
        )

    def asked_once() -> None:
        assert len(payments(club)) <= 1
        assert len(bank.made) <= 1

    assert die_everywhere(club, ask, asked_once) > 5
    [payment] = payments(club)
    with club.write() as work:
        row = refunds.locked(work, payment.id)
        row.state, row.paid_tiyn = "review", 500_00
    service.accept(club, payment_id=payment.id, actor=OWNER)

    def give_back() -> None:
        refunds.refund(
            club,
            at_work,
            payment_id=payment.id,
            amount_tiyn=200_00,
            reason="передумал",
            key="back-12345",
            actor=OWNER,
        )

    def look() -> None:
        [row] = payments(club)
        given_back = 0 if row.state == "paid" else 200_00
        assert balance(club, customer_id) == 500_00 - given_back
        assert_books_are_right(club)

    assert die_everywhere(club, give_back, look) > 10
    assert balance(club, customer_id) == 300_00
