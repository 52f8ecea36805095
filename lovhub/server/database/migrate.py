"""Bringing a database to this program's version: back up, migrate, check. A newer database is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from lovhub.server.database.engine import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseTooNew(Exception):
    """The database was made by a newer LoVHub; `revision` is the one this program does not know."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def head_revision() -> str:
    """The schema version of this program."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("no migrations found: the installation is incomplete")
    return head


def current_revision(connection: Connection) -> str | None:
    """The schema version of the database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def check_version(database: Database) -> bool:
    """Whether the database is of this program's version; False for an older one. Raises DatabaseTooNew."""
    return _known_revision(database) == head_revision()


def _known_revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        revision = current_revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseTooNew(revision)
    return revision


def migrate(database: Database, backup_folder: Path | None = None) -> Path | None:
    """Bring the database to `head_revision()`; returns the backup made before, if there was anything to save.

    All migrations run in one transaction: the database is at the new version or as it was. On SQLite with a
    `backup_folder`, a copy is made first. Raises DatabaseTooNew.
    """
    revision = _known_revision(database)
    if revision == head_revision():
        return None
    backup = None
    if revision is not None and database.is_sqlite and backup_folder is not None:
        backup = _back_up_sqlite(database, backup_folder, revision)
    config = _config()
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
    return backup


def _back_up_sqlite(database: Database, folder: Path, revision: str) -> Path:
    """An exact copy through SQLite's own backup interface, which includes what is still in the WAL."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 1
    while (target := folder / f"before-migration-{revision}-{number}.sqlite3").exists():
        number += 1
    try:
        with (
            closing(sqlite3.connect(str(database.engine.url.database))) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        target.chmod(0o600)
    except BaseException:
        target.unlink(missing_ok=True)  # half a copy must not be taken for a whole one
        raise
    return target
