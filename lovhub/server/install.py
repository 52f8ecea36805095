"""`lovhub serve install`, `stop` and `uninstall`: the club's server under Windows, called by its installer.

A service under an account of its own. The folder of the club is open to that account, administrators and Windows
itself: who sits at the desk under another account reads neither database nor keys.
"""

import argparse
import contextlib
import os
import re
import ssl
import time
from pathlib import Path

from lovhub.clock import SystemClock
from lovhub.installing.changes import (
    AnyChange,
    Awake,
    Folder,
    Port,
    SearchPort,
    Service,
    Started,
    Trusted,
)
from lovhub.installing.command import (
    install,
    programs_folder,
    tell_what_is_left,
    this_machine,
    told,
    uninstall,
)
from lovhub.installing.machine import ADMINISTRATORS, SYSTEM, InstallRefused, Machine
from lovhub.installing.manifest import Manifest
from lovhub.server import refusal
from lovhub.server.console import say
from lovhub.server.data_folder import open_folder
from lovhub.server.opening import open_files
from lovhub.server.service_names import CONSOLE_FILE, SERVICE, SERVICE_ACCOUNT

COMMANDS = ("install", "stop", "uninstall")
START_SECONDS = 60
HANDSHAKE_SECONDS = 5
DEFAULT_PORT = 5000
_WHOLE = "(OI)(CI)F"


def default_data() -> Path:
    """Where the installer keeps the club."""
    return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "LoVHub" / "Server"


def changes(programs: Path, data: Path, port: int) -> list[AnyChange]:
    """What an installation changes beside the files, in the order in which it is done."""
    command = [
        str(programs / "python" / "python.exe"),
        *("-X", "utf8", "-m", "lovhub.server.windows_service"),
        *("--data", str(data), "--port", str(port)),
    ]
    rights = {ADMINISTRATORS: _WHOLE, SYSTEM: _WHOLE, SERVICE_ACCOUNT: _WHOLE}
    return [
        Service(SERVICE, "LoVHub: сервер клуба", command, SERVICE_ACCOUNT),
        Folder(str(data), rights),  # after the service, with which its account comes into being
        Port(SERVICE, port),
        SearchPort(f"{SERVICE} mDNS"),
        Awake("standby"),
        Awake("hibernate"),
        Trusted(str(data / "cert.pem")),
        Started(SERVICE),
    ]


class Installation:
    """The server's installation in `programs`."""

    def __init__(self, machine: Machine, programs: Path, data: Path | None = None) -> None:
        self._machine = machine
        self._programs = programs
        self._manifest = Manifest(programs)
        self.data = data or Path(self._manifest.settings.get("data") or default_data())

    @property
    def port(self) -> int:
        """The one it was installed with last."""
        return int(self._manifest.settings.get("port") or DEFAULT_PORT)

    def install(self, port: int | None = None) -> list[str]:
        """Install, or install again with what is not given as it was; returns what is left to do by hand."""
        port = port or self.port
        self.stop()
        self._machine.make_folder(self.data)
        (self.data / CONSOLE_FILE).unlink(missing_ok=True)
        _make_certificate(self.data)
        settings = {"data": str(self.data), "port": str(port)}
        return install(
            self._machine, self._manifest, settings, changes(self._programs, self.data, port)
        )

    def stop(self) -> None:
        """The service and what else runs of this installation: its files are in use."""
        self._machine.remove_service(SERVICE)
        self._machine.end_programs(self._programs)

    def uninstall(self, *, with_data: bool) -> None:
        """As if it had never been installed; the club itself stays, unless it is to go as well."""
        self.stop()
        uninstall(self._machine, self._manifest)
        if with_data:
            self._machine.remove_folder(self.data)


def _make_certificate(data: Path) -> None:
    """The club's keys and certificate, here and not at the service's start: the service may not trust them."""
    try:
        with contextlib.closing(open_folder(data)) as folder:
            open_files(folder, SystemClock())
    except refusal.FORESEEN as error:
        raise InstallRefused(refusal.sentence(error) or str(error)) from error


def first_link(data: Path, port: int, seconds: float = START_SECONDS) -> str:
    """The link with which the owner begins, once the service serves; "" if there is an owner already."""
    until = time.monotonic() + seconds
    while True:
        try:
            # The port is taken early, and answers when everything has been said that is to be said.
            ssl.get_server_certificate(("127.0.0.1", port), timeout=HANDSHAKE_SECONDS)
            text = (data / CONSOLE_FILE).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            if time.monotonic() > until:
                raise InstallRefused(
                    f"Служба не запустилась за {seconds:.0f} с. Почему, сказано в {data}"
                    f" (файл {CONSOLE_FILE})."
                ) from error
            time.sleep(0.2)
            continue
        link = re.search(r"https://\S+/setup\?token=\S+", text)
        return link[0] if link else ""


def main(arguments: list[str]) -> int:
    """Do one of `COMMANDS`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="lovhub serve", description="Установка сервера.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--data", type=Path, help="папка данных")
    parser.add_argument("--port", type=int, help="порт (по умолчанию 5000)")
    parser.add_argument("--with-data", action="store_true", help="удалить и сам клуб: базу, ключи")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)

    def work() -> None:
        installation = Installation(this_machine(), programs_folder(), options.data)
        if options.command == "stop":
            installation.stop()
        elif options.command == "uninstall":
            installation.uninstall(with_data=options.with_data)
        else:
            tell_what_is_left(installation.install(options.port))
            if link := first_link(installation.data, installation.port):
                say("Владельца ещё нет. Откройте ссылку на этом компьютере и создайте его:")
                say(f"  {link}")

    return told(work)
