"""Summing up what is over: up to when it is, and day after day, whichever of several nodes comes first."""

from collections.abc import Callable
from typing import cast

from sqlalchemy import Table, insert, update
from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext, Work
from lovhub.server.database.base import Base


def keep_one_by_one(
    club: ClubContext,
    most: int,
    *,
    find: Callable[[Session, int], int | None],
    lock: Callable[[Work], bool],
    keep: Callable[[Work, int], None],
) -> None:
    """Keep what is found, `most` at once, each in a transaction of its own: others write in between.

    `find`: the instant of what may be kept of a club (its number), or None; looked for again under the lock, since
    another node may be quicker. `lock`: whether it was given.
    """
    for _ in range(most):
        with club.read() as db:
            if find(db, club.club_id) is None:
                return
        with club.write() as work:
            if not lock(work):
                return
            at = find(work.db, work.club_id)
            if at is None:
                return
            keep(work, at)


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
