"""Reading PCs."""

import hmac
from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import COMPUTERS_IN_A_ROW, Computer, SignsOfLife
from lovhub.server.computers.service import token_hash
from lovhub.server.database.prepared import Query


def current(db: Session, club_id: int, only: Collection[int] | None = None) -> list[Computer]:
    """The club's PCs that are not revoked, by name; `only` those ids if given."""
    query = select(Computer).where(Computer.club_id == club_id, Computer.revoked_at.is_(None))
    if only is not None:
        query = query.where(Computer.id.in_(only))
    return list(db.scalars(query.order_by(Computer.name, Computer.id)))


_NAMES = Query(
    select(Computer.id, Computer.name)
    .where(Computer.club_id == bindparam("club"), Computer.revoked_at.is_(None))
    .order_by(Computer.name, Computer.id)
)


def names(db: Session, club_id: int) -> dict[int, str]:
    """The names of the club's PCs that are not revoked, by id, in their order."""
    return dict(_NAMES.all(db, club=club_id))


_SEEN = Query(
    select(SignsOfLife.seen).where(
        SignsOfLife.club_id == bindparam("club"), SignsOfLife.part == bindparam("part")
    )
)


def last_seen_at(db: Session, club_id: int, computer_id: int) -> int | None:
    """When the PC was last heard of, as far as it was written down; None: never."""
    seen = _SEEN.value(db, club=club_id, part=computer_id // COMPUTERS_IN_A_ROW)
    return None if seen is None else seen.get(str(computer_id))


def last_seen(db: Session, club_id: int, only: Collection[int] | None = None) -> Mapping[int, int]:
    """When the club's PCs, or `only` these, were last heard of, by the PC's number; of others nothing was written."""
    query = select(SignsOfLife.seen).where(SignsOfLife.club_id == club_id)
    if only is not None:
        parts = {computer_id // COMPUTERS_IN_A_ROW for computer_id in only}
        query = query.where(SignsOfLife.part.in_(parts))
    found = {int(key): at for seen in db.scalars(query) for key, at in seen.items()}
    return found if only is None else {pc: found[pc] for pc in only if pc in found}


def last_heard_at(db: Session, club_id: int) -> int | None:
    """When any PC of the club was last heard of, as far as it was written down."""
    return max(last_seen(db, club_id).values(), default=None)


_BY_ID = Query(select(Computer).where(Computer.id == bindparam("computer")))


def by_id(db: Session, club_id: int, computer_id: int) -> Computer | None:
    """One of the club's PCs, revoked or not."""
    computer = _BY_ID.value(db, computer=computer_id)
    return computer if computer is not None and computer.club_id == club_id else None


def by_token(db: Session, club_id: int, computer_id: int, token: str) -> Computer | None:
    """The PC if the token is its own and it is not revoked."""
    computer = by_id(db, club_id, computer_id)
    return computer if computer is not None and is_let_in(computer, club_id, token) else None


def is_let_in(computer: Computer, club_id: int, token: str) -> bool:
    """Whether the PC is one of the club's, not revoked, and the token its own."""
    if computer.club_id != club_id or computer.revoked_at is not None:
        return False
    return hmac.compare_digest(computer.token_hash, token_hash(token))


_ZONES = Query(
    select(Computer.zone_id)
    .where(Computer.club_id == bindparam("club"), Computer.revoked_at.is_(None))
    .distinct()
)


def zones_with_computers(db: Session, club_id: int) -> set[int | None]:
    """The zones in which PCs stand; None among them: some stand in no zone."""
    return set(_ZONES.values(db, club=club_id))


def zones_of_computers(db: Session, club_id: int) -> dict[int, int | None]:
    """The zone in which each PC stands."""
    rows = db.execute(
        select(Computer.id, Computer.zone_id).where(
            Computer.club_id == club_id, Computer.revoked_at.is_(None)
        )
    )
    return dict(iter(rows))
