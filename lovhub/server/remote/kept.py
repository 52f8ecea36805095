"""What PCs have answered, for whoever asked for it, for a while, in memory and nowhere else."""

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

from lovhub.clock import Clock

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class _Kept(Generic[Thing]):
    thing: Thing
    staff_id: int | None
    until: float


class KeptAnswers(Generic[Thing]):
    """By the command's id. Callable from any thread."""

    def __init__(self, clock: Clock, *, seconds: int, most: int) -> None:
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._kept: dict[str, _Kept[Thing]] = {}
        self._lock = threading.Lock()

    def keep(self, command_id: str, thing: Thing, staff_id: int | None) -> None:
        """For this person; the oldest makes room."""
        with self._lock:
            until = self._clock.monotonic() + self._seconds
            self._kept[command_id] = _Kept(thing, staff_id, until)
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def seen_by(self, command_id: str, staff_id: int | None) -> Thing | None:
        """For whoever asked for it; None for everybody else, and when its time is over."""
        self.forget()
        with self._lock:
            kept = self._kept.get(command_id)
        if kept is None or staff_id is None or kept.staff_id != staff_id:
            return None
        return kept.thing

    def forget(self) -> None:
        """Let go of those whose time is over."""
        now = self._clock.monotonic()
        with self._lock:
            for command_id in [key for key, kept in self._kept.items() if kept.until < now]:
                del self._kept[command_id]
