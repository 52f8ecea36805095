"""Engine and transactions.

SQLite runs in WAL mode with synchronous=FULL: a committed tenge survives a power cut. Writers stand in line
at one process-wide lock and then take `BEGIN IMMEDIATE`: without the line, eight threads fighting for
SQLite's own lock wait for it up to 130 ms in busy loops. PostgreSQL needs neither.
"""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVarTuple, cast

import msgspec
from sqlalchemy import Connection, Engine, Pool, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lovhub.server.database.prepared import Query, commit, say
from lovhub.server.database.row_seals import SealKey
from lovhub.server.database.still_there import look_first

_BUSY_TIMEOUT_MS = 10_000

LOG_COMMITS = 384
"""After so many commits it is time to empty SQLite's log: three to eight thousand pages.

SQLite itself would do it at a thousand. Whoever commits meanwhile waits until the disk has also written what is brought
in, so it is done seldom; pages that were written often go in once.
"""

STRETCHED_AFTER_COMMITS = 16
"""A server that writes next to nothing needs no long log."""

STRETCHED_BYTES = 24 * 1024 * 1024
"""As long as the log becomes until it is emptied, and what SQLite keeps in memory of so much."""

ROOM_BYTES = 10 * STRETCHED_BYTES
"""With less the log grows as it is needed: what is left of the disk is for what people sell."""

LONGEST_LOG_PAGES = 10_000
"""At so many (40 MB) a commit empties the log by itself: more came at once than is emptied beside it."""

_MOST_IDLE_READERS = 8
"""Connections that wait for the next reader; of the others the pool takes care."""

KEEPALIVES = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""A network that was cut says nothing: without these it would be noticed in hours."""

SERVER_KEEPALIVES = {
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}
"""The same for PostgreSQL, which would else believe for two hours that a server lives whose computer went dark."""

HEAR_OF_SILENCE = "; ".join(f"SET {name} = {value}" for name, value in SERVER_KEEPALIVES.items())

SILENT_TRANSACTION_SECONDS = 10.0
"""PostgreSQL undoes a writing transaction that has said nothing for so long.

A server whose cable is pulled out in the middle of one would else keep what it has locked for hours: a customer, or the
letters to it, for which the leader would wait who buries it by then (`channel/neighbours.py`).
"""

LONG_COMPUTING_SECONDS = 60.0
"""The same for an import taken back, which computes up to a hundred thousand customers between two statements."""

_LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's own code for it (its documentation, appendix A)."""


Ts = TypeVarTuple("Ts")


class DatabaseBusy(Exception):
    """Another transaction took longer than whoever asked could wait; nothing was done."""


@dataclass(frozen=True)
class Told:
    """Writing transactions since the start, and their seconds, with the wait for each other."""

    commits: int = 0
    write_seconds: float = 0.0


class Database:
    """One club's database: `read()` and `write()` give a transaction, committed or rolled back as a whole.

    `seal_key`: what its rows are sealed with, so that `lovhub ledger check` finds whoever edits them.
    """

    def __init__(self, url: str, seal_key: SealKey = SealKey()) -> None:  # noqa: B008 (it is never changed)
        self.engine: Engine = _make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.seal_key = seal_key
        teach = seal_key.teach_sqlite if self.is_sqlite else seal_key.teach_postgres
        event.listen(self.engine, "connect", lambda connection, _record: teach(connection))
        self._write_lock = threading.Lock()
        self._told = Told()
        self._told_lock = threading.Lock()
        self._reading = self.engine
        if not self.is_sqlite:
            # PostgreSQL's default would show a reader each statement's own moment instead of one picture.
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer: Session | None = None
        self._writer_pool = self.engine.pool
        self._idle_readers: list[Session] = []
        self._readers_pool = self.engine.pool
        self._log_emptied_at = 0
        self._is_log_stretched = False
        self._leaves_log_alone = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads: one consistent picture."""
        if not self.is_sqlite:
            with self._reading.connect() as connection, _session(connection) as session:
                # From here on it is one picture, whoever asks first: the session, or a prepared statement beside it.
                connection.begin()
                yield session
            return
        session, pool = self._reader(), self.engine.pool
        connection = cast("Connection", session.bind)
        try:
            transaction = connection.begin()
            yield session
            session.close()
            session.info.clear()
            transaction.rollback()
        except BaseException:
            session.close()
            connection.close()  # whatever state it is in: the pool makes it as new before it gives it to anybody
            raise
        self._take_back(session, pool)

    def ask(self, question: Query[*Ts], **values: Any) -> list[tuple[*Ts]]:
        """What one question for columns finds. It is one picture by itself: no transaction is begun for it."""
        if not self.is_sqlite:
            with self._reading.connect() as connection:
                return question.at(connection, **values)
        reader, pool = self._reader(), self.engine.pool
        connection = cast("Connection", reader.bind)
        try:
            found = question.at(connection, **values)
        except BaseException:
            connection.close()
            raise
        self._take_back(reader, pool)
        return found

    def _take_back(self, reader: Session, pool: Pool) -> None:
        """Keep it for whoever reads next. `pool`: that of the engine when it was taken."""
        if pool is self.engine.pool and len(self._idle_readers) < _MOST_IDLE_READERS:
            self._idle_readers.append(reader)
        else:
            cast("Connection", reader.bind).close()

    def _reader(self) -> Session:
        """A session with a connection to SQLite, which nobody uses: to make both costs as much as to ask something."""
        if self._readers_pool is not self.engine.pool:
            self._close_idle_readers()  # the engine was told to begin anew
            self._readers_pool = self.engine.pool
        try:
            return (
                self._idle_readers.pop()
            )  # the one used last, which is still in the processor's caches
        except IndexError:
            return _session(self.engine.connect())

    def _close_idle_readers(self) -> None:
        idle, self._idle_readers = self._idle_readers, []
        for session in idle:
            cast("Connection", session.bind).close()

    def told(self) -> Told:
        """What was written so far; from any thread."""
        return self._told

    @contextmanager
    def write(self, patience_seconds: float | None = None) -> Iterator[Session]:
        """A transaction that may write; an exception inside undoes all of it.

        Raises DatabaseBusy if other writers are in the way for longer than `patience_seconds`.
        """
        began = time.monotonic()
        if self.is_sqlite:
            patience = -1.0 if patience_seconds is None else patience_seconds
            if not self._write_lock.acquire(timeout=patience):
                raise DatabaseBusy
            try:
                session = self._only_writer()
                connection = cast("Connection", session.bind)
                # SQLAlchemy begins one of its own around it only where it is asked for something itself
                # (`_begin_sqlite_transaction`): to look after a transaction takes it longer than SQLite to write a row.
                say(connection, "BEGIN IMMEDIATE", ()).close()
                yield session
                session.flush()
                commit(connection)
                if session.in_transaction() or len(session.identity_map):
                    session.close()
                session.info.clear()
            except BaseException:
                # Whatever state it is in: the pool makes it as new before it gives it to anybody.
                self._give_back_writer()
                raise
            finally:
                self._write_lock.release()
        else:
            with self._write_to_postgres(patience_seconds) as session:
                yield session
        with self._told_lock:
            told = self._told
            seconds = told.write_seconds + time.monotonic() - began
            self._told = Told(told.commits + 1, seconds)

    @contextmanager
    def _write_to_postgres(self, patience_seconds: float | None) -> Iterator[Session]:
        # The connection's own transaction, not one of the session's, which costs as much again.
        with (
            self.engine.connect() as connection,
            _session(connection) as session,
            connection.begin(),
        ):
            try:
                limit_silence(connection, SILENT_TRANSACTION_SECONDS)
                if patience_seconds is not None:
                    milliseconds = int(patience_seconds * 1000)
                    session.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))
                yield session
                session.flush()
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                    raise DatabaseBusy from error
                raise
            finally:
                session.close()

    def _only_writer(self) -> Session:
        """A session with the one connection that writes to SQLite; who asks holds the lock."""
        if self._writer_pool is not self.engine.pool:
            self._give_back_writer()  # the engine was told to begin anew
        if self._writer is None:
            self._writer_pool = self.engine.pool
            self._writer = _session(self.engine.connect().execution_options(lovhub_write=True))
        return self._writer

    def _give_back_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            cast("Connection", writer.bind).close()

    def leave_log_alone(self) -> None:
        """SQLite's log is emptied by somebody else from now on (`backups/continuous.py`); asked before all else.

        While somebody keeps the log, each commit would look through the whole of it for what can be taken out: a
        millisecond and more, for nothing.
        """
        self._leaves_log_alone = True
        if self.is_sqlite:
            event.listen(self.engine, "connect", _leave_log_alone)

    def empty_log(self) -> None:
        """Bring SQLite's log into the database, if it is time (LOG_COMMITS): beside whoever reads and writes.

        Otherwise every so many commits one would do it, and whoever waits for that one would wait for the disk three
        times.
        """
        commits = self._told.commits
        if not self.is_sqlite or self._leaves_log_alone:
            return
        if commits >= STRETCHED_AFTER_COMMITS and not self._is_log_stretched:
            self._is_log_stretched = True
            if self._has_room():
                self._stretch_log()
        if commits - self._log_emptied_at < LOG_COMMITS:
            return
        self._log_emptied_at = commits
        with self.engine.connect() as connection:
            # What others use at this moment is left for the next time, which comes soon: until all of it is in the
            # database, the log goes on growing.
            cursor = say(connection, "PRAGMA wal_checkpoint(PASSIVE)", ())
            _is_busy, pages, brought_in = cursor.fetchone()
            cursor.close()
        if brought_in < pages:
            self._log_emptied_at = commits - LOG_COMMITS

    def _has_room(self) -> bool:
        """Whether the disk has room for a log of whole length, and for all else that is written there."""
        folder = Path(str(self.engine.url.database)).parent
        return shutil.disk_usage(folder).free > ROOM_BYTES

    def _stretch_log(self) -> None:
        """Have SQLite's log take its whole length: it is written over from then on, until the last one leaves.

        While it grows, each commit has the file system note a longer file, for which the disk is waited for twice. What
        is undone here has been in the log, as far as it did not fit into SQLite's memory.
        """
        with self._write_lock, self.engine.connect() as connection:
            undone = connection.execution_options(lovhub_write=True).begin()
            say(connection, "CREATE TABLE stretching (data BLOB)", ()).close()
            fill = "INSERT INTO stretching VALUES (zeroblob(?))"
            say(connection, fill, (STRETCHED_BYTES,)).close()
            undone.rollback()
        # The next commit would wait for all of it. SQLite holds no locks on this file.
        with Path(f"{self.engine.url.database}-wal").open("r+b") as log:
            os.fsync(log.fileno())

    def close(self) -> None:
        """Give back all connections."""
        self._close_idle_readers()
        with self._write_lock:
            self._give_back_writer()
        self.engine.dispose()


def limit_silence(connection: Connection, seconds: float) -> None:
    """PostgreSQL undoes this transaction when it has said nothing for so long; 0: however long it computes."""
    if connection.dialect.name == "postgresql":
        milliseconds = round(1000 * seconds)
        setting = f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds}"
        say(connection, setting, ()).close()


def _session(connection: Connection) -> Session:
    return Session(connection, expire_on_commit=False)


def _make_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=10,
            max_overflow=10,
            connect_args=KEEPALIVES,
            hide_parameters=True,
            json_deserializer=msgspec.json.decode,
        )
        event.listen(engine, "connect", _prepare_postgres_connection)
        look_first(engine)
        return engine
    # An error's text goes into the log: the values (hashes, phone numbers) must not.
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=30,
        hide_parameters=True,
        json_deserializer=msgspec.json.decode,
    )
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _prepare_postgres_connection(connection: Any, _record: object) -> None:
    # It would compile what it reckons to be dear, and share it among processes that it starts for that: at ten million
    # transfers 0.4 s of compiling, and 0.04 s of starting, for a day's sums that are there in less. Not as an option of
    # the connection: an address may have its own.
    connection.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")
    connection.execute(HEAR_OF_SILENCE)
    connection.commit()


def _prepare_sqlite_connection(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: it would begin them too late and without IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG_PAGES}")
    cursor.close()


def _leave_log_alone(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA wal_autocheckpoint = 0").close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    write = connection.get_execution_options().get("lovhub_write", False)
    if write and connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
        return  # `Database.write` has begun it
    say(connection, "BEGIN IMMEDIATE" if write else "BEGIN", ()).close()
