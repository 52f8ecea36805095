"""Reading the fiscal documents: the newest, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.fiscal.rules import WARN_SECONDS

PART_SIZE = 50

_IS_OPEN = text("fiscal_document.state <> 'confirmed'")
"""Worded as the index of what is open: with a value in its place neither database would know it again."""


@dataclass(frozen=True)
class Waiting:
    """What is not confirmed. `oldest_seconds`: since when the oldest of it waits."""

    count: int
    failed: int
    oldest_seconds: int


def waiting(db: Session, club_id: int, now: int) -> Waiting:
    """What is not confirmed yet."""
    rows = db.execute(
        select(FiscalDocument.state, func.count(), func.min(FiscalDocument.made_at))
        .where(FiscalDocument.club_id == club_id, _IS_OPEN)
        .group_by(FiscalDocument.state)
    ).all()
    if not rows:
        return Waiting(0, 0, 0)
    return Waiting(
        count=sum(count for _state, count, _oldest in rows),
        failed=sum(count for state, count, _oldest in rows if state == "failed"),
        oldest_seconds=max(0, now - min(oldest for _state, _count, oldest in rows)),
    )


def trouble(db: Session, club_id: int, now: int) -> tuple[int, int]:
    """How many were refused or wait for too long, and how old the oldest of what waits is, for the self-check."""
    found = waiting(db, club_id, now)
    if not found.failed and found.oldest_seconds < WARN_SECONDS:
        return 0, 0
    return found.count, found.oldest_seconds


def page(
    db: Session, club_id: int, *, before: int | None = None, only_open: bool = False
) -> tuple[Sequence[FiscalDocument], int | None]:
    """Documents, the newest first, and where the next part begins."""
    statement = select(FiscalDocument).where(FiscalDocument.club_id == club_id)
    if only_open:
        still_open = select(FiscalDocument.id).where(FiscalDocument.club_id == club_id, _IS_OPEN)
        statement = statement.where(FiscalDocument.id.in_(still_open))
    if before is not None:
        statement = statement.where(FiscalDocument.id < before)
    rows = db.scalars(statement.order_by(FiscalDocument.id.desc()).limit(PART_SIZE + 1)).all()
    shown = rows[:PART_SIZE]
    return shown, shown[-1].id if len(rows) > PART_SIZE else None
