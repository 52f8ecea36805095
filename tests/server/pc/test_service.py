"""Hardware that a PC tells of, and the life of its commands."""

import pytest
from sqlalchemy import select

from lovhub.protocol.channel import Hardware
from lovhub.protocol.views import DiskView
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Alarm
from lovhub.server.journal.texts import alarm_text
from lovhub.server.pc import queries, service
from lovhub.server.pc.rules import GIB
from tests.support.club import CASHIER, People
from tests.support.statements import asked

PC = Actor(kind="computer", id=1, name="ПК-1")
WHOLE = Hardware(
    cpu="Ryzen 5",
    cores=12,
    memory_bytes=16 * GIB,
    gpus=("RTX 3060",),
    disks=(DiskView("Kingston", 480 * GIB),),
)


def tell(club: ClubContext, computer_id: int, hardware: Hardware) -> None:
    service.note_hardware(club, computer_id=computer_id, hardware=hardware, actor=PC)


def test_a_memory_module_that_is_gone_raises_one_alarm(club: ClubContext, people: People) -> None:
    computer_id = people.computer()
    less = Hardware(
        cpu=WHOLE.cpu,
        cores=WHOLE.cores,
        memory_bytes=8 * GIB,
        gpus=WHOLE.gpus,
        disks=WHOLE.disks,
    )
    for told in (WHOLE, WHOLE, less, less):
        tell(club, computer_id, told)
    with club.read() as db:
        [alarm] = db.scalars(select(Alarm))
        known = queries.hardware(db, computer_id)
    assert (alarm.kind, alarm.computer_id) == ("hardware_changed", computer_id)
    assert alarm_text(alarm.kind, "ПК-1", alarm.data) == (
        "ПК-1: изменилось железо; память: 16 ГиБ → 8 ГиБ"
    )
    assert known is not None
    assert known.data["memory_bytes"] == 8 * GIB


def send(club: ClubContext, computer_id: int, number: int) -> None:
    sending = service.Sending(computer_id, f"c{number}", "message", f"Текст {number}")
    service.commands_sent(club, [sending], CASHIER)


@pytest.mark.parametrize("state", ["done", "failed", "expired"])
def test_a_command_keeps_its_answer_and_how_long_it_took(
    club: ClubContext, people: People, state: str
) -> None:
    computer_id = people.computer()
    send(club, computer_id, 1)
    for answer, took_ms in ((state, 40), ("failed", None)):
        service.command_answered(
            club,
            computer_id=computer_id,
            command_id="c1",
            kind="message",
            state=answer,
            actor=CASHIER,
            took_ms=took_ms,
        )
    with club.read() as db:
        [(command,)] = queries.commands(db, computer_id, None).rows
    assert (command.state, command.took_ms, command.actor_name) == (state, 40, "Данияр")


def test_what_nobody_waits_for_after_a_start_is_expired(club: ClubContext, people: People) -> None:
    computer_id = people.computer()
    send(club, computer_id, 1)
    service.expire_lost(club)
    with club.read() as db:
        [(command,)] = queries.commands(db, computer_id, None).rows
    assert command.state == "expired"


def test_history_comes_in_parts_of_one_query_each(club: ClubContext, people: People) -> None:
    computer_id, other = people.computer(), people.computer()
    for number in range(queries.SHOWN * 2):
        send(club, computer_id, number)
    send(club, other, 99)
    seen: list[str] = []
    before = None
    with club.read() as db:
        for _ in range(2):
            with asked(club) as statements:
                part = queries.commands(db, computer_id, before)
            assert len(statements) == 1
            seen += [command.command_id for (command,) in part.rows]
            before = part.before
    assert seen == [f"c{number}" for number in reversed(range(queries.SHOWN * 2))]
    assert before is None
