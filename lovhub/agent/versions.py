"""Versions of the agent and launcher that lie on this PC beside the installed one, and which of them runs.

    versions/0.2.0-5d41402abc4b/   what came as an update, laid there whole or not at all; libraries that it brings, too
    versions/state.json            which of them runs; none: the installed one

A power cut leaves a working version at every moment: a folder gets its name when all of it is on the disk; `state.json`
is replaced whole; the installed version is never touched. A new version is on trial until it has reported to the server
(`confirm`); the starter ends a trial that fails (`roll_back`). The agent writes when it lays and confirms, the starter
when no agent runs.
"""

import importlib.metadata
import io
import os
import re
import shutil
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from lovhub import __version__
from lovhub.loading import LIBRARIES_FOLDER, PACKAGE_FILE, own_libraries
from lovhub.package import MODULES, Package, this_python
from lovhub.protocol.updates import UpdateRefused, UpdateStatement, is_newer, version_key

FOLDER = "versions"
STATE_FILE = "state.json"
MOST_TRIAL_STARTS = 2
"""A power cut must not condemn a version, but one that brings the PC down each time must not come up for ever."""

MOST_FILES = 5_000
MOST_UNPACKED_BYTES = 256 * 1024 * 1024
_FAILURES_KEPT = 10


class Outcome(msgspec.Struct, frozen=True):
    """What became of the version that was offered last; the server is told until it knows."""

    version: str
    state: Literal["done", "rolled_back"]
    why: str = ""


class State(msgspec.Struct, frozen=True):
    """`state.json`. Names are those of folders, "" the installed version. `failed`: name → why."""

    current: str = ""
    previous: str = ""
    on_trial: bool = False
    trial_starts: int = 0
    failed: dict[str, str] = {}
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Laid:
    """A version that lies here."""

    folder: Path
    version: str


def name_of(statement: UpdateStatement) -> str:
    """The folder of this package: another package of the same version is another folder."""
    return f"{statement.version}-{statement.sha256.hex()[:12]}"


class Versions:
    """Those of one PC, in the folder where its key lies. `open_up`: lets players read one (`Seat.let_read`)."""

    def __init__(
        self,
        lasting: Path,
        installed: str = __version__,
        open_up: Callable[[Path], None] = lambda _folder: None,
    ) -> None:
        self._folder = lasting / FOLDER
        self._installed = installed
        self._open_up = open_up

    def state(self) -> State:
        """As it stands; a file that cannot be read says nothing, and the installed version runs."""
        try:
            return msgspec.json.decode((self._folder / STATE_FILE).read_bytes(), type=State)
        except (OSError, msgspec.MsgspecError):
            return State()

    # --- the agent's -------------------------------------------------------------------------------

    def is_current_here(self) -> bool:
        """Whether the version that runs is the chosen one; not so where the starter could not count its start."""
        return _version_in(self.state().current) == self._installed

    def has_failed(self, statement: UpdateStatement) -> bool:
        """Whether just this package was tried here and given up."""
        return name_of(statement) in self.state().failed

    def lay(self, statement: UpdateStatement, package: bytes) -> None:
        """Unpack it beside the others; nothing runs it yet. Raises UpdateRefused: `package`, `needs`; OSError."""
        name = name_of(statement)
        fresh = self._folder / f"{name}.new"
        with _opened(package) as archive:
            about, paths = _checked(archive)
            if about.version != statement.version:
                raise UpdateRefused("package")
            self._folder.mkdir(parents=True, exist_ok=True)
            for folder in (fresh, self._folder / name):
                shutil.rmtree(folder, ignore_errors=True)
            fresh.mkdir(exist_ok=True)
            self._open_up(fresh)
            for path in paths:
                _write(fresh.joinpath(*PurePosixPath(path).parts), archive.read(path))
        _compile(fresh)
        for folder in (*(path for path in fresh.rglob("*") if path.is_dir()), fresh):
            _settle(folder)
        fresh.rename(self._folder / name)
        _settle(self._folder)

    def put_on_trial(self, statement: UpdateStatement) -> None:
        """From the next start on, this one runs, on trial."""
        before = self.state()
        name = name_of(statement)
        self._write(
            msgspec.structs.replace(
                before,
                current=name,
                previous=before.current,
                on_trial=True,
                trial_starts=0,
                failed={key: why for key, why in before.failed.items() if key != name},
            )
        )

    def confirm(self) -> None:
        """The version that runs has reported: it stays. All but it and the one before are removed."""
        before = self.state()
        if not before.on_trial:
            return
        outcome = Outcome(_version_in(before.current), "done")
        self._write(
            msgspec.structs.replace(before, on_trial=False, trial_starts=0, outcome=outcome)
        )
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in {before.current, before.previous}:
                shutil.rmtree(path, ignore_errors=True)

    # --- the starter's -----------------------------------------------------------------------------

    def choose(self) -> Laid | None:
        """Which version is to be started now, None for the installed one; a start on trial is counted."""
        state = self.state()
        laid = self._laid(state.current)
        if laid is None:
            if state.current:
                # Gone, or the installer has brought a newer one since.
                self._write(State(failed=state.failed, outcome=state.outcome))
            return None
        if not state.on_trial:
            return laid
        if state.trial_starts >= MOST_TRIAL_STARTS:
            self.roll_back("restarts")
            return self.choose()
        self._write(msgspec.structs.replace(state, trial_starts=state.trial_starts + 1))
        return laid

    def roll_back(self, why: str) -> None:
        """The version that runs is given up: the one before it runs from now on. `why`: a code."""
        before = self.state()
        if not before.current:
            return
        failed = {**before.failed, before.current: why}
        while len(failed) > _FAILURES_KEPT:
            del failed[next(iter(failed))]
        outcome = Outcome(_version_in(before.current), "rolled_back", why)
        self._write(State(current=before.previous, failed=failed, outcome=outcome))

    def _laid(self, name: str) -> Laid | None:
        """The version of this name, if it is whole and newer than the installed one."""
        if not name or name != Path(name).name:
            return None
        folder = self._folder / name
        try:
            about = msgspec.json.decode((folder / PACKAGE_FILE).read_bytes(), type=Package)
            if is_newer(about.version, self._installed):
                return Laid(folder, about.version)
        except (OSError, msgspec.MsgspecError, UpdateRefused):
            pass
        return None

    def _write(self, state: State) -> None:
        # Only who writes needs the system's part, and most starts write nothing.
        from lovhub.agent.platform import write_private_file  # noqa: PLC0415

        self._folder.mkdir(parents=True, exist_ok=True)
        write_private_file(self._folder / STATE_FILE, msgspec.json.encode(state))


def _version_in(name: str) -> str:
    return name.partition("-")[0]


_SPOILT = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)
"""What `zipfile` raises for an archive whose bytes are not what they were."""


@contextmanager
def _opened(package: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive; raises UpdateRefused for what is none, and for whatever is found spoilt while it is open."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            yield archive
    except _SPOILT as error:
        raise UpdateRefused("package") from error


def _checked(archive: zipfile.ZipFile) -> tuple[Package, list[str]]:
    """What it is, and the paths that belong on this PC's disk.

    Raises UpdateRefused: `package`, also for a path that leads elsewhere; `needs`.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    paths = [entry.filename for entry in entries]
    total = sum(entry.file_size for entry in entries)
    if len(paths) > MOST_FILES or total > MOST_UNPACKED_BYTES or not all(map(_is_ours, paths)):
        raise UpdateRefused("package")
    about = _about(archive, paths)
    if about.libraries_for != this_python():
        paths = [path for path in paths if not path.startswith(f"{LIBRARIES_FOLDER}/")]
    _check_needs(about, _brought(paths))
    return about, paths


def _is_ours(path: str) -> bool:
    parts = path.split("/")
    is_plain = all(part not in {"", ".", ".."} for part in parts) and not set(path) & set(
        '\\:*?"<>|'
    )
    is_library = len(parts) > 1 and parts[0] == LIBRARIES_FOLDER and parts[1] != MODULES
    return is_plain and (parts[0] == MODULES or is_library or path == PACKAGE_FILE)


def _about(archive: zipfile.ZipFile, paths: list[str]) -> Package:
    if not {PACKAGE_FILE, f"{MODULES}/cli.py"} <= set(paths):
        raise UpdateRefused("package")
    try:
        about = msgspec.json.decode(archive.read(PACKAGE_FILE), type=Package)
    except msgspec.MsgspecError as error:
        raise UpdateRefused("package") from error
    version_key(about.version)
    return about


_METADATA = re.compile(rf"{LIBRARIES_FOLDER}/([^/]+)-([^/-]+)\.dist-info/METADATA")


def _brought(paths: list[str]) -> dict[str, str]:
    """The libraries that come along, by their names as requirements write them: their versions."""
    found = filter(None, map(_METADATA.fullmatch, paths))
    return {re.sub(r"[-_.]+", "-", one[1]).lower(): one[2] for one in found}


def _check_needs(about: Package, brought: Mapping[str, str]) -> None:
    """What it needs and does not bring must have come with the installer."""
    needs = dict(about.needs)
    if sys.platform == "win32":
        needs |= about.needs_on_windows
    for library, version in needs.items():
        if (brought[library] if library in brought else _installed(library)) != version:
            raise UpdateRefused("needs")


def _installed(library: str) -> str:
    """Its version as installed; what the version that runs has brought goes with that version."""
    path = [folder for folder in sys.path if folder != str(own_libraries())]
    found = importlib.metadata.distributions(name=library, path=path)
    return next((one.version for one in found), "")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _compile(folder: Path) -> None:
    """What Python would make of each module at each start: the launcher may not write here, and would keep none of it.

    A module that cannot be compiled is left to whoever imports it.
    """
    import compileall  # noqa: PLC0415 (seldom)

    compileall.compile_dir(folder, quiet=2)
    for path in folder.rglob("*.pyc"):
        with path.open("r+b") as file:
            os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Have the names in the folder on the disk; Windows does that by itself, and lets nobody ask."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
