"""Asking the network who is there, as every program may: a datagram, an attempt to connect, the system's table."""

import errno
import itertools
import selectors
import socket
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from typing import Protocol

from lovhub.server.platform import Neighbour, neighbours

_DISCARD = 9
"""Nobody listens there; to send it anything, the system must find out whose the address is."""

_PORTS = (135, 445, 5357, 7680, 27036)
"""Where Windows answers in spite of its firewall, more or less often: names and files (in a network that it takes for
private), its updates from PCs nearby, and Steam. A system without a firewall answers everywhere, with a refusal.
"""

_PATIENCE_SECONDS = 3.0
"""Windows tries for two seconds before it believes a refusal."""

_ANSWERS = frozenset({0, errno.ECONNREFUSED, 10061})
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, 10035})
"""The numbers above 10000 are Windows' own."""


class Network(Protocol):
    """What a server sees of its own networks."""

    def neighbours(self) -> list[Neighbour]:
        """Whom the system knows. Raises OSError where it does not tell."""
        ...

    def stir(self, addresses: Iterable[str]) -> None:
        """Have the system find out whose these are; what it finds is there some seconds later."""
        ...

    def answering(self, addresses: Collection[str]) -> set[str]:
        """Those at which a running system answers an attempt to connect, be it with a refusal; takes three seconds.

        A few dozen at most: each takes several sockets.
        """
        ...


class LocalNetwork:
    """The network cards of this machine."""

    def neighbours(self) -> list[Neighbour]:
        """See Network."""
        return neighbours()

    def stir(self, addresses: Iterable[str]) -> None:
        """See Network."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            # Addresses are what PCs say of themselves: none leads beyond the networks in which this machine stands.
            line.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
            for address in addresses:
                _send(line, address)

    def answering(self, addresses: Collection[str]) -> set[str]:
        """See Network."""
        return set(_answering(addresses))


def _send(line: socket.socket, address: str) -> None:
    try:
        line.sendto(b"", (address, _DISCARD))
    except OSError:
        return  # no way there, or too many at once: at the next turn


def _answering(addresses: Collection[str]) -> Iterator[str]:
    until = time.monotonic() + _PATIENCE_SECONDS
    missing = set(addresses)
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for address, port in itertools.product(addresses, _PORTS):
            line = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            line.setblocking(False)
            problem = line.connect_ex((address, port))
            if problem in _UNDER_WAY:
                selector.register(line, selectors.EVENT_WRITE, address)
            elif problem in _ANSWERS and address in missing:
                missing.discard(address)
                yield address
        while missing and selector.get_map() and (left := until - time.monotonic()) > 0:
            for key, _events in selector.select(left):
                line = key.fileobj  # type: ignore[assignment]  # what was registered
                selector.unregister(line)
                problem = line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if problem in _ANSWERS and key.data in missing:
                    missing.discard(key.data)
                    yield key.data
