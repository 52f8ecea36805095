"""Transactions: whole or not at all, durable, and one writer after the other."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from lovhub.server.database.engine import Database


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
