"""What rows say when they begin to be held against the log is taken for what it is, but for what was told before."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from lovhub.server.database import migrations
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from lovhub.server.ledger.check import check_ledger
from tests.support import kept_databases

BEFORE_CUSTOMERS = "0070"


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
