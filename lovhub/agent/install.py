"""`lovhub agent install`, `stop`, `image` and `uninstall`: a gaming PC under Windows, called by its installer.

The agent is a service of Windows with the system's rights; nobody but administrators enters its folders. It starts the
launcher in the player's session. What the player's account may not do is set in its own part of the registry, where it
cannot change it.
"""

import argparse
import contextlib
import os
import shutil
from pathlib import Path, PureWindowsPath

from lovhub.agent.footprint import ALLOWED, changes
from lovhub.agent.lasting import forget_this_pc
from lovhub.agent.platform import FolderLock
from lovhub.agent.platform.common import FolderInUse
from lovhub.agent.service_name import SERVICE_NAME
from lovhub.agent.settings import configured_lasting, parse_addresses, parse_token
from lovhub.config_loader import FILE_NAME, remove_option, set_option
from lovhub.installing.changes import Started
from lovhub.installing.command import (
    install,
    programs_folder,
    tell_what_is_left,
    this_machine,
    told,
    uninstall,
)
from lovhub.installing.machine import InstallRefused, Machine
from lovhub.installing.manifest import Manifest

COMMANDS = ("install", "stop", "image", "uninstall")


def default_data() -> Path:
    """Where the installer keeps the PC's data."""
    return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "LoVHub" / "PC"


def make_image(data: Path, lasting: str = "") -> None:
    """Forget everything that makes this PC one of its own, but not its settings; raises InstallRefused.

    `lasting`: the folder for key and journal, if they have one.
    """
    if not data.is_dir():
        return
    try:
        lock = FolderLock(data / "agent.lock")
    except FolderInUse as error:
        raise InstallRefused(
            "Агент работает: он сразу завёл бы ключ заново. Сначала lovhub agent stop."
        ) from error
    lock.release()
    if lasting:
        forget_this_pc(Path(os.path.expandvars(lasting)))
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
        lasting: str | None = None,
        token: str | None = None,
        allow: str | None = None,
        image: bool = False,
    ) -> list[str]:
        """Install, or install again with what is not given as it was; returns what a person has to do by hand."""
        before = self._manifest.settings
        account = before.get("account", "") if account is None else account.strip()
        if '"' in account or (account and not self._machine.has_account(account)):
            raise InstallRefused(
                f"Учётной записи «{account}» на этом ПК нет, или в неё ещё ни разу не входили:"
                " создайте её и войдите один раз."
            )
        allow = before.get("allow", "") if allow is None else allow
        allowed = _allowed(allow)
        if server:
            parse_addresses(server)  # a wrong one is refused before anything is changed
        if token:
            token = parse_token(token)
        if lasting is None:
            # Not what `config.ini` says: the player may write there, and would be given any folder of Windows.
            lasting = self._lasting
        elif not PureWindowsPath(lasting).is_absolute():
            raise InstallRefused(f"Папка «{lasting}» не подходит: нужен полный путь, D:\\LoVHub.")
        left = install(
            self._machine,
            self._manifest,
            {"data": str(self._data), "account": account, "lasting": lasting, "allow": allow},
            changes(self._programs, self._data, account, lasting, allowed),
        )
        path = self._data / FILE_NAME
        if not lasting and path.exists():
            # The player could have written one, to be given what the system writes there.
            remove_option(path, "Client", "LastingFolder")
        for option, value in (
            ("Server", server),
            ("LastingFolder", lasting),
            ("PairingToken", token),
        ):
            if value:
                path.touch()
                set_option(path, "Client", option, value)
        if image:
            self.image()
        else:
            self._manifest.make(self._machine, [Started(SERVICE_NAME)])
        return left

    @property
    def _lasting(self) -> str:
        return self._manifest.settings.get("lasting", "")

    def stop(self) -> None:
        """End agent, launcher and games of this installation: their files are in use."""
        self._machine.stop_service(SERVICE_NAME)
        self._machine.end_programs(self._programs)

    def image(self) -> None:
        """Make the PC ready to be copied."""
        make_image(self._data, self._lasting)

    def uninstall(self) -> None:
        """As if it had never been installed; what the PC had recorded goes as well."""
        lasting = self._lasting
        self.stop()
        uninstall(self._machine, self._manifest)
        if lasting:
            folder = Path(os.path.expandvars(lasting))
            forget_this_pc(folder)
            with contextlib.suppress(OSError):  # it holds other things, too
                folder.rmdir()
        self._machine.remove_folder(self._data)


def _allowed(text: str) -> set[str]:
    """What a club leaves to its players, see `footprint.ALLOWED`."""
    allowed = {word.strip().lower() for word in text.split(",")} - {""}
    if allowed - ALLOWED:
        raise InstallRefused(
            f"Разрешить можно только {', '.join(sorted(ALLOWED))}, а указано «{text}»."
        )
    return allowed


def main(arguments: list[str]) -> int:
    """Do one of `COMMANDS`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="lovhub agent", description="Установка на игровой ПК.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--data", type=Path, help="папка данных")
    parser.add_argument("--server", metavar="АДРЕС[:ПОРТ]", help="адрес сервера клуба")
    parser.add_argument("--account", metavar="ИМЯ", help="учётная запись игрока")
    parser.add_argument("--lasting", metavar="ПАПКА", help="где хранить ключ и журнал")
    parser.add_argument("--token", metavar="КЛЮЧ", help="ключ подключения многих ПК")
    parser.add_argument(
        "--allow", metavar="ЧТО", help="что оставить игрокам, через запятую: explorer, rdp, usb"
    )
    parser.add_argument("--image", action="store_true", help="ПК станет образцом для копирования")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)

    def work() -> None:
        if options.command == "image" and options.data is not None:
            make_image(options.data, configured_lasting(options.data).folder)  # on any system
            return
        installation = Installation(this_machine(), programs_folder(), options.data)
        if options.command == "install":
            left = installation.install(
                server=options.server,
                account=options.account,
                lasting=options.lasting,
                token=options.token,
                allow=options.allow,
                image=options.image,
            )
            tell_what_is_left(left)
        elif options.command == "stop":
            installation.stop()
        elif options.command == "image":
            installation.image()
        else:
            installation.uninstall()

    return told(work)
