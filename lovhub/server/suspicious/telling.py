"""What the lines of the suspicious report say, of those that are shown. Three statements at most."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.journal import log
from lovhub.server.journal.log import LogRow
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.suspicious import rules
from lovhub.server.suspicious.happened import UNPROVEN, Finding, with_end
from lovhub.server.without_agent import queries as without_agent


class Line(NamedTuple):
    """A line and what stands behind it, as the log tells it."""

    finding: Finding
    row: LogRow

    @property
    def shift_id(self) -> int | None:
        """The shift that it is about."""
        return None if self.row.source == log.ALARM else _number(self.row.data.get("shift_id"))

    @property
    def payment_id(self) -> int | None:
        """The payment that it is about."""
        return _number(self.row.data.get("payment_id"))


def tell(db: Session, findings: Sequence[Finding]) -> list[Line]:
    """These lines, in their order."""
    rows = {
        log.EVENT: _events(db, _numbers(findings, log.EVENT)),
        log.ALARM: _alarms(db, _numbers(findings, log.ALARM)),
    }
    return [
        Line(
            one,
            _unproven(one) if one.source == UNPROVEN else rows[one.source][one.source_id],
        )
        for one in findings
    ]


def _numbers(findings: Sequence[Finding], source: int) -> set[int]:
    return {one.source_id for one in findings if one.source == source}


def _events(db: Session, numbers: Collection[int]) -> dict[int, LogRow]:
    if not numbers:
        return {}
    asked = (
        select(
            Event.id,
            Event.at,
            Event.kind,
            Event.actor_name,
            Event.data,
            Customer.login,
            Customer.name,
            Computer.name,
        )
        .outerjoin(Customer, Customer.id == Event.customer_id)
        .outerjoin(Computer, Computer.id == Event.computer_id)
        .where(Event.id.in_(numbers))
    )
    events = db.execute(asked).all()
    ends = without_agent.ends(
        db, {int(data["stretch_id"]) for _, _, kind, _, data, *_ in events if _is_stretch(kind)}
    )
    return {
        event_id: LogRow(
            at=at,
            source=log.EVENT,
            id=event_id,
            kind=kind,
            actor_name=actor_name,
            computer_name=computer or "",
            customer_login=login or "",
            customer_name=name or "",
            data=with_end(data, ends) if _is_stretch(kind) else data,
        )
        for event_id, at, kind, actor_name, data, login, name, computer in events
    }


def _is_stretch(kind: str) -> bool:
    return kind == rules.WITHOUT_AGENT


def _alarms(db: Session, numbers: Collection[int]) -> dict[int, LogRow]:
    if not numbers:
        return {}
    asked = (
        select(Alarm.id, Alarm.at, Alarm.kind, Alarm.data, Computer.name)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .where(Alarm.id.in_(numbers))
    )
    return {
        alarm_id: LogRow(
            at=at,
            source=log.ALARM,
            id=alarm_id,
            kind="alarm",
            computer_name=computer or "",
            data={**data, "alarm": kind},
        )
        for alarm_id, at, kind, data, computer in db.execute(asked)
    }


def _unproven(one: Finding) -> LogRow:
    return LogRow(
        at=one.at, source=log.EVENT, id=one.source_id, kind="unproven", actor_name=one.person
    )


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None
