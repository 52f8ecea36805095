"""Taking the port, and the addresses under which people reach it."""

import contextlib
import errno
import socket
import sys
from collections.abc import Iterator

from lovhub.server.certificate import local_addresses
from lovhub.server.refusal import StartRefused

ALL_HOSTS = "all"
BACKLOG = 2048
_FIRST_FREE_PORT = 1024


def addresses(host: str, port: int) -> list[str]:
    """Where people reach the server, as `https://…` without a path; the club's network first."""
    if host not in {ALL_HOSTS, "", "0.0.0.0"}:  # noqa: S104 (what the owner may have asked for)
        hosts = [f"[{host}]" if ":" in host else host]
    else:
        hosts = [address for address in local_addresses() if ":" not in address]
    return [f"https://{found}:{port}" for found in hosts]


@contextlib.contextmanager
def listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    """The port, taken for this process alone; raises StartRefused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # Without this another program could take the same port and listen in.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _take(listener, "" if host == ALL_HOSTS else host, port)
        listener.setblocking(False)
        yield listener
    finally:
        listener.close()


def _take(listener: socket.socket, host: str, port: int) -> None:
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except PermissionError as error:
        # Windows says this, too, of a port that another program holds for itself alone.
        code = "port_forbidden" if port < _FIRST_FREE_PORT else "port_busy"
        raise StartRefused(code, port=port) from error
    except (
        socket.gaierror,
        TypeError,
        UnicodeError,
    ) as error:  # TypeError: a name that IDNA refuses
        raise StartRefused("host_unknown", host=host) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartRefused("port_busy", port=port) from error
        raise StartRefused("host_unknown", host=host) from error
