"""A channel client in a thread of its own, with a handler that remembers everything."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

from lovhub.agent.client import ChannelClient
from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.agent.store import IdentityStore, Membership, MemoryStore
from lovhub.agent.whereabouts import Whereabouts
from lovhub.clock import ManualClock
from lovhub.protocol import PROTOCOL_VERSION, channel

WAIT_SECONDS = 40.0


class PcClient:
    def __init__(
        self,
        port: int,
        store: IdentityStore | None = None,
        bulk_token: str = "",
        whereabouts: Whereabouts | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.clock = ManualClock()
        self.frames: list[channel.ServerFrame] = []
        self.codes: list[str] = []
        self.false_servers: list[str] = []
        self.forgotten: list[str] = []
        self.asked: list[Address | None] = []
        self.losses = 0
        self.unknown = 0
        self.client = ChannelClient(
            whereabouts or Whereabouts([Address("127.0.0.1", port)], self.store),
            self.store,
            self,
            self.clock,
            hostname="DESKTOP-1",
            chance=random.Random(1),
            poll_seconds=0.02,
            bulk_token=bulk_token,
            forget_token=lambda: self.forgotten.append(bulk_token),
        )

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._task = self._loop.create_task(self.client.run())
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()

    def _main(self) -> None:
        async def run() -> None:
            await asyncio.gather(self._task, return_exceptions=True)
            # A connection that was given up while it opened is closed in some turns of the loop.
            for _ in range(10):
                await asyncio.sleep(0)

        with self._runner:
            self._runner.run(run())

    def call(self, action: Callable[..., Any], *arguments: Any) -> None:
        """In the client's own thread."""
        self._loop.call_soon_threadsafe(action, *arguments)

    def wait_until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain; {self.__dict__}")
            time.sleep(0.01)
        return found

    # --- ChannelHandler ---

    def looking(self, address: Address | None, to_choose: Sequence[ServerFound]) -> None:
        self.asked.append(address)

    def hello(self, membership: Membership) -> channel.Hello:
        return channel.Hello(
            protocol=PROTOCOL_VERSION,
            agent_version="0",
            computer_id=membership.computer_id,
            token=membership.token,
            boot_id="boot",
            hostname="DESKTOP-1",
            operating_system="Linux",
            journal_id="journal",
            lock="locked",
        )

    def heartbeat(self, seq: int) -> channel.Heartbeat:
        return channel.Heartbeat(seq=seq, lock="locked")

    def server_frame(self, frame: channel.ServerFrame) -> None:
        self.frames.append(frame)

    def link_lost(self) -> None:
        self.losses += 1

    def pairing_code(self, code: str) -> None:
        self.codes.append(code)

    def false_server(self, detail: str) -> None:
        self.false_servers.append(detail)

    def unknown_computer(self) -> None:
        self.unknown += 1
