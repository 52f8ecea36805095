"""What becomes of sessions when PCs fall silent, come back, or run to the end of their time.

Writes sessions, like `service.py`: these are the operations that no person asks for.
"""

from collections.abc import Container

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.computers import queries as computer_queries
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.nodes import service as nodes_service
from lovhub.server.sessions import rules
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.sessions.sitting import Sitting, club_rules, load_sitting, sitting_on

_DUE = Query(
    select(PlaySession.id, PlaySession.state, PlaySession.computer_id)
    .where(
        PlaySession.club_id == bindparam("club"),
        PlaySession.due_at <= bindparam("now"),
        or_(PlaySession.state == "active", PlaySession.state == "unreachable"),
    )
    .order_by(PlaySession.due_at)
)

UNSEEN_SECONDS = 60
"""A server that stopped so soon after the beginning of a night may not have stopped anybody for it."""


def link_lost(club: ClubContext, *, computer_id: int, node_id: int | None = None) -> None:
    """The PC's channel closed: an active session becomes unreachable, its held seconds stay held.

    `node_id`: which of several servers had the channel (`nodes/`); if another has it by now, nothing happens.
    """
    with club.write() as work:
        if node_id is not None and not nodes_service.let_go(
            work, node_id=node_id, computer_id=computer_id
        ):
            return
        sitting = sitting_on(work, computer_id)
        if sitting is not None and sitting.row.state == "active":
            _fall_silent(work, sitting)


def recover_after_start(club: ClubContext) -> int:
    """After the server's start no PC is linked yet: every active session waits for its PC. Returns how many.

    A night that began while no server was there stops what stood still then, and nothing expires by it: also what has
    no job looked at yet.
    """
    with club.write() as work:
        # Only a server that runs hears PCs; events are written at the command line and by a restore as well.
        heard_at = computer_queries.last_heard_at(work.db, work.club_id)
        seen_at = (work.now if heard_at is None else heard_at) - UNSEEN_SECONDS
        live = work.db.execute(
            select(PlaySession.id, PlaySession.state)
            .where(PlaySession.club_id == work.club_id, IS_LIVE)
            .order_by(PlaySession.id)
        ).all()
        for session_id, state in live:
            sitting = load_sitting(work, session_id)
            if state == "active":
                _fall_silent(work, sitting)
            if state != "paused" and sitting.allowed == 0:
                sitting.keep_rests()
            elif (since := sitting.night_missed(seen_at)) is not None:
                sitting.stop_standing(since)
        return sum(state == "active" for _, state in live)


def link_returned(
    club: ClubContext,
    *,
    computer_id: int,
    boot_id: str,
    report: ReportedSession | None,
    last_seen_at: int | None = None,
) -> int | None:
    """The PC said hello. Settles what it reports and returns the session to go on with there, if any.

    `last_seen_at`: the last sign of life before this hello, fresher than the database has it (None: what
    the database has). Up to then the server knows that it played, whatever the PC says now.

    A PC that remembers nothing (new disk, wiped journal) is settled by the last time it was seen, paused as
    after a power cut, and raises the alarm `journal_lost`.
    """
    if report is None:
        with club.read() as db:
            if not _is_played_on(db, computer_id):
                return None  # nearly every PC of a hall that comes back, and none of them should wait for the others
    actor = Actor(kind="computer", id=computer_id)
    with club.write() as work:
        sitting = sitting_on(work, computer_id)
        if report is not None and (sitting is None or sitting.row.id != report.session_id):
            _settle_old_report(work, computer_id, report, actor)
        if sitting is None:
            return None
        mine = report is not None and report.session_id == sitting.row.id
        if sitting.row.state in {"active", "unreachable"}:
            seen = sitting.played_when_seen(last_seen_at)
            if mine and report is not None:
                played, same_boot = max(report.played_seconds, seen), report.boot_id == boot_id
                restarted = same_boot and report.restarted
            else:
                played, same_boot, restarted = seen, False, False
            if restarted and not club_rules(work).cached_sign_ins:
                # Without the owner's leave it is a power cut like any other.
                same_boot = restarted = False
            _report(
                work,
                sitting,
                actor,
                played=played,
                same_boot=same_boot,
                restarted=restarted,
                journal_lost=not mine,
            )
        elif mine and report is not None and report.played_seconds > sitting.row.played_seconds:
            _late(sitting, actor, report.played_seconds)
        return None if sitting.row.state == "ended" else sitting.row.id


_PLAYED_ON = Query(
    select(PlaySession.id).where(PlaySession.computer_id == bindparam("computer"), IS_LIVE).limit(1)
)


def _is_played_on(db: Session, computer_id: int) -> bool:
    """Whether a session on the PC has not ended. One that begins later begins with a PC that is back."""
    return _PLAYED_ON.first(db, computer=computer_id) is not None


def stopped_by_pc(
    work: Work, *, computer_id: int, session_id: int, played_seconds: int, reason: str
) -> None:
    """The PC closed a session by itself (a journal entry); inside the journal's own transaction."""
    row = work.db.get(PlaySession, session_id)
    if row is None or row.computer_id != computer_id:
        return
    sitting = load_sitting(work, session_id)
    actor = Actor(kind="computer", id=computer_id)
    if sitting.row.state in {"active", "unreachable"}:
        decision = rules.stopped(
            sitting.state,
            sitting.seconds,
            now=work.now,
            played_seconds=played_seconds,
            reason=reason,
        )
        sitting.store(decision, actor, "session.ended")
    elif played_seconds > sitting.row.played_seconds:
        _late(sitting, actor, played_seconds)


def run_due(club: ClubContext, linked: Container[int]) -> int:
    """The session clock: settle, renew or end whatever is due; returns how many sessions were touched.

    Only PCs in `linked` are billed by the clock: a silent one bills by its own journal. Each session is an
    operation of its own, so that one that fails holds up no other.
    """
    now = club.clock.now()
    with club.read() as db:
        due = _DUE.all(db, club=club.club_id, now=now)
    touched = 0
    for session_id, state, computer_id in due:
        if state == "unreachable" or computer_id in linked:
            touched += _run_one(club, session_id)
    return touched


def _run_one(club: ClubContext, session_id: int) -> int:
    with club.write() as work:
        sitting = load_sitting(work, session_id)
        row, owner = sitting.row, club_rules(work)
        if row.due_at is None or row.due_at > work.now:
            return 0
        if row.state == "active":
            decision = rules.tick(
                sitting.state, sitting.seconds, now=work.now, lease_seconds=sitting.lease_seconds
            )
            sitting.store(decision, SYSTEM, "session.ended" if _ends(decision) else "")
        else:
            decision = rules.lease_over(
                sitting.state,
                sitting.seconds,
                now=work.now,
                silence_rule=owner.silence_rule,
                seen_seconds=sitting.played_when_seen(),
            )
            sitting.store(decision, SYSTEM, "session.ended")
        return 1


def _ends(decision: rules.Decision) -> bool:
    return decision.session.state == "ended"


def _fall_silent(work: Work, sitting: Sitting) -> None:
    decision = rules.silence(
        sitting.state, now=work.now, silence_rule=club_rules(work).silence_rule
    )
    sitting.store(decision, SYSTEM, "session.unreachable")


def _report(
    work: Work,
    sitting: Sitting,
    actor: Actor,
    *,
    played: int,
    same_boot: bool,
    restarted: bool,
    journal_lost: bool,
) -> None:
    owner = club_rules(work)
    decision = rules.report(
        sitting.state,
        sitting.seconds,
        now=work.now,
        played_seconds=played,
        same_boot=same_boot,
        elsewhere=_plays_elsewhere(work, sitting.row),
        power_cut_rule=owner.power_cut_rule,
        lease_seconds=sitting.lease_seconds,
        restarted=restarted,
    )
    if journal_lost:
        decision = rules.Decision(
            decision.session, decision.moves, decision.meter, alarm="journal_lost"
        )
    back = "session.gone_on" if restarted else "session.linked_again"
    sitting.store(decision, actor, back if same_boot else "session.power_cut")


def _late(sitting: Sitting, actor: Actor, played_seconds: int) -> None:
    decision = rules.late_report(sitting.state, sitting.seconds, played_seconds=played_seconds)
    sitting.store(decision, actor, "")


def _settle_old_report(work: Work, computer_id: int, report: ReportedSession, actor: Actor) -> None:
    """The PC still speaks of a session that the server has closed there since."""
    row = work.db.get(PlaySession, report.session_id)
    if row is None or row.computer_id != computer_id or row.club_id != work.club_id:
        return
    if report.played_seconds > row.played_seconds:
        _late(load_sitting(work, row.id), actor, report.played_seconds)


def _plays_elsewhere(work: Work, row: PlaySession) -> bool:
    if row.customer_id is None:
        return False
    other = work.db.scalars(
        select(PlaySession.id).where(
            PlaySession.customer_id == row.customer_id,
            PlaySession.id != row.id,
            IS_LIVE,
        )
    ).first()
    return other is not None
