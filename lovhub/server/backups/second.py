"""The second folder: another disk, a network drive, a stick. The same backups, compared after they were written.

A club's own backups there are kept like those at home. Whatever else lies there, another club's too, is left alone.
"""

import os
import shutil
import sys
from pathlib import Path

from lovhub.server.backups import archive, folder, rules
from lovhub.server.backups.folder import Check


class NotTheSame(OSError):
    """What lies there now is not what was written."""


def lay(second: Path, path: Path, check: Check | None, keep: int, now: int) -> int:
    """Copy the backup there, read it again, and remove what is too old there; returns how many were removed.

    Raises OSError; then nothing half-written lies there, and nothing was removed.
    """
    target = second / path.name
    part = second / f".{path.name}.part"
    fingerprint = archive.sha256_of(path)
    if target.exists() and archive.sha256_of(target) != fingerprint:
        raise NotTheSame("another backup of this name is there")
    try:
        shutil.copyfile(path, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
            _forget_what_is_cached(file.fileno())
        if archive.sha256_of(part) != fingerprint:
            raise NotTheSame("it reads otherwise than it was written")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    if check is not None:
        folder.write_check(second, path.name, check)
    return len(_remove_old(second, folder.find(second, path.name).club_name, keep, now))


def _remove_old(second: Path, club_name: str, keep: int, now: int) -> list[str]:
    own = [backup.kept for backup in folder.all_in(second) if backup.club_name == club_name]
    names = rules.to_remove(own, keep, now)
    for name in names:
        folder.remove(second, name)
    return names


def _forget_what_is_cached(descriptor: int) -> None:
    """Let the next reading be of the disk, where the system can be asked for it."""
    if sys.platform == "linux":
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def seen(second: Path, now: int) -> tuple[int, int | None]:
    """How many backups lie there, and when the newest was made, by their names alone; raises OSError."""
    names = [path.name for path in second.iterdir() if rules.is_dated(path.name)]
    made = (at for at in map(rules.made_at_of, names) if at is not None)
    return len(names), rules.newest_up_to(now, made)
