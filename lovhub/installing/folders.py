"""Taking a folder over from accounts that could write in it."""

import fnmatch
import os
import secrets
import shutil
import stat
from collections.abc import Collection
from pathlib import Path


def take_over(folder: Path, kept: Collection[str], removed: Collection[str]) -> None:
    """Make files that have to be kept anew, so that they are ours, and remove what must not be believed (patterns).

    The folder is closed to others already; but whoever made a file still owns it, and may open it again, and a link
    may lead anywhere. Raises OSError.
    """
    for path in list(folder.iterdir()):
        is_kept = path.name in kept and path.is_file() and not is_link(path)
        if not is_kept and any(fnmatch.fnmatch(path.name, name) for name in (*removed, *kept)):
            remove(path)
    for path in [folder / name for name in kept if (folder / name).exists()]:
        content = path.read_bytes()
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def remove(path: Path) -> None:
    """A file, a folder with all that is in it, or a link and not what it leads to."""
    if path.is_dir() and not is_link(path):
        shutil.rmtree(path)
    elif path.is_dir() and not path.is_symlink():
        path.rmdir()  # a junction
    else:
        path.unlink()


def is_link(path: Path) -> bool:
    """A symbolic link, a junction, or whatever else leads elsewhere."""
    found = path.lstat()
    attributes = getattr(found, "st_file_attributes", 0)  # only under Windows
    return stat.S_ISLNK(found.st_mode) or bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)
