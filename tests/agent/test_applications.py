import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from lovhub.agent.applications import Applications
from lovhub.agent.seat import OwnSeat
from lovhub.clock import ManualClock
from lovhub.protocol.views import ApplicationView
from tests.agent.support.programs import start_and_die
from tests.support.programs import RUNS_ON


def program(code: str) -> ApplicationView:
    return ApplicationView(
        application_id=5,
        title="Игра",
        kind="game",
        exe_path=sys.executable,
        arguments=("-c", code),
    )


class Player:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.exited: list[tuple[int, int, int]] = []
        self.applications = Applications(self, self.clock, folder, OwnSeat())

    def application_exited(self, application_id: int, session_id: int, ran_seconds: int) -> None:
        self.exited.append((application_id, session_id, ran_seconds))

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(20):
            while not (found := condition()):  # noqa: ASYNC110 - files and processes are looked at
                await asyncio.sleep(0.02)
            return found


def live(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_program_that_ends_by_itself_is_told_with_the_time_it_ran(tmp_path: Path) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        stop = tmp_path / "stop"
        code = f"import os, time\nwhile not os.path.exists({str(stop)!r}): time.sleep(0.01)"
        await player.applications.start(program(code), 3)
        assert player.applications.running_ids == (5,)
        player.clock.advance(90)
        stop.touch()
        await player.until(lambda: player.exited)
        assert player.exited == [(5, 3, 90)]
        assert player.applications.running_ids == ()

    live(test())


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        missing = ApplicationView(application_id=5, title="", kind="game", exe_path="/no/such")
        with pytest.raises(FileNotFoundError):
            await player.applications.start(missing, 3)
        assert player.applications.running_ids == ()

    live(test())


def test_a_program_deaf_to_politeness_is_ended_with_all_it_started(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal;"
        f" signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); {RUNS_ON}'],"
        " stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(f'{{child.pid}}.')\n"
        f"{RUNS_ON}\n"
    )

    async def test() -> None:
        player = Player(tmp_path)
        await player.applications.start(program(stubborn), 3)
        note = tmp_path / "child"
        await player.until(lambda: note.exists() and note.read_text().endswith("."))
        child = psutil.Process(int(note.read_text()[:-1]))
        await player.applications.close_all()
        await player.until(lambda: gone(child))
        assert [exited[:2] for exited in player.exited] == [(5, 3)]

    live(test())


def test_what_a_program_left_running_is_closed_too(tmp_path: Path) -> None:
    """Many games are started by a small program that ends at once."""
    starter = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {RUNS_ON!r}])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(f'{{child.pid}}.')\n"
        "import os; os._exit(0)\n"
    )

    async def test() -> None:
        player = Player(tmp_path)
        await player.applications.start(program(starter), 3)
        await player.until(lambda: player.exited)
        child = psutil.Process(int((tmp_path / "child").read_text()[:-1]))
        assert not gone(child)
        await player.applications.close_all()
        await player.until(lambda: gone(child))

    live(test())


def test_a_program_outlives_its_agent_and_is_taken_up_by_the_next(tmp_path: Path) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        game = start_and_die(program(RUNS_ON), tmp_path, player.clock)
        player.clock.advance(60)
        player.applications.adopt()
        assert player.applications.running_ids == (5,)
        await player.applications.close_all()
        assert gone(game)
        assert player.exited == [(5, 3, 60)]

    live(test())


def test_a_program_that_ended_meanwhile_is_not_taken_up(tmp_path: Path) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        game = start_and_die(program(RUNS_ON), tmp_path, player.clock)
        game.kill()
        await player.until(lambda: gone(game))
        player.applications.adopt()
        await player.until(lambda: player.applications.running_ids == ())

    live(test())
