"""PCs that are on and open to nobody's name: noticed from the live picture in memory, told once each time. Pure.

What can be seen is what a PC's agent says of itself: that it is there, whether its lock is up, whether a program of the
club's list runs. A PC without an agent says nothing: what the network shows of it, `without_agent` tells.
"""

import itertools
from collections.abc import Set as AbstractSet
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
class _Stretches:
    """Which PCs are so, and since when. Of thousands that stay as they are, a look only compares the sets."""

    _since: dict[int, float] = field(default_factory=dict)
    """Of those not told yet, the longest first."""
    _told: frozenset[int] = frozenset()

    def noticed(self, kind: str, pcs: AbstractSet[int], now: float, limit: int) -> list[Noticed]:
        self._told = self._told & pcs
        for pc in self._since.keys() - pcs:
            del self._since[pc]
        for pc in sorted(pcs - self._told - self._since.keys()):
            self._since[pc] = now
        news = [
            pc
            for pc, _began in itertools.takewhile(
                lambda one: now - one[1] >= limit, self._since.items()
            )
        ]
        if news:
            for pc in news:
                del self._since[pc]
            self._told = self._told.union(news)
        return [Noticed(kind, pc, limit) for pc in news]


@dataclass
class Watch:
    """Remembers since when each PC has been so. Forgets at a restart: then it counts from the start of the server."""

    _open: _Stretches = field(default_factory=_Stretches)
    _on: _Stretches = field(default_factory=_Stretches)

    def look(self, pcs: Unattended, *, now: float, idle_seconds: int) -> list[Noticed]:
        """What has gone on for too long since the last look. `idle_seconds` 0: nobody asks how long a PC is on."""
        are_on = pcs.on if idle_seconds > 0 else frozenset()
        return [
            *self._open.noticed("computer.open_without_session", pcs.open, now, OPEN_SECONDS),
            *self._on.noticed("computer.on_without_session", are_on, now, idle_seconds),
        ]
