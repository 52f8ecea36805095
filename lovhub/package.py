"""What a PC gets of LoVHub: in its installer, and as an update, which is a zip of our own modules.

A package names the libraries that its version was tested with. A PC that has others takes it only if the package brings
them along, for its system and its Python; else that version needs the installer.
"""

import importlib.metadata
import io
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from lovhub import __version__
from lovhub.loading import LIBRARIES_FOLDER, PACKAGE_FILE

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

NOT_BROUGHT = frozenset({"pywin32"})
"""The installer puts parts of it beside Windows' Python, where an update does not reach."""

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = {".po", ".pyc"}


class Package(msgspec.Struct, frozen=True):
    """`package.json` of a version: what it is, and with which libraries it was tested.

    `libraries_for`: the system and Python (`this_python`) for which it brings libraries; "" if it brings none.
    """

    version: str
    needs: dict[str, str] = {}
    needs_on_windows: dict[str, str] = {}
    libraries_for: str = ""


def this_python() -> str:
    """The system and Python of this process: libraries made for another do not work here."""
    return f"{sys.platform}-{sys.version_info.major}.{sys.version_info.minor}"


def make_package(
    modules: Path = Path(__file__).parent,
    version: str = __version__,
    instead: Mapping[str, str] | None = None,
    libraries: Path | None = None,
    libraries_for: str = "",
) -> bytes:
    """The package of the modules that lie there; the same modules give the same bytes.

    `instead`: texts of some files by their paths, in place of what lies there: for tests. `libraries`: a folder into
    which pip has installed the libraries that are to come along, for the system and Python `libraries_for`.
    """
    about = Package(version, dict(LIBRARIES), dict(LIBRARIES_OF_WINDOWS), libraries_for)
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
    if libraries is not None:
        for name in _installed_files(libraries):
            files[f"{LIBRARIES_FOLDER}/{name}"] = (libraries / name).read_bytes()
    files |= {path: text.encode() for path, text in (instead or {}).items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _installed_files(libraries: Path) -> Iterator[str]:
    """What belongs to a library there and is not made anew; paths within the folder."""
    for library in importlib.metadata.distributions(path=[str(libraries)]):
        for file in library.files or () if library.name.lower() not in NOT_BROUGHT else ():
            if not {"..", "__pycache__"} & set(file.parts) and (libraries / file).is_file():
                yield file.as_posix()


def version_of(package: bytes) -> str:
    """Which version a package says that it is; "" for what is no package."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            return msgspec.json.decode(archive.read(PACKAGE_FILE), type=Package).version
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, msgspec.MsgspecError):
        return ""
