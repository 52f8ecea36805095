"""What operations on several PCs share: in which order, under which key, and the first answer given again.

Inside an operation; opens no transaction of its own.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.sessions.locks import lock_customers_of, lock_sessions
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.sessions.sitting import Sitting, load_sitting

MOST_COMPUTERS = 500


@dataclass(frozen=True)
class Outcome:
    """What became of one PC: `refusal` is a code, "" where it was done."""

    computer_id: int
    session_id: int | None = None
    refusal: str = ""


def in_one_order(computer_ids: Collection[int]) -> list[int]:
    """Each PC once, always in one order: two operations then wait for each other, never in a ring."""
    asked = sorted(set(computer_ids))
    if not asked:
        raise OperationRefused("no_computers_chosen")
    if len(asked) > MOST_COMPUTERS:
        raise OperationRefused("too_many_computers")
    return asked


def who_sits_at(
    work: Work, computer_ids: Collection[int] | None
) -> Iterator[tuple[int, Sitting | None]]:
    """Who sits at each of the PCs (None: nobody); at all that are taken, if none are named."""
    live = select(PlaySession.computer_id, PlaySession.id).where(
        PlaySession.club_id == work.club_id, IS_LIVE
    )
    asked = None if computer_ids is None else in_one_order(computer_ids)
    if asked is not None:
        live = live.where(PlaySession.computer_id.in_(asked))
    sessions = dict(iter(work.db.execute(live.order_by(PlaySession.computer_id))))
    found = list(sessions.values())
    lock_customers_of(work, found)
    lock_sessions(work, PlaySession.id.in_(found))
    for computer_id in sessions if asked is None else asked:
        session_id = sessions.get(computer_id)
        sitting = None if session_id is None else load_sitting(work, session_id)
        gone = sitting is None or sitting.row.state == "ended"
        yield computer_id, None if gone else sitting


def lengthen(work: Work, sitting: Sitting, actor: Actor) -> None:
    """Let a session take up the lots that were just added."""
    work.db.flush()
    load_sitting(work, sitting.row.id).lengthened(actor)


def events_of(work: Work, key: str, kind: str) -> list[Event]:
    """What the journal keeps of an operation done before."""
    posting = ledger.find_posting(work.db, work.club_id, key)
    if posting is None:
        return []
    events = work.db.scalars(
        select(Event)
        .where(Event.club_id == work.club_id, Event.at == posting.at, Event.kind == kind)
        .order_by(Event.id)
    )
    return [event for event in events if event.data.get("operation") == key]


def done_before(work: Work, key: str, kind: str) -> tuple[Outcome, ...]:
    """The first answer again; refused with `key_reused` if the key was another operation's."""
    events = events_of(work, key, kind)
    if not events:
        raise OperationRefused("key_reused")
    return tuple(Outcome(event.computer_id or 0, event.session_id) for event in events)
