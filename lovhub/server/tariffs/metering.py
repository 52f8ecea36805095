"""What it costs to play by the minute, second by second, and how far money reaches. Pure: no clock, no database.

A sitting's prices are a list of stretches, each with a price per hour, written down when it starts. What is played is
added up as `used`, in tiyn × seconds per hour: one whole number that never loses a part of a tiyn, so that where a
sitting is cut makes no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Stretch:
    """From when until when an hour costs so much."""

    from_at: int
    until_at: int
    hour_tiyn: int


@dataclass(frozen=True)
class Meter:
    """A sitting that the balance pays for as it is played.

    `used`: what has been played, `carried` of it on another PC before; `minimum_tiyn`: the least that the whole
    sitting costs. `money_tiyn`: what may be spent on this PC at the most, with all that was taken so far. `now`: the
    instant of this look, from which on more is played. `ahead`: what is reserved beyond `used`.
    """

    stretches: tuple[Stretch, ...]
    minimum_tiyn: int
    money_tiyn: int
    now: int
    used: int = 0
    carried: int = 0
    ahead: int = 0

    @property
    def earned_tiyn(self) -> int:
        """What is to be taken on this PC for all that has been played here."""
        return earned_here_tiyn(self.used, self.carried, self.minimum_tiyn)

    @property
    def paid_tiyn(self) -> int:
        """What is to be taken from the balance on this PC: for what was played, and for what is reserved."""
        return earned_here_tiyn(self.used + self.ahead, self.carried, self.minimum_tiyn)

    def played(self, from_at: int, seconds: int) -> "Meter":
        """So many seconds were played from an instant on; nothing is reserved any more."""
        return replace(self, used=self.used + self._value(from_at, seconds), ahead=0)

    def reserved(self, from_at: int, seconds: int) -> "Meter":
        """So many seconds may be played from an instant on."""
        return replace(self, ahead=self._value(from_at, seconds))

    def seconds_from(self, from_at: int) -> int:
        """How long one can play from an instant on, until the money or the prices end."""
        limit_tiyn = self.money_tiyn + cost_tiyn(self.carried, self.minimum_tiyn)
        if limit_tiyn <= 0 or limit_tiyn < self.minimum_tiyn:
            return 0
        room, at = (limit_tiyn + 1) * HOUR_SECONDS - 1 - self.used, from_at
        for stretch in self.stretches:
            if not stretch.from_at <= at < stretch.until_at:
                continue
            affordable = max(0, room) // stretch.hour_tiyn
            if affordable < stretch.until_at - at:
                return at - from_at + affordable
            room -= (stretch.until_at - at) * stretch.hour_tiyn
            at = stretch.until_at
        return at - from_at

    def hour_tiyn(self, at: int) -> int:
        """What an hour costs at an instant; 0 where nothing is played."""
        return next(
            (one.hour_tiyn for one in self.stretches if one.from_at <= at < one.until_at), 0
        )

    def _value(self, from_at: int, seconds: int) -> int:
        until_at = from_at + seconds
        return sum(
            max(0, min(until_at, one.until_at) - max(from_at, one.from_at)) * one.hour_tiyn
            for one in self.stretches
        )


def cost_tiyn(used: int, minimum_tiyn: int) -> int:
    """What a sitting costs after so much: rounded down once, at least the minimum once anything was played."""
    return max(minimum_tiyn, used // HOUR_SECONDS) if used else 0


def earned_here_tiyn(used: int, carried: int, minimum_tiyn: int) -> int:
    """What of that falls on this PC."""
    return cost_tiyn(used, minimum_tiyn) - cost_tiyn(carried, minimum_tiyn)


def joined(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The same prices in as few stretches as they need."""
    found: list[Stretch] = []
    for one in stretches:
        if found and (found[-1].until_at, found[-1].hour_tiyn) == (one.from_at, one.hour_tiyn):
            found[-1] = replace(found[-1], until_at=one.until_at)
        else:
            found.append(one)
    return tuple(found)
