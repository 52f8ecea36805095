"""What the virtual PCs are made of: two generations of a real hall, and the VIP zone."""

from lovhub.protocol.channel import Hardware
from lovhub.protocol.views import DiskView, NetworkView
from lovhub.simulator.contents import ZONES, zone_of

_GIB = 2**30


def hardware_of(number: int) -> Hardware:
    """Of the PC with this number (from 1): the same each time it is asked."""
    is_vip = zone_of(number) == ZONES[1]
    is_newer = is_vip or number % 2 == 0
    return Hardware(
        cpu="AMD Ryzen 7 7800X3D" if is_vip else "Intel(R) Core(TM) i5-12400F",
        cores=16 if is_vip else 12,
        memory_bytes=(32 if is_vip else 16) * _GIB,
        gpus=(
            "NVIDIA GeForce RTX 4070 SUPER"
            if is_vip
            else "NVIDIA GeForce RTX 3060"
            if is_newer
            else "NVIDIA GeForce GTX 1660 SUPER",
        ),
        disks=(
            DiskView("Samsung SSD 980 1TB", 1_000_204_886_016)
            if is_newer
            else DiskView("KINGSTON SA400S37480G", 480_103_981_056),
        ),
        screens=("2560x1440 240 Hz" if is_vip else "1920x1080 144 Hz",),
        networks=(
            NetworkView(
                "Ethernet",
                f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}",
                (f"192.168.{1 + number // 250}.{number % 250 + 1}",),
            ),
        ),
    )
