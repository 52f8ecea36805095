"""`lovhub backup` and the store: what lies there, and bringing it home."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from gettext import gettext as _
from pathlib import Path

from lovhub import config_loader
from lovhub.clock import SystemClock
from lovhub.server.backups import away, store
from lovhub.server.backups.store import Settings, Store, StoreFailed
from lovhub.server.console import say
from lovhub.server.errors import OperationRefused

MARK = "s3:"
"""Before the name of a backup that lies in the store."""


class WrongOption(Exception):
    """An option of `[S3]` that cannot be used: its name."""


def settings(data: Path, file: Path | None) -> Settings:
    """What `[S3]` says in `file`, or in the `config.ini` of the folder `data`."""
    path = data / config_loader.FILE_NAME if file is None else file.resolve()
    return store.read(config_loader.read(path).s3, path.parent, SystemClock().now)


def list_stored(data: Path, file: Path | None) -> int:
    """Say what lies in the store; raises StoreFailed, WrongOption."""
    rows = away.stored(_store(data, file))
    for row in rows:
        made = datetime.fromtimestamp(row.made_at, UTC).astimezone()
        say(f"{made:%d.%m.%Y %H:%M}  {row.size_bytes / 1e6:8.1f} МБ  {row.key}")
    if not rows:
        say(_("Копий нет."))
    return 0


def fetch(data: Path, named: str, file: Path | None, passphrase: Callable[[], str]) -> str:
    """Bring home what is meant, the newest for ""; its name here. `passphrase` is asked only where it is needed.

    Raises StoreFailed, WrongOption, OSError, OperationRefused.
    """
    there = _store(data, file)
    try:
        own = away.own_folder(data)
    except OSError:
        own = ""  # a new machine
    now = int(time.time())
    key = away.chosen(away.stored(there), named, own, now).key
    try:
        return away.fetch(data, there, key, passphrase="", now=now)
    except OperationRefused as refused:
        if refused.code != "passphrase_needed":
            raise
    return away.fetch(data, there, key, passphrase=passphrase(), now=now)


def _store(data: Path, file: Path | None) -> Store:
    found = settings(data, file)
    if found.wrong:
        raise WrongOption(found.wrong)
    if found.store is None:
        raise StoreFailed("none")
    return found.store
