"""Writing down what a PC is made of, and the life of each command."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from lovhub.protocol.channel import Hardware
from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.database.prepared import Change
from lovhub.server.journal import service as journal
from lovhub.server.pc import rules
from lovhub.server.pc.models import PcCommand, PcHardware

LONGEST_DETAIL = 200

_NEW = Change(insert(PcCommand))

_ANSWERED = Change(
    update(PcCommand)
    .where(PcCommand.command_id == bindparam("command"), PcCommand.state == "sent")
    .values(
        state=bindparam("new_state"),
        answered_at=bindparam("now"),
        took_ms=bindparam("took"),
        detail=bindparam("said"),
    )
)


def note_hardware(club: ClubContext, *, computer_id: int, hardware: Hardware, actor: Actor) -> None:
    """The PC tells what it is made of. The same as before changes nothing; less than before is an alarm."""
    data: dict[str, Any] = msgspec.to_builtins(hardware)
    data.pop("type")
    with club.read() as db:
        known = db.get(PcHardware, computer_id)
    if known is not None and known.data == data:
        return
    with club.write() as work:
        computer = work.db.get(Computer, computer_id)
        if computer is None or computer.club_id != work.club_id:
            return
        row = work.db.get(PcHardware, computer_id)
        if row is None:
            row = PcHardware(computer_id=computer_id, club_id=work.club_id)
            work.db.add(row)
            changes = []
        else:
            changes = rules.changed_parts(row.data, data)
        row.data = data
        row.changed_at = work.now
        if changes:
            journal.record(
                work, "computer.hardware_changed", actor, computer_id=computer_id, changes=changes
            )
            journal.raise_alarm(work, "hardware_changed", computer_id=computer_id, changes=changes)


@dataclass(frozen=True)
class Sending:
    """A command to one PC. `text`: what people read of it."""

    computer_id: int
    command_id: str
    kind: str
    text: str = ""


def commands_sent(club: ClubContext, sendings: Sequence[Sending], actor: Actor) -> None:
    """Commands are on their way."""
    with club.write() as work:
        rows = [
            {
                "club_id": work.club_id,
                "computer_id": sending.computer_id,
                "command_id": sending.command_id,
                "kind": sending.kind,
                "text": sending.text,
                "actor_name": actor.name,
                "sent_at": work.now,
                "state": "sent",
                "answered_at": None,
                "took_ms": None,
                "detail": "",
            }
            for sending in sendings
        ]
        _NEW.run_many(work.db, rows)
        for sending in sendings:
            journal.record(
                work,
                "command.sent",
                actor,
                computer_id=sending.computer_id,
                command_id=sending.command_id,
                command=sending.kind,
                text=sending.text,
            )


def command_answered(
    club: ClubContext,
    *,
    computer_id: int,
    command_id: str,
    kind: str,
    state: str,
    actor: Actor,
    took_ms: int | None = None,
    detail: str = "",
) -> None:
    """What became of it: `state` is done, failed or expired."""
    detail = detail[:LONGEST_DETAIL]
    with club.write() as work:
        _ANSWERED.run(
            work.db,
            command=command_id,
            new_state=state,
            now=work.now,
            took=took_ms,
            said=detail,
        )
        journal.record(
            work,
            f"command.{state}",
            actor,
            computer_id=computer_id,
            command_id=command_id,
            command=kind,
            detail=detail,
        )


def expire_lost(club: ClubContext, *, sent_seconds_ago: int | None = None) -> None:
    """Nobody waits any more for answers to what was sent so long ago; None, at a start: to anything."""
    lost = [PcCommand.club_id == club.club_id, PcCommand.state == "sent"]
    if sent_seconds_ago is not None:
        lost.append(PcCommand.sent_at <= club.clock.now() - sent_seconds_ago)
    with club.read() as db:
        if db.scalar(select(PcCommand.id).where(*lost).limit(1)) is None:
            return
    with club.write() as work:
        work.db.execute(
            update(PcCommand).where(*lost).values(state="expired", answered_at=work.now)
        )
