"""What is told is what differs from what was told: PC by PC, and the same as a look at everything."""

from typing import Any

import msgspec
import pytest

from lovhub.clock import ManualClock
from lovhub.server.channel import live, rules
from lovhub.server.channel.hub import Hub
from lovhub.server.channel.told import REMEMBERED_CHANGES, Changes, Told
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext
from lovhub.server.live import HallCounts, HallRow, HallSession, LiveSnapshot
from lovhub.server.maintenance import service as maintenance
from lovhub.server.sessions import service as sessions
from tests.server.channel.conftest import ChannelServer
from tests.support.club import CASHIER, OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.staff import hire

STEP_SECONDS = 4
"""As far apart as looks at the clock may be that do not count as a stall."""

ROW = HallRow(1, "ПК-1", "D", "10.0.0.1", "active", "linked", "unlocked", 0, None, "", "")
PLAYED = HallSession(7, "active", "Ерлан", 1, "1 час", 3600, 0, "")


def row(computer_id: int, **values: Any) -> HallRow:
    return msgspec.structs.replace(ROW, computer_id=computer_id, **values)


def played(seconds_left: int) -> HallRow:
    session = msgspec.structs.replace(PLAYED, seconds_left=seconds_left)
    return row(1, status="used", session=session)


def test_changes_are_remembered_pc_by_pc_as_far_back_as_they_go() -> None:
    changes = Changes()
    for computer_id in (3, 4, 3):
        changes.note(computer_id)
    seen = changes.revision
    assert changes.since(0) == {3, 4}
    assert changes.since(2) == {3}
    assert changes.since(seen) == set()
    assert changes.since(-1) is None, "who never looked does not know"
    changes.note(0)
    assert changes.since(seen) is None, "not one PC"
    for _ in range(REMEMBERED_CHANGES):
        changes.note(5)
    assert changes.since(seen + 1) == {5}
    assert changes.since(seen) is None, "longer ago than is remembered"


def test_what_can_wait_presses_nobody_until_something_else_does() -> None:
    changes = Changes()
    changes.note(3)
    assert changes.pressing == changes.revision
    seen = changes.revision
    changes.note(4, can_wait=True)
    assert changes.pressing == seen
    assert changes.since(seen) == {4}
    changes.note(5)
    assert changes.pressing == changes.revision
    assert changes.since(seen) == {4, 5}


def test_a_row_is_told_when_it_differs_from_what_was_told_last() -> None:
    told = Told()
    assert told.news([row(1), row(2)], None, 0.0) == ((row(1), row(2)), [])
    assert told.news([row(1), row(2)], None, 1.0) == ((), [])
    busy = row(2, application="Dota 2")
    assert told.news([busy], frozenset({2}), 2.0) == ((busy,), []), "PC 1 was not looked at"
    assert told.news([], frozenset({1}), 3.0) == ((), [1])
    assert told.news([busy], None, 4.0) == ((), []), "that it is gone was told"


def test_the_counts_are_those_of_all_that_was_told() -> None:
    told = Told()
    told.news([row(1), row(2), row(3, status="used")], None, 0.0)
    assert told.counts() == HallCounts(total=3, on=3, off=0, used=1)
    told.news([row(2, status="off"), row(3, status="used")], frozenset({2, 3}), 1.0)
    assert told.counts() == HallCounts(total=3, on=2, off=1, used=1)
    told.news([row(3)], frozenset({2, 3}), 2.0)
    assert told.counts() == HallCounts(total=2, on=2, off=0, used=0)
    told.all(LiveSnapshot(told.counts(), (row(4, status="off"), row(5)), (), ()), 3.0)
    assert told.counts() == HallCounts(total=2, on=1, off=1, used=0)


def test_a_count_may_not_drift_by_little_and_little() -> None:
    told = Told()
    told.news([played(3600)], None, 0.0)
    assert told.news([played(3600)], None, 1.0) == ((), [])
    assert told.news([played(3599)], None, 2.0) == ((), [])
    behind = played(3599)
    assert told.news([behind], None, 3.0) == ((behind,), []), "two seconds from what pages show"


def test_some_pcs_are_seen_as_in_the_whole_picture(
    channel: ChannelServer, clock: ManualClock, people: People
) -> None:
    hall = channel.hub.hall
    first, second, third = (people.computer(f"ПК-{number}") for number in (1, 2, 3))
    hall.load()
    revision = hall.revision
    channel.hub.presence.link(second, object(), "locked")
    assert hall.changed_since(revision) == {second}
    whole = hall.snapshot()
    part = hall.snapshot(frozenset({second}))
    assert part.rows == tuple(one for one in whole.rows if one.computer_id == second)
    assert msgspec.structs.replace(part, rows=whole.rows, counts=whole.counts) == whole
    assert {first, third} == {one.computer_id for one in whole.rows} - {second}


@pytest.mark.parametrize("is_light", [False, True])
def test_a_page_never_waits_longer_than_the_pulse_however_busy_the_hall_is(
    channel: ChannelServer, people: People, is_light: bool
) -> None:
    """A page without the hall hears nothing of a busy one, and must still know that it is live."""
    hall, pages = channel.hub.hall, live.LivePages(channel.hub)
    pc = people.computer("ПК-1")
    hall.load()
    page = live._Page(None, 1, light=is_light)  # type: ignore[arg-type]
    pages._pages.add(page)
    pages._tell_whole(0.0)
    gaps, heard = [], 0.0
    for step in range(1, 60):
        now = step * live.COALESCE_SECONDS
        hall.changed(pc)  # and nothing that is shown is different
        pages._tell_changes(frozenset({pc}), now)
        pages._pulse(now)
        if page.heard_at != heard:
            gaps.append(page.heard_at - heard)
            heard = page.heard_at
    assert gaps == [live.PULSE_SECONDS] * 2


class Watched:
    """A hall whose PCs the test links, and what is told of it between two whole pictures."""

    def __init__(self, club: ClubContext, clock: ManualClock) -> None:
        self.hub = Hub(club, b"certificate")
        self.hall, self.presence = self.hub.hall, self.hub.presence
        self._clock, self._told, self._revision = clock, Told(), 0

    def begin(self) -> None:
        """From here on is told what changes."""
        self.hall.load()
        self.hall.judge()
        self._told.all(self.hall.snapshot(), self._clock.monotonic())
        self._revision = self.hall.revision

    def news(self, after_seconds: float = 0.0) -> list[HallRow]:
        """What is told after a while, for which nobody stood still; nothing else must be new in the whole hall."""
        rows: list[HallRow] = []
        while after_seconds > 0:
            self._clock.advance(min(STEP_SECONDS, after_seconds))
            after_seconds -= STEP_SECONDS
            rows += self._look()
        return rows or self._look()

    def stand_still(self) -> list[HallRow]:
        """What is told after the loop has stood still."""
        self._clock.advance(rules.STALL_SECONDS)
        return self._look()

    def _look(self) -> list[HallRow]:
        self.hall.judge()
        changed = self.hall.changed_since(self._revision)
        self._revision, at = self.hall.revision, self._clock.monotonic()
        rows, gone = self._told.news(self.hall.snapshot(changed).rows, changed, at)
        assert self._told.news(self.hall.snapshot().rows, None, at) == ((), []), "missed"
        assert gone == []
        return list(rows)


@pytest.fixture
def watched(club: ClubContext, clock: ManualClock) -> Watched:
    return Watched(club, clock)


def test_a_pc_is_told_to_be_kept_no_longer_as_soon_as_its_time_has_come(
    watched: Watched, club: ClubContext, people: People, clock: ManualClock
) -> None:
    first, second, broken = (people.computer() for _ in range(3))
    for pc in (first, second, broken):
        watched.presence.link(pc, object(), "locked")
    for pc, seconds in ((second, 20), (first, 10)):
        conditions.keep(
            club, computer_ids=[pc], for_whom="Аскар", customer_id=None,
            until_at=clock.now() + seconds, actor=OWNER,
        )  # fmt: skip
    conditions.mark_broken(club, computer_ids=[broken], reason="нет звука", actor=OWNER)
    watched.begin()
    assert watched.news(9) == []
    for pc in (first, second):  # nobody has booked it
        assert [(row.computer_id, row.condition) for row in watched.news(1)] == [(pc, None)]
        assert watched.news(9) == []


def test_a_pc_is_told_to_be_open_no_longer_as_soon_as_the_technicians_time_has_come(
    watched: Watched, club: ClubContext, people: People
) -> None:
    pc = people.computer()
    watched.presence.link(pc, object(), "broken")
    technician = hire(club, "Тимур", "technician")
    maintenance.begin(club, computer_id=pc, minutes=5, reason="диск", actor=technician)
    watched.begin()
    assert watched.news(299) == []
    assert [(row.maintenance, row.problem) for row in watched.news(1)] == [(None, "lock_broken")]


def test_what_is_kept_anew_ends_when_it_is_said_now(
    watched: Watched, club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc = people.computer()
    watched.presence.link(pc, object(), "locked")
    watched.begin()
    for seconds in (10, 40):
        conditions.keep(
            club, computer_ids=[pc], for_whom="Аскар", customer_id=None,
            until_at=clock.now() + seconds, actor=OWNER,
        )  # fmt: skip
        watched.hall.reload_conditions()
        (row,) = watched.news()
        assert row.condition is not None
    assert watched.news(39) == []
    assert [row.condition for row in watched.news(1)] == [None]


def test_the_end_of_the_grace_is_told_of_all_that_nobody_has_heard(
    watched: Watched, people: People
) -> None:
    here, away, went = people.computer(), people.computer(), people.computer()
    watched.presence.link(here, object(), "locked")
    watched.presence.remember(away, silent_seconds=600, said_goodbye=False)
    watched.presence.remember(went, silent_seconds=600, said_goodbye=True)
    watched.begin()
    assert watched.news(rules.GRACE_SECONDS - 1) == []
    told = [(row.computer_id, row.link, row.status) for row in watched.news(1)]
    assert told == [(away, "off", "off")]


def test_a_grace_after_a_stall_is_told_when_it_begins_and_when_it_ends(
    watched: Watched, people: People
) -> None:
    here, away = people.computer(), people.computer()
    watched.presence.link(here, object(), "locked")
    watched.presence.remember(away, silent_seconds=600, said_goodbye=False)
    watched.begin()
    watched.news(rules.GRACE_SECONDS + STEP_SECONDS)
    assert [(row.computer_id, row.link) for row in watched.stand_still()] == [(away, "lost")]
    told = watched.news(rules.GRACE_SECONDS)
    assert [(row.computer_id, row.link) for row in told] == [(away, "off")]


def test_a_pc_heard_over_https_is_told_to_be_lost_in_the_grace_too(
    watched: Watched, people: People
) -> None:
    pc = people.computer()
    watched.presence.heartbeat_over_https(pc, lock="locked")
    watched.begin()
    assert watched.news(rules.SILENCE_SECONDS) == []
    assert [row.link for row in watched.news(1)] == ["lost"]
    watched.presence.heartbeat_over_https(pc, lock="locked")
    assert [row.link for row in watched.news()] == ["linked"]
    told = watched.news(rules.OFF_AFTER_SECONDS + 1)  # the grace ends meanwhile
    assert [row.link for row in told] == ["lost", "off"]


def test_the_end_of_a_session_that_comes_near_makes_nobody_look_at_all_pcs(
    watched: Watched, club: ClubContext, people: People
) -> None:
    played, other = people.computer(), people.computer()
    for pc in (played, other):
        watched.presence.link(pc, object(), "locked")
    sessions.seat_guest(
        club, computer_id=played, tariff_id=people.tariff(seconds=900), method="cash", guest_name="",
        actor=CASHIER, key="guest",
    )  # fmt: skip
    watched.begin()
    watched.news(rules.GRACE_SECONDS)
    revision = watched.hall.revision
    while not watched.hall.snapshot().endings:
        assert watched.hall.changed_since(revision) == set()
        watched.news(STEP_SECONDS)
    assert watched.hall.changed_since(revision) == {played}
