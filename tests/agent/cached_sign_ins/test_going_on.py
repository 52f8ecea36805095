"""A power cut, no server, and the rest of a lease: with the owner's leave its player goes on by their password."""

import sqlite3

import msgspec
import pytest

from lovhub.agent import proof
from lovhub.agent.tries import FIRST_WAIT_SECONDS, FREE_TRIES
from lovhub.protocol.entries import SessionStopped
from tests.agent.support.cached_pc import (
    GAME,
    LEASED,
    LEAVE,
    LOGIN,
    PASSWORD,
    Pc,
    membership,
    signed,
)
from tests.agent.support.club_server import SERVER_TIME, session_view


def test_the_rest_of_the_lease_is_played_and_not_a_second_more(playing: Pc) -> None:
    playing.loses_power(300)
    assert playing.cached.is_open()
    assert playing.keeper.play is None, "nobody plays before they have said who they are"
    assert playing.enter() == "ok"
    assert playing.keeper.played_seconds == 60
    playing.plays(LEASED)
    assert playing.keeper.play is None
    # The server gives what is left back when the lease is void: 60 s were played, 300 s were dark.
    (entry,) = playing.journal.pending()
    assert isinstance(entry, SessionStopped)
    assert (entry.played_seconds, entry.reason) == (LEASED + 30 - 300, "lease_over")
    assert not playing.is_kept


def test_the_seconds_of_the_lease_are_the_bound_however_often_the_power_fails(playing: Pc) -> None:
    """Before each start the clock is set back in the BIOS to the second of the cut: no darkness shortens the lease."""
    for _ in range(3):
        playing.loses_power(0)
        assert playing.enter() == "ok"
        playing.plays(300)
    (entry,) = playing.journal.pending()
    assert isinstance(entry, SessionStopped)
    assert (entry.played_seconds, entry.reason) == (LEASED, "lease_over")
    playing.loses_power(0)
    assert playing.enter() == "server_unreachable"


def test_a_restart_of_the_agent_alone_asks_nobody_again(playing: Pc) -> None:
    playing.loses_power()
    playing.enter()
    playing.journal.close()
    playing.boots -= 1
    playing.start()
    assert playing.keeper.session_id == 3
    told = playing.keeper.report()
    assert told is not None
    assert told.restarted, "and the server will hear of it"


def test_the_server_hears_it_until_it_has_answered(playing: Pc) -> None:
    playing.loses_power()
    playing.enter()
    playing.plays(10)
    for _ in range(2):
        told = playing.keeper.report()
        assert told is not None
        assert (told.boot_id, told.played_seconds, told.restarted) == ("boot-2", 70, True)
    playing.keeper.apply(session_view(played_seconds=70), signed(serial=2), membership)
    told = playing.keeper.report()
    assert told is not None
    assert not told.restarted


def test_once_the_server_may_have_heard_of_the_cut_it_alone_says_what_follows(playing: Pc) -> None:
    """It may have given the seconds back, and its answer been lost."""
    playing.loses_power()
    told = playing.keeper.report()
    assert told is not None
    assert not told.restarted
    assert playing.enter() == "server_unreachable"
    playing.loses_power()
    assert playing.enter() == "server_unreachable", "that is on the disk"


@pytest.mark.parametrize(
    ("off_for", "shift"),
    [(LEASED + 30 - 60, 0), (10**6, 0), (60, -121), (60, -(10**6)), (60, 10**6)],
    ids=["the lease is void", "long void", "clock moved back", "far back", "clock moved on"],
)
def test_a_clock_that_says_otherwise_only_shortens(playing: Pc, off_for: int, shift: int) -> None:
    playing.clock.wall_shift_seconds = shift
    playing.loses_power(off_for)
    assert not playing.cached.is_open()
    assert playing.enter() == "server_unreachable"


def test_that_it_is_always_wrong_by_as_much_does_not_matter(pc: Pc) -> None:
    pc.clock.wall_shift_seconds = -(10**9)
    pc.cached.told(LEAVE)
    pc.signs_in()
    pc.sits_down()
    pc.plays(60)
    pc.loses_power(120)
    assert pc.enter() == "ok"
    assert pc.keeper.server_now() == SERVER_TIME + 180


def test_a_clock_moved_while_they_play_on_changes_nothing(playing: Pc) -> None:
    playing.loses_power(300)
    playing.enter()
    playing.clock.wall_shift_seconds = -(10**6)
    playing.plays(LEASED)
    assert playing.keeper.play is None


@pytest.mark.parametrize(
    ("login", "password"),
    [("erlan", PASSWORD), (LOGIN, "домбыра 8"), (LOGIN, ""), ("", PASSWORD)],
)
def test_nobody_else_goes_on(playing: Pc, login: str, password: str) -> None:
    playing.loses_power()
    assert playing.enter(login, password) == "wrong_credentials"
    assert playing.keeper.play is None


def test_however_the_login_is_spelled(playing: Pc) -> None:
    playing.loses_power()
    assert playing.enter(" aliya_07") == "ok"
    assert proof.make_proof("8 (701) 123-45-67", "п").is_of("+77011234567", "п")


def test_guessing_is_counted_on_disk_and_waits(playing: Pc) -> None:
    playing.loses_power()
    for _ in range(FREE_TRIES):
        assert playing.enter(password="1") == "wrong_credentials"
    assert playing.enter() == "too_many_attempts", "not even the right one"
    playing.loses_power()
    assert playing.enter() == "too_many_attempts", "a restart is no way around it"
    playing.clock.advance(FIRST_WAIT_SECONDS)
    assert playing.enter() == "ok"


def test_who_left_while_the_link_was_gone_has_left(playing: Pc) -> None:
    playing.plays(LEASED)  # stopped by itself, at the lease's end
    playing.loses_power(0)
    assert playing.enter() == "server_unreachable"


@pytest.mark.parametrize(
    "written",
    [{"played_seconds": LEASED}, {"wall_at": None}],
    ids=["played to the lease's last second", "by an older version"],
)
def test_what_stands_on_the_disk_may_allow_nothing(playing: Pc, written: dict[str, object]) -> None:
    record = playing.journal.open_session()
    assert record is not None
    playing.journal.save_session(msgspec.structs.replace(record, **written))
    playing.loses_power()
    assert playing.enter() == "server_unreachable"


def test_a_paused_sitting_waits_for_the_server(playing: Pc) -> None:
    playing.keeper.apply(session_view(played_seconds=60, state="paused"), None, membership)
    playing.cached.fit()
    playing.loses_power()
    assert playing.enter() == "server_unreachable"


def test_a_disk_that_takes_nothing_lets_nobody_go_on(
    playing: Pc, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    playing.loses_power()
    with monkeypatch.context() as disk:
        disk.setattr(playing.journal, "save_session", full)
        assert playing.enter() == "server_unreachable"
    monkeypatch.setattr(playing.journal, "remember", full)
    assert playing.enter() == "server_error"
    assert playing.keeper.play is None


def test_what_may_be_started_is_known_without_a_server(playing: Pc) -> None:
    playing.loses_power()
    assert playing.state.applications == ()
    playing.enter()
    assert playing.state.applications == (GAME,)
