"""When the time is over, games wait behind the lock for whoever pays, and for nobody else."""

import os
import sys

import msgspec
import psutil
import pytest

from lovhub.agent.grace import grace_after
from lovhub.protocol import channel, local
from lovhub.protocol.views import ApplicationView, CustomerView
from tests.agent.support.club_server import ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent
from tests.support.programs import RUNS_ON

GAME = ApplicationView(
    application_id=5,
    title="Игра",
    kind="game",
    exe_path=sys.executable,
    arguments=("-c", RUNS_ON),
)
CUSTOMER = CustomerView(customer_id=1, name="Алия", balance_tiyn=0, seconds_available=0)


def play_to_the_end(pc: PcAgent, club: ClubServer) -> psutil.Process:
    """A customer plays an hour to its end; returns the game."""
    view = msgspec.structs.replace(session_view(seconds_left=3600), grace_seconds=180)
    club.send(
        channel.Catalog(tariffs=(), applications=(GAME,)),
        channel.CustomerChanged(customer=CUSTOMER),
        channel.SessionChanged(session=view, lease=club.lease(seconds=3600)),
    )
    pc.wait_mode("playing")
    assert pc.ask(local.PlayerLaunch(request_id="g", application_id=5)) == "ok"
    (game,) = [
        process
        for process in psutil.process_iter(["ppid", "cmdline"])
        if process.info["ppid"] == os.getpid() and RUNS_ON in (process.info["cmdline"] or ())
    ]
    pc.clock.advance(3601)
    state = pc.wait_mode("signed_in")
    assert (state.games_kept, state.ended_reason) == (True, "time_over")
    assert (state.customer, state.running_application_ids) == (CUSTOMER, (5,))
    return game


def next_session(club: ClubServer, continues: int | None) -> channel.SessionChanged:
    view = msgspec.structs.replace(
        session_view(seconds_left=3600), session_id=4, continues=continues
    )
    return channel.SessionChanged(session=view, lease=club.lease(session_id=4, seconds=3600))


def test_whoever_pays_in_time_is_back_in_the_game(pc: PcAgent, club: ClubServer) -> None:
    game = play_to_the_end(pc, club)
    assert club.wait_for(channel.Hello).keeps_games
    pc.clock.advance(179)
    pc.wait_until(lambda: pc.shown() == local.Clock(seconds_left=1, played_seconds=0))
    assert pc.ask(local.PlayerLaunch(request_id="h", application_id=5)) == (
        "application_not_available"
    )
    club.send(next_session(club, continues=3))
    state = pc.wait_mode("playing")
    assert (state.games_kept, state.running_application_ids) == (False, (5,))
    pc.clock.advance(60)  # the grace before is forgotten
    pc.wait_until(lambda: pc.shown().played_seconds == 60)
    assert game.is_running()
    assert club.all(channel.GamesClosed) == []


def test_when_nobody_pays_the_games_are_closed_and_the_customer_is_signed_out(
    pc: PcAgent, club: ClubServer
) -> None:
    game = play_to_the_end(pc, club)
    pc.clock.advance(180)
    state = pc.wait_mode("locked")
    assert (state.games_kept, state.customer) == (False, None)
    assert club.wait_for(channel.GamesClosed).session_id == 3
    pc.wait_until(lambda: not game.is_running())


def test_the_game_of_one_player_is_not_given_to_another(pc: PcAgent, club: ClubServer) -> None:
    game = play_to_the_end(pc, club)
    club.send(next_session(club, continues=None))
    pc.wait_until(lambda: not game.is_running())
    pc.wait_until(lambda: (state := pc.state()) and state.running_application_ids == ())
    assert pc.wait_mode("playing").games_kept is False


def test_whoever_leaves_while_the_game_waits_leaves_nothing_open(
    pc: PcAgent, club: ClubServer
) -> None:
    game = play_to_the_end(pc, club)
    pc.say(local.PlayerSignOut(request_id="bye"))
    assert pc.wait_mode("locked").customer is None
    club.wait_for(channel.GamesClosed)
    pc.wait_until(lambda: not game.is_running())


@pytest.mark.parametrize("reason", ["signed_out", "ended_by_desk", "night", "lease_over", "moved"])
def test_nothing_waits_after_any_other_end(reason: str) -> None:
    view = msgspec.structs.replace(session_view(seconds_left=0), grace_seconds=180)
    assert grace_after(view, reason, CUSTOMER, 10.0) is None
    assert grace_after(view, "time_over", CUSTOMER, 10.0) is not None
    owner_says_no = msgspec.structs.replace(view, grace_seconds=0)
    assert grace_after(owner_says_no, "time_over", CUSTOMER, 10.0) is None
