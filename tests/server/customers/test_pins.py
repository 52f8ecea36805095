"""A forgotten password: the desk's PIN opens nothing but the way to a new password."""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import pins, service
from lovhub.server.customers.models import Customer, CustomerPin
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from tests.support.club import CASHIER, People


@pytest.fixture
def customer(club: ClubContext) -> int:
    return service.register(
        club, login="sniper", name="Ерлан", phone="", password="старый", actor=CASHIER
    )


def sign_in(club: ClubContext, password: str) -> int:
    return service.check_credentials(club, login="sniper", password=password, address="PC-1")


def set_password(
    club: ClubContext, pin: str, password: str = "новый", login: str = "sniper"
) -> int:
    return pins.set_password(club, login=login, pin=pin, password=password, address="PC-1")


def another(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06d}"


def test_the_old_password_works_until_the_new_one_is_set(club: ClubContext, customer: int) -> None:
    pin = pins.issue(club, customer_id=customer, actor=CASHIER).pin
    with pytest.raises(OperationRefused, match="new_password_needed"):
        sign_in(club, pin)
    assert sign_in(club, "старый") == customer
    with pytest.raises(OperationRefused, match="password_too_short"):
        set_password(club, pin, "abc")
    assert set_password(club, pin) == customer
    assert sign_in(club, "новый") == customer
    for gone in ("старый", pin):
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            sign_in(club, gone)
    with pytest.raises(OperationRefused, match="wrong_code"):
        set_password(club, pin, "третий")


def test_it_is_recorded_and_stands_nowhere(club: ClubContext, customer: int) -> None:
    pin = pins.issue(club, customer_id=customer, actor=CASHIER).pin
    set_password(club, pin)
    with club.read() as db:
        events = db.scalars(select(Event).order_by(Event.id)).all()
        told = [(event.kind, event.actor_kind, event.actor_name) for event in events]
        written = str([event.data for event in events])
        assert db.scalars(select(CustomerPin)).all() == []
        known = db.scalars(select(Customer)).one()
    assert told[-2:] == [
        ("customer.pin_issued", "staff", CASHIER.name),
        ("customer.password_set", "customer", ""),
    ]
    assert pin not in written
    assert pin not in known.password_hash


def test_a_pin_lives_for_a_quarter_of_an_hour(
    club: ClubContext, customer: int, clock: ManualClock
) -> None:
    issued = pins.issue(club, customer_id=customer, actor=CASHIER)
    clock.advance(issued.expires_at - club.clock.now() - 1)
    with pytest.raises(OperationRefused, match="new_password_needed"):
        sign_in(club, issued.pin)
    clock.advance(1)
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        sign_in(club, issued.pin)
    with pytest.raises(OperationRefused, match="wrong_code"):
        set_password(club, issued.pin)


def test_only_the_newest_counts(club: ClubContext, customer: int) -> None:
    first = pins.issue(club, customer_id=customer, actor=CASHIER).pin
    second = pins.issue(club, customer_id=customer, actor=CASHIER).pin
    if first != second:
        with pytest.raises(OperationRefused, match="wrong_code"):
            set_password(club, first)
    assert set_password(club, second) == customer


def test_guessing_uses_it_up(club: ClubContext, customer: int) -> None:
    pin = pins.issue(club, customer_id=customer, actor=CASHIER).pin
    # A wrong password is no guess at the PIN.
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        sign_in(club, "пароль")
    for _ in range(5):
        with pytest.raises(OperationRefused, match="wrong_code"):
            set_password(club, another(pin))
    with pytest.raises(OperationRefused, match="wrong_code"):
        set_password(club, pin)
    assert sign_in(club, "старый") == customer


def test_whoever_has_the_pin_does_not_find_out_the_phone_by_what_is_refused(
    club: ClubContext, customer: int
) -> None:
    with club.write() as work:
        work.db.get_one(Customer, customer).phone = "+77011234512"
    pin = pins.issue(club, customer_id=customer, actor=CASHIER).pin
    for part in ("4512", "34512", "234512", "1234512", "11234512"):
        with pytest.raises(OperationRefused, match="password_common"):
            set_password(club, pin, part)
    with pytest.raises(OperationRefused, match="wrong_code"):
        set_password(club, pin, "011234512")
    with pytest.raises(OperationRefused, match="wrong_code"):
        set_password(club, pin)
    assert sign_in(club, "старый") == customer


def test_a_new_pin_gives_no_new_guesses_at_once(club: ClubContext, customer: int) -> None:
    with pytest.raises(OperationRefused, match="too_many_attempts"):  # noqa: PT012
        for _ in range(11):
            pin = pins.issue(club, customer_id=customer, actor=CASHIER).pin
            try:
                set_password(club, another(pin))
            except OperationRefused as refusal:
                if refusal.code != "wrong_code":
                    raise


def test_a_pin_is_its_customers_only(club: ClubContext, customer: int, people: People) -> None:
    other = people.customer()
    pin = pins.issue(club, customer_id=other, actor=CASHIER).pin
    for login in ("sniper", "никто"):
        with pytest.raises(OperationRefused, match="wrong_code"):
            set_password(club, pin, login=login)
    with pytest.raises(OperationRefused, match="customer_unknown"):
        pins.issue(club, customer_id=10**9, actor=CASHIER)
