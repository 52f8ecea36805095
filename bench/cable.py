"""A network between a server and PostgreSQL that is cut as a cable is: a namespace behind a pair of interfaces.

    python -m bench.cable SOCKET PORT        run inside the namespace: what comes to the port goes on to the socket

While it is cut, the kernel says nothing to those who speak, or that nobody is there, as it does in a club; a proxy that
stands still (`bench/balancer.py`) takes every word and answers none. Only root may make it.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from bench.balancer import Balancer
from tests.support.programs import dies_with_the_tests, find_program, stop

PORT = 5432
START_SECONDS = 20.0
LISTENS = b"listens\n"


def why_not() -> str:
    """What keeps this program from making one; nothing: ""."""
    if not sys.platform.startswith("linux"):
        return "only Linux has network namespaces"
    return "" if os.geteuid() == 0 else "only root may make a network namespace: run it by sudo"


class Cable:
    """To a PostgreSQL's Unix socket. It is gone with the process at its far end, however that ends."""

    port = PORT

    def __init__(self, number: int, socket: Path) -> None:
        # Addresses of RFC 2544: for measuring, and nobody's.
        self.host = f"198.18.{number}.2"
        self._socket = socket
        self._near_host = f"198.18.{number}.1"
        self._near, self._far = f"lovhub{number}", f"lovhub{number}far"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Lay it."""
        self._process = subprocess.Popen(  # noqa: ASYNC220 (it ends with the thread that starts it)
            [
                *dies_with_the_tests(),
                *(find_program("unshare", "util-linux"), "--net"),
                *(sys.executable, "-m", "bench.cable", str(self._socket), str(PORT)),
            ],
            stdout=subprocess.PIPE,
        )
        output = self._process.stdout
        if output is None or await asyncio.to_thread(output.readline) != LISTENS:
            raise RuntimeError("the far end of the cable did not start")
        near, far = ["dev", self._near], ["dev", self._far]
        _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far)
        _ip("link", "set", self._far, "netns", str(self._process.pid))
        _ip("address", "add", f"{self._near_host}/30", *near)
        _ip("link", "set", *near, "up")
        self._there("address", "add", f"{self.host}/30", *far)
        await self.mend()

    async def cut(self) -> None:
        """Pull it out at the far end."""
        self._there("link", "set", self._far, "down")

    async def mend(self) -> None:
        """Put it in again."""
        self._there("link", "set", self._far, "up")

    async def stop(self) -> None:
        """Take it away."""
        if self._process is not None:
            await asyncio.to_thread(stop, self._process)

    def _there(self, *words: str) -> None:
        process = self._process
        if process is None:
            raise RuntimeError("the cable is not laid")
        _run(find_program("nsenter", "util-linux"), f"--net=/proc/{process.pid}/ns/net",
             find_program("ip", "iproute2"), *words)  # fmt: skip


def _ip(*words: str) -> None:
    _run(find_program("ip", "iproute2"), *words)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, timeout=START_SECONDS)


async def _far_end(socket: Path, port: int) -> None:
    forwarder = Balancer(
        [lambda: asyncio.open_unix_connection(socket)],
        host="0.0.0.0",  # noqa: S104 (of the namespace)
        port=port,
    )
    await forwarder.start()
    sys.stdout.buffer.write(LISTENS)
    sys.stdout.buffer.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_far_end(Path(sys.argv[1]), int(sys.argv[2])))
