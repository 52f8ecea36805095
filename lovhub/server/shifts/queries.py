"""Questions about shifts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.database import keyset
from lovhub.server.database.keyset import AnyRow, Order, Part, Place, Sorts
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import DeskPosting, LedgerPosting, LedgerTransfer
from lovhub.server.shifts.models import Shift
from lovhub.server.staff import rights
from lovhub.server.staff.models import Staff

PAGE_SIZE = 50

SORTS = Sorts({"number": Shift.number}, Shift.id, default="-number")
"""What the list may be sorted by."""


@dataclass(frozen=True)
class ShiftRow:
    """A shift as lists show it. Sums that were not counted are None."""

    id: int
    number: int
    person_id: int
    person: str
    opened_at: int
    float_tiyn: int
    float_expected_tiyn: int | None
    closed_at: int | None
    closed_by: str
    closed_by_other: bool
    counted_tiyn: int | None
    expected_tiyn: int | None
    left_tiyn: int | None
    note: str
    handed_to: str

    @property
    def is_open(self) -> bool:
        """Whether it is under way."""
        return self.closed_at is None

    @property
    def difference_tiyn(self) -> int | None:
        """What the count at the close found too much (or, negative, too little); None without a count."""
        if self.counted_tiyn is None or self.expected_tiyn is None:
            return None
        return self.counted_tiyn - self.expected_tiyn

    @property
    def opening_difference_tiyn(self) -> int:
        """The same for the count at the opening: what changed while no shift was open."""
        if self.float_expected_tiyn is None:
            return 0
        return self.float_tiyn - self.float_expected_tiyn

    @property
    def to_safe_tiyn(self) -> int:
        """What was taken out of the drawer at the close."""
        if self.counted_tiyn is None or self.left_tiyn is None:
            return 0
        return self.counted_tiyn - self.left_tiyn


_closer, _heir = aliased(Staff), aliased(Staff)


def _shifts(club_id: int) -> Select[Shift, str, str | None, str | None]:
    return (
        select(Shift, Staff.name, _closer.name, _heir.name)
        .join(Staff, Staff.id == Shift.opened_by)
        .outerjoin(_closer, _closer.id == Shift.closed_by)
        .outerjoin(_heir, _heir.id == Shift.handed_to)
        .where(Shift.club_id == club_id)
    )


def _row(shift: Shift, person: str, closer: str | None, heir: str | None) -> ShiftRow:
    return ShiftRow(
        id=shift.id,
        number=shift.number,
        person_id=shift.opened_by,
        person=person,
        opened_at=shift.opened_at,
        float_tiyn=shift.float_tiyn,
        float_expected_tiyn=shift.float_expected_tiyn,
        closed_at=shift.closed_at,
        closed_by=closer or "",
        closed_by_other=shift.closed_by is not None and shift.closed_by != shift.opened_by,
        counted_tiyn=shift.counted_tiyn,
        expected_tiyn=shift.expected_tiyn,
        left_tiyn=shift.left_tiyn,
        note=shift.note,
        handed_to=heir or "",
    )


def open_now(db: Session, club_id: int) -> ShiftRow | None:
    """The shift under way."""
    found = db.execute(_shifts(club_id).where(Shift.closed_at.is_(None))).one_or_none()
    return None if found is None else _row(*found)


def last_closed(db: Session, club_id: int) -> ShiftRow | None:
    """The newest shift that is over: what it left is what the next one finds."""
    found = db.execute(
        _shifts(club_id).where(Shift.closed_at.is_not(None)).order_by(Shift.number.desc()).limit(1)
    ).one_or_none()
    return None if found is None else _row(*found)


def row(db: Session, club_id: int, shift_id: int) -> ShiftRow:
    """One shift; refused with `shift_unknown`."""
    found = db.execute(_shifts(club_id).where(Shift.id == shift_id)).one_or_none()
    if found is None:
        raise OperationRefused("shift_unknown")
    return _row(*found)


def page(
    db: Session,
    club_id: int,
    *,
    person_id: int | None = None,
    order: Order | None = None,
    place: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Part[ShiftRow]:
    """Shifts that are over, the newest first if not said otherwise; `person_id`: only this person's. One statement."""
    statement = _shifts(club_id).where(Shift.closed_at.is_not(None))
    if person_id is not None:
        statement = statement.where(Shift.opened_by == person_id)

    def load(found: Sequence[AnyRow]) -> list[ShiftRow]:
        return [_row(*columns[:4]) for columns in found]

    return keyset.part(db, statement, order or SORTS.order(), place, limit, load)


@dataclass(frozen=True)
class Payment:
    """Money put into the drawer or (negative) taken out of it during a shift, and why."""

    at: int
    amount_tiyn: int
    reason: str
    person: str
    receipt_number: int | None


def payments(db: Session, shift_id: int) -> list[Payment]:
    """In order of time."""
    rows = db.execute(
        select(
            LedgerPosting.at,
            LedgerPosting.kind,
            LedgerTransfer.amount,
            LedgerPosting.reason,
            Staff.name,
            DeskPosting.receipt_number,
        )
        .select_from(DeskPosting)
        .join(LedgerPosting, LedgerPosting.id == DeskPosting.posting_id)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Staff, Staff.id == LedgerPosting.actor_id)
        .where(
            DeskPosting.shift_id == shift_id,
            LedgerPosting.kind.in_(("shift_paid_in", "shift_paid_out")),
        )
        .order_by(LedgerPosting.id)
    )
    return [
        Payment(at, -amount if kind == "shift_paid_out" else amount, reason, name, number)
        for at, kind, amount, reason, name, number in rows
    ]


@dataclass(frozen=True)
class Heir:
    """Somebody who may take the drawer over."""

    id: int
    name: str


def heirs(db: Session, club_id: int, *, without: int) -> list[Heir]:
    """Who may run a shift, but for the person who has it."""
    rows = db.execute(
        select(Staff.id, Staff.name)
        .where(
            Staff.club_id == club_id,
            Staff.disabled_at.is_(None),
            Staff.id != without,
            Staff.role.in_(rights.RIGHTS["run_shifts"]),
        )
        .order_by(Staff.name)
    )
    return [Heir(staff_id, name) for staff_id, name in rows]
