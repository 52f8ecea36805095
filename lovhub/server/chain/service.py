"""Who is the same owner in two clubs."""

import hashlib
import secrets

from sqlalchemy import or_, select, update

from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.staff import queries as staff
from lovhub.server.staff.models import Staff

CODE_SECONDS = 900
"""How long a code is good: to go from one screen to another, or to read it out over the telephone."""

_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 20


def make_code(club: ClubContext, *, actor: Actor) -> str:
    """A code with which the person says in another club that they are the same; the one before is void."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    with club.write() as work:
        person = staff.locked(work.db, work.club_id, actor.id or 0)
        person.link_hash, person.link_until_at = _hash(code), work.now + CODE_SECONDS
        journal.record(work, "staff.link_code_made", actor, staff_id=person.id)
    return "-".join(code[at : at + 5] for at in range(0, _CODE_LENGTH, 5))


def link(club: ClubContext, *, code: str, actor: Actor) -> str:
    """The person has the account of another club's owner that shows this code; returns that club's name.

    Raises OperationRefused: `too_many_attempts`, `invalid_fields` (a wrong code, or one that is over).
    """
    key = f"link {actor.id}"
    club.failures_by_code.take(key)
    with club.write() as work:
        other = work.db.scalars(
            select(Staff).where(
                Staff.link_hash == _hash(code),
                Staff.link_until_at > work.now,
                Staff.club_id != work.club_id,
                Staff.role == "owner",
                Staff.disabled_at.is_(None),
            )
        ).one_or_none()
        if other is None:
            raise OperationRefused("invalid_fields", link_code="link_code_wrong")
        # The club first, as whoever changes its people does, then in the order of their numbers, as all who link do.
        own = staff.locked(work.db, work.club_id, actor.id or 0)
        for number in sorted({actor.id or 0, other.id}):
            work.db.get_one(Staff, number, with_for_update=True, populate_existing=True)
        if other.link_hash != _hash(code):  # it was used meanwhile
            raise OperationRefused("invalid_fields", link_code="link_code_wrong")
        was, is_now = own.same_as or own.id, other.same_as or other.id
        if was != is_now:
            work.db.execute(
                update(Staff)
                .where(or_(Staff.id == was, Staff.same_as == was))
                .values(same_as=is_now)
            )
        other.link_hash = other.link_until_at = None
        name = work.db.get_one(Club, other.club_id).name
        journal.record(work, "staff.linked", actor, staff_id=own.id, club=name)
    club.failures_by_code.succeeded(key)
    return name


def unlink(club: ClubContext, *, actor: Actor) -> None:
    """The person's account here is nobody's of other clubs any more. A second time changes nothing."""
    with club.write() as work:
        own = staff.locked(work.db, work.club_id, actor.id or 0)
        # Others that were known by this account go on together, by one of theirs.
        rest = list(work.db.scalars(select(Staff.id).where(Staff.same_as == own.id)))
        if own.same_as is None and not rest:
            return
        if rest:
            first = min(rest)
            work.db.execute(
                update(Staff).where(Staff.id.in_(rest), Staff.id != first).values(same_as=first)
            )
            work.db.execute(update(Staff).where(Staff.id == first).values(same_as=None))
        own.same_as = None
        journal.record(work, "staff.unlinked", actor, staff_id=own.id)


def _hash(code: str) -> bytes:
    compact = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(b"lovhub link " + compact.encode()).digest()
