"""Without a contract: the desk records what it saw, once for each operation of Kaspi's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.payments import service
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.manual import ManualProvider
from tests.server.payments.helpers import assert_books_are_right, balance, payments, story
from tests.support.club import CASHIER, People


def record(
    club: ClubContext, customer_id: int, *, operation: str = "QR 12345", key: str = "k", **more: int
) -> int:
    return service.record_payment(
        club,
        ManualProvider(),
        customer_id=customer_id,
        amount_tiyn=more.get("amount_tiyn", 500_00),
        operation=operation,
        key=key,
        actor=CASHIER,
    )


def test_a_recorded_payment_is_on_the_balance_under_its_number(
    club: ClubContext, customer_id: int
) -> None:
    payment_id = record(club, customer_id)
    assert record(club, customer_id) == payment_id  # the form was sent twice
    assert balance(club, customer_id) == 500_00
    [payment] = payments(club)
    assert (payment.provider_ref, payment.state) == ("QR12345", "paid")
    assert story(club, payment_id) == ["created", "paid"]
    assert_books_are_right(club)


def test_an_operation_is_recorded_once_for_whomever(
    club: ClubContext, customer_id: int, people: People
) -> None:
    other_id = people.customer()
    record(club, customer_id)
    for again, amount in ((customer_id, 500_00), (other_id, 500_00), (customer_id, 1_00)):
        with pytest.raises(OperationRefused) as refused:
            record(club, again, operation="qr12345", key=f"k{again}{amount}", amount_tiyn=amount)
        assert refused.value.values == {"operation": "operation_known"}
    assert balance(club, other_id) == 0


def test_two_cashiers_at_once_record_it_once(
    club: ClubContext, customer_id: int, people: People
) -> None:
    customers = [customer_id, people.customer()] * 3
    together = threading.Barrier(len(customers))

    def try_to(number: int) -> bool:
        together.wait()
        try:
            record(club, customers[number], key=f"k{number}")
        except OperationRefused:
            return False
        return True

    with ThreadPoolExecutor(len(customers)) as pool:
        assert sum(pool.map(try_to, range(len(customers)))) == 1
    assert len(payments(club)) == 1


def test_what_is_wrong_is_said_field_by_field(club: ClubContext, customer_id: int) -> None:
    with pytest.raises(OperationRefused) as refused:
        record(club, customer_id, operation="Ж1", amount_tiyn=0)
    assert refused.value.values == {
        "amount": "amount_out_of_range",
        "operation": "operation_malformed",
    }
    assert payments(club) == []


def test_nothing_is_recorded_by_hand_where_kaspi_tells_by_itself(
    club: ClubContext, customer_id: int, biller: BillerProvider
) -> None:
    with pytest.raises(OperationRefused, match="payment_not_offered"):
        service.record_payment(
            club,
            biller,
            customer_id=customer_id,
            amount_tiyn=1,
            operation="12345",
            key="k",
            actor=CASHIER,
        )
