"""One PC, for programs."""

from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel

from lovhub.server.computers import queries as computers
from lovhub.server.computers import service as computers_service
from lovhub.server.computers.api import api as computers_api
from lovhub.server.computers.models import Computer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.texts import alarm_text
from lovhub.server.pc import queries
from lovhub.server.web import current
from lovhub.server.web.api import Done, Id, Question, answer, blueprint, done

api = blueprint("pc", "computers")


class PcPath(BaseModel):
    """Which PC."""

    computer_id: int


class Before(Question):
    """Where to go on: the `before` of the part before."""

    before: Id | None = None


class Pc(BaseModel):
    """A PC as it last told of itself; instants in UTC epoch seconds. `hardware` empty: not told so far."""

    computer_id: int
    name: str
    hostname: str
    agent_version: str
    operating_system: str
    last_address: str
    paired_at: int
    revoked_at: int | None
    last_seen_at: int | None
    hardware: dict[str, Any]


class PcCommands(BaseModel):
    """Commands and their answers, the newest first."""

    commands: list[dict[str, Any]]
    before: int | None


class PcSessions(BaseModel):
    """Sessions on the PC, the newest first."""

    sessions: list[dict[str, Any]]
    before: int | None


class PcAlarms(BaseModel):
    """Alarms of the PC, open and closed, the newest first."""

    alarms: list[dict[str, Any]]
    before: int | None


# These two share their address with the PC's renaming, and an address stands in one blueprint's description.
@computers_api.get("/computers/<int:computer_id>", responses={HTTPStatus.OK: Pc})
def show(path: PcPath) -> Response:
    """What the PC is made of, its version and addresses."""
    computer = _computer(path.computer_id)
    club = current.club()
    with club.read() as db:
        hardware = queries.hardware(db, path.computer_id)
        last_seen_at = computers.last_seen_at(db, club.club_id, path.computer_id)
    return answer(
        Pc(
            computer_id=computer.id,
            name=computer.name,
            hostname=computer.hostname,
            agent_version=computer.agent_version,
            operating_system=computer.operating_system,
            last_address=computer.last_address,
            paired_at=computer.paired_at,
            revoked_at=computer.revoked_at,
            last_seen_at=last_seen_at,
            hardware=hardware.data if hardware else {},
        )
    )


@computers_api.delete("/computers/<int:computer_id>", responses={HTTPStatus.OK: Done})
def revoke(path: PcPath) -> Response:
    """Take the PC out of the club; 409 `computer_busy` while somebody plays there."""
    computers_service.revoke(current.club(), computer_id=path.computer_id, actor=current.actor())
    return done()


@api.get("/computers/<int:computer_id>/commands", responses={HTTPStatus.OK: PcCommands})
def commands(path: PcPath, query: Before) -> Response:
    """What the PC was asked to do, by whom, and its answers."""
    part = _part("commands", path.computer_id, query.before)
    rows = [
        {
            "command_id": command.command_id,
            "kind": command.kind,
            "text": command.text,
            "actor_name": command.actor_name,
            "sent_at": command.sent_at,
            "state": command.state,
            "took_ms": command.took_ms,
            "detail": command.detail,
        }
        for (command,) in part.rows
    ]
    return answer(PcCommands(commands=rows, before=part.before))


@api.get("/computers/<int:computer_id>/sessions", responses={HTTPStatus.OK: PcSessions})
def sessions(path: PcPath, query: Before) -> Response:
    """Who played there."""
    part = _part("sessions", path.computer_id, query.before)
    rows = [
        {
            "session_id": session.id,
            "who": name or session.guest_name,
            "customer_id": session.customer_id,
            "state": session.state,
            "started_at": session.started_at,
            "ended_at": session.ended_at,
            "end_reason": session.end_reason,
            "played_seconds": session.played_seconds,
        }
        for session, name in part.rows
    ]
    return answer(PcSessions(sessions=rows, before=part.before))


@api.get("/computers/<int:computer_id>/alarms", responses={HTTPStatus.OK: PcAlarms})
def alarms(path: PcPath, query: Before) -> Response:
    """Its alarms: who took and closed them, and why."""
    part = _part("alarms", path.computer_id, query.before)
    rows = [
        {
            "alarm_id": alarm.id,
            "at": alarm.at,
            "kind": alarm.kind,
            "text": alarm_text(alarm.kind, "", alarm.data),
            "taken_by": taker or "",
            "taken_at": alarm.taken_at,
            "closed_by": closer or "",
            "closed_at": alarm.closed_at,
            "note": alarm.note,
        }
        for alarm, taker, closer in part.rows
    ]
    return answer(PcAlarms(alarms=rows, before=part.before))


def _part(what: str, computer_id: int, before: int | None) -> queries.Part:
    _computer(computer_id)
    with current.club().read() as db:
        return queries.HISTORY[what](db, computer_id, before)


def _computer(computer_id: int) -> Computer:
    with current.club().read() as db:
        computer = computers.by_id(db, current.club().club_id, computer_id)
    if computer is None:
        raise OperationRefused("computer_unknown")
    return computer
