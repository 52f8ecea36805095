"""Reading which PCs are broken or kept."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lovhub.server.conditions.models import Condition
from lovhub.server.conditions.rules import Kind, Standing
from lovhub.server.customers.models import Customer


@dataclass(frozen=True)
class ConditionShown:
    """A PC's condition as people read it: `text` is the reason, or for whom it is kept."""

    computer_id: int
    kind: Kind
    text: str
    customer_id: int | None
    until_at: int | None


def standing_of(row: Condition) -> Standing:
    """The row as the rules see it."""
    return Standing(cast("Kind", row.kind), row.since_at, row.until_at, row.customer_id)


def in_force(
    db: Session, club_id: int, now: int, only: Collection[int] | None = None
) -> list[ConditionShown]:
    """Conditions that have not ended, of the club's PCs or of `only` those: one query."""
    wanted: list[ColumnElement[bool]] = [
        Condition.club_id == club_id,
        or_(Condition.until_at.is_(None), Condition.until_at > now),
    ]
    if only is not None:
        wanted.append(Condition.computer_id.in_(only))
    rows = db.execute(
        select(Condition, Customer.name)
        .outerjoin(Customer, Customer.id == Condition.customer_id)
        .where(*wanted)
        .order_by(Condition.computer_id)
    )
    return [
        ConditionShown(
            row.computer_id, cast("Kind", row.kind), name or row.text, row.customer_id, row.until_at
        )
        for row, name in rows
    ]
