"""Closed days are kept in hours and in quarters of them, of which a report reads one, and money by what it means.

What is there is kept: launches that have gone since are counted nowhere else.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

METHODS = {"cash", "card", "kaspi"}
WITHIN_THE_HOUSE = {"safe", "over_short"}


def upgrade() -> None:
    rows = op.get_bind().execute(sa.text("SELECT club_id, day_at, sums FROM closed_day")).all()
    op.drop_table("closed_day")
    table = op.create_table(
        "closed_day",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        sa.Column("quarters", sa.LargeBinary(), nullable=False),
        sa.Column("programs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_closed_day_club_id"),
        sa.PrimaryKeyConstraint("club_id", "day_at", name="pk_closed_day"),
    )
    if rows:
        op.bulk_insert(
            table,
            [{"club_id": club_id, "day_at": at, **apart(sums)} for club_id, at, sums in rows],
        )


def apart(sums: bytes) -> dict[str, bytes]:
    """A day as it was kept, in one, as it is kept now."""
    day = json.loads(sums)
    ids = sorted(map(int, day["launches"]))
    programs = {
        "ids": ids,
        "launches": [day["launches"][str(row_id)] for row_id in ids],
        "ran": [day["ran"][str(row_id)] for row_id in ids],
    }
    return {
        "hours": _written(_meant(day["hours"])),
        "quarters": _written(_meant(day["quarters"])),
        "programs": _written(programs),
    }


def _written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _meant(parts: dict[str, Any]) -> dict[str, Any]:
    money: dict[str, list[int]] = {}
    for debit, credit, amounts in parts["money"]:
        for what, sign in _meaning(debit, credit):
            before = money.get(what, [0] * len(amounts))
            money[what] = [had + sign * amount for had, amount in zip(before, amounts, strict=True)]
    return {"money": dict(sorted(money.items())), "taken": parts["taken"]}


def _meaning(debit: str, credit: str) -> list[tuple[str, int]]:
    """What money was that moved between accounts of two kinds when this was written."""
    if {debit, credit} & WITHIN_THE_HOUSE:
        return []
    found = []
    for kind, sign in ((credit, 1), (debit, -1)):
        if kind == "revenue":
            found.append(("played", sign))
        elif kind == "lot_unearned" and "revenue" not in {debit, credit}:
            found.append(("sold", sign))
        elif kind == "goods_revenue":
            found.append(("goods", sign))
        elif kind in METHODS:
            found.append((kind, -sign))
    return found
