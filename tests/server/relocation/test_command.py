"""`lovhub migrate-database`: every row arrives in PostgreSQL, or nothing has changed anywhere."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Column, Connection, Table, text

from lovhub import config_loader
from lovhub.clock import SystemClock
from lovhub.server.bus import Bus
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.data_folder import open_folder
from lovhub.server.database.engine import Database
from lovhub.server.database.sealed_tables import ROW_SEAL
from lovhub.server.database.tables import Base
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.difference import Difference
from lovhub.server.relocation import command, copying, service, target
from tests.support.club import OWNER
from tests.support.postgres import PostgresServer
from tests.support.serving import run_lovhub

Rows = list[tuple[Any, ...]]


def carried(table: Table) -> list[Column[Any]]:
    """All but the seal, which each database writes by itself."""
    return [column for column in table.columns if column.name != ROW_SEAL]


def in_file(path: Path, table: Table) -> Rows:
    """What SQLite holds, read without a word of ours."""
    columns = carried(table)
    with closing(sqlite3.connect(path)) as file:
        names = ", ".join(f'"{column.name}"' for column in columns)
        rows = file.execute(f'SELECT {names} FROM "{table.name}"').fetchall()  # noqa: S608
    return sorted(
        (
            tuple(
                json.loads(value) if isinstance(column.type, JSON) and value is not None else value
                for column, value in zip(columns, row, strict=True)
            )
            for row in rows
        ),
        key=repr,
    )


def in_postgres(connection: "psycopg.Connection[Any]", table: Table) -> Rows:
    """What PostgreSQL holds, with yes and no as SQLite has them."""
    names = ", ".join(f'"{column.name}"' for column in carried(table))
    rows = connection.execute(f'SELECT {names} FROM "{table.name}"').fetchall()  # type: ignore[arg-type]  # noqa: S608
    plain = [tuple(int(one) if isinstance(one, bool) else one for one in row) for row in rows]
    return sorted(plain, key=repr)


def connect(url: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))


def things_in(url: str) -> int:
    with connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return int(found.fetchone()[0])  # type: ignore[index]


def books_of(url: str) -> set[object]:
    """What is not right in them."""
    with closing(Database(url)) as database, database.read() as db:
        return set(check_ledger(db))


def migrate(folder: Path, url: str) -> int:
    return command.main(["--data", str(folder), "--to", url])


@pytest.fixture
def untouched(folder: Path) -> Iterator[None]:
    """Afterwards the club's folder is as it was."""
    before = {name: (folder / name).read_bytes() for name in ("config.ini", "lovhub.sqlite3")}
    yield
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_every_row_arrives_and_the_club_goes_on_there(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "lovhub.sqlite3"
    before = file.read_bytes()
    (folder / "address").write_text(f"{postgres_url}\n", encoding="utf-8")
    done = run_lovhub(
        "migrate-database", "--data", str(folder), "--to-file", str(folder / "address")
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "  customer: 1\n" in done.stdout
    assert "lovhub serve" in done.stdout

    assert file.read_bytes() == before
    flaws = books_of(f"sqlite:///{file}")
    assert config_loader.load(folder / "config.ini").database_url == postgres_url
    assert "; моё\n" in (folder / "config.ini").read_text(encoding="utf-8")
    with connect(postgres_url) as there_now:
        for table in Base.metadata.sorted_tables:
            there = in_postgres(there_now, table)
            if table.name == "event":
                (noted,) = [row for row in there if "club.relocated" in row]
                there.remove(noted)
            assert there == in_file(file, table), table.name

    database = Database(postgres_url)
    club = ClubContext(database, SystemClock(), Bus(), None, b"")  # type: ignore[arg-type]
    # New numbers are numbers that nobody has.
    customers.top_up(
        club, customer_id=1, amount_tiyn=50_000, method="cash", key="there", actor=OWNER
    )
    assert books_of(postgres_url) == flaws, (
        "what was odd in the file is odd there, and nothing else"
    )
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()

    assert migrate(folder, postgres_url) == 2
    assert "уже не в SQLite" in capsys.readouterr().err


@pytest.mark.usefixtures("untouched")
def test_a_row_that_is_not_what_it_was_undoes_everything(
    folder: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def copy(
        old: Connection, new: Connection, table: Table, tell: copying.Progress
    ) -> copying.Fingerprint:
        found = copying.copy_table(old, new, table, tell)
        if table.name == "customer":
            new.execute(text("UPDATE customer SET created_at = created_at + 1"))
        return found

    monkeypatch.setattr(service, "copy_table", copy)
    assert migrate(folder, postgres_url) == 2
    assert "таблица customer не совпала" in capsys.readouterr().err
    assert things_in(postgres_url) == 0


def test_an_edited_row_is_found_there_as_well(folder: Path, postgres_url: str) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as file:
        file.execute("DROP TRIGGER launch_sealed_anew")
        (edited,) = file.execute(
            "UPDATE launch SET ran_seconds = -1 WHERE id = (SELECT min(id) FROM launch) RETURNING id"
        ).fetchone()
        file.commit()
    assert migrate(folder, postgres_url) == 0
    assert Difference("seal_launch", 0, 0, 0, str(edited)) in books_of(postgres_url)


def test_a_row_that_postgresql_does_not_take_undoes_everything(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as file:
        file.execute("UPDATE customer SET name = 'Ерлан' || char(0)")
        file.commit()
    assert migrate(folder, postgres_url) == 2
    told = capsys.readouterr().err
    assert "таблицы customer" in told
    assert "Ерлан" not in told
    assert things_in(postgres_url) == 0
    assert config_loader.load(folder / "config.ini").database_url == ""


@pytest.mark.parametrize("value", ["7", "CAST(X'D0FF' AS TEXT)"])
def test_with_values_that_no_column_can_hold_nothing_is_carried(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as file:
        file.execute(f"UPDATE club SET name = {value}, sales_need_shift = {value}")  # noqa: S608
        file.commit()
    assert migrate(folder, postgres_url) == 2
    assert "их покажет lovhub ledger check" in capsys.readouterr().err
    assert things_in(postgres_url) == 0


@pytest.mark.usefixtures("untouched")
def test_interrupted_in_the_middle_nothing_is_left(
    folder: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def tell(_progress: object, _stage: str, table: str, _done: int, _total: int) -> None:
        if table == "ledger_transfer":
            raise KeyboardInterrupt

    monkeypatch.setattr(command._Progress, "tell", tell)
    assert migrate(folder, postgres_url) == command.EXIT_INTERRUPTED
    assert capsys.readouterr().err.startswith("Прервано: ")
    assert things_in(postgres_url) == 0


def test_ended_after_the_last_row_it_is_taken_up_there(
    folder: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as power:
        power.setattr(command, "_point_there", lambda *_words: sys.exit("the power is gone"))
        with pytest.raises(SystemExit):
            migrate(folder, postgres_url)
    assert config_loader.load(folder / "config.ini").database_url == ""
    assert migrate(folder, postgres_url) == 0
    assert "Здесь уже есть клуб" in capsys.readouterr().out
    assert config_loader.load(folder / "config.ini").database_url == postgres_url
    with connect(postgres_url) as there:
        noted = there.execute("SELECT count(*) FROM event WHERE kind = 'club.relocated'")
        assert noted.fetchone() == (1,)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "since",
    [
        "UPDATE customer SET created_at = created_at + 1",
        (
            "ALTER TABLE customer_habits DISABLE TRIGGER customer_habits_sealed;"
            " DELETE FROM customer_habits; INSERT INTO customer_habits VALUES (1, 30, '', '')"
        ),
    ],
)
def test_a_copy_that_was_worked_on_since_is_not_taken_up(
    folder: Path,
    postgres_url: str,
    since: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "_point_there", lambda *_words: 0)
    assert migrate(folder, postgres_url) == 0
    with connect(postgres_url) as there:
        there.execute(since)
    assert migrate(folder, postgres_url) == 2
    assert "это не этот клуб целиком" in capsys.readouterr().err


@pytest.mark.usefixtures("untouched")
def test_a_database_that_is_not_empty_is_left_alone(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(postgres_url) as connection:
        connection.execute("CREATE TABLE somebody (name text)")
    assert migrate(folder, postgres_url) == 2
    assert "не пуста" in capsys.readouterr().err
    assert things_in(postgres_url) == 1


@pytest.mark.usefixtures("untouched")
def test_two_at_once_do_not_mix(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(postgres_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [target.LOCK])
        assert migrate(folder, postgres_url) == 2
    assert "уже идёт перенос" in capsys.readouterr().err


@pytest.mark.usefixtures("untouched")
def test_while_the_server_runs_nothing_is_carried(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(open_folder(folder)):
        assert migrate(folder, postgres_url) == 2
    assert "остановите его" in capsys.readouterr().err
    assert things_in(postgres_url) == 0


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql://club:geheim@db/club", "Адрес базы не подходит"),
        ("postgresql+psycopg://club:geheim@db:x/club", "Адрес базы не подходит"),
        ("postgresql+psycopg://club:geheim@/club?host=/nowhere", "Нет связи с PostgreSQL"),
        ("", "Адрес базы не подходит"),
    ],
)
def test_an_address_that_leads_nowhere(
    folder: Path, address: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate(folder, address) == 2
    said = capsys.readouterr().err
    assert said.startswith(told)
    assert "geheim" not in said


def test_without_rights_it_says_what_to_do(
    folder: Path,
    postgres_server: PostgresServer,
    postgres_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    with postgres_server.connect(name) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    try:
        assert migrate(folder, postgres_url.replace("//lovhub@", "//guest@")) == 2
    finally:
        with postgres_server.connect(name) as connection:
            connection.execute("DROP ROLE guest")
    assert "владельцем базы" in capsys.readouterr().err


def test_a_folder_without_a_club(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate(tmp_path / "none", "postgresql+psycopg://club@/club") == 2
    assert "нет базы LoVHub" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
