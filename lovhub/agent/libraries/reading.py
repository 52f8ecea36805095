"""Files and folders that a player may have made: read as far as is sensible, and never waited for."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from lovhub.agent.libraries.programs import Program

ON_WINDOWS = os.name == "nt"

LARGEST_FILE_BYTES = 512 * 1024
"""Manifests have a few kilobytes."""

MOST_FILES = 2000
MOST_ENTRIES = 4000
DEEPEST = 4

_LOCAL = re.compile(r"[A-Za-z]:[\\/](?![\\/])")
_BYTE_ORDERS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ONLY_A_FILE = (
    getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def text_of(file: Path) -> str | None:
    """The file's text; None if it is none, too large or not to be read. A pipe or a link is not opened."""
    try:
        handle = os.open(file, os.O_RDONLY | _ONLY_A_FILE)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with os.fdopen(os.dup(handle), "rb") as opened:
            data = opened.read(LARGEST_FILE_BYTES + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
    if len(data) > LARGEST_FILE_BYTES:
        return None
    encoding = next((name for mark, name in _BYTE_ORDERS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, errors="replace")


def texts_of(folder: Path, pattern: str) -> Iterator[str]:
    """The text of each file of this folder whose name is like `pattern`."""
    for name in sorted(entry.name for entry in _entries(folder) if fnmatch(entry.name, pattern)):
        text = text_of(folder / name)
        if text is not None:
            yield text


def is_local(path: str) -> bool:
    """Whether this names a folder of this PC from its root.

    A share would be opened with the PC's own account, by whoever wrote its name into Steam's file.
    """
    if ON_WINDOWS:
        return _LOCAL.match(path) is not None
    return path.startswith("/") and not path.startswith("//")


def is_plain_name(name: str) -> bool:
    """Whether this is the name of a folder, and leads nowhere else."""
    return name not in {"", ".", ".."} and not re.search(r'[\\/:*?"<>|\x00-\x1f]', name)


def programs_below(folder: Path) -> list[Program]:
    """The `.exe` files in this folder and not too deep below it: level by level, so that the nearest are found."""
    found: list[Program] = []
    level, seen = [folder] if _is_no_link(folder) else [], 0
    for depth in range(DEEPEST + 1):
        below: list[Path] = []
        for place in level:
            for entry in _entries(place):
                seen += 1
                if seen > MOST_ENTRIES:
                    return found
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        below.append(Path(entry.path))
                    elif entry.name.lower().endswith(".exe"):
                        size = entry.stat(follow_symlinks=False).st_size
                        found.append(Program(entry.name, depth, size))
        level = below
    return found


def _is_no_link(folder: Path) -> bool:
    try:
        return not folder.is_symlink()
    except (OSError, ValueError):  # a name that no disk takes
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, MOST_FILES))
    except (OSError, ValueError):
        return []
