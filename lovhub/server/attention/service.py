"""Calling the desk, seeing to a call, and having seen that a session ends."""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.attention import rules, taking
from lovhub.server.attention.models import Call, EndingDismissal
from lovhub.server.bus import AttentionChanged
from lovhub.server.computers.service import clean_name
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.live import LiveSnapshot
from lovhub.server.sessions.models import PlaySession


def call(
    club: ClubContext,
    *,
    computer_id: int,
    reason: str,
    text: str,
    actor: Actor,
    customer_id: int | None = None,
    session_id: int | None = None,
) -> int:
    """A player wants somebody; returns the call's id, the open one's if there is one.

    Raises OperationRefused: `too_many_attempts`, `reason_unknown`.
    """
    if reason not in rules.REASONS:
        raise OperationRefused("reason_unknown")
    throttle, key = club.calls_by_computer, str(computer_id)
    throttle.check(key)
    throttle.failed(key)
    text = clean_name(text, rules.LONGEST_TEXT)
    with club.write() as work:
        row = work.db.scalar(
            select(Call).where(
                Call.club_id == work.club_id,
                Call.computer_id == computer_id,
                Call.closed_at.is_(None),
            )
        )
        if row is None:
            row = Call(
                club_id=work.club_id,
                computer_id=computer_id,
                session_id=session_id,
                customer_id=customer_id,
                reason=reason,
                text=text,
                count=1,
                called_at=work.now,
                last_called_at=work.now,
            )
            work.db.add(row)
        else:
            row.count += 1
            row.last_called_at = work.now
            row.reason = reason
            row.text = text or row.text
        work.db.flush()
        journal.record(
            work,
            "call.made" if row.count == 1 else "call.repeated",
            actor,
            computer_id=computer_id,
            customer_id=customer_id,
            session_id=session_id,
            call_id=row.id,
            reason=reason,
            text=text,
            count=row.count,
        )
        work.tell(AttentionChanged(computer_id))
        return row.id


def take_call(club: ClubContext, *, call_id: int, actor: Actor) -> None:
    """A person goes there. Of two, the first has it.

    Raises OperationRefused: `call_unknown`, `already_taken` (with the `name` of who has it), `already_closed`.
    """
    with club.write() as work:
        row = _call(work, call_id)
        if taking.take(work, row, actor):
            journal.record(work, "call.taken", actor, computer_id=row.computer_id, call_id=call_id)
            work.tell(AttentionChanged(row.computer_id))


def close_call(club: ClubContext, *, call_id: int, actor: Actor) -> None:
    """It is done. Closing twice is one closing. Raises OperationRefused("call_unknown")."""
    with club.write() as work:
        row = _call(work, call_id)
        if row.closed_at is not None:
            return
        row.closed_at = work.now
        row.closed_by = taking.staff_id(actor)
        journal.record(
            work,
            "call.closed",
            actor,
            computer_id=row.computer_id,
            customer_id=row.customer_id,
            session_id=row.session_id,
            call_id=call_id,
            waited_seconds=max(0, work.now - row.called_at),
        )
        work.tell(AttentionChanged(row.computer_id))


def dismiss_ending(club: ClubContext, *, session_id: int, seconds_left: int, actor: Actor) -> None:
    """Somebody has seen that the session ends in `seconds_left`, and nothing more is needed.

    Raises OperationRefused: `session_unknown`, `session_over`.
    """
    with club.write() as work:
        session = work.db.get(PlaySession, session_id)
        if session is None or session.club_id != work.club_id:
            raise OperationRefused("session_unknown")
        if session.state == "ended":
            raise OperationRefused("session_over")
        row = work.db.get(EndingDismissal, session_id)
        if row is None:
            row = EndingDismissal(session_id=session_id, club_id=work.club_id)
            work.db.add(row)
        row.ends_at = work.now + seconds_left
        row.dismissed_at = work.now
        row.dismissed_by = taking.staff_id(actor)
        journal.record(
            work,
            "session.ending_dismissed",
            actor,
            computer_id=session.computer_id,
            customer_id=session.customer_id,
            session_id=session_id,
            seconds_left=seconds_left,
        )
        work.tell(AttentionChanged(session.computer_id))


def dismiss_shown_ending(
    club: ClubContext, shown: LiveSnapshot, session_id: int, actor: Actor
) -> None:
    """Dismiss an ending as the panel shows it; one that it shows no more needs nobody."""
    for ending in shown.endings:
        if ending.session_id == session_id:
            dismiss_ending(
                club, session_id=session_id, seconds_left=ending.seconds_left, actor=actor
            )


def _call(work: Work, call_id: int) -> Call:
    row = work.db.get(Call, call_id)
    if row is None or row.club_id != work.club_id:
        raise OperationRefused("call_unknown")
    return row
