"""«Per minute from the balance» and «In debt»: nothing is bought, the balance pays as time is played, then a debt."""

from tests.oracle.loyalty import Bonuses
from tests.oracle.memory import Meter, Sitting
from tests.oracle.shop import Shop
from tests.oracle.terms import Minutes, PriceList


class ByMinute(Shop):
    """What is played by the minute, and what it costs."""

    def __init__(self, price_list: PriceList, bonus_rules: Bonuses) -> None:
        super().__init__(price_list, bonus_rules)
        self.by_minute = 0
        self.seconds_by_minute = 0
        self.debt_limit = 0
        self._settled_to = 0
        self.sittings: dict[object, Sitting] = {}
        self._live: dict[object, Sitting] = {}

    def start_minutes(
        self, at: int, name: object, chosen: Minutes, *, in_debt: bool = False
    ) -> None:
        """Per minute 1: the sitting goes on from the balance when its bought time is over."""
        sitting = self.sittings[name]
        if sitting.counted_to < at:
            self.settle(at)
        assert sitting.meter is None, "once a sitting"
        sitting.meter = self._meter(at, sitting.player, chosen, sitting.zone)
        if in_debt:
            assert not self.owes(sitting.player), "a debt is paid first"
            sitting.meter.limit = self._may_owe[sitting.player] = self.debt_limit
        assert self._seconds_paid_for(sitting, at), "the balance pays for no second"

    def may_start_minutes(
        self, at: int, customer: object, chosen: Minutes, zone: int | None, *, in_debt: bool = False
    ) -> bool:
        """Whether the tariff is sold now, and the balance (or a debt) pays for a second (1)."""
        if not self.price_list.is_sold(chosen, at, self.group_of(customer)):
            return False
        meter = self._meter(at, customer, chosen, zone)
        if in_debt:  # In debt 1
            meter.limit = self.debt_limit
            if not meter.limit or self.owes(customer):
                return False
        return self._seconds_paid_for(Sitting(customer, zone, at, meter=meter), at) > 0

    def owes(self, customer: object) -> bool:
        """In debt 3 and 5. Nobody has money and a debt at once."""
        assert not (self.debts[customer] and self.balances[customer])
        return self.debts[customer] > 0

    def _meter(self, at: int, customer: object, chosen: Minutes, zone: int | None) -> Meter:
        return Meter(chosen, self.price_list.prices(at, chosen, zone, self.group_of(customer)))

    def _seconds_paid_for(self, sitting: Sitting, now: int) -> int:
        """6: how many seconds from now on, at the price of this second, the money pays for."""
        meter = sitting.meter
        price = 0 if meter is None else next((p for until, p in meter.prices if now < until), 0)
        if meter is None or not price:
            return 0
        money = meter.taken + self.balances[sitting.player]
        if meter.limit:  # In debt 2 and 3
            money += min(meter.limit, self.debt_limit) - self.debts[sitting.player]
        if money <= 0 or money < meter.chosen.minimum:
            return 0
        return max(0, (3600 * (money + 1) - 1 - meter.added_up) // price)

    def _play_minutes(self, sitting: Sitting, now: int, until: int) -> int:
        """Seconds that the balance pays for, up to the next change of the price; 0: it ends here."""
        meter = sitting.meter
        seconds = self._seconds_paid_for(sitting, now)
        if meter is None or not seconds:
            sitting.meter = None
            return 0
        closes, price = next(one for one in meter.prices if now < one[0])
        seconds = min(seconds, until - now, closes - now)
        meter.added_up += price * seconds
        more = meter.cost(meter.added_up) - meter.taken
        meter.taken += more
        from_balance = min(more, self.balances[sitting.player])
        self.balances[sitting.player] -= from_balance
        if more > from_balance:
            self.debts[sitting.player] += more - from_balance
        self.by_minute += more
        self.sold_by_zone[sitting.zone] += more
        self.seconds_by_minute += seconds
        self.played_by_zone[sitting.zone] += more
        return seconds
