"""PCs that are on and open to nobody's name: noticed from the live picture in memory, told once each time. Pure.

What can be seen is what a PC's agent says of itself: that it is there, whether its lock is up, whether a program of the
club's list runs. A PC without an agent says nothing: what the network shows of it, `without_agent` tells.
"""

from collections.abc import Sequence
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
class Watch:
    """Remembers since when each PC has been so. Forgets at a restart: then it counts from the start of the server."""

    _since: dict[str, dict[int, float]] = field(default_factory=dict)
    _told: dict[str, set[int]] = field(default_factory=dict)

    def look(self, pcs: Sequence[Unattended], *, now: float, idle_seconds: int) -> list[Noticed]:
        """What has gone on for too long since the last look. `idle_seconds` 0: nobody asks how long a PC is on."""
        are_open = [computer_id for computer_id, is_open in pcs if is_open]
        are_on = [computer_id for computer_id, _is_open in pcs] if idle_seconds > 0 else []
        return [
            *self._noticed("computer.open_without_session", are_open, now, OPEN_SECONDS),
            *self._noticed("computer.on_without_session", are_on, now, idle_seconds),
        ]

    def _noticed(self, kind: str, pcs: list[int], now: float, limit: int) -> list[Noticed]:
        before = self._since.get(kind, {})
        since = self._since[kind] = {pc: before.get(pc, now) for pc in pcs}
        told = self._told.get(kind, set()) & since.keys()
        news = [pc for pc, began in since.items() if now - began >= limit and pc not in told]
        self._told[kind] = told.union(news)
        return [Noticed(kind, pc, limit) for pc in news]
