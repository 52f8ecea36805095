"""The same with the whole agent, its launcher's side and a club's server that dies and comes back."""

from pathlib import Path

from lovhub.agent.store import FileStore
from lovhub.clock import ManualClock
from lovhub.protocol import channel, local, questions
from lovhub.protocol.entries import SessionStopped
from tests.agent.support.cached_pc import (
    ALIYA,
    GAME,
    LEASED,
    LEAVE,
    LOGIN,
    NO_LEAVE,
    PASSWORD,
)
from tests.agent.support.club_server import SERVER_TIME, ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent


def sits_down(pc: PcAgent, club: ClubServer) -> None:
    """Алия signs in by her password at a club that gives leave, and plays on a lease of a quarter of an hour."""
    pc.wait_mode("locked")
    club.send(LEAVE)
    pc.wait_until(lambda: (state := pc.state()) and state.applications)
    pc.say(local.PlayerSignIn("in", LOGIN, PASSWORD))
    club.wait_for(questions.SignIn)
    lease = club.lease(seconds=LEASED, not_after=SERVER_TIME + LEASED + 30)
    club.send(
        channel.CustomerChanged(ALIYA),
        channel.SessionChanged(session_view(), lease),
        channel.Answer("in", "ok"),
    )
    pc.wait_mode("playing")
    pc.wait_until(lambda: FileStore(pc.folder).kept_proof())
    pc.clock.advance(60)
    pc.wait_until(lambda: pc.shown().played_seconds == 60)


def after_the_cut(club: ClubServer, folder: Path) -> PcAgent:
    return PcAgent(folder, club.port, ManualClock(SERVER_TIME + 360), boot_id="boot-2")


def test_the_player_goes_on_without_a_server_and_the_server_hears_of_it_when_it_is_back(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        sits_down(pc, club)
        club.kill()
    with after_the_cut(club, tmp_path / "pc") as pc:
        state = pc.wait_mode("locked")
        assert (state.goes_on, state.linked, state.session) == (True, False, None)
        assert pc.ask(local.PlayerSignIn("other", "erlan", PASSWORD)) == "wrong_credentials"
        assert pc.ask(local.PlayerSignInWithCode("code", "1234")) == "server_unreachable"
        assert pc.ask(local.PlayerSignIn("own", LOGIN, PASSWORD)) == "ok"
        state = pc.wait_mode("playing")
        assert (state.goes_on, state.applications) == (False, (GAME,))
        pc.wait_until(lambda: pc.shown().seconds_left == LEASED + 30 - 360)
        pc.clock.advance(40)
        pc.wait_until(lambda: pc.shown().played_seconds == 100)
        assert pc.ask(local.PlayerBuy("buy", 1)) == "server_unreachable"

        club.welcome = channel.Welcome(
            "ПК-1",
            "Клуб",
            SERVER_TIME + 400,
            session=session_view(seconds_left=3500, played_seconds=100),
            customer=ALIYA,
            lease=club.lease(seconds=1000, serial=2),
        )
        club.start()
        told = club.wait_for(channel.Hello, 2).session
        assert told is not None
        assert (told.boot_id, told.played_seconds, told.restarted) == ("boot-2", 100, True)
        pc.wait_until(lambda: (state := pc.state()) and state.linked and state.customer == ALIYA)
        assert pc.wait_mode("playing").session is not None
        assert pc.call(pc.agent._journal.pending) == ()


def test_the_lease_ends_without_a_server_and_the_journal_tells_of_it_once(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        sits_down(pc, club)
        club.kill()
    with after_the_cut(club, tmp_path / "pc") as pc:
        pc.wait_mode("locked")
        pc.ask(local.PlayerSignIn("own", LOGIN, PASSWORD))
        pc.wait_mode("playing")
        pc.clock.advance(LEASED)
        pc.wait_mode("starting")
        assert pc.ask(local.PlayerSignIn("again", LOGIN, PASSWORD)) == "server_unreachable"
        assert FileStore(pc.folder).kept_proof() is None
        club.start()
        club.wait_until(club.entries)
        (entry,) = club.entries()
        assert isinstance(entry, SessionStopped)
        assert (entry.session_id, entry.played_seconds) == (3, 60 + LEASED + 30 - 360)
        pc.wait_until(lambda: pc.call(pc.agent._journal.pending) == ())
    with after_the_cut(club, tmp_path / "pc") as pc:
        pc.wait_mode("locked")
        assert club.wait_for(channel.Hello, 3).session is None
    assert len(club.entries()) == 1


def test_where_the_owner_has_not_allowed_it_the_pc_waits_for_the_server(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        sits_down(pc, club)
        club.send(NO_LEAVE)
        pc.wait_until(lambda: FileStore(pc.folder).kept_proof() is None)
        club.kill()
    with after_the_cut(club, tmp_path / "pc") as pc:
        assert not pc.wait_mode("starting").goes_on
        assert pc.ask(local.PlayerSignIn("own", LOGIN, PASSWORD)) == "server_unreachable"
