"""Sign-ins as fast as they are wanted: requests made ready, kept connections, one that falls away replaced.

A process offers so many a second whether they are answered or not; whoever comes late hurries after.
"""

import asyncio
import itertools
import re
import ssl
import time
from collections import Counter
from collections.abc import Callable
from typing import cast

CONNECTIONS = 500
NEW_AT_ONCE = 20
"""Handshakes under way: they cost the server more than what they are made for."""

MOST_UNANSWERED = 128
"""Of one connection: whoever is not read takes no more, and the next one is asked by another."""

STEP_SECONDS = 0.005
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LONGEST_STATUS = len(b"HTTP/1.1 200")


class Knocker(asyncio.Protocol):
    """One connection. Counts what is answered on it."""

    def __init__(self, said: bytes, counted: Counter[str]) -> None:
        self.is_lost = False
        self.unanswered = 0
        self._said = said
        self._counted = counted
        self._is_full = False
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See Protocol."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        """See Protocol."""
        self.is_lost = True

    def pause_writing(self) -> None:
        """See Protocol."""
        self._is_full = True

    def resume_writing(self) -> None:
        """See Protocol."""
        self._is_full = False

    def data_received(self, data: bytes) -> None:
        """See Protocol."""
        data = self._rest + data
        end = 0
        for found in _STATUS.finditer(data):
            self._counted[found[1].decode()] += 1
            self.unanswered -= 1
            end = found.end()
        self._rest = data[max(end, len(data) - _LONGEST_STATUS) :]

    def ask(self) -> bool:
        """Say it once more; False where nobody takes it."""
        if self.is_lost or self._is_full or self.unanswered >= MOST_UNANSWERED:
            return False
        assert self._transport is not None  # noqa: S101 (it is asked once it is connected)
        self._transport.write(self._said)
        self.unanswered += 1
        self._counted["asked"] += 1
        return True


async def knock(
    port: int,
    tls: ssl.SSLContext,
    said: bytes,
    *,
    a_second: float,
    until: float,
    address: Callable[[int], str],
    tell: Callable[[str], None],
) -> None:
    """Say `said` so often, over connections from many addresses; tells its pace and the answers each second."""
    counted: Counter[str] = Counter()
    knockers: list[Knocker] = []
    numbers = itertools.count()

    async def keep_connected() -> None:
        while True:
            knockers[:] = [one for one in knockers if not one.is_lost]
            missing = min(CONNECTIONS - len(knockers), NEW_AT_ONCE)
            found = await asyncio.gather(
                *(connected(next(numbers)) for _ in range(missing)), return_exceptions=True
            )
            knockers.extend(one for one in found if isinstance(one, Knocker))
            await asyncio.sleep(0.01)

    async def connected(number: int) -> Knocker:
        async with asyncio.timeout(5):
            _, knocker = await asyncio.get_running_loop().create_connection(
                lambda: Knocker(said, counted), "127.0.0.1", port, ssl=tls,
                server_hostname="localhost", local_addr=(address(number), 0),
            )  # fmt: skip
        return knocker

    async def ask() -> None:
        while len(knockers) < CONNECTIONS // 2:  # noqa: ASYNC110 (nothing tells that there are enough)
            await asyncio.sleep(STEP_SECONDS)
        began = told_at = time.monotonic()
        turn = 0
        while (now := time.monotonic()) < until:
            due = int((now - began) * a_second) - counted["asked"]
            refused = 0
            while due > 0 and refused < len(knockers):
                turn += 1
                if knockers[turn % len(knockers)].ask():
                    due, refused = due - 1, 0
                else:
                    refused += 1
            if now - told_at >= 1:
                told_at = now
                answers = ", ".join(
                    f"{code}: {count}" for code, count in sorted(counted.items()) if code != "asked"
                )
                tell(f"{counted['asked'] / (now - began):.0f} asked a second; answered {answers}")
            await asyncio.sleep(STEP_SECONDS)

    keeping = asyncio.create_task(keep_connected())
    try:
        await ask()
    finally:
        keeping.cancel()
