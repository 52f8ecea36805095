"""List pages: sorted by what the address says, leafed through part by part, taken away as a file.

    TABLE = Table("customers", (Column("name", _l("Имя"), lambda row: row.name), …), queries.SORTS)

    @pages.get("")
    def index():
        with current.club().read() as db:
            find = partial(queries.page, db, club_id, search=search)
            if (file := TABLE.file(find)) is not None:
                return file
            listing = TABLE.listing(find)
        return render_template("customers/index.html", listing=listing)

The template takes `head`, `pager` and `exports` of `tables.html`. A short list that is read whole needs no `sorts`:
`TABLE.short_file(rows)` and `TABLE.short_listing(rows)` sort the rows they are given; `page_of(count)` says which of
them to show, where it is not so short.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode

from flask import Response, request
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from lovhub.server.database.keyset import Order, Part, Place, Sorts, read_place
from lovhub.server.errors import OperationRefused
from lovhub.server.search_key import search_key
from lovhub.server.web import current, formatting, navigation
from lovhub.server.web.keeping import file_to_keep
from lovhub.server.web.spreadsheet import FORMATS, MIME_TYPES, WRITERS, Cell, Format, Heading, Kind

R = TypeVar("R")

PAGE_SIZE = 50
MOST_EXPORTED = 100_000
"""More rows than that nobody reads; the file says that it ends here."""

_EXPORT_STEP = 1000
_OF_THE_PART = frozenset({"after", "before", "page", "export"})


class Find(Protocol[R]):
    """Gives a part of the list, filtered as the address says."""

    def __call__(self, *, order: Order, place: Place | None, limit: int) -> Part[R]: ...


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of a list and of its file. `name` is its name in an address."""

    name: str
    title: LazyString
    value: Callable[[R], Cell]
    kind: Kind = "text"


@dataclass(frozen=True)
class Heads:
    """What the head of a list says and where it leads: sorted by which column, and how to sort by another."""

    sorted_by: str
    descending: bool
    has_own_order: bool = False

    def aria(self, column: str) -> str:
        """The column's state, in ARIA's words."""
        if column != self.sorted_by:
            return "none"
        return "descending" if self.descending else "ascending"

    def link(self, column: str) -> str:
        """Sort by the column; by the one that is sorted by already, the other way round.

        A list that somebody has arranged by hand comes back to its own order after that.
        """
        if column == self.sorted_by and self.descending and self.has_own_order:
            return address()
        falling = column == self.sorted_by and not self.descending
        return address(sort=f"-{column}" if falling else column)

    def export(self, format_: Format) -> str:
        """The list, filtered and sorted as it is shown, as a file."""
        return address(sort=request.args.get("sort", ""), export=format_)


@dataclass(frozen=True)
class Listing(Generic[R]):
    """Rows to show, with the links around them; "" for a part that does not exist."""

    rows: list[R]
    heads: Heads
    previous: str = ""
    next: str = ""


@dataclass(frozen=True)
class Table(Generic[R]):
    """A list page. `name` names its files; without `sorts` it is a short list, always read whole."""

    name: str
    columns: tuple[Column[R], ...]
    sorts: Sorts | None = None

    def order(self) -> Order:
        """The order that the address asks for."""
        if self.sorts is None:
            raise TypeError(f"{self.name} is a short list")
        return self.sorts.order(request.args.get("sort", ""))

    def listing(self, find: Find[R]) -> Listing[R]:
        """The part that the address asks for."""
        order = self.order()
        found = find(order=order, place=_asked_place(), limit=PAGE_SIZE)
        sort = request.args.get("sort", "")
        return Listing(
            found.rows,
            Heads(order.name, order.descending),
            previous=address(sort=sort, before=found.previous.written()) if found.previous else "",
            next=address(sort=sort, after=found.next.written()) if found.next else "",
        )

    def file(self, find: Find[R]) -> Response | None:
        """All of what is shown as a file, if the address asks for one."""
        return self._file(_all_rows(find, self.order())) if "export" in request.args else None

    def short_heads(self) -> Heads:
        """What the address asks of a short list."""
        wanted = request.args.get("sort", "")
        name = wanted.removeprefix("-")
        if all(column.name != name for column in self.columns):
            return Heads("", descending=False, has_own_order=True)
        return Heads(name, wanted.startswith("-"), has_own_order=True)

    def short_listing(self, rows: Iterable[R]) -> Listing[R]:
        """All the rows, in the order that the address asks for; as they are given, if it asks for none."""
        heads = self.short_heads()
        if not heads.sorted_by:
            return Listing(list(rows), heads)
        value = next(column.value for column in self.columns if column.name == heads.sorted_by)
        ordered = sorted(rows, key=lambda row: _python_key(value(row)), reverse=heads.descending)
        return Listing(ordered, heads)

    def short_file(self, rows: Iterable[R], end: str = "") -> Response | None:
        """The same as a file, if the address asks for one. `end`: what its last line says, if there are more rows."""
        if "export" not in request.args:
            return None
        return self._file(iter(self.short_listing(rows).rows), end)

    def _file(self, rows: Iterator[R], end: str = "") -> Response:
        """Written to a file before the first byte is sent: no transaction waits for a slow browser."""
        format_ = FORMATS.get(request.args["export"])
        if format_ is None:
            raise OperationRefused("bad_request")
        if not navigation.may("export_lists"):
            raise OperationRefused("forbidden")
        club = current.club_row()
        today = formatting.local(current.club().clock.now(), club.time_zone)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
        try:
            WRITERS[format_](
                file,
                [Heading(str(column.title), column.kind) for column in self.columns],
                self._cells(rows, end),
                club.time_zone,
            )
        except BaseException:
            file.close()
            raise
        name = f"{self.name}-{today:%Y-%m-%d}.{format_}"
        return file_to_keep(file, name, MIME_TYPES[format_])

    def _cells(self, rows: Iterator[R], end: str) -> Iterator[list[Cell]]:
        for row in islice(rows, MOST_EXPORTED):
            yield [column.value(row) for column in self.columns]
        if next(rows, None) is not None:
            end = _("Показаны первые %(count)s строк: сузьте фильтр.", count=MOST_EXPORTED)
        if end:
            yield [end, *[None] * (len(self.columns) - 1)]


@dataclass(frozen=True)
class PageOf:
    """One page of a list that is read whole: which of its rows, and the links around them; "" where there is none."""

    rows: slice
    previous: str
    next: str


def page_asked() -> int:
    """Which page the address asks for (`page`, from 1 on)."""
    return max(1, current.number(request.args.get("page")) or 1)


def page_of(count: int) -> PageOf:
    """The page that the address asks for, of so many rows; the nearest one there is."""
    last = max(1, -(-count // PAGE_SIZE))
    number = min(page_asked(), last)
    return PageOf(
        slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE),
        previous=_address_of_page(number - 1) if number > 1 else "",
        next=_address_of_page(number + 1) if number < last else "",
    )


def _address_of_page(number: int) -> str:
    return address(sort=request.args.get("sort", ""), page=str(number) if number > 1 else "")


def address(**changes: str) -> str:
    """The page that is open, with its filters and with `changes`; empty values are left out."""
    kept = {
        name: value
        for name, value in request.args.items()
        if name not in _OF_THE_PART and name != "sort"
    }
    # Not by `url_for`: whoever writes an address may name a parameter as one of its own («_scheme»).
    values = {name: value for name, value in {**kept, **changes}.items() if value}
    return f"{request.path}?{urlencode(values)}" if values else request.path


def _asked_place() -> Place | None:
    if "after" in request.args:
        return read_place(request.args["after"])
    return read_place(request.args.get("before", ""), backwards=True)


def _all_rows(find: Find[R], order: Order) -> Iterator[R]:
    place: Place | None = None
    while True:
        part = find(order=order, place=place, limit=_EXPORT_STEP)
        yield from part.rows
        if part.next is None:
            return
        place = part.next


def _python_key(cell: Cell) -> tuple[int, int, str]:
    """Words as people look for them, numbers by size, and nothing before anything."""
    if cell is None:
        return (0, 0, "")
    return (1, cell, "") if isinstance(cell, int) else (1, 0, search_key(cell))
