"""What the oracle remembers of bought time, of playing by the minute, and of who sits where."""

from dataclasses import dataclass, field
from typing import Literal

from tests.oracle.terms import Minutes, Offer, Rest

RANK = {"fixed_end": 0, "package": 1, "bundle": 2}  # Tariffs 9


@dataclass
class Meter:
    """A sitting by the minute: the prices written down, and what it has come to. `prices`: (until, per hour).

    `limit`: up to what may be owed for it; 0: only the balance pays.
    """

    chosen: Minutes
    prices: list[tuple[int, int]]
    limit: int = 0
    added_up: int = 0
    taken: int = 0

    def cost(self, added_up: int) -> int:
        """Per minute 4: rounded down once, but at least the minimum once a second is played."""
        return max(self.chosen.minimum, added_up // 3600) if added_up else 0


@dataclass
class Worth:
    """What a lot is worth in one kind of value (money, bonuses, what a discount took off), and what became of it.

    `carried`: taken along into another zone.
    """

    given: int = 0
    earned: int = 0
    expired: int = 0
    returned: int = 0
    carried: int = 0

    @property
    def owed(self) -> int:
        """What is not yet played."""
        return self.given - self.earned - self.expired - self.returned - self.carried

    @property
    def used(self) -> int:
        """Earned by playing and by expiry."""
        return self.earned + self.expired

    def play(self, played: int, seconds: int) -> int:
        """Tariffs 14: of so many seconds so many are played in all; what that earns more than before."""
        more = self.given * played // seconds - self.earned
        self.earned += more
        return more


@dataclass
class Lot:
    """Time that was bought, with its own terms (Tariffs 1). `whose`: a customer, or a guest's sitting.

    `offer`: None if no tariff sold it. `paid`: how much in which way.
    """

    whose: object
    title: str
    kind: str
    seconds: int
    rest: Rest
    expires: int
    money: Worth = field(default_factory=Worth)
    bonus: Worth = field(default_factory=Worth)
    discount: Worth = field(default_factory=Worth)
    zone: int | None = None
    offer: Offer | None = None
    sold_at: int = 0
    paid: dict[str, int] = field(default_factory=dict)
    place: int = 0
    played: int = 0
    gone: int = 0

    @property
    def parts(self) -> tuple[Worth, Worth, Worth]:
        """Money, bonuses, discount: each is earned alike."""
        return self.money, self.bonus, self.discount

    @property
    def left(self) -> int:
        """Seconds that may still be played."""
        return self.seconds - self.played - self.gone

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Tariffs 9; what is taken along into another zone was sold when it was bought."""
        return RANK.get(self.kind, 1), self.expires, self.sold_at, self.place


@dataclass
class Sitting:
    """Somebody at a PC. `counted_to`: up to when it is reckoned while it runs.

    `waits`: lots that are not played here, since this zone has another price. `leave`: why they may stay at night.
    `for_night`: it stands still because the night has stopped it.
    """

    player: object
    zone: int | None
    counted_to: int
    state: Literal["runs", "stands", "silent", "over"] = "runs"
    played: int = 0
    meter: Meter | None = None
    waits: set[int] = field(default_factory=set)
    leave: str = ""
    for_night: bool = False
