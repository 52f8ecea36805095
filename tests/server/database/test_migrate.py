"""The schema comes into being by migrations alone, and is then what the tables say."""

import errno
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from lovhub.server.database import migrations, row_seals
from lovhub.server.database.backup import BackupFailed
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import (
    DatabaseTooNew,
    current_revision,
    head_revision,
    migrate,
    revisions,
)
from lovhub.server.database.tables import Base
from lovhub.server.database.triggers import trigger_names


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_migrations_make_exactly_the_declared_tables(database: Database) -> None:
    migrate(database)
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        assert current_revision(connection) == head_revision()
    assert differences == []


def test_the_migrations_stand_in_the_order_of_their_numbers() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    newest_first = [
        found.revision for found in ScriptDirectory.from_config(config).walk_revisions()
    ]
    assert revisions() == newest_first[::-1]


def test_every_check_and_index_is_there(database: Database) -> None:
    migrate(database)
    inspector = inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        checks = {check["name"] for check in inspector.get_check_constraints(table.name)}
        declared = {
            constraint.name
            for constraint in table.constraints
            if constraint.__visit_name__ in {"check_constraint", "table_or_column_check_constraint"}
        }
        assert declared <= checks, table.name
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes, table.name


def test_every_trigger_is_there(database: Database) -> None:
    migrate(database)
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with database.engine.connect() as connection:
        there = set(connection.scalars(text(listing)))
    dialect = database.engine.dialect.name
    assert there == trigger_names() | row_seals.trigger_names(dialect)


def test_migrating_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    migrate(database)
    assert migrate(database, tmp_path / "backups") is None


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    migrate(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseTooNew, match="9999"):
        migrate(database)
    with database.engine.connect() as connection:
        assert current_revision(connection) == "9999"


@pytest.fixture
def older_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A club's database, as if this program had one more migration than it has seen."""
    migrate(database)
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO club (id, name, time_zone, currency, language, created_at,"
                " lease_seconds, power_cut_rule, silence_rule)"
                " VALUES (1, 'Арена', 'Asia/Almaty', 'KZT', 'ru', 0, 900, 'pause', 'wait')"
            )
        )
    monkeypatch.setattr("lovhub.server.database.migrate.head_revision", lambda: "9999")
    return database


def test_a_backup_is_taken_before_an_older_database_is_changed(
    older_database: Database, tmp_path: Path
) -> None:
    backup = migrate(older_database, tmp_path / "backups")

    assert backup is not None
    if older_database.is_sqlite:
        with closing(sqlite3.connect(backup)) as copy:
            assert copy.execute("SELECT name FROM club").fetchall() == [("Арена",)]
            assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    else:
        rows = subprocess.run(
            ["pg_restore", "--data-only", "--table=club", "--file=-", str(backup)],
            capture_output=True,
            check=True,
        )
        assert "Арена" in rows.stdout.decode()


def test_without_a_backup_nothing_is_changed(
    older_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.server.database.backup._copy_sqlite", _no_room)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises((BackupFailed, OSError)):
        migrate(older_database, tmp_path / "backups")
    with older_database.engine.connect() as connection:
        assert current_revision(connection) == head_revision()
    assert list((tmp_path / "backups").iterdir()) == []


def _no_room(_database: Database, target: Path) -> None:
    target.write_bytes(b"half a copy")
    raise OSError(errno.ENOSPC, "no room")
