"""What every page carries of the hall is what the whole picture shows, whatever the PCs are at."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.attention import service as attention
from lovhub.server.channel.hub import Hub
from lovhub.server.channel.presence import Elsewhere
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.live import HallCounts
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People


@pytest.fixture
def hub(club: ClubContext) -> Hub:
    """A channel whose PCs are linked by the tests themselves."""
    return Hub(club, b"certificate")


def test_every_page_counts_and_warns_as_the_whole_picture_does(
    hub: Hub, club: ClubContext, people: People, clock: ManualClock
) -> None:
    playing, lost, vanished, went, elsewhere, _never = (people.computer() for _ in range(6))
    for pc in (playing, lost, vanished, went):
        hub.presence.link(pc, pc, "locked")
    for pc in (playing, vanished):
        sessions.seat_guest(
            club, computer_id=pc, tariff_id=people.tariff(seconds=900), method="cash", guest_name="",
            actor=CASHIER, key=f"guest {pc}",
        )  # fmt: skip
    attention.call(club, computer_id=playing, reason="device", text="мышь", actor=CASHIER)
    with club.write() as work:
        journal.raise_alarm(work, "lock_broken", computer_id=lost)
    hub.hall.load()
    for _ in range(80):  # past the grace, and most of the time that was sold
        clock.advance(4)
        hub.hall.judge()
    hub.presence.unlink(vanished, vanished, goodbye=False)
    clock.advance(100)
    hub.presence.link(lost, lost, "locked")  # heard just now
    hub.presence.unlink(lost, lost, goodbye=False)
    hub.presence.unlink(went, went, goodbye=True)
    hub.presence.note_elsewhere(elsewhere, Elsewhere(2, "", "locked", None, frozenset()))

    whole, carried = hub.hall.snapshot(), hub.hall.attention()

    assert carried.counts == whole.counts == HallCounts(total=6, on=3, off=3, used=1)
    assert [ending.computer_id for ending in carried.endings] == [playing, vanished]
    assert carried.endings == whole.endings
    assert carried.calls == whole.calls != ()
    assert carried.alarms == whole.alarms != ()
