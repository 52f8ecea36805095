"""Days of the books put together: what was sold, played and received, by zone, tariff, person. Pure, as rules are.

A day by UTC is kept in quarters of an hour and once more in hours, as closed days are (`folding.py`), and for the same
reasons. Of a day only the cut that is asked for is read, and what is owed.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

import msgspec

from lovhub.server.ledger.accounts import (
    CLAIMS,
    LOT_UNEARNED,
    OWED_IN_PLAY,
    OWED_TO_CUSTOMERS,
    PAYMENT_METHODS,
)
from lovhub.server.reports import rules
from lovhub.server.reports.rules import DAY, QUARTER

Cut = Literal["whole", "zone", "tariff", "person", "owed"]
"""What is told apart: nothing, or the values of one kind; `owed`: kinds of accounts that belong to customers.

Claims on customers are among these, with the other sign: what is owed is above zero either way, and in no sum together.
"""

CUTS: tuple[Cut, ...] = get_args(Cut)

_CLAIMS = frozenset(kind.name for kind in CLAIMS)
_OWED = {kind.name: kind for kind in (*OWED_TO_CUSTOMERS, *OWED_IN_PLAY, *CLAIMS)}


class Entry(NamedTuple):
    """Money in a quarter of an hour: of which cut, of which value there ("": of none), what it is, and how much."""

    at: int
    cut: Cut
    value: str
    what: str
    amount_tiyn: int


class Moved(NamedTuple):
    """Money that moved in a quarter of an hour between accounts of two kinds, by whom, because time expired or not."""

    at: int
    debit: str
    credit: str
    expired: bool
    actor_kind: str
    actor_id: int | None
    amount_tiyn: int


class OfLot(NamedTuple):
    """Money of bought time: of which tariff, and where. `what` is `sold`, `back`, `played` or `expired`."""

    at: int
    what: str
    tariff_id: int | None
    zone_id: int | None
    amount_tiyn: int


def entries(moved: Iterable[Moved], of_lots: Iterable[OfLot]) -> list[Entry]:
    """What the ledger says, as the books tell it."""
    found = []
    for one in moved:
        person = {"staff": f"staff:{one.actor_id}", "system": "system"}.get(
            one.actor_kind, "player"
        )
        for what, amount in _meant(one):
            found.append(Entry(one.at, "whole", "", what, amount))
            if what not in {"played", "expired"}:
                found.append(Entry(one.at, "person", person, what, amount))
            elif LOT_UNEARNED.name not in {one.debit, one.credit}:
                # Earned by no time: spent bonuses of a top-up that was taken back.
                found.append(Entry(one.at, "zone", "", what, amount))
                found.append(Entry(one.at, "tariff", "", what, amount))
        for kind, sign in ((one.debit, -1), (one.credit, 1)):
            if kind in _CLAIMS:
                found.append(Entry(one.at, "owed", kind, "change", -sign * one.amount_tiyn))
            elif kind in _OWED:
                found.append(Entry(one.at, "owed", kind, "change", sign * one.amount_tiyn))
    for lot in of_lots:
        amount = -lot.amount_tiyn if lot.what == "back" else lot.amount_tiyn
        meant = {"back": ("sold",), "expired": ("played", "expired")}.get(lot.what, (lot.what,))
        for what in meant:
            found.append(Entry(lot.at, "zone", _id(lot.zone_id), what, amount))
            found.append(Entry(lot.at, "tariff", _id(lot.tariff_id), what, amount))
    return found


def _meant(one: Moved) -> list[tuple[str, int]]:
    found = []
    for what, sign in rules.meaning(one.debit, one.credit):
        if what in PAYMENT_METHODS:
            # Told apart here: who gives back as much as they take has not done nothing.
            found.append((f"{'in' if sign > 0 else 'out'}:{what}", one.amount_tiyn))
        else:
            found.append((what, sign * one.amount_tiyn))
            if what == "played" and one.expired:
                found.append(("expired", sign * one.amount_tiyn))
    return found


def _id(row_id: int | None) -> str:
    return "" if row_id is None else str(row_id)


Rows = list[tuple[str, str, list[int]]]
"""Value, what it is, and how much in each part of the day."""


class _Kept(msgspec.Struct):
    """One cut of a day. `before`: of `owed`, what customers were owed at the day's beginning, by kind of account."""

    rows: Rows
    before: dict[str, int] = {}


_DECODER = msgspec.json.Decoder(_Kept)


@dataclass(frozen=True)
class Sums:
    """A cut of a day as it is kept: by hours, and by quarters of an hour. Who reads it takes one of them."""

    hours: bytes
    quarters: bytes


def sums_of_day(at: int, before: dict[str, int], found: Iterable[Entry]) -> dict[Cut, Sums]:
    """The day from `at`, as it is kept; each cut by itself, so that a year of one is read quickly."""
    parts: defaultdict[tuple[Cut, str, str], list[int]] = defaultdict(
        lambda: [0] * (DAY // QUARTER)
    )
    for entry in found:
        parts[entry.cut, entry.value, entry.what][(entry.at - at) // QUARTER] += entry.amount_tiyn
    by_quarter: dict[Cut, Rows] = {cut: [] for cut in CUTS}
    by_hour: dict[Cut, Rows] = {cut: [] for cut in CUTS}
    for (cut, value, what), quarters in sorted(parts.items()):
        hours = [sum(quarters[first : first + 4]) for first in range(0, len(quarters), 4)]
        by_quarter[cut].append((value, what, quarters))
        by_hour[cut].append((value, what, hours))

    def written(cut: Cut, rows: Rows) -> bytes:
        return msgspec.json.encode(_Kept(rows, before if cut == "owed" else {}))

    return {cut: Sums(written(cut, by_hour[cut]), written(cut, by_quarter[cut])) for cut in CUTS}


class BookDay(msgspec.Struct, frozen=True):
    """A day of one cut, in parts of `grain` seconds. `before`: what was owed at its beginning, of `owed`."""

    at: int
    grain: int
    cut: Cut
    rows: Rows
    before: dict[str, int]

    @classmethod
    def read(cls, at: int, cut: Cut, kept: bytes, grain: int) -> "BookDay":
        """As it is kept by hours (`grain` an hour) or by quarters."""
        found = _DECODER.decode(kept)
        return cls(at, grain, cut, found.rows, found.before)

    def entries(self, inside: Sequence[int]) -> list[Entry]:
        """What belongs together between two of these instants of the day, as one entry each."""
        cuts = [0, *((begin - self.at) // self.grain for begin in inside), DAY // self.grain]
        found = []
        for value, what, amounts in self.rows:
            for first, last in pairwise(cuts):
                amount = sum(amounts[first:last])
                if amount:
                    at = self.at + first * self.grain
                    found.append(Entry(at, self.cut, value, what, amount))
        return found


def entries_of(days: Iterable[BookDay], begins: Sequence[int]) -> list[Entry]:
    """What belongs together between two of the instants `begins`: of days that lie there wholly, as one entry.

    Such an entry is of the first of these days.
    """
    found: list[Entry] = []
    first_at: dict[int, int] = {}
    whole: defaultdict[tuple[int, Cut, str, str], int] = defaultdict(int)
    for day in days:
        first, end = bisect_right(begins, day.at), bisect_left(begins, day.at + DAY)
        if first == end:
            at = first_at.setdefault(first, day.at)
            for value, what, amounts in day.rows:
                whole[at, day.cut, value, what] += sum(amounts)
        else:
            found += day.entries(begins[first:end])
    found += [Entry(*of, amount) for of, amount in whole.items() if amount]
    return found


def owed_after(day: BookDay) -> dict[str, int]:
    """What customers were owed at the end of a day of the cut `owed`."""
    found = dict(day.before)
    for kind, _what, amounts in day.rows:
        found[kind] = found.get(kind, 0) + sum(amounts)
    return found


def changed_between(days: Sequence[BookDay]) -> list[Entry]:
    """How what is owed changed between the first and the last of these days, as entries of the last beginning."""
    if not days:
        return []
    first, last = days[0], days[-1]
    if first is last:
        return []
    until = owed_after(first)
    return [
        Entry(last.at, "owed", kind, "change", tiyn - until.get(kind, 0))
        for kind, tiyn in last.before.items()
        if tiyn != until.get(kind, 0)
    ]


@dataclass(frozen=True)
class Owed:
    """What customers are owed in accounts of one kind: before, and how much it changed."""

    kind: str
    before_tiyn: int
    change_tiyn: int

    @property
    def in_money(self) -> bool:
        """Whether customers can ask for it in money: never for bonuses, nor for what they owe themselves."""
        return self.kind not in {kind.name for kind in (*OWED_IN_PLAY, *CLAIMS)}

    @property
    def after_tiyn(self) -> int:
        """At the end."""
        return self.before_tiyn + self.change_tiyn


@dataclass(frozen=True)
class Added:
    """Entries added up: by which stretch of the period (from 0) and value, what it is → how much."""

    cells: dict[tuple[int, str], dict[str, int]]
    owed: list[Owed]


def added(begins: Sequence[int], cut: Cut, owed: dict[str, int], found: Iterable[Entry]) -> Added:
    """Add up; `begins` are the instants at which the stretches begin, and the one at which the last is over.

    Entries before the first of them only tell what was `owed` there; those after the last do not count.
    """
    cells: defaultdict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    before, change = dict(owed), dict.fromkeys(owed, 0)
    for entry in found:
        number = bisect_right(begins, entry.at) - 1
        if number >= len(begins) - 1:
            continue
        if entry.cut == "owed":
            goal = before if number < 0 else change
            goal[entry.value] = goal.get(entry.value, 0) + entry.amount_tiyn
        if entry.cut == cut and number >= 0:
            cell = cells[number, entry.value]
            cell[entry.what] = cell.get(entry.what, 0) + entry.amount_tiyn
    kinds = [kind for kind in _OWED if kind in before or kind in change]
    return Added(
        dict(cells), [Owed(kind, before.get(kind, 0), change.get(kind, 0)) for kind in kinds]
    )
