"""The server as a Windows service: `python -m lovhub.server.windows_service --data FOLDER …`, started by Windows.

Windows speaks to it in a thread of its own, and soon: everything heavy is imported after that thread has begun. The
server keeps the main thread, where it expects the signal that stops it.
"""

import os
import signal
import sys
import threading
from _thread import interrupt_main
from pathlib import Path

import servicemanager
import win32service
import win32serviceutil

from lovhub.server.service_names import CONSOLE_FILE, SERVICE

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

STOP_SECONDS = 40
_ended = threading.Event()
_told_to_stop = threading.Event()


class _Service(win32serviceutil.ServiceFramework):
    """What Windows calls."""

    _svc_name_ = SERVICE
    _svc_display_name_ = SERVICE

    def SvcDoRun(self) -> None:
        """The service lives as long as the server."""
        _ended.wait()

    def SvcStop(self) -> None:
        """Windows wants it to stop."""
        self.ReportServiceStatus(win32service.SERVICE_STOP_PENDING, waitHint=STOP_SECONDS * 1000)
        _told_to_stop.set()
        interrupt_main(signal.SIGBREAK)

    SvcShutdown = SvcStop


def main(arguments: list[str]) -> int:
    """Serve until Windows says stop. A failure looks like a crash, so that Windows tries again."""
    data = Path(arguments[arguments.index("--data") + 1])
    _speak_into(data / CONSOLE_FILE)
    # A stop may come before the server takes the signal in its own way; without a handler it would be lost.
    signal.signal(signal.SIGBREAK, signal.default_int_handler)
    talking = threading.Thread(target=_talk, name="windows", daemon=True)
    talking.start()
    try:
        from lovhub.server import command  # noqa: PLC0415

        exit_code = command.main(arguments)
    except KeyboardInterrupt:
        exit_code = 0
    if exit_code and not _told_to_stop.is_set():
        os._exit(exit_code)
    _ended.set()
    talking.join(STOP_SECONDS)
    return 0


def _speak_into(path: Path) -> None:
    """A service has no console."""
    sys.stdout = sys.stderr = path.open("w", encoding="utf-8", buffering=1)


def _talk() -> None:
    servicemanager.Initialize()
    servicemanager.PrepareToHostSingle(_Service)
    servicemanager.StartServiceCtrlDispatcher()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
