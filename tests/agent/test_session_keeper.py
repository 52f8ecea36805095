from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.agent.journal import Journal
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.store import Membership
from lovhub.clock import ManualClock
from lovhub.protocol.entries import SessionStopped
from lovhub.protocol.lease import Lease, SignedLease, sign_lease
from lovhub.protocol.views import TimeView
from tests.agent.support.club_server import session_view

SERVER_TIME = 1_800_000_000
identity = Ed25519PrivateKey.generate()
membership = Membership(
    computer_id=7, token="t", identity_key=identity.public_key().public_bytes_raw()
)


def signed(seconds: int = 900, serial: int = 1, **changes: int) -> SignedLease:
    values = {
        "session_id": 3,
        "computer_id": 7,
        "serial": serial,
        "seconds": seconds,
        "issued_at": SERVER_TIME,
        "not_after": SERVER_TIME + 10_000,
    }
    return sign_lease(identity, Lease(**(values | changes)))


class Pc:
    """A PC that can be switched off and on: its disk and its clock stay."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(SERVER_TIME)
        self.folder = folder
        self.boot_id = "first boot"
        self.keeper = self.begin()
        self.keeper.server_told(SERVER_TIME)

    def begin(self) -> SessionKeeper:
        self.journal = Journal(self.folder)
        self.keeper = SessionKeeper(self.journal, self.clock, self.boot_id)
        return self.keeper

    def agent_dies_for(self, seconds: float) -> SessionKeeper:
        """Nothing is saved; the clock runs on."""
        self.journal.close()
        self.clock.advance(seconds)
        keeper = self.begin()
        keeper.recover(membership)
        return keeper

    def loses_power_for(self, seconds: float) -> SessionKeeper:
        self.boot_id = "second boot"
        return self.agent_dies_for(seconds)

    def plays(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            self.keeper.tick(0)


@pytest.fixture
def pc(tmp_path: Path) -> Iterator[Pc]:
    pc = Pc(tmp_path)
    yield pc
    pc.journal.close()


def test_a_session_with_a_good_lease_runs(pc: Pc) -> None:
    assert pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(10)
    assert pc.keeper.played_seconds == 10
    assert pc.keeper.left(0) == 3590


@pytest.mark.parametrize(
    "bad",
    [
        signed(computer_id=8),
        signed(session_id=4),
        SignedLease(payload=signed().payload.replace(b"900", b"901"), signature=signed().signature),
        sign_lease(Ed25519PrivateKey.generate(), msgspec.json.decode(signed().payload, type=Lease)),
    ],
    ids=["another PC's", "another session's", "altered", "signed by a stranger"],
)
def test_a_lease_that_is_not_ours_lets_nobody_play(pc: Pc, bad: SignedLease) -> None:
    pc.keeper.apply(session_view(), bad, membership)
    assert pc.keeper.play is None


def test_a_bad_lease_does_not_stop_a_session_that_has_a_good_one(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.keeper.apply(session_view(), signed(9000, 2, computer_id=8), membership)
    pc.plays(5)
    assert pc.keeper.play is not None
    assert pc.keeper.play.lease.seconds == 900


def test_at_zero_the_pc_stops_by_itself_and_writes_it_down(pc: Pc) -> None:
    pc.keeper.apply(session_view(seconds_left=60), signed(60), membership)
    pc.clock.advance(500)
    assert pc.keeper.tick(0).stopped == "time_over"
    assert pc.keeper.session_id is None
    (entry,) = pc.journal.pending()
    assert isinstance(entry, SessionStopped)
    assert (entry.session_id, entry.played_seconds, entry.reason) == (3, 60, "time_over")


def test_a_replayed_lease_lets_nothing_be_played_twice(pc: Pc) -> None:
    pc.keeper.apply(session_view(seconds_left=60), signed(60), membership)
    pc.plays(61)
    assert not pc.keeper.apply(session_view(seconds_left=60), signed(60), membership)
    pc.keeper.acknowledged(1)
    assert not pc.keeper.apply(session_view(seconds_left=60), signed(60), membership)
    assert pc.keeper.play is None


def test_a_session_moved_away_and_back_goes_on_with_a_newer_lease(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(30)
    assert pc.keeper.end(3)
    assert pc.keeper.apply(session_view(played_seconds=100), signed(1000, 2), membership)
    assert pc.keeper.played_seconds == 100


def test_the_end_of_another_session_changes_nothing(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    assert not pc.keeper.end(99)
    assert pc.keeper.session_id == 3


def test_a_paused_session_stands_still(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(30)
    pc.keeper.apply(
        session_view(seconds_left=3570, played_seconds=30, state="paused"), None, membership
    )
    pc.plays(100)
    assert pc.keeper.played_seconds == 30
    pc.keeper.apply(session_view(seconds_left=3570, played_seconds=30), signed(900, 2), membership)
    pc.plays(1)
    assert pc.keeper.played_seconds == 31


def test_the_player_sees_of_what_the_running_time_consists(pc: Pc) -> None:
    hour = TimeView("1 час", "package", 3600, "expires")
    night = TimeView("Ночь", "fixed_end", 1800, "runs_on")
    told = msgspec.structs.replace(
        session_view(seconds_left=5400), plan=(hour, night), pause_allowed=True
    )
    pc.keeper.apply(told, signed(5400), membership)
    pc.plays(600)
    shown = pc.keeper.view(0)
    assert shown is not None
    assert shown.pause_allowed
    assert shown.plan == (msgspec.structs.replace(hour, seconds=3000), night)
    keeper = pc.agent_dies_for(3000)
    keeper.tick(0)
    again = keeper.view(0)
    assert again is not None
    assert (again.plan, again.pause_allowed) == ((night,), True)
    later = msgspec.structs.replace(
        session_view(seconds_left=1800, played_seconds=3600), plan=(night,)
    )
    keeper.apply(later, signed(5400, 2), membership)
    view = keeper.view(0)
    assert view is not None
    assert not view.pause_allowed


def test_an_agent_that_died_counts_the_time_without_it(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(33)
    keeper = pc.agent_dies_for(20)
    keeper.tick(0)
    assert keeper.session_id == 3
    assert keeper.played_seconds == 53
    assert keeper.server_now() == SERVER_TIME + 53


def test_an_agent_that_died_does_not_give_more_than_the_lease(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    keeper = pc.agent_dies_for(5000)
    assert keeper.tick(0).stopped == "lease_over"
    (entry,) = pc.journal.pending()
    assert isinstance(entry, SessionStopped)
    assert entry.played_seconds == 900


def test_after_a_power_cut_the_session_is_only_reported(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(33)
    keeper = pc.loses_power_for(600)
    assert keeper.play is None
    report = keeper.report()
    assert report is not None
    assert report.boot_id == "first boot"
    assert 28 <= report.played_seconds <= 33
    assert report.last_tick_at == SERVER_TIME + report.played_seconds


def test_after_a_power_cut_it_goes_on_where_it_was_if_the_server_says_so(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(30)
    keeper = pc.loses_power_for(600)
    assert keeper.apply(session_view(seconds_left=3600), signed(900, 2), membership)
    pc.plays(1)
    assert keeper.played_seconds == 31


def test_a_paused_session_stays_paused_over_the_death_of_the_agent(pc: Pc) -> None:
    pc.keeper.apply(session_view(), signed(), membership)
    pc.plays(30)
    pc.keeper.apply(session_view(state="paused", played_seconds=30), None, membership)
    keeper = pc.agent_dies_for(60)
    keeper.tick(0)
    shown = keeper.view(0)
    assert shown is not None
    assert (shown.state, shown.played_seconds) == ("paused", 30)


def test_a_stop_the_server_has_not_heard_of_is_reported(pc: Pc) -> None:
    pc.keeper.apply(session_view(seconds_left=60), signed(60), membership)
    pc.plays(61)
    report = pc.keeper.report()
    assert report is not None
    assert report.played_seconds == 60
    pc.keeper.acknowledged(1)
    assert pc.keeper.report() is None


def test_warnings_come_with_the_time(pc: Pc) -> None:
    pc.keeper.apply(session_view(seconds_left=400), signed(400), membership)
    warnings = []
    for _ in range(399):
        pc.clock.advance(1)
        warnings.append(pc.keeper.tick(0).warning_minutes)
    assert [minutes for minutes in warnings if minutes] == [5, 1]


def test_before_the_night_warnings_come_earlier_and_say_why(pc: Pc) -> None:
    """Somebody may have to fetch a document or a parent."""
    view = msgspec.structs.replace(session_view(seconds_left=2000), stops="night")
    pc.keeper.apply(view, signed(2000), membership)
    told = []
    for _ in range(200):
        pc.clock.advance(10)
        tick = pc.keeper.tick(0)
        told.append((tick.warning_minutes, tick.stopped, tick.why))
    assert [one for one in told if one[0] or one[1]] == [
        (30, None, "night"), (10, None, "night"), (5, None, "night"), (1, None, "night"),
        (None, "time_over", "night"),
    ]  # fmt: skip
