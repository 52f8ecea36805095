"""How prices, rights and settings stand, held against the file: each change of such a row is told beside its event.

A row that decides what will be sold, to whom, and by whom is changed by operations only. What they gave to its columns
is written down in the operation's own transaction (`Standing`), bound to the event that tells people of it, and sealed
as the log is (`sealing.py`). That event holds a hash of these lines: nobody binds another one to it later. Told again
from the first line to the last, they must be what the file says now: whoever edits a price, a role or a switch in the
file is found by `lovhub ledger check`.

Only what an operation has changed is told, not the whole row: a price that was edited in the file stays found when
somebody corrects the tariff's title. Of what a customer is called and signs in with, only a hash is told that says
nothing any more when the customer was forgotten (`told_values.SALTED`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    CursorResult,
    Select,
    String,
    Table,
    cast,
    event,
    inspect,
    select,
    tuple_,
)
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from lovhub.server.database.base import Base
from lovhub.server.database.sealed_tables import ROW_SEAL
from lovhub.server.journal.models import Event, Standing
from lovhub.server.journal.told_values import (
    BEYOND_ANY_COLUMN,
    SALT,
    SALTED,
    Reader,
    is_key,
    is_secret,
    key_of,
    listed,
    parsed,
    written,
)
from lovhub.server.retention.rules import KINDS_THAT_GO

WATCHED: dict[str, frozenset[str]] = {
    "application": frozenset(),
    "application_zone": frozenset(),
    "bonus_rules": frozenset(),
    "bonus_step": frozenset(),
    "club": frozenset({"checklist_closed_at", "launches_gone_until", "logs_pruned_at"}),
    "computer": frozenset(
        {
            "agent_version", "boot_id", "hostname", "is_guarded", "journal_id", "journal_number", "last_address",
            "memory_lasts", "operating_system", "said_goodbye",
        }
    ),
    "customer": frozenset({"bonus_account_id", "debt_account_id"}),  # the books tell whose they are
    "customer_group": frozenset(),
    "good": frozenset(),
    "hall": frozenset(),
    "holiday": frozenset(),
    "pairing_token": frozenset({"used"}),
    "promo": frozenset(),
    "promo_code": frozenset({"used"}),  # the books tell how often
    "recovery_code": frozenset(),
    "staff": frozenset({"language", "link_hash", "link_until_at", "totp_last_step"}),
    "tariff": frozenset(),
    "tariff_group": frozenset(),
    "tariff_zone": frozenset(),
    "zone": frozenset(),
}  # fmt: skip
"""Table → those of its columns that are no decision of anybody's."""

VOUCHED = "standing"
"""Where an event's data holds the hash of the lines for which it vouches."""

_IN_SESSION = "lovhub_touched"


@dataclass(frozen=True)
class Touched:
    """A row that an operation may have changed: surely these `columns`; `before`: what stood there, if it was asked."""

    table: str
    key: str
    columns: frozenset[str] = frozenset()
    before: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Odd:
    """A row that is not as it was told. `what`: each column with what was told and what is there, for people.

    `row_key`: as it is told, which may be no key at all where somebody has left one. `known`: the row's columns as they
    were told, else as they are there.
    """

    table: str
    row_key: str
    what: str
    known: Mapping[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the key; empty where it is none."""
        return tuple(listed(self.row_key))


def listen(db: Session, touched: list[Touched]) -> None:
    """Note here what the session changes from now on."""
    db.info[_IN_SESSION] = touched


@event.listens_for(Session, "after_flush")
def _flushed(db: Session, _context: UOWTransaction) -> None:
    touched: list[Touched] | None = db.info.get(_IN_SESSION)
    if touched is None:
        return
    for row in db.new:
        _note(touched, row, new=True)
    for row in db.dirty:
        _note(touched, row, new=False)
    for row in db.deleted:
        if row.__tablename__ in WATCHED:
            touched.append(Touched(row.__tablename__, _key_of_row(row)))


def _note(touched: list[Touched], row: Any, *, new: bool) -> None:
    table = row.__tablename__
    if table not in WATCHED:
        return
    state = inspect(row)
    changed = frozenset(
        column.name
        for column in columns_of(row.__table__)
        if new or state.attrs[column.key].history.has_changes()
    )
    if SALT in changed:
        changed |= SALTED[table].keys()
    if changed:
        touched.append(Touched(table, _key_of_row(row), changed))


def _key_of_row(row: Any) -> str:
    return key_of(inspect(row).mapper.primary_key_from_instance(row))


@event.listens_for(Session, "do_orm_execute")
def _about_to_execute(asked: ORMExecuteState) -> None:
    """A statement that changes many rows at once: which, is asked before."""
    if not (asked.is_update or asked.is_delete or asked.is_insert):
        return
    touched: list[Touched] | None = asked.session.info.get(_IN_SESSION)
    statement: Any = asked.statement
    table = statement.table
    if touched is None or table.name not in WATCHED:
        return
    if asked.is_insert or isinstance(asked.parameters, list):
        raise TypeError(f"rows of {table.name} are added and changed one by one")
    rows = _rows(table)
    if statement.whereclause is not None:
        rows = rows.where(statement.whereclause)
    # As the statement itself will lock them: whoever books for a club or its people waits for none of its settings.
    for row in asked.session.execute(rows.with_for_update(key_share=asked.is_update)):
        key, values = reader(table).read(row)
        touched.append(Touched(table.name, key, before=values))


def changes(db: Session, touched: list[Touched]) -> list[dict[str, str | None]]:
    """What is to be told of these rows, as they stand now, in columns of `Standing`; they are as good as told then."""
    of_table: dict[str, dict[str, list[Touched]]] = {}
    for one in touched:
        of_table.setdefault(one.table, {}).setdefault(one.key, []).append(one)
    touched.clear()
    found: list[dict[str, str | None]] = []
    for name, keys in of_table.items():
        table = Base.metadata.tables[name]
        now = _now(db, table, keys)
        for key, notes in keys.items():
            told = _told(now.get(key), notes, reader(table).told_as)
            if told != "":
                found.append({"table_name": name, "row_key": key, "told": told})
    return found


def as_it_is(table: Table, row: Mapping[str, Any]) -> dict[str, str | None]:
    """The same of a row that is taken as it is found; of a version of the table that may have had fewer columns."""
    names, of_these = _reader_of(table, tuple(row))
    key, values = of_these.read([row[name] for name in names])
    return {"table_name": table.name, "row_key": key, "told": written(values)}


@cache
def _reader_of(table: Table, given: tuple[str, ...]) -> tuple[list[str], Reader]:
    columns = [one for one in columns_of(table) if one.name in given]
    return [column.name for column in columns], Reader(columns)


def _told(
    now: Mapping[str, Any] | None, notes: Iterable[Touched], told_as: Mapping[str, str]
) -> str | None:
    if now is None:
        return None
    names = {
        name
        for note in notes
        for name in (
            {told_as[column] for column in note.columns}
            if note.before is None
            else [name for name in now if now[name] != note.before[name]]
        )
    }
    return written({name: now[name] for name in names}) if names else ""


def _now(db: Session, table: Table, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    columns = list(table.primary_key.columns)
    wanted = [values for key in keys if is_key(columns, key, values := listed(key))]
    key = columns[0] if len(columns) == 1 else tuple_(*columns)
    found: dict[str, dict[str, Any]] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        some = [values[0] if len(columns) == 1 else values for values in wanted[at : at + _AT_ONCE]]
        rows = db.execute(_rows(table).where(key.in_(some)))
        found.update(map(reader(table).read, rows))
    return found


_AT_ONCE = 500
"""Rows that one question asks for by their keys."""


def odd(db: Session, tables: Mapping[str, Table]) -> Iterator[Odd]:
    """Rows of which the file says something else than was told of them, and rows of which nothing, or their end, was.

    `tables`: all that there are.
    """
    told = replayed(db)
    for name in WATCHED:
        table = tables[name]
        rows = told.pop(name, {})
        read, key_names = reader(table).read, set(reader(table).key_names)
        for row in _streamed(db, _rows(table)):
            key, values = read(row)
            known = rows.pop(key, None)
            if known == values:
                continue
            if known is None or not known.keys() >= key_names:
                yield Odd(name, key, "+", values)
                continue
            # Columns that came with a later version were not told of, unless they have changed since.
            differing = {
                column: (known[column], value)
                for column, value in values.items()
                if column in known and known[column] != value
            }
            if differing:
                yield Odd(name, key, _in_words(differing), {**values, **known})
        for key, known in rows.items():
            yield Odd(name, key, "-", known)


def found(tables: Mapping[str, Table], rows: Iterable[Odd]) -> Iterator[Touched]:
    """These rows, to be told whole as they are found."""
    for row in rows:
        columns = frozenset(column.name for column in columns_of(tables[row.table]))
        yield Touched(row.table, row.row_key, columns)


def written_apart(table: str, number: int) -> Touched:
    """For whoever writes all of a row by a statement that no session hears."""
    columns = columns_of(Base.metadata.tables[table])
    return Touched(table, key_of([number]), frozenset(column.name for column in columns))


def digest(lines: Iterable[Mapping[Any, Any]]) -> str:
    """What the event that vouches for these lines, in their order, holds of them."""
    hashed = hashlib.sha256()
    for number, line in enumerate(lines):
        hashed.update(_listed(number, line["table_name"], line["row_key"], line["told"]))
    hashed.update(_END)
    return hashed.hexdigest()


def _listed(number: int, *line: str | None) -> bytes:
    """A line as JSON, in the one list of them all, which may be long."""
    words = ["null" if one is None else encode_basestring_ascii(one) for one in line]
    return f"{',' if number else '['}[{','.join(words)}]".encode()


_END = b"]"


def without_event(db: Session) -> list[int]:
    """Of each event that is not there, may go after a time, or vouches for other lines: the first line bound to it."""
    lines = select(
        Standing.event_id, Standing.id, Standing.table_name, Standing.row_key, Standing.told
    ).order_by(Standing.event_id, Standing.id)
    # Beside the lines, and not with each of them: an event may vouch for thousands.
    events = (
        select(Event.id, Event.kind, cast(Event.data, String))
        .where(Event.id.in_(select(Standing.event_id)))
        .order_by(Event.id)
    )
    event_id, kind, data = _NO_EVENT
    found = []
    with closing(_streamed(db, events)) as vouching:
        for bound_to, bound in groupby(_streamed(db, lines), itemgetter(0)):
            first, hashed = 0, hashlib.sha256()
            for number, (_event_id, line_id, *line) in enumerate(bound):
                first = first or line_id
                hashed.update(_listed(number, *line))
            hashed.update(_END)
            while event_id < bound_to:
                event_id, kind, data = next(vouching, _NO_MORE)
            is_there = event_id == bound_to and kind not in KINDS_THAT_GO
            if not is_there or parsed(data or "").get(VOUCHED) != hashed.hexdigest():
                found.append(first)
    return sorted(found)


def _streamed(db: Session, rows: Select[*tuple[Any, ...]]) -> CursorResult[*tuple[Any, ...]]:
    """Rows of columns in bounded memory, by the connection: a session takes as long again for each of them."""
    return db.connection().execute(rows.execution_options(yield_per=5000))


_NO_EVENT = (-1, "", "")
_NO_MORE = (BEYOND_ANY_COLUMN, "", "")


def is_as_told(db: Session, name: str, number: int, column: str) -> bool:
    """Whether a column of a row of the table `name` says what was told of it.

    For whatever the program changes there at nobody's wish: the line about it would vouch for an edit.
    """
    table = Base.metadata.tables[name]
    row = db.execute(_rows(table).where(table.c.id == number)).one_or_none()
    if row is None:
        return False
    key, values = reader(table).read(row)
    of_row = Standing.table_name == name, Standing.row_key == key
    known = replayed(db, *of_row).get(name, {}).get(key, {})
    told_as = reader(table).told_as[column]
    return told_as in known and known[told_as] == values[told_as]


def replayed(db: Session, *which: ColumnElement[bool]) -> dict[str, dict[str, dict[str, Any]]]:
    """Table → key → column → what was told of it last. `which`: lines; all, if none are named."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    lines = (
        select(Standing.table_name, Standing.row_key, Standing.told)
        .where(*which)
        .order_by(Standing.id)
    )
    for table, key, told in _streamed(db, lines):
        rows = found.setdefault(table, {})
        values = None if told is None else parsed(told)
        if values is None:
            rows.pop(key, None)
        else:
            rows.setdefault(key, {}).update(values)
    return found


def _in_words(differing: Mapping[str, tuple[Any, Any]]) -> str:
    return ", ".join(
        name if is_secret(was) or is_secret(now) else f"{name}: {was} → {now}"
        for name, (was, now) in sorted(differing.items())
    )


@cache
def columns_of(table: Table) -> tuple[Column[Any], ...]:
    """Columns of a watched table that are held against the file."""
    unwatched = {*WATCHED[table.name], ROW_SEAL}
    return tuple(column for column in table.columns if column.name not in unwatched)


@cache
def reader(table: Table) -> Reader:
    """How the rows of a watched table are told."""
    return Reader(columns_of(table))


def _rows(table: Table) -> Select[*tuple[Any, ...]]:
    # As text: what somebody has left in the file need not be JSON.
    return select(
        *(
            cast(column, String) if isinstance(column.type, JSON) else column
            for column in columns_of(table)
        )
    )
