"""What this PC is made of, as far as it is to be known: a part that does not answer is left empty."""

from collections.abc import Callable
from typing import TypeVar

import psutil
import structlog

from lovhub.agent.platform import cpu_name, disks
from lovhub.agent.seat import Seat
from lovhub.protocol.channel import Hardware
from lovhub.protocol.views import NetworkView

log = structlog.get_logger("hardware")

Part = TypeVar("Part")


def read(seat: Seat) -> Hardware:
    """Look at everything. May take seconds: not for the event loop."""
    unknown: tuple[list[str], list[str]] = ([], [])
    gpus, screens = _part("displays", seat.displays, unknown)
    return Hardware(
        cpu=_part("cpu", cpu_name, ""),
        cores=_part("cores", lambda: psutil.cpu_count() or 0, 0),
        memory_bytes=_part("memory", lambda: int(psutil.virtual_memory().total), 0),
        gpus=tuple(sorted(gpus)),
        disks=_parts("disks", lambda: sorted(disks(), key=lambda disk: disk.name)),
        screens=tuple(screens),
        networks=_parts("networks", _networks),
    )


def _part(name: str, look: Callable[[], Part], unknown: Part) -> Part:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - drivers fail in ways of their own
        log.info("hardware_not_known", part=name, reason=str(error))
        return unknown


def _parts(name: str, look: Callable[[], list[Part]]) -> tuple[Part, ...]:
    unknown: list[Part] = []
    return tuple(_part(name, look, unknown))


def mac_of(address: str) -> str:
    """Of the card that has this address, "" if that is not to be known."""
    networks = _parts("networks", _networks)
    return next((network.mac for network in networks if address in network.addresses), "")


def _networks() -> list[NetworkView]:
    states = psutil.net_if_stats()
    found = []
    for name, addresses in sorted(psutil.net_if_addrs().items()):
        mac = next((a.address for a in addresses if a.family == psutil.AF_LINK), "")
        told = tuple(a.address for a in addresses if a.family.name == "AF_INET")
        is_loopback = bool(told) and all(address.startswith("127.") for address in told)
        if name in states and states[name].isup and mac and not is_loopback:
            found.append(NetworkView(name, mac.replace("-", ":").lower(), told))
    return found
