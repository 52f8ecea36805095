"""Bought time: what is asked for it, selling it, giving it away, taking it along, and what becomes of a rest."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappush

from tests.oracle.carrying import Carried, ZoneRule, prices, taken_along
from tests.oracle.loyalty import Bonuses
from tests.oracle.memory import Lot, Worth
from tests.oracle.money import Money
from tests.oracle.terms import (
    FOREVER,
    NO_GROUP,
    Group,
    Offer,
    PriceList,
    Rest,
    is_for,
)

SHOWN_FOR = 600
USED_UP_IN_ORDER = ("kaspi", "card", "cash")


@dataclass(frozen=True)
class Asked:
    """What stands in the button: of the `full` price the group takes off `discount`, bonuses pay `bonus`."""

    seconds: int
    expires: int
    full: int
    discount: int = 0
    bonus: int = 0

    @property
    def price(self) -> int:
        """The price less the discount."""
        return self.full - self.discount

    @property
    def money(self) -> int:
        """What is to be paid in money."""
        return self.price - self.bonus


@dataclass(frozen=True)
class Share:
    """One PC of a payment for several: whose time it will be, in which zone, and what is asked for it."""

    whose: object
    zone: int | None
    asked: Asked


class Shop(Money):
    """Whose time is there, and what it was sold for."""

    def __init__(self, price_list: PriceList, bonus_rules: Bonuses) -> None:
        super().__init__(price_list, bonus_rules)
        self.zone_rule: ZoneRule = "nothing"
        self.groups: dict[object, Group] = {}
        self.lots: list[Lot] = []
        self.sold_by_zone: Counter[int | None] = Counter()
        self.played_by_zone: Counter[int | None] = Counter()
        self.expired_by_zone: Counter[int | None] = Counter()
        self._with_time: defaultdict[object, list[Lot]] = defaultdict(list)
        self._expiring: list[tuple[int, int]] = []

    # --- selling ------------------------------------------------------------------------------------

    def asked(
        self,
        at: int,
        offer: Offer,
        zone: int | None,
        customer: object = None,
        *,
        has: int | None = None,
    ) -> Asked | None:
        """What a customer who buys for themselves is asked for; without one: the full price. None: not sold.

        `has`: so many bonuses are left; None: what there are.
        """
        found = self.price_list.quote(at, offer, zone)
        group = self.group_of(customer)
        if found is None or not is_for(offer, group):
            return None
        seconds, full, expires = found
        price = group.price(full)
        bonus = 0
        if customer is not None:
            bonus = self.bonus_rules.part(price, self.bonuses[customer] if has is None else has)
        return Asked(seconds, expires, full, full - price, bonus)

    def honoured(
        self, at: int, offer: Offer, zone: int | None, whose: object, shown: int
    ) -> Asked | None:
        """Tariffs 8: what is sold at the price that was shown, if that was right within the last ten minutes."""
        customer = None if is_guest(whose) else whose
        now = self.asked(at, offer, zone, customer, has=0)
        for moment in range(at, at - SHOWN_FOR - 1, -1) if offer.by_share else (at,):
            then = self.asked(moment, offer, zone, customer, has=0)
            if now is None or then is None or then.expires != now.expires:
                return None  # not this window any more
            if then.price == shown:
                return replace(now, full=then.full, discount=then.discount)
        return None

    def group_of(self, customer: object) -> Group:
        """Groups 1."""
        return self.groups.get(customer, NO_GROUP)

    def sell(
        self,
        at: int,
        offer: Offer,
        whose: object,
        *,
        zone: int | None,
        ways: Mapping[str, int],
        at_desk: bool,
        asked: Asked | None = None,
        payer: object = None,
    ) -> Lot:
        """Sell the offer to a customer (from the `balance`) or to a guest's sitting; the receipt is the desk's.

        `ways`: how much was paid in which way, together what is to be paid in money (Paying 2). `asked`: before the
        top-up that pays for it (Bonuses 4); otherwise now. `payer`: whose balance pays; None: that of whose it is.
        """
        self.settle(at)
        asked = asked or self.asked(at, offer, zone, None if is_guest(whose) else whose)
        assert asked is not None, "not sold now"
        assert sum(ways.values()) == asked.money, "the parts are exactly what is to be paid"
        with self.operation():
            for method, amount in ways.items():
                if method == "balance":
                    payer = whose if payer is None else payer
                    self.balances[payer] -= amount
                    assert self.balances[payer] >= 0, "not enough money"
                else:
                    self._take(at, method, amount)
        self.bonuses[whose] -= asked.bonus
        self._day(at).sold += asked.money
        self.sold_by_zone[zone] += asked.money
        self.receipts += at_desk
        return self._add_lot(Lot(
            whose, offer.title, offer.kind, asked.seconds, offer.rest, asked.expires,
            Worth(asked.money), Worth(asked.bonus), Worth(asked.discount), zone, offer, at, dict(ways),
        ))  # fmt: skip

    def sell_together(
        self,
        at: int,
        offer: Offer,
        shares: Sequence[Share],
        ways: Mapping[str, int],
        payer: object = None,
    ) -> None:
        """Paying 5: one payment for several PCs, in the order of their ids; what comes first is paid first (3)."""
        left = {way: ways[way] for way in (*USED_UP_IN_ORDER, "balance") if way in ways}
        with self.operation():
            for share in shares:
                paid, missing = dict[str, int](), share.asked.money
                for way, has in left.items():
                    paid[way] = min(has, missing)
                    missing -= paid[way]
                left = {way: has - paid[way] for way, has in left.items()}
                self.sell(
                    at, offer, share.whose, zone=share.zone, at_desk=True, asked=share.asked, payer=payer,
                    ways={way: amount for way, amount in paid.items() if amount},
                )  # fmt: skip
        assert not any(left.values()), "the parts are exactly what is to be paid"

    def give(self, at: int, whose: object, seconds: int) -> Lot:
        """Time without money, by staff or by a promo code: a package for nothing that is kept; it has no receipt."""
        self.settle(at)
        return self._add_lot(Lot(whose, "", "package", seconds, "kept", FOREVER, sold_at=at))

    def _add_lot(self, lot: Lot) -> Lot:
        lot.place = len(self.lots)
        self.lots.append(lot)
        self._with_time[lot.whose].append(lot)
        if lot.expires < FOREVER:
            heappush(self._expiring, (lot.expires, lot.place))
        return lot

    # --- another zone -------------------------------------------------------------------------------

    def asked_to_take_along(self, at: int, player: object, zone: int | None) -> list[Carried]:
        """Into another zone 3: what the desk is shown."""
        self.settle(at)
        return taken_along(self.zone_rule, self._with_time[player], zone)

    def take_along(self, at: int, carried: Sequence[Carried], zone: int | None, way: str) -> None:
        """6: of each rest a lot of its own; the difference is paid in this `way`, with one receipt."""
        total = sum(one.difference for one in carried)
        for old, seconds, difference in ((one.lot, one.seconds, one.difference) for one in carried):
            money, bonus, discount = (part.owed for part in old.parts)
            self.sold_by_zone[old.zone] -= money  # Books 6
            self.sold_by_zone[zone] += money + difference
            self._add_lot(Lot(
                old.whose, old.title, old.kind, seconds, old.rest, old.expires,
                Worth(money + difference), Worth(bonus), Worth(discount), zone, old.offer, old.sold_at,
            ))  # fmt: skip
            for part in old.parts:
                part.carried += part.owed
            old.gone += old.left
        if not total:
            return
        if way == "balance":
            self.balances[carried[0].lot.whose] -= total
        else:
            with self.operation():
                self._take(at, way, total)
        self._day(at).sold += total
        self.receipts += 1

    def may_play(self, at: int, player: object, zone: int | None) -> bool:
        """Whether some of their time is played here as it is."""
        return any(
            lot.left and self._ends(lot, at) > at and not prices(self.zone_rule, lot, zone)
            for lot in self._with_time[player]
        )

    def _ends(self, lot: Lot, at: int) -> int:
        """Tariffs 10 and 15: until when it may be played from now on; not after `at`: not now."""
        return min(lot.expires, self.price_list.hours(lot.offer, at)[0])

    def waits_for_hours(self, at: int, player: object) -> bool:
        """Tariffs 15: whether they have time, and none of it may be played at this hour."""
        mine = [lot for lot in self._with_time[player] if lot.left and lot.expires > at]
        return bool(mine) and all(self._ends(lot, at) <= at for lot in mine)

    # --- rests --------------------------------------------------------------------------------------

    def _let_go(self, at: int, lot: Lot, rule: Rest) -> None:
        """Tariffs 12–14: what becomes of a rest."""
        if rule == "kept":
            return
        lot.gone += lot.left
        if rule == "expires":
            self.expired_by_zone[lot.zone] += lot.money.owed
            for part in lot.parts:
                part.expired += part.owed
        else:
            self._come(lot.whose, lot.money.owed)
            self.bonuses[lot.whose] += lot.bonus.owed
            self._day(at).sold -= lot.money.owed
            self.sold_by_zone[lot.zone] -= lot.money.owed
            for part in lot.parts:
                part.returned += part.owed

    def seconds_left(self, whose: object, at: int) -> int:
        """Bought time that may still be played: of each purchase until its expiry at most (Tariffs 10)."""
        return sum(min(lot.left, max(0, lot.expires - at)) for lot in self._with_time[whose])


def is_guest(player: object) -> bool:
    """Whether it is a guest, who has a sitting and no account."""
    return isinstance(player, tuple) and player[0] == "guest"
