"""PCs that are on and open to nobody's name: noticed from the live picture in memory, told once each time. Pure.

What can be seen is what a PC's agent says of itself: that it is there, whether its lock is up, whether a program of the
club's list runs. A PC without an agent says nothing and counts as switched off.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lovhub.server.live import Unattended

OPEN_SECONDS = 60
"""A launcher that starts or ends a session may be without a lock for a moment."""


@dataclass(frozen=True)
class Noticed:
    """What is to be written down, once for each stretch of time. `kind` is an event's."""

    kind: str
    computer_id: int
    seconds: int


@dataclass
class _Stretch:
    since: float
    told: bool = False


@dataclass
class Watch:
    """Remembers since when each PC has been so. Forgets at a restart: then it counts from the start of the server."""

    _stretches: dict[tuple[str, int], _Stretch] = field(default_factory=dict)

    def look(self, pcs: Iterable[Unattended], *, now: float, idle_seconds: int) -> list[Noticed]:
        """What has gone on for too long since the last look. `idle_seconds` 0: nobody asks how long a PC is on."""
        noticed = []
        still: dict[tuple[str, int], _Stretch] = {}
        for computer_id, is_open in pcs:
            for kind, holds, limit in (
                ("computer.open_without_session", is_open, OPEN_SECONDS),
                ("computer.on_without_session", idle_seconds > 0, idle_seconds),
            ):
                if not holds:
                    continue
                key = (kind, computer_id)
                stretch = still[key] = self._stretches.get(key) or _Stretch(now)
                if not stretch.told and now - stretch.since >= limit:
                    stretch.told = True
                    noticed.append(Noticed(kind, computer_id, limit))
        self._stretches = still
        return noticed
