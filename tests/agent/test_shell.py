"""What stands in Explorer's place: the screen is covered whenever the agent's service does not see to it."""

import subprocess

import pytest

from lovhub.agent import cover
from lovhub.agent.cover import LauncherStandIn
from lovhub.agent.shell import Shell


class FakeStandIn:
    def __init__(self) -> None:
        self.is_there = True

    def covers(self) -> bool:
        return self.is_there

    def end(self) -> None:
        self.is_there = False


class FakeSurroundings:
    def __init__(self, *, runs: bool = False) -> None:
        self.runs = runs
        self.woken = 0
        self.launcher = False
        self.stand_ins: list[FakeStandIn] = []
        self.refuses = False

    def service_runs(self) -> bool:
        return self.runs

    def wake_service(self) -> None:
        self.woken += 1
        raise OSError("not allowed")

    def launcher_is_there(self) -> bool:
        return self.launcher

    def stand_in(self) -> FakeStandIn:
        if self.refuses:
            raise OSError("no memory")
        self.stand_ins.append(FakeStandIn())
        return self.stand_ins[-1]

    @property
    def covered(self) -> bool:
        return any(stand_in.is_there for stand_in in self.stand_ins)


def test_where_the_service_runs_the_lock_is_its_own() -> None:
    pc = FakeSurroundings(runs=True)
    Shell(pc).look()
    assert (pc.stand_ins, pc.woken) == ([], 0)


def test_without_the_service_the_screen_is_covered_at_once_until_the_agents_launcher_is_there() -> (
    None
):
    pc = FakeSurroundings()
    shell = Shell(pc)
    shell.look()
    assert (pc.covered, pc.woken) == (True, 1)
    shell.look()
    assert (len(pc.stand_ins), pc.woken) == (1, 2)
    pc.runs = True
    shell.look()
    assert pc.covered  # it runs, and has not covered anything yet
    pc.launcher = True
    shell.look()
    assert not pc.covered
    pc.runs = pc.launcher = False  # somebody has stopped it
    shell.look()
    assert pc.covered


def test_a_cover_that_is_killed_or_does_not_start_is_started_again() -> None:
    pc = FakeSurroundings()
    pc.refuses = True
    shell = Shell(pc)
    shell.look()
    assert not pc.covered
    pc.refuses = False
    shell.look()
    pc.stand_ins[0].end()
    pc.runs = True
    shell.look()
    assert pc.covered


def test_the_cover_is_a_launcher_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    until_it_is_ended = (
        "import sys, threading\n"
        "if sys.stdin.readline() == 'nobody\\n':\n"
        "    threading.Event().wait()"
    )
    listens = ["-c", until_it_is_ended]
    start = subprocess.Popen

    def note(command: list[str], **options: int) -> "subprocess.Popen[bytes]":
        started.append(command)
        return start([command[0], *listens], **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "Popen", note)
    stand_in = LauncherStandIn()
    assert stand_in.covers()
    stand_in.end()
    assert not stand_in.covers()
    assert started[0][-4:] == ["launcher", "--socket", cover.NOBODY, "--agent-pid=-1"]
    assert cover.NO_PROCESS == -1  # 0 would be: believe whoever opens a pipe of that name
