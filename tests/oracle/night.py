"""«Minors at night»: whose age is known, who may stay, when the night stops somebody, and what is kept for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappush
from typing import Literal

from tests.oracle.carrying import prices
from tests.oracle.loyalty import Bonuses
from tests.oracle.memory import Lot, Sitting
from tests.oracle.metered import ByMinute
from tests.oracle.terms import FOREVER, Minutes, Offer, PriceList

BEGINS, ENDS = 22 * 60, 6 * 60
DAY = 24 * 3600


@dataclass(frozen=True)
class Age:
    """What is known of somebody: a birth date, and whether staff have seen it in a document."""

    born: date | None = None
    confirmed: bool = False

    def standing(self, day: date) -> Literal["adult", "minor", "unconfirmed"]:
        """1 and 2: what they are on this day of the club."""
        if self.born is None:
            return "unconfirmed"
        born_on_a_leap_day = (self.born.month, self.born.day) == (2, 29)
        month, day_of_month = (3, 1) if born_on_a_leap_day else (self.born.month, self.born.day)
        # 18 years after a leap year there is none.
        if day < date(self.born.year + 18, month, day_of_month):
            return "minor"
        return "adult" if self.confirmed else "unconfirmed"


NOBODY_KNOWS = Age()


class Night(ByMinute):
    """Who plays at night."""

    def __init__(self, price_list: PriceList, bonus_rules: Bonuses) -> None:
        super().__init__(price_list, bonus_rules)
        self.night_rule = False
        self.ages: dict[object, Age] = {}

    def is_minor(self, at: int, player: object) -> bool:
        """2: whatever the club's setting is."""
        return self._standing(at, player) == "minor"

    def may_be_there(self, at: int, player: object, leave: str) -> bool:
        """4: whether somebody may begin to play now, or go on."""
        return not self.is_night(at) or self._stays(at, player, leave)

    def is_night(self, at: int) -> bool:
        """From 22:00:00 until just before 06:00:00."""
        today = self.price_list.day(at)
        return not (
            self.price_list.moment(today, ENDS) <= at < self.price_list.moment(today, BEGINS)
        )

    def stopped_from(self, sitting: Sitting, at: int) -> int | None:
        """When the night will stop this sitting; None: it will not."""
        begins = self.next_night(at)
        return None if self._stays(begins, sitting.player, sitting.leave) else begins

    def is_sold_tonight(
        self, at: int, offer: Offer, seconds: int, player: object, zone: int | None, leave: str
    ) -> bool:
        """9: to whoever sits there, or would."""
        if offer.kind == "bundle" or self._stays(at, player, leave):
            return True
        if offer.kind == "package" and not self.is_minor(at, player):
            return True
        allowed = 0 if self.is_night(at) else self.next_night(at) - at
        before = 0
        if offer.kind == "package":
            for lot in sorted(self._played_there(player, zone), key=lambda lot: lot.order):
                if lot.kind != "bundle":
                    before += min(lot.left, max(0, self._ends(lot, at) - at - before))
        return before + min(seconds, self.price_list.hours(offer, at)[0] - at) <= allowed

    def may_start_minutes(
        self, at: int, customer: object, chosen: Minutes, zone: int | None, *, in_debt: bool = False
    ) -> bool:
        """In debt 1: not to minors, at any hour."""
        if in_debt and self.is_minor(at, customer):
            return False
        return super().may_start_minutes(at, customer, chosen, zone, in_debt=in_debt)

    # --- the stop -----------------------------------------------------------------------------------

    def _stop(self, sitting: Sitting, at: int) -> None:
        """6: nobody's leaving."""
        self._keep(sitting, at)
        if self.is_minor(at, sitting.player):
            sitting.state = "over"
        else:
            sitting.state, sitting.for_night = "stands", True

    def _keep(self, sitting: Sitting, at: int) -> None:
        """7: of what the sitting plays, and what is not over by then."""
        today = self.price_list.day(at)
        morning = self.price_list.moment(today, ENDS)
        if morning <= at:
            morning = self.price_list.moment(today + timedelta(days=1), ENDS)
        for lot in self._with_time[sitting.player]:
            if not lot.left or lot.place in sitting.waits or not at < lot.expires < FOREVER:
                continue
            if lot.kind == "fixed_end":
                lot.kind, lot.rest, lot.expires = "package", "kept", FOREVER
            elif lot.expires < morning:
                lot.expires += DAY
                heappush(self._expiring, (lot.expires, lot.place))

    def _stopped_within(self, sitting: Sitting, since: int, at: int) -> int | None:
        """10: the 22:00:00 that has stopped whoever sits there, as is known of them now."""
        for begins in self._nights(since, at):
            if not self._stays(begins, sitting.player, sitting.leave):
                return begins
        return None

    def _nights(self, since: int, at: int) -> Iterator[int]:
        """The beginnings of nights after an instant, up to another."""
        begins = self.next_night(since)
        while begins <= at:
            yield begins
            begins = self.next_night(begins)

    def next_night(self, at: int) -> int:
        """When the next night begins after this instant."""
        today = self.price_list.day(at)
        begins = self.price_list.moment(today, BEGINS)
        return begins if begins > at else self.price_list.moment(today + timedelta(days=1), BEGINS)

    def _stays(self, at: int, player: object, leave: str) -> bool:
        return not self.night_rule or bool(leave) or self._standing(at, player) == "adult"

    def _standing(self, at: int, player: object) -> str:
        return self.ages.get(player, NOBODY_KNOWS).standing(self.price_list.day(at))

    def _played_there(self, player: object, zone: int | None) -> list[Lot]:
        mine = [one for one in self._live.values() if one.player == player and one.state != "over"]
        return [
            lot
            for lot in self._with_time[player]
            if lot.left
            and not (
                any(lot.place in one.waits for one in mine)
                if mine
                else prices(self.zone_rule, lot, zone)
            )
        ]
