"""What a tariff may be, when and where it is sold, and for how much. Pure: terms and an instant in, an offer out.

Times of day are seconds after the club's midnight, 0 to 86,400. A time that the clock skips in spring is the
moment of the change; one that it shows twice in autumn is the first of the two. So borders never change their
order, and two tariffs that meet at a border meet there on every day of the year.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from lovhub.server.loyalty.rules import WHOLE_UNIT_TIYN, discounted_tiyn

Kind = Literal["package", "fixed_end", "bundle", "per_minute"]
PriceRule = Literal["whole", "share"]
HolidayRule = Literal["as_weekday", "also", "not", "only"]
RestRule = Literal["kept", "expires", "refunded"]
PlayRule = Literal["any_time", "sale_hours"]

KINDS: tuple[Kind, ...] = ("package", "fixed_end", "bundle", "per_minute")
PRICE_RULES: tuple[PriceRule, ...] = ("whole", "share")
HOLIDAY_RULES: tuple[HolidayRule, ...] = ("as_weekday", "also", "not", "only")
REST_RULES: tuple[RestRule, ...] = ("kept", "expires", "refunded")
PLAY_RULES: tuple[PlayRule, ...] = ("any_time", "sale_hours")

SHORTEST_SECONDS = 60
LONGEST_SECONDS = 31 * 24 * 3600
HOUR_SECONDS = 3600
HIGHEST_PRICE_TIYN = 1_000_000_00
MOST_VALID_DAYS = 366
DAY_SECONDS = 24 * 3600
EVERY_DAY = frozenset(range(7))
QUOTE_SECONDS = 600
"""So long a price that falls by the minute is still taken as it was shown."""


@dataclass(frozen=True)
class ZonePrice:
    """A zone of its own: whether the tariff is sold there, and for how much (None: the tariff's price)."""

    sold: bool = True
    price_tiyn: int | None = None


@dataclass(frozen=True)
class Terms:
    """A tariff as the owner sets it.

    `kind`: `package`, so many seconds in a row or in pieces; `fixed_end`, the seconds until the window closes;
    `bundle`, seconds that must be played within `valid_days`; `per_minute`, what the balance pays as it is played, at
    `price_tiyn` an hour (`seconds` is the hour). `weekdays`: 0 is Monday; a window that crosses
    midnight belongs to the day on which it opens. `sold_elsewhere`: also at PCs in no zone of `zones`.
    `price_rule`: of a fixed end that has begun, the whole price or the share that is left, but never less than
    `minimum_tiyn`; by the minute that is the least that a sitting costs. `rest_rule`: what becomes of the rest of a
    package when the player leaves, of anything else when its validity ends. `groups`: sold only to customers of
    these; none named: to everybody. `play_rule`: a package or a bundle is played at any time, or only in the days and
    hours in which it is sold.
    """

    title: str
    seconds: int
    price_tiyn: int
    kind: Kind = "package"
    weekdays: frozenset[int] = EVERY_DAY
    sold_from: int | None = None
    sold_until: int | None = None
    holiday_rule: HolidayRule = "as_weekday"
    sold_elsewhere: bool = True
    zones: Mapping[int, ZonePrice] = field(default_factory=dict)
    price_rule: PriceRule = "whole"
    minimum_tiyn: int = 0
    valid_days: int | None = None
    rest_rule: RestRule = "kept"
    pause_allowed: bool = True
    groups: frozenset[int] = frozenset()
    play_rule: PlayRule = "any_time"

    def sold_to(self, group: "Group | None") -> bool:
        """Whether somebody of this group (None: of none) may buy it."""
        return not self.groups or (group is not None and group.group_id in self.groups)


@dataclass(frozen=True)
class Group:
    """The group of whoever buys, as prices know it."""

    group_id: int
    discount_percent: int


@dataclass(frozen=True)
class Calendar:
    """The club's days: its time zone, and the dates that it calls holidays."""

    time_zone: str
    holidays: frozenset[date] = frozenset()

    def day(self, at: int) -> date:
        """The date on the club's wall at an instant."""
        return datetime.fromtimestamp(at, ZoneInfo(self.time_zone)).date()

    def clock(self, at: int) -> str:
        """What the club's clock shows at an instant: «18:00»."""
        return f"{datetime.fromtimestamp(at, ZoneInfo(self.time_zone)):%H:%M}"

    def instant(self, day: date, seconds: int) -> int:
        """When the club's clock shows so many seconds after midnight, as the clock counts them."""
        wanted = datetime.combine(day, time()) + timedelta(seconds=seconds)
        return _instant(self.time_zone, wanted)


@lru_cache(maxsize=1024)
def _instant(time_zone: str, wanted: datetime) -> int:
    zone = ZoneInfo(time_zone)
    before = int(wanted.replace(tzinfo=zone).timestamp())
    after = int(wanted.replace(tzinfo=zone, fold=1).timestamp())
    if after >= before:
        return before
    # Skipped: `after` is still before the change and `before` already behind it.
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while before - after > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return before


class Hours(Protocol):
    """Days and hours, as `Terms` name them."""

    @property
    def weekdays(self) -> frozenset[int]:
        """0 is Monday."""

    @property
    def sold_from(self) -> int | None:
        """None: all day."""

    @property
    def sold_until(self) -> int | None:
        """None: all day."""

    @property
    def holiday_rule(self) -> HolidayRule:
        """What holidays mean."""


class Window(NamedTuple):
    """From when until when a tariff is sold this time."""

    from_at: int
    until_at: int


class Offer(NamedTuple):
    """What is sold at this moment: so many seconds for so much, to be played before `expires_at`, if that is set.

    `discount_tiyn`: what the buyer's group has taken off the price already.
    """

    price_tiyn: int
    seconds: int
    expires_at: int | None = None
    discount_tiyn: int = 0

    @property
    def full_price_tiyn(self) -> int:
        """What it costs without the discount."""
        return self.price_tiyn + self.discount_tiyn

    def at_full_price(self, full_tiyn: int, price_tiyn: int) -> "Offer":
        """The same at this price, where the full one is known."""
        return Offer(price_tiyn, self.seconds, self.expires_at, full_tiyn - price_tiyn)


class Goods(NamedTuple):
    """A tariff as it lies on the counter: its terms, and what is offered of it now in one zone."""

    tariff_id: int
    terms: Terms
    calendar: Calendar
    now: int
    zone_id: int | None
    offer: Offer
    group: Group | None = None

    @property
    def price_tiyn(self) -> int:
        """What it costs here and now."""
        return self.offer.price_tiyn

    def at_price(self, shown_tiyn: int) -> "Goods | None":
        """The same at the price that was shown; None if that is not one to sell at any more."""
        full_tiyn = honoured(
            self.terms, self.calendar, self.now, self.zone_id, shown_tiyn, self.group
        )
        if full_tiyn is None:
            return None
        return self._replace(offer=self.offer.at_full_price(full_tiyn, shown_tiyn))


def open_window(terms: Terms, calendar: Calendar, now: int) -> Window | None:
    """The window that is open now, if one is."""
    return _open_window(terms, calendar, calendar.day(now), now)


def open_windows(tariffs: Mapping[int, Terms], calendar: Calendar, now: int) -> dict[int, Window]:
    """Of many tariffs those that are sold now, and their windows. Hours that several have are looked at once."""
    today = calendar.day(now)
    seen: dict[object, Window | None] = {}
    found = {}
    for tariff_id, terms in tariffs.items():
        hours = (terms.weekdays, terms.sold_from, terms.sold_until, terms.holiday_rule)
        if hours not in seen:
            seen[hours] = _open_window(terms, calendar, today, now)
        if (window := seen[hours]) is not None:
            found[tariff_id] = window
    return found


def _open_window(hours: Hours, calendar: Calendar, today: date, now: int) -> Window | None:
    for day in (today - timedelta(days=1), today):
        window = window_of(hours, calendar, day)
        if window is not None and window.from_at <= now < window.until_at:
            return window
    return None


def window_of(hours: Hours, calendar: Calendar, day: date) -> Window | None:
    """The window that opens on a day; None where none does."""
    if not _open_on(hours, calendar, day):
        return None
    opens, closes = hours.sold_from, hours.sold_until
    if opens is None or closes is None:
        opens, closes = 0, DAY_SECONDS
    elif closes <= opens:
        closes += DAY_SECONDS
    return Window(calendar.instant(day, opens), calendar.instant(day, closes))


def _open_on(hours: Hours, calendar: Calendar, day: date) -> bool:
    by_weekday = day.weekday() in hours.weekdays
    if hours.holiday_rule == "only":
        return day in calendar.holidays
    if day not in calendar.holidays or hours.holiday_rule == "as_weekday":
        return by_weekday
    return hours.holiday_rule == "also"


def price_there(terms: Terms, zone_id: int | None) -> int | None:
    """The whole price in a zone (None: at a PC that stands in none); None where it is not sold."""
    there = None if zone_id is None else terms.zones.get(zone_id)
    if there is None:
        return terms.price_tiyn if terms.sold_elsewhere else None
    if not there.sold:
        return None
    return terms.price_tiyn if there.price_tiyn is None else there.price_tiyn


def percent_of(group: Group | None) -> int:
    """The discount of whoever is in a group, or in none."""
    return 0 if group is None else group.discount_percent


def offer(
    terms: Terms, calendar: Calendar, now: int, zone_id: int | None, group: Group | None = None
) -> Offer | None:
    """What is sold of it now in this zone, to whom; None if it is not."""
    window = open_window(terms, calendar, now)
    return None if window is None else offer_in(window, terms, calendar, now, zone_id, group)


def offer_in(
    window: Window,
    terms: Terms,
    calendar: Calendar,
    now: int,
    zone_id: int | None,
    group: Group | None = None,
) -> Offer | None:
    """The same, where the window that is open is known: it is one for all zones and groups."""
    full = full_offer(window, terms, calendar, now, zone_id) if terms.sold_to(group) else None
    if full is None:
        return None
    return full.at_full_price(full.price_tiyn, paid_tiyn(terms, full.price_tiyn, group))


def paid_tiyn(terms: Terms, full_tiyn: int, group: Group | None) -> int:
    """What somebody of this group pays of a full price."""
    paid = discounted_tiyn(full_tiyn, percent_of(group))
    return min(full_tiyn, max(_lowest_tiyn(terms), paid))


def full_offer(
    window: Window, terms: Terms, calendar: Calendar, now: int, zone_id: int | None
) -> Offer | None:
    """What is sold of it in this zone to somebody of no group; None if nothing is. `window`: the one that is open."""
    price_tiyn = price_there(terms, zone_id)
    if price_tiyn is None:
        return None
    if terms.kind == "fixed_end":
        seconds = window.until_at - now
        if seconds < SHORTEST_SECONDS:
            return None
        if terms.price_rule == "share":
            whole_seconds = window.until_at - window.from_at
            price_tiyn = share_tiyn(price_tiyn, terms.minimum_tiyn, seconds, whole_seconds)
        return Offer(price_tiyn, seconds, window.until_at)
    if terms.kind == "bundle":
        last = calendar.day(now) + timedelta(days=terms.valid_days or 0)
        return Offer(price_tiyn, terms.seconds, calendar.instant(last, DAY_SECONDS))
    return Offer(price_tiyn, terms.seconds)


def share_tiyn(price_tiyn: int, minimum_tiyn: int, seconds: int, whole_seconds: int) -> int:
    """The share of a price, up to whole tenge, at least the minimum and at most the whole price."""
    in_units = -(-price_tiyn * seconds // (whole_seconds * WHOLE_UNIT_TIYN))
    return min(price_tiyn, max(minimum_tiyn, in_units * WHOLE_UNIT_TIYN))


def not_sold(terms: Terms, zone_id: int | None, group: Group | None = None) -> str:
    """Why there is no offer."""
    if not terms.sold_to(group):
        return "tariff_not_for_group"
    return "tariff_not_sold_here" if price_there(terms, zone_id) is None else "tariff_not_sold_now"


def honoured(
    terms: Terms,
    calendar: Calendar,
    now: int,
    zone_id: int | None,
    shown_tiyn: int,
    group: Group | None = None,
) -> int | None:
    """The full price behind a price that a page showed, if that is one to sell at; None if it is not.

    It is if it is today's, or of a falling price, that of a second of the last minutes in this window. Where a discount
    makes one of several full prices, it is the lowest of them.
    """
    current, window = offer(terms, calendar, now, zone_id, group), open_window(terms, calendar, now)
    if current is None or window is None:
        return None
    if current.price_tiyn == shown_tiyn:
        return current.full_price_tiyn

    def minus_price(at: int) -> int:
        then = offer(terms, calendar, at, zone_id, group)
        return 0 if then is None else -then.price_tiyn

    # It only ever falls: the last second at which it was no lower than this.
    moments = range(max(window.from_at, now - QUOTE_SECONDS), now + 1)
    earlier = bisect_right(moments, -shown_tiyn, key=minus_price)
    then = offer(terms, calendar, moments[earlier - 1], zone_id, group) if earlier else None
    return then.full_price_tiyn if then is not None and then.price_tiyn == shown_tiyn else None


def per_hour_tiyn(price_tiyn: int, seconds: int) -> int:
    """What an hour costs at this price, to the nearest tiyn: by this tariffs are compared."""
    return (price_tiyn * 3600 * 2 + seconds) // (seconds * 2)


def window_seconds(sold_from: int, sold_until: int) -> int:
    """How long a window is on a day without a clock change."""
    return (sold_until - sold_from - 1) % DAY_SECONDS + 1


def problems(terms: Terms, known_zones: Collection[int] = ()) -> dict[str, str]:
    """What is wrong with a tariff: field → code; empty when all is well."""
    found = {}
    if not 1 <= len(terms.title.strip()) <= 60:
        found["title"] = "title_malformed"
    if not SHORTEST_SECONDS <= terms.seconds <= LONGEST_SECONDS:
        found["seconds"] = "duration_out_of_range"
    if not _lowest_tiyn(terms) <= terms.price_tiyn <= HIGHEST_PRICE_TIYN:
        found["price"] = "price_out_of_range"
    if not terms.weekdays and terms.holiday_rule in {"as_weekday", "not"}:
        found["weekdays"] = "no_day_chosen"
    if terms.kind == "bundle" and not 1 <= (terms.valid_days or 0) <= MOST_VALID_DAYS:
        found["valid_days"] = "valid_days_out_of_range"
    if not 0 <= terms.minimum_tiyn <= HIGHEST_PRICE_TIYN:
        found["minimum"] = "price_out_of_range"
    if terms.kind in {"fixed_end", "bundle"} and terms.rest_rule == "kept":
        found["rest_rule"] = "rest_cannot_be_kept"
    if terms.play_rule != "any_time" and terms.kind not in {"package", "bundle"}:
        found["play_rule"] = "play_rule_not_for_kind"
    return found | _time_problems(terms) | _zone_problems(terms, known_zones)


def _lowest_tiyn(terms: Terms) -> int:
    """By the minute nothing is free: the money would never say when to stop."""
    return WHOLE_UNIT_TIYN if terms.kind == "per_minute" else 0


def _time_problems(terms: Terms) -> dict[str, str]:
    opens, closes = terms.sold_from, terms.sold_until
    if any(at is not None and not 0 <= at < DAY_SECONDS for at in (opens, closes)):
        return {"sold_from": "time_of_day_malformed"}
    if opens is None and (closes is not None or terms.kind == "fixed_end"):
        return {"sold_from": "time_of_day_missing"}
    if closes is None and opens is not None:
        return {"sold_until": "time_of_day_missing"}
    return {}


def _zone_problems(terms: Terms, known_zones: Collection[int]) -> dict[str, str]:
    if any(zone_id not in known_zones for zone_id in terms.zones):
        return {"zones": "zone_unknown"}
    prices = [there.price_tiyn for there in terms.zones.values() if there.price_tiyn is not None]
    if any(not _lowest_tiyn(terms) <= price <= HIGHEST_PRICE_TIYN for price in prices):
        return {"zones": "price_out_of_range"}
    if not terms.sold_elsewhere and not any(there.sold for there in terms.zones.values()):
        return {"zones": "sold_nowhere"}
    return {}
