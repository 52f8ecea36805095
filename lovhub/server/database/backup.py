"""A copy of the whole database, such as the one made before a migration changes it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from lovhub.server.database.engine import Database
from lovhub.server.database.postgres_programs import ProgramFailed, run_program


class BackupFailed(Exception):
    """No copy could be made, so the database was left as it is; `reason` is for the technician."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def back_up(database: Database, folder: Path, revision: str) -> Path:
    """Copy the database into `folder` and return the copy; raises BackupFailed, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ending = "sqlite3" if database.is_sqlite else "dump"
    number = 1
    while (target := folder / f"before-migration-{revision}-{number}.{ending}").exists():
        number += 1
    copy_database(database, target)
    return target


def copy_database(database: Database, target: Path) -> None:
    """Copy the database, while others work on it, into the new file `target`.

    An SQLite database for SQLite, a dump for `pg_restore` for PostgreSQL. Raises BackupFailed, OSError.
    """
    try:
        if database.is_sqlite:
            _copy_sqlite(database, target)
        else:
            _dump_postgres(database, target)
        target.chmod(0o600)
    except BaseException:
        target.unlink(missing_ok=True)  # half a copy must not be taken for a whole one
        raise


def _copy_sqlite(database: Database, target: Path) -> None:
    """An exact copy through SQLite's own backup interface, which includes what is still in the WAL."""
    with (
        closing(sqlite3.connect(str(database.engine.url.database))) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def _dump_postgres(database: Database, target: Path) -> None:
    """A dump in PostgreSQL's own format, for `pg_restore`."""
    try:
        run_program("pg_dump", database.engine.url, "--format=custom", f"--file={target}")
    except ProgramFailed as failure:
        raise BackupFailed(failure.reason) from failure
