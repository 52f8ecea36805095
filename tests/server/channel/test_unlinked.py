"""Which silent PCs are looked for in the network, and how one that is found there, or that is repaired, is shown."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.channel.hub import Hub
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.live import Unlinked
from lovhub.server.maintenance import service as maintenance
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.link import link_lost
from lovhub.server.without_agent import service as without_agent
from lovhub.server.without_agent.rules import Plan
from tests.support.club import CASHIER, People
from tests.support.staff import hire


@pytest.fixture
def hub(club: ClubContext) -> Hub:
    """A channel whose PCs are linked by the tests themselves."""
    return Hub(club, b"certificate")


def past_the_grace(hub: Hub, clock: ManualClock) -> None:
    for _ in range(16):
        clock.advance(4)
        hub.hall.judge()


def test_a_linked_pc_is_not_looked_for_nor_one_just_lost(
    hub: Hub, people: People, clock: ManualClock
) -> None:
    linked, lost, vanished, went = (people.computer() for _ in range(4))
    hub.hall.load()
    hub.presence.link(vanished, "a", "locked")
    past_the_grace(hub, clock)
    hub.presence.unlink(vanished, "a", goodbye=False)
    clock.advance(61)
    for pc, token in ((linked, "b"), (lost, "c"), (went, "d")):
        hub.presence.link(pc, token, "locked")
    hub.presence.unlink(lost, "c", goodbye=False)
    hub.presence.unlink(went, "d", goodbye=True)
    assert hub.hall.unlinked() == [
        Unlinked(vanished, said_goodbye=False),
        Unlinked(went, said_goodbye=True),
    ]


def test_a_pc_that_was_heard_just_before_the_servers_start_is_lost_and_not_off(
    hub: Hub, club: ClubContext, people: People, clock: ManualClock
) -> None:
    just, long_ago, never = (people.computer() for _ in range(3))
    computers.flush_last_seen(club, {just: clock.now() - 40, long_ago: clock.now() - 300})
    hub.hall.load()
    assert hub.presence.links((just, long_ago, never), grace=False) == ["lost", "off", "off"]
    assert hub.presence.last_seen_at(just) == clock.now() - 40
    clock.advance(21)
    assert hub.presence.links((just,), grace=False) == ["off"]


def test_just_after_the_servers_start_nobody_is_looked_for(hub: Hub, people: People) -> None:
    people.computer()
    hub.hall.load()
    assert hub.hall.unlinked() == []


def test_time_that_a_silent_pc_may_be_playing_is_waited_for(
    hub: Hub, club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc = people.computer()
    hub.presence.link(pc, "a", "locked")
    sessions.seat_guest(
        club, computer_id=pc, tariff_id=people.tariff(), method="cash", guest_name="",
        actor=CASHIER, key="guest",
    )  # fmt: skip
    hub.presence.unlink(pc, "a", goodbye=False)
    link_lost(club, computer_id=pc)
    hub.hall.load()
    past_the_grace(hub, clock)
    assert hub.hall.unlinked() == []
    for _ in range(4):
        clock.advance(240)
        hub.hall.judge()
    past_the_grace(hub, clock)
    assert hub.hall.unlinked() == [Unlinked(pc, said_goodbye=False)]


def test_where_a_technician_works_nobody_is_looked_for(
    hub: Hub, club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc = people.computer()
    hub.presence.link(pc, "a", "locked")
    technician = hire(club, "Тимур", "technician")
    maintenance.begin(club, computer_id=pc, minutes=30, reason="диск", actor=technician)
    hub.presence.unlink(pc, "a", goodbye=True)
    hub.hall.load()
    past_the_grace(hub, clock)
    assert hub.hall.unlinked() == []
    maintenance.end(club, computer_id=pc, actor=technician)
    hub.hall.reload_maintenance()
    assert hub.hall.unlinked() == [Unlinked(pc, said_goodbye=True)]


def test_where_a_technician_works_a_launcher_that_hangs_is_no_broken_lock(
    hub: Hub, club: ClubContext, people: People
) -> None:
    pc = people.computer()
    hub.presence.link(pc, "a", "broken")
    technician = hire(club, "Тимур", "technician")
    maintenance.begin(club, computer_id=pc, minutes=30, reason="диск", actor=technician)
    hub.hall.load()
    assert [row.problem for row in hub.hall.snapshot().rows] == ["launcher_silent"]
    maintenance.end(club, computer_id=pc, actor=technician)
    hub.hall.reload_maintenance()
    assert [row.problem for row in hub.hall.snapshot().rows] == ["lock_broken"]


def test_a_pc_that_was_found_is_marked_until_it_is_linked(
    hub: Hub, club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc = people.computer()
    hub.presence.link(pc, "a", "locked")
    hub.presence.unlink(pc, "a", goodbye=True)
    hub.hall.load()
    without_agent.note(club, Plan({pc: (clock.now() - 600, clock.now())}, {}, ()))
    hub.hall.reload_without_agent()
    assert [row.problem for row in hub.hall.snapshot().rows] == ["no_agent"]
    hub.presence.link(pc, "b", "locked")
    assert [row.problem for row in hub.hall.snapshot().rows] == [""]
