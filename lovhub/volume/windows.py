"""Windows: the default output (IAudioEndpointVolume, by ctypes)."""

import contextlib
import ctypes
import sys
import uuid
from collections.abc import Iterator
from ctypes import POINTER, byref, c_float, c_int, c_ulong, c_void_p

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

_CLSCTX_ALL = 23
_RENDER, _CONSOLE = 0, 0

_ENUMERATOR_CLASS = "bcde0395-e52f-467c-8e3d-c4579291692e"
_ENUMERATOR = "a95664d2-9614-4f35-a746-de8db63617e6"
_ENDPOINT_VOLUME = "5cdf2c82-841e-4546-9722-0cf74078229a"

# Places of the methods in the tables of these interfaces.
_RELEASE, _ACTIVATE, _GET_DEFAULT_ENDPOINT = 2, 3, 4
_SET_LEVEL, _GET_LEVEL, _SET_MUTE = 7, 9, 14


def level() -> int:
    """How loud it is."""
    with _endpoint_volume() as volume:
        part = c_float()
        _call(volume, _GET_LEVEL, (POINTER(c_float), byref(part)))
        return round(part.value * 100)


def set_level(percent: int) -> None:
    """Make it louder or quieter."""
    with _endpoint_volume() as volume:
        _call(volume, _SET_LEVEL, (c_float, percent / 100), (c_void_p, None))


def set_muted(*, muted: bool) -> None:
    """Silence for everything, or its end."""
    with _endpoint_volume() as volume:
        _call(volume, _SET_MUTE, (c_int, int(muted)), (c_void_p, None))


@contextlib.contextmanager
def _endpoint_volume() -> Iterator[c_void_p]:
    """The volume of the device that plays now."""
    ole32 = ctypes.windll.ole32
    with contextlib.ExitStack() as held:
        # Where COM is at work in another way already, as in Qt's own thread, it is left as it is.
        if ole32.CoInitializeEx(None, 0) >= 0:
            held.callback(ole32.CoUninitialize)
        enumerator, device, volume = c_void_p(), c_void_p(), c_void_p()
        _check(
            ole32.CoCreateInstance(
                _guid(_ENUMERATOR_CLASS),
                None,
                c_ulong(_CLSCTX_ALL),
                _guid(_ENUMERATOR),
                byref(enumerator),
            )
        )
        held.callback(_release, enumerator)
        _call(
            enumerator,
            _GET_DEFAULT_ENDPOINT,
            (c_int, _RENDER),
            (c_int, _CONSOLE),
            (POINTER(c_void_p), byref(device)),
        )
        held.callback(_release, device)
        _call(
            device,
            _ACTIVATE,
            (c_void_p, _guid(_ENDPOINT_VOLUME)),
            (c_ulong, _CLSCTX_ALL),
            (c_void_p, None),
            (POINTER(c_void_p), byref(volume)),
        )
        held.callback(_release, volume)
        yield volume


def _call(interface: c_void_p, place: int, *arguments: tuple[type, object]) -> None:
    """Call a method; raises OSError when it says that it failed."""
    method = _method(interface, place, ctypes.c_long, *(kind for kind, _value in arguments))
    _check(method(interface, *(value for _kind, value in arguments)))


def _release(interface: c_void_p) -> None:
    _method(interface, _RELEASE, c_ulong)(interface)


def _method(interface: c_void_p, place: int, answer: type, *kinds: type) -> "ctypes._CFunctionType":
    """The function at this place of the interface's table."""
    table = ctypes.cast(interface, POINTER(POINTER(c_void_p))).contents
    prototype = ctypes.WINFUNCTYPE(answer, c_void_p, *kinds)
    return prototype(table[place])


def _guid(text: str) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(uuid.UUID(text).bytes_le, 16)


def _check(answer: int) -> None:
    if answer < 0:
        raise OSError(f"refused by Windows: {answer & 0xFFFFFFFF:#x}")
