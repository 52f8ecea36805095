"""Writing down what happened, in the transaction of the change itself."""

from collections import Counter
from typing import Any

from sqlalchemy import Select, select, update

from lovhub.server import request_id
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.attention import taking
from lovhub.server.attention.rules import LONGEST_NOTE
from lovhub.server.bus import AlarmChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.belonging import sharing
from lovhub.server.customers.models import Customer, new_salt
from lovhub.server.database import new_rows, row_seals
from lovhub.server.database.engine import limit_silence
from lovhub.server.database.sealed_tables import SEALED
from lovhub.server.database.tables import Base
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import standing
from lovhub.server.journal.clubs_of_rows import with_clubs
from lovhub.server.journal.models import Alarm, Launch
from lovhub.server.journal.told_values import key_of
from lovhub.server.ledger import misfits, planted, sittings
from lovhub.server.payments import bank_days
from lovhub.server.reports import service as reports
from lovhub.server.sessions.models import PlaySession
from lovhub.server.suspicious import days as suspicious_days

LATE_SECONDS = 30 * 24 * 3600
"""No PC tells later of what it saw: its clock is wrong."""


def record(
    work: Work,
    kind: str,
    actor: Actor,
    *,
    computer_id: int | None = None,
    customer_id: int | None = None,
    session_id: int | None = None,
    club_id: int | None = None,
    **data: Any,
) -> None:
    """Add an event, such as `record(work, "customer.topped_up", actor, customer_id=7, amount_tiyn=200_000)`.

    `club_id`: of another club of the chain, whose log is to tell it; `actor`: then an account of that club.
    """
    work.events.append(
        {
            "club_id": work.club_id if club_id is None else club_id,
            "at": work.now,
            "kind": kind,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            # What is written here is never changed; a customer's name is read from their row, and may go from it.
            "actor_name": "" if actor.kind == "customer" else actor.name,
            "actor_role": actor.role,
            "address": actor.address,
            "computer_id": computer_id,
            "customer_id": customer_id,
            "session_id": session_id,
            "data": data,
            "request_id": request_id.current(),
        }
    )


def raise_alarm(
    work: Work,
    kind: str,
    *,
    computer_id: int | None = None,
    session_id: int | None = None,
    at: int | None = None,
    **data: Any,
) -> int:
    """Open an alarm and return its id. `at`: when it happened, if that was earlier.

    What is said to have happened before LATE_SECONDS stands where somebody sees it: when it was told.
    """
    if at is not None and at < work.now - LATE_SECONDS:
        at, data = None, {**data, "told_at": at}
    if at is not None:
        suspicious_days.reopen(work, at)
    alarm = new_rows.write(
        work.db,
        Alarm,
        club_id=work.club_id,
        at=work.now if at is None else at,
        kind=kind,
        computer_id=computer_id,
        session_id=session_id,
        data=data,
    )
    work.tell(AlarmChanged(alarm.id))
    return alarm.id


def raise_alarm_once(
    work: Work, kind: str, *, computer_id: int, at: int | None = None, **data: Any
) -> None:
    """Open an alarm about a PC, unless one of this kind is open there: what comes and goes is told once."""
    is_open = select(Alarm.id).where(
        Alarm.club_id == work.club_id,
        Alarm.kind == kind,
        Alarm.computer_id == computer_id,
        Alarm.closed_at.is_(None),
    )
    if work.db.scalar(is_open.limit(1)) is None:
        raise_alarm(work, kind, computer_id=computer_id, at=at, **data)


def take_alarm(club: ClubContext, *, alarm_id: int, actor: Actor) -> None:
    """A person sees to it. Of two, the first has it.

    Raises OperationRefused: `alarm_unknown`, `already_taken` (with the `name` of who has it), `already_closed`.
    """
    with club.write() as work:
        alarm = _alarm(work, alarm_id)
        if taking.take(work, alarm, actor):
            record(work, "alarm.taken", actor, computer_id=alarm.computer_id, alarm_id=alarm_id)
            work.tell(AlarmChanged(alarm_id))


def close_alarm(club: ClubContext, *, alarm_id: int, actor: Actor, note: str = "") -> None:
    """A person has seen to it. Closing twice is one closing; an unknown alarm is refused."""
    with club.write() as work:
        alarm = _alarm(work, alarm_id)
        if alarm.closed_at is not None:
            return
        alarm.closed_at = work.now
        alarm.closed_by = taking.staff_id(actor)
        alarm.note = " ".join(note.split())[:LONGEST_NOTE]
        record(
            work,
            "alarm.closed",
            actor,
            computer_id=alarm.computer_id,
            alarm_id=alarm_id,
            note=alarm.note,
        )
        work.tell(AlarmChanged(alarm_id))


def alarms_over(work: Work, kind: str, customer_id: int) -> None:
    """What these alarms were about is over, by what was just done: nobody needs to see to it any more.

    Also at other clubs of the chain, which have the same customers.
    """
    _close_of(work, kind, select(PlaySession.id).where(PlaySession.customer_id == customer_id))


def alarms_over_in(work: Work, kind: str, session_id: int) -> None:
    """The same for those of one session."""
    _close_of(work, kind, select(PlaySession.id).where(PlaySession.id == session_id))


def _close_of(work: Work, kind: str, sessions: Select[int]) -> None:
    waiting = select(Alarm).where(
        Alarm.club_id.in_(sharing(work.club_id)),
        Alarm.kind == kind,
        Alarm.closed_at.is_(None),
        Alarm.session_id.in_(sessions),
    )
    for alarm in work.db.scalars(waiting).all():
        alarm.closed_at = work.now
        work.tell(AlarmChanged(alarm.id))


def _alarm(work: Work, alarm_id: int) -> Alarm:
    alarm = work.db.get(Alarm, alarm_id)
    if alarm is None or alarm.club_id != work.club_id:
        raise OperationRefused("alarm_unknown")
    return alarm


def launch_started(
    work: Work,
    *,
    computer_id: int,
    session_id: int,
    customer_id: int | None,
    application_id: int,
    at: int,
) -> None:
    """A player started a program."""
    reports.reopen(work, at)
    work.db.add(
        Launch(
            club_id=work.club_id,
            computer_id=computer_id,
            customer_id=customer_id,
            session_id=session_id,
            application_id=application_id,
            started_at=at,
        )
    )


def launch_ended(
    work: Work, *, session_id: int, application_id: int, at: int, ran_seconds: int
) -> None:
    """The program ended: the newest open launch of it in the session is closed."""
    launch = work.db.execute(
        select(Launch.id, Launch.started_at)
        .where(
            Launch.session_id == session_id,
            Launch.application_id == application_id,
            Launch.ended_at.is_(None),
        )
        .order_by(Launch.id.desc())
        .limit(1)
    ).one_or_none()
    if launch is not None:
        reports.reopen(work, launch.started_at)
        work.db.execute(
            update(Launch)
            .where(Launch.id == launch.id)
            .values(ended_at=at, ran_seconds=max(0, ran_seconds))
        )


def accept_rows(club: ClubContext) -> int:
    """Take prices, rights and settings for what the file says of them now; returns of how many rows that is news.

    For an owner who has looked at what `lovhub ledger check` found. The log of each club whose they are tells of it.
    Raises MisfitRows, where values are not what any row can say.
    """
    with club.read() as db:  # all texts are read: nobody who writes shall wait for that
        if impossible := misfits.odd(db, thoroughly=True):
            raise misfits.MisfitRows(impossible)
    with club.write() as work:
        limit_silence(work.db.connection(), 0)  # much is computed here, row by row
        not_ours = planted.put_right(work.db)  # first: nothing of that shall run here
        # Copies of what is accepted are made again from it, and not taken for anything themselves.
        bank_days.forget_all(work)
        odd = list(standing.odd(work.db, Base.metadata.tables))
        sealed_otherwise = _sealed_otherwise(work, {"play_session", *(row.table for row in odd)})
        resealed = row_seals.seal_anew(work.db)
        of_club = Counter(
            work.club_id if club_of_row is None else club_of_row.id
            for _row, club_of_row in with_clubs(work.db, Base.metadata.tables, odd)
        )
        if odd:
            _salt(work)
            work.touched.extend(standing.found(Base.metadata.tables, odd))
        work.db.flush()  # customers before sessions, as all lock them
        sittings.let_nobody_write(work.db)
        suspicious_days.forget_all(work)  # after sessions, as PCs do that hand in late alarms
        odd_sittings = list(sittings.odd(work.db))
        of_club.update(one.club_id or work.club_id for one in odd_sittings)
        # Of whose row both the log and the seal say something else, that is one row.
        told_already = sum((row.table, row.row_key) in sealed_otherwise for row in odd) + sum(
            any(("play_session", key_of([number])) in sealed_otherwise for number in one.numbers)
            for one in odd_sittings
        )
        if only_sealed := max(0, resealed - told_already) + not_ours:
            of_club[work.club_id] += only_sealed
        as_they_are = sittings.as_they_are(work.db) if odd_sittings else None
        for club_id, rows in sorted(of_club.items()):
            # All of them in one event, whosever they are: it says how they were.
            told: dict[str, Any] = {} if as_they_are is None else {sittings.SITTINGS: as_they_are}
            record(work, sittings.TAKEN_UP, SYSTEM, club_id=club_id, rows=rows, **told)
            as_they_are = None
    return of_club.total()


def _sealed_otherwise(work: Work, tables: set[str]) -> set[tuple[str, str]]:
    """Table and key, as it is told, of each row of these tables whose seal is none of ours."""
    return {
        (table, key_of(key))
        for table in tables & SEALED.keys()
        for key in row_seals.odd_of(work.db, table)
    }


def _salt(work: Work) -> None:
    """Whose salt somebody has taken away, gets another: else what is told of them could be guessed."""
    without = Customer.salt.is_(None), Customer.deleted_at.is_(None)
    for customer in work.db.scalars(select(Customer).where(*without)):
        customer.salt = new_salt()
