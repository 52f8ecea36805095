"""Running as a Windows service, what server and agent have in common.

Windows speaks to a service in a thread of its own, and soon: everything heavy is to be imported by `work`, after that
thread has begun. The work keeps the main thread, where it expects the signal that stops it.
"""

import os
import signal
import sys
import threading
from _thread import interrupt_main
from collections.abc import Callable
from pathlib import Path

import servicemanager
import win32service
import win32serviceutil

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

STOP_SECONDS = 40
_ended = threading.Event()
_told_to_stop = threading.Event()
_stop_signal = signal.SIGBREAK


class _Service(win32serviceutil.ServiceFramework):
    """What Windows calls. The name comes from Windows: this is the only service of the process."""

    _svc_name_ = _svc_display_name_ = "LoVHub"

    def SvcDoRun(self) -> None:
        """The service lives as long as its work."""
        _ended.wait()

    def SvcStop(self) -> None:
        """Windows wants it to stop."""
        self.ReportServiceStatus(win32service.SERVICE_STOP_PENDING, waitHint=STOP_SECONDS * 1000)
        _told_to_stop.set()
        interrupt_main(_stop_signal)

    SvcShutdown = SvcStop


def run(work: Callable[[], int], console: Path, stop_signal: signal.Signals) -> int:
    """Work until Windows says stop, which comes to the work as `stop_signal`; what it says goes into `console`.

    A work that ends by itself looks like a crash, so that Windows tries again.
    """
    global _stop_signal  # noqa: PLW0603 - Windows makes the service's object, and tells it nothing
    _stop_signal = stop_signal
    _speak_into(console)
    # A stop may come before the work takes the signal in its own way; without a handler it would be lost.
    signal.signal(stop_signal, signal.default_int_handler)
    talking = threading.Thread(target=_talk, name="windows", daemon=True)
    talking.start()
    try:
        exit_code = work()
    except KeyboardInterrupt:
        exit_code = 0
    if not _told_to_stop.is_set():
        os._exit(exit_code or 1)
    _ended.set()
    talking.join(STOP_SECONDS)
    return 0


def _speak_into(path: Path) -> None:
    """A service has no console; where nothing can be written, as on a write-protected disk, nobody hears it."""
    try:
        console = path.open("w", encoding="utf-8", buffering=1)
    except OSError:
        console = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process lives
    sys.stdout = sys.stderr = console


def _talk() -> None:
    servicemanager.Initialize()
    servicemanager.PrepareToHostSingle(_Service)
    servicemanager.StartServiceCtrlDispatcher()  # type: ignore[no-untyped-call]
