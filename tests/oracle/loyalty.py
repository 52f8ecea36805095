"""Discounts by group, bonuses for top-ups, and what of a price they pay: «Groups and discounts», «Bonuses»."""

from dataclasses import dataclass

from tests.oracle.terms import TENGE


@dataclass(frozen=True)
class Bonuses:
    """The owner's rules. `steps`: (from, percent); `share`: so much of a price may be paid with them."""

    steps: tuple[tuple[int, int], ...] = ()
    share: int = 100

    def for_top_up(self, amount: int) -> int:
        """Bonuses 2: the highest step reached, its percent of the whole amount, down to a whole tenge."""
        percent = max(((start, p) for start, p in self.steps if start <= amount), default=(0, 0))[1]
        return amount * percent // 100 // TENGE * TENGE

    def part(self, price: int, has: int) -> int:
        """Bonuses 3: what of this price is paid with them."""
        return min(has, price * self.share // 100)


NO_BONUSES = Bonuses()


@dataclass
class TopUp:
    """What can be given back: so much was `paid`, and so much `back` by now; of its `bonus` likewise (Bonuses 6).

    `paid_of_debt`: what it paid of a debt when it came (In debt 4).
    """

    customer: object
    paid: int
    method: str
    bonus: int = 0
    back: int = 0
    bonus_back: int = 0
    paid_of_debt: int = 0

    def missing(self, amount: int) -> int:
        """What of the bonus must go with so much more."""
        kept = self.bonus * (self.paid - self.back - amount) // self.paid
        return self.bonus - kept - self.bonus_back
