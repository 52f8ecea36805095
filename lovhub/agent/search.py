"""Looking for the club's server in the network, by mDNS, where no known address answers.

What is found proves nothing (`protocol/discovery.py`): it is somebody to ask, as an address in `config.ini` is.
"""

import ipaddress
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import psutil
import structlog

from lovhub.agent.settings import Address
from lovhub.protocol.discovery import CLUB, SERVICE_TYPE, club_name

if TYPE_CHECKING:
    from zeroconf import Zeroconf

SEARCH_SECONDS = 3.0
DETAILS_MILLISECONDS = 1000
MOST_SERVERS = 16
"""More are somebody's joke."""

MOST_ADDRESSES = 8
"""Of one server: its network cards, and those of its virtual machines."""

log = structlog.get_logger("search")


class ServerFound(NamedTuple):
    """A server that announces itself: what it calls its club, and where it says it is, near addresses first."""

    club: str
    addresses: tuple[Address, ...]


class _Heard:
    """The names that were announced, as they come; from the library's thread."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def add_service(self, _network: "Zeroconf", _kind: str, name: str) -> None:
        if len(self.names) < MOST_SERVERS:
            self.names.add(name)

    update_service = add_service

    def remove_service(self, _network: "Zeroconf", _kind: str, name: str) -> None:
        self.names.discard(name)


def search(
    stop: threading.Event,
    seconds: float = SEARCH_SECONDS,
    interfaces: Sequence[str] = (),
) -> list[ServerFound]:
    """Who announces itself within so many seconds, or until `stop`; in the order of clubs and addresses.

    To be called in a thread: it waits, and loads a library that a PC which knows its server does without.
    `interfaces`: by their IPv4 addresses; all of the network by default. One that cannot be asked has nobody.
    """
    from zeroconf import Error, IPVersion, ServiceBrowser, Zeroconf  # noqa: PLC0415

    networks = _own_networks()
    asked = list(interfaces) or [str(one.ip) for one in networks if not one.is_loopback]
    if not asked:
        return []
    heard = _Heard()
    try:
        with Zeroconf(asked, ip_version=IPVersion.V4Only, use_asyncio=False) as network:
            browser = ServiceBrowser(network, SERVICE_TYPE, listener=heard)  # type: ignore[arg-type]
            stop.wait(seconds)
            browser.cancel()
            names = sorted(heard.names)
            found = [_details(network, name, networks) for name in names if not stop.is_set()]
    except (OSError, Error) as error:
        log.info("not_searched", reason=str(error))
        return []
    return sorted({server for server in found if server is not None})


def _details(
    network: "Zeroconf", name: str, networks: Sequence[ipaddress.IPv4Interface]
) -> ServerFound | None:
    from zeroconf import IPVersion, ServiceInfo  # noqa: PLC0415

    info = ServiceInfo(SERVICE_TYPE, name)
    if not info.load_from_cache(network) and not info.request(network, DETAILS_MILLISECONDS):
        return None
    addresses = [ipaddress.IPv4Address(ip) for ip in info.addresses_by_version(IPVersion.V4Only)]
    # The club's server stands in the same building: whoever names a strange address is not believed so far.
    near = [ip for ip in addresses if ip.is_private and not ip.is_unspecified]
    near.sort(key=lambda ip: (not any(ip in one.network for one in networks), ip))
    if not near or not info.port:
        return None
    return ServerFound(
        club_name(info.properties.get(CLUB.encode())),
        tuple(Address(str(ip), info.port) for ip in near[:MOST_ADDRESSES]),
    )


def _own_networks() -> list[ipaddress.IPv4Interface]:
    return [
        ipaddress.IPv4Interface(f"{one.address}/{one.netmask}")
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family == socket.AF_INET and one.netmask
    ]
