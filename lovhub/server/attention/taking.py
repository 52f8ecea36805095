"""Taking what waits for a person: calls and alarms alike. Of two people, the first has it."""

from sqlalchemy import update

from lovhub.server.actor import Actor
from lovhub.server.attention import rules
from lovhub.server.attention.models import Call
from lovhub.server.context import Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.staff.models import Staff


def take(work: Work, row: Call | Alarm, actor: Actor) -> bool:
    """Note that this person sees to it; False if they did before.

    Raises OperationRefused: `already_taken` (with the `name` of who has it), `already_closed`.
    """
    by = staff_id(actor)
    table = type(row)
    # The database decides between two people: only what is open and nobody's is taken.
    mine = work.db.scalar(
        update(table)
        .where(table.id == row.id, table.taken_by.is_(None), table.closed_at.is_(None))
        .values(taken_by=by, taken_at=work.now)
        .returning(table.id)
    )
    if mine is not None:
        return True
    work.db.refresh(row)
    code = rules.may_take(taken_by=row.taken_by, closed=row.closed_at is not None, by=by)
    if code == "already_taken":
        who = work.db.get(Staff, row.taken_by)
        raise OperationRefused(code, name=who.name if who else "")
    if code:
        raise OperationRefused(code)
    return False


def staff_id(actor: Actor) -> int | None:
    """The person's number, for the columns that name one of the staff."""
    return actor.id if actor.kind == "staff" else None
