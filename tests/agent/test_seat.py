"""An agent that is a service: it covers the screen in the player's session, and does there what is the player's."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lovhub.agent import errand
from lovhub.agent.guard import SIGNED_OUT
from lovhub.agent.seat import NobodyThere, Occupant, SessionSeat
from lovhub.loading import own_command
from lovhub.protocol import channel, entries
from lovhub.protocol.local import State
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent
from tests.agent.support.sessions import FakeSessions

PLAYER, TECHNICIAN = Occupant(2, "Player"), Occupant(3, "Админ")


@pytest.fixture
def sessions() -> FakeSessions:
    return FakeSessions(PLAYER)


@pytest.fixture
def seat(sessions: FakeSessions) -> SessionSeat:
    return SessionSeat(sessions, "player", clears_traces=True)


@pytest.fixture
def pc(club: ClubServer, tmp_path: Path, seat: SessionSeat) -> Iterator[PcAgent]:
    with PcAgent(tmp_path / "pc", club.port, seat=seat) as pc:
        yield pc


def alarms(club: ClubServer) -> list[tuple[str, str]]:
    raised = [entry for entry in club.entries() if isinstance(entry, entries.AlarmRaised)]
    return [(alarm.kind, alarm.detail) for alarm in raised]


def is_locked(club: ClubServer) -> bool:
    return [beat.lock for beat in club.all(channel.Heartbeat)][-1:] == ["locked"]


def launchers(sessions: FakeSessions) -> list[int]:
    return [session for session, command in sessions.started if errand.NAME not in command]


# --- who is there ---------------------------------------------------------------------------------


def test_the_launcher_runs_in_the_players_session(
    pc: PcAgent, club: ClubServer, sessions: FakeSessions
) -> None:
    pc.wait_mode("locked")
    club.wait_until(lambda: is_locked(club))
    assert launchers(sessions) == [2]
    assert sessions.listens_for == "player"


def test_who_signs_out_takes_it_along_without_an_alarm_and_who_comes_back_has_it_again(
    pc: PcAgent, club: ClubServer, sessions: FakeSessions
) -> None:
    club.wait_until(lambda: is_locked(club))
    pid = pc.launcher_pid()
    sessions.there = None
    pc.wait_until(lambda: not psutil.pid_exists(pid))
    club.wait_until(lambda: is_locked(club))  # the sign-in of Windows covers the screen
    sessions.there = Occupant(5, "PLAYER")
    pc.wait_until(lambda: launchers(sessions) == [2, 5])
    pc.wait_until(lambda: pc.launcher_pid() != pid)
    club.wait_until(lambda: is_locked(club))
    assert alarms(club) == []


def test_while_nobody_is_signed_in_the_pc_is_on_the_line_and_locked(
    club: ClubServer, tmp_path: Path, sessions: FakeSessions, seat: SessionSeat
) -> None:
    sessions.there = None
    with PcAgent(tmp_path / "pc", club.port, seat=seat):
        club.wait_until(lambda: is_locked(club))
        assert sessions.started == []
        assert alarms(club) == []


def test_another_account_is_let_alone_and_the_desk_is_told(
    pc: PcAgent, club: ClubServer, sessions: FakeSessions
) -> None:
    club.wait_until(lambda: is_locked(club))
    sessions.there = TECHNICIAN
    club.wait_until(lambda: alarms(club) == [("lock_uncovered", "Windows: Админ")])
    club.wait_until(lambda: [beat.lock for beat in club.all(channel.Heartbeat)][-1] == "broken")
    assert launchers(sessions) == [2]
    sessions.there = PLAYER
    club.wait_until(lambda: is_locked(club))


@pytest.mark.parametrize("at_the_screen", [None, PLAYER])
def test_who_works_there_from_another_computer_is_no_secret_to_the_desk(
    pc: PcAgent, club: ClubServer, sessions: FakeSessions, at_the_screen: Occupant | None
) -> None:
    club.wait_until(lambda: is_locked(club))
    sessions.there, sessions.afar = at_the_screen, "Player"
    club.wait_until(lambda: alarms(club) == [("lock_uncovered", "Windows: Player (RDP)")])
    sessions.there, sessions.afar = PLAYER, ""
    club.wait_until(lambda: is_locked(club))


def test_the_code_of_a_sign_out_excuses_nobody_who_stays(
    club: ClubServer, tmp_path: Path, seat: SessionSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.agent.guard.LEAVING_SECONDS", 0.3)
    monkeypatch.setattr("lovhub.agent.guard.SIGNED_OUT", -9)  # this system has no such code
    assert SIGNED_OUT == 0x40010004
    with PcAgent(tmp_path / "pc", club.port, seat=seat) as pc:
        club.wait_until(lambda: is_locked(club))
        psutil.Process(pc.launcher_pid()).kill()
        club.wait_until(lambda: [kind for kind, _ in alarms(club)] == ["launcher_killed"])


def test_a_process_that_was_not_started_as_the_launcher_is_not_heard(
    club: ClubServer, tmp_path: Path, sessions: FakeSessions, seat: SessionSeat
) -> None:
    sessions.stranger_pid = 1  # with the right token, but another process
    with PcAgent(tmp_path / "pc", club.port, seat=seat) as pc:
        pc.wait_hung_up()
        club.wait_until(lambda: club.all(channel.Heartbeat))
        assert pc.heard(State) == []


def test_with_no_account_named_whoever_signs_in_is_a_player() -> None:
    seat = SessionSeat(FakeSessions(TECHNICIAN), "", clears_traces=False)
    assert seat.look() == (3, "")


# --- what is done there ---------------------------------------------------------------------------


def test_nothing_is_done_where_no_player_is(sessions: FakeSessions, seat: SessionSeat) -> None:
    sessions.there = TECHNICIAN
    with pytest.raises(NobodyThere):
        seat.sweep(["Downloads"])
    with pytest.raises(NobodyThere):
        seat.open_address("steam://rungameid/570")
    assert sessions.started == []


def test_an_errand_is_a_program_of_ours_in_that_session(
    sessions: FakeSessions, seat: SessionSeat
) -> None:
    sessions.answers = b'{"left":3}'
    assert seat.sweep(["Downloads"]) == 3
    assert sessions.started == [(2, tuple(own_command("agent", "errand")))]


def test_a_version_of_ours_is_the_players_to_read(
    sessions: FakeSessions, seat: SessionSeat, tmp_path: Path
) -> None:
    seat.let_read(tmp_path)
    assert sessions.readable == [tmp_path]


def test_traces_that_are_not_to_be_cleared_are_left(sessions: FakeSessions) -> None:
    assert SessionSeat(sessions, "player", clears_traces=False).sweep(["Downloads"]) == 0
    assert sessions.started == []


@pytest.mark.parametrize(
    "said",
    [
        b"\xff", b"[]", b'{"left":"all"}', b'{"error":"no such volume"}', b'{"x":' + b"[" * 30_000,
        b'{"screens":["' + b"x" * 60_000 + b'"]}',  # which no frame would hold
    ],
    ids=range(6),
)  # fmt: skip
def test_what_an_errand_says_is_believed_no_more_than_the_player(
    sessions: FakeSessions, seat: SessionSeat, said: bytes
) -> None:
    sessions.answers = said
    with pytest.raises(OSError, match=r"nothing of use|no such volume"):
        seat.set_volume(30)


def test_an_errand_of_its_own_process_answers(sessions: FakeSessions, seat: SessionSeat) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        seat._ask_to_end((program.pid,))
        assert program.wait(20) != 0


def test_what_is_no_errand_is_an_error_and_no_crash() -> None:
    done = subprocess.run(
        own_command("agent", "errand"), input=b"{}\n", stdout=subprocess.PIPE, check=False
    )
    assert done.returncode == 1
    assert errand.decode_answer(done.stdout).error
