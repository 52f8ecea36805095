"""What is turned away when there is more to do than can be done. Values in, values out.

Heartbeats, sessions on PCs and whatever the desk does for money never stand in this queue's way and are never turned
away. Reports go first: they are the dearest of what is looked at, and nobody in the hall waits for one; the other way
round was tried and is worse for all (docs/operations.md). Pages that are only looked at go next. It is decided by what
is measured, how late the event loop comes and how long requests wait for their turn, not by how many there are.
"""

from dataclasses import dataclass
from typing import Literal

Rank = Literal["deed", "desk", "sign_in", "page", "report"]
RANKS: tuple[Rank, ...] = ("deed", "desk", "sign_in", "page", "report")
"""What somebody does; what the desk must see for it; passwords; pages that are looked at; whatever reads much."""

AT_ONCE: dict[Rank, int] = {"deed": 8, "desk": 3, "sign_in": 1, "page": 3, "report": 2}
"""So many of each are worked on at one moment; together fewer than there are threads, so that none waits twice.

Threads that compute take turns with the event loop, so more of them at once only make heartbeats wait. Deeds mostly
wait themselves: for each other, for the disk, for a bank.
"""

PATIENCE_SECONDS: dict[Rank, float | None] = {
    "deed": None, "desk": None, "sign_in": 10.0, "page": 8.0, "report": 15.0,
}  # fmt: skip
"""Whoever has waited so long for their turn is turned away after all."""

TURNED_AWAY: frozenset[Rank] = frozenset({"sign_in", "page", "report"})
"""What anything that is measured can turn away."""

MOST_WAITING = 500
"""Of one rank: each holds a request in memory."""

MOST_WAITING_PER_ADDRESS: dict[Rank, int] = {
    "deed": 30, "desk": 30, "sign_in": 3, "page": 10, "report": 10,
}  # fmt: skip
"""A browser asks for half a dozen at once. Without it one laptop could keep everybody from signing in."""

RETRY_AFTER_SECONDS: dict[Rank, int] = {"deed": 5, "desk": 5, "sign_in": 5, "page": 5, "report": 15}

LAG_WITHOUT_REPORTS = 0.1
LAG_WITHOUT_PAGES = 0.25
DESK_WAIT_WITHOUT_REPORTS = 0.3
DESK_WAIT_WITHOUT_PAGES = 1.0
PAGE_WAIT_WITHOUT_REPORTS = 1.0
LONGEST_WAIT = {"sign_in": 6.0, "page": 4.0, "report": 6.0}
"""Where somebody of the same rank has waited so long already, more of it can only wait longer."""

ALARM_AFTER_SECONDS = 15
ALARM_AGAIN_SECONDS = 3600


@dataclass(frozen=True)
class Signals:
    """What is measured, in seconds.

    `lag`: how late the event loop comes, the median of the last moments: one long breath of the collector or the disk
    is no overload. `…_waits`: of each rank, how long the one who waits longest for their turn has waited by now.
    """

    lag: float = 0.0
    deed_waits: float = 0.0
    desk_waits: float = 0.0
    sign_in_waits: float = 0.0
    page_waits: float = 0.0
    report_waits: float = 0.0


def is_turned_away(rank: Rank, signals: Signals) -> bool:
    """Whether a request of this rank, which comes now, is not even to wait."""
    if rank == "report":
        return (
            without_pages(signals)
            or signals.lag >= LAG_WITHOUT_REPORTS
            or _desk_waits(signals) >= DESK_WAIT_WITHOUT_REPORTS
            or signals.page_waits >= PAGE_WAIT_WITHOUT_REPORTS
            or signals.report_waits >= LONGEST_WAIT["report"]
        )
    if rank == "page":
        return without_pages(signals)
    return rank == "sign_in" and signals.sign_in_waits >= LONGEST_WAIT["sign_in"]


def without_pages(signals: Signals) -> bool:
    """Whether it is so bad that pages which are only looked at must wait, too."""
    return (
        signals.lag >= LAG_WITHOUT_PAGES
        or _desk_waits(signals) >= DESK_WAIT_WITHOUT_PAGES
        or signals.page_waits >= LONGEST_WAIT["page"]
    )


def _desk_waits(signals: Signals) -> float:
    return max(signals.deed_waits, signals.desk_waits)


def level(signals: Signals) -> int:
    """0: nothing is turned away; 1: reports; 2: reports and pages."""
    if without_pages(signals):
        return 2
    return int(is_turned_away("report", signals))


def is_worth_an_alarm(since: float | None, alarmed_at: float | None, now: float) -> bool:
    """Whether people are told. `since`: since when, without a pause, somebody has been turned away."""
    if since is None or now - since < ALARM_AFTER_SECONDS:
        return False
    return alarmed_at is None or now - alarmed_at >= ALARM_AGAIN_SECONDS
