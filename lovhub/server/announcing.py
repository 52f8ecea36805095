"""The server announces itself in the club's network by mDNS, so that PCs find it without an address.

What is announced is where it is, what the machine and what the club is called, nothing else: PCs believe the pinned
identity, not an announcement (`protocol/discovery.py`). It has a thread of its own, which begins once the server
serves, and looks now and then whether the club's name or the machine's addresses have changed. One that is reached from
its own machine only announces nothing.
"""

import contextlib
import ipaddress
import platform
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import structlog

from lovhub.clock import Clock
from lovhub.protocol.discovery import CLUB, SERVICE_TYPE, club_property
from lovhub.server.certificate import local_addresses
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job, Scheduler

if TYPE_CHECKING:
    from zeroconf import Zeroconf

FIRST_SECONDS = 2.0
"""The server's start has the machine for itself."""

LOOK_SECONDS = 30.0
LONGEST_LABEL_BYTES = 50
"""A part of a name has 63 at most, and a number is put behind one that is taken."""

log = structlog.get_logger("announcing")


class Announced(NamedTuple):
    """What the network is told: the club's name, and where this server is reached."""

    club: str
    addresses: tuple[str, ...]
    port: int


def reached_at(listener: socket.socket) -> tuple[str, ...]:
    """The IPv4 addresses under which other machines may reach this socket; empty where none may."""
    bound = listener.getsockname()[0]
    found = local_addresses() if ipaddress.ip_address(bound).is_unspecified else [bound]
    parsed = [ipaddress.ip_address(text) for text in found]
    return tuple(str(ip) for ip in parsed if ip.version == 4 and not ip.is_loopback)


class Announcer:
    """Keeps the network told, from one thread. `wanted`: what is to be announced now, None for nothing."""

    def __init__(self, wanted: Callable[[], Announced | None]) -> None:
        self._wanted = wanted
        self._announced: Announced | None = None
        self._zeroconf: Zeroconf | None = None
        self._host = f"lovhub-{secrets.token_hex(4)}.local."
        self._told = ""

    def look(self) -> None:
        """Announce what is to be announced, if it is not yet."""
        wanted = self._wanted()
        if wanted == self._announced:
            return
        self.withdraw()
        if wanted is None:
            return
        from zeroconf import Error  # noqa: PLC0415 (a server that announces nothing does without)

        try:
            self._announce(wanted)
        except (OSError, Error) as error:
            # Another program has the port for itself, or the network is away: PCs that know the address do without.
            self.withdraw()
            if str(error) != self._told:
                self._told = str(error)
                log.warning("not_announced", reason=str(error))
        else:
            self._told = ""
            log.info("announced", addresses=wanted.addresses, port=wanted.port)

    def withdraw(self) -> None:
        """Tell the network that it is here no more; content if it never was."""
        zeroconf, self._zeroconf, self._announced = self._zeroconf, None, None
        if zeroconf is not None:
            zeroconf.close()

    def _announce(self, wanted: Announced) -> None:
        from zeroconf import IPVersion, ServiceInfo, Zeroconf  # noqa: PLC0415

        self._zeroconf = Zeroconf(
            interfaces=list(wanted.addresses), ip_version=IPVersion.V4Only, use_asyncio=False
        )
        info = ServiceInfo(
            SERVICE_TYPE,
            f"{_label(wanted.port)}.{SERVICE_TYPE}",
            parsed_addresses=list(wanted.addresses),
            port=wanted.port,
            properties={CLUB: club_property(wanted.club)},
            server=self._host,
        )
        # Machines made of one image may all have one name.
        self._zeroconf.register_service(info, allow_name_change=True)
        self._announced = wanted


def _label(port: int) -> str:
    """What this server is called beside others of the same network."""
    machine = "".join(sign if sign.isalnum() else "-" for sign in platform.node())
    cut = machine.encode()[:LONGEST_LABEL_BYTES].decode(errors="ignore")
    return f"{cut or 'lovhub'}-{port}"


@contextlib.contextmanager
def announcing(club: ClubContext, listener: socket.socket, *, is_on: bool) -> Iterator[None]:
    """Announce this server for as long as the block lasts, if the owner wants it."""
    port: int = listener.getsockname()[1]

    def wanted() -> Announced | None:
        addresses = reached_at(listener)
        return Announced(_name(club), addresses, port) if addresses else None

    # The network may come after the server, as it does when the machine has just been switched on.
    if not is_on or ipaddress.ip_address(listener.getsockname()[0]).is_loopback:
        yield
        return
    with _kept_told(club.clock, Announcer(wanted)):
        yield


@contextlib.contextmanager
def _kept_told(clock: Clock, announcer: Announcer) -> Iterator[None]:
    scheduler = Scheduler(clock, [Job("announce", LOOK_SECONDS, announcer.look)])
    beginning = threading.Timer(FIRST_SECONDS, scheduler.start)
    beginning.daemon = True
    beginning.start()
    try:
        yield
    finally:
        beginning.cancel()
        beginning.join()
        scheduler.stop()
        announcer.withdraw()


def _name(club: ClubContext) -> str:
    """Of the club; "" before it is founded."""
    with club.read() as db:
        founded = db.get(Club, club.club_id)
        return founded.name if founded is not None else ""
