"""What open pages have been told of the hall, and what they have not.

Each row is compared with what was said of it, and when: pages count seconds by themselves from then on.
"""

import threading
from collections import Counter, deque
from collections.abc import Iterable

from lovhub.server.live import HallCounts, HallRow, LiveSnapshot, Status, only_time_passed

REMEMBERED_CHANGES = 1_000


class Changes:
    """Which PCs have changed, in the order in which they did. Noted from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: deque[int] = deque(maxlen=REMEMBERED_CHANGES)
        self.revision = 0
        """How many there were."""
        self.pressing = 0
        """How many there were when the last one came that is told at once."""

    def note(self, computer_id: int, *, can_wait: bool = False) -> None:
        """A PC is different now; 0: more than one PC, or something else. `can_wait`: to be told with others."""
        with self._lock:
            self._ids.append(computer_id)
            self.revision += 1
            if not can_wait:
                self.pressing = self.revision

    def since(self, revision: int) -> frozenset[int] | None:
        """The PCs that have changed since it was so many; None: any may have."""
        with self._lock:
            count = self.revision - revision
            if not 0 <= revision <= self.revision or count > len(self._ids):
                return None
            found = frozenset(list(self._ids)[len(self._ids) - count :])
        return None if 0 in found else found


class Told:
    """By PC, what was said of it and when."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[HallRow, float]] = {}
        self._statuses: Counter[Status] = Counter()
        """Of the rows: each time that something is told, so are the counts, and a hall may be large."""

    def all(self, snapshot: LiveSnapshot, at: float) -> None:
        """Every page is told all of this."""
        self._rows = {row.computer_id: (row, at) for row in snapshot.rows}
        self._statuses = Counter(row.status for row in snapshot.rows)

    def news(
        self, rows: Iterable[HallRow], of: frozenset[int] | None, at: float
    ) -> tuple[tuple[HallRow, ...], list[int]]:
        """Of these rows those that pages do not know yet, and which PCs are gone; both count as told.

        `of`: the PCs whose rows these are; None: all that there are.
        """
        there = {row.computer_id: row for row in rows}
        gone = sorted((self._rows.keys() if of is None else of & self._rows.keys()) - there.keys())
        for computer_id in gone:
            self._statuses[self._rows.pop(computer_id)[0].status] -= 1
        new = []
        for computer_id, row in there.items():
            known = self._rows.get(computer_id)
            if known is None or not only_time_passed(known[0], row, at - known[1]):
                if known is not None:
                    self._statuses[known[0].status] -= 1
                self._statuses[row.status] += 1
                self._rows[computer_id] = (row, at)
                new.append(row)
        return tuple(new), gone

    def counts(self) -> HallCounts:
        """Of all that was said."""
        total, off = len(self._rows), self._statuses["off"]
        return HallCounts(total=total, on=total - off, off=off, used=self._statuses["used"])
