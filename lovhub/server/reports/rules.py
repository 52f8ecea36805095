"""What the figures mean: the club's days and hours, and what a movement of money is called.

Everything is counted by quarters of an hour, since every time zone of today is a whole number of them away from UTC.
A club's day has 23 or 25 hours when its clocks are changed; no quarter is lost or counted twice then.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from operator import add
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from lovhub.server.ledger.accounts import (
    GOODS_REVENUE,
    LOT_UNEARNED,
    METHOD_OF,
    PAYMENT_METHODS,
    REVENUE,
    WITHIN_THE_HOUSE,
)

QUARTER = 900
HOUR = 3600
DAY = 24 * HOUR
FIRST_WEEKDAY = 3
"""1970 began with a Thursday."""

LONGEST_PERIOD_DAYS = 366
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


def quarter_of(at: int) -> int:
    """The beginning of the quarter of an hour that the instant lies in."""
    return at - at % QUARTER


@dataclass(frozen=True)
class ClubDays:
    """How the club counts its days: its time zone, and how long after midnight a day begins.

    A beginning between two quarters of an hour counts as the earlier one.
    """

    time_zone: str
    starts_at: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """The club's clock."""
        return ZoneInfo(self.time_zone)

    def begin(self, day: date) -> int:
        """The instant at which the day begins. An hour that is skipped begins when it is over."""
        minutes = self.starts_at // 60
        local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=self.zone)
        return quarter_of(int(local.timestamp()))

    def day_of(self, at: int) -> date:
        """The club's day that the instant lies in."""
        day = self.local(at).date()
        if at < self.begin(day):
            return day - timedelta(days=1)
        return day + timedelta(days=1) if at >= self.begin(day + timedelta(days=1)) else day

    def local(self, at: int) -> datetime:
        """The instant on the club's clock."""
        return datetime.fromtimestamp(at, self.zone)

    def seconds_ahead(self, first: int, last: int) -> int | None:
        """How far the club's clock is from UTC between these instants; None if it is changed in between."""
        begin, end = self.local(first).utcoffset(), self.local(last).utcoffset()
        return int(begin.total_seconds()) if begin is not None and begin == end else None


@dataclass(frozen=True)
class Period:
    """Days of the club from the first to the last, both included."""

    days: ClubDays
    first: date
    last: date

    @property
    def from_at(self) -> int:
        """Its first instant."""
        return self.days.begin(self.first)

    @property
    def until_at(self) -> int:
        """The first instant after it."""
        return self.days.begin(self.last + timedelta(days=1))

    @cached_property
    def begins(self) -> list[int]:
        """The instants at which its days begin, and the one at which the last of them is over."""
        return [*map(self.days.begin, self.dates()), self.until_at]

    @property
    def grain(self) -> int:
        """An hour if the club's days and hours all begin with an hour of UTC, as most clubs' do; else a quarter."""
        if quarter_of(self.days.starts_at) % HOUR or any(begin % HOUR for begin in self.begins):
            return QUARTER
        return HOUR

    def dates(self) -> list[date]:
        """Its days."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]


def named_period(name: str, today: date) -> tuple[date, date] | None:
    """First and last day of «этот месяц» (until today), «прошлый месяц», or of the year that ends today."""
    first_of_month = today.replace(day=1)
    before = first_of_month - timedelta(days=1)
    return {
        "month": (first_of_month, today),
        "last-month": (before.replace(day=1), before),
        "year": (today - timedelta(days=LONGEST_PERIOD_DAYS - 2), today),
    }.get(name)


def period_problem(first: date | None, last: date | None) -> str | None:
    """Why this is no period to show: a code; None if it is one."""
    if first is None or last is None or first < EARLIEST or last > LATEST:
        return "day_malformed"
    if first > last:
        return "period_backwards"
    return "period_too_long" if (last - first).days >= LONGEST_PERIOD_DAYS else None


@dataclass(frozen=True)
class Flow:
    """Money that moved in the quarter of an hour that begins `at`, between accounts of two kinds."""

    at: int
    debit: str
    credit: str
    amount_tiyn: int

    @property
    def meant(self) -> tuple[tuple[str, int], ...]:
        """What it is (see `meaning`), and how much of it."""
        return tuple(
            (what, sign * self.amount_tiyn) for what, sign in meaning(self.debit, self.credit)
        )


class Meant(msgspec.Struct, frozen=True):
    """Money that moved at an instant, of which only what it is has been kept, and how much of it."""

    at: int
    meant: tuple[tuple[str, int], ...]


class MeantByDay(msgspec.Struct, frozen=True):
    """Money of days that follow each other, the first of which is the one of `at`: what it is, how much on each."""

    at: int
    meant: Mapping[str, Sequence[int]]


@dataclass
class Money:
    """What people ask about money: three things that are not the same.

    A top-up is received but not sold, and an hour that was sold is earned only as it is played.
    `sold_tiyn`: time bought, less what was given back. `received_tiyn` by way of paying: what came in,
    less what went out again. `played_tiyn`: earned by seconds played. `goods_tiyn`: earned by drinks and snacks, when
    they are sold.
    """

    sold_tiyn: int = 0
    played_tiyn: int = 0
    goods_tiyn: int = 0
    received_tiyn: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PAYMENT_METHODS, 0))

    @property
    def received_in_all_tiyn(self) -> int:
        """By all ways of paying."""
        return sum(self.received_tiyn.values())

    def add(self, moved: Flow | Meant) -> None:
        """Count a movement in. Cash that goes to the safe or comes from it is nobody's payment."""
        received = self.received_tiyn
        for what, amount_tiyn in moved.meant:
            if what in received:
                received[what] += amount_tiyn
            elif what == "sold":
                self.sold_tiyn += amount_tiyn
            elif what == "played":
                self.played_tiyn += amount_tiyn
            elif what == "goods":
                self.goods_tiyn += amount_tiyn
            else:
                raise KeyError(what)

    def include(self, other: "Money") -> None:
        """Count in what somebody else has counted."""
        self.sold_tiyn += other.sold_tiyn
        self.played_tiyn += other.played_tiyn
        self.goods_tiyn += other.goods_tiyn
        for method, tiyn in other.received_tiyn.items():
            self.received_tiyn[method] += tiyn


class _Places:
    """Money of several days or hours, counted by columns: of all that it can be, how much in each of them."""

    def __init__(self, count: int) -> None:
        self._columns = {
            what: [0] * count for what in ("sold", "played", "goods", *PAYMENT_METHODS)
        }

    def add(self, place: int, moved: Flow | Meant) -> None:
        for what, amount_tiyn in moved.meant:
            self._columns[what][place] += amount_tiyn

    def add_from(self, place: int, meant: Mapping[str, Sequence[int]]) -> None:
        """From this place on, one after the other."""
        for what, amounts in meant.items():
            column, end = self._columns[what], place + len(amounts)
            column[place:end] = map(add, column[place:end], amounts)

    def meant(self) -> dict[str, Sequence[int]]:
        return {what: tuple(column) for what, column in self._columns.items() if any(column)}

    def found(self) -> list[Money]:
        sold, played, goods, *received = self._columns.values()
        by_method = (
            dict(zip(PAYMENT_METHODS, amounts))  # noqa: B905 (of one length, and this is done for each day)
            for amounts in zip(*received, strict=True)
        )
        return list(map(Money, sold, played, goods, by_method))


_WITHIN_THE_HOUSE = {kind.name for kind in WITHIN_THE_HOUSE}


@cache
def meaning(debit: str, credit: str) -> tuple[tuple[str, int], ...]:
    """What money is that moves between accounts of two kinds, and whether it grows or shrinks by it.

    `sold`, `played`, `goods`, or the way of paying by which it was received (grows) or given back (shrinks).
    """
    if {debit, credit} & _WITHIN_THE_HOUSE:
        return ()
    found = []
    for kind, sign in ((credit, 1), (debit, -1)):
        if kind == REVENUE.name:
            found.append(("played", sign))
        elif kind == LOT_UNEARNED.name and REVENUE.name not in {debit, credit}:
            found.append(("sold", sign))
        elif kind == GOODS_REVENUE.name:
            found.append(("goods", sign))
        elif kind in METHOD_OF:
            # A club's cash grows by being debited.
            found.append((METHOD_OF[kind], -sign))
    return tuple(found)


def money(moved: Iterable[Flow | Meant]) -> Money:
    """All of it together."""
    total = Money()
    for one in moved:
        total.add(one)
    return total


def money_by_day(period: Period, moved: Iterable[Flow | Meant | MeantByDay]) -> dict[date, Money]:
    """Each day of the period with its own; days without a movement too."""
    dates, begins = period.dates(), period.begins
    found = _Places(len(dates))
    for one in moved:
        place = bisect_right(begins, one.at) - 1
        if isinstance(one, MeantByDay):
            found.add_from(place, one.meant)
        else:
            found.add(place, one)
    return dict(zip(dates, found.found(), strict=True))


def joined_by_day(period: Period, moved: Iterable[MeantByDay]) -> MeantByDay:
    """All of it as one, of all days of the period."""
    begins = period.begins
    places = _Places(len(begins) - 1)
    for one in moved:
        places.add_from(bisect_right(begins, one.at) - 1, one.meant)
    return MeantByDay(begins[0], MappingProxyType(places.meant()))


def together(parts: Iterable[Money]) -> Money:
    """What each has counted, in one."""
    total = Money()
    for part in parts:
        total.include(part)
    return total


def money_by_hour(days: ClubDays, moved: Iterable[Flow | Meant]) -> dict[int, Money]:
    """Each hour of the clock, from 0 to 23, with what came in at that hour of all days together."""
    found = _Places(24)
    # A quarter has several movements, and the time zone is slow to ask.
    hours: dict[int, int] = {}
    for one in moved:
        if one.at not in hours:
            hours[one.at] = days.local(one.at).hour
        found.add(hours[one.at], one)
    return dict(enumerate(found.found()))


@dataclass(frozen=True)
class Edges:
    """How many things began (or ended) in the quarter of an hour from `at`, and the sum of their instants."""

    at: int
    count: int
    instants: int


def edges(instants: Mapping[int, int]) -> list[Edges]:
    """Instants, and how often each, put together by quarters of an hour."""
    found: dict[int, tuple[int, int]] = {}
    for instant, times in instants.items():
        quarter = quarter_of(instant)
        count, total = found.get(quarter, (0, 0))
        found[quarter] = (count + times, total + instant * times)
    return [Edges(at, count, total) for at, (count, total) in sorted(found.items())]


def seconds_by_quarter(
    from_at: int, until_at: int, begun: Sequence[Edges], ended: Sequence[Edges]
) -> dict[int, int]:
    """How long things lasted within each quarter of an hour, summed over all of them, to the second.

    Both ends are quarters of an hour; whatever began earlier is counted as begun `from_at`. What never ended
    within the period is simply not among `ended`. Thirty thousand sittings cost no more than the quarters they
    touch: it is enough to know how many began in each, and the sum of the instants.
    """
    begins = {edge.at: edge for edge in begun}
    ends = {edge.at: edge for edge in ended}
    under_way = 0
    found: dict[int, int] = {}
    for at in range(from_at, until_at, QUARTER):
        end = at + QUARTER
        seconds = under_way * QUARTER
        for there, sign in ((begins.get(at), 1), (ends.get(at), -1)):
            if there is not None:
                seconds += sign * (there.count * end - there.instants)
                under_way += sign * there.count
        found[at] = seconds
    return found


def lasting_by_quarter(
    from_at: int, until_at: int, spans: Mapping[tuple[int, int], int]
) -> dict[int, int]:
    """`seconds_by_quarter` of things that are known by when they began and ended, and how many did so together."""
    begun: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for (begin, end), count in spans.items():
        if begin < until_at and end > from_at:
            begun[max(from_at, begin)] += count
            if end < until_at:
                ended[end] += count
    return seconds_by_quarter(from_at, until_at, edges(begun), edges(ended))


@dataclass
class Occupation:
    """How many of the PCs' seconds were taken, of how many there were."""

    taken_seconds: int = 0
    all_seconds: int = 0

    @property
    def percent(self) -> int | None:
        """To the nearest; None where there were no PCs, or the hour has not been yet."""
        if not self.all_seconds:
            return None
        return (self.taken_seconds * 200 + self.all_seconds) // (self.all_seconds * 2)


def occupation_by_hour(
    days: ClubDays, taken: dict[int, int], there: dict[int, int]
) -> dict[tuple[int, int], Occupation]:
    """By weekday (0 is Monday) and hour of the clock, from seconds by quarters of an hour."""
    found = {(weekday, hour): Occupation() for weekday in range(7) for hour in range(24)}
    ahead: dict[int, int | None] = {}
    for at, seconds in there.items():
        utc_day = at // DAY
        if utc_day not in ahead:
            ahead[utc_day] = days.seconds_ahead(utc_day * DAY, (utc_day + 1) * DAY - 1)
        by = ahead[utc_day]
        if by is None:
            local = days.local(at)
            cell = found[local.weekday(), local.hour]
        else:
            cell = found[((at + by) // DAY + FIRST_WEEKDAY) % 7, (at + by) % DAY // HOUR]
        cell.all_seconds += seconds
        cell.taken_seconds += taken.get(at, 0)
    return found
