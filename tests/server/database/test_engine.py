"""Transactions: whole or not at all, durable, and one writer after the other."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import bindparam, column, event, select, table, text, update
from sqlalchemy.exc import DBAPIError

from lovhub.server.database import engine as engine_module
from lovhub.server.database.engine import (
    ROOM_BYTES,
    STRETCHED_AFTER_COMMITS,
    STRETCHED_BYTES,
    Database,
    limit_silence,
)
from lovhub.server.database.prepared import Change, Query
from lovhub.server.refusal import trouble
from tests.support.waiting import WAIT_SECONDS


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    yield database
    database.close()


def value(database: Database) -> int:
    with database.read() as session:
        return session.scalars(text("SELECT value FROM counter")).one()


class PowerCut(Exception):
    pass


def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    def half_done() -> None:
        with database.write() as session:
            session.execute(text("UPDATE counter SET value = 1"))
            raise PowerCut

    with pytest.raises(PowerCut):
        half_done()
    assert value(database) == 0


def test_what_is_said_by_the_driver_and_by_sqlalchemy_is_one_transaction(
    database: Database,
) -> None:
    counter = table("counter", column("value"))
    add = Change(update(counter).values(value=counter.c.value + bindparam("more")))
    committed: list[str] = []
    event.listen(database.engine, "commit", lambda _connection: committed.append("committed"))

    def count(*, fails: bool) -> None:
        with database.write() as session:
            add.run(session, more=1)
            session.execute(update(counter).values(value=counter.c.value + 10))
            with suppress(PowerCut), session.begin_nested():
                add.run(session, more=100)
                session.execute(update(counter).values(value=counter.c.value + 100))
                raise PowerCut
            add.run(session, more=1000)
            if fails:
                raise PowerCut

    with pytest.raises(PowerCut):
        count(fails=True)
    assert (value(database), committed) == (0, [])
    count(fails=False)
    assert (value(database), committed) == (1011, ["committed"])
    with database.write() as session:
        add.run(session, more=-1011)
    assert (value(database), committed) == (0, ["committed"] * 2)


def test_a_transaction_that_has_ended_under_way_is_not_taken_for_one_that_was_kept(
    sqlite: Database,
) -> None:
    def end_under_way() -> None:
        with sqlite.write() as session:
            session.execute(text("UPDATE counter SET value = 1"))
            session.connection().exec_driver_sql(
                "ROLLBACK"
            )  # as SQLite does where the disk is full

    with sqlite.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    with pytest.raises(RuntimeError, match="ended before its end"):
        end_under_way()
    assert value(sqlite) == 0
    with sqlite.write() as session:
        session.execute(text("UPDATE counter SET value = 2"))
    assert value(sqlite) == 2


def test_writers_that_read_first_do_not_lose_each_others_work(database: Database) -> None:
    def add() -> None:
        for _ in range(25):
            with database.write() as session:
                lock = "" if database.is_sqlite else " FOR UPDATE"
                seen = session.scalars(text(f"SELECT value FROM counter{lock}")).one()  # noqa: S608
                session.execute(text("UPDATE counter SET value = :new"), {"new": seen + 1})

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(database) == 200


def test_a_reader_sees_one_picture_while_others_write(database: Database) -> None:
    with database.read() as session:
        before = session.scalars(text("SELECT value FROM counter")).one()
        with database.write() as writer:
            writer.execute(text("UPDATE counter SET value = 7"))
        assert session.scalars(text("SELECT value FROM counter")).one() == before
    assert value(database) == 7


@pytest.mark.usefixtures("careful_disk")
def test_sqlite_keeps_what_it_has_committed(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/club.sqlite3")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def test_postgresql_neither_compiles_our_statements_nor_shares_them_out(
    migrated_postgres_url: str,
) -> None:
    database = Database(f"{migrated_postgres_url}&options=-c%20geqo%3Doff")
    with database.read() as db:
        assert db.scalar(text("SHOW jit")) == "off"
        assert db.scalar(text("SHOW max_parallel_workers_per_gather")) == "0"
        assert db.scalar(text("SHOW geqo")) == "off", "what an address asks for itself stays"
    database.close()


def test_postgresql_waits_ten_seconds_for_what_a_writer_does_next_and_for_a_reader_ever(
    migrated_postgres_url: str,
) -> None:
    waits = text("SHOW idle_in_transaction_session_timeout")
    with closing(Database(migrated_postgres_url)) as database:
        with database.write() as db:
            assert db.scalar(waits) == "10s"
        with database.read() as db:
            assert db.scalar(waits) == "0"


def test_a_server_that_goes_dark_in_the_middle_of_a_transaction_lets_go_of_what_it_locked(
    postgres_url: str,
) -> None:
    """To PostgreSQL whoever says nothing and whoever cannot be heard is the same."""

    def goes_dark() -> None:
        with dark.write() as session:
            session.execute(text("UPDATE counter SET value = 1"))
            limit_silence(session.connection(), 0.2)
            assert other_writes.submit(write).result(WAIT_SECONDS) is None
            session.execute(text("UPDATE counter SET value = 3"))

    def write() -> None:
        with other.write() as session:
            session.execute(text("UPDATE counter SET value = value + 10"))

    with (
        closing(Database(postgres_url)) as dark,
        closing(Database(postgres_url)) as other,
        ThreadPoolExecutor() as other_writes,
    ):
        with other.write() as session:
            session.execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
            session.execute(text("INSERT INTO counter VALUES (0)"))
        with pytest.raises(DBAPIError) as told:
            goes_dark()
        assert trouble(told.value) == "database_unreachable"
        assert value(other) == 10, "what the dark one had begun is undone"
        assert value(dark) == 10, "and it goes on, once it is back"


LOG_COMMITS = 64
"""Fewer than it waits for, so that a test need not write so much."""

BLOB_BYTES = 100_000
"""So much that LOG_COMMITS of them are more than SQLite alone would leave in its log (1,000 pages)."""


def _fill(database: Database, commits: int) -> None:
    for _ in range(commits):
        with database.write() as session:
            session.execute(text("INSERT INTO blob VALUES (zeroblob(:size))"), {"size": BLOB_BYTES})


def _in_the_file_alone(path: Path) -> int:
    """How many of them are there without the log."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as file:
        if not file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            return 0
        found: int = file.execute("SELECT count(*) FROM blob").fetchone()[0]
        return found


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    return tmp_path / "lovhub.sqlite3"


@pytest.fixture
def sqlite(sqlite_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(engine_module, "LOG_COMMITS", LOG_COMMITS)
    database = Database(f"sqlite:///{sqlite_file}")
    yield database
    database.close()


def test_the_log_is_emptied_by_a_job_and_by_nobodys_commit(
    sqlite: Database, sqlite_file: Path
) -> None:
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE blob (data BLOB)"))
    _fill(sqlite, LOG_COMMITS - 2)
    sqlite.empty_log()
    assert _in_the_file_alone(sqlite_file) == 0, "it is not time"
    _fill(sqlite, 1)
    assert _in_the_file_alone(sqlite_file) == 0
    sqlite.empty_log()
    assert _in_the_file_alone(sqlite_file) == LOG_COMMITS - 1
    _fill(sqlite, 1)
    sqlite.empty_log()
    assert _in_the_file_alone(sqlite_file) == LOG_COMMITS - 1, "not so soon again"


def test_the_log_is_emptied_as_far_as_it_goes_while_somebody_reads(
    sqlite: Database, sqlite_file: Path
) -> None:
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE blob (data BLOB)"))
    with sqlite.read() as reader:
        assert reader.scalar(text("SELECT count(*) FROM blob")) == 0
        _fill(sqlite, LOG_COMMITS)
        sqlite.empty_log()
        assert reader.scalar(text("SELECT count(*) FROM blob")) == 0
    _fill(sqlite, LOG_COMMITS)
    sqlite.empty_log()
    assert _in_the_file_alone(sqlite_file) == 2 * LOG_COMMITS


def test_a_log_that_somebody_else_empties_is_left_alone(
    sqlite: Database, sqlite_file: Path
) -> None:
    sqlite.leave_log_alone()
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE blob (data BLOB)"))
    _fill(sqlite, LOG_COMMITS)
    sqlite.empty_log()
    assert _in_the_file_alone(sqlite_file) == 0


def test_the_log_takes_its_whole_length_before_it_is_needed(
    sqlite: Database, sqlite_file: Path
) -> None:
    """Where it grew with each commit, the disk would be waited for twice as long."""
    log = Path(f"{sqlite_file}-wal")
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE blob (data BLOB)"))
    _fill(sqlite, STRETCHED_AFTER_COMMITS - 2)
    sqlite.empty_log()
    assert log.stat().st_size < 5 * 1024 * 1024, "whoever writes next to nothing needs no long log"
    _fill(sqlite, 1)
    sqlite.empty_log()
    length = log.stat().st_size
    assert length > LOG_COMMITS * BLOB_BYTES
    _fill(sqlite, LOG_COMMITS)
    sqlite.empty_log()
    assert log.stat().st_size == length
    with sqlite.read() as session:
        assert session.scalar(text("SELECT count(*) FROM blob")) == (
            STRETCHED_AFTER_COMMITS - 1 + LOG_COMMITS
        )
        assert session.scalars(text("SELECT name FROM sqlite_schema")).all() == ["blob"]
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_the_log_of_a_disk_that_is_nearly_full_grows_as_it_is_needed(
    sqlite: Database, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = SimpleNamespace(free=ROOM_BYTES)
    monkeypatch.setattr("lovhub.server.database.engine.shutil.disk_usage", lambda _folder: left)
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE blob (data BLOB)"))
    _fill(sqlite, STRETCHED_AFTER_COMMITS)
    sqlite.empty_log()
    assert Path(f"{sqlite_file}-wal").stat().st_size < STRETCHED_BYTES


def test_readers_take_the_connection_of_the_one_before(sqlite: Database) -> None:
    opened: list[object] = []
    event.listen(sqlite.engine, "connect", lambda connection, _record: opened.append(connection))

    def refused() -> None:
        with sqlite.read():
            raise PowerCut

    for _ in range(3):
        with sqlite.read() as session:
            assert session.scalar(text("SELECT 1")) == 1
    assert len(opened) == 1
    with pytest.raises(PowerCut):
        refused()
    with sqlite.read() as one, sqlite.read() as other:
        assert [db.scalar(text("SELECT 1")) for db in (one, other)] == [1, 1]
    assert len(opened) == 2
    sqlite.engine.dispose()
    with sqlite.read() as session:
        assert session.scalar(text("SELECT 1")) == 1
    assert len(opened) == 3, "those of before are not used any more"


def test_what_is_written_while_reading_is_not_kept(sqlite: Database) -> None:
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE blob (data BLOB)"))
    with sqlite.read() as session:
        session.execute(text("INSERT INTO blob VALUES (x'00')"))
    with sqlite.read() as session:
        assert session.scalar(text("SELECT count(*) FROM blob")) == 0


def test_a_single_question_is_asked_without_a_transaction(database: Database) -> None:
    begun: list[str] = []
    event.listen(database.engine, "begin", lambda _connection: begun.append("begun"))
    asked = Query(select(column("value")).select_from(table("counter")))
    assert list(map(tuple, database.ask(asked))) == [(0,)]
    assert begun == []
    with database.write() as session:
        session.execute(text("UPDATE counter SET value = 7"))
    assert list(map(tuple, database.ask(asked))) == [(7,)]
    assert value(database) == 7
