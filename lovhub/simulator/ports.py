"""A port that nobody listens on."""

import errno
import socket

_TRIED = 50
_TAKEN = {errno.EADDRINUSE, errno.EACCES}  # another's; or reserved by the system


class NoFreePort(Exception):
    """All those tried are taken."""


def free_port(host: str, first: int) -> int:
    """The first free port from `first` on; raises NoFreePort, or OSError for an address that is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, min(first + _TRIED, 2**16)):
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            # A server that has just stopped leaves its port in TIME_WAIT, which is free for the next one.
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, port))
            except OSError as error:
                if error.errno in _TAKEN:
                    continue
                raise
        return port
    raise NoFreePort(str(first))
