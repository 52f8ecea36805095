"""Importing large parts of the program quickly, and starting more of the same version."""

import contextlib
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE_FILE = "package.json"
"""Beside the modules of a version that came as an update: what it is, and what it needs."""

LIBRARIES_FOLDER = "libraries"
"""Beside them: libraries that such a version brings with it, in place of the installed ones."""

_UTF_8 = ("-X", "utf8")
"""Windows' own encoding of files and pipes may have no Cyrillic letters."""

_FROM_FOLDER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from lovhub.cli import main; sys.exit(main())"
)


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Import in this block: what is imported stays, and looking through it for garbage is a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def command_from(folder: Path, *words: str) -> list[str]:
    """How a program of the version that lies in this folder is started, whichever is installed."""
    return [sys.executable, *_UTF_8, "-P", "-c", _FROM_FOLDER, str(folder), *words]


def own_libraries() -> Path:
    """Where the libraries lie that this version has brought; most have none."""
    return Path(__file__).resolve().parents[1] / LIBRARIES_FOLDER


def use_own_libraries() -> None:
    """Import from there what lies there; called before any library is imported."""
    folder = own_libraries()
    if folder.is_dir() and (folder.parent / PACKAGE_FILE).exists():
        sys.path.insert(0, str(folder))


def own_command(*words: str) -> list[str]:
    """How another program of this same version is started."""
    folder = Path(__file__).resolve().parents[1]
    if (folder / PACKAGE_FILE).exists():
        return command_from(folder, *words)
    return [sys.executable, *_UTF_8, "-m", "lovhub", *words]
