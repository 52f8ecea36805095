"""Emptying folders of a player's profile: within it, without following what points out of it."""

import contextlib
import fnmatch
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import structlog

from lovhub import traces

log = structlog.get_logger("traces")

ASIDE = ".lovhub-gone"
"""Where what is to go is put first: out of sight at once, and gone when it is."""


def sweep(profile: Path, lines: Iterable[str]) -> int:
    """Empty the folders and remove the files that the lines name; returns how many things would not go.

    First everything is only put aside, which takes no time; then it is removed.
    """
    if _is_link(profile) or not profile.is_dir():
        return 0
    aside = profile / ASIDE
    left = 0
    if not _is_link(aside):
        with contextlib.suppress(FileExistsError):
            aside.mkdir(mode=0o700)
    for line in lines:
        parts = traces.parts_of(line)
        if parts is None:
            log.warning("trace_refused", line=line)
            continue
        for found in _find(profile, parts):
            left += _empty(found, aside)
    if not _is_link(aside):
        left += _remove(aside)
    return left


def _find(folder: Path, parts: tuple[str, ...]) -> list[Path]:
    """What lies at the end of the way, on which nothing is a link."""
    name, *rest = parts
    found = []
    for entry in _children(folder):
        if not fnmatch.fnmatch(entry.name, name):
            continue
        if _is_link(entry):
            log.info("trace_is_a_link", path=str(entry))
        elif not rest:
            found.append(entry)
        elif entry.is_dir():
            found += _find(entry, tuple(rest))
    return found


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _empty(path: Path, aside: Path) -> int:
    """Remove a file, or what is in a folder; the folder stays."""
    things = _children(path) if path.is_dir() else [path]
    return sum(_put_aside(thing, aside) for thing in things)


def _put_aside(path: Path, aside: Path) -> int:
    if not _is_link(aside):
        with contextlib.suppress(OSError):  # in use, or on another disk
            path.rename(aside / secrets.token_hex(8))
            return 0
    return _remove(path)


def _remove(path: Path) -> int:
    """Remove it with all that is in it; a link goes, what it leads to stays. Returns how much would not go."""
    left: list[str] = []
    if _is_link(path) or not path.is_dir():
        _try(left, path, lambda: _unlink(path))
    else:
        shutil.rmtree(path, onerror=lambda *failure: _try_again(left, *failure))
    return len(left)


def _try_again(left: list[str], function: Callable[..., Any], path: str, _error: object) -> None:
    """A file that may not be written may not be removed under Windows, either."""
    if function in (os.unlink, os.rmdir):
        _try(left, Path(path), lambda: _unlink(Path(path)))
    elif os.path.lexists(path):
        left.append(path)


def _try(left: list[str], path: Path, remove: Callable[[], None]) -> None:
    try:
        remove()
    except FileNotFoundError:
        pass
    except OSError as error:
        log.info("trace_left", path=str(path), reason=str(error))
        left.append(str(path))


def _unlink(path: Path) -> None:
    if sys.platform == "win32" and not _is_link(path):
        with contextlib.suppress(OSError):
            path.chmod(stat.S_IWRITE)
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()


def _is_link(path: Path) -> bool:
    """A symbolic link, a junction, or whatever else leads elsewhere."""
    try:
        found = path.lstat()
    except OSError:
        return False
    attributes = getattr(found, "st_file_attributes", 0)  # only under Windows
    return stat.S_ISLNK(found.st_mode) or bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)
