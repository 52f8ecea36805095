"""Statements that are put into words once, and then said by the driver itself.

SQLAlchemy looks a statement's text up each time that it is executed, which takes many times as long as SQLite takes
to answer. What is said at every booking, sitting or page is said this way instead: the statement is written as
everywhere, with `bindparam` where its values stand, and lies in a constant of its module; it is compiled when it is
first needed.

All else is as it would be: what the session has not written yet is written first, whoever listens to the engine's
`before_cursor_execute` hears these statements too, and an error is the one that SQLAlchemy raises. Rows are tuples
of columns, never objects of the session. A list of values (`IN`) has no place here: the text depends on its length.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVarTuple, cast

from sqlalchemy import Connection, Dialect, Insert, Select, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import (
    ReturningDelete,
    ReturningInsert,
    ReturningUpdate,
    UpdateBase,
)
from sqlalchemy.types import TypeEngine

Ts = TypeVarTuple("Ts")


def say(connection: Connection, text: str, values: Any, *, many: bool = False) -> Any:
    """Say this to the driver; returns its cursor."""
    cursor = connection.connection.cursor()
    listeners = connection.engine.dispatch.before_cursor_execute
    if listeners:
        listeners(connection, cursor, text, values, None, many)
    try:
        if many:
            cursor.executemany(text, values)
        else:
            cursor.execute(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        _raise(connection, text, values, error, many=many)
    return cursor


class Change:
    """A statement that writes. An `insert` without values takes every column but the number that the database gives."""

    def __init__(self, statement: UpdateBase) -> None:
        self._texts = _Texts(statement)

    def run(self, db: Session, **values: Any) -> None:
        """Say it."""
        db.flush()
        connection = _connection(db)
        text = self._texts.of(connection.dialect)
        say(connection, text.words, text.values(values)).close()

    def run_many(self, db: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Say it for each of the rows."""
        if len(rows) == 1:
            self.run(db, **rows[0])
            return
        db.flush()
        connection = _connection(db)
        text = self._texts.of(connection.dialect)
        say(connection, text.words, [text.values(row) for row in rows], many=True).close()


class Query(Generic[*Ts]):
    """A question for columns, or a change that tells what it did (`returning`)."""

    def __init__(
        self,
        statement: Select[*Ts] | ReturningInsert[*Ts] | ReturningUpdate[*Ts] | ReturningDelete[*Ts],
    ) -> None:
        self._texts = _Texts(statement)

    def all(self, db: Session, **values: Any) -> list[tuple[*Ts]]:
        """All rows."""
        db.flush()
        connection = _connection(db)
        text = self._texts.of(connection.dialect)
        cursor = say(connection, text.words, text.values(values))
        found: list[tuple[*Ts]] = cursor.fetchall()
        cursor.close()
        return text.rows(found) if text.out_of else found

    def first(self, db: Session, **values: Any) -> tuple[*Ts] | None:
        """The first row, if there is one."""
        found = self.all(db, **values)
        return found[0] if found else None

    def one(self, db: Session, **values: Any) -> tuple[*Ts]:
        """The one row."""
        (found,) = self.all(db, **values)
        return found


def _connection(db: Session) -> Connection:
    # A savepoint is made when the session is first asked for its connection; else that is asked for nothing.
    if db.in_nested_transaction():
        return db.connection()
    return cast("Connection", db.bind)


Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Text:
    """A statement as one kind of database is told it. `names`: the order of its values; None: they go by name."""

    words: str
    names: tuple[str, ...] | None
    constants: Mapping[str, Any]
    into: tuple[tuple[str, Convert], ...]
    out_of: tuple[tuple[int, Convert], ...]

    def values(self, given: Mapping[str, Any]) -> Any:
        """As the driver takes them."""
        if self.into or self.constants:
            converted = {**self.constants, **given}
            for name, convert in self.into:
                converted[name] = convert(converted[name])
            given = converted
        return given if self.names is None else [given[name] for name in self.names]

    def rows(self, found: Sequence[Any]) -> list[Any]:
        """What the driver gave, as the columns mean it."""
        rows = [list(row) for row in found]
        for row in rows:
            for place, convert in self.out_of:
                row[place] = convert(row[place])
        return [tuple(row) for row in rows]


class _Texts:
    """A statement and its texts, one for each kind of database that was met."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._known: dict[str, _Text] = {}

    def of(self, dialect: Dialect) -> _Text:
        known = self._known.get(dialect.name)
        if known is None:
            known = self._known[dialect.name] = _compiled(self._statement, dialect)
        return known


def _compiled(statement: Any, dialect: Dialect) -> _Text:
    keys = None
    if isinstance(statement, Insert):
        table = cast("Table", statement.table)
        keys = [column.key for column in table.columns if column is not table.autoincrement_column]
        if not statement.exported_columns:
            statement = statement.inline()  # nobody asks for the new number
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise TypeError(f"its text depends on its values: {compiled}")
    columns = list(getattr(statement, "exported_columns", ()))
    if isinstance(statement, Select) and len(statement.column_descriptions) != len(columns):
        raise TypeError(f"asks for whole objects: {compiled}")
    return _Text(
        words=str(compiled),
        names=tuple(compiled.positiontup) if compiled.positional else None,
        constants={
            name: bind.effective_value
            for bind, name in compiled.bind_names.items()
            if not bind.required
        },
        into=tuple(
            (name, convert)
            for bind, name in compiled.bind_names.items()
            if (convert := _implementation(bind.type, dialect).bind_processor(dialect)) is not None
        ),
        out_of=tuple(
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := _implementation(column.type, dialect).result_processor(dialect, None))
            is not None
        ),
    )


def _implementation(type_: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return type_.dialect_impl(dialect)


def _raise(
    connection: Connection, text: str, values: Any, error: Exception, *, many: bool
) -> NoReturn:
    """As SQLAlchemy does. Who lost the database must not be given this connection again."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    wrapped = DBAPIError.instance(
        text,
        values,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=connection.engine.hide_parameters,
        connection_invalidated=is_lost,
        dialect=dialect,
        ismulti=many,
    )
    if is_lost:
        connection.invalidate(error)
    raise wrapped from error
