"""What rows say when they begin to be held against the log is taken for what it is, but for what was told before."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Column, MetaData, column, insert, text

from lovhub.server.computers import queries as computers
from lovhub.server.database import migrations, row_seals
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from lovhub.server.database.sealed_tables import ROW_SEAL
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import vouching
from tests.support import kept_databases
from tests.support.databases import KINDS, empty

BEFORE_CUSTOMERS = "0070"
BEFORE_SIGNS_OF_LIFE = "0076"


def upgraded_to(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with database.write() as db:
        config.attributes["connection"] = db.connection()
        command.upgrade(config, revision)


def test_an_edit_of_a_group_before_the_upgrade_is_not_taken_up_with_all_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "club.sqlite3"
    kept_databases.read(kept_databases.all_kept()[0], path)
    database = Database(f"sqlite:///{path}")
    upgraded_to(database, BEFORE_CUSTOMERS)
    with database.write() as db:
        edited = db.scalar(
            text(
                "UPDATE customer SET name = 'Айгуль', group_id = (SELECT max(id) FROM customer_group)"
                " WHERE id = (SELECT min(id) FROM customer WHERE group_id IS NULL) RETURNING id"
            )
        )
    migrate(database)
    with database.read() as db:
        (found,) = check_ledger(db)
        assert (
            db.scalar(
                text("SELECT count(*) FROM customer WHERE salt IS NULL AND deleted_at IS NULL")
            )
            == 0
        )
    database.close()
    assert (found.kind, found.subject) == ("standing_customer", edited)
    assert found.detail.startswith("group_id: None → ")


def test_sittings_are_taken_up_with_the_columns_of_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: Any = column("of_a_later_version")
    monkeypatch.setattr(vouching, "COLUMNS", (*vouching.COLUMNS, later))
    path = tmp_path / "club.sqlite3"
    kept_databases.read(kept_databases.all_kept()[0], path)
    database = Database(f"sqlite:///{path}")
    upgraded_to(database, "0072")
    monkeypatch.undo()
    migrate(database)
    with database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM play_session")) > 0
        assert check_ledger(db) == []
    database.close()


@pytest.fixture(params=KINDS)
def before_signs_of_life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The kept club as the version before had it, which kept with each PC when that was last heard."""
    path = tmp_path / "kept.sqlite3"
    kept_databases.read(kept_databases.all_kept()[0], path)
    kept = Database(f"sqlite:///{path}")
    upgraded_to(kept, BEFORE_SIGNS_OF_LIFE)
    if request.param == "sqlite":
        database = kept
    else:
        database = Database(empty(request, request.param))
        upgraded_to(database, BEFORE_SIGNS_OF_LIFE)
        copy_rows(kept, database, ("club", "hall", "zone", "computer"))
        kept.close()
    yield database
    database.close()


def copy_rows(source: Database, target: Database, tables: Sequence[str]) -> None:
    known = MetaData()
    known.reflect(target.engine, only=tables, resolve_fks=False)
    with source.read() as old, target.write() as new:
        for name in tables:
            table = known.tables[name]
            rows = old.execute(text(f"SELECT * FROM {name}")).mappings()  # noqa: S608
            carried = [column for column in table.columns if column.name != ROW_SEAL]
            new.execute(
                insert(table),
                [
                    {column.name: _said(column, row[column.name]) for column in carried}
                    for row in rows
                ],
            )


def _said(column: Column[Any], value: Any) -> Any:
    return json.loads(value) if isinstance(column.type, JSON) and value is not None else value


def test_when_pcs_were_last_heard_is_carried_over_and_an_edited_pc_stays_found(
    before_signs_of_life: Database,
) -> None:
    database = before_signs_of_life
    with database.write() as db:
        known = "SELECT id, last_seen_at FROM computer WHERE last_seen_at IS NOT NULL"
        seen = dict(iter(db.execute(text(known))))
        edited, other = sorted(seen)[:2]
        # The seal of another row in place of its own.
        db.execute(
            text(
                "UPDATE computer SET row_seal = (SELECT row_seal FROM computer WHERE id = :other)"
                " WHERE id = :edited"
            ),
            {"edited": edited, "other": other},
        )
    migrate(database)
    with database.read() as db:
        assert computers.last_seen(db, 1) == seen
        odd = [(table.name, keys) for table, keys in row_seals.odd(db)]
    assert odd == [("computer", [(edited,)])]
