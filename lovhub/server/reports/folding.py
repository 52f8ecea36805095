"""Closed days put together: a year costs no more than a few hundred additions of lists. Pure, as rules are.

A closed day is a day by UTC, cut into quarters of an hour, so that it fits every time zone and every beginning of the
club's day; and once more into hours, which are a quarter of the work and enough for most clubs (`Period.grain`). What
is asked for by day of the club, by hour of its clock or by weekday is the sum of parts that belong together, and the
parts of many days are added first wherever the club's clock says the same about them.

Fourteen closed days that follow each other are kept once more, added up (`Fortnight`): a year is read as two dozen of
these and the days around them.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from operator import sub
from types import MappingProxyType
from typing import NamedTuple, Self

import msgspec

from lovhub.server.reports import rules
from lovhub.server.reports.rules import (
    DAY,
    HOUR,
    QUARTER,
    ClubDays,
    Flow,
    Meant,
    MeantByDay,
    Period,
)

FORTNIGHT = 14 * DAY


class Parts(msgspec.Struct):
    """A day cut into equal parts.

    `money`: of all that money can be (`rules.meaning`), how much in each part. `taken`: seconds of sittings.
    """

    money: dict[str, list[int]]
    taken: list[int]


class Programs(msgspec.Struct):
    """What was started on a day: applications, in order, how often each, and the seconds that it ran."""

    ids: list[int]
    launches: list[int]
    ran: list[int]


class Whole(msgspec.Struct):
    """Fourteen days added up.

    `until`: of all that money can be, how much up to each hour and up to the end, eight bytes each, the lowest first:
    what moved between two hours is one subtraction. `money`: how much in each hour of a day, of all days together.
    `taken`: seconds of sittings in each hour, by days of the week, the first of these days first.
    """

    until: dict[str, bytes]
    money: dict[str, list[int]]
    taken: list[list[int]]
    programs: Programs


class Kept(NamedTuple):
    """A day as it is kept: its hours, its quarters of an hour, its programs. Who reads it takes hours or quarters."""

    hours: bytes
    quarters: bytes
    programs: bytes


_PARTS = msgspec.json.Decoder(Parts)
_PROGRAMS = msgspec.json.Decoder(Programs)
_WHOLES = msgspec.msgpack.Decoder(Whole)


@dataclass(frozen=True)
class Day:
    """A closed day, from its first instant on, in parts of `grain` seconds: an hour or a quarter of it."""

    at: int
    grain: int
    parts: Parts
    programs: Programs

    @classmethod
    def read(cls, at: int, grain: int, parts: bytes, programs: bytes) -> Self:
        """As it is kept: its hours or its quarters, and its programs."""
        return cls(at, grain, _PARTS.decode(parts), _PROGRAMS.decode(programs))


@dataclass(frozen=True)
class Fortnight:
    """Fourteen closed days from their first instant on, in hours."""

    at: int
    whole: Whole

    @classmethod
    def read(cls, at: int, kept: bytes) -> Self:
        """As it is kept."""
        return cls(at, _WHOLES.decode(kept))

    @cached_property
    def until(self) -> dict[str, "array[int]"]:
        """Of all that money can be, how much up to each hour."""
        return {what: _numbers(kept) for what, kept in self.whole.until.items()}


def fortnight(days: Sequence[Day]) -> bytes:
    """These fourteen days, in hours, as they are kept once more."""
    names = sorted({what for day in days for what in day.parts.money})
    nothing = [0] * (DAY // HOUR)
    until = {}
    for what in names:
        hours = chain.from_iterable(day.parts.money.get(what, nothing) for day in days)
        until[what] = _bytes(accumulate(hours, initial=0))
    together = games(days)
    ids = sorted(together)
    return msgspec.msgpack.encode(
        Whole(
            until,
            dict(sorted(_together(day.parts.money for day in days).items())),
            [_added(day.parts.taken for day in days[first::7]) for first in range(7)],
            Programs(
                ids,
                [together[row_id][0] for row_id in ids],
                [together[row_id][1] for row_id in ids],
            ),
        )
    )


def _bytes(numbers: Iterable[int]) -> bytes:
    kept = array("q", numbers)
    if sys.byteorder == "big":
        kept.byteswap()
    return kept.tobytes()


def _numbers(kept: bytes) -> "array[int]":
    numbers = array("q", kept)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


@lru_cache(maxsize=1024)
def same_clock(days: ClubDays, at: int) -> bool:
    """Whether the club's clock is as far from UTC throughout the fourteen days from this instant on."""
    ends = [end for begin in range(at, at + FORTNIGHT, DAY) for end in (begin, begin + DAY - 1)]
    return len({_offset(days, end) for end in ends}) == 1


def day_of(at: int) -> int:
    """The beginning of the day by UTC that the instant lies in."""
    return at - at % DAY


def sums_of_day(
    at: int, flows: Iterable[Flow], taken: dict[int, int], games: dict[int, tuple[int, int]]
) -> Kept:
    """What was counted of the day from `at`, as it is kept."""
    money: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (DAY // QUARTER))
    for flow in flows:
        for what, amount_tiyn in flow.meant:
            money[what][(flow.at - at) // QUARTER] += amount_tiyn
    quarters = Parts(
        dict(sorted(money.items())), [taken[quarter] for quarter in range(at, at + DAY, QUARTER)]
    )
    hours = Parts(
        {what: _by_hour(amounts) for what, amounts in quarters.money.items()},
        _by_hour(quarters.taken),
    )
    ids = sorted(games)
    programs = Programs(
        ids, [games[row_id][0] for row_id in ids], [games[row_id][1] for row_id in ids]
    )
    return Kept(*map(msgspec.json.encode, (hours, quarters, programs)))


def _by_hour(quarters: Sequence[int]) -> list[int]:
    return [sum(quarters[first : first + 4]) for first in range(0, len(quarters), 4)]


def _added(rows: Iterable[Sequence[int]]) -> list[int]:
    """Lists of the same length added up, number by number: by columns, a tenth of the work of list by list."""
    return list(map(sum, zip(*rows, strict=True)))


def _together(days: Iterable[dict[str, list[int]]]) -> dict[str, list[int]]:
    """The money of many days added up, of all that it can be; hardly a day knows of all of that."""
    rows: defaultdict[str, list[list[int]]] = defaultdict(list)
    for money in days:
        for what, amounts in money.items():
            rows[what].append(amounts)
    return {what: _added(of_days) for what, of_days in rows.items()}


def money_by_day(period: Period, closed: Sequence[Day]) -> list[MeantByDay]:
    """Money of closed days by the club's own."""
    if not closed:
        return []
    begins = period.begins
    day_before = bisect_right(begins, closed[0].at) - 1
    columns: defaultdict[str, list[int]] = defaultdict(
        lambda: [0] * (bisect_left(begins, closed[-1].at + DAY) - day_before)
    )
    for day in closed:
        next_day, end = bisect_right(begins, day.at), bisect_left(begins, day.at + DAY)
        cuts = [(begin - day.at) // day.grain for begin in begins[next_day:end]]
        place = next_day - 1 - day_before
        for what, amounts in day.parts.money.items():
            column, first = columns[what], 0
            for later, cut in enumerate(cuts, place):
                column[later] += sum(amounts[first:cut])
                first = cut
            column[place + len(cuts)] += sum(amounts[first:])
    return [MeantByDay(closed[0].at, dict(columns))]


def money_by_day_of_fortnights(period: Period, fortnights: Iterable[Fortnight]) -> list[MeantByDay]:
    """The same of fortnights."""
    begins, found = period.begins, []
    for one in fortnights:
        # The clock is not changed in it: a day begins each 24 hours, up to which each sum is one stride of the sums.
        first = (begins[bisect_right(begins, one.at)] - one.at) // HOUR
        columns = {}
        for what, until in one.until.items():
            sums = (*until[first : FORTNIGHT // HOUR : DAY // HOUR], until[-1])
            columns[what] = [*map(sub, sums, (0, *sums))]
        found.append(MeantByDay(one.at, columns))
    return found


def money_by_hour_of_fortnights(days: ClubDays, fortnights: Iterable[Fortnight]) -> list[Meant]:
    """What moved at the same hour of the club's clock: one movement on one of the days."""
    found = []
    for group in _by_offset(days, fortnights):
        found += _moved(group[0].at, HOUR, (one.whole.money for one in group))
    return found


def money_of_part(day: Day, from_at: int, until_at: int) -> list[Meant]:
    """What of a closed day's money lies between two instants, both borders of its parts: each part by itself."""
    places = range(_place(day, from_at), _place(day, until_at))
    return [
        Meant(
            day.at + place * day.grain,
            tuple((what, amounts[place]) for what, amounts in day.parts.money.items()),
        )
        for place in places
    ]


def _place(day: Day, at: int) -> int:
    """Which part of the day begins at this instant: the first or one after the last where that is not in the day."""
    return max(0, min(DAY, at - day.at)) // day.grain


def money_by_hour(days: ClubDays, closed: Iterable[Day]) -> list[Meant]:
    """The same of what moved at the same time of the day: one movement on one of the days."""
    found = []
    for group in _by_clock(days, closed, by_weekday=False):
        found += _moved(group[0].at, group[0].grain, (day.parts.money for day in group))
    return found


def _moved(at: int, grain: int, days: Iterable[dict[str, list[int]]]) -> list[Meant]:
    """Money of the parts of these days, all together as if it had moved on the one that begins then."""
    together = _together(days)
    names = tuple(together)
    return [
        Meant(part_at, tuple(zip(names, amounts, strict=True)))
        for part_at, amounts in zip(
            range(at, at + DAY, grain), zip(*together.values(), strict=True), strict=False
        )
    ]


@dataclass(frozen=True)
class Sat:
    """Seconds of sittings in days that the club's clock calls the same, the earliest first, all of them together.

    `days`: when they begin. `taken`: in each part of a day, which has `grain` seconds.
    """

    days: tuple[int, ...]
    grain: int
    taken: tuple[int, ...]


def sat_in_days(days: ClubDays, closed: Iterable[Day]) -> list[Sat]:
    """Of closed days."""
    return [
        Sat(
            tuple(day.at for day in group),
            group[0].grain,
            tuple(_added(day.parts.taken for day in group)),
        )
        for group in _by_clock(days, closed, by_weekday=True)
    ]


def sat_in_fortnights(days: ClubDays, fortnights: Iterable[Fortnight]) -> list[Sat]:
    """Of such throughout which the club's clock is as far from UTC."""
    return [
        Sat(
            tuple(one.at + later for one in group for later in (number * DAY, (number + 7) * DAY)),
            HOUR,
            tuple(_added(one.whole.taken[number] for one in group)),
        )
        for group in _by_offset(days, fortnights)
        for number in range(7)
    ]


class Occupied:
    """Seconds of sittings and of PCs in closed days. `lives`: so many PCs from the first to the second instant.

    By the parts of the days: of days that the club's clock calls the same, all together on one of them.
    """

    def __init__(self, lives: Mapping[tuple[int, int], int]) -> None:
        self.taken: dict[int, int] = {}
        self.there: dict[int, int] = {}
        self._count = _Counted(lives)

    def add(self, sat: Iterable[Sat]) -> None:
        """Whole days."""
        for one in sat:
            first, grain = one.days[0], one.grain
            self.taken.update(_spread(first, grain, one.taken))
            there = self._count.seconds_together(one.days, grain)
            self.there.update(_spread(first, grain, there))

    def add_part(self, day: Day, from_at: int, until_at: int) -> None:
        """What of a day lies between two instants, both borders of its parts."""
        seconds = self._count.seconds(day.at, day.grain)
        for place in range(_place(day, from_at), _place(day, until_at)):
            at = day.at + place * day.grain
            self.taken[at], self.there[at] = day.parts.taken[place], seconds[place]


def games(
    closed: Iterable[Day], fortnights: Iterable[Fortnight] = ()
) -> dict[int, tuple[int, int]]:
    """Launches and seconds run in closed days, by application."""
    # On most days of a club the same is started: what was is looked up once for all of these days.
    alike: defaultdict[tuple[int, ...], list[Programs]] = defaultdict(list)
    for programs in chain(
        (day.programs for day in closed), (one.whole.programs for one in fortnights)
    ):
        alike[tuple(programs.ids)].append(programs)
    found: dict[int, tuple[int, int]] = {}
    for ids, kept in alike.items():
        launches, ran = _added(one.launches for one in kept), _added(one.ran for one in kept)
        for row_id, count, seconds in zip(ids, launches, ran, strict=True):
            before = found.get(row_id, (0, 0))
            found[row_id] = (before[0] + count, before[1] + seconds)
    return found


@dataclass(frozen=True)
class Sums:
    """What closed days of a period add up to. Nobody can change any of it, for it is told again."""

    money_by_day: tuple[MeantByDay, ...]
    money_by_hour: tuple[Meant, ...]
    sat: tuple[Sat, ...]
    games: Mapping[int, tuple[int, int]]


NOTHING = Sums((), (), (), MappingProxyType({}))


class Rows(msgspec.Struct, frozen=True):
    """All that is kept of the whole closed days in a period, as it was read; no day is both in `days` and a fortnight.

    Of days their first instant, their parts and their programs; of fortnights their first instant and their sums.
    """

    period: Period
    days: tuple[tuple[int, bytes, bytes], ...]
    fortnights: tuple[tuple[int, bytes], ...]

    def __hash__(self) -> int:
        # What is kept is compared in any case, which is several times as quick as a hash of all of it.
        return hash((self.period.first, self.period.last, len(self.days)))


# A month takes 0.1 MB of memory with its rows, a year 0.6 MB; one in quarters of an hour, day by day, 2 MB.
@lru_cache(maxsize=4)
def added_up(rows: Rows) -> Sums:
    """All of them. Asked again, as for a page's files, it is known: by everything that is kept, to the last byte."""
    period = rows.period
    closed = [Day.read(at, period.grain, *kept) for at, *kept in rows.days]
    fortnights = [Fortnight.read(at, kept) for at, kept in rows.fortnights]
    by_day = [
        *money_by_day(period, closed),
        *money_by_day_of_fortnights(period, fortnights),
    ]
    return Sums(
        money_by_day=(rules.joined_by_day(period, by_day),) if by_day else (),
        money_by_hour=(
            *money_by_hour(period.days, closed),
            *money_by_hour_of_fortnights(period.days, fortnights),
        ),
        sat=(*sat_in_days(period.days, closed), *sat_in_fortnights(period.days, fortnights)),
        games=MappingProxyType(games(closed, fortnights)),
    )


def _spread(at: int, grain: int, amounts: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(range(at, at + DAY, grain), amounts, strict=True)


@lru_cache(maxsize=4096)
def _offset(days: ClubDays, at: int) -> timedelta | None:
    """How far the club's clock is from UTC; of the same days every report asks again."""
    return days.local(at).utcoffset()


def _by_clock(days: ClubDays, closed: Iterable[Day], *, by_weekday: bool) -> list[list[Day]]:
    """Days in which the club's clock shows the same at the same second; a day of a clock change stands alone."""
    groups: defaultdict[tuple[object, ...], list[Day]] = defaultdict(list)
    for day in closed:
        weekday = day.at // DAY % 7 if by_weekday else 0
        offset, later = _offset(days, day.at), _offset(days, day.at + DAY - 1)
        groups[(weekday, offset) if offset == later else (day.at,)].append(day)
    return list(groups.values())


def _by_offset(days: ClubDays, fortnights: Iterable[Fortnight]) -> list[list[Fortnight]]:
    """Fortnights in which the club's clock is as far from UTC."""
    groups: defaultdict[timedelta | None, list[Fortnight]] = defaultdict(list)
    for one in fortnights:
        groups[_offset(days, one.at)].append(one)
    return list(groups.values())


class _Counted:
    """How many things lasted in the parts of a day; on most days none begins or ends."""

    def __init__(self, spans: Mapping[tuple[int, int], int]) -> None:
        self._spans = spans
        more: defaultdict[int, int] = defaultdict(int)
        for (begin, end), count in spans.items():
            more[begin] += count
            more[end] -= count
        self._changed_at = sorted(more)
        self._alive_since = [*accumulate(map(more.__getitem__, self._changed_at), initial=0)]
        self._busy = set(map(day_of, more))

    def seconds(self, at: int, grain: int) -> list[int]:
        """In each part of the day that begins then."""
        if at in self._busy:
            quarters = rules.lasting_by_quarter(at, at + DAY, self._spans).values()
            return _by_hour(list(quarters)) if grain == HOUR else list(quarters)
        return [self._alive(at) * grain] * (DAY // grain)

    def seconds_together(self, days: Sequence[int], grain: int) -> list[int]:
        """In each part of the days that begin then, the earliest first, of all of them together."""
        those_busy = self._busy.intersection(days)
        busy = [self.seconds(at, grain) for at in those_busy]
        quiet = [at for at in days if at not in those_busy] if those_busy else days
        # In most periods no PC came or went: what holds for the first and the last day holds for all between them.
        if quiet and self._changes(quiet[0]) == self._changes(quiet[-1]):
            alive = self._alive(quiet[0]) * len(quiet)
        else:
            alive = sum(map(self._alive, quiet))
        return _added([[alive * grain] * (DAY // grain), *busy])

    def _alive(self, at: int) -> int:
        return self._alive_since[self._changes(at)]

    def _changes(self, at: int) -> int:
        """How many times by then some have begun or ended."""
        return bisect_right(self._changed_at, at)
