"""Linux: what the PC is made of, from /proc and /sys."""

import sys
from pathlib import Path

from lovhub.protocol.views import DiskView

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_SYS = Path("/sys")
_SECTOR_BYTES = 512
_VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}


def cpu_name() -> str:
    """Such as `AMD Ryzen 5 5600X`."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return ""


def gpus() -> list[str]:
    """Maker and number of each graphics card."""
    found = []
    for card in sorted((_SYS / "class/drm").glob("card[0-9]")):
        vendor = _read(card / "device/vendor")
        if vendor:
            found.append(f"{_VENDORS.get(vendor, vendor)} {_read(card / 'device/device')}".strip())
    return found


def disks() -> list[DiskView]:
    """Disks that are built in: nothing removable, nothing that is only a file."""
    found = []
    for disk in sorted((_SYS / "block").iterdir()):
        size_bytes = int(_read(disk / "size") or 0) * _SECTOR_BYTES
        if size_bytes and (disk / "device").exists() and _read(disk / "removable") == "0":
            found.append(DiskView(_read(disk / "device/model") or disk.name, size_bytes))
    return found


def screens() -> list[str]:
    """The best mode of each connected screen."""
    connected = [
        port
        for port in sorted((_SYS / "class/drm").glob("card*-*"))
        if _read(port / "status") == "connected"
    ]
    return [(_read(port / "modes").splitlines() or [port.name])[0] for port in connected]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
