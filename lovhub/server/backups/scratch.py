"""Restoring a backup into a scratch database, to see whether it is sound."""

import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from lovhub.server.backups import archive, sealing
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.flaws import Flaws
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import DatabaseTooNew, migrate
from lovhub.server.database.postgres_programs import ProgramFailed, ProgramMissing, run_program
from lovhub.server.ledger import misfits, seals
from lovhub.server.ledger.check import check_ledger

PREFIX = "lovhub_scratch_"
"""Beginning of the name of everything that is left behind if the power goes now."""


LEFT_FREE_BYTES = 64 * 1024**2
"""A check must not take the club's last room on the disk."""


class Unsound(Exception):
    """The backup must not be restored. `code`, `detail` and `flaws` as in `folder.Check`."""

    def __init__(self, code: str, detail: str = "", flaws: Flaws | None = None) -> None:
        super().__init__(code, detail, flaws)
        self.code = code
        self.detail = detail
        self.flaws = flaws


@dataclass(frozen=True)
class SoundCopy:
    """A backup's database that may be restored, at `path`: for SQLite ready to be used, for PostgreSQL the dump.

    `other_key`: that its rows are sealed with another key, for whoever is to hear of it.
    """

    path: Path
    other_key: Flaws | None


@contextmanager
def sound_copy(
    backup: Path, data: Path, like: Database, *, passphrase: str = ""
) -> Iterator[SoundCopy]:
    """The backup's database as a file that was restored, brought to this version and checked.

    `like` is the club's own database. `passphrase`: of a backup that another club's, or another machine's, key has
    sealed. Raises Unsound, OSError, OperationRefused: `passphrase_needed`, `invalid_fields` (a wrong one).
    """
    dialect = "sqlite" if like.is_sqlite else "postgresql"
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=data) as folder:
        copy = Path(folder) / "database"
        try:
            if archive.dialect_of(backup) != dialect:
                raise Unsound("other_database")
            if archive.database_bytes(backup) > shutil.disk_usage(data).free - LEFT_FREE_BYTES:
                raise Unsound("no_scratch", "disk")
            archive.extract_database(
                backup, copy, passphrase=passphrase, key=sealing.read_key(data)
            )
        except BadArchive as error:
            raise Unsound("damaged", error.reason) from error
        check = _check_sqlite if like.is_sqlite else _check_postgres
        yield SoundCopy(copy, check(copy, like))


def _check_sqlite(path: Path, like: Database) -> Flaws | None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != ("ok",):
            raise Unsound("damaged", str(found)[:200])
        with closing(Database(f"sqlite:///{path.as_posix()}", like.seal_key)) as database:
            other_key = check_database(database)
            # One file, with nothing left beside it, is what can be put in place.
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return other_key
    except sqlite3.Error as error:
        raise Unsound("damaged", str(error)[:200]) from error


def check_database(database: Database) -> Flaws | None:
    """Bring a restored database to this version and recompute its books; raises Unsound.

    That its rows are sealed with another key is returned: the key was lost or exchanged, so that the backup is to be
    restored all the same; or somebody hides so what they have edited.
    """
    try:
        migrate(database)
        with database.read() as db:
            differences = check_ledger(db)
    except DatabaseTooNew as error:
        raise Unsound("too_new", error.revision) from error
    except misfits.FAILURES as error:
        raise Unsound("damaged", str(getattr(error, "orig", error))[:200]) from error
    wrong = [one for one in differences if one.kind != seals.OTHER_KEY]
    if wrong:
        raise Unsound("books", flaws=Flaws(len(wrong), wrong[0]))
    return Flaws(1, differences[0]) if differences else None


def _check_postgres(dump: Path, like: Database) -> Flaws | None:
    name = PREFIX + secrets.token_hex(6)
    own = like.engine.url
    with closing_engine(create_engine(own, isolation_level="AUTOCOMMIT")) as club:
        try:
            with club.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        except DBAPIError as error:
            raise Unsound("no_scratch", str(error.orig)[:200]) from error
        try:
            restore_dump(dump, own.set(database=name))
            with closing(
                Database(
                    own.set(database=name).render_as_string(hide_password=False), like.seal_key
                )
            ) as copy:
                return check_database(copy)
        finally:
            with suppress(DBAPIError), club.connect() as connection:
                connection.execute(text(f'DROP DATABASE "{name}"'))


@contextmanager
def closing_engine(engine: Engine) -> Iterator[Engine]:
    """The engine, with its connections given back at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def restore_dump(dump: Path, url: URL) -> None:
    """Fill the empty database at `url`, all in one transaction; raises Unsound."""
    words = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(dump))
    try:
        run_program("pg_restore", url, *words)
    except ProgramMissing as failure:
        raise Unsound("no_scratch", failure.reason) from failure
    except ProgramFailed as failure:
        raise Unsound("damaged", failure.reason[-200:]) from failure
    # A dump brings rows, and not what PostgreSQL knows of them: until its own vacuum comes it would guess.
    with closing_engine(create_engine(url)) as engine, engine.begin() as connection:
        connection.execute(text("ANALYZE"))
