"""Putting a backup in the club's place, while no server runs on it.

First the backup is restored into a scratch database and checked: what is not sound never touches the club.
Then the club as it is becomes a restore point, and the backup takes its place. If anything fails on the way, or
the power goes, the club is as it was: what it was stands aside until all is done (`undo_unfinished`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from lovhub.clock import SystemClock
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.backups import keys, scratch, sealing, service
from lovhub.server.backups.scratch import Unsound
from lovhub.server.bus import Bus
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import open_database
from lovhub.server.database import row_seals
from lovhub.server.database.backup import BackupFailed
from lovhub.server.database.engine import Database
from lovhub.server.database.row_seals import SealKey
from lovhub.server.journal import service as journal
from lovhub.server.ledger import sittings
from lovhub.server.staff.models import StaffSession

log = structlog.get_logger("backups")

_ASIDE = ".before-restore"
_SCHEMA_ASIDE = "lovhub_before_restore"
_TAILS = ("", "-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """What came of it. `restore_point`: the backup of what was there before, "" if there was no club."""

    backup_name: str
    restore_point: str
    with_keys: bool


def restore(
    data: Path,
    url: str,
    backup: Path,
    *,
    files: dict[str, bytes] | None,
    actor: Actor,
    passphrase: str = "",
    own_key: SealKey = SealKey(),  # noqa: B008 (it is never changed)
    check: Callable[[Database], object] = scratch.check_database,
) -> Restored:
    """Make `backup` the club in the folder `data` (its database is at `url`); `files` are its unsealed keys.

    `passphrase`: what it was opened with. A folder that had none goes on sealing with it. `own_key`: what the folder's
    rows are sealed with, unless `files` bring another. Raises Unsound, OSError, OperationRefused: `disk_full`,
    `passphrase_needed`, `invalid_fields`; then the club is as it was before.
    """
    brought = keys.secret_key(data, files or {})
    seals = replace(own_key, secret=brought.encode()) if brought else own_key
    with closing(open_database(url, seals)) as like:
        point, readable = _restore_point(like, data)
        with scratch.sound_copy(backup, data, like, passphrase=passphrase) as copy:
            _is_a_club(copy.path, like)
            place = _sqlite_place if like.is_sqlite else _postgres_place
            like.close()
            with (
                place(url, copy.path, keep_aside=not readable),
                closing(open_database(url, seals)) as restored,
            ):
                check(restored)
                if files is not None:
                    keys.put_back(data, files)
                if passphrase and sealing.read_key(data) is None:
                    sealing.write_key(data, sealing.derive(passphrase))
                _note(restored, backup.name, point, actor)
    return Restored(backup.name, point, files is not None)


def _restore_point(database: Database, data: Path) -> tuple[str, bool]:
    """The name of the backup of what is there, and whether what is there could be read at all."""
    try:
        if not inspect(database.engine).has_table("club"):
            return "", True
        with database.read() as db:
            name = db.scalar(select(Club.name).order_by(Club.id).limit(1))
        if name is None:
            return "", True
        return service.pack(
            database, data, kind="restore_point", club_name=name, made_at=int(time.time())
        ), True
    except (DBAPIError, BackupFailed):
        log.exception("no_restore_point")
        return "", False


def _is_a_club(copy: Path, like: Database) -> None:
    if not like.is_sqlite:
        return  # seen once it is in place
    with closing(open_database(f"sqlite:///{copy.as_posix()}", like.seal_key)) as database:
        _has_a_club(database)


def _has_a_club(database: Database) -> None:
    with database.read() as db:
        if db.scalar(select(Club.id)) is None:
            raise Unsound("damaged", "no club in it")


@contextmanager
def _sqlite_place(url: str, copy: Path, *, keep_aside: bool) -> Iterator[None]:
    path = _file_of(url)
    try:
        for tail in _TAILS:
            with suppress(FileNotFoundError):
                _tailed(path, tail).replace(_tailed(path, _ASIDE + tail))
        copy.replace(path)
        yield
    except BaseException:
        _put_file_back(path)
        raise
    if keep_aside:
        # Damaged beyond a backup: nobody throws away what somebody may still want to look into.
        _tailed(path, _ASIDE).replace(_tailed(path, f".damaged-{int(time.time())}"))
    for tail in reversed(_TAILS):
        _tailed(path, _ASIDE + tail).unlink(missing_ok=True)


def _put_file_back(path: Path) -> None:
    for tail in _TAILS:
        _tailed(path, tail).unlink(missing_ok=True)
    # The database itself last: as long as it stands aside, the way back is not finished.
    for tail in reversed(_TAILS):
        with suppress(FileNotFoundError):
            _tailed(path, _ASIDE + tail).replace(_tailed(path, tail))


@contextmanager
def _postgres_place(url: str, copy: Path, *, keep_aside: bool) -> Iterator[None]:  # noqa: ARG001
    with scratch.closing_engine(create_engine(url)) as engine:
        try:
            with engine.begin() as connection:
                connection.execute(text(f"ALTER SCHEMA public RENAME TO {_SCHEMA_ASIDE}"))
                connection.execute(text("CREATE SCHEMA public"))
        except DBAPIError as error:
            raise Unsound("no_scratch", str(error.orig)[:200]) from error
        try:
            scratch.restore_dump(copy, engine.url)
            yield
        except BaseException:
            _put_schema_back(url)
            raise
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {_SCHEMA_ASIDE} CASCADE"))


def _put_schema_back(url: str) -> None:
    with scratch.closing_engine(create_engine(url)) as engine, engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS public CASCADE"))
        connection.execute(text(f"ALTER SCHEMA {_SCHEMA_ASIDE} RENAME TO public"))


def undo_unfinished(url: str) -> bool:
    """A restore that the power cut short is undone; returns whether there was one. Raises ConfigError."""
    if url.startswith("sqlite:///"):
        path = _file_of(url)
        if not _tailed(path, _ASIDE).exists():
            return False
        _put_file_back(path)
        return True
    with closing(open_database(url, SealKey())) as database:
        unfinished = _SCHEMA_ASIDE in inspect(database.engine).get_schema_names()
    if unfinished:
        _put_schema_back(url)
    return unfinished


def _file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _tailed(path: Path, tail: str) -> Path:
    return path.with_name(path.name + tail)


def _note(database: Database, name: str, point: str, actor: Actor) -> None:
    with database.read() as db:
        first = db.scalar(select(func.min(Club.id)))
    if first is None:
        raise Unsound("damaged", "no club in it")
    club = ClubContext(
        database=database,
        clock=SystemClock(),
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),  # nothing is signed here
        secret_key=b"",
        club_id=first,
    )
    with club.write() as work:
        # Whoever was signed in then, or has been signed out since, signs in anew.
        work.db.execute(
            update(StaffSession)
            .where(StaffSession.revoked_at.is_(None))
            .values(revoked_at=work.now)
        )
        journal.record(work, "club.restored", actor, name=name, restore_point=point)
        # Of a backup that came without its key nobody can tell whether its rows were edited: the log says so.
        if resealed := row_seals.seal_anew(work.db):
            journal.record(work, sittings.TAKEN_UP, SYSTEM, rows=resealed)
