"""What a PC gets of LoVHub: in its installer, and as an update, which is a zip of our own modules.

The libraries come with the installer only. So a package names those that its version was tested with, and a PC that has
others does not take it.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lovhub import __version__
from lovhub.loading import PACKAGE_FILE

MODULES = "lovhub"
NOT_ON_A_PC = ("server", "simulator")
"""A gaming PC gets nothing of the server's: there is nothing in it to look for."""

LIBRARIES: Mapping[str, str] = {
    "cryptography": "50.0.2",
    "msgspec": "0.22.0",
    "psutil": "7.2.2",
    "pyside6-essentials": "6.12.0",
    "structlog": "26.1.0",
    "websockets": "17.4",
    "zeroconf": "0.154.0",
}
"""The libraries that a PC's programs import, as pinned; a test compares this with the requirements."""

LIBRARIES_OF_WINDOWS: Mapping[str, str] = {"pywin32": "312"}

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = {".po", ".pyc"}


class Package(msgspec.Struct, frozen=True):
    """`package.json` of a version: what it is, and with which libraries it was tested."""

    version: str
    needs: dict[str, str] = {}
    needs_on_windows: dict[str, str] = {}


def make_package(
    modules: Path = Path(__file__).parent,
    version: str = __version__,
    instead: Mapping[str, str] | None = None,
) -> bytes:
    """The package of the modules that lie there; the same modules give the same bytes.

    `instead`: texts of some files by their paths, in place of what lies there: for tests.
    """
    about = Package(version, dict(LIBRARIES), dict(LIBRARIES_OF_WINDOWS))
    files = {PACKAGE_FILE: msgspec.json.encode(about)}
    for path in modules.rglob("*"):
        inside = path.relative_to(modules)
        if (
            path.is_file()
            and inside.parts[0] not in NOT_ON_A_PC
            and path.suffix not in _LEFT_OUT
            and "__pycache__" not in inside.parts
        ):
            files[f"{MODULES}/{inside.as_posix()}"] = path.read_bytes()
    files |= {path: text.encode() for path, text in (instead or {}).items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def version_of(package: bytes) -> str:
    """Which version a package says that it is; "" for what is no package."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            return msgspec.json.decode(archive.read(PACKAGE_FILE), type=Package).version
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, msgspec.MsgspecError):
        return ""
