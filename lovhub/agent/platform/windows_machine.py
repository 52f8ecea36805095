"""Windows: the PC itself: restart and shut down."""

import ctypes
import sys
from typing import Any

import pywintypes
import win32api
import win32con
import win32security

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

ES_CONTINUOUS = 0x80000000
ES_SYSTEM_REQUIRED = 0x1


def stay_awake() -> None:
    """No sleep for want of somebody at the PC, as long as this thread lives; raises OSError.

    A PC that the desk has woken would otherwise sleep again after two minutes. The screen may go dark.
    """
    if not ctypes.windll.kernel32.SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED):
        raise ctypes.WinError()


def switch_off(*, restart: bool) -> None:
    """Restart or power off, programs that do not end are ended; raises OSError."""
    try:
        allow_switching_off()
        win32api.InitiateSystemShutdown(None, None, 0, True, restart)  # type: ignore[arg-type]  # None: this PC
    except pywintypes.error as error:
        raise OSError(error.winerror, error.strerror) from error


def allow_switching_off() -> None:
    """Switch on this process's right to do it, which the service has and does not use otherwise."""
    token = win32security.OpenProcessToken(
        win32api.GetCurrentProcess(), win32con.TOKEN_ADJUST_PRIVILEGES | win32con.TOKEN_QUERY
    )
    right = win32security.LookupPrivilegeValue("", win32con.SE_SHUTDOWN_NAME)
    wanted: Any = [(right, win32con.SE_PRIVILEGE_ENABLED)]  # its stub knows no plain list
    win32security.AdjustTokenPrivileges(token, False, wanted)
