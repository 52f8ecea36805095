"""Money that a person wrote down as come through Kaspi, and that no payment stands behind. Four statements.

The drawer does not miss it, and the comparison with the bank does not know it: whoever wants to give money to a friend
would write it down like this. Told only from the club's first payment through LoVHub on: before, there were none.
"""

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.ledger.accounts import KASPI
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.payments.models import Payment
from lovhub.server.staff.models import Staff
from lovhub.server.suspicious.leads import Leads

SHORT_SECONDS = 32 * 24 * 3600
"""Asking a longer period for its first posting takes longer than it saves."""


def find(db: Session, period: Leads, *, most: int) -> list[tuple[int, int, int, str, int]]:
    """(number of the posting, when, person's number, their name, amount), the newest first."""
    kaspi = _kaspi(db, period.club_id)
    if kaspi is None:
        return []
    told = _told(kaspi, first_payment_at=_first_payment(period.club_id))
    rows = list(db.execute(told.where(*_kept(period)).limit(most)))
    if period.rest_at < period.until_at:
        rest = _rest(db, period.club_id, kaspi, period.rest_at, period.until_at)
        rows += [] if rest is None else db.execute(told.where(*rest).limit(most))
    rows.sort(key=lambda row: (-row[1], -row[0]))
    return [
        (posting_id, at, person_id, name, int(amount))
        for posting_id, at, person_id, name, amount in rows[:most]
    ]


def postings(db: Session, club_id: int, from_at: int, until_at: int) -> set[tuple[int, int]]:
    """When, and which posting. More than `find` will tell: the club's first payment may be settled yet."""
    kaspi = _kaspi(db, club_id)
    rest = None if kaspi is None else _rest(db, club_id, kaspi, from_at, until_at)
    if kaspi is None or rest is None:
        return set()
    first_asked_at = select(func.min(Payment.created_at)).where(Payment.club_id == club_id)
    told = _told(kaspi, first_payment_at=first_asked_at.scalar_subquery())
    return {(at, posting_id) for posting_id, at, *_ in db.execute(told.where(*rest))}


def _kaspi(db: Session, club_id: int) -> int | None:
    return db.scalar(
        select(LedgerAccount.id).where(
            LedgerAccount.club_id == club_id,
            LedgerAccount.kind == KASPI.name,
            LedgerAccount.is_club,
        )
    )


def _first_payment(club_id: int) -> ScalarSelect[int]:
    return (
        select(Payment.created_at)
        .where(Payment.club_id == club_id, Payment.posting_id.is_not(None))
        .order_by(Payment.created_at)
        .limit(1)
        .scalar_subquery()
    )


def _told(kaspi: int, *, first_payment_at: ScalarSelect[int]) -> Select[int, int, int, str, int]:
    """Of postings that are still to be named: what is told, the newest first."""
    first = aliased(LedgerPosting)
    # One payment stands behind a sale to several PCs: behind its first posting, and those that are numbered after it.
    key = LedgerPosting.key
    numbered = func.substr(key, 1, func.length(first.key) + 1) == first.key + ":"
    proven_by_first = (
        exists()
        .where(Payment.posting_id == first.id)
        .where(first.club_id == LedgerPosting.club_id, first.at == LedgerPosting.at, numbered)
    )
    return (
        select(
            LedgerPosting.id,
            LedgerPosting.at,
            Staff.id,
            Staff.name,
            func.sum(LedgerTransfer.amount),
        )
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Staff, Staff.id == LedgerPosting.actor_id)
        .where(
            LedgerTransfer.debit_account_id == kaspi,
            LedgerPosting.at + 0 >= first_payment_at,
            LedgerPosting.actor_kind == "staff",
            ~proven_by_first,
        )
        .group_by(LedgerPosting.id, LedgerPosting.at, Staff.id, Staff.name)
        .order_by(LedgerPosting.at.desc(), LedgerPosting.id.desc())
    )


def _kept(period: Leads) -> tuple[ColumnElement[bool], ...]:
    """Those that are kept. A payment may have been put behind one since."""
    return (
        LedgerPosting.id.in_(period.kept("unproven")),
        ~exists().where(Payment.posting_id == LedgerPosting.id),
    )


def _rest(
    db: Session, club_id: int, kaspi: int, from_at: int, until_at: int
) -> tuple[ColumnElement[bool], ...] | None:
    """Those that are looked for. None: there are no postings."""
    first_id = _first_of_period(db, club_id, from_at, until_at)
    if first_id is None:
        return None
    # Nearly all that came through Kaspi is a payment's own. Two indexes in the same order are gone through side by side
    # (hence the order: without it SQLite first puts all of it into a table of its own), before any posting is read.
    through_kaspi = select(LedgerTransfer.posting_id).where(
        LedgerTransfer.debit_account_id == kaspi, LedgerTransfer.posting_id >= first_id
    )
    paid = select(Payment.posting_id).where(Payment.posting_id >= first_id)
    unpaid = through_kaspi.except_(paid).order_by("posting_id")
    # The account is the club's own, and so are its postings. "+ 0": these few are looked up, and no whole period read.
    at = LedgerPosting.at + 0
    return LedgerPosting.id.in_(unpaid), at >= from_at, at < until_at


def _first_of_period(db: Session, club_id: int, from_at: int, until_at: int) -> int | None:
    """The lowest number of a posting of a short period, so that older ones need not be looked at; 0 for a long one.

    None: there is no posting. A clock that was set back gives a later posting an earlier time: all are asked.
    """
    if until_at - from_at > SHORT_SECONDS:
        return 0
    return db.scalar(
        select(func.min(LedgerPosting.id)).where(
            LedgerPosting.club_id == club_id,
            LedgerPosting.at >= from_at,
            LedgerPosting.at < until_at,
        )
    )
