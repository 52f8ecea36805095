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
from operator import add
from typing import Self

import msgspec

from lovhub.server.reports import rules
from lovhub.server.reports.rules import HOUR, QUARTER, ClubDays, Flow, Period

DAY = 24 * 3600


class Parts(msgspec.Struct):
    """A day cut into equal parts.

    `money`: of each two kinds of accounts between which money moved, debit and credit, how much in each part.
    `taken`: seconds of sittings in each part.
    """

    money: list[tuple[str, str, list[int]]]
    taken: list[int]


class _Programs(msgspec.Struct):
    """How often each application was started on a day, and the seconds that it ran."""

    launches: dict[int, int]
    ran: dict[int, int]


class _ByHour(_Programs):
    hours: Parts


class _ByQuarter(_Programs):
    quarters: Parts


class _Written(_Programs):
    """All of it, as it is kept; of which a reader takes one half only, as the other one costs time."""

    hours: Parts
    quarters: Parts


_HOURLY = msgspec.json.Decoder(_ByHour)
_QUARTERLY = msgspec.json.Decoder(_ByQuarter)


@dataclass(frozen=True)
class Day:
    """A closed day, from its first instant on, in parts of `grain` seconds."""

    at: int
    grain: int
    parts: Parts
    programs: _Programs

    @classmethod
    def read(cls, at: int, sums: bytes, grain: int) -> Self:
        """As it is kept; `grain` is an hour or a quarter of it."""
        if grain == HOUR:
            hourly = _HOURLY.decode(sums)
            return cls(at, grain, hourly.hours, hourly)
        quarterly = _QUARTERLY.decode(sums)
        return cls(at, grain, quarterly.quarters, quarterly)


def day_of(at: int) -> int:
    """The beginning of the day by UTC that the instant lies in."""
    return at - at % DAY


def sums_of_day(
    at: int, flows: Iterable[Flow], taken: dict[int, int], games: dict[int, tuple[int, int]]
) -> bytes:
    """What was counted of the day from `at`, as it is kept."""
    money: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (DAY // QUARTER))
    for flow in flows:
        money[flow.debit, flow.credit][(flow.at - at) // QUARTER] += flow.amount_tiyn
    quarters = Parts(
        [(debit, credit, amounts) for (debit, credit), amounts in sorted(money.items())],
        [taken[quarter] for quarter in range(at, at + DAY, QUARTER)],
    )
    hours = Parts(
        [(debit, credit, _by_hour(amounts)) for debit, credit, amounts in quarters.money],
        _by_hour(quarters.taken),
    )
    return msgspec.json.encode(
        _Written(
            quarters=quarters,
            hours=hours,
            launches={row_id: launches for row_id, (launches, _) in sorted(games.items())},
            ran={row_id: ran for row_id, (_, ran) in sorted(games.items())},
        )
    )


def _by_hour(quarters: Sequence[int]) -> list[int]:
    return [sum(quarters[first : first + 4]) for first in range(0, len(quarters), 4)]


def flows_by_day(period: Period, closed: Iterable[Day]) -> list[Flow]:
    """Money of closed days, as far as it means something: what belongs to one day of the club is one movement in it."""
    begins, found = period.begins, []
    for day in closed:
        inside = begins[bisect_right(begins, day.at) : bisect_left(begins, day.at + DAY)]
        cuts = [0, *((begin - day.at) // day.grain for begin in inside), DAY // day.grain]
        for debit, credit, amounts in day.parts.money:
            if not rules.meaning(debit, credit):
                continue  # a third of all that moves is in no figure
            for first, end in pairwise(cuts):
                amount = sum(amounts[first:end])
                if amount:
                    found.append(Flow(day.at + first * day.grain, debit, credit, amount))
    return found


def flows_by_hour(days: ClubDays, closed: Iterable[Day]) -> list[Flow]:
    """The same of what moved at the same time of the day: one movement on one of the days."""
    found = []
    for group in _by_clock(days, closed, by_weekday=False):
        sums: dict[tuple[str, str], list[int]] = {}
        for day in group:
            for debit, credit, amounts in day.parts.money:
                if not rules.meaning(debit, credit):
                    continue
                before = sums.get((debit, credit))
                sums[debit, credit] = list(map(add, before, amounts)) if before else amounts
        found += [
            Flow(at, debit, credit, amount)
            for (debit, credit), amounts in sums.items()
            for at, amount in _spread(group[0], amounts)
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
        sat, alive = ([0] * len(group[0].parts.taken) for _ in range(2))
        for day in group:
            sat = list(map(add, sat, day.parts.taken))
            alive = list(map(add, alive, count.seconds(day)))
        taken.update(_spread(group[0], sat))
        there.update(_spread(group[0], alive))
    return taken, there


def games(closed: Iterable[Day]) -> dict[int, tuple[int, int]]:
    """Launches and seconds run in closed days, by application."""
    launches: dict[int, int] = {}
    ran: dict[int, int] = {}
    for day in closed:
        for row_id, count in day.programs.launches.items():
            launches[row_id] = launches.get(row_id, 0) + count
        for row_id, seconds in day.programs.ran.items():
            ran[row_id] = ran.get(row_id, 0) + seconds
    return {row_id: (count, ran[row_id]) for row_id, count in launches.items()}


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
