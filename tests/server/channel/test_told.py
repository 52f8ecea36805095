"""What is told is what differs from what was told: PC by PC, and the same as a look at everything."""

from typing import Any

import msgspec
import pytest

from lovhub.clock import ManualClock
from lovhub.server.channel import live
from lovhub.server.channel.told import REMEMBERED_CHANGES, Changes, Told
from lovhub.server.live import HallRow, HallSession
from tests.server.channel.conftest import ChannelServer
from tests.support.club import People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)

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
    assert (told.counts().total, told.counts().on) == (1, 1)


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
