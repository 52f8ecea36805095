"""The running server's backups: one task at a time, in a thread of its own, and how far it has come."""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import structlog

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.backups import archive, away, folder, keys, rules, scratch, sealing, service
from lovhub.server.backups.continuous import Continuous
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.flaws import Flaws
from lovhub.server.backups.store import Settings, Store, StoreFailed
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.jobs.scheduler import Job

log = structlog.get_logger("backups")

LOOK_SECONDS = 60.0
AGAIN_SECONDS = 3600
"""A nightly backup that failed is tried again after so long."""

MOST_OUTCOMES = 20

State = Literal["working", "restarting", "done", "failed"]


@dataclass(frozen=True)
class Task:
    """Something under way, or the last thing that was.

    `code`: why it failed; `name`: the backup; `percent`: how much of it is done, where that is known.
    """

    what: Literal["backup", "check", "restore", "fetch"]
    name: str
    state: State = "working"
    step: str = ""
    percent: int | None = None
    code: str = ""
    detail: str = ""
    flaws: Flaws | None = None


@dataclass(frozen=True)
class WantedRestore:
    """A backup that is sound and waits for the server to stop."""

    key: str
    name: str
    files: dict[str, bytes] | None = field(repr=False)
    actor: Actor
    passphrase: str = field(default="", repr=False)


class Restorations:
    """What outlives the server's own restart: a restore to be done between two runs, and what came of it."""

    def __init__(self) -> None:
        self.stop: Callable[[], None] = lambda: None
        """Of the run under way."""
        self._wanted: WantedRestore | None = None
        self._tasks: dict[str, Task] = {}

    def stop_now(self) -> None:
        """Stop the run under way, without a restore after it."""
        self.stop()

    def want(self, wanted: WantedRestore) -> None:
        """Stop the server; whoever runs it restores and starts it again."""
        self._wanted = wanted
        self.stop()

    def take(self) -> WantedRestore | None:
        """What is to be restored now that the server has stopped, if anything."""
        wanted, self._wanted = self._wanted, None
        return wanted

    def note(self, key: str, task: Task) -> None:
        """How far the restore with this key has come."""
        self._tasks[key] = task
        for old in list(self._tasks)[:-MOST_OUTCOMES]:
            del self._tasks[old]

    def task(self, key: str) -> Task | None:
        """How far it has come; only who began it knows the key."""
        return self._tasks.get(key)


class Keeper:
    """Backups of a running club in the folder `data`."""

    def __init__(
        self,
        club: ClubContext,
        data: Path,
        restorations: Restorations,
        *,
        copies_log: bool = False,
        store: Settings = service.NO_STORE,
    ) -> None:
        self.club = club
        self.data = data
        self.restorations = restorations
        self.store = store
        self.visited: away.Visited | None = None
        """Of the first run: in memory only, since it has a stranger's keys in it until there is a club."""
        self.continuous = Continuous(club, data, is_on=copies_log)
        self._lock = threading.Lock()
        self._task: Task | None = None
        self._thread: threading.Thread | None = None
        self._tried_at: int | None = None

    @property
    def task(self) -> Task | None:
        """What is under way, or was last; None before the first."""
        return self._task

    def backups(self) -> list[folder.Backup]:
        """All backups, the newest first."""
        return folder.all_in(service.backups_of(self.data))

    def has_sound_backup(self) -> bool:
        """Whether any backup was checked and found whole."""
        return folder.any_sound(service.backups_of(self.data))

    def has_passphrase(self) -> bool:
        """Whether backups are sealed, and the club's keys go into them."""
        return (self.data / sealing.FILE_NAME).exists()

    def find(self, name: str) -> folder.Backup:
        """One of them; OperationRefused("backup_unknown")."""
        return folder.find(service.backups_of(self.data), name)

    def path_of(self, name: str) -> Path:
        """Its file; OperationRefused("backup_unknown")."""
        return folder.path_of(service.backups_of(self.data), name)

    def begin_backup(self, actor: Actor, kind: str = "by_hand") -> None:
        """Make one in the background. Raises OperationRefused("backup_busy")."""

        def work(progress: service.Progress) -> str:
            return service.make(
                self.club,
                self.data,
                kind=kind,
                actor=actor,
                store=self.store,
                progress=progress,
            ).name

        self._begin(Task("backup", ""), work)

    def begin_check(self, name: str) -> None:
        """Check one in the background. Raises OperationRefused: `backup_busy`, `backup_unknown`."""
        self.path_of(name)

        def work(progress: service.Progress) -> str:
            progress("checking")
            service.check_backup(self.club, self.data, name)
            return name

        self._begin(Task("check", name), work)

    def stored(self) -> list[away.Stored]:
        """The backups in the store, the newest first; asks it, so it may take a while.

        Raises OperationRefused: `store_` and a code of StoreFailed.
        """
        try:
            return away.stored(self._store())
        except StoreFailed as failure:
            raise OperationRefused(failure.refusal) from None

    def visit(self, settings: Settings) -> None:
        """Ask a store that `config.ini` need not name what lies there, and remember it (`visited`).

        Raises OperationRefused: `store_` and a code of StoreFailed.
        """
        self.visited = None
        if self._task is not None and self._task.state != "working":
            self._task = None  # what came of an earlier visit is no news of this one
        store = _usable(settings)
        try:
            self.visited = away.Visited(store, away.stored(store))
        except StoreFailed as failure:
            raise OperationRefused(failure.refusal) from None

    def begin_fetch_visited(self, key: str, passphrase: str) -> None:
        """Bring a backup home from the store that was asked last.

        Raises OperationRefused: `backup_busy`, `backup_unknown`, `invalid_fields` without the passphrase, which a
        machine that has no club yet cannot know.
        """
        visited = self.visited
        if visited is None or all(row.key != key for row in visited.rows):
            raise OperationRefused("backup_unknown")
        if not passphrase and sealing.read_key(self.data) is None:
            raise OperationRefused("invalid_fields", phrase="passphrase_needed")
        self._begin_fetch(visited.store, key, passphrase)

    def begin_fetch(self, key: str, passphrase: str) -> None:
        """Bring a backup home from the store, in the background. Raises OperationRefused("backup_busy")."""
        self._begin_fetch(self._store(), key, passphrase)

    def _begin_fetch(self, store: Store, key: str, passphrase: str) -> None:
        def told(come_bytes: int, expected_bytes: int | None) -> None:
            task = self._task
            if task is not None and expected_bytes:
                self._task = replace(task, percent=100 * come_bytes // expected_bytes)

        def work(progress: service.Progress) -> str:
            progress("fetching")
            try:
                return away.fetch(
                    self.data,
                    store,
                    key,
                    passphrase=passphrase,
                    now=self.club.clock.now(),
                    told=told,
                )
            except OperationRefused as refused:
                if refused.code == "passphrase_needed":
                    other = StoreFailed("other_passphrase")
                    raise OperationRefused(other.refusal) from None
                raise
            except StoreFailed as failure:
                raise OperationRefused(failure.refusal) from None

        self._begin(Task("fetch", key), work)

    def _store(self) -> Store:
        return _usable(self.store)

    def begin_restore(
        self, name: str, *, passphrase: str, without_keys: bool, confirmed: str, actor: Actor
    ) -> str:
        """Check the backup, then have the server stop, restore it and go on; returns the key to ask with.

        `confirmed`: the club's name as somebody typed it; there is nothing to confirm before the club is
        founded. `without_keys`: the keys in the backup stay sealed. Raises
        OperationRefused: `backup_busy`, `backup_unknown`, `backup_damaged`, `invalid_fields`.
        """
        path = self.path_of(name)
        club_name = service.club_name(self.club)
        if club_name and not rules.confirms(confirmed, club_name):
            raise OperationRefused("invalid_fields", confirmed="confirmation_wrong")
        files, passphrase = self._unsealed(path, passphrase, without_keys=without_keys)
        key = secrets.token_urlsafe(24)

        def work(progress: service.Progress) -> str:
            progress("checking")
            with scratch.sound_copy(path, self.data, self.club.database, passphrase=passphrase):
                pass
            return name

        def after(task: Task) -> None:
            self.restorations.note(key, task)
            if task.state == "restarting":
                log.warning("restoring", backup=name)
                self.restorations.want(WantedRestore(key, name, files, actor, passphrase))

        self._begin(Task("restore", name), work, after)
        return key

    def _unsealed(
        self, path: Path, passphrase: str, *, without_keys: bool
    ) -> tuple[dict[str, bytes] | None, str]:
        """The keys in it, if they are wanted, and the passphrase, "" where it opened nothing.

        The restored club may go on sealing with it: with what somebody typed into a backup that needs none, never.
        """
        own = sealing.read_key(self.data)
        try:
            sealed = None if without_keys else archive.sealed_keys(path)
            is_asked_for = sealed is not None or archive.needs_passphrase(path, own)
            if is_asked_for and not passphrase:
                raise OperationRefused("invalid_fields", phrase="passphrase_needed")
            archive.try_passphrase(path, passphrase=passphrase, key=own)
        except (OSError, BadArchive) as error:
            raise OperationRefused("backup_damaged") from error
        files = None if sealed is None else keys.opened(sealed, passphrase)
        return files, passphrase if is_asked_for else ""

    def _begin(
        self,
        task: Task,
        work: Callable[[service.Progress], str],
        after: Callable[[Task], None] = lambda _task: None,
    ) -> None:
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise OperationRefused("backup_busy")
            self._task = task
            after(task)
            self._thread = threading.Thread(
                target=self._run, args=(work, after), name="backups", daemon=True
            )
            self._thread.start()

    def _run(self, work: Callable[[service.Progress], str], after: Callable[[Task], None]) -> None:
        task = self._task
        if task is None:
            raise RuntimeError("a task begins before its thread")

        def progress(step: str) -> None:
            self._task = replace(self._task or task, step=step, percent=None)
            after(self._task)

        try:
            name = work(progress)
        except OperationRefused as refusal:
            reason = str(refusal.values.get("reason", ""))
            code = str(refusal.values.get("phrase") or refusal.code)
            ended = replace(task, state="failed", code=code, detail=reason)
        except scratch.Unsound as unsound:
            ended = replace(
                task,
                state="failed",
                code=unsound.code,
                detail=unsound.detail,
                flaws=unsound.flaws,
            )
        except Exception:
            log.exception("backup_task_failed", what=task.what)
            ended = replace(task, state="failed", code="server_error")
        else:
            ended = replace(
                task, name=name, state="restarting" if task.what == "restore" else "done"
            )
        self._task = ended
        after(ended)

    def wait(self, seconds: float | None = None) -> None:
        """Until what is under way is done."""
        if self._thread is not None:
            self._thread.join(seconds)

    def jobs(self, leads_database: Callable[[], bool] = lambda: True) -> list[Job]:
        """The nightly backup, once it is due; the copy of the log, if it is asked for.

        `leads_database`: whether this server is the one that does what is done for all clubs of the database: a
        backup has them all in it.
        """

        def look() -> None:
            if leads_database():
                self._look()

        return [Job("nightly_backup", LOOK_SECONDS, look), *self.continuous.jobs()]

    def _look(self) -> None:
        now = self.club.clock.now()
        with self.club.read() as db:
            row = db.get(Club, self.club.club_id)
            if row is None or self._was_just_tried(now):
                return
            due_at = rules.last_due_at(now, row.backup_at, row.time_zone)
            elsewhere_at = service.made_elsewhere_at(db, due_at, now)
        # Whoever led when it was due may be gone; what it has made of the same database is this night's all the same.
        made = [b.made_at for b in self.backups() if b.kind in rules.CHECKED_KINDS]
        newest_at = rules.newest_up_to(now, [*(made or [row.created_at]), elsewhere_at or 0])
        if (newest_at or 0) >= due_at:
            self._check_what_an_update_left()
            return
        self._tried_at = now
        try:
            self.begin_backup(SYSTEM, "nightly")
        except OperationRefused:
            log.info("nightly_backup_waits")

    def _was_just_tried(self, now: int) -> bool:
        return self._tried_at is not None and 0 <= now - self._tried_at < AGAIN_SECONDS

    def _check_what_an_update_left(self) -> None:
        """No start waits for a check; so the copy made before a migration is checked once the server runs."""
        name = next(
            (
                backup.name
                for backup in self.backups()
                if backup.check is None and rules.was_made_by_an_update(backup.name)
            ),
            None,
        )
        if name is None:
            return

        def work(progress: service.Progress) -> str:
            progress("checking")
            service.check_update(self.club, self.data, name)
            return name

        with suppress(OperationRefused):  # something else is under way: at the next look
            self._begin(Task("check", name), work)


def _usable(settings: Settings) -> Store:
    if settings.store is None:
        code = "settings_wrong" if settings.wrong else "none"
        raise OperationRefused(StoreFailed(code).refusal)
    return settings.store
