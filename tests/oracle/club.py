"""An independent reckoning of a club's money and time, written from `docs/billing.md` alone.

It imports nothing of LoVHub. It is told what happened, in the words of the club and with the instants, and says what
must be so now: balances, time left, sold and played, what is owed, what lies in the drawer. Numbers in comments
are the document's rules.

Not reckoned yet: minors at night, debts, sales that wait for Kaspi, fiscal documents.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from tests.oracle.carrying import Carried, ZoneRule, prices, taken_along
from tests.oracle.loyalty import NO_BONUSES, Bonuses
from tests.oracle.memory import Lot, Meter, Sitting, Worth
from tests.oracle.money import Money
from tests.oracle.terms import (
    FOREVER,
    NO_GROUP,
    Group,
    Minutes,
    Offer,
    PriceList,
    Rest,
    is_for,
)


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


class Club(Money):
    """Tell it everything in the order of time, then ask."""

    def __init__(
        self, time_zone: str, minutes: Sequence[Minutes] = (), bonus_rules: Bonuses = NO_BONUSES
    ) -> None:
        """`minutes`: the club's tariffs per minute, in the order of its list."""
        super().__init__(PriceList(time_zone, minutes), bonus_rules)
        self.by_minute = 0
        self.seconds_by_minute = 0
        self.zone_rule: ZoneRule = "nothing"
        self.groups: dict[object, Group] = {}
        self.lots: list[Lot] = []
        self.sittings: dict[object, Sitting] = {}
        self.sold_by_zone: Counter[int | None] = Counter()
        self.played_by_zone: Counter[int | None] = Counter()
        self.expired_by_zone: Counter[int | None] = Counter()
        self._live: dict[object, Sitting] = {}
        self._with_time: defaultdict[object, list[Lot]] = defaultdict(list)
        self._expiring: list[tuple[int, int]] = []

    # --- time ---------------------------------------------------------------------------------------

    def asked(
        self, at: int, offer: Offer, zone: int | None, customer: object = None
    ) -> Asked | None:
        """What a customer who buys for themselves is asked for; without one: the full price. None: not sold."""
        found = self.price_list.quote(at, offer, zone)
        group = self.group_of(customer)
        if found is None or not is_for(offer, group):
            return None
        seconds, full, expires = found
        price = group.price(full)
        bonus = 0 if customer is None else self.bonus_rules.part(price, self.bonuses[customer])
        return Asked(seconds, expires, full, full - price, bonus)

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
    ) -> Lot:
        """Sell the offer to a customer (from the `balance`) or to a guest's sitting; the receipt is the desk's.

        `ways`: how much was paid in which way, together what is to be paid in money (Paying 2). `asked`: before the
        top-up that pays for it (Bonuses 4); otherwise now.
        """
        self.settle(at)
        asked = asked or self.asked(at, offer, zone, None if _is_guest(whose) else whose)
        assert asked is not None, "not sold now"
        assert sum(ways.values()) == asked.money, "the parts are exactly what is to be paid"
        for method, amount in ways.items():
            if method == "balance":
                self.balances[whose] -= amount
                assert self.balances[whose] >= 0, "not enough money"
            else:
                self._take(at, method, amount)
        self.bonuses[whose] -= asked.bonus
        self._day(at).sold += asked.money
        self.sold_by_zone[zone] += asked.money
        self.receipts += at_desk
        return self._add_lot(Lot(
            whose, offer.title, offer.kind, asked.seconds, offer.rest, asked.expires,
            Worth(asked.money), Worth(asked.bonus), Worth(asked.discount), zone, offer, at,
        ))  # fmt: skip

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

    # --- playing ------------------------------------------------------------------------------------

    def sit_down(
        self,
        at: int,
        name: object,
        player: object,
        zone: int | None,
        by_minute: Minutes | None = None,
    ) -> None:
        """A sitting begins, with bought time or by the minute."""
        self.settle(at)
        self._begin(name, Sitting(player, zone, at))
        if by_minute is not None:
            self.start_minutes(at, name, by_minute)

    def _begin(self, name: object, sitting: Sitting) -> None:
        self.sittings[name] = self._live[name] = sitting
        sitting.waits = {
            lot.place
            for lot in self._with_time[sitting.player]
            if prices(self.zone_rule, lot, sitting.zone)
        }

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
            self._take(at, way, total)
        self._day(at).sold += total
        self.receipts += 1

    def may_play(self, at: int, player: object, zone: int | None) -> bool:
        """Whether some of their time is played here as it is."""
        return any(
            lot.left and lot.expires > at and not prices(self.zone_rule, lot, zone)
            for lot in self._with_time[player]
        )

    def start_minutes(self, at: int, name: object, chosen: Minutes) -> None:
        """Per minute 1: the sitting goes on from the balance when its bought time is over."""
        sitting = self._sitting(name)
        if sitting.counted_to < at:
            self.settle(at)
        assert sitting.meter is None, "once a sitting"
        sitting.meter = self._meter(at, sitting.player, chosen, sitting.zone)
        assert self._seconds_paid_for(sitting, at), "the balance pays for no second"

    def may_start_minutes(
        self, at: int, customer: object, chosen: Minutes, zone: int | None
    ) -> bool:
        """Whether the tariff is sold now, and the balance pays for a second (1)."""
        if not self.price_list.is_sold(chosen, at, self.group_of(customer)):
            return False
        trial = Sitting(customer, zone, at, meter=self._meter(at, customer, chosen, zone))
        return self._seconds_paid_for(trial, at) > 0

    def _meter(self, at: int, customer: object, chosen: Minutes, zone: int | None) -> Meter:
        return Meter(chosen, self.price_list.prices(at, chosen, zone, self.group_of(customer)))

    def _seconds_paid_for(self, sitting: Sitting, now: int) -> int:
        """6: how many seconds from now on, at the price of this second, the money pays for."""
        meter = sitting.meter
        price = 0 if meter is None else next((p for until, p in meter.prices if now < until), 0)
        if meter is None or not price:
            return 0
        money = meter.taken + self.balances[sitting.player]
        if not money or money < meter.chosen.minimum:
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
        self.balances[sitting.player] -= more
        self.by_minute += more
        self.sold_by_zone[sitting.zone] += more
        self.seconds_by_minute += seconds
        self.played_by_zone[sitting.zone] += more
        return seconds

    def pause(self, at: int, name: object) -> None:
        """Playing 3: nothing is played; what has an expiry runs on towards it."""
        self.settle(at)
        self._sitting(name).state = "stands"

    def resume(self, at: int, name: object) -> None:
        """It plays on from now."""
        self.settle(at)
        sitting = self._sitting(name)
        sitting.state, sitting.counted_to = "runs", at

    def leave(self, at: int, name: object) -> None:
        """The player leaves: Tariffs 12."""
        self.settle(at)
        sitting = self._sitting(name)
        if sitting.state == "over":
            return
        sitting.state = "over"
        for lot in self._lots_of(sitting):
            if lot.kind == "package" and lot.played and lot.place not in sitting.waits:
                self._let_go(at, lot, lot.rest)
        self._guest_is_gone(at, sitting)

    def move(self, at: int, name: object, new_name: object, zone: int | None) -> None:
        """Moving is not leaving (12); what is played from now on is played there (Books 6)."""
        self.settle(at)
        old = self._sitting(name)
        state, old.state = old.state, "over"
        player: object = ("guest", new_name) if _is_guest(old.player) else old.player
        meter = old.meter
        if meter is not None and zone != old.zone:  # Per minute 10
            group = self.group_of(player)
            here = self.price_list.tariff_at(at, meter.chosen, group)
            if here is None:  # only bought time moves along
                meter = None
            else:
                meter.prices = self.price_list.prices(at, here, zone, group)
        new = Sitting(player, zone, at, state, meter=meter)
        if player != old.player:
            self._with_time[player] = self._with_time.pop(old.player, [])
            for lot in self._with_time[player]:
                lot.whose = player
        self._begin(new_name, new)

    def fall_silent(self, at: int, name: object) -> None:
        """Playing 4: nothing is booked while the PC is silent."""
        self.settle(at)
        self._sitting(name).state = "silent"

    def report(self, at: int, name: object, *, played: int, lost_power: bool) -> None:
        """Playing 4 and 5: the PC is back, and its journal says how much was played in the sitting, in all."""
        self.settle(at)
        sitting = self._sitting(name)
        self._play(sitting, sitting.counted_to + played - sitting.played)
        if sitting.state != "over":
            sitting.state = "stands" if lost_power else "runs"
            sitting.counted_to = at
            if self._has_nothing(sitting, at):  # Playing 5: it expired meanwhile
                sitting.state = "over"
            self.settle(at)

    def release(self, at: int, name: object) -> None:
        """Playing 6: a person says that the silent PC does not play; nothing more is booked."""
        self.settle(at)
        self._sitting(name).state = "over"
        self._guest_is_gone(at, self._sitting(name))

    def settle(self, at: int) -> None:
        """Let the time up to `at` have its effect on all that runs, and on all that expires."""
        for name, sitting in list(self._live.items()):
            if sitting.state == "runs":
                self._play(sitting, at)
            if sitting.state == "over":
                del self._live[name]
        held = {one.player for one in self._live.values() if one.state == "silent"}
        waiting = []
        while self._expiring and self._expiring[0][0] <= at:
            expires, place = heappop(self._expiring)
            lot = self.lots[place]
            if lot.left and lot.whose in held:
                waiting.append((expires, place))
            elif lot.left:
                self._let_go(expires, lot, lot.rest)
        for one in waiting:
            heappush(self._expiring, one)

    def _play(self, sitting: Sitting, until: int) -> None:
        now = sitting.counted_to
        while now < until:
            usable = [
                lot
                for lot in self._lots_of(sitting)
                if lot.expires > now and lot.place not in sitting.waits
            ]
            if not usable:
                seconds = self._play_minutes(sitting, now, until)
                if not seconds:
                    sitting.state = "over"
                    break
                sitting.played += seconds
                now += seconds
                continue
            lot = min(usable, key=lambda lot: lot.order)
            seconds = min(lot.left, until - now, lot.expires - now)
            lot.played += seconds
            self.played_by_zone[sitting.zone] += lot.money.play(lot.played, lot.seconds)
            for part in (lot.bonus, lot.discount):  # Bonuses 5, Groups 5
                part.play(lot.played, lot.seconds)
            sitting.played += seconds
            now += seconds
        sitting.counted_to = now
        if sitting.state != "over" and self._has_nothing(sitting, now):
            sitting.state = "over"  # Playing 2: its last second is played

    def _has_nothing(self, sitting: Sitting, now: int) -> bool:
        bought = any(
            lot.expires > now and lot.place not in sitting.waits for lot in self._lots_of(sitting)
        )
        return not bought and not self._seconds_paid_for(sitting, now)

    def has_time_here(self, at: int, name: object) -> bool:
        """Whether the sitting has bought time to play."""
        sitting = self._sitting(name)
        return any(
            lot.expires > at and lot.place not in sitting.waits for lot in self._lots_of(sitting)
        )

    def _lots_of(self, sitting: Sitting) -> list[Lot]:
        mine = self._with_time[sitting.player] = [
            lot for lot in self._with_time[sitting.player] if lot.left
        ]
        return mine

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
            self.balances[lot.whose] += lot.money.owed
            self.bonuses[lot.whose] += lot.bonus.owed
            self._day(at).sold -= lot.money.owed
            self.sold_by_zone[lot.zone] -= lot.money.owed
            for part in lot.parts:
                part.returned += part.owed

    def _guest_is_gone(self, at: int, sitting: Sitting) -> None:
        """Playing 7."""
        if _is_guest(sitting.player):
            for lot in self._lots_of(sitting):
                self._let_go(at, lot, "expires")

    # --- what must be so ----------------------------------------------------------------------------

    @property
    def played(self) -> int:
        """Money earned by playing and by expiry (Books 3)."""
        return self.by_minute + self.earned_by_no_time + sum(lot.money.used for lot in self.lots)

    @property
    def owed(self) -> int:
        """Balances and unplayed time (Books 10)."""
        return self.balances.total() + sum(lot.money.owed for lot in self.lots)

    def seconds_left(self, whose: object, at: int) -> int:
        """Bought time that may still be played: of each purchase until its expiry at most (Tariffs 10)."""
        return sum(min(lot.left, max(0, lot.expires - at)) for lot in self._with_time[whose])

    # --- inside -------------------------------------------------------------------------------------

    def _sitting(self, name: object) -> Sitting:
        return self.sittings[name]


def _is_guest(player: object) -> bool:
    return isinstance(player, tuple) and player[0] == "guest"
