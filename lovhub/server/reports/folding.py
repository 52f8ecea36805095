"""Closed days put together: a year costs no more than a few hundred additions of lists. Pure, as rules are.

A closed day is a day by UTC, cut into quarters of an hour, so that it fits every time zone and every beginning of the
club's day; and once more into hours, which are a quarter of the work and enough for most clubs (`Period.grain`). What
is asked for by day of the club, by hour of its clock or by weekday is the sum of parts that belong together, and the
parts of many days are added first wherever the club's clock says the same about them.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

import msgspec

from lovhub.server.reports import rules
from lovhub.server.reports.rules import HOUR, QUARTER, ClubDays, Flow, Meant, Period

DAY = 24 * 3600


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


class Kept(NamedTuple):
    """A day as it is kept: its hours, its quarters of an hour, its programs. Who reads it takes hours or quarters."""

    hours: bytes
    quarters: bytes
    programs: bytes


_PARTS = msgspec.json.Decoder(Parts)
_PROGRAMS = msgspec.json.Decoder(Programs)


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


def money_by_day(period: Period, closed: Iterable[Day]) -> list[Meant]:
    """Money of closed days: what belongs to one day of the club is one movement in it."""
    begins, found = period.begins, []
    for day in closed:
        inside = begins[bisect_right(begins, day.at) : bisect_left(begins, day.at + DAY)]
        cuts = [0, *((begin - day.at) // day.grain for begin in inside), DAY // day.grain]
        for first, end in pairwise(cuts):
            amounts = tuple(
                (what, sum(amounts[first:end])) for what, amounts in day.parts.money.items()
            )
            found.append(Meant(day.at + first * day.grain, amounts))
    return found


def money_by_hour(days: ClubDays, closed: Iterable[Day]) -> list[Meant]:
    """The same of what moved at the same time of the day: one movement on one of the days."""
    found = []
    for group in _by_clock(days, closed, by_weekday=False):
        rows: defaultdict[str, list[list[int]]] = defaultdict(list)
        for day in group:
            for what, amounts in day.parts.money.items():
                rows[what].append(amounts)
        found += [
            Meant(at, ((what, amount),))
            for what, of_days in rows.items()
            for at, amount in _spread(group[0], _added(of_days))
            if amount
        ]
    return found


def taken_and_there(
    days: ClubDays, closed: Iterable[Day], lives: Sequence[tuple[int, int]]
) -> tuple[dict[int, int], dict[int, int]]:
    """Seconds of sittings and of PCs (alive from the first to the second instant of `lives`) in closed days.

    By the parts of the days: of days that the club's clock calls the same, all together on one of them.
    """
    taken: dict[int, int] = {}
    there: dict[int, int] = {}
    count = _Counted(lives)
    for group in _by_clock(days, closed, by_weekday=True):
        taken.update(_spread(group[0], _added(day.parts.taken for day in group)))
        there.update(_spread(group[0], _added(count.seconds(day) for day in group)))
    return taken, there


def games(closed: Iterable[Day]) -> dict[int, tuple[int, int]]:
    """Launches and seconds run in closed days, by application."""
    # On most days of a club the same is started: what was is looked up once for all of these days.
    alike: defaultdict[tuple[int, ...], list[Programs]] = defaultdict(list)
    for day in closed:
        alike[tuple(day.programs.ids)].append(day.programs)
    found: dict[int, tuple[int, int]] = {}
    for ids, kept in alike.items():
        launches, ran = _added(one.launches for one in kept), _added(one.ran for one in kept)
        for row_id, count, seconds in zip(ids, launches, ran, strict=True):
            before = found.get(row_id, (0, 0))
            found[row_id] = (before[0] + count, before[1] + seconds)
    return found


def _spread(day: Day, amounts: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(range(day.at, day.at + DAY, day.grain), amounts, strict=True)


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


class _Counted:
    """How many things lasted in the parts of a day; on most days none begins or ends."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._spans = spans
        self._begins = sorted(begin for begin, _ in spans)
        self._ends = sorted(end for _, end in spans)
        self._busy = {day_of(at) for span in spans for at in span}

    def seconds(self, day: Day) -> list[int]:
        if day.at in self._busy:
            quarters = rules.lasting_by_quarter(day.at, day.at + DAY, self._spans).values()
            return _by_hour(list(quarters)) if day.grain == HOUR else list(quarters)
        count = bisect_right(self._begins, day.at) - bisect_right(self._ends, day.at)
        return [count * day.grain] * (DAY // day.grain)
