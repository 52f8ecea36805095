"""Whose turn it is to take the new version, and how each PC stands to it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from lovhub.protocol.updates import UpdateRefused, is_newer

State = Literal["", "offered", "done", "refused", "rolled_back", "again"]
"""What is known of a PC and the version offered now. `again`: people want it tried once more."""

Shown = Literal[
    "current", "under_way", "refused", "rolled_back", "busy", "off", "waiting", "by_hand"
]
"""How a PC stands to the version. `by_hand`: its agent takes no updates, so the installer must come."""

MOST_AT_ONCE = 3
"""Sixty PCs at once would fill the hall's network, and one bad version would take the whole hall."""

MOST_ROLLED_BACK = 2
"""So many PCs that went back stop the whole: the version is bad, not the PC."""

FREE_SECONDS = 120
"""For so long nobody has been at the PC: who fetches a drink finds it as they left it."""

TURN_SECONDS = 600
"""A PC of which nothing was heard for so long has lost its turn (switched off), and may have another."""

LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 3.0, 10.0
"""Between two turns: they are not to come in step with anything else in the hall."""


class Standing(NamedTuple):
    """A PC as it is seen now. `state_seconds`: for how long `state` has been so."""

    computer_id: int
    version: str
    takes_updates: bool
    is_linked: bool
    free_seconds: int
    state: State = ""
    state_seconds: int = 0


@lru_cache(256)
def is_behind(version: str, offered: str) -> bool:
    """Whether a PC of this version lacks the one offered; what is no version is not judged."""
    # Remembered: hundreds of PCs have the same few versions, and are asked about all the time.
    try:
        return is_newer(offered, version)
    except UpdateRefused:
        return False


def shown(standing: Standing, offered: str) -> Shown:
    """How the PC stands to the version offered. One that runs it is at it until it says that it stays."""
    if _is_under_way(standing):
        return "under_way"
    if not is_behind(standing.version, offered):
        return "current"
    if standing.state == "refused":
        return "refused"
    if standing.state == "rolled_back":
        return "rolled_back"
    if not standing.is_linked:
        return "off"
    if not standing.takes_updates:
        return "by_hand"
    return "waiting" if standing.free_seconds >= FREE_SECONDS else "busy"


def may_come(standings: Iterable[Standing], offered: str) -> Sequence[int]:
    """The PCs of which one may have the next turn: none while too many are at it.

    Until the first has proved that the version runs, one at a time.
    """
    known = list(standings)
    under_way = sum(1 for one in known if _is_under_way(one))
    has_proved = any(one.state == "done" and not is_behind(one.version, offered) for one in known)
    if under_way >= (MOST_AT_ONCE if has_proved else 1):
        return ()
    return [one.computer_id for one in known if shown(one, offered) == "waiting"]


def stops_all(rolled_back: int) -> bool:
    """Whether so many PCs that went back mean that the others are not to follow."""
    return rolled_back >= MOST_ROLLED_BACK


def _is_under_way(standing: Standing) -> bool:
    return standing.state == "offered" and standing.state_seconds < TURN_SECONDS
