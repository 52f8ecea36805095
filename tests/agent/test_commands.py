"""What the desk asks a PC: once, in time, answered; the machine itself is a stand-in."""

from pathlib import Path

import pytest

from lovhub.agent.libraries.scan import Found
from lovhub.protocol import channel, local
from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES, FoundGame
from tests.agent.support.club_server import SERVER_TIME, ClubServer
from tests.agent.support.pc_agent import PcAgent
from tests.agent.test_agent import GAME, start_playing


def result(club: ClubServer, command_id: str) -> channel.CommandResult:
    """The PC's answer."""
    found: channel.CommandResult = club.wait_until(
        lambda: next(
            (said for said in club.all(channel.CommandResult) if said.command_id == command_id),
            None,
        )
    )
    return found


def order(command_id: str, kind: str, **values: object) -> channel.Command:
    return channel.Command(
        command_id=command_id,
        kind=kind,  # type: ignore[arg-type]
        ttl_seconds=15,
        expires_at=SERVER_TIME + 15,
        **values,  # type: ignore[arg-type]
    )


def test_what_it_understands_is_said_at_the_beginning(pc: PcAgent, club: ClubServer) -> None:
    hello = club.wait_for(channel.Hello)
    assert {"restart", "screenshot", "wake"} < set(hello.commands)


def test_the_machine_is_asked_once_and_never_after_the_time(pc: PcAgent, club: ClubServer) -> None:
    loud = order("a", "volume", percent=30)
    club.send(loud, loud, order("b", "wake", macs=("02:00:00:00:00:01",)))
    assert result(club, "a").ok
    assert result(club, "b").ok
    assert sorted(map(str, pc.machine.asked)) == ["30", "['02:00:00:00:00:01']"]
    pc.machine.refuses = True
    club.send(order("c", "volume", percent=31))
    assert (result(club, "c").ok, result(club, "c").detail) == (False, "no right to")
    pc.machine.refuses = False

    # It slept, and reads the frame when its time is over.
    pc.clock.advance(16)
    club.send(order("d", "restart"), loud)
    assert (result(club, "d").ok, result(club, "d").detail) == (False, "expired")
    # What was carried out in its time is answered as it was, and is not done again.
    club.wait_until(
        lambda: [said.ok for said in club.all(channel.CommandResult) if said.command_id == "a"][1:]
    )
    assert len(pc.machine.asked) == 2


def test_an_agent_that_comes_back_does_not_begin_anew(
    club: ClubServer, tmp_path: Path, pc: PcAgent
) -> None:
    club.send(order("a", "volume", percent=30))
    assert result(club, "a").ok
    pc.call(pc.agent._commands._answers.clear)  # as if it had been started again
    club.send(order("a", "volume", percent=30), order("b", "message", text="Эй"))
    assert result(club, "b").ok
    assert pc.machine.asked == [30]


def test_the_screen_is_covered_and_time_runs(pc: PcAgent, club: ClubServer) -> None:
    club.send(order("early", "lock"))
    assert result(club, "early").detail == "no_session"
    start_playing(pc, club)
    club.send(order("a", "lock"))
    pc.wait_mode("held")
    pc.clock.advance(7)
    pc.wait_until(lambda: pc.shown().played_seconds == 7)
    club.send(order("b", "unlock"))
    pc.wait_mode("playing")
    # A session's end opens nothing, and the next one begins uncovered.
    club.send(order("c", "lock"))
    pc.wait_mode("held")
    club.send(channel.SessionEnded(session_id=3, reason="ended_by_desk"))
    pc.wait_mode("locked")
    assert pc.call(lambda: pc.agent.state.held) is False


def test_signing_out_ends_the_session_it_names_and_no_other(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    club.send(order("other", "sign_out", session_id=2))
    assert (result(club, "other").ok, result(club, "other").detail) == (False, "another_session")
    club.send(order("this", "sign_out", session_id=3))
    assert result(club, "this").ok
    pc.wait_mode("locked")


def test_a_program_is_started_in_a_session_only(pc: PcAgent, club: ClubServer) -> None:
    application_id = GAME.application_id
    club.send(order("early", "start", application_id=application_id))
    assert result(club, "early").detail == "application_not_available"
    start_playing(pc, club)
    club.send(order("a", "start", application_id=application_id))
    assert result(club, "a").ok
    assert club.wait_until(club.entries)[0].application_id == application_id


@pytest.mark.parametrize(("kind", "reason"), [("restart", "restart"), ("shut_down", "shutdown")])
def test_it_goes_off_in_an_orderly_way_and_keeps_away(
    pc: PcAgent, club: ClubServer, kind: str, reason: str
) -> None:
    club.send(order("a", kind))
    assert result(club, "a").ok
    assert club.wait_for(channel.Goodbye).reason == reason
    assert pc.machine.asked == [kind]
    pc.wait_until(lambda: pc.heard(local.DeskDid) == [local.DeskDid(kind)])  # type: ignore[arg-type]
    assert pc.call(lambda: pc.agent._client._rest_seconds) > 100


def test_a_picture_goes_through_and_the_player_is_told_only_of_one_that_was_taken(
    pc: PcAgent, club: ClubServer
) -> None:
    for command_id, picture, ok in (
        ("a", b"", False),
        ("b", b"x" * (LARGEST_SCREENSHOT_BYTES + 1), False),
        ("c", b"jpeg", True),
    ):
        club.send(order(command_id, "screenshot"))
        asked = local.TakeScreenshot(command_id)
        pc.wait_until(lambda asked=asked: asked in pc.heard(local.TakeScreenshot))  # type: ignore[misc]
        pc.say(local.Screenshot(command_id, picture))
        said = result(club, command_id)
        assert (said.ok, said.picture) == (ok, b"jpeg" if ok else b"")
    pc.wait_until(lambda: pc.heard(local.DeskDid) == [local.DeskDid("screenshot")])
    kept = pc.call(lambda: pc.agent._commands._answers["c"])
    assert kept.picture == b""


def test_the_games_of_its_libraries_are_told_once_and_not_kept(
    pc: PcAgent, club: ClubServer
) -> None:
    game = FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True)
    pc.machine.found = Found(stores=("steam",), games=(game,), left_out=2)
    club.send(order("a", "find_games"))
    told = channel.CommandResult("a", ok=True, stores=("steam",), games=(game,), games_left_out=2)
    assert result(club, "a") == told
    assert pc.call(lambda: pc.agent._commands._answers["a"]) == channel.CommandResult("a", ok=True)
    pc.machine.refuses = True
    club.send(order("b", "find_games"))
    assert (result(club, "b").ok, result(club, "b").detail) == (False, "no right to")
