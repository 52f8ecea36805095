"""What a migration finds in rows that are held against the log from now on: taken for what it is, as the log tells."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from lovhub.server.journal import standing


def take_up(
    connection: sa.Connection, lines: Sequence[Mapping[str, str | None]]
) -> tuple[int, int] | None:
    """Write these lines (`standing.as_it_is`) and the event that vouches for them; returns its number and time.

    None, where no club is founded yet: then nothing is there to be taken up.
    """
    told = tell(connection, {standing.VOUCHED: standing.digest(lines)}, rows=len(lines))
    if told is not None:
        into = sa.table("standing", *map(sa.column, ("event_id", "table_name", "row_key", "told")))
        connection.execute(into.insert(), [{"event_id": told[0], **line} for line in lines])
    return told


def tell(
    connection: sa.Connection, held: Mapping[str, Any], *, rows: int
) -> tuple[int, int] | None:
    """Write the event that so many rows were taken up, which holds this of them; returns its number and time."""
    club_id, founded_at = connection.execute(
        sa.text("SELECT min(id), min(created_at) FROM club")
    ).one()
    if club_id is None:
        return None
    at = int(connection.scalar(sa.text("SELECT max(at) FROM event")) or founded_at)
    event_id = connection.scalar(
        sa.text(
            "INSERT INTO event (club_id, at, kind, actor_kind, actor_name, actor_role, address, data)"
            " VALUES (:club, :at, 'rows.taken_up', 'system', 'LoVHub', '', '', :data) RETURNING id"
        ),
        {"club": club_id, "at": at, "data": json.dumps({"rows": rows, **held})},
    )
    return int(event_id or 0), at
