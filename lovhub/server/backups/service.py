"""Making and checking backups. None of it holds up the club: it is copied while others write."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lovhub import __version__
from lovhub.server.actor import Actor
from lovhub.server.backups import archive, away, folder, keys, scratch, sealing
from lovhub.server.backups import second as second_folder
from lovhub.server.backups.archive import Manifest
from lovhub.server.backups.folder import Backup, Check
from lovhub.server.backups.store import Settings
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.database.backup import BackupFailed, copy_database
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import current_revision
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event

log = structlog.get_logger("backups")

Progress = Callable[[str], None]
"""Told the step that begins: `copying`, `packing`, `checking`, `second_copy`, `store`."""

NO_STORE = Settings()
"""Nobody has asked for one."""

_ROOM_FACTOR = 3
"""A backup takes a copy, the packed copy, and a restored copy while it is checked."""


def backups_of(data: Path) -> Path:
    """Where the backups of the club in the folder `data` are."""
    return data / "backups"


def made_elsewhere_at(db: Session, since: int, until: int) -> int | None:
    """When any of the servers that share the database last made a sound backup of it, all clubs in it, in this time."""
    if db.get_bind().dialect.name == "sqlite":
        return None  # nobody shares it: what lies in the folder is all there is
    made = db.execute(
        select(Event.at, Event.data).where(
            Event.club_id.in_(select(Club.id)),
            Event.kind == "club.backup_made",
            Event.at.between(since, until),
        )
    )
    return max((at for at, told in made if told["check"] == "sound"), default=None)


def no_progress(_step: str) -> None:
    """Nobody is watching."""


def make(
    club: ClubContext,
    data: Path,
    *,
    kind: str,
    actor: Actor,
    store: Settings = NO_STORE,
    progress: Progress = no_progress,
) -> Backup:
    """Make a backup, check it, copy it to the second folder and, if sound, to the store, remove old ones.

    All is journalled.

    Raises OperationRefused: `not_set_up`, `disk_full`, `backup_failed`; nothing half-made stays.
    """
    with club.read() as db:
        row = db.get(Club, club.club_id)
        if row is None:
            raise OperationRefused("not_set_up")
    try:
        name = pack(
            club.database,
            data,
            kind=kind,
            club_name=row.name,
            made_at=club.clock.now(),
            progress=progress,
        )
    except (BackupFailed, OSError, DBAPIError) as error:
        log.exception("backup_failed")
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or ""
        with suppress(OSError, DBAPIError):
            _note_failure(club, actor, kind, str(reason))
        raise OperationRefused("backup_failed", reason=str(reason)) from error
    progress("checking")
    check = check_backup(club, data, name)
    progress("second_copy")
    now = club.clock.now()
    second = _lay_in_second(data, name, row.second_backup_folder, check, row.backups_kept, now)
    progress("store")
    away_as = (
        away.lay(data, store, backups_of(data) / name, row.backups_kept, now)
        if check.sound
        else "none"
    )
    removed = folder.remove_old(backups_of(data), row.backups_kept, now)
    made = folder.find(backups_of(data), name)
    with club.write() as work:
        journal.record(
            work,
            "club.backup_made",
            actor,
            name=name,
            backup_kind=kind,
            bytes=made.size_bytes,
            check=check.code,
            second_copy=second,
            store=away_as,
            removed=len(removed),
        )
        if not check.sound:
            journal.raise_alarm(work, "backup_unsound", name=name, code=check.code)
        if second == "failed":
            journal.raise_alarm(work, "backup_second_copy", name=name)
        if away_as not in {"none", "made"}:
            journal.raise_alarm(work, "backup_store", name=name, code=away_as)
    return made


def _note_failure(club: ClubContext, actor: Actor, kind: str, reason: str) -> None:
    with club.write() as work:
        journal.record(work, "club.backup_failed", actor, backup_kind=kind, reason=reason)
        if kind == "nightly":
            journal.raise_alarm(work, "backup_failed", reason=reason)


def pack(
    database: Database,
    data: Path,
    *,
    kind: str,
    club_name: str,
    made_at: int,
    progress: Progress = no_progress,
) -> str:
    """Copy and pack the database with the club's keys; returns the backup's name.

    Raises OperationRefused("disk_full"), BackupFailed, OSError.
    """
    backups = backups_of(data)
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(backups).free < _ROOM_FACTOR * _size_bytes(database):
        raise OperationRefused("disk_full")
    name = folder.free_name(backups, kind, made_at)
    copy = backups / f".{name}.copy.part"
    progress("copying")
    with database.engine.connect() as connection:
        revision = current_revision(connection) or ""
    try:
        copy.unlink(missing_ok=True)
        copy_database(database, copy)
        progress("packing")
        manifest = Manifest(
            kind=kind,
            made_at=made_at,
            club_name=club_name,
            revision=revision,
            program=__version__,
            dialect="sqlite" if database.is_sqlite else "postgresql",
            database_bytes=copy.stat().st_size,
            database_sha256=archive.sha256_of(copy),
        )
        archive.pack(backups / name, copy, manifest, keys.sealed(data), sealing.read_key(data))
    finally:
        copy.unlink(missing_ok=True)
    return name


def _size_bytes(database: Database) -> int:
    """The size of the file of an embedded database; PostgreSQL's is on a disk of its own."""
    if not database.is_sqlite:
        return 0
    path = Path(str(database.engine.url.database))
    return path.stat().st_size if path.exists() else 0


def _lay_in_second(data: Path, name: str, second: str, check: Check, keep: int, now: int) -> str:
    if not second:
        return "none"
    try:
        second_folder.lay(Path(second), backups_of(data) / name, check, keep, now)
    except OSError:
        log.exception("second_copy_failed")
        return "failed"
    return "made"


def check_backup(club: ClubContext, data: Path, name: str) -> Check:
    """Restore a backup into a scratch database, and note beside it what came of it.

    Raises OperationRefused("backup_unknown").
    """
    began = club.clock.monotonic()
    path = folder.path_of(backups_of(data), name)
    code, detail, flaws = "sound", "", None
    try:
        with scratch.sound_copy(path, data, club.database) as copy:
            flaws = copy.other_key
    except scratch.Unsound as unsound:
        code, detail, flaws = unsound.code, unsound.detail, unsound.flaws
    except OperationRefused:
        code = "sealed_otherwise"
    except OSError as error:
        code, detail = "no_scratch", error.strerror or ""
    check = Check(
        at=club.clock.now(),
        code=code,
        detail=detail,
        took_seconds=int(club.clock.monotonic() - began),
        flaws=flaws,
    )
    folder.write_check(backups_of(data), name, check)
    return check


def check_update(club: ClubContext, data: Path, name: str) -> None:
    """Check the copy that was made before an update, now that the server runs; an alarm if it is not sound."""
    check = check_backup(club, data, name)
    if not check.sound:
        with club.write() as work:
            journal.raise_alarm(work, "backup_unsound", name=name, code=check.code)


def set_passphrase(club: ClubContext, data: Path, *, passphrase: str, actor: Actor) -> None:
    """Seal every backup with it from now on, and the club's keys into it. Raises OperationRefused("invalid_fields")."""
    key = sealing.derive(passphrase)
    sealing.write_key(data, key)
    with club.write() as work:
        journal.record(work, "club.backup_passphrase_set", actor)


def tidy(data: Path) -> None:
    """Remove what a server left half-done when it died."""
    left = [
        *data.glob(f"{scratch.PREFIX}*"),
        *(data / "uploads").glob("*.part"),
        *backups_of(data).glob(".*.part"),
        *data.glob(".continuous.part"),
    ]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def club_name(club: ClubContext) -> str:
    """The club's name, "" before it is founded."""
    with club.read() as db:
        row = db.get(Club, club.club_id)
    return row.name if row is not None else ""


def note_download(club: ClubContext, *, name: str, actor: Actor) -> None:
    """Somebody takes a backup away."""
    with club.write() as work:
        journal.record(work, "club.backup_downloaded", actor, name=name)
