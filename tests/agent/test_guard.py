import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lovhub.agent import guard, silence
from lovhub.clock import ManualClock
from lovhub.protocol import channel, entries
from lovhub.protocol.local import State
from tests.agent.support.club_server import ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent
from tests.support.programs import RUNS_ON


@pytest.fixture
def pc(club: ClubServer, tmp_path: Path) -> Iterator[PcAgent]:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        club.wait_until(lambda: pc.launcher_pid() and club.all(channel.Heartbeat))
        yield pc


def alarms(club: ClubServer) -> list[str]:
    return [entry.kind for entry in club.entries() if isinstance(entry, entries.AlarmRaised)]


def locks(club: ClubServer) -> list[str]:
    return [beat.lock for beat in club.all(channel.Heartbeat)]


def new_launcher(pc: PcAgent, old_pid: int) -> int:
    pc.wait_until(lambda: pc.launcher_pid() != old_pid)
    return pc.launcher_pid()


def test_a_killed_launcher_is_back_and_the_desk_hears_of_it(pc: PcAgent, club: ClubServer) -> None:
    pid = pc.launcher_pid()
    club.wait_until(lambda: locks(club)[-1:] == ["locked"])
    told = len(pc.heard(State))
    os.kill(pid, signal.SIGKILL)
    new_launcher(pc, pid)
    club.wait_until(lambda: alarms(club) == ["launcher_killed"])
    club.wait_until(lambda: "broken" in locks(club) and locks(club)[-1] == "locked")
    pc.wait_until(lambda: len(pc.heard(State)) > told)


def test_a_launcher_killed_in_mid_session_is_told_of_the_session_again(
    pc: PcAgent, club: ClubServer
) -> None:
    club.send(channel.SessionChanged(session=session_view(), lease=club.lease()))
    pc.wait_mode("playing")
    pid = pc.launcher_pid()
    os.kill(pid, signal.SIGKILL)
    new_launcher(pc, pid)
    told = len(pc.heard(State))
    state = pc.wait_until(lambda: pc.heard(State)[told - 1 :])[-1]
    assert state.mode == "playing"
    assert state.session is not None


def test_a_hung_launcher_is_replaced_and_the_desk_hears_of_it(
    pc: PcAgent, club: ClubServer
) -> None:
    pid = pc.launcher_pid()
    os.kill(pid, signal.SIGSTOP)
    new_launcher(pc, pid)
    club.wait_until(lambda: alarms(club) == ["launcher_hung"])
    assert not psutil.pid_exists(pid)


def stalled(club: ClubServer) -> list[int]:
    told = club.entries()
    return [entry.times for entry in told if isinstance(entry, entries.LauncherStalled)]


def test_a_launcher_that_hangs_is_not_believed_and_kept_meanwhile(
    pc: PcAgent, club: ClubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.agent.silence.HUNG_SECONDS", 60)
    club.wait_until(lambda: locks(club)[-1:] == ["locked"])
    pid = pc.launcher_pid()
    os.kill(pid, signal.SIGSTOP)
    club.wait_until(lambda: locks(club)[-1] == "broken")
    os.kill(pid, signal.SIGCONT)
    club.wait_until(lambda: locks(club)[-1] == "locked")
    assert (pc.launcher_pid(), alarms(club)) == (pid, [])
    assert stalled(club) == [1]


def test_in_a_session_too_and_what_happens_again_is_no_second_line(
    pc: PcAgent, club: ClubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.agent.silence.HUNG_SECONDS", 60)
    monkeypatch.setattr("lovhub.agent.silence.SETTLED_SECONDS", 0)
    club.send(channel.SessionChanged(session=session_view(), lease=club.lease()))
    club.wait_until(lambda: locks(club)[-1] == "unlocked")
    pid = pc.launcher_pid()
    for _time in range(2):
        os.kill(pid, signal.SIGSTOP)
        club.wait_until(lambda: locks(club)[-1] == "broken")
        os.kill(pid, signal.SIGCONT)
        club.wait_until(lambda: locks(club)[-1] == "unlocked")
    assert (pc.launcher_pid(), alarms(club), stalled(club)) == (pid, [], [1])


def test_an_uncovered_lock_is_an_alarm(pc: PcAgent, club: ClubServer) -> None:
    (pc.launcher_folder / "uncover").touch()
    club.wait_until(lambda: alarms(club) == ["lock_uncovered"])
    club.wait_until(lambda: locks(club)[-1] == "broken")
    (pc.launcher_folder / "uncover").unlink()
    club.wait_until(lambda: locks(club)[-1] == "locked")


def test_a_pc_that_starts_is_not_said_to_be_locked_before_its_lock_is_on_the_screen(
    club: ClubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.agent.agent.LAUNCHER_FIRST_SECONDS", 0.5)
    pc = PcAgent(tmp_path / "pc", club.port)
    (pc.launcher_folder / "uncover").touch()
    with pc:
        assert club.wait_for(channel.Hello).lock == "broken"
        (pc.launcher_folder / "uncover").unlink()
        club.wait_until(lambda: locks(club)[-1:] == ["locked"])


def test_while_playing_nothing_need_be_covered(pc: PcAgent, club: ClubServer) -> None:
    club.send(channel.SessionChanged(session=session_view(), lease=club.lease()))
    club.wait_until(lambda: locks(club)[-1] == "unlocked")
    assert alarms(club) == []


def test_a_launcher_that_cannot_live_is_one_alarm_and_tried_again(
    club: ClubServer, tmp_path: Path
) -> None:
    folder = tmp_path / "pc"
    pc = PcAgent(folder, club.port)
    (pc.launcher_folder / "heard").mkdir()  # it fails to open its file, each time
    with pc:
        first = pc.launcher_pid()
        second = new_launcher(pc, first)
        new_launcher(pc, second)
        club.wait_until(lambda: alarms(club))
        (pc.launcher_folder / "heard").rmdir()
        pc.wait_until(pc.state)
        assert alarms(club) == ["launcher_killed"]


def test_the_token_is_nowhere_to_be_read(pc: PcAgent) -> None:
    process = psutil.Process(pc.launcher_pid())
    token = pc.agent._local_server._token
    assert token
    assert token not in " ".join(process.cmdline())
    assert token not in " ".join(process.environ().values())


def test_the_launcher_is_ended_with_the_agent(club: ClubServer, tmp_path: Path) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pid = pc.launcher_pid()
        club.wait_for(channel.Heartbeat)
    assert not psutil.pid_exists(pid)
    club.wait_for(channel.Goodbye)


def test_a_launcher_left_by_a_killed_agent_is_ended(club: ClubServer, tmp_path: Path) -> None:
    """Its agent is gone for good: it could only hold the screen against the new launcher."""
    left = subprocess.Popen([sys.executable, "-c", RUNS_ON])
    pc = PcAgent(tmp_path / "pc", club.port)
    record = {"pid": left.pid, "created_at": psutil.Process(left.pid).create_time()}
    (pc.folder / "launcher.json").write_text(json.dumps(record))
    with pc:
        assert left.wait(20) == -signal.SIGKILL
        pc.wait_mode("locked")


def test_another_program_with_the_same_number_is_left_alone(
    club: ClubServer, tmp_path: Path
) -> None:
    other = subprocess.Popen([sys.executable, "-c", RUNS_ON])
    pc = PcAgent(tmp_path / "pc", club.port)
    (pc.folder / "launcher.json").write_text(json.dumps({"pid": other.pid, "created_at": 1.0}))
    with pc:
        pc.wait_mode("locked")
        assert other.poll() is None
    other.kill()
    other.wait()


@pytest.fixture
def left_running() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Launchers of three agents that were killed before they had attached, the oldest first."""
    running = [subprocess.Popen([sys.executable, "-c", RUNS_ON]) for _agent in range(3)]
    yield running
    for process in running:
        process.kill()
        process.wait()


def remembered(running: list["subprocess.Popen[bytes]"], record: Path) -> Path:
    before = None
    for process in running:
        guard.remember_launcher(record, process.pid, before)
        before = guard.launcher_left_behind(record)
    return record


def test_of_several_launchers_that_were_left_one_covers_on(
    left_running: list["subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    """Each would take its memory, and they would fight for the screen."""
    record = remembered(left_running, tmp_path / "launcher.json")
    oldest, second, third = left_running
    kept = guard.only_oldest(guard.launcher_left_behind(record))
    assert kept is not None
    assert (kept.pid, kept.before) == (oldest.pid, None)
    assert second.wait(20) == third.wait(20) == -signal.SIGKILL
    assert oldest.poll() is None
    oldest.kill()
    oldest.wait()
    assert guard.only_oldest(kept) is None


def test_an_agent_that_makes_way_early_leaves_what_covers_the_screen(
    left_running: list["subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    record = remembered(left_running[:1], tmp_path / guard.LAUNCHER_FILE)
    nothing: Any = None
    its_guard = guard.Guard(nothing, nothing, tmp_path, [], nothing, ManualClock())
    its_guard._left = guard.launcher_left_behind(record)
    its_guard.leave()
    its_guard._end_left()  # as its task does when it is cancelled
    with pytest.raises(subprocess.TimeoutExpired):
        left_running[0].wait(0.2)


class Desk:
    """Hears what the guard tells."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.stalls: list[tuple[int, int]] = []

    def guard_alarm(self, kind: str, detail: str) -> None:
        self.told.append(kind)

    def launcher_stalled(self, times: int, longest_seconds: int) -> None:
        self.stalls.append((times, longest_seconds))

    def lock_changed(self) -> None:
        self.told.append(self.guard.lock)

    guard: guard.Guard


class Watched:
    """A guard whose launcher is played by the test, and whose clock it moves."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.desk = Desk()
        nothing: Any = None
        self.guard = guard.Guard(nothing, self.desk, folder, [], nothing, self.clock)
        self.desk.guard = self.guard

    def listen(self, seconds: float, *, covering: bool | None = None) -> None:
        """The guard looks on; the launcher speaks every half second, or not at all."""
        for look in range(1, round(seconds / guard.POLL_SECONDS) + 1):
            self.clock.advance(guard.POLL_SECONDS)
            if covering is not None and look % 5 == 0:
                self.guard.alive(covering=covering)
            self.guard._look()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_an_attached_launcher_is_not_believed_to_lock_before_it_covers(watched: Watched) -> None:
    watched.guard.attached()
    watched.listen(1.5, covering=False)
    assert (watched.guard.lock, watched.desk.told) == ("broken", [])
    watched.listen(0.5, covering=True)
    assert watched.desk.told == ["locked"]


def test_after_a_session_the_pc_counts_as_open_until_the_lock_is_on_the_screen(
    watched: Watched,
) -> None:
    watched.guard.attached()
    watched.guard.must_cover(False)
    watched.listen(1, covering=False)
    watched.guard.must_cover(True)
    watched.listen(1, covering=False)
    assert watched.desk.told == ["unlocked"]
    watched.listen(0.5, covering=True)
    assert watched.desk.told == ["unlocked", "locked"]


def test_a_lock_that_does_not_come_after_a_session_is_an_alarm(watched: Watched) -> None:
    watched.guard.attached()
    watched.guard.must_cover(False)
    watched.listen(1, covering=False)
    watched.guard.must_cover(True)
    watched.listen(guard.UNCOVERED_SECONDS + 0.2, covering=False)
    assert watched.desk.told == ["unlocked", "lock_uncovered", "broken"]


@pytest.mark.parametrize("is_playing", [False, True])
def test_the_desk_hears_within_a_second_of_a_launcher_that_hangs(
    watched: Watched, *, is_playing: bool
) -> None:
    watched.guard.attached()
    watched.guard.must_cover(not is_playing)
    watched.listen(5, covering=not is_playing)
    watched.desk.told.clear()
    watched.listen(1)
    assert watched.desk.told == ["broken"]


def test_one_that_recovers_is_a_line_in_the_log_and_no_alarm(watched: Watched) -> None:
    watched.guard.attached()
    watched.guard.must_cover(False)
    watched.listen(5, covering=False)
    watched.desk.told.clear()
    watched.listen(1.8)
    watched.listen(silence.SETTLED_SECONDS + 1, covering=False)
    assert watched.desk.told == ["broken", "unlocked"]
    assert watched.desk.stalls == [(1, 3)]


def test_one_that_stammers_for_an_hour_is_two_lines_in_the_log(watched: Watched) -> None:
    watched.guard.attached()
    watched.guard.must_cover(False)
    watched.listen(5, covering=False)
    watched.desk.told.clear()
    for _minute in range(61):
        watched.listen(1.3)
        watched.listen(60, covering=False)
    assert watched.desk.told == ["broken", "unlocked"] * 61
    assert watched.desk.stalls == [(1, 2), (58, 2)]
