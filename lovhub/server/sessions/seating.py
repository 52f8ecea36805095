"""A PC for somebody: whether it is free, and the sitting that begins there. Inside an operation."""

from typing import NamedTuple

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.conditions import service as conditions
from lovhub.server.conditions.models import Condition
from lovhub.server.context import Work
from lovhub.server.database import known_rows, new_rows
from lovhub.server.errors import OperationRefused
from lovhub.server.minors import night
from lovhub.server.sessions import grace
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.sitting import GONE, club_rules, sitting_on


class Room(NamedTuple):
    """A PC at which somebody may sit down in this operation. `condition`: its row, if it has one, though it be over."""

    computer_id: int
    condition: Condition | None


def begin_sitting(
    work: Work,
    room: Room,
    *,
    customer_id: int | None,
    guest_name: str,
    actor: Actor,
    night_leave: str = "",
) -> PlaySession:
    """A new session's row, not yet begun, in the room that was made; the PC is kept for nobody any more."""
    session = sitting_to_be(work, room, customer_id=customer_id, guest_name=guest_name, actor=actor)
    new_rows.add(work.db, session)
    night.give_leave(work, session, night_leave, actor)
    return session


def sitting_to_be(
    work: Work, room: Room, *, customer_id: int | None, guest_name: str, actor: Actor
) -> PlaySession:
    """As `begin_sitting`, but not written, and without a number: `Sitting.begin` writes it, with its lease.

    For where nothing needs the number before. Of a row that is written first and changed then, PostgreSQL keeps two,
    each in all of its indexes.
    """
    computer_id = room.computer_id
    conditions.seated(work, room.condition, customer_id, actor)
    return new_rows.make(
        PlaySession,
        club_id=work.club_id,
        computer_id=computer_id,
        zone_id=known_rows.get_one(work.db, Computer, computer_id).zone_id,
        customer_id=customer_id,
        guest_name=guest_name.strip(),
        state="active",
        started_at=work.now,
        settled_at=work.now,
        night_leave="",
        continues_id=grace.continued(
            work,
            computer_id,
            customer_id=customer_id,
            guest_name=guest_name.strip(),
            grace_seconds=club_rules(work).grace_seconds,
        ),
    )


def make_room(
    work: Work,
    computer_id: int,
    actor: Actor,
    *,
    customer_id: int | None,
    despite_kept: bool = False,
    code_sold_at: int | None = None,
    is_taken: bool = True,
) -> Room:
    """Free a PC that only a power cut or the night keeps taken, for a new sitting; else refused with `computer_busy`.

    Refused with `computer_broken`, and with `computer_kept` for whom it is not kept (`conditions`).

    A customer's time is safe in their lots, so the next player need not wait for the desk. A guest's time
    belongs to the sitting, which therefore stays until the desk moves, resumes or ends it.

    `is_taken` False: this operation has locked all sessions of the PC already, and there is none.
    """
    condition = conditions.check_seat(
        work,
        computer_id,
        customer_id=customer_id,
        despite_kept=despite_kept,
        code_sold_at=code_sold_at,
    )
    sitting = sitting_on(work, computer_id) if is_taken else None
    if sitting is not None:
        row = sitting.row
        if row.state != "paused" or row.pause_reason not in GONE or row.customer_id is None:
            raise OperationRefused("computer_busy")
        sitting.end(actor, row.pause_reason)
    return Room(computer_id, condition)
