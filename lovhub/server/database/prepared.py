"""Statements that are put into words once, and then said by the driver itself.

SQLAlchemy looks a statement's text up each time that it is executed, which takes many times as long as SQLite takes
to answer. What is said at every booking, sitting or page is said this way instead: the statement is written as
everywhere, with `bindparam` where its values stand, and lies in a constant of its module; it is compiled when it is
first needed.

All else is as it would be: what the session has not written yet is written first, whoever listens to the engine's
`before_cursor_execute` hears these statements too, an error is the one that SQLAlchemy raises, and a whole row is an
object of the session. A list of values (`IN`) has no place here: the text depends on its length.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NoReturn, TypeVar, TypeVarTuple, cast

from sqlalchemy import CompoundSelect, Connection, Select
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import (
    ReturningDelete,
    ReturningInsert,
    ReturningUpdate,
    UpdateBase,
)

from lovhub.server.database.wording import Texts

T = TypeVar("T")
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


def commit(connection: Connection) -> None:
    """Commit what was said so far in a transaction of SQLite's driver. Raises RuntimeError if that has ended before.

    SQLite may end it by itself, as where the disk is full: whoever went on after that has lost what came before.
    """
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        raise RuntimeError("the transaction ended before its end")
    listeners = connection.engine.dispatch.commit
    if listeners:
        listeners(connection)
    try:
        connection.dialect.do_commit(driver)
    except connection.dialect.loaded_dbapi.Error as error:
        _raise(connection, "COMMIT", (), error, many=False)


class Change:
    """A statement that writes. An `insert` without values takes every column but the number that the database gives."""

    def __init__(self, statement: UpdateBase) -> None:
        self._texts = Texts(statement)

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
    """A question for columns and whole rows, or a change that tells what it did (`returning`)."""

    def __init__(
        self,
        statement: Select[*Ts]
        | CompoundSelect[*Ts]
        | ReturningInsert[*Ts]
        | ReturningUpdate[*Ts]
        | ReturningDelete[*Ts],
    ) -> None:
        self._texts = Texts(statement)

    def all(self, db: Session, **values: Any) -> list[tuple[*Ts]]:
        """All rows."""
        db.flush()
        connection = _connection(db)
        text = self._texts.of(connection.dialect)
        cursor = say(connection, text.words, text.values(values))
        found: list[tuple[*Ts]] = cursor.fetchall()
        cursor.close()
        return found if text.as_found else text.rows(db, found)

    def at(self, connection: Connection, **values: Any) -> list[tuple[*Ts]]:
        """All rows of a question for columns only, which no session is asked for (`Database.ask`)."""
        text = self._texts.of(connection.dialect)
        cursor = say(connection, text.words, text.values(values))
        found: list[tuple[*Ts]] = text.columns(cursor.fetchall())
        cursor.close()
        return found

    def first(self, db: Session, **values: Any) -> tuple[*Ts] | None:
        """The first row, if there is one."""
        found = self.all(db, **values)
        return found[0] if found else None

    def one(self, db: Session, **values: Any) -> tuple[*Ts]:
        """The one row. Raises NoResultFound."""
        found = self.first(db, **values)
        if found is None:
            raise NoResultFound
        return found

    def value(self: "Query[T]", db: Session, **values: Any) -> T | None:
        """What is in the first row of a question for one thing; None if there is none."""
        found = self.first(db, **values)
        return None if found is None else found[0]

    def values(self: "Query[T]", db: Session, **values: Any) -> list[T]:
        """What is in all rows of a question for one thing."""
        return [found for (found,) in self.all(db, **values)]


def _connection(db: Session) -> Connection:
    # A savepoint is made when the session is first asked for its connection; else that is asked for nothing.
    if db.in_nested_transaction():
        return db.connection()
    return cast("Connection", db.bind)


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
