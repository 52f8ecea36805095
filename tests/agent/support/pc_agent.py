"""A whole agent in a thread, with a movable clock and a stand-in launcher as a process."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import pytest

from lovhub.agent.agent import Agent
from lovhub.agent.journal import Journal
from lovhub.agent.libraries.scan import Found
from lovhub.agent.seat import OwnSeat, Seat
from lovhub.agent.settings import Address
from lovhub.agent.store import FileStore
from lovhub.agent.whereabouts import Search, Whereabouts
from lovhub.clock import ManualClock
from lovhub.protocol.local import Trouble
from tests.agent.support import stand_in_launcher
from tests.agent.support.launcher_side import WAIT_SECONDS, LauncherSide


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


class PcAgent(LauncherSide):
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
        super().__init__(folder / "launcher")
        self.endpoint = str(folder / "agent.sock")
        self._ready = threading.Event()
        self._environment = pytest.MonkeyPatch()

    def __enter__(self) -> Self:
        self._environment.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
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
        self._environment.undo()
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
