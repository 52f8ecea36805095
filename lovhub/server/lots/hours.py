"""How long a lot may be played from now on, by its expiry and by the hours it was sold for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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


Fate = Literal["waits", "expires", "refunded", "night"]
"""What becomes of time that stands still: its hours end, or it does, or the night stops whoever plays it."""

SOON_SECONDS = 12 * 3600
"""Nobody's pause is longer; and within so much a time of day is told without a date."""


@dataclass(frozen=True)
class Border:
    """An instant at which something becomes of time that stands still."""

    at: int
    then: Fate


def border(lot: Lot, limits: Bounds, now: int, night_in: int | None) -> Border | None:
    """The first such instant of a lot, if it comes soon; None if none does.

    `limits`: those of now; `night_in`: seconds until a night that stops its player, 0 in it, None where none does.
    """
    ends_in = limits.expires_in
    if night_in and (ends_in is None or night_in < ends_in):
        found = Border(now + night_in, "night")
    elif ends_in is None:
        return None
    elif lot.expires_at is None or lot.expires_at > now + ends_in:
        found = Border(now + ends_in, "waits")
    else:
        refunds = lot.rest_rule == "refunded" and lot.customer_id is not None
        found = Border(lot.expires_at, "refunded" if refunds else "expires")
    return found if now < found.at <= now + SOON_SECONDS else None


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
