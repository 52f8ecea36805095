"""Money in several accounts that pays for one thing after the other."""

from collections.abc import Sequence

from lovhub.server.ledger.rules import drawn
from lovhub.server.ledger.service import Account, Transfer


class Purse:
    """Pays where an `Account` would, from the first account until its part is used up, then from the next."""

    def __init__(self, parts: Sequence[tuple[Account, int]]) -> None:
        self._accounts = [account for account, _ in parts]
        self._left = [amount for _, amount in parts]

    def pay(self, to: Account, amount: int) -> list[Transfer]:
        """The transfers of so much; ValueError if there is less."""
        taken = drawn(self._left, amount)
        self._left = [left - part for left, part in zip(self._left, taken, strict=True)]
        return [
            Transfer(account, to, part)
            for account, part in zip(self._accounts, taken, strict=True)
            if part
        ]
