"""The list of what an installation has changed.

It lies beside the programs, where only administrators write: whoever could write it could have anything undone
with an administrator's rights.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from lovhub.installing.changes import AnyChange
from lovhub.installing.machine import Machine

FILE_NAME = "installed.json"


class _File(msgspec.Struct):
    settings: dict[str, str] = {}
    changes: list[AnyChange] = []


class Manifest:
    """What was asked for at the installation (`settings`), and what it has changed, the earliest first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        try:
            self._file = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            self._file = _File()

    @property
    def settings(self) -> dict[str, str]:
        """As they were given last: an upgrade asks for nothing anew."""
        return self._file.settings

    @property
    def changes(self) -> list[AnyChange]:
        """The earliest first."""
        return self._file.changes

    def remember(self, settings: dict[str, str]) -> None:
        """Write down what was asked for."""
        self._file.settings = settings
        self._write()

    def make(self, machine: Machine, changes: Iterable[AnyChange]) -> list[str]:
        """Do them, each written down before it is done: a power cut leaves nothing that is not known of.

        Returns what a person must do by hand, since Windows refused it and it is no reason to give up.
        """
        left: list[str] = []
        for change in changes:
            try:
                change.look(machine)
                self._file.changes.append(change)
                self._write()
                change.do(machine)
            except OSError as error:
                if not change.by_hand:
                    raise
                left.append(f"{change.by_hand} ({error})")
            self._write()
        return left

    def undo(self, machine: Machine) -> list[str]:
        """Undo all that can be, the latest first; returns what could not, and keeps it in the list."""
        failures: list[str] = []
        left: list[AnyChange] = []
        for change in reversed(self._file.changes):
            try:
                change.undo(machine)
            except OSError as error:
                failures.append(f"{change}: {error}")
                left.insert(0, change)
        self._file.changes = left
        self._write()
        return failures

    def forget(self) -> None:
        """Remove the list itself."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _write(self) -> None:
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(self._file)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
