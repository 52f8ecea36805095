"""What the oracle remembers of bought time, of playing by the minute, and of who sits where."""

from dataclasses import dataclass, field
from typing import Literal

from tests.oracle.terms import Minutes, Rest

RANK = {"fixed_end": 0, "package": 1, "bundle": 2}  # Tariffs 9


@dataclass
class Meter:
    """A sitting by the minute: the prices written down, and what it has come to. `prices`: (until, per hour)."""

    chosen: Minutes
    prices: list[tuple[int, int]]
    added_up: int = 0
    taken: int = 0

    def cost(self, added_up: int) -> int:
        """Per minute 4: rounded down once, but at least the minimum once a second is played."""
        return max(self.chosen.minimum, added_up // 3600) if added_up else 0


@dataclass
class Lot:
    """Time that was bought, with its own terms (Tariffs 1). `whose`: a customer, or a guest's sitting."""

    whose: object
    title: str
    kind: str
    seconds: int
    price: int
    rest: Rest
    expires: int
    place: int
    zone: int | None = None
    played: int = 0
    gone: int = 0
    refunded: int = 0
    earned: int = 0
    expired: int = 0

    @property
    def left(self) -> int:
        """Seconds that may still be played."""
        return self.seconds - self.played - self.gone

    @property
    def order(self) -> tuple[int, int, int]:
        """Tariffs 9."""
        return RANK.get(self.kind, 1), self.expires, self.place

    @property
    def owed(self) -> int:
        """Money taken for what is not yet played."""
        return self.price - self.earned - self.expired - self.refunded


@dataclass
class Sitting:
    """Somebody at a PC. `counted_to`: up to when it is reckoned while it runs."""

    player: object
    zone: int | None
    counted_to: int
    state: Literal["runs", "stands", "silent", "over"] = "runs"
    played: int = 0
    begun: set[int] = field(default_factory=set)
    meter: Meter | None = None
