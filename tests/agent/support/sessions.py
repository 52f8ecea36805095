"""Windows' sessions as a service sees them, played on this system."""

import asyncio
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from lovhub.agent.platform import ProcessGroup, serve_local, start_group
from lovhub.agent.platform.common import Connected, Listener
from lovhub.agent.seat import NobodyThere, Occupant


class FakeSessions:
    """As `seat.Sessions` has it. `there`: whoever is signed in at the PC; `afar`: from another computer."""

    def __init__(self, there: Occupant | None = None) -> None:
        self.there = there
        self.afar = ""
        self.started: list[tuple[int, tuple[str, ...]]] = []
        self.stranger_pid = 0
        self.listens_for: str | None = None
        self.readable: list[Path] = []
        self.answers = b""
        """What errands say instead of their own answer."""

    def occupant(self) -> Occupant | None:
        return self.there

    def remote(self) -> str:
        return self.afar

    async def start(
        self,
        session: int,
        command: Sequence[str],
        *,
        ask_to_end: Callable[[Sequence[int]], None],
        folder: Path | None = None,
        with_input: bool = False,
        outlives_agent: bool = False,
    ) -> ProcessGroup:
        assert ask_to_end is not None
        self._must_be_there(session)
        self.started.append((session, tuple(command)))
        return await start_group(
            command, folder=folder, with_input=with_input, outlives_agent=outlives_agent
        )

    def run(self, session: int, command: Sequence[str], line: bytes, seconds: float) -> bytes:
        self._must_be_there(session)
        self.started.append((session, tuple(command)))
        if self.answers:
            return self.answers
        done = subprocess.run(
            command, input=line, stdout=subprocess.PIPE, timeout=seconds, check=False
        )
        return done.stdout

    def let_read(self, folder: Path) -> None:
        self.readable.append(folder)

    async def serve(self, endpoint: str, connected: Connected, account: str) -> Listener:
        self.listens_for = account
        return await serve_local(endpoint, connected)

    def pid_of(self, writer: asyncio.StreamWriter) -> int:
        if self.stranger_pid:
            return self.stranger_pid
        peer = writer.get_extra_info("socket")
        return int.from_bytes(
            peer.getsockopt(1, 17, 12)[:4], "little"
        )  # SO_PEERCRED begins with the pid

    def _must_be_there(self, session: int) -> None:
        if self.there is None or self.there.session != session:
            raise NobodyThere("no such session")
