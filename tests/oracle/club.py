"""An independent reckoning of a club's money and time, written from `docs/billing.md` alone.

It imports nothing of LoVHub. It is told what happened, in the words of the club and with the instants, and says what
must be so now: balances, time left, sold and played, what is owed, what lies in the drawer. Numbers in comments
are the document's rules.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush

from tests.oracle.drawer import Drawer
from tests.oracle.memory import Lot, Meter, Sitting
from tests.oracle.terms import FOREVER, Minutes, Offer, PriceList, Rest


@dataclass
class Day:
    """What counts on one day of the club (Books 1–5)."""

    sold: int = 0
    goods: int = 0
    received: Counter[str] = field(default_factory=Counter)
    given_back: Counter[str] = field(default_factory=Counter)


class Club:
    """Tell it everything in the order of time, then ask."""

    def __init__(self, time_zone: str, minutes: Sequence[Minutes] = ()) -> None:
        """`minutes`: the club's tariffs per minute, in the order of its list."""
        self.price_list = PriceList(time_zone, minutes)
        self.by_minute = 0
        self.seconds_by_minute = 0
        self.balances: Counter[object] = Counter()
        self.lots: list[Lot] = []
        self.sittings: dict[object, Sitting] = {}
        self.days: defaultdict[date, Day] = defaultdict(Day)
        self.drawer = Drawer()
        self.receipts = 0
        self.played_by_zone: Counter[int | None] = Counter()
        self.expired_by_zone: Counter[int | None] = Counter()
        self._live: dict[object, Sitting] = {}
        self._with_time: defaultdict[object, list[Lot]] = defaultdict(list)
        self._expiring: list[tuple[int, int]] = []
        self._top_ups: dict[object, tuple[object, int, str]] = {}
        self._goods: dict[object, tuple[int, str]] = {}

    def pay_in(self, amount: int) -> None:
        """3: has a receipt of its own; below zero it is paid out."""
        self.drawer.pay_in(amount)
        self.receipts += 1

    def _take(self, at: int, method: str, amount: int) -> None:
        day = self._day(at)
        if amount > 0:
            day.received[method] += amount
        else:
            day.given_back[method] -= amount
        if method == "cash":
            self.drawer.cash += amount

    # --- money --------------------------------------------------------------------------------------

    def top_up(self, at: int, name: object, customer: object, amount: int, method: str) -> None:
        """A top-up, by whichever way; `name` is what it can be taken back by."""
        self.settle(at)
        self._take(at, method, amount)
        self.balances[customer] += amount
        self._top_ups[name] = customer, amount, method
        self.receipts += 1

    def take_back(self, at: int, name: object) -> None:
        """The whole of a top-up that is unspent goes back the way it came."""
        customer, amount, method = self._top_ups.pop(name)
        self._give_back(at, customer, amount, method)

    def refund_kaspi(self, at: int, customer: object, amount: int) -> None:
        """Kaspi 8: from the balance to Kaspi."""
        self._give_back(at, customer, amount, "kaspi")

    def _give_back(self, at: int, customer: object, amount: int, method: str) -> None:
        self.settle(at)
        self.balances[customer] -= amount
        if self.balances[customer] < 0:
            raise AssertionError("what is spent is not given back")
        self._take(at, method, -amount)
        self.receipts += 1

    def sell_goods(self, at: int, name: object, total: int, method: str) -> None:
        """Shifts, «Goods»: earned at once."""
        self._take(at, method, total)
        self._day(at).goods += total
        self._goods[name] = total, method
        self.receipts += 1

    def take_back_goods(self, at: int, name: object) -> None:
        """The whole sale, on the day on which it is taken back."""
        total, method = self._goods.pop(name)
        self._take(at, method, -total)
        self._day(at).goods -= total
        self.receipts += 1

    # --- time ---------------------------------------------------------------------------------------

    def sell(
        self,
        at: int,
        offer: Offer,
        whose: object,
        *,
        zone: int | None,
        ways: Mapping[str, int],
        at_desk: bool,
    ) -> Lot:
        """Sell the offer to a customer (from the `balance`) or to a guest's sitting; the receipt is the desk's.

        `ways`: how much was paid in which way, together what is to be paid (Paying 2).
        """
        self.settle(at)
        found = self.price_list.quote(at, offer, zone)
        assert found is not None, "not sold now"
        seconds, price, expires = found
        assert sum(ways.values()) == price, "the parts are exactly the price"
        for method, amount in ways.items():
            if method == "balance":
                self.balances[whose] -= amount
                assert self.balances[whose] >= 0, "not enough money"
            else:
                self._take(at, method, amount)
        self._day(at).sold += price
        self.receipts += at_desk
        return self._add_lot(Lot(
            whose, offer.title, offer.kind, seconds, price, offer.rest, expires, 0, zone
        ))  # fmt: skip

    def give(self, at: int, whose: object, seconds: int) -> Lot:
        """Time without money: a package for nothing that is kept. No money moves, so it has no receipt."""
        self.settle(at)
        return self._add_lot(Lot(whose, "", "package", seconds, 0, "kept", FOREVER, 0))

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
        self.sittings[name] = self._live[name] = Sitting(player, zone, at)
        if by_minute is not None:
            self.start_minutes(at, name, by_minute)

    def start_minutes(self, at: int, name: object, chosen: Minutes) -> None:
        """Per minute 1: the sitting goes on from the balance when its bought time is over."""
        sitting = self._sitting(name)
        if sitting.counted_to < at:
            self.settle(at)
        assert sitting.meter is None, "once a sitting"
        sitting.meter = Meter(chosen, self.price_list.prices(at, chosen, sitting.zone))
        assert self._seconds_paid_for(sitting, at), "the balance pays for no second"

    def may_start_minutes(
        self, at: int, customer: object, chosen: Minutes, zone: int | None
    ) -> bool:
        """Whether the tariff is sold now, and the balance pays for a second (1)."""
        if not self.price_list.is_open(chosen, at):
            return False
        trial = Sitting(
            customer, zone, at, meter=Meter(chosen, self.price_list.prices(at, chosen, zone))
        )
        return self._seconds_paid_for(trial, at) > 0

    def _seconds_paid_for(self, sitting: Sitting, now: int) -> int:
        """6: how many seconds from now on, at the price of this second, the money pays for."""
        meter = sitting.meter
        price = 0 if meter is None else next((p for until, p in meter.prices if now < until), 0)
        if meter is None or not price:
            return 0
        money = meter.taken + self.balances[sitting.player]
        if money < meter.chosen.minimum:
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
        for number in sorted(sitting.begun):
            lot = self.lots[number]
            if lot.kind == "package" and lot.left and lot.price:
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
            here = self.price_list.tariff_at(at, meter.chosen)
            assert here is not None, "played, so sold"
            meter.prices = self.price_list.prices(at, here, zone)
        new = Sitting(player, zone, at, state, meter=meter)
        self.sittings[new_name] = self._live[new_name] = new
        if player != old.player:
            self._with_time[player] = self._with_time.pop(old.player, [])
            for lot in self._with_time[player]:
                lot.whose = player

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
            usable = [lot for lot in self._lots_of(sitting) if lot.expires > now]
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
            earned = lot.price * lot.played // lot.seconds  # 14
            self.played_by_zone[sitting.zone] += earned - lot.earned
            lot.earned = earned
            sitting.begun.add(lot.place)
            sitting.played += seconds
            now += seconds
        sitting.counted_to = now
        if sitting.state != "over" and self._has_nothing(sitting, now):
            sitting.state = "over"  # Playing 2: its last second is played

    def _has_nothing(self, sitting: Sitting, now: int) -> bool:
        bought = any(lot.expires > now for lot in self._lots_of(sitting))
        return not bought and not self._seconds_paid_for(sitting, now)

    def _lots_of(self, sitting: Sitting) -> list[Lot]:
        mine = self._with_time[sitting.player] = [
            lot for lot in self._with_time[sitting.player] if lot.left
        ]
        return mine

    def _let_go(self, at: int, lot: Lot, rule: Rest) -> None:
        """Tariffs 12–14: what becomes of a rest."""
        if rule == "kept":
            return
        rest = lot.owed
        lot.gone += lot.left
        if rule == "expires":
            lot.expired += rest
            self.expired_by_zone[lot.zone] += rest
        else:
            lot.refunded += rest
            self.balances[lot.whose] += rest
            self._day(at).sold -= rest

    def _guest_is_gone(self, at: int, sitting: Sitting) -> None:
        """Playing 7."""
        if _is_guest(sitting.player):
            for lot in self._lots_of(sitting):
                self._let_go(at, lot, "expires")

    # --- what must be so ----------------------------------------------------------------------------

    @property
    def played(self) -> int:
        """Money earned by playing and by expiry (Books 3)."""
        return self.by_minute + sum(lot.earned + lot.expired for lot in self.lots)

    @property
    def owed(self) -> int:
        """Balances and unplayed time (Books 10)."""
        return self.balances.total() + sum(lot.owed for lot in self.lots)

    def seconds_left(self, whose: object) -> int:
        """Bought time that may still be played."""
        return sum(lot.left for lot in self._with_time[whose])

    # --- inside -------------------------------------------------------------------------------------

    def _sitting(self, name: object) -> Sitting:
        return self.sittings[name]

    def _day(self, at: int) -> Day:
        return self.days[self.price_list.day(at)]


def _is_guest(player: object) -> bool:
    return isinstance(player, tuple) and player[0] == "guest"
