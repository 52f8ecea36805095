"""What of a hello is news: a hall that comes back says what it said before."""

import msgspec
import pytest
from sqlalchemy import select

from lovhub.protocol import PROTOCOL_VERSION
from lovhub.protocol.channel import Hello
from lovhub.server.computers import service
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Alarm, Event
from tests.support.club import People

HELLO = Hello(
    PROTOCOL_VERSION, "0.1", 1, "token", "boot-1", "PC", "Windows 11", "journal-1", "locked"
)


@pytest.fixture
def said(club: ClubContext, people: People) -> Computer:
    computer_id = people.computer()
    with club.write() as work:
        computer = work.db.get_one(Computer, computer_id)
        assert service.is_news(computer, HELLO, address="10.0.0.2")
        service.said_hello(work, computer, HELLO, address="10.0.0.2")
        return computer


def test_the_same_again_is_no_news(said: Computer) -> None:
    assert not service.is_news(said, HELLO, address="10.0.0.2")


@pytest.mark.parametrize(
    "changed", ["agent_version", "boot_id", "hostname", "operating_system", "journal_id"]
)
def test_anything_else_is(said: Computer, changed: str) -> None:
    values = {name: getattr(HELLO, name) for name in HELLO.__struct_fields__}
    other = Hello(**{**values, changed: "another"})
    assert service.is_news(said, other, address="10.0.0.2")


@pytest.mark.parametrize(
    ("what", "alarm"), [("memory_lasts", "memory_forgets"), ("is_guarded", "guarded_in_part")]
)
def test_a_pc_that_forgets_its_key_or_has_no_service_is_an_alarm_once(
    club: ClubContext, said: Computer, what: str, alarm: str
) -> None:
    lacks = msgspec.structs.replace(HELLO, **{what: False})
    assert service.is_news(said, lacks, address="10.0.0.2")
    for hello in (lacks, lacks, HELLO, lacks):
        with club.write() as work:
            computer = work.db.get_one(Computer, said.id)
            service.said_hello(work, computer, hello, address="10.0.0.2")
            assert getattr(computer, what) == getattr(hello, what)
    with club.read() as db:
        assert list(db.scalars(select(Alarm.kind))) == [alarm]


@pytest.mark.parametrize(
    ("now", "alarms"),
    [
        ("10.0.0.3", []),
        ("::ffff:10.0.0.3", []),
        ("10.0.1.2", ["computer_elsewhere"]),
        ("fd00::2", ["computer_elsewhere"]),
    ],
)
def test_who_comes_from_elsewhere_is_written_down_and_from_another_network_an_alarm(
    club: ClubContext, said: Computer, now: str, alarms: list[str]
) -> None:
    for address in (now, now, "10.0.0.2", now):
        with club.write() as work:
            computer = work.db.get_one(Computer, said.id)
            service.said_hello(work, computer, HELLO, address=address)
    with club.read() as db:
        assert list(db.scalars(select(Alarm.kind))) == alarms
        moves = db.scalars(select(Event).where(Event.kind == "computer.address_changed")).all()
    assert [(event.data["before"], event.data["now"]) for event in moves] == [
        ("10.0.0.2", now), (now, "10.0.0.2"), ("10.0.0.2", now),
    ]  # fmt: skip


def test_so_is_another_address_and_a_pc_that_had_gone_off(said: Computer) -> None:
    assert service.is_news(said, HELLO, address="10.0.0.3")
    said.said_goodbye = True
    assert service.is_news(said, HELLO, address="10.0.0.2")
