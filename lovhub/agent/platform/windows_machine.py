"""Windows: the PC itself: restart, shut down, and the volume of the default output."""

import ctypes
import sys
import uuid
from ctypes import wintypes
from typing import Any

import pywintypes
import win32api
import win32con
import win32security

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

_CLSCTX_ALL = 23
_E_RENDER, _E_CONSOLE = 0, 0

_MM_DEVICE_ENUMERATOR = "bcde0395-e52f-467c-8e3d-c4579291692e"
_I_MM_DEVICE_ENUMERATOR = "a95664d2-9614-4f35-a746-de8db63617e6"
_I_AUDIO_ENDPOINT_VOLUME = "5cdf2c82-841e-4546-9722-0cf74078229a"

# Places in the tables of these interfaces, after the three that every interface has.
_RELEASE = 2
_GET_DEFAULT_AUDIO_ENDPOINT = 4
_ACTIVATE = 3
_SET_MASTER_VOLUME_LEVEL_SCALAR = 7


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


def set_volume(percent: int) -> None:
    """Of the default output; raises OSError, also where there is none."""
    ole32 = ctypes.windll.ole32
    begun = ole32.CoInitializeEx(None, 0) >= 0
    try:
        _set_volume(ole32, percent / 100)
    finally:
        if begun:
            ole32.CoUninitialize()


def _set_volume(ole32: Any, level: float) -> None:
    enumerator = ctypes.c_void_p()
    _check(
        ole32.CoCreateInstance(
            _guid(_MM_DEVICE_ENUMERATOR),
            None,
            wintypes.DWORD(_CLSCTX_ALL),
            _guid(_I_MM_DEVICE_ENUMERATOR),
            ctypes.byref(enumerator),
        )
    )
    device, volume = ctypes.c_void_p(), ctypes.c_void_p()
    try:
        _call(
            enumerator,
            _GET_DEFAULT_AUDIO_ENDPOINT,
            (ctypes.c_int, _E_RENDER),
            (ctypes.c_int, _E_CONSOLE),
            (ctypes.c_void_p, ctypes.byref(device)),
        )
        _call(
            device,
            _ACTIVATE,
            (ctypes.c_void_p, _guid(_I_AUDIO_ENDPOINT_VOLUME)),
            (wintypes.DWORD, _CLSCTX_ALL),
            (ctypes.c_void_p, None),
            (ctypes.c_void_p, ctypes.byref(volume)),
        )
        _call(
            volume,
            _SET_MASTER_VOLUME_LEVEL_SCALAR,
            (ctypes.c_float, level),
            (ctypes.c_void_p, None),
        )
    finally:
        for held in (volume, device, enumerator):
            if held.value is not None:
                _method(held, _RELEASE, ctypes.c_ulong)(held)


def _call(interface: ctypes.c_void_p, place: int, *arguments: tuple[Any, Any]) -> None:
    method = _method(interface, place, ctypes.c_long, *(kind for kind, _value in arguments))
    _check(method(interface, *(value for _kind, value in arguments)))


def _method(interface: ctypes.c_void_p, place: int, answer: Any, *kinds: Any) -> Any:
    """The function at this place of the interface's table."""
    table = ctypes.cast(interface, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    return ctypes.WINFUNCTYPE(answer, ctypes.c_void_p, *kinds)(table[place])


def _guid(text: str) -> Any:
    return ctypes.create_string_buffer(uuid.UUID(text).bytes_le, 16)


def _check(answer: int) -> None:
    if answer < 0:
        raise OSError(f"refused by Windows: {answer & 0xFFFFFFFF:#x}")
