"""Putting a statement into the words of one kind of database, and its rows into what they mean (`prepared.py`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar, cast

from sqlalchemy import Dialect, Insert, Select, Table, inspect
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.util import AliasedInsp
from sqlalchemy.types import TypeEngine

from lovhub.server.database.sealed_tables import ROW_SEAL

Convert = Callable[[Any], Any]
Row = TypeVar("Row")


def new_object(mapper: Mapper[Row], values: Mapping[str, Any]) -> Row:
    """An object with these values, of no session."""
    row = mapper.class_manager.new_instance()
    row.__dict__.update(values)
    return row


def take_in(db: Session, row: object, identity: Any) -> None:
    """Give the session an object that has all that its row holds in the database, as if it had loaded it itself.

    `Session.add` looks for what such an object cannot have.
    """
    state = instance_state(row)
    state.key, state.session_id = identity, db.hash_key
    db.identity_map.add(state)


class _Whole:
    """A table, or an alias of it, whose whole row is asked for: it becomes the session's object of that row."""

    def __init__(self, mapper: Mapper[Any], asked: Any) -> None:
        self._mapper = mapper
        self._names = [attribute.key for attribute in mapper.column_attrs]
        self.columns = [getattr(asked, name) for name in self._names]
        key = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        self._key_at = [self._names.index(name) for name in key]

    def object(self, db: Session, values: Sequence[Any]) -> Any:
        """The one that the session has, or a new one; None where an outer join found no row."""
        key = tuple(values[at] for at in self._key_at)
        if None in key:
            return None
        identity = self._mapper.identity_key_from_primary_key(key)
        known = db.identity_map.get(identity)
        if known is not None:
            return known
        row = new_object(self._mapper, dict(zip(self._names, values, strict=True)))
        take_in(db, row, identity)
        return row


@dataclass(frozen=True)
class Text:
    """A statement as one kind of database is told it. `in_order`: of its values; None: they go by name."""

    words: str
    in_order: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None
    constants: Mapping[str, Any]
    into: tuple[tuple[str, Convert], ...]
    out_of: tuple[tuple[int, Convert], ...]
    wholes: tuple[_Whole | None, ...]
    """What stands in a row: a table's whole row, or (None) one column. Empty: columns only."""

    @property
    def as_found(self) -> bool:
        """Whether rows are already what they mean."""
        return not self.out_of and not self.wholes

    def values(self, given: Mapping[str, Any]) -> Any:
        """As the driver takes them."""
        if self.into or self.constants:
            converted = {**self.constants, **given}
            for name, convert in self.into:
                converted[name] = convert(converted[name])
            given = converted
        return given if self.in_order is None else self.in_order(given)

    def columns(self, found: Sequence[Any]) -> Any:
        """What the driver gave, each value as it is meant."""
        return [self._converted(row) for row in found] if self.out_of else found

    def rows(self, db: Session, found: Sequence[Any]) -> list[Any]:
        """What the driver gave, as it is meant."""
        rows = self.columns(found)
        if not self.wholes:
            return [tuple(row) for row in rows]
        if len(self.wholes) == 1 and self.wholes[0] is not None:
            return [(self.wholes[0].object(db, row),) for row in rows]
        return [tuple(self._things(db, row)) for row in rows]

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, convert in self.out_of:
            values[place] = convert(values[place])
        return values

    def _things(self, db: Session, row: Sequence[Any]) -> list[Any]:
        things, at = [], 0
        for whole in self.wholes:
            if whole is None:
                things.append(row[at])
                at += 1
            else:
                until = at + len(whole.columns)
                things.append(whole.object(db, row[at:until]))
                at = until
        return things


class Texts:
    """A statement and its texts, one for each kind of database that was met."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._known: dict[str, Text] = {}

    def of(self, dialect: Dialect) -> Text:
        """The text for this one."""
        known = self._known.get(dialect.name)
        if known is None:
            known = self._known[dialect.name] = _text(self._statement, dialect)
        return known


def _text(statement: Any, dialect: Dialect) -> Text:
    keys: list[str] | None = None
    wholes: list[_Whole | None] = []
    if isinstance(statement, Insert):
        table = cast("Table", statement.table)
        keys = [
            column.key
            for column in table.columns
            if column is not table.autoincrement_column and column.key != ROW_SEAL
        ]
        if not statement.exported_columns:
            statement = statement.inline()  # nobody asks for the new number
    elif isinstance(statement, Select):
        statement, wholes = _unfolded(statement)
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise TypeError(f"its text depends on its values: {compiled}")
    columns = getattr(statement, "exported_columns", ())
    return Text(
        words=str(compiled),
        in_order=_in_order(compiled.positiontup) if compiled.positional else None,
        constants={
            name: bind.effective_value
            for bind, name in compiled.bind_names.items()
            if not bind.required
        },
        into=tuple(
            (name, convert)
            for bind, name in compiled.bind_names.items()
            if (convert := _type(bind, dialect).bind_processor(dialect)) is not None
        ),
        out_of=tuple(
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := _type(column, dialect).result_processor(dialect, None)) is not None
        ),
        wholes=tuple(wholes) if any(wholes) else (),
    )


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple([given[name] for name in names])


def _unfolded(statement: Select[*tuple[Any, ...]]) -> tuple[Any, list[_Whole | None]]:
    """The same question with all columns of each whole row by themselves."""
    wholes: list[_Whole | None] = []
    columns: list[Any] = []
    for asked in statement.column_descriptions:
        table = inspect(asked["expr"], raiseerr=False)
        is_whole = isinstance(table, Mapper | AliasedInsp)
        whole = _Whole(table.mapper, asked["expr"]) if is_whole else None
        wholes.append(whole)
        columns += [asked["expr"]] if whole is None else whole.columns
    return statement.with_only_columns(*columns, maintain_column_froms=True), wholes


def _type(of: Any, dialect: Dialect) -> TypeEngine[Any]:
    found: TypeEngine[Any] = of.type.dialect_impl(dialect)
    return found
