"""By which keys each PC knows the codes of those who may open it: made from the server's secret, and kept nowhere.

A PC has the keys that are for itself. Whoever has read them off its disk can make codes for that PC only, and no more
once somebody has lost the right and the PC was linked since: then every key is another one.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from lovhub.protocol.upkeep_code import KEY_BYTES, PersonKey, UpkeepKeys
from lovhub.server.bus import UpkeepKeysChanged
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.staff import rights
from lovhub.server.staff.models import Staff

RIGHT = "open_for_maintenance"

_CONTEXT = b"lovhub maintenance key v1\n"

_PEOPLE = Query(
    select(Staff.id, Staff.name)
    .where(
        Staff.club_id == bindparam("club"),
        Staff.disabled_at.is_(None),
        or_(*(Staff.role == role for role in sorted(rights.RIGHTS[RIGHT]))),
    )
    .order_by(Staff.id)
)


def keys_for(
    db: Session, club: ClubContext, computer: Computer, generation: int | None = None
) -> UpkeepKeys:
    """Whose codes open the PC, and by which keys: of this generation, or the present one."""
    if generation is None:
        generation = present_generation(db, club.club_id)
    return UpkeepKeys(
        generation,
        tuple(
            PersonKey(person_id, name, _key(club.secret_key, computer, generation, person_id))
            for person_id, name in _PEOPLE.all(db, club=club.club_id)
        ),
    )


def present_generation(db: Session, club_id: int) -> int:
    """The generation of keys that PCs are told now."""
    return db.scalars(select(Club.upkeep_generation).where(Club.id == club_id)).one()


def role_changed(work: Work, *, old_role: str, new_role: str) -> None:
    """Somebody has another role, "" standing for none: PCs are told, and a right that is lost makes all keys new."""
    had, has = (bool(role) and rights.may(role, RIGHT) for role in (old_role, new_role))
    if had and not has:
        work.db.execute(
            update(Club)
            .where(Club.id == work.club_id)
            .values(upkeep_generation=Club.upkeep_generation + 1)
        )
    if had or has:
        work.tell(UpkeepKeysChanged())


def _key(secret: bytes, computer: Computer, generation: int, person_id: int) -> bytes:
    # A PC that is paired anew has another token: what its disk held before is worth nothing.
    info = _CONTEXT + f"{computer.club_id}|{computer.id}|{generation}|{person_id}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=computer.token_hash, info=info).derive(
        secret
    )
