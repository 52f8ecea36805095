"""One's own account: name, language, password."""

from sqlalchemy import update

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.staff import passwords, queries, rules, sign_ins
from lovhub.server.staff.models import StaffSession


def change(club: ClubContext, *, name: str, language: str, actor: Actor) -> None:
    """Another name or language; OperationRefused("invalid_fields") with a code for each wrong field."""
    problems = rules.person_problems("any", name, role=actor.role, language=language)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        person = queries.locked(work.db, work.club_id, actor.id or 0)
        person.name, person.language = name.strip(), language
        journal.record(work, "staff.changed", actor, staff_id=person.id, person_name=person.name)


def confirm(club: ClubContext, *, password: str, staff_session_id: int, actor: Actor) -> None:
    """The person at this browser gives their password again; the session is fresh from then on.

    Raises OperationRefused: `too_many_attempts`, `wrong_own_password`.
    """
    key = f"own password {actor.id}"
    club.failures_by_code.take(key)
    with club.read() as db:
        known = queries.person(db, club.club_id, actor.id or 0).password_hash
    if not passwords.verify_password(known, password[: rules.LONGEST_PASSWORD]):
        raise OperationRefused("wrong_own_password")
    club.failures_by_code.succeeded(key)
    with club.write() as work:
        work.db.execute(
            update(StaffSession)
            .where(
                StaffSession.id == staff_session_id,
                StaffSession.staff_id == actor.id,
                StaffSession.revoked_at.is_(None),
            )
            .values(confirmed_at=work.now)
        )


def change_password(
    club: ClubContext, *, old: str, new: str, staff_session_id: int, actor: Actor
) -> str:
    """A new password, for whoever knows the old one; one's other sign-ins end.

    Returns the token that this one has from now on: who has copied the old one is out as well.

    Raises OperationRefused: `too_many_attempts`, or `invalid_fields` with a code for each wrong field.
    """
    key = f"own password {actor.id}"
    club.failures_by_code.take(key)
    with club.read() as db:
        known = queries.person(db, club.club_id, actor.id or 0).password_hash
    if not passwords.verify_password(known, old[: rules.LONGEST_PASSWORD]):
        raise OperationRefused("invalid_fields", old="wrong_old_password")
    club.failures_by_code.succeeded(key)
    problem = rules.password_problem(new) or ("password_same" if new == old else None)
    if problem:
        raise OperationRefused("invalid_fields", new=problem)
    password_hash = passwords.hash_password(new)
    with club.write() as work:
        person = queries.locked(work.db, work.club_id, actor.id or 0)
        if person.password_hash != known:  # somebody has just reset it
            raise OperationRefused("invalid_fields", old="wrong_old_password")
        person.password_hash = password_hash
        person.password_must_change = False
        sign_ins.end_all(work, person.id, but=staff_session_id)
        token = sign_ins.renewed_token(
            work, club, staff_session_id=staff_session_id, staff_id=person.id
        )
        journal.record(work, "staff.password_changed", actor, staff_id=person.id)
    return token
