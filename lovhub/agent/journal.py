"""What happened on this PC, on disk: numbered facts for the server, and the session's count.

SQLite with synchronous=FULL: when a call returns, a power cut no longer loses it. A file that
cannot be read is put aside and a new journal begun; the PC goes on.

An update that is undone leaves its journal to the version before: kinds of entries that it does not know are kept and
handed over, and a session that it cannot read is left alone. A newer version may therefore add kinds, and columns and
tables that need no value, and change nothing else.
"""

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
import structlog

from lovhub.protocol.entries import Entry, UnknownEntry, read_entry, written
from lovhub.protocol.lease import SignedLease
from lovhub.protocol.views import SessionView

log = structlog.get_logger("journal")

JOURNAL_FILE = "journal.sqlite3"
REMEMBERED_COMMANDS = 500
FORGET_SESSION_AFTER_SECONDS = 7 * 24 * 3600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    session_id INTEGER PRIMARY KEY, ticked_at INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS command (
    place INTEGER PRIMARY KEY AUTOINCREMENT, command_id TEXT UNIQUE NOT NULL
);
"""


class SessionRecord(msgspec.Struct, frozen=True):
    """A session as of its last tick, the moment `monotonic` within the boot `boot_id`.

    `stopped`: this PC closed it by itself, `stop_number` being the entry that tells the server so;
    `over`: nothing more to report. Kept a while even then, so that an old lease allows nothing new.
    `wall_at`: this PC's own clock at the tick. `restarted`: see `channel.ReportedSession`. `is_told`: the server may
    have heard that the PC was started anew, so it alone says whether the session goes on.
    """

    view: SessionView
    lease: SignedLease | None
    lease_serial: int
    played_seconds: int
    boot_id: str
    last_tick_at: int
    monotonic: float
    state: Literal["running", "paused", "stopped", "over"]
    stop_number: int = 0
    warned_minutes: int | None = None
    wall_at: float | None = None
    restarted: bool = False
    is_told: bool = False


class _AnySession(msgspec.Struct, frozen=True):
    """What the session of any version is: an object with a view."""

    view: dict[str, Any]


def _record_in(body: bytes) -> SessionRecord | None:
    """None for one that only a newer version understands; raises msgspec.MsgspecError for what is none."""
    try:
        return msgspec.json.decode(body, type=SessionRecord)
    except msgspec.ValidationError:
        msgspec.json.decode(body, type=_AnySession)
        log.warning("session_not_understood")
        return None


def _connect(path: Path | str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        (verdict,) = database.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(str(verdict))  # noqa: TRY301 - closed below like the rest
        database.executescript(_SCHEMA)
        for body in database.execute("SELECT body FROM entry").fetchall():
            read_entry(body[0])
        for body in database.execute("SELECT body FROM session").fetchall():
            _record_in(body[0])
    except BaseException:
        database.close()
        raise
    return database


def _put_aside(path: Path) -> Path:
    """Rename a damaged journal with its side files; returns its new name."""
    aside = path.with_name(f"{path.name}.damaged-{uuid.uuid4().hex[:8]}")
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    path.replace(aside)
    return aside


def _open_or_begin_anew(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """The journal, and the new name of the damaged one that it takes the place of, if any."""
    try:
        return _connect(path), None
    except sqlite3.OperationalError:
        raise
    except (sqlite3.DatabaseError, msgspec.MsgspecError):
        damaged_file = _put_aside(path)
        return _connect(path), damaged_file


class Journal:
    """The open journal. Raises sqlite3.OperationalError when the disk is full or read-only.

    `data_folder` None keeps it in memory, for the simulator's hundreds of PCs.
    """

    def __init__(self, data_folder: Path | None) -> None:
        self.damaged_file: Path | None = None
        if data_folder is None:
            self._database = _connect(":memory:")
        else:
            self._database, self.damaged_file = _open_or_begin_anew(data_folder / JOURNAL_FILE)
        self._database.execute(
            "INSERT OR IGNORE INTO fact (name, value) VALUES ('journal_id', ?)",
            (str(uuid.uuid4()),),
        )
        row = self._database.execute("SELECT value FROM fact WHERE name = 'journal_id'").fetchone()
        self.journal_id = str(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    # --- facts for the server ---------------------------------------------------------------------

    def append(
        self,
        make: Callable[[int], Entry],
        session: Callable[[int], SessionRecord] | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Entry:
        """Add a fact; `make` is given its number. On disk when this returns.

        `session`, given the same number, is what becomes of the session; `facts`: what is to be remembered with it. All
        is kept, or nothing.
        """
        self._database.execute("BEGIN IMMEDIATE")
        try:
            row = self._database.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = 'entry'"
            ).fetchone()
            entry = make((row[0] if row else 0) + 1)
            self._database.execute(
                "INSERT INTO entry (number, body) VALUES (?, ?)",
                (entry.number, bytes(written(entry))),
            )
            if session is not None:
                self.save_session(session(entry.number))
            for name, value in (facts or {}).items():
                self.remember(name, value)
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        return entry

    def pending(self, *, after: int = 0, limit: int = 100) -> tuple[Entry | UnknownEntry, ...]:
        """Facts not yet acknowledged, in ascending order."""
        rows = self._database.execute(
            "SELECT body FROM entry WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
        )
        return tuple(read_entry(row[0]) for row in rows)

    def acknowledge(self, number: int) -> None:
        """The server has everything up to and including `number`: forget it.

        A session whose stop was told in it is over now.
        """
        with self._tolerant():
            self._database.execute("DELETE FROM entry WHERE number <= ?", (number,))
            for row in self._database.execute("SELECT body FROM session").fetchall():
                record = _record_in(row[0])
                if record and record.state == "stopped" and record.stop_number <= number:
                    self.save_session(msgspec.structs.replace(record, state="over"))

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        """For what may be left undone on a full disk: games fill disks, and the PC must go on."""
        try:
            yield
        except sqlite3.OperationalError:
            log.exception("journal_not_written")

    # --- what is remembered under a name ----------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """What was remembered under this name."""
        row = self._database.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Keep it. On disk when this returns."""
        self._database.execute(
            "INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value)
        )

    # --- the session ------------------------------------------------------------------------------

    def save_session(self, record: SessionRecord) -> None:
        """Remember how far a session came. On disk when this returns."""
        self._database.execute(
            "INSERT OR REPLACE INTO session (session_id, ticked_at, body) VALUES (?, ?, ?)",
            (record.view.session_id, record.last_tick_at, msgspec.json.encode(record)),
        )

    def forget_old_sessions(self, server_now: int) -> None:
        """Drop sessions whose leases are long void."""
        before = server_now - FORGET_SESSION_AFTER_SECONDS
        with self._tolerant():
            self._database.execute("DELETE FROM session WHERE ticked_at < ?", (before,))

    def session(self, session_id: int) -> SessionRecord | None:
        """What is known of this session."""
        row = self._database.execute(
            "SELECT body FROM session WHERE session_id = ?", (session_id,)
        ).fetchone()
        return _record_in(row[0]) if row else None

    def open_session(self) -> SessionRecord | None:
        """The newest session that is not over: to be told in the hello."""
        rows = self._database.execute("SELECT body FROM session ORDER BY ticked_at DESC")
        for row in rows:
            record = _record_in(row[0])
            if record and record.state != "over":
                return record
        return None

    # --- commands ---------------------------------------------------------------------------------

    def first_time(self, command_id: str) -> bool:
        """Whether this command was never begun; from now on it was."""
        try:
            with self._tolerant():
                self._database.execute("INSERT INTO command (command_id) VALUES (?)", (command_id,))
                self._database.execute(
                    "DELETE FROM command WHERE place <= (SELECT max(place) FROM command) - ?",
                    (REMEMBERED_COMMANDS,),
                )
        except sqlite3.IntegrityError:
            return False
        return True
