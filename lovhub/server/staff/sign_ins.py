"""Staff sessions: kept alive, listed, ended. An ended one is over everywhere at once, live pages too."""

from sqlalchemy import ColumnElement, update

from lovhub.server.actor import Actor
from lovhub.server.bus import StaffSessionRevoked
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.staff import queries, session_tokens
from lovhub.server.staff.models import StaffSession


def end(work: Work, condition: ColumnElement[bool]) -> int:
    """End the sessions that fit; returns how many there were."""
    revoked = work.db.scalars(
        update(StaffSession)
        .where(condition, StaffSession.revoked_at.is_(None))
        .values(revoked_at=work.now)
        .returning(StaffSession.id)
    ).all()
    for staff_session_id in revoked:
        work.tell(StaffSessionRevoked(staff_session_id))
    return len(revoked)


def end_all(work: Work, staff_id: int, *, but: int = 0) -> int:
    """End all of a person's sessions, `but` one; returns how many there were."""
    return end(work, (StaffSession.staff_id == staff_id) & (StaffSession.id != but))


def end_one(
    club: ClubContext, *, staff_session_id: int, own_session_id: int, of: int | None, actor: Actor
) -> None:
    """End a session of a person (`of`; None: of anybody). Ending it twice is ending it once.

    Raises OperationRefused: `sign_in_unknown`, `own_session` (one signs out of that one).
    """
    with club.write() as work:
        found = queries.sign_in_by_id(work.db, work.club_id, staff_session_id)
        if found is None or (of is not None and found.staff_id != of):
            raise OperationRefused("sign_in_unknown")
        if staff_session_id == own_session_id:
            raise OperationRefused("own_session")
        if end(work, StaffSession.id == staff_session_id):
            journal.record(
                work,
                "staff.session_ended",
                actor,
                staff_id=found.staff_id,
                person_name=queries.name_of(work.db, found.staff_id),
                from_address=found.address,
            )


def renewed_token(work: Work, club: ClubContext, *, staff_session_id: int, staff_id: int) -> str:
    """Another token for a person's session, which it has from now on: who has copied the old one is out."""
    token = session_tokens.issue(staff_id)
    work.db.execute(
        update(StaffSession)
        .where(StaffSession.id == staff_session_id, StaffSession.staff_id == staff_id)
        .values(token_hash=session_tokens.kept(club, token))
    )
    return token


def end_others(club: ClubContext, *, own_session_id: int, actor: Actor) -> tuple[int, str]:
    """End all of one's own sessions but the one in use; returns how many there were.

    And the token that this one has from now on: a copy of it is a sign-in elsewhere, too.
    """
    if actor.id is None:
        raise ValueError("only people sign in")
    with club.write() as work:
        ended = end_all(work, actor.id, but=own_session_id)
        if ended:
            journal.record(work, "staff.other_sessions_ended", actor, staff_id=actor.id)
        token = renewed_token(work, club, staff_session_id=own_session_id, staff_id=actor.id)
    return ended, token
