"""Which shift a posting belongs to, and its receipt's number: the last act of the posting's own transaction.

Last, for two reasons. Receipts have no gaps only if whoever takes a number holds the counter until the commit; taken
last, it is held for a moment, and nobody waits in a ring for it. And a sale asks for the open shift at the very moment
in which it becomes final: a shift that closes first is not the sale's any more.
"""

from sqlalchemy import bindparam, insert, select, update

from lovhub.server.club.models import Club
from lovhub.server.context import Work
from lovhub.server.database.prepared import Change, Query
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import Desk, DeskPosting
from lovhub.server.ledger.rules import receipt_numbers

WITHOUT_RECEIPT = frozenset(
    {
        "shift_float", "shift_difference", "shift_to_safe",
        "bonus_by_staff", "bonus_taken_back", "bonus_annulled", "promo_bonus",
        "debt_paid", "debt_reopened", "debt_forgiven",
    }
)  # fmt: skip
"""Postings of the count itself, bonuses, and what becomes of a debt: the money itself has its receipt."""

_COUNT = Query(
    update(Desk)
    .where(Desk.club_id == bindparam("club"))
    .values(last_receipt=Desk.last_receipt + bindparam("counted"))
    .returning(Desk.last_receipt, Desk.open_shift_id)
)
_NEW_DESK_POSTING = Change(insert(DeskPosting))
_NEEDS_SHIFT = Query(select(Club.sales_need_shift).where(Club.id == bindparam("club")))


def note(work: Work, posting_id: int, kind: str, *, money: bool) -> None:
    """A person has booked this: before the commit it is given to the shift."""
    work.desk_postings.append((posting_id, money and kind not in WITHOUT_RECEIPT))
    work.at_last(give_to_shift)


def give_to_shift(work: Work) -> None:
    """Write down the shift and the numbers of what was booked; called again, what was booked since.

    Refused with `shift_needed` where money moved, no shift is open, and the owner asks for one.
    """
    waiting = list(work.desk_postings)
    if not waiting:
        return
    work.desk_postings.clear()
    counted = sum(has_receipt for _, has_receipt in waiting)
    last, shift_id = _COUNT.one(work.db, club=work.club_id, counted=counted)
    if shift_id is None and counted and _needs_shift(work):
        raise OperationRefused("shift_needed")
    numbers = receipt_numbers(last - counted, [has_receipt for _, has_receipt in waiting])
    rows = [
        {"posting_id": posting_id, "club_id": work.club_id, "shift_id": shift_id, "receipt_number": number}
        for (posting_id, _), number in zip(waiting, numbers, strict=True)
        if shift_id is not None or number is not None
    ]  # fmt: skip
    if rows:
        _NEW_DESK_POSTING.run_many(work.db, rows)


def _needs_shift(work: Work) -> bool:
    (needed,) = _NEEDS_SHIFT.one(work.db, club=work.club_id)
    return needed
