"""Who sits at this PC, and how things are done with their rights.

An agent that runs as the player does them itself (`OwnSeat`). One that is a service of Windows has the rights of the
system, and none of them are for what a player has started or owns: it does such things in the player's session, by
programs that Windows starts there as that player (`SessionSeat`).
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from lovhub import volume
from lovhub.agent import errand, platform
from lovhub.agent.platform import ProcessGroup
from lovhub.agent.platform.common import Connected, Listener
from lovhub.agent.sweep import sweep
from lovhub.loading import own_command

log = structlog.get_logger("seat")

ERRAND_SECONDS = 20.0
SWEEP_SECONDS = 300.0
LARGEST_ANSWER_BYTES = 64 * 1024
"""What runs as the player may say what it likes; it is not kept without end."""


class NobodyThere(OSError):
    """No player is signed in to Windows here."""


class Occupant(NamedTuple):
    """Whoever is signed in at the PC's own screen: the session's number, and the account."""

    session: int
    account: str


class Sitting(NamedTuple):
    """The session in which a player is to be kept from the PC, None while no player is signed in.

    `stranger`: the account that is signed in and is not the player's, or is so from another computer; "" for none.
    """

    session: int | None
    stranger: str = ""


class Seat(Protocol):
    """What is said to block may take seconds: not for the event loop."""

    def look(self) -> Sitting:
        """Who sits there now."""
        ...

    async def start(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        with_input: bool = False,
        outlives_agent: bool = False,
    ) -> ProcessGroup:
        """Start a program as the player, see `platform.start_group`; raises OSError."""
        ...

    def ask_to_end(self, pids: Sequence[int]) -> None:
        """Politely; returns at once."""
        ...

    def open_address(self, address: str) -> None:
        """Blocks. Let whoever answers to such addresses have it; raises OSError."""
        ...

    def sweep(self, lines: Sequence[str]) -> int:
        """Blocks. Clear away what the player has left; returns how much would not go, raises OSError."""
        ...

    def displays(self) -> tuple[list[str], list[str]]:
        """Blocks. Graphics cards, and screens as they are set now; raises OSError."""
        ...

    def set_volume(self, percent: int) -> None:
        """Blocks. Of everything that is heard here; raises OSError."""
        ...

    def let_read(self, folder: Path) -> None:
        """Let the player read what is made in this folder, to run programs from it; raises OSError."""
        ...

    async def serve(self, endpoint: str, connected: Connected) -> Listener:
        """Listen where the launcher attaches; raises OSError."""
        ...

    def is_launcher(self, writer: asyncio.StreamWriter, pid: int) -> bool:
        """Whether the other end may be the launcher, that was started as process `pid`."""
        ...


class OwnSeat:
    """The agent runs as the player. `profile`: the player's folder, None where nothing is cleared away."""

    def __init__(self, profile: Path | None = None) -> None:
        self._profile = profile

    def look(self) -> Sitting:
        """See Seat: this very session."""
        return Sitting(0)

    async def start(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        with_input: bool = False,
        outlives_agent: bool = False,
    ) -> ProcessGroup:
        """See Seat."""
        return await platform.start_group(
            command, folder=folder, with_input=with_input, outlives_agent=outlives_agent
        )

    def ask_to_end(self, pids: Sequence[int]) -> None:
        """See Seat."""
        platform.ask_to_end(pids)

    def open_address(self, address: str) -> None:
        """See Seat."""
        platform.open_address(address)

    def sweep(self, lines: Sequence[str]) -> int:
        """See Seat."""
        return 0 if self._profile is None else sweep(self._profile, lines)

    def displays(self) -> tuple[list[str], list[str]]:
        """See Seat."""
        told = errand.displays()
        return list(told.gpus), list(told.screens)

    def set_volume(self, percent: int) -> None:
        """See Seat."""
        volume.set_level(percent)

    def let_read(self, folder: Path) -> None:
        """See Seat: whoever made it reads it."""

    async def serve(self, endpoint: str, connected: Connected) -> Listener:
        """See Seat: for this user only."""
        return await platform.serve_local(endpoint, connected)

    def is_launcher(self, writer: asyncio.StreamWriter, pid: int) -> bool:  # noqa: ARG002 - a virtual environment's python.exe has a child
        """See Seat: a process of this user."""
        return platform.peer_allowed(writer)


class Sessions(Protocol):
    """What Windows lets a service do in the sessions of its users (`platform/windows_sessions.py`)."""

    def occupant(self) -> Occupant | None:
        """Whoever is signed in at the PC's own screen and keyboard."""
        ...

    def remote(self) -> str:
        """The account that works here from another computer (Remote Desktop), "" for none."""
        ...

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
        """Start a program there as whoever is signed in, and end it politely by `ask_to_end`; raises OSError."""
        ...

    def run(self, session: int, command: Sequence[str], line: bytes, seconds: float) -> bytes:
        """Run a program there to its end, with this line as its input; returns what it says. Raises OSError."""
        ...

    def let_read(self, folder: Path) -> None:
        """Let every account of this PC read what is made in this folder. Raises OSError."""
        ...

    async def serve(self, endpoint: str, connected: Connected, account: str) -> Listener:
        """Listen, for this account only; "" for whoever is signed in at this PC. Raises OSError."""
        ...

    def pid_of(self, writer: asyncio.StreamWriter) -> int:
        """The process at the other end, 0 if that is not to be known."""
        ...


class SessionSeat:
    """The agent is a service. `account`: the player's, "" where whoever signs in is a player."""

    def __init__(self, sessions: Sessions, account: str, *, clears_traces: bool) -> None:
        self._sessions = sessions
        self._account = account
        self._clears_traces = clears_traces

    def look(self) -> Sitting:
        """See Seat. No lock stands between the PC and who works there from another computer, be it the player."""
        occupant, remote = self._sessions.occupant(), self._sessions.remote()
        stranger = f"{remote} (RDP)" if remote else ""
        if occupant is None:
            return Sitting(None, stranger)
        if not self._account or occupant.account.casefold() == self._account.casefold():
            return Sitting(occupant.session, stranger)
        return Sitting(None, occupant.account)

    async def start(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        with_input: bool = False,
        outlives_agent: bool = False,
    ) -> ProcessGroup:
        """See Seat; raises NobodyThere too."""
        return await self._sessions.start(
            self._there(),
            command,
            ask_to_end=self.ask_to_end,
            folder=folder,
            with_input=with_input,
            outlives_agent=outlives_agent,
        )

    def ask_to_end(self, pids: Sequence[int]) -> None:
        """See Seat. Windows shows a service none of the player's windows."""
        threading.Thread(
            target=self._ask_to_end, args=(tuple(pids),), name="ask-to-end", daemon=True
        ).start()

    def _ask_to_end(self, pids: tuple[int, ...]) -> None:
        try:
            self._do(errand.AskToEnd(pids))
        except OSError as error:
            log.info("not_asked_to_end", reason=str(error))

    def open_address(self, address: str) -> None:
        """See Seat."""
        self._do(errand.OpenAddress(address))

    def sweep(self, lines: Sequence[str]) -> int:
        """See Seat."""
        if not self._clears_traces:
            return 0
        return self._do(errand.Sweep(tuple(lines)), SWEEP_SECONDS).left

    def displays(self) -> tuple[list[str], list[str]]:
        """See Seat."""
        told = self._do(errand.LookAtDisplays())
        return list(told.gpus), list(told.screens)

    def set_volume(self, percent: int) -> None:
        """See Seat. The sound is the player's session's."""
        self._do(errand.SetVolume(percent))

    def let_read(self, folder: Path) -> None:
        """See Seat. Only those who administer enter the folder that it lies in."""
        self._sessions.let_read(folder)

    async def serve(self, endpoint: str, connected: Connected) -> Listener:
        """See Seat."""
        return await self._sessions.serve(endpoint, connected, self._account)

    def is_launcher(self, writer: asyncio.StreamWriter, pid: int) -> bool:
        """See Seat: the very process that was started, and no other of the player's."""
        return pid != 0 and self._sessions.pid_of(writer) == pid

    def _there(self) -> int:
        session = self.look().session
        if session is None:
            raise NobodyThere("no player is signed in")
        return session

    def _do(self, request: errand.Request, seconds: float = ERRAND_SECONDS) -> errand.Answer:
        """Have a program of ours do it as the player."""
        said = self._sessions.run(
            self._there(), own_command("agent", errand.NAME), errand.encode(request), seconds
        )
        try:
            answer = errand.decode_answer(said[:LARGEST_ANSWER_BYTES])
        except ValueError as error:
            raise OSError("the errand says nothing of use") from error
        if answer.error:
            raise OSError(answer.error)
        return answer
