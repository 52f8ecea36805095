"""Sound on Windows: the volume of the default device (IAudioEndpointVolume, by ctypes), and a chime."""

import contextlib
import ctypes
import logging
import sys
import uuid
import winsound
from collections.abc import Iterator
from ctypes import POINTER, byref, c_float, c_int, c_ulong, c_void_p

from lovhub.launcher.platform.sound import chime_file

assert sys.platform == "win32"  # noqa: S101 (mypy then checks this file for Windows only)

CLSCTX_ALL = 23
COINIT_APARTMENTTHREADED = 2
RENDER, CONSOLE = 0, 0
RELEASE, GET_DEFAULT_ENDPOINT, ACTIVATE = 2, 4, 3
SET_LEVEL, GET_LEVEL, SET_MUTE = 7, 9, 14
"""Places of the methods in their interfaces."""

ENUMERATOR_CLASS = uuid.UUID("BCDE0395-E52F-467C-8E3D-C4579291692E")
ENUMERATOR = uuid.UUID("A95664D2-9614-4F35-A746-DE8DB63617E6")
ENDPOINT_VOLUME = uuid.UUID("5CDF2C82-841E-4546-9722-0CF74078229A")

log = logging.getLogger(__name__)

ole32 = ctypes.OleDLL("ole32")
ole32.CoCreateInstance.argtypes = [c_void_p, c_void_p, c_ulong, c_void_p, POINTER(c_void_p)]


class WindowsSound:
    """See `Sound`."""

    def __init__(self) -> None:
        with contextlib.suppress(OSError):  # Qt has done it already, in its own way
            ole32.CoInitializeEx(None, COINIT_APARTMENTTHREADED)

    def chime(self, *, urgent: bool) -> None:
        """See Sound."""
        with contextlib.suppress(RuntimeError, OSError):
            winsound.PlaySound(
                str(chime_file(urgent=urgent)),
                winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT,
            )

    def level(self) -> int | None:
        """See Sound."""
        try:
            with _endpoint_volume() as volume:
                part = c_float()
                _call(volume, GET_LEVEL, [POINTER(c_float)], byref(part))
                return round(part.value * 100)
        except OSError:
            return None

    def set_level(self, percent: int) -> None:
        """See Sound."""
        with contextlib.suppress(OSError), _endpoint_volume() as volume:
            _call(volume, SET_LEVEL, [c_float, c_void_p], c_float(percent / 100), None)

    def set_muted(self, *, muted: bool) -> None:
        """See Sound."""
        with contextlib.suppress(OSError), _endpoint_volume() as volume:
            _call(volume, SET_MUTE, [c_int, c_void_p], int(muted), None)


@contextlib.contextmanager
def _endpoint_volume() -> Iterator[c_void_p]:
    """The volume of the device that plays now; raises OSError where there is none."""
    with contextlib.ExitStack() as held:
        enumerator = c_void_p()
        ole32.CoCreateInstance(
            _guid(ENUMERATOR_CLASS), None, CLSCTX_ALL, _guid(ENUMERATOR), byref(enumerator)
        )
        held.callback(_release, enumerator)
        device = c_void_p()
        _call(
            enumerator,
            GET_DEFAULT_ENDPOINT,
            [c_int, c_int, POINTER(c_void_p)],
            RENDER,
            CONSOLE,
            byref(device),
        )
        held.callback(_release, device)
        volume = c_void_p()
        _call(
            device,
            ACTIVATE,
            [c_void_p, c_ulong, c_void_p, POINTER(c_void_p)],
            _guid(ENDPOINT_VOLUME),
            CLSCTX_ALL,
            None,
            byref(volume),
        )
        held.callback(_release, volume)
        yield volume


def _guid(which: uuid.UUID) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(which.bytes_le, 16)


def _call(this: c_void_p, method: int, types: list[object], *arguments: object) -> None:
    """Call a method of a COM object; raises OSError when it says that it failed."""
    table = ctypes.cast(this, POINTER(POINTER(c_void_p))).contents
    prototype = ctypes.WINFUNCTYPE(ctypes.HRESULT, c_void_p, *types)  # type: ignore[arg-type]
    prototype(table[method])(this, *arguments)


def _release(this: c_void_p) -> None:
    table = ctypes.cast(this, POINTER(POINTER(c_void_p))).contents
    ctypes.WINFUNCTYPE(c_ulong, c_void_p)(table[RELEASE])(this)
