"""How long a lot may be played from now on, by its expiry and by the hours it was sold for."""

from collections.abc import Iterable
from dataclasses import dataclass

from lovhub.server.lots.models import Lot
from lovhub.server.tariffs import hours


@dataclass(frozen=True)
class Bounds:
    """`expires_in`: seconds until nothing of it may be played (None: no end); `opens_in`: until it may be again."""

    expires_in: int | None = None
    opens_in: int | None = None


def bounds(lot: Lot, time_zone: str, now: int) -> Bounds:
    """Those of a lot, by the club's clock."""
    ends = [] if lot.expires_at is None else [lot.expires_at - now]
    opens_in = None
    if lot.play_hours is not None:
        playable = hours.playable(hours.read(lot.play_hours), time_zone, now)
        if playable.opens_at is not None:
            ends, opens_in = [0], playable.opens_at - now
        elif playable.until_at is not None:
            ends.append(playable.until_at - now)
    return Bounds(min(ends, default=None), opens_in)


@dataclass(frozen=True)
class Waiting:
    """Seconds that may not be played now, and when the first of them may be."""

    seconds: int
    opens_at: int


def waiting(lots: Iterable[tuple[Lot, int]], time_zone: str, now: int) -> Waiting | None:
    """What of some lots, each with its free seconds, waits for its hours; None: nothing does."""
    found = [
        (seconds, limits.opens_in)
        for lot, seconds in lots
        for limits in (bounds(lot, time_zone, now),)
        if limits.opens_in is not None and seconds > 0
    ]
    if not found:
        return None
    return Waiting(
        sum(seconds for seconds, _ in found), now + min(opens_in for _, opens_in in found)
    )
