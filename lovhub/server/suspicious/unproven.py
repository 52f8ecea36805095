"""Money that a person wrote down as come through Kaspi, and that no payment stands behind. One statement.

The drawer does not miss it, and the comparison with the bank does not know it: whoever wants to give money to a friend
would write it down like this. Told only from the club's first payment through LovHub on: before, there were none.
"""

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.journal import log
from lovhub.server.journal.log import LogRow
from lovhub.server.ledger.accounts import KASPI
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.payments.models import Payment
from lovhub.server.staff.models import Staff


def find(
    db: Session, club_id: int, from_at: int, until_at: int, *, most: int
) -> list[tuple[LogRow, int, int]]:
    """(line, person's number, amount), the newest first."""
    first_payment_at = (
        select(func.min(Payment.created_at))
        .where(Payment.club_id == club_id, Payment.posting_id.is_not(None))
        .scalar_subquery()
    )
    first = aliased(LedgerPosting)
    # One payment stands behind a sale to several PCs: behind its first posting, and those that are numbered after it.
    key = LedgerPosting.key
    numbered = func.substr(key, 1, func.length(first.key) + 1) == first.key + ":"
    proven = (
        exists()
        .where(Payment.posting_id == first.id)
        .where(first.club_id == LedgerPosting.club_id, first.at == LedgerPosting.at)
        .where(or_(first.id == LedgerPosting.id, numbered))
    )
    rows = db.execute(
        select(
            LedgerPosting.id,
            LedgerPosting.at,
            Staff.id,
            Staff.name,
            func.sum(LedgerTransfer.amount),
        )
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.debit_account_id)
        .join(Staff, Staff.id == LedgerPosting.actor_id)
        .where(
            LedgerPosting.club_id == club_id,
            LedgerPosting.at >= from_at,
            LedgerPosting.at < until_at,
            LedgerPosting.at >= first_payment_at,
            LedgerPosting.actor_kind == "staff",
            LedgerAccount.kind == KASPI.name,
            ~proven,
        )
        .group_by(LedgerPosting.id, LedgerPosting.at, Staff.id, Staff.name)
        .order_by(LedgerPosting.at.desc(), LedgerPosting.id.desc())
        .limit(most)
    )
    return [
        (
            LogRow(at=at, source=log.EVENT, id=posting_id, kind="unproven", actor_name=name),
            person_id,
            int(amount),
        )
        for posting_id, at, person_id, name, amount in rows
    ]
