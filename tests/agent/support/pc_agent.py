"""A whole agent in a thread, with a movable clock and a stand-in launcher as a process."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from lovhub.agent.agent import Agent
from lovhub.agent.journal import Journal
from lovhub.agent.libraries.scan import Found
from lovhub.agent.seat import OwnSeat, Seat
from lovhub.agent.settings import Address
from lovhub.agent.store import FileStore
from lovhub.agent.whereabouts import Search, Whereabouts
from lovhub.clock import ManualClock
from lovhub.protocol.local import (
    AgentMessage,
    Clock,
    LauncherMessage,
    LocalAnswer,
    State,
    Trouble,
    agent_codec,
    launcher_codec,
)
from tests.agent.support import stand_in_launcher

WAIT_SECONDS = 20.0


class FakeMachine:
    """Does nothing to this computer, and remembers what it was asked for. `refuses`: the system says no."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.refuses = False
        self.stays_awake = False
        self.found = Found()

    def stay_awake(self) -> None:
        self.stays_awake = True

    def switch_off(self, *, restart: bool) -> None:
        self._note("restart" if restart else "shut_down")

    def set_volume(self, percent: int) -> None:
        self._note(percent)

    def wake(self, macs: Sequence[str]) -> None:
        self._note(list(macs))

    def find_games(self) -> Found:
        self._note("find_games")
        return self.found

    def _note(self, asked: object) -> None:
        if self.refuses:
            raise OSError("no right to")
        self.asked.append(asked)


Kind = TypeVar("Kind")


class PcAgent:
    def __init__(
        self,
        folder: Path,
        port: int,
        clock: ManualClock | None = None,
        boot_id: str = "boot-1",
        profile: Path | None = None,
        seat: Seat | None = None,
        search: Search | None = None,
        launcher: Callable[[str], Sequence[str]] | None = None,
        *,
        trouble: Trouble | None = None,
        is_guarded: bool = True,
    ) -> None:
        """`search`: a PC without an address, which finds its server by it. `launcher`: the command of another one."""
        self.search = search
        self.launcher = launcher
        self.trouble = trouble
        self.is_guarded = is_guarded
        self.folder = folder
        self.seat = seat or OwnSeat(profile)
        self.port = port
        self.clock = clock or ManualClock()
        self.boot_id = boot_id
        self.codes: list[str] = []
        self.machine = FakeMachine()
        self.launcher_folder = folder / "launcher"
        self.launcher_folder.mkdir(parents=True, exist_ok=True)
        for name in ("heard", "say", "pid"):
            (self.launcher_folder / name).unlink(missing_ok=True)
        self.endpoint = str(folder / "agent.sock")
        self._failure: BaseException | None = None
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        self.thread = threading.Thread(target=self._main, daemon=True)
        self.thread.start()
        assert self._ready.wait(WAIT_SECONDS)
        return self

    def __exit__(self, *error: object) -> None:
        closing = self.agent._applications.close_all()
        asyncio.run_coroutine_threadsafe(closing, self._loop).result(WAIT_SECONDS)
        self._loop.call_soon_threadsafe(self.agent.stop)
        self.thread.join(WAIT_SECONDS)
        assert not self.thread.is_alive()
        if self._failure is not None and error[0] is None:
            raise self._failure

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 - shown to the test at the end
            self._failure = error
            self._ready.set()

    async def _run(self) -> None:
        journal = Journal(self.folder)
        store = FileStore(self.folder)
        stand_in = [sys.executable, stand_in_launcher.__file__, self.endpoint]
        command = (
            self.launcher(self.endpoint)
            if self.launcher
            else [*stand_in, str(self.launcher_folder)]
        )
        self.agent = Agent(
            whereabouts=Whereabouts(
                [] if self.search else [Address("127.0.0.1", self.port)],
                store,
                self.search,
            ),
            data_folder=self.folder,
            endpoint=self.endpoint,
            store=store,
            journal=journal,
            clock=self.clock,
            boot_id=self.boot_id,
            launcher=command,
            machine=self.machine,
            announce=self.codes.append,
            seat=self.seat,
            trouble=self.trouble,
            is_guarded=self.is_guarded,
        )
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        try:
            await self.agent.run()
        finally:
            journal.close()

    def call(self, question: Callable[[], Any]) -> Any:
        """Ask something in the agent's own thread."""

        async def answer() -> Any:
            return question()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(WAIT_SECONDS)

    # --- the launcher's side ---

    def launcher_pid(self) -> int:
        pid: int = self.wait_until(lambda: _number(self.launcher_folder / "pid"))
        return pid

    def heard(self, kind: type[Kind]) -> list[Kind]:
        path = self.launcher_folder / "heard"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        messages: list[AgentMessage] = [agent_codec.decode(line) for line in lines]
        return [message for message in messages if isinstance(message, kind)]

    def shown(self) -> Clock:
        """The last clock the launcher was told."""
        return (self.heard(Clock) or [Clock(seconds_left=-1, played_seconds=-1)])[-1]

    def state(self) -> State | None:
        states = self.heard(State)
        return states[-1] if states else None

    def wait_mode(self, mode: str) -> State:
        """Until the launcher was told of this mode."""
        state: State = self.wait_until(
            lambda: state if (state := self.state()) and state.mode == mode else None
        )
        return state

    def say(self, message: LauncherMessage) -> None:
        with (self.launcher_folder / "say").open("ab") as say:
            say.write(launcher_codec.encode(message) + b"\n")

    def ask(self, message: Any) -> str:
        """The player does something; returns the code of the answer."""
        self.say(message)
        answer: LocalAnswer = self.wait_until(
            lambda: next(
                (a for a in self.heard(LocalAnswer) if a.request_id == message.request_id), None
            )
        )
        return answer.code

    def wait_until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := condition()):
            if time.monotonic() > deadline or self._failure is not None:
                raise AssertionError(f"waited in vain; last state: {self.state()}") from (
                    self._failure
                )
            time.sleep(0.02)
        return found


def _number(path: Path) -> int | None:
    text = path.read_text() if path.exists() else ""
    return int(text) if text else None
