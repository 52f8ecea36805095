"""What the log vouches for of a sitting: a hash of its row, beside what is told when it begins and when it ends.

The event with which it begins holds a hash of what never changes of the row, the one with which it ends a hash of all
that does not change any more; both are sealed with the log. So `lovhub ledger check` finds who edits the row of a
sitting, slips one in or takes one out (`ledger/sittings.py`). While it is played, its state and its lease are of the
moment.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, cast

from lovhub.server.sessions.models import PlaySession

ROW = "row"
"""Where an event's data holds the hash."""

BEGINS = frozenset(
    {
        "session.begun", "session.begun_with_code", "session.guest_seated", "session.moved",
        "session.waits_for_age",  # who types a code at night waits from the start
    }
)  # fmt: skip
ENDS = frozenset({"session.ended", "session.released"})

COLUMNS = (
    PlaySession.id,
    PlaySession.club_id,
    PlaySession.computer_id,
    PlaySession.zone_id,
    PlaySession.customer_id,
    PlaySession.guest_name,
    PlaySession.started_at,
    PlaySession.continues_id,
    PlaySession.state,
    PlaySession.ended_at,
    PlaySession.end_reason,
    PlaySession.pause_reason,
    cast(PlaySession.zone_bound, Integer),
    PlaySession.night_leave,
    PlaySession.leased_seconds,
    PlaySession.lease_serial,
    PlaySession.lease_issued_at,
    PlaySession.lease_not_after,
    PlaySession.due_at,
    PlaySession.unreachable_since_at,
    # What a silent PC has played and tells later moves both on.
    PlaySession.settled_at - PlaySession.played_seconds,
)
"""What is vouched for. What was played is in the books; how often the row was changed (`revision`), nobody asks."""

NEVER_CHANGING = 8
"""So many of these, the first ones, stand when a sitting begins."""

STATE = 8
"""Which of these tells whether it has ended."""


def of_begun(values: Sequence[Any]) -> str:
    """The hash of what never changes, of values as in `COLUMNS`."""
    return hashlib.blake2b(written(values[:NEVER_CHANGING]), digest_size=16).hexdigest()


def of_ended(values: Sequence[Any]) -> str:
    """The hash of the whole."""
    return hashlib.blake2b(written(values), digest_size=16).hexdigest()


def written(values: Sequence[Any]) -> bytes:
    """Values, so that no two rows are written alike."""
    return repr(tuple(values)).encode(errors="backslashreplace")


def of_event(kind: str, row: PlaySession) -> dict[str, str]:
    """What an event of this kind says beside, of a row that is as it will be written: of one that ends, or begins."""
    is_over = row.state == "ended"
    if kind not in BEGINS and not is_over:
        return {}
    begun = (
        row.id, row.club_id, row.computer_id, row.zone_id, row.customer_id, row.guest_name, row.started_at,
        row.continues_id,
    )  # fmt: skip
    if not is_over:
        return {ROW: of_begun(begun)}
    ended = (
        row.state, row.ended_at, row.end_reason, row.pause_reason, int(row.zone_bound), row.night_leave,
        row.leased_seconds, row.lease_serial, row.lease_issued_at, row.lease_not_after, row.due_at,
        row.unreachable_since_at, row.settled_at - row.played_seconds,
    )  # fmt: skip
    return {ROW: of_ended(begun + ended)}
