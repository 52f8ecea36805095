"""Who answered for the desk when something happened that no person did."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from lovhub.server.database.prepared import Query
from lovhub.server.journal.models import Event
from lovhub.server.shifts.models import Shift
from lovhub.server.staff.models import Staff
from lovhub.server.suspicious.rules import Roster, Watch

SIGN_IN_COUNTS_SECONDS = 16 * 3600
"""So long after a sign-in its person is taken to be there: longer nobody works."""
AT_THE_DESK = ("cashier", "manager")


@dataclass(frozen=True)
class Watches:
    """Shifts, and sign-ins of people who work at the desk: a club may do without shifts. Two statements at most.

    `from_at`: when the first of what is asked for happened.

    Sign-ins are read when something happened in nobody's shift.
    """

    db: Session
    club_id: int
    from_at: int
    until_at: int

    @cached_property
    def shifts(self) -> Roster:
        """Those of the period."""
        return Roster(_shifts(self.db, self.club_id, self.from_at, self.until_at))

    @cached_property
    def sign_ins(self) -> Roster:
        """Each as long as its person is taken to be there."""
        return Roster(_sign_ins(self.db, self.club_id, self.from_at, self.until_at))

    def at(self, at: int) -> Watch | None:
        """Whose shift it was; where there was none, who had signed in last; None: nobody is known."""
        return self.shifts.at(at) or self.sign_ins.at(at)


_IN_FORCE_AT = (
    select(func.max(Shift.opened_at))
    .where(Shift.club_id == bindparam("club"), Shift.opened_at < bindparam("from_at"))
    .scalar_subquery()
)
"""Of two that meet at that second the first is asked for, and there is one shift at a time."""
_SHIFTS = Query(
    select(Shift.opened_by, Staff.name, Shift.opened_at, Shift.closed_at)
    .join(Staff, Staff.id == Shift.opened_by)
    .where(
        Shift.club_id == bindparam("club"),
        Shift.opened_at < bindparam("until_at"),
        Shift.opened_at >= func.coalesce(_IN_FORCE_AT, 0),
    )
    .order_by(Shift.opened_at, Shift.id)
)
_SIGN_INS = Query(
    select(Staff.id, Staff.name, Event.at)
    .join(Staff, Staff.id == Event.actor_id)
    .where(
        Event.club_id == bindparam("club"),
        Event.kind == "staff.signed_in",
        Event.at >= bindparam("from_at"),
        Event.at < bindparam("until_at"),
        # As which they signed in; what they have become since is another thing.
        or_(*(Event.actor_role == role for role in AT_THE_DESK)),
    )
    .order_by(Event.at, Event.id)
)


def _shifts(db: Session, club_id: int, from_at: int, until_at: int) -> list[Watch]:
    rows = _SHIFTS.all(db, club=club_id, from_at=from_at, until_at=until_at)
    return [Watch(person_id, name, opened, closed) for person_id, name, opened, closed in rows]


def _sign_ins(db: Session, club_id: int, from_at: int, until_at: int) -> list[Watch]:
    """Each until the next one's."""
    rows = _SIGN_INS.all(
        db, club=club_id, from_at=from_at - SIGN_IN_COUNTS_SECONDS, until_at=until_at
    )
    next_at = [*(at for *_, at in rows), until_at + SIGN_IN_COUNTS_SECONDS + 1][1:]
    return [
        Watch(person_id, name, at, min(at + SIGN_IN_COUNTS_SECONDS, after_at - 1), is_shift=False)
        for (person_id, name, at), after_at in zip(rows, next_at, strict=True)
    ]
