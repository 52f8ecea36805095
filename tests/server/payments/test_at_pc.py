"""Asking at a PC, on both databases: once, within limits, and shown as long as it matters."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.views import PayView
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.payments import at_pc, service
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import Caps, Event
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.rules import Limits, payment_number
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from tests.server.payments.helpers import pay as pay_biller
from tests.server.payments.helpers import payments as rows
from tests.support.bank import Bank
from tests.support.club import People

PLAYER = Actor("customer", 1, "Ерлан")


def _ask(club: ClubContext, payments: Payments, customer_id: int, tiyn: int, key: str) -> int:
    provider, question, _taken_back = at_pc.ask(
        club,
        payments,
        computer_id=1,
        customer_id=customer_id,
        amount_tiyn=tiyn,
        request_id=key,
        actor=PLAYER,
    )
    service.put(club, provider, question)
    return question.payment_id


def _shown(club: ClubContext, payments: Payments, customer_id: int) -> PayView | None:
    with club.read() as db:
        return at_pc.view(db, club.club_id, payments, customer_id, club.clock.now())


@pytest.fixture
def qr() -> Payments:
    bank = Bank()
    return Payments("qr_r3", bank, {bank.name: bank})


def test_two_presses_at_once_ask_once(club: ClubContext, customer_id: int, qr: Payments) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda n: _ask(club, qr, customer_id, 500_00, f"k{n % 2}"), range(6)))
    # One question stands open, however the presses fell; none was put twice.
    assert len([row for row in rows(club) if row.state == "pending"]) == 1
    bank = qr.main
    assert isinstance(bank, Bank)
    assert len(bank.made) == len(rows(club)) <= 2
    assert set(found) <= {row.id for row in rows(club)}


def test_what_is_shown_and_for_how_long(
    club: ClubContext, customer_id: int, qr: Payments, people: People, clock: ManualClock
) -> None:
    payment_id = _ask(club, qr, customer_id, 500_00, "k")
    shown = _shown(club, qr, customer_id)
    assert shown is not None
    assert shown.asked is not None
    assert shown.asked.code is not None
    assert len(shown.asked.code.modules) == (shown.asked.code.size**2 + 7) // 8
    other = _shown(club, qr, people.customer())  # another's is another's
    assert other is not None
    assert other.asked is None
    bank = qr.main
    assert bank is not None
    settle(club, bank, Event("paid", "1:paid", "1", amount_tiyn=500_00, occurred_at=1))
    shown = _shown(club, qr, customer_id)
    assert shown is not None
    assert (shown.asked, shown.paid and shown.paid.payment_id) == (None, payment_id)
    clock.advance(601)
    assert _shown(club, qr, customer_id) == _once_old(shown)


def _once_old(shown: PayView) -> PayView:
    """What is left of it when its news are old."""
    return PayView(
        way=shown.way,
        smallest_tiyn=shown.smallest_tiyn,
        largest_tiyn=shown.largest_tiyn,
        amounts_tiyn=shown.amounts_tiyn,
    )


def test_each_mode_offers_what_it_can(
    club: ClubContext, customer_id: int, qr: Payments, biller: BillerProvider
) -> None:
    assert _shown(club, Payments(), customer_id) is None
    manual = ManualProvider()
    assert _shown(club, Payments("manual", manual, {"manual": manual}), customer_id) is None

    number = Payments("biller", biller, {"biller": biller}, service="Arena KZ")
    pay_biller(club, biller, payment_number(customer_id))
    shown = _shown(club, number, customer_id)
    assert shown is not None
    assert (shown.way, shown.number, shown.service) == (
        "number",
        payment_number(customer_id),
        "Arena KZ",
    )
    assert shown.paid is not None  # whichever way it came, the player is told
    with pytest.raises(OperationRefused, match="payment_not_offered"):
        _ask(club, number, customer_id, 500_00, "k")

    bank = Bank()
    bank.caps = Caps(create=True, needs_phone=True)
    phone = Payments("gateway", bank, {bank.name: bank})
    with pytest.raises(OperationRefused, match="phone_missing"):
        _ask(club, phone, customer_id, 500_00, "k")
    few = dataclasses.replace(qr, at_pc=Limits(2_000_00, 5_000_00))
    shown = _shown(club, few, customer_id)
    assert shown is not None
    assert all(2_000_00 <= amount <= 5_000_00 for amount in shown.amounts_tiyn)
    with pytest.raises(OperationRefused, match="amount_out_of_range"):
        _ask(club, few, customer_id, 500_00, "k")
