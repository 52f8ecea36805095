"""Reading a long list part by part, in either direction and in any order, without counting what was passed.

A part is found by the key of the row beside it («after Ерлан, number 17»), never by how many rows come before: the
last part of a million rows costs as much as the first.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Row, Select, literal, tuple_
from sqlalchemy.orm import Session

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]

Key = str | int
"""What rows may be put in order by. NULL has no place in an order: such a column is sorted by `coalesce`."""

LARGEST_INTEGER = 2**63 - 1

INTEGERS = range(-LARGEST_INTEGER - 1, LARGEST_INTEGER + 1)
"""What a column of eight bytes holds."""

CURSOR_PATTERN = r"^[A-Za-z0-9_-]{1,2000}$"


@dataclass(frozen=True)
class Order:
    """Rows by `key`, rows of the same key by `id`, both the same way round. `name` is the order's in an address."""

    name: str
    key: ColumnElement[Any]
    id: ColumnElement[int]
    descending: bool = False

    def written(self) -> str:
        """As an address carries it: «name», or «-name» for the other way round."""
        return f"-{self.name}" if self.descending else self.name

    def takes(self, key: Key) -> bool:
        """Whether a row may have this key: places come from addresses, which anyone may write."""
        if isinstance(key, int):
            return self.key.type.python_type is int and key in INTEGERS
        return self.key.type.python_type is str and "\x00" not in key


@dataclass(frozen=True)
class Sorts:
    """What a list may be sorted by: name → key, and the order it has if nobody asks («-at»: the newest first)."""

    keys: Mapping[str, Any]
    id: Any
    default: str

    def order(self, wanted: str = "") -> Order:
        """The order called `wanted`; the list's own if there is none of that name."""
        name = wanted.removeprefix("-")
        if name not in self.keys:
            wanted, name = self.default, self.default.removeprefix("-")
        return Order(name, self.keys[name], self.id, descending=wanted.startswith("-"))


@dataclass(frozen=True)
class Place:
    """Between two rows: behind the row with this key and id, or (`backwards`) before it, as the list is shown."""

    key: Key
    id: int
    backwards: bool = False

    def written(self) -> str:
        """As an address carries it, without the direction."""
        packed = msgspec.json.encode((self.key, self.id))
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_place(text: str, *, backwards: bool = False) -> Place | None:
    """What `Place.written` wrote; None for anything else."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key, row_id = msgspec.json.decode(packed, type=tuple[Key, int])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None
    return Place(key, row_id, backwards) if 0 < row_id <= LARGEST_INTEGER else None


@dataclass(frozen=True)
class Part(Generic[R]):
    """Some rows of a list, in its order, and the places where those before and behind them are; None: no more."""

    rows: list[R]
    previous: Place | None = None
    next: Place | None = None


class Read(Protocol[R_co]):
    """Gives at most so many rows beside the place, falling (the greatest first) or rising."""

    def __call__(self, place: Place | None, *, falling: bool, most: int) -> Sequence[R_co]: ...


def part(
    db: Session,
    statement: AnySelect,
    order: Order,
    place: Place | None,
    limit: int,
    load: Callable[[Sequence[AnyRow]], list[R]],
) -> Part[R]:
    """The part of `statement` at `place`; the first if there is none, or if nothing is left at it.

    `load` makes of the rows what the list shows; the key and the id stand behind the statement's own columns.
    """

    def read(place: Place | None, *, falling: bool, most: int) -> Sequence[AnyRow]:
        asked = statement.add_columns(order.key.label("keyset_key"), order.id.label("keyset_id"))
        if place is not None:
            here = tuple_(order.key, order.id)
            there = tuple_(literal(place.key, order.key.type), literal(place.id, order.id.type))
            asked = asked.where(here < there if falling else here > there)
        ways = (order.key.desc(), order.id.desc()) if falling else (order.key, order.id)
        return db.execute(asked.order_by(*ways).limit(most)).all()

    found = cut(read, lambda row: (row.keyset_key, row.keyset_id), order, place, limit)
    return Part(load(found.rows), found.previous, found.next)


def cut(
    read: Read[R],
    key: Callable[[R], tuple[Key, int]],
    order: Order,
    place: Place | None,
    limit: int,
) -> Part[R]:
    """The part at `place` of rows that come from anywhere; the first if there is none, or if nothing is left at it.

    `key`: a row's key and id.
    """
    if place is not None and not order.takes(place.key):
        place = None
    backwards = place is not None and place.backwards
    found = read(place, falling=order.descending != backwards, most=limit + 1)
    more = len(found) > limit
    if place is not None and (not found or (backwards and not more)):
        # The rows that stood here are gone, or these are the first: a whole part from the beginning.
        return cut(read, key, order, None, limit)
    shown = list(found[:limit])
    if backwards:
        shown.reverse()
    first = Place(*key(shown[0]), backwards=True) if shown else None
    last = Place(*key(shown[-1])) if shown else None
    return Part(
        shown,
        previous=first if place is not None else None,
        next=last if more or backwards else None,
    )
