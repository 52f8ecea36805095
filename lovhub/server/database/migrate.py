"""Bringing a database to this program's version: back up, migrate, check. A newer database is refused."""

from pathlib import Path

from sqlalchemy import Connection, String, column, inspect, select, table

from lovhub.server.database.backup import back_up
from lovhub.server.database.engine import Database, limit_silence

_MIGRATIONS = Path(__file__).parent / "migrations"

VERSION_TABLE = "alembic_version"
"""Where the database says of which version it is."""

_VERSION = table(VERSION_TABLE, column("version_num", String()))


class DatabaseTooNew(Exception):
    """The database was made by a newer LoVHub; `revision` is the one this program does not know."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


def revisions() -> list[str]:
    """The schema versions this program knows, oldest first: a migration's file bears its number.

    Alembic would read each of them for that, a twelfth of the time until the server answers.
    """
    return sorted(
        path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")
    )


def head_revision() -> str:
    """The schema version of this program."""
    known = revisions()
    if not known:
        raise RuntimeError("no migrations found: the installation is incomplete")
    return known[-1]


def current_revision(connection: Connection) -> str | None:
    """The schema version of the database; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def check_version(database: Database) -> bool:
    """Whether the database is of this program's version; False for an older one. Raises DatabaseTooNew."""
    return _known_revision(database) == head_revision()


def _known_revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        revision = current_revision(connection)
    if revision is not None and revision not in revisions():
        raise DatabaseTooNew(revision)
    return revision


def migrate(database: Database, backup_folder: Path | None = None) -> Path | None:
    """Bring the database to `head_revision()`; returns the backup made before, if there was anything to save.

    All migrations run in one transaction: the database is at the new version or as it was. With a
    `backup_folder`, a copy is made first, and without the copy nothing is changed. Raises DatabaseTooNew,
    BackupFailed.
    """
    revision = _known_revision(database)
    if revision == head_revision():
        return None
    backup = None
    if revision is not None and backup_folder is not None:
        backup = back_up(database, backup_folder, revision)
    with database.write() as session:
        upgrade(session.connection())
    return backup


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing in the transaction of this connection."""
    from alembic import command  # noqa: PLC0415 (most starts have nothing to migrate, and need none of its modules)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    # Nobody else is there, and what a migration computes between two statements takes its time in a large club.
    limit_silence(connection, 0)
    command.upgrade(config, "head")
