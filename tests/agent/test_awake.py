"""A PC on which LoVHub runs does not sleep by itself; how Windows is asked: `tests/wine/inside/test_machine.py`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lovhub.agent.machine import ThisMachine
from lovhub.agent.platform import linux_machine
from lovhub.agent.seat import OwnSeat
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent
from tests.support.waiting import eventually

INHIBIT = """#!/bin/sh
echo "$@" > "$TOLD"
while [ "${1#--}" != "$1" ]; do shift; done
"$@"
echo over >> "$TOLD"
"""

KEEPS_AWAKE = """
from pathlib import Path
from lovhub.agent.platform import linux_machine
linux_machine.SYSTEMD_RUNS = Path(".")
linux_machine.stay_awake()
input()
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What logind's own program was told, on a PC that has it."""
    program = tmp_path / "bin" / "systemd-inhibit"
    program.parent.mkdir()
    program.write_text(INHIBIT)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", os.pathsep.join([str(program.parent), os.environ["PATH"]]))
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    return tmp_path / "told"


def text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_the_agent_keeps_its_pc_awake_from_its_start(pc: PcAgent) -> None:
    assert pc.machine.stays_awake


def test_a_pc_that_cannot_be_kept_awake_works_all_the_same(
    club: ClubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pc = PcAgent(tmp_path / "pc", club.port)

    def refuse() -> None:
        raise OSError("no")

    monkeypatch.setattr(pc.machine, "stay_awake", refuse)
    with pc:
        pc.wait_mode("locked")


def test_under_linux_nothing_sends_it_to_sleep_until_the_agent_is_gone_however_it_ends(
    told: Path,
) -> None:
    agent = subprocess.Popen([sys.executable, "-c", KEEPS_AWAKE], stdin=subprocess.PIPE)
    eventually(lambda: "--what=idle" in text(told))
    assert "over" not in text(told)
    agent.kill()
    eventually(lambda: "over" in text(told))
    agent.communicate()


def test_an_agent_that_begins_again_and_again_asks_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of the system's for each try would be thousands by the morning."""
    started: list[object] = []
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as awake:

        def start(command: list[str], **_options: object) -> "subprocess.Popen[bytes]":
            started.append(command)
            return awake

        monkeypatch.setattr(linux_machine, "SYSTEMD_RUNS", tmp_path)
        monkeypatch.setattr(linux_machine, "_AWAKE", [])
        monkeypatch.setattr(linux_machine.subprocess, "Popen", start)
        linux_machine.stay_awake()
        linux_machine.stay_awake()
        assert len(started) == 1
        awake.kill()
        awake.wait()
        linux_machine.stay_awake()  # logind has been restarted, or somebody has ended it
        assert len(started) == 2


def test_a_pc_without_logind_has_nobody_to_ask(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux_machine, "SYSTEMD_RUNS", tmp_path / "nothing")
    ThisMachine(OwnSeat()).stay_awake()
    assert not linux_machine._AWAKE
    assert not told.exists()
