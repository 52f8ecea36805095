"""Going on after a start of the PC while no server is there: what the record on disk still allows. Pure.

The lease's seconds are the bound that holds in any case: they are counted on disk, from the session's start. The other
is `not_after`: from then on the server may have given the seconds back. This PC was off, and knows the time only by its
own clock, which whoever is in the BIOS can set; so that clock only ever shortens what is left.
"""

import math

from lovhub.agent.journal import SessionRecord
from lovhub.protocol.lease import Lease


def reckoned_time(record: SessionRecord, wall: float) -> int | None:
    """The server's time (UTC epoch seconds), by how far this PC's clock went on since the last tick on disk.

    None where that is not to be known: the clock stands before that tick, or an older version wrote the record.
    """
    if record.wall_at is None or wall < record.wall_at:
        return None
    return record.last_tick_at + math.ceil(wall - record.wall_at)


def is_left(record: SessionRecord, lease: Lease, server_time: int) -> bool:
    """Whether the session was cut off while it ran, the server has not heard so, and its lease allows something yet."""
    return (
        record.state == "running"
        and not record.is_told
        and record.played_seconds < lease.seconds
        and server_time < lease.not_after
    )
