"""The log of the embedded database (its WAL), copied into the second folder as it grows: a dead disk costs seconds.

A *generation* is a copy of the database and of all that its log has said since it was last emptied. SQLite itself puts
the two together, as after a power cut: whatever end of the log is torn or missing, what was committed before is there.
While a generation lasts, a reader is kept open, and so nobody begins the log anew; and it is emptied here only.

    second folder / live-CLUB / 000001 / base.sqlite3, base.sqlite3-wal, about.json (the last: it is whole)

Under the owner's passphrase the first two are sealed (base.sealed, log.sealed), and the club's keys lie beside them
(keys.sealed). The log is sealed as it grows, in pieces of what was new.
"""

import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from lovhub import __version__
from lovhub.config_loader import write_private
from lovhub.server.backups import archive, folder, keys, scratch, sealed_file, sealing, service
from lovhub.server.backups.archive import Manifest
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.sealed_file import GrowingLog
from lovhub.server.backups.sealing import Key
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.database.backup import copy_database
from lovhub.server.database.migrate import current_revision
from lovhub.server.errors import OperationRefused
from lovhub.server.jobs.scheduler import Job

log = structlog.get_logger("backups")

LOOK_SECONDS = 2.0
AGAIN_SECONDS = 30.0
"""After a failure: a folder that has gone is not asked twice a second."""

LARGEST_LOG_BYTES = 32 * 1024**2
"""A longer log ends its generation: the database is copied anew, and the log emptied."""

_HEAD_BYTES, _FRAME_HEAD_BYTES = 32, 24
"""What SQLite's log begins with, and each page in it. The salts are others each time that it is begun."""

_TRIES, _TRY_AGAIN_SECONDS = 50, 0.02

STOP_SECONDS = 5.0
PREFIX = "live-"
_BASE = "base.sqlite3"
_LOG = "base.sqlite3-wal"
_SEALED_BASE = "base.sealed"
_SEALED_LOG = "log.sealed"
_KEYS = "keys.sealed"
_ABOUT = "about.json"


class About(msgspec.Struct, frozen=True):
    """What a generation is of; `at`: when it began, in UTC epoch seconds."""

    club_name: str
    revision: str
    program: str
    at: int


@dataclass
class _Generation:
    folder: Path
    number: int
    reader: sqlite3.Connection
    key: Key | None
    log: GrowingLog | None
    shipped: int = 0
    """So much of the log has been copied."""

    head: bytes = b""
    """With what the copied log begins: another one begins otherwise."""

    written: int = 0
    """So long is the copy: longer than the log, if it is sealed."""

    is_given_up: bool = False


class Continuous:
    """Copies the log of the club in the folder `data` while the server runs, if `config.ini` asks for it."""

    def __init__(self, club: ClubContext, data: Path, *, is_on: bool) -> None:
        self._club = club
        self._data = data
        self.is_on = is_on and club.database.is_sqlite
        self._path = Path(str(club.database.engine.url.database))
        self._current: _Generation | None = None
        self._thread: threading.Thread | None = None
        self._again_at = 0.0
        self._stopped = False
        self._copied_at = club.clock.now()
        """Up to when everything lies in the second folder; at first, since when it should."""

    def behind_seconds(self, now: int) -> int | None:
        """So much would be lost with this disk; None if nobody has asked for a copy. From any thread."""
        return now - self._copied_at if self.is_on else None

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return (
            [Job("continuous_copy", LOOK_SECONDS, self._look_aside, everywhere=True)]
            if self.is_on
            else []
        )

    def stop(self) -> None:
        """The last words into the folder; then let go of the database."""
        self._stopped = True
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
            if self._thread.is_alive():
                return  # a dead network folder: it must not keep the server
        if self.is_on and self._current is not None:
            self._try()
        self._end_generation()

    def _look_aside(self) -> None:
        """In a thread of its own: a dead network folder must hold up no other job."""
        if self._thread is not None and self._thread.is_alive():
            if self._log_bytes() > 2 * LARGEST_LOG_BYTES:
                self._give_up()
            return
        if not self._stopped and self._club.clock.monotonic() >= self._again_at:
            self._thread = threading.Thread(target=self._try, name="continuous", daemon=True)
            self._thread.start()

    def _try(self) -> None:
        try:
            self.look()
        except Exception:
            log.exception("continuous_copy_failed")
            self._give_up()
            self._again_at = self._club.clock.monotonic() + AGAIN_SECONDS

    def look(self) -> None:
        """Copy what is new. Raises OSError, sqlite3.Error."""
        now = self._club.clock.now()
        with self._club.read() as db:
            row = db.get(Club, self._club.club_id)
        if row is None or not row.second_backup_folder:
            self._give_up()
            return
        live = Path(row.second_backup_folder) / self._name()
        current = self._current
        if (
            current is None
            or current.folder.parent != live
            or current.key != sealing.read_key(self._data)
            or self._log_bytes() > LARGEST_LOG_BYTES
            or self._is_begun_anew(current)
        ):
            self._begin_generation(live, row.name)
        else:
            self._ship(current)
        self._copied_at = now

    def _name(self) -> str:
        """Two clubs may share a folder; each knows its own by its identity."""
        return PREFIX + self._club.identity.public_key().public_bytes_raw().hex()[:12]

    def _log_path(self) -> Path:
        return self._path.with_name(self._path.name + "-wal")

    def _is_begun_anew(self, generation: _Generation) -> bool:
        """Whether a writer has begun the log from its start again, over what was copied.

        Somebody who read when it was to be emptied leaves it as it is, and all of it in the database: then the
        generation's own reader holds nobody back, and the file may be no longer than before.
        """
        if not generation.shipped:
            return False
        with self._log_path().open("rb") as source:
            return source.read(_HEAD_BYTES) != generation.head

    def _committed(self) -> int:
        """Up to where the log is as it will stay: to the end of its last commit, which SQLite is asked for.

        Behind it lies what is being written at this moment, or was undone, or was said before the log was begun anew:
        all of that is written over in place. Raises OSError where another program empties the log all the time.
        """
        for _ in range(_TRIES):
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                # Brings nothing into the database, since the generation's reader was there before.
                _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if frames == 0:
                return 0
            if frames > 0:
                with self._log_path().open("rb") as source:
                    page_bytes = int.from_bytes(source.read(_HEAD_BYTES)[8:12])
                return _HEAD_BYTES + int(frames) * (_FRAME_HEAD_BYTES + page_bytes)
            time.sleep(_TRY_AGAIN_SECONDS)
        raise OSError("another program empties the log")

    def _log_bytes(self) -> int:
        with suppress(FileNotFoundError):
            return self._log_path().stat().st_size
        return 0

    def _begin_generation(self, live: Path, club_name: str) -> None:
        self._end_generation()
        number = max(map(int, _numbers(live)), default=0) + 1
        place = live / f"{number:06d}"
        place.mkdir(parents=True)
        reader = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            _empty_log(reader)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            # The database's own file is not opened here: closing it would take SQLite's locks away.
            copy = self._data / ".continuous.part"
            key = sealing.read_key(self._data)
            try:
                copy_database(self._club.database, copy)
                _copy(copy, place, key)
            finally:
                copy.unlink(missing_ok=True)
            sealed = keys.sealed(self._data)
            if sealed is not None:
                write_private(place / _KEYS, sealed)
            log_of = GrowingLog(key) if key is not None else None
            generation = _Generation(place, number, reader, key, log_of)
            self._ship(generation)
            with self._club.database.engine.connect() as connection:
                revision = current_revision(connection) or ""
            about = About(club_name, revision, __version__, self._club.clock.now())
            write_private(place / _ABOUT, msgspec.json.encode(about))
        except BaseException:
            reader.close()
            shutil.rmtree(place, ignore_errors=True)
            raise
        self._current = generation
        for old in _numbers(live):
            if int(old) < number:
                shutil.rmtree(live / old, ignore_errors=True)

    def _end_generation(self) -> None:
        if self._current is not None:
            self._current.is_given_up = True
            self._current.reader.close()
            self._current = None

    def _give_up(self) -> None:
        """Nothing can be copied now: the log must not grow for that."""
        self._end_generation()
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            _empty_log(connection)

    def _ship(self, generation: _Generation) -> None:
        """Append what the log has said since the last time."""
        target = generation.folder / (_LOG if generation.log is None else _SEALED_LOG)
        until = self._committed()
        if until < generation.shipped:
            raise OSError("the log was begun anew")
        if until == generation.shipped:
            if not generation.folder.is_dir():
                raise FileNotFoundError(generation.folder)
            return
        with self._log_path().open("rb") as source, target.open("ab") as file:
            if file.tell() != generation.written:
                raise OSError("the copy of the log is not as it was left")
            source.seek(generation.shipped)
            while chunk := source.read(min(sealed_file.PIECE, until - generation.shipped)):
                if not generation.shipped:
                    generation.head = chunk[:_HEAD_BYTES]
                piece = chunk if generation.log is None else generation.log.piece(chunk)
                file.write(piece)
                generation.shipped += len(chunk)
                generation.written += len(piece)
            file.flush()
            os.fsync(file.fileno())
        if generation.is_given_up:
            raise OSError("it took too long, and the log has been emptied meanwhile")


def _empty_log(connection: sqlite3.Connection) -> None:
    """As far as it goes at once: who writes must not wait for who reads."""
    connection.execute("PRAGMA busy_timeout = 100")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _numbers(live: Path) -> list[str]:
    if not live.is_dir():
        return []
    return sorted(path.name for path in live.iterdir() if path.name.isdecimal() and path.is_dir())


def _copy(source: Path, place: Path, key: Key | None) -> None:
    if key is None:
        target = place / _BASE
        shutil.copyfile(source, target)
    else:
        target = place / _SEALED_BASE
        sealed_file.seal(key, source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def take(second: Path, data: Path, now: int, passphrase: Callable[[], str]) -> Path:
    """Make the newest whole generation in the folder a backup of `data`, as if it had been uploaded.

    `second`: the second folder, or one club's within it. `passphrase` is asked only where it is needed. Raises
    OperationRefused: `backup_unknown`, `passphrase_needed`, `invalid_fields` (a wrong one); OSError, Unsound.
    """
    lives = [second] if second.name.startswith(PREFIX) else sorted(second.glob(f"{PREFIX}*"))
    whole = [
        live / number
        for live in lives
        for number in _numbers(live)
        if (live / number / _ABOUT).is_file()
    ]
    if not whole or len({place.parent for place in whole}) > 1:
        raise OperationRefused("backup_unknown")
    place = whole[-1]
    backups = service.backups_of(data)
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=scratch.PREFIX, dir=data) as name:
        base, plain = Path(name) / _BASE, Path(name) / "database"
        try:
            phrase = _bring(place, base, Path(name) / _LOG, data, passphrase)
            about = msgspec.json.decode((place / _ABOUT).read_bytes(), type=About)
            with closing(sqlite3.connect(base)) as source, closing(sqlite3.connect(plain)) as copy:
                source.backup(copy)
        except (sqlite3.Error, msgspec.DecodeError, BadArchive) as error:
            raise scratch.Unsound("damaged", str(error)[:200]) from error
        manifest = Manifest(
            kind="uploaded",
            made_at=now,
            club_name=about.club_name,
            revision=about.revision,
            program=about.program,
            dialect="sqlite",
            database_bytes=plain.stat().st_size,
            database_sha256=archive.sha256_of(plain),
        )
        target = backups / folder.free_name(backups, "uploaded", now)
        sealed = (place / _KEYS).read_bytes() if (place / _KEYS).exists() else None
        key = sealing.read_key(data)
        if key is None and phrase:
            key = sealing.derive(phrase)  # what lay there sealed does not lie here in the clear
        archive.pack(target, plain, manifest, sealed, key)
    return target


def _bring(place: Path, base: Path, log_of: Path, data: Path, passphrase: Callable[[], str]) -> str:
    """The generation's database and its log, opened; returns the passphrase, "" where none was needed."""
    if not (place / _SEALED_BASE).exists():
        shutil.copyfile(place / _BASE, base)
        if (place / _LOG).exists():
            shutil.copyfile(place / _LOG, log_of)
        return ""
    own = sealing.read_key(data)
    with (place / _SEALED_BASE).open("rb") as sealed:
        phrase = passphrase() if sealed_file.needs_passphrase(sealed, own) else ""
    sealed_file.unseal(place / _SEALED_BASE, base, passphrase=phrase, key=own)
    if (place / _SEALED_LOG).exists():
        with (place / _SEALED_LOG).open("rb") as sealed, log_of.open("wb") as plain:
            for piece in sealed_file.opened_log(sealed, passphrase=phrase, key=own):
                plain.write(piece)
    return phrase
