"""`lovhub agent install`, `stop`, `image` and `uninstall`: a gaming PC under Windows, called by its installer.

The agent starts when the player's account signs in, as that account; its data folder is open to that account and to
administrators. What the account may not do is set in its own part of the registry, where it cannot change it.
"""

import argparse
import os
import shutil
from pathlib import Path

from lovhub.agent.platform import FolderLock
from lovhub.agent.platform.common import FolderInUse
from lovhub.agent.settings import parse_address
from lovhub.config_loader import FILE_NAME, set_option
from lovhub.installing.changes import AnyChange, Folder, Value
from lovhub.installing.command import install, programs_folder, this_machine, told, uninstall
from lovhub.installing.machine import ADMINISTRATORS, SYSTEM, USERS, InstallRefused, Machine
from lovhub.installing.manifest import Manifest

COMMANDS = ("install", "stop", "image", "uninstall")

_RUN = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
_POLICIES = r"Software\Microsoft\Windows\CurrentVersion\Policies"
_ACCESSIBILITY = r"Control Panel\Accessibility"
_WHOLE, _CHANGE = "(OI)(CI)F", "(OI)(CI)M"

FORBIDDEN: tuple[tuple[str, str, str | int], ...] = (
    (rf"{_POLICIES}\System", "DisableTaskMgr", 1),
    (rf"{_POLICIES}\System", "DisableLockWorkstation", 1),
    (rf"{_POLICIES}\System", "DisableChangePassword", 1),
    (rf"{_POLICIES}\System", "DisableRegistryTools", 1),
    (rf"{_POLICIES}\Explorer", "NoLogoff", 1),
    (rf"{_POLICIES}\Explorer", "NoRun", 1),
    # The five shifts and their relatives: on as Windows has it, but without the key that calls them.
    (rf"{_ACCESSIBILITY}\StickyKeys", "Flags", "506"),
    (rf"{_ACCESSIBILITY}\Keyboard Response", "Flags", "122"),
    (rf"{_ACCESSIBILITY}\ToggleKeys", "Flags", "58"),
)
"""What the player's account loses: Task Manager, the lock and sign-out of Ctrl+Alt+Del, «Run», the five shifts."""


def default_data() -> Path:
    """Where the installer keeps the PC's data."""
    return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "LoVHub" / "PC"


def changes(programs: Path, data: Path, account: str) -> list[AnyChange]:
    """What an installation changes beside the files; `account` is the player's, "" for all that sign in."""
    starter = f'"{programs / "python" / "pythonw.exe"}" -X utf8 -m lovhub agent --data "{data}"'
    if account:
        starter += f' --only-account "{account}"'
    rights = {ADMINISTRATORS: _WHOLE, SYSTEM: _WHOLE, account or USERS: _CHANGE}
    forbidden = [Value(key, name, value, account) for key, name, value in FORBIDDEN]
    return [
        Folder(str(data), rights),
        Value(_RUN, "LoVHub", starter),
        *(forbidden if account else []),
    ]


def make_image(data: Path) -> None:
    """Forget everything that makes this PC one of its own, but not its settings; raises InstallRefused."""
    if not data.is_dir():
        return
    try:
        lock = FolderLock(data / "agent.lock")
    except FolderInUse as error:
        raise InstallRefused(
            "Агент работает: он сразу завёл бы ключ заново. Сначала lovhub agent stop."
        ) from error
    lock.release()
    for path in data.iterdir():
        if path.name == FILE_NAME:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


class Installation:
    """The PC's installation in `programs`."""

    def __init__(self, machine: Machine, programs: Path, data: Path | None = None) -> None:
        self._machine = machine
        self._programs = programs
        self._manifest = Manifest(programs)
        self._data = data or Path(self._manifest.settings.get("data") or default_data())

    def install(
        self,
        *,
        server: str | None = None,
        account: str | None = None,
        image: bool = False,
    ) -> None:
        """Install, or install again with what is not given as it was."""
        before = self._manifest.settings
        account = before.get("account", "") if account is None else account.strip()
        if '"' in account or (account and not self._machine.has_account(account)):
            raise InstallRefused(
                f"Учётной записи «{account}» на этом ПК нет, или в неё ещё ни разу не входили:"
                " создайте её и войдите один раз."
            )
        if server:
            parse_address(server)  # a wrong one is refused before anything is changed
        install(
            self._machine,
            self._manifest,
            {"data": str(self._data), "account": account},
            changes(self._programs, self._data, account),
        )
        if server:
            path = self._data / FILE_NAME
            path.touch()
            set_option(path, "Client", "Server", server)
        if image:
            make_image(self._data)

    def stop(self) -> None:
        """End agent, launcher and games of this installation: their files are in use."""
        self._machine.end_programs(self._programs)

    def image(self) -> None:
        """Make the PC ready to be copied."""
        make_image(self._data)

    def uninstall(self) -> None:
        """As if it had never been installed; what the PC had recorded goes as well."""
        self.stop()
        uninstall(self._machine, self._manifest)
        self._machine.remove_folder(self._data)


def main(arguments: list[str]) -> int:
    """Do one of `COMMANDS`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="lovhub agent", description="Установка на игровой ПК.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--data", type=Path, help="папка данных")
    parser.add_argument("--server", metavar="АДРЕС[:ПОРТ]", help="адрес сервера клуба")
    parser.add_argument("--account", metavar="ИМЯ", help="учётная запись игрока")
    parser.add_argument("--image", action="store_true", help="ПК станет образцом для копирования")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)

    def work() -> None:
        if options.command == "image" and options.data is not None:
            make_image(options.data)  # on any system
            return
        installation = Installation(this_machine(), programs_folder(), options.data)
        if options.command == "install":
            installation.install(
                server=options.server,
                account=options.account,
                image=options.image,
            )
        elif options.command == "stop":
            installation.stop()
        elif options.command == "image":
            installation.image()
        else:
            installation.uninstall()

    return told(work)
