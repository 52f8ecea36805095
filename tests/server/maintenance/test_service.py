"""PCs opened without a customer: for minutes, with a reason and a name, and closed by themselves."""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.bus import MaintenanceChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.maintenance import queries, service
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People
from tests.support.staff import hire
from tests.support.suspicious import told_by_whom


@pytest.fixture
def technician(club: ClubContext) -> Actor:
    return hire(club, "Тимур", "technician")


def is_open(club: ClubContext) -> list[tuple[int, str, str]]:
    with club.read() as db:
        found = queries.in_force(db, club.club_id, club.clock.now())
    return [(one.computer_id, one.who, one.reason) for one in found]


def told(club: ClubContext) -> list[tuple[str, str, int]]:
    with club.read() as db:
        events = db.scalars(
            select(Event).where(Event.kind.like("computer.maintenance%")).order_by(Event.id)
        )
        return [(one.kind[21:], one.actor_name, one.data["seconds"]) for one in events]


def begin(club: ClubContext, pc: int, actor: Actor, minutes: int = 30) -> int:
    return service.begin(
        club, computer_id=pc, minutes=minutes, reason=" новый  драйвер ", actor=actor
    )


def sit_down(club: ClubContext, people: People, pc: int) -> int:
    return sessions.seat_guest(
        club, computer_id=pc, tariff_id=people.tariff(), method="cash", guest_name="",
        actor=CASHIER, key=f"guest-{pc}-{club.clock.now()}",
    )  # fmt: skip


def test_a_pc_is_open_for_its_minutes_and_nobody_is_seated_there(
    club: ClubContext, people: People, technician: Actor, clock: ManualClock
) -> None:
    pc, other, news = people.computer(), people.computer(), list[News]()
    club.bus.listen(news.append)
    begin(club, pc, technician)
    assert news == [MaintenanceChanged(pc)]
    assert is_open(club) == [(pc, "Тимур", "новый драйвер")]
    with pytest.raises(OperationRefused, match="maintenance_open"):
        begin(club, pc, technician)
    with pytest.raises(OperationRefused, match="computer_in_maintenance"):
        sit_down(club, people, pc)
    sit_down(club, people, other)

    clock.advance(30 * 60 - 1)
    service.end_over(club)
    assert is_open(club)
    clock.advance(200)  # nobody looked at once: it ended when it was to end
    assert not is_open(club), "its end is its end, booked or not"
    service.end_over(club)
    service.end_over(club)
    assert told(club) == [("begun", "Тимур", 1800), ("ended", "LoVHub", 1800)]
    sit_down(club, people, pc)
    with club.read() as db:
        kinds = set(db.scalars(select(LedgerPosting.kind)))
    assert not any("maintenance" in kind for kind in kinds), "no money moves"


def test_who_ends_it_early_stands_there_with_the_time_it_was(
    club: ClubContext, people: People, technician: Actor, clock: ManualClock
) -> None:
    pc = people.computer()
    begin(club, pc, technician)
    clock.advance(61)
    service.end(club, computer_id=pc, actor=CASHIER)
    service.end(club, computer_id=pc, actor=CASHIER)
    assert told(club) == [("begun", "Тимур", 1800), ("ended", "Данияр", 61)]
    # What nobody has booked as ended keeps no seat taken either.
    begin(club, pc, technician, minutes=5)
    clock.advance(301)
    sit_down(club, people, pc)
    with pytest.raises(OperationRefused, match="computer_busy"):
        begin(club, pc, technician)
    found = told_by_whom(club)
    assert found == [("maintenance", "Тимур", 300), ("maintenance", "Тимур", 1800)]


def test_a_pc_that_is_not_linked_is_not_opened(
    club: ClubContext, people: People, technician: Actor
) -> None:
    pc = people.computer()
    club.links.is_linked = lambda _computer_id: False
    with pytest.raises(OperationRefused, match="computer_silent"):
        begin(club, pc, technician)
    with pytest.raises(OperationRefused, match="computer_unknown"):
        begin(club, pc + 9, technician)
