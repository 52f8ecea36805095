"""A month of payments and the bank's lines about them, and what is kept of its days."""

import itertools
from contextlib import suppress

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext, Work
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import KASPI, REVENUE
from lovhub.server.ledger.service import Transfer
from lovhub.server.payments import bank, bank_days
from lovhub.server.payments.models import BankDay, BankLine, Payment, Refund
from lovhub.server.payments.reconciling import Comparison
from tests.support.club import OWNER

DAY = 24 * 3600
MIDNIGHT = 1_795_978_800
"""00:00 of 2026-11-30 in Almaty, with which a kept day begins."""
IDS = itertools.count(1)


def pay(work: Work, number: str, at: int, amount_tiyn: int) -> Payment:
    key = str(next(IDS))
    payment = Payment(
        club_id=work.club_id, provider=f"provider {key}", provider_ref=number, merchant_ref=key, key=key,
        customer_id=None, amount_tiyn=amount_tiyn, paid_tiyn=amount_tiyn, state="review", created_at=at,
        expires_at=at, paid_at=at, next_poll_at=None,
    )  # fmt: skip
    work.db.add(payment)
    work.db.flush()
    return payment


def give_back(work: Work, payment_id: int, at: int, amount_tiyn: int) -> None:
    from_kaspi = Transfer(
        ledger.club_account(work, REVENUE), ledger.club_account(work, KASPI), amount_tiyn
    )
    key = str(next(IDS))
    posting = ledger.post(work, key=key, kind="test", transfers=[from_kaspi], actor=OWNER)
    work.db.add(
        Refund(
            club_id=work.club_id, payment_id=payment_id, key=key, amount_tiyn=amount_tiyn, state="done",
            reason="", posting_id=posting, asked_at=at,
        )
    )  # fmt: skip


def tell(work: Work, number: str, at: int, amount_tiyn: int) -> None:
    """A line of a registry; the bank tells of it once."""
    of_line = {
        "club_id": work.club_id, "operation": number, "amount_tiyn": amount_tiyn, "at": at,
    }  # fmt: skip
    if work.db.scalar(select(BankLine.id).filter_by(**of_line)) is None:
        work.db.add(BankLine(**of_line, file_name="registry", uploaded_at=at))


def compared(db: Session, club: ClubContext, from_at: int, until_at: int) -> Comparison:
    now = club.clock.now()
    return bank.comparison(
        db, club.club_id, from_at, until_at, now=now, asked_at_night=["provider 1"]
    )


def kept_days(club: ClubContext) -> list[int]:
    of_club = select(BankDay.day_at).where(BankDay.club_id == club.club_id)
    with club.read() as db:
        return list(db.scalars(of_club.order_by(BankDay.day_at)))


class NothingIsKept(Exception):
    """What was asked in this transaction is thrown away with it."""


def without_days(club: ClubContext, periods: list[tuple[int, int]]) -> list[Comparison]:
    found: list[Comparison] = []
    with suppress(NothingIsKept), club.write() as work:
        work.db.execute(delete(BankDay).where(BankDay.club_id == work.club_id))
        found += [compared(work.db, club, *period) for period in periods]
        raise NothingIsKept
    return found


@pytest.fixture
def month(club: ClubContext, clock: ManualClock) -> ClubContext:
    """Ten days with a payment each of which the bank has told; one whose line came after midnight; one untold."""
    clock.advance(MIDNIGHT + 10 * DAY + 3600 - clock.now())
    with club.write() as work:
        for number in range(10):
            pay(work, f"N{number}", MIDNIGHT + number * DAY + 7200, 100)
            tell(work, f"N{number}", MIDNIGHT + number * DAY + 7260, 100)
        pay(work, "LATE", MIDNIGHT + DAY - 30, 500)
        tell(work, "LATE", MIDNIGHT + DAY + 30, 500)
        pay(work, "UNTOLD", MIDNIGHT + 3 * DAY, 70)
    for _ in range(2):
        bank_days.keep_days(club)
    return club
