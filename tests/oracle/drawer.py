"""The drawer and the safe of a club, from count to count: «Shifts» of `docs/billing.md`."""

from dataclasses import dataclass


@dataclass
class Shift:
    """A drawer between two counts. `expected` at its close; `difference`: what the count then found."""

    counted: int
    expected: int = 0
    difference: int = 0
    found_at_opening: int = 0


class Drawer:
    """`cash` is what must lie in it; the safe begins at nothing, since nobody has counted it."""

    def __init__(self) -> None:
        self.cash = 0
        self.safe = 0
        self.over_short = 0
        self.shifts: list[Shift] = []

    def open_shift(self, counted: int) -> None:
        """2: counted first; before the first shift nobody had counted."""
        found = counted - self.cash
        if self.shifts:
            self.over_short += found
        else:
            self.safe -= found
            found = 0
        self.cash = counted
        self.shifts.append(Shift(counted, found_at_opening=found))

    def close_shift(self, counted: int, left: int) -> None:
        """4: what is not left for change goes to the safe."""
        self.shifts[-1].expected = self.cash
        self.shifts[-1].difference = counted - self.cash
        self.over_short += counted - self.cash
        self.safe += counted - left
        self.cash = left

    def close_without_count(self) -> None:
        """5: all stays in the drawer."""
        self.shifts[-1].expected = self.cash

    def pay_in(self, amount: int) -> None:
        """3: from the safe, or to it where it is below zero."""
        self.cash += amount
        self.safe -= amount
