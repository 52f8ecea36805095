"""What a club sells, when, and at what price: tariffs as `docs/billing.md` describes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Rest = Literal["kept", "expires", "refunded"]
FOREVER = 1 << 60
TENGE = 100
PRICED_AHEAD = 7 * 24 * 3600


@dataclass(frozen=True)
class Group:
    """A group of customers (Groups 1). `name` None: in none."""

    name: object = None
    percent: int = 0

    def price(self, full: int) -> int:
        """Groups 3: down to a whole tenge; without a discount nothing is rounded."""
        return full * (100 - self.percent) // 100 // TENGE * TENGE if self.percent else full


NO_GROUP = Group()


@dataclass(frozen=True)
class Offer:
    """A tariff as it is sold today. Times of day in minutes after midnight."""

    title: str
    kind: Literal["package", "fixed_end", "bundle"]
    price: int
    seconds: int = 0
    zone_prices: dict[int, int] = field(default_factory=dict)
    sold_from: int = 0
    sold_until: int = 0
    by_share: bool = False
    minimum: int = 0
    valid_days: int = 0
    rest: Rest = "kept"
    groups: frozenset[object] = frozenset()
    has_hours: bool = False
    """Tariffs 15: of a package or a bundle, sold and played on `weekdays` in its window only; shorter than a day."""
    weekdays: frozenset[int] = frozenset(range(7))

    def price_in(self, zone: int | None) -> int:
        """Tariffs 6: the zone's own price, or the common one."""
        return self.price if zone is None else self.zone_prices.get(zone, self.price)


@dataclass(frozen=True)
class Minutes:
    """A tariff per minute (Per minute 3): a price per hour while its window is open, in minutes after midnight."""

    title: str
    per_hour: int
    zone_prices: dict[int, int] = field(default_factory=dict)
    sold_from: int = 0
    sold_until: int = 0
    minimum: int = 0
    groups: frozenset[object] = frozenset()

    def price_in(self, zone: int | None) -> int:
        """The zone's own price, or the common one."""
        return self.per_hour if zone is None else self.zone_prices.get(zone, self.per_hour)


def is_for(tariff: Offer | Minutes, group: Group) -> bool:
    """Groups 2: sold to everybody, or to the groups that are named."""
    return not tariff.groups or group.name in tariff.groups


class PriceList:
    """The club's clock on the wall, and its tariffs per minute in the order of its list."""

    def __init__(self, time_zone: str, minutes: Sequence[Minutes]) -> None:
        self._zone = ZoneInfo(time_zone)
        self._minutes = minutes

    def day(self, at: int) -> date:
        """The club's date at this instant."""
        return datetime.fromtimestamp(at, self._zone).date()

    def quote(self, at: int, offer: Offer, zone: int | None) -> tuple[int, int, int] | None:
        """(seconds, price, expiry) of the offer at this instant; None: not sold now."""
        price = offer.price_in(zone)
        if self.hours(offer, at)[0] <= at:
            return None
        if offer.kind == "package":
            return offer.seconds, price, FOREVER
        today = self.day(at)
        if offer.kind == "bundle":
            return (
                offer.seconds,
                price,
                self._midnight(today + timedelta(days=offer.valid_days + 1)),
            )
        for opened in (today, today - timedelta(days=1)):  # 3: yesterday's night may still go on
            begin = self.moment(opened, offer.sold_from)
            next_day = offer.sold_until <= offer.sold_from
            end = self.moment(opened + timedelta(days=1) if next_day else opened, offer.sold_until)
            if begin <= at < end:
                left = end - at
                if left < 60:
                    return None  # 7
                if offer.by_share:
                    share = -(-price * left // (end - begin))  # up to a whole tenge
                    share = -(-share // TENGE) * TENGE
                    price = min(price, max(offer.minimum, share))
                return left, price, end
        return None

    def hours(self, offer: Offer | None, at: int) -> tuple[int, int]:
        """Tariffs 15: until when it may be played from now on (`at`: not now), and when it may be next if not now."""
        if offer is None or not offer.has_hours:
            return FOREVER, FOREVER
        today = self.day(at)
        for opened in (today + timedelta(days=days) for days in range(-1, 9)):
            begin = self.moment(opened, offer.sold_from)
            next_day = offer.sold_until <= offer.sold_from
            end = self.moment(opened + timedelta(days=1) if next_day else opened, offer.sold_until)
            if opened.weekday() in offer.weekdays and end > at:
                return (end, FOREVER) if begin <= at else (at, begin)
        raise AssertionError("it is played on no day")

    def tariff_at(self, at: int, wanted: Minutes, group: Group) -> Minutes | None:
        """The wanted tariff per minute while it is sold, else the first that is; None: none is (3 and 10)."""
        return next((one for one in (wanted, *self._minutes) if self.is_sold(one, at, group)), None)

    def prices(
        self, at: int, chosen: Minutes, zone: int | None, group: Group
    ) -> list[tuple[int, int]]:
        """3: what the seconds of the next 7 days cost an hour, to a customer of this group (Groups 3 and 4)."""
        found: list[tuple[int, int]] = []
        now, tariff = at, chosen
        while now < at + PRICED_AHEAD:
            sold = self.tariff_at(now, tariff, group)
            if sold is None:
                break
            tariff = sold
            until = min(self._closes(tariff, now), at + PRICED_AHEAD)
            full = tariff.price_in(zone)
            found.append((until, max(TENGE, group.price(full)) if group.percent else full))
            now = until
        return found

    def is_sold(self, tariff: Minutes, at: int, group: Group) -> bool:
        """Whether it is sold at this instant to a customer of this group."""
        return is_for(tariff, group) and self._closes(tariff, at) > at

    def _closes(self, tariff: Minutes, at: int) -> int:
        """When the window that is open now closes; `at` if none is."""
        if tariff.sold_from == tariff.sold_until:
            return FOREVER
        today = self.day(at)
        for opened in (today, today - timedelta(days=1)):
            begin = self.moment(opened, tariff.sold_from)
            next_day = tariff.sold_until <= tariff.sold_from
            end = self.moment(opened + timedelta(days=1) if next_day else opened, tariff.sold_until)
            if begin <= at < end:
                return end
        return at

    def _midnight(self, day: date) -> int:
        return self.moment(day, 0)

    def moment(self, day: date, minutes: int) -> int:
        """So many minutes after midnight, by the clock on the wall."""
        wall = datetime(day.year, day.month, day.day, tzinfo=self._zone) + timedelta(
            minutes=minutes
        )
        return int(wall.timestamp())
