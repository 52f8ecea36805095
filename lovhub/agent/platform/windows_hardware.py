"""Windows: what the PC is made of, from the registry, the display driver and the disks themselves."""

import contextlib
import struct
import sys
import winreg
from typing import Any

import pywintypes
import win32api
import win32con
import win32file

from lovhub.protocol.views import DiskView

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

_CPU_KEY = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
_MOST_DISPLAYS = 16
_MOST_DISKS = 16
_ATTACHED = 0x1
_STORAGE_QUERY = 0x2D1400
_DISK_GEOMETRY_EX = 0x700A0
_BUS_USB = 7
_ANSWER_BYTES = 1024
_CURRENT_MODE = -1


def cpu_name() -> str:
    """Such as `AMD Ryzen 5 5600X`."""
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _CPU_KEY) as key:
        return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()


def gpus() -> list[str]:
    """The graphics cards that drive a screen."""
    return sorted({device.DeviceString for device in _displays()})


def screens() -> list[str]:
    """Size and rate of each screen as it is set now."""
    found = []
    for device in _displays():
        with contextlib.suppress(pywintypes.error):
            mode: Any = win32api.EnumDisplaySettings(device.DeviceName, _CURRENT_MODE)
            found.append(f"{mode.PelsWidth}x{mode.PelsHeight} {mode.DisplayFrequency} Hz")
    return found


def disks() -> list[DiskView]:
    """Disks that are built in; a stick that a player plugs in is none. Needs no rights: only asks."""
    found = []
    for number in range(_MOST_DISKS):
        with contextlib.suppress(pywintypes.error):
            disk = _disk(rf"\\.\PhysicalDrive{number}")
            if disk is not None:
                found.append(disk)
    return found


def _displays() -> list[Any]:
    found = []
    for number in range(_MOST_DISPLAYS):
        try:
            device = win32api.EnumDisplayDevices(None, number)
        except pywintypes.error:
            break
        if device.StateFlags & _ATTACHED:
            found.append(device)
    return found


def _disk(path: str) -> DiskView | None:
    handle: Any = win32file.CreateFile(
        path,
        0,
        win32con.FILE_SHARE_READ | win32con.FILE_SHARE_WRITE,
        None,
        win32con.OPEN_EXISTING,
        0,
        None,
    )
    try:
        # STORAGE_DEVICE_DESCRIPTOR: removable at 10, offset of the product's name at 16, bus at 28.
        told = bytes(win32file.DeviceIoControl(handle, _STORAGE_QUERY, bytes(12), _ANSWER_BYTES))
        geometry = bytes(win32file.DeviceIoControl(handle, _DISK_GEOMETRY_EX, b"", _ANSWER_BYTES))
    finally:
        handle.Close()
    name_at, bus = struct.unpack_from("<I", told, 16)[0], struct.unpack_from("<I", told, 28)[0]
    if told[10] or bus == _BUS_USB:
        return None
    name = told[name_at:].split(b"\0")[0].decode("ascii", "replace").strip() if name_at else ""
    return DiskView(name or path.rpartition("\\")[2], struct.unpack_from("<q", geometry, 24)[0])
