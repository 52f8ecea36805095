"""Ours and theirs, side by side: what a registry of the bank says, and where it differs from the books.

The form of Kaspi's registry is not public: columns are found by their headings, whatever their order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, NamedTuple

from lovhub.server.payments import rules

_HEADINGS = {
    "operation": re.compile(r"операци|транзакци|чек|operation|transaction|txn|^id$", re.IGNORECASE),
    "amount": re.compile(r"сумм|amount|^sum$", re.IGNORECASE),
    "at": re.compile(r"дат|date|врем|time", re.IGNORECASE),
}
_DATES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
          "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y%m%d%H%M%S")  # fmt: skip
MOST_HEADING_ROWS = 20
"""A registry may begin with a title and the club's details."""


class Line(NamedTuple):
    """Money that came (or went, below zero) under an operation's number. `row_id`: of our payment, or of their line."""

    at: int
    operation: str
    amount_tiyn: int
    row_id: int = 0


@dataclass(frozen=True)
class Difference:
    """What does not fit. `only_ours`: they do not know it; `only_theirs`: we do not; `amount`: both, otherwise.

    Or what nobody could compare yet: `to_ask`, the provider is asked at night; `to_upload`, a registry is missing.
    """

    kind: Literal["only_ours", "only_theirs", "amount", "to_ask", "to_upload"]
    operation: str
    at: int
    ours_tiyn: int = 0
    theirs_tiyn: int = 0
    payment_id: int = 0


NOT_COMPARED = frozenset({"to_ask", "to_upload"})


@dataclass(frozen=True)
class Comparison:
    """A period's sums and differences; `waiting` is ours of which they have said nothing yet: it is no difference."""

    ours_tiyn: int
    theirs_tiyn: int
    matched: int
    differences: tuple[Difference, ...]
    waiting: tuple[Difference, ...] = ()

    @property
    def waiting_tiyn(self) -> int:
        """What of ours they have not told of yet."""
        return sum(one.ours_tiyn - one.theirs_tiyn for one in self.waiting)


@dataclass(frozen=True)
class Told:
    """Of what the bank's side has spoken. Without a word of theirs, nobody can say that they do not know something.

    `by_registry`: operations that a registry names; `by_answer`: those of which a provider has said what came (False),
    or what went (True); `to_ask`: those that it is asked about at night; `registry_until`: the bank's days of which
    there is a registry, each with the second up to which it tells of them.
    """

    by_registry: AbstractSet[str]
    by_answer: AbstractSet[tuple[str, bool]]
    to_ask: AbstractSet[str]
    registry_until: Mapping[date, int]

    def look(self, found: Difference) -> Difference:
        """The difference as it is, or as what is not compared yet: ours, or more of ours than they have told."""
        if (
            abs(found.ours_tiyn) <= abs(found.theirs_tiyn)
            or found.operation in self.by_registry
            or self._covers(found.at)
        ):
            return found
        if found.operation in self.to_ask:
            return replace(found, kind="to_ask")
        is_answered = (found.operation, found.ours_tiyn < 0) in self.by_answer
        return found if is_answered else replace(found, kind="to_upload")

    def _covers(self, at: int) -> bool:
        until_at = self.registry_until.get(rules.bank_day(at))
        return until_at is not None and at <= until_at


def compare(ours: Iterable[Line], theirs: Iterable[Line], told: Told) -> Comparison:
    """Match by the operation's number, money that came and money that went apart from each other."""
    mine, bank = _by_operation(ours), _by_operation(theirs)
    found: list[Difference] = []
    for key in mine.keys() | bank.keys():
        a, b = mine.get(key), bank.get(key)
        ours_tiyn, theirs_tiyn = a.amount_tiyn if a else 0, b.amount_tiyn if b else 0
        if ours_tiyn != theirs_tiyn:
            kind: Literal["only_ours", "only_theirs", "amount"] = (
                "only_theirs" if not a else "only_ours" if not b else "amount"
            )
            at = a.at if a else b.at if b else 0
            row_id = a.row_id if a else 0
            found.append(told.look(Difference(kind, key[0], at, ours_tiyn, theirs_tiyn, row_id)))
    found.sort(key=lambda one: (one.at, one.operation, one.ours_tiyn, one.theirs_tiyn))
    return Comparison(
        ours_tiyn=sum(one.amount_tiyn for one in mine.values()),
        theirs_tiyn=sum(one.amount_tiyn for one in bank.values()),
        matched=len(mine.keys() | bank.keys()) - len(found),
        differences=tuple(one for one in found if one.kind not in NOT_COMPARED),
        waiting=tuple(one for one in found if one.kind in NOT_COMPARED),
    )


_Key = tuple[str, bool]


def _by_operation(lines: Iterable[Line]) -> dict[_Key, Line]:
    """Lines of one operation as one: its first, with the sum of all. Nearly every operation has one line only."""
    found: dict[_Key, Line] = {}
    for line in sorted(lines, key=lambda line: (line.at, line.row_id)):
        key = line.operation, line.amount_tiyn < 0
        first = found.setdefault(key, line)
        if first is not line:
            found[key] = first._replace(amount_tiyn=first.amount_tiyn + line.amount_tiyn)
    return found


def read_registry(table: Sequence[Sequence[str]]) -> list[Line] | None:
    """The lines of a registry; None if no row of headings names a number, an amount and a date.

    Rows without a number or an amount (totals, empty ones) are passed over.
    """
    for number, row in enumerate(table[:MOST_HEADING_ROWS]):
        columns = _columns(row)
        if columns is not None:
            lines = (_line(cells, columns) for cells in table[number + 1 :])
            return [line for line in lines if line is not None]
    return None


def _columns(row: Sequence[str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for name in ("at", "amount", "operation"):
        # «Дата операции» is a date, «Сумма операции» an amount: what is taken is not looked at again.
        place = next(
            (
                place
                for place, cell in enumerate(row)
                if place not in found.values() and _HEADINGS[name].search(cell.strip())
            ),
            None,
        )
        if place is None:
            return None
        found[name] = place
    return found


def _line(cells: Sequence[str], columns: dict[str, int]) -> Line | None:
    if len(cells) <= max(columns.values()):
        return None
    operation = normal_operation(cells[columns["operation"]])
    amount_tiyn, at = _amount(cells[columns["amount"]]), _instant(cells[columns["at"]])
    if not operation or not amount_tiyn or at is None:
        return None
    return Line(at, operation, amount_tiyn)


def normal_operation(text: str) -> str:
    """An operation's number as we keep it: no spaces, no leading zeros, and no «.0» of a spreadsheet."""
    number = "".join(text.split()).upper().removesuffix(".0")
    return number.lstrip("0") if number.isdecimal() else number[:100]


def _amount(text: str) -> int | None:
    compact = re.sub(r"[\s\u00a0₸]|KZT|тг\.?$", "", text)
    minus = compact.startswith(("-", "−"))
    compact = compact.lstrip("-−+")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", compact):
        compact = compact.replace(",", "")
    try:
        tiyn = rules.tiyn_of_tenge(compact.replace(",", "."))
    except ValueError:
        return None
    return -tiyn if minus else tiyn


def _instant(text: str) -> int | None:
    said = re.sub(r"\.\d+$", "", text.strip()) if ":" in text else text.strip()
    for form in _DATES:
        try:
            local = datetime.strptime(said, form)  # noqa: DTZ007 (the bank's own zone is set below)
        except ValueError:
            continue
        return int(local.replace(tzinfo=rules.BANK_ZONE).timestamp())
    return None
