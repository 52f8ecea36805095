"""Connections to PostgreSQL that wait in the pool for the next transaction."""

from collections.abc import Iterator
from contextlib import closing
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy import text

from lovhub.server.database import still_there
from lovhub.server.database.engine import Database
from tests.support.waiting import eventually

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with closing(Database(postgres_url)) as database:
        yield database


@pytest.fixture
def pings(database: Database, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The questions that only find out whether it is there."""
    ping = Mock(wraps=database.engine.dialect.do_ping)
    monkeypatch.setattr(database.engine.dialect, "do_ping", ping)
    return ping


def pid(database: Database) -> int:
    with database.read() as db:
        return int(db.scalar(PID) or 0)


def ask(url: str, question: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(question)


def is_gone(url: str, process_id: int) -> bool:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        found = other.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [process_id])
        return not found.fetchall()


def test_nothing_is_asked_over_a_connection_that_says_nothing(
    database: Database, pings: Mock
) -> None:
    assert pid(database) == pid(database)
    with database.write() as db:
        db.execute(PID)
    pings.assert_not_called()


def test_one_that_postgresql_has_closed_is_not_used(
    database: Database, postgres_url: str, pings: Mock
) -> None:
    before = pid(database)
    ask(postgres_url, f"SELECT pg_terminate_backend({before}, 5000)")
    eventually(lambda: is_gone(postgres_url, before))
    with database.write() as db:
        assert db.scalar(PID) != before
    assert pings.call_count == 1


def test_one_that_is_gone_without_a_word_is_found_once_it_has_waited(
    database: Database, postgres_url: str, pings: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where PostgreSQL's computer lost its power."""
    monkeypatch.setattr(still_there, "_is_something_said", lambda _socket: False)
    before = pid(database)
    ask(postgres_url, f"SELECT pg_terminate_backend({before}, 5000)")
    eventually(lambda: is_gone(postgres_url, before))
    monkeypatch.setattr(still_there, "WAITED_SECONDS", 0.0)
    assert pid(database) != before
    assert pings.call_count == 1


def test_what_else_postgresql_says_is_no_end(
    database: Database, postgres_url: str, pings: Mock
) -> None:
    with database.write() as db:
        before = db.scalar(PID)
        db.execute(text("LISTEN anything"))
    ask(postgres_url, "NOTIFY anything")
    eventually(lambda: pid(database) == before and pings.call_count == 1)
    assert pid(database) == before
    assert pings.call_count == 1, "it was read"
