"""What the desk asks this PC to do: at most once, never after its time, and always answered."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol, get_args

import structlog

from lovhub.agent.journal import Journal
from lovhub.agent.machine import Machine
from lovhub.protocol import local
from lovhub.protocol.channel import ClientFrame, Command, CommandResult
from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES, AnswerCode, CommandKind

log = structlog.get_logger("commands")

KINDS: tuple[str, ...] = get_args(CommandKind)
PICTURE_SECONDS = 5.0
"""A launcher that has not taken the picture by then will not."""

REMEMBERED_ANSWERS = 100
LONGEST_DETAIL = 200


class CommandFailed(Exception):
    """It was not done; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Hands(Protocol):
    """What the agent does for the desk. Each raises CommandFailed."""

    def end_session(self, session_id: int | None) -> None:
        """Whoever sits here is signed out; the session of this number has been ended by the server."""
        ...

    def hold(self, *, held: bool) -> None:
        """Cover the screen of a session while its time runs, or uncover it."""
        ...

    async def start_application(self, application_id: int) -> AnswerCode:
        """Start a program in the session."""
        ...

    def going_off(self, reason: Literal["restart", "shutdown"]) -> None:
        """The PC is about to go off: what is known is saved, and goodbye said."""
        ...


class Commands:
    """Carries commands out. `send` reaches the server, `tell` the launcher (False: there is none)."""

    def __init__(
        self,
        journal: Journal,
        machine: Machine,
        hands: Hands,
        *,
        send: Callable[[ClientFrame], object],
        tell: Callable[[local.AgentMessage], bool],
        run: Callable[[Coroutine[Any, Any, None]], None],
        server_now: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._machine = machine
        self._hands = hands
        self._send = send
        self._tell = tell
        self._run = run
        self._server_now = server_now
        self._answers: dict[str, CommandResult | None] = {}
        """By the command's id; None while it is being carried out."""
        self._pictures: dict[str, asyncio.Future[bytes]] = {}
        self._one_look = asyncio.Lock()

    def take(self, command: Command) -> None:
        """Begin with it, unless it is late or was begun before: then the answer is given again."""
        command_id = command.command_id
        if command_id in self._answers:
            known = self._answers[command_id]
            if known is not None:
                self._send(known)
        elif self._is_late(command):
            self._answer(command, CommandResult(command_id, ok=False, detail="expired"))
        elif not self._journal.first_time(command_id):
            self._answer(command, CommandResult(command_id, ok=True, detail="done before"))
        else:
            self._remember(command_id, None)
            self._begin(command)

    def picture_taken(self, message: local.Screenshot) -> None:
        """The launcher has looked at the screen."""
        waiting = self._pictures.get(message.command_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(message.picture)

    def _is_late(self, command: Command) -> bool:
        """A frame may lie in a sleeping PC for hours: what counts is the server's clock."""
        if command.ttl_seconds <= 0:
            return True
        return 0 < command.expires_at < self._server_now()

    def _begin(self, command: Command) -> None:
        try:
            if self._do_at_once(command):
                self._answer(command, CommandResult(command.command_id, ok=True))
            else:
                self._run(self._carry_out(command))
        except CommandFailed as failed:
            self._answer(command, CommandResult(command.command_id, ok=False, detail=failed.code))

    def _do_at_once(self, command: Command) -> bool:
        """What takes no time; False for the rest."""
        match command.kind:
            case "message":
                self._tell(local.Notice(text=command.text))
            case "sign_out":
                self._hands.end_session(command.session_id)
            case "lock" | "unlock":
                self._hands.hold(held=command.kind == "lock")
            case _:
                return False
        return True

    async def _carry_out(self, command: Command) -> None:
        try:
            result = await self._do(command)
        except CommandFailed as failed:
            result = CommandResult(command.command_id, ok=False, detail=failed.code)
        except (OSError, ValueError) as error:
            log.warning("command_failed", kind=command.kind, reason=str(error))
            detail = str(error)[:LONGEST_DETAIL] or "failed"
            result = CommandResult(command.command_id, ok=False, detail=detail)
        self._answer(command, result)
        if result.ok and command.kind in {"restart", "shut_down"}:
            self._hands.going_off("restart" if command.kind == "restart" else "shutdown")

    async def _do(self, command: Command) -> CommandResult:
        picture = b""
        match command.kind:
            case "start":
                code = await self._hands.start_application(command.application_id)
                if code != "ok":
                    raise CommandFailed(code)
            case "volume":
                percent = min(100, max(0, command.percent))
                await asyncio.to_thread(self._machine.set_volume, percent)
            case "wake":
                await asyncio.to_thread(self._machine.wake, command.macs)
            case "restart" | "shut_down":
                self._tell(local.DeskDid(command.kind))
                restart = command.kind == "restart"
                await asyncio.to_thread(self._machine.switch_off, restart=restart)
            case "screenshot":
                picture = await self._picture(command.command_id)
            case "find_games":
                return await self._games(command.command_id)
        return CommandResult(command.command_id, ok=True, picture=picture)

    async def _games(self, command_id: str) -> CommandResult:
        """One look at a time: it reads the whole disk's worth of folders."""
        async with self._one_look:
            found = await asyncio.to_thread(self._machine.find_games)
        return CommandResult(
            command_id,
            ok=True,
            stores=found.stores,
            games=found.games,
            games_left_out=found.left_out,
        )

    async def _picture(self, command_id: str) -> bytes:
        """Only the launcher sees the player's screen; once it was seen, the player is told."""
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pictures[command_id] = waiting
        try:
            if not self._tell(local.TakeScreenshot(command_id)):
                raise CommandFailed("no_launcher")
            picture = await asyncio.wait_for(waiting, PICTURE_SECONDS)
        except TimeoutError:
            raise CommandFailed("no_launcher") from None
        finally:
            del self._pictures[command_id]
        if not 0 < len(picture) <= LARGEST_SCREENSHOT_BYTES:
            raise CommandFailed("screenshot_failed")
        self._tell(local.DeskDid("screenshot"))
        return picture

    def _answer(self, command: Command, result: CommandResult) -> None:
        # A picture is not kept a moment longer than it takes to send it, nor what was found on the disks.
        kept = CommandResult(result.command_id, ok=result.ok, detail=result.detail)
        self._remember(command.command_id, kept)
        self._send(result)

    def _remember(self, command_id: str, result: CommandResult | None) -> None:
        self._answers[command_id] = result
        while len(self._answers) > REMEMBERED_ANSWERS:
            del self._answers[next(iter(self._answers))]
