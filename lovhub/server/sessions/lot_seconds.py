"""The seconds of bought time as one session sees them: what it may reserve, what it holds, what runs first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lovhub.server.tariffs.metering import Meter


@dataclass(frozen=True)
class LotSeconds:
    """A lot as one session sees it: what it may still reserve, and what it holds.

    `expires_in`: seconds from now until nothing of it may be played, for good or until its hours come again; None if
    nothing ends it. `opens_in`: of one that may not be played at this hour, seconds until it may. `meter`: of
    a sitting by the minute, which reserves what its money reaches for instead of what is available; it comes last.
    """

    lot_id: int
    available: int
    held: int
    expires_in: int | None = None
    opens_in: int | None = None
    meter: Meter | None = None


@dataclass(frozen=True)
class Move:
    """`seconds` of a lot change their place."""

    lot_id: int
    kind: Literal["reserve", "consume", "give_back"]
    seconds: int


def held_seconds(lots: Sequence[LotSeconds]) -> int:
    """All that the session holds."""
    return sum(lot.held for lot in lots)


def playable(lots: Sequence[LotSeconds]) -> list[int]:
    """How much of each lot may still be played here, one after another, before it expires."""
    found: list[int] = []
    for lot in lots:
        seconds = lot.available + lot.held
        if lot.meter is not None:
            seconds = lot.meter.seconds_from(lot.meter.now + sum(found))
        if lot.expires_in is not None:
            seconds = min(seconds, max(0, lot.expires_in - sum(found)))
        found.append(seconds)
    return found


def seconds_left(lots: Sequence[LotSeconds]) -> int:
    """All that may still be played here, before the running seconds are taken off."""
    return sum(playable(lots))


def opening_in(lots: Sequence[LotSeconds]) -> list[int]:
    """In how many seconds each of those may be played of which something waits for its hours."""
    return [
        lot.opens_in for lot in lots if lot.opens_in is not None and lot.available + lot.held > 0
    ]


def after_running(lots: Sequence[LotSeconds], elapsed_seconds: int, since: int) -> list[LotSeconds]:
    """The lots once the seconds that run since an instant are taken off what is held, in the order of use."""
    after: list[LotSeconds] = []
    for lot in lots:
        taken = min(elapsed_seconds, lot.held)
        meter = None if lot.meter is None else lot.meter.played(since, taken)
        elapsed_seconds -= taken
        since += taken
        after.append(replace(lot, held=lot.held - taken, meter=meter))
    return after


def earned_tiyn(price_tiyn: int, granted_seconds: int, consumed_seconds: int) -> int:
    """How much of a lot's price is earned once so many of its seconds are played.

    Cumulative, so that roundings never add up: the last second always completes the price.
    """
    return price_tiyn * consumed_seconds // granted_seconds
