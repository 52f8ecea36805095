"""Up to when something has been summed up: a row that moves on once, whichever of several nodes comes first."""

from typing import cast

from sqlalchemy import Table, insert, update

from lovhub.server.context import Work
from lovhub.server.database.base import Base


def advance(work: Work, kept: type[Base], before: int | None, until: int) -> bool:
    """Whether the club's `until_at` was still `before` (None: it had none); it is `until` now."""
    table = cast("Table", kept.__table__)
    if before is None:
        if work.db.get(kept, work.club_id) is not None:
            return False
        work.db.execute(insert(table).values(club_id=work.club_id, until_at=until))
        return True
    moved = work.db.scalar(
        update(table)
        .where(table.c.club_id == work.club_id, table.c.until_at == before)
        .values(until_at=until)
        .returning(table.c.club_id)
    )
    return moved is not None
