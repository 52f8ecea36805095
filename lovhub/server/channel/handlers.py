"""One message, one handler. What asks the database runs in a thread, in the order the PC sent it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from lovhub.protocol.channel import (
    ClientFrame,
    CommandResult,
    Error,
    Goodbye,
    Hardware,
    Journal,
    JournalAck,
)
from lovhub.protocol.codec import ProtocolError
from lovhub.protocol.entries import Entry, UnknownEntry, read_entry
from lovhub.server.actor import Actor
from lovhub.server.channel.own_requests import OWN_REQUESTS
from lovhub.server.channel.player_requests import PLAYER_REQUESTS, computer_of
from lovhub.server.channel.refused import Refused
from lovhub.server.channel.staff_requests import STAFF_REQUESTS
from lovhub.server.channel.updating import UPDATE_FRAMES
from lovhub.server.computers import service as computers_service
from lovhub.server.pc import service as pc_service
from lovhub.server.sessions import intake

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection

log = structlog.get_logger("channel")


async def handle(connection: "Connection", frame: ClientFrame) -> None:
    """Do what the frame asks for; a frame out of place closes the connection."""
    handler = _HANDLERS.get(type(frame))
    if handler is None or connection.computer_id is None:
        raise Refused(Error(code="unexpected", text=type(frame).__name__))
    await handler(connection, frame)


def entries_in(told: Sequence[msgspec.Raw]) -> list[Entry | UnknownEntry]:
    """What a PC has told; raises ProtocolError for what is no entry of any version."""
    try:
        return [read_entry(entry) for entry in told]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError("malformed", str(error)) from error


async def _journal(connection: "Connection", frame: Journal) -> None:
    hub = connection.hub
    number = await hub.in_thread(
        intake.apply_entries,
        hub.club,
        computer_id=computer_of(connection),
        entries=entries_in(frame.entries),
    )
    connection.send(JournalAck(number=number))


async def _command_result(connection: "Connection", frame: CommandResult) -> None:
    await connection.hub.in_thread(connection.hub.commands.answered, computer_of(connection), frame)


async def _hardware(connection: "Connection", frame: Hardware) -> None:
    computer_id = computer_of(connection)
    await connection.hub.in_thread(
        pc_service.note_hardware,
        connection.hub.club,
        computer_id=computer_id,
        hardware=frame,
        actor=Actor("computer", computer_id, connection.computer_name, address=connection.address),
    )


async def _goodbye(connection: "Connection", frame: Goodbye) -> None:
    connection.said_goodbye = True
    hub = connection.hub
    await hub.in_thread(
        computers_service.said_goodbye,
        hub.club,
        computer_id=computer_of(connection),
        reason=frame.reason,
        address=connection.address,
    )
    connection.finish()


_HANDLERS: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    Journal: _journal,
    **PLAYER_REQUESTS,
    **OWN_REQUESTS,
    **STAFF_REQUESTS,
    CommandResult: _command_result,
    Hardware: _hardware,
    **UPDATE_FRAMES,
    Goodbye: _goodbye,
}
"""Handlers of what a known PC may say; `hello` and pairing come before (`connection.py`)."""
