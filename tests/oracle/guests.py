"""«Guests' time»: a code runs out, the time does not; another code, the money back, and the end after three years."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.oracle.loyalty import Bonuses
from tests.oracle.memory import Lot
from tests.oracle.night import DAY
from tests.oracle.playing import Playing
from tests.oracle.shop import is_guest
from tests.oracle.terms import Offer, PriceList

SOLD_IS_GOOD_FOR = 12 * 3600
REST_IS_GOOD_FOR = 30 * DAY
CLAIMED_FOR = 1096 * DAY


@dataclass(frozen=True)
class Code:
    """What a guest may type before `until`; at `pc` only, where that is not None. `leave`: what staff have said."""

    until: int
    pc: object = None
    leave: str = ""


class Guests(Playing):
    """What a guest has paid for and nobody plays; whose it is, only a code says."""

    def __init__(self, price_list: PriceList, bonus_rules: Bonuses) -> None:
        super().__init__(price_list, bonus_rules)
        self._codes: dict[object, Code] = {}

    def sell_code(
        self,
        at: int,
        guest: object,
        offer: Offer,
        *,
        zone: int | None,
        ways: Mapping[str, int],
        pc: object = None,
        leave: str = "",
    ) -> None:
        """1: time that is paid for, and a code to type later; in `zone`, that of `pc`, if it is for one."""
        self.sell(at, offer, guest, zone=zone, ways=ways, at_desk=True)
        self._codes[guest] = Code(at + SOLD_IS_GOOD_FOR, pc, leave)

    def send_home(self, at: int, name: object) -> object:
        """Minors 8: with a code for all that is left; returns whose that is from now on."""
        guest = super().send_home(at, name)
        self._codes[guest] = Code(at + REST_IS_GOOD_FOR)
        return guest

    def give_code(self, at: int, guest: object) -> None:
        """3: another one, for the same PC if the old one was; no money moves, and no time."""
        assert self.waits(at, guest)
        before = self._codes.get(guest)
        self._codes[guest] = Code(at + REST_IS_GOOD_FOR, None if before is None else before.pc)

    def is_good(self, at: int, guest: object, pc: object) -> bool:
        """1: whether the code may be typed at this PC."""
        code = self._codes.get(guest)
        return code is not None and at < code.until and code.pc in {None, pc}

    def leave_of(self, guest: object) -> str:
        """What staff have said of whoever types the code."""
        return self._codes[guest].leave

    def come_back(
        self, at: int, guest: object, name: object, zone: int | None, leave: str = ""
    ) -> None:
        """Minors 8: the code is used up."""
        super().come_back(at, guest, name, zone, leave)
        del self._codes[guest]

    def waits(self, at: int, guest: object) -> list[Lot]:
        """2: what is left, together."""
        self.settle(at)
        return [lot for lot in self._with_time[guest] if lot.left]

    def who_waits(self, at: int) -> list[object]:
        """Guests who play nowhere and have something left, whether they have a code for it or not."""
        self.settle(at)
        playing = {one.player for one in self._live.values()}
        return [
            one
            for one in self._with_time
            if is_guest(one) and one not in playing and self.waits(at, one)
        ]

    def all_that_waits(self, at: int) -> list[tuple[int, int]]:
        """Of each of them: seconds, and what is owed for them."""
        found = [self.waits(at, guest) for guest in self.who_waits(at)]
        return sorted(
            (sum(lot.left for lot in lots), sum(lot.money.owed for lot in lots)) for lots in found
        )

    def way_back(self, at: int, guest: object) -> dict[str, int]:
        """4: from the drawer what cash and Kaspi have paid, and what is left of that by card."""
        lots = self.waits(at, guest)
        money = sum(lot.money.owed for lot in lots)
        paid = Counter[str]()
        for lot in lots:
            paid.update(lot.paid)
        by_card = min(paid["card"], max(0, money - paid["cash"] - paid["kaspi"]))
        return {"cash": money - by_card, "card": by_card}

    def pay_out(self, at: int, guest: object) -> None:
        """4: the price of what is left goes back, with one receipt; the code is void."""
        ways = self.way_back(at, guest)
        with self.operation():
            for way, amount in ways.items():
                self._take(at, way, -amount)
        for lot in self.waits(at, guest):
            self._day(at).sold -= lot.money.owed
            self.sold_by_zone[lot.zone] -= lot.money.owed
            lot.gone += lot.left
            for part in lot.parts:
                part.returned += part.owed
        self.receipts += 1
        self._codes.pop(guest, None)

    def may_end(self, at: int, guest: object) -> bool:
        """5: nobody has come for it in three years."""
        lots = self.waits(at, guest)
        return bool(lots) and at > max(lot.sold_at for lot in lots) + CLAIMED_FOR

    def end(self, at: int, guest: object) -> None:
        """5: a manager ends it; it is earned, as expired."""
        assert self.may_end(at, guest)
        for lot in self.waits(at, guest):
            self._let_go(at, lot, "expires")
        self._codes.pop(guest, None)
