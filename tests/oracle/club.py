"""An independent reckoning of a club's money and time, written from `docs/billing.md` alone.

It imports nothing of LoVHub. It is told what happened, in the words of the club and with the instants, and says what
must be so now: balances, time left, sold and played, what is owed, what lies in the drawer. Numbers in comments
are the document's rules. By subject: `money`, `shop`, `metered`, `night`, `playing`, `guests`, each upon the last.
"""

from collections.abc import Sequence

from tests.oracle.guests import Guests
from tests.oracle.loyalty import NO_BONUSES, Bonuses
from tests.oracle.terms import Minutes, PriceList


class Club(Guests):
    """Tell it everything in the order of time, then ask."""

    def __init__(
        self, time_zone: str, minutes: Sequence[Minutes] = (), bonus_rules: Bonuses = NO_BONUSES
    ) -> None:
        """`minutes`: the club's tariffs per minute, in the order of its list."""
        super().__init__(PriceList(time_zone, minutes), bonus_rules)

    @property
    def played(self) -> int:
        """Money earned by playing and by expiry (Books 3)."""
        return self.by_minute + self.earned_by_no_time + sum(lot.money.used for lot in self.lots)

    @property
    def owed(self) -> int:
        """Balances and unplayed time (Books 10); what customers owe is in no sum with it (In debt 11)."""
        unplayed = sum(lot.money.owed for lot in self.lots)
        return self.balances.total() + unplayed + self.credits.total()

    def account_of(self, customer: object) -> str:
        """What is known of a customer, in a sentence for whoever looks for a mistake."""
        plays = [
            one for one in self.sittings.values() if one.player == customer and one.state != "over"
        ]
        return (
            f"customer {customer}: balance {self.balances[customer]}, debt {self.debts[customer]}, "
            f"bonuses {self.bonuses[customer]}, plays {plays}"
        )
