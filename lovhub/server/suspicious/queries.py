"""The lines of the suspicious report. Eighteen statements at most, however long the history."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, select, union_all
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.journal import log
from lovhub.server.journal.log import LogRow
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.suspicious import favours, rules, unpaid, unproven
from lovhub.server.suspicious.accounts import Burst, bursts
from lovhub.server.suspicious.leads import Leads
from lovhub.server.suspicious.rules import Judged
from lovhub.server.suspicious.watches import Watches
from lovhub.server.without_agent import queries as without_agent

MOST = 500
"""More of one kind nobody reads; a shorter period shows the rest."""


TOLD_LATE_SECONDS = 3600
"""What no person did may have begun in the shift before, so long before it was told."""


@dataclass(frozen=True)
class Finding:
    """One line: what, when, who, and where to look. `person_id` None: nobody's shift, or not a person.

    `burst`: the line stands for so many like it.

    `by_watch`: no person did it; it happened in this person's shift, or (`by_sign_in`) while there was none, and they
    had signed in last.
    """

    at: int
    judged: Judged
    person_id: int | None
    person: str
    by_watch: bool
    row: LogRow
    customer_id: int | None = None
    computer_id: int | None = None
    shift_id: int | None = None
    payment_id: int | None = None
    by_sign_in: bool = False
    burst: Burst | None = None


@dataclass(frozen=True)
class Person:
    """What one person has in the report: how many of each group."""

    id: int | None
    name: str
    counts: Mapping[str, int]
    amount_tiyn: int
    seconds: int


@dataclass(frozen=True)
class Found:
    """The report. `cut`: there were more, and the newest are shown."""

    findings: list[Finding]
    cut: bool
    people: list[Person] = field(default_factory=list)


def find(db: Session, club_id: int, from_at: int, until_at: int, now: int) -> Found:
    """Everything of the period, the newest first, and who is in it how often."""
    events = [
        _Event(*row) for row in _NEWEST.all(db, club=club_id, from_at=from_at, until_at=until_at)
    ]
    alarms = _alarms(db, club_id, from_at, until_at)
    watches = Watches.read(db, club_id, from_at - TOLD_LATE_SECONDS, until_at)
    found = [_of_event(one, watches) for one in _with_ends(db, events)]
    found += [_of_alarm(one, watches) for one in alarms]
    period = Leads.read(db, club_id, from_at, until_at)
    found += _of_accounts(db, period)
    found += _of_debts(db, unpaid.find(db, club_id, from_at, until_at, now, most=MOST))
    found += [
        Finding(
            row.at, Judged("unproven", amount), person_id, row.actor_name, by_watch=False, row=row
        )
        for row, person_id, amount in unproven.find(db, period, most=MOST)
    ]
    findings = sorted((one for one in found if one is not None), key=lambda one: -one.at)
    return Found(findings, max(len(events), len(alarms)) >= MOST, _people(findings))


class _Event(NamedTuple):
    """What a line says of an event; whole rows would take twice as long to read."""

    id: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    actor_name: str
    customer_id: int | None
    computer_id: int | None
    data: dict[str, Any]
    login: str | None
    name: str | None
    computer: str | None


def _asked(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Event.id,
            Event.at,
            Event.kind,
            Event.actor_kind,
            Event.actor_id,
            Event.actor_name,
            Event.customer_id,
            Event.computer_id,
            Event.data,
            Customer.login,
            Customer.name,
            Computer.name,
        )
        .outerjoin(Customer, Customer.id == Event.customer_id)
        .outerjoin(Computer, Computer.id == Event.computer_id)
        .where(*which)
    )


def _newest_of(kind: str) -> Select[int, int]:
    found = select(Event.id, Event.at).where(
        Event.club_id == bindparam("club"),
        Event.kind == kind,
        Event.at >= bindparam("from_at"),
        Event.at < bindparam("until_at"),
    )
    if kind == rules.FROM_A_BALANCE:
        found = found.where(Event.customer_id.is_not(None))
    newest = found.order_by(Event.at.desc(), Event.id.desc()).limit(MOST).subquery()
    return select(newest.c.id, newest.c.at)


def _newest_ids() -> Select[int]:
    found = union_all(*map(_newest_of, sorted(rules.EVENTS))).subquery()
    return select(found.c.id).order_by(found.c.at.desc(), found.c.id.desc()).limit(MOST)


_NEWEST = Query(_asked(Event.id.in_(_newest_ids())).order_by(Event.at.desc(), Event.id.desc()))
"""Of the events of a period that may say something, the newest: each kind's from its index, most of them being rare.

Only of those that are told the rows are read: in a year, each of a dozen kinds has as many as that.
"""


def _events(db: Session, *which: ColumnElement[bool]) -> list[_Event]:
    """Those events, in no order."""
    return [_Event(*row) for row in db.execute(_asked(*which))]


class _Alarm(NamedTuple):
    id: int
    at: int
    kind: str
    data: dict[str, Any]
    computer_id: int | None
    computer: str | None


def _with_ends(db: Session, events: list[_Event]) -> list[_Event]:
    """Those of PCs without an agent say how long that went on."""
    stretches = {
        event.id: int(event.data["stretch_id"])
        for event in events
        if event.kind == rules.WITHOUT_AGENT
    }
    ends = without_agent.ends(db, set(stretches.values()))
    found = []
    for event in events:
        if event.id in stretches and stretches[event.id] in ends:
            until_at, is_over = ends[stretches[event.id]]
            length = max(0, until_at - int(event.data["since_at"]))
            more = {"until_at": until_at, "is_over": is_over, "seconds": length}
            found.append(event._replace(data={**event.data, **more}))
        else:
            found.append(event)
    return found


def _alarms(db: Session, club_id: int, from_at: int, until_at: int) -> list[_Alarm]:
    rows = db.execute(
        select(Alarm.id, Alarm.at, Alarm.kind, Alarm.data, Alarm.computer_id, Computer.name)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .where(Alarm.club_id == club_id, Alarm.at >= from_at, Alarm.at < until_at)
        .order_by(Alarm.at.desc(), Alarm.id.desc())
        .limit(MOST)
    )
    return [_Alarm(*row) for row in rows]


def _of_accounts(db: Session, period: Leads) -> list[Finding]:
    """What was put on accounts of the staff, line by line, and on other accounts again and again."""
    own = favours.own_accounts(db, period.club_id)
    put = favours.favours(db, period, own)
    again = {burst.last.event_id: burst for burst in bursts(put, but=own)}
    shown = favours.chosen(put, own, MOST) + list(again)[:MOST]
    if not shown:
        return []
    found = []
    # Looked up by their numbers; asked for an order, SQLite would go through the club's whole journal in it.
    for event in _events(db, Event.id.in_(shown)):
        burst = again.get(event.id)
        judged = Judged("own_account" if burst is None else "same_account")
        found.append(_line(event, judged, burst))
    return found


def _of_debts(db: Session, owed: Mapping[int, int]) -> list[Finding]:
    """Each stands where it became old, with who let the customer play so."""
    if not owed:
        return []
    lines = [
        _line(event, Judged("unpaid", -owed[event.id])) for event in _events(db, Event.id.in_(owed))
    ]
    return [replace(line, at=unpaid.old_at(line.at)) for line in lines]


def _of_event(event: _Event, watches: Watches) -> Finding | None:
    judged = rules.judged_event(event.kind, event.data)
    if judged is None:
        return None
    line = _line(event, judged)
    if judged.group not in rules.BY_WATCH:
        return line
    began_at = int(event.data.get("since_at", event.at))
    watch = watches.at(began_at)
    return replace(
        line,
        person_id=None if watch is None else watch.person_id,
        person="" if watch is None else watch.person,
        by_watch=True,
        by_sign_in=watch is not None and not watch.is_shift,
    )


def _line(event: _Event, judged: Judged, burst: Burst | None = None) -> Finding:
    row = LogRow(
        at=event.at,
        source=log.EVENT,
        id=event.id,
        kind=event.kind,
        actor_name=event.actor_name,
        computer_name=event.computer or "",
        customer_login=event.login or "",
        customer_name=event.name or "",
        data=event.data,
    )
    return Finding(
        at=event.at,
        judged=judged,
        person_id=event.actor_id if event.actor_kind == "staff" else None,
        person=event.actor_name,
        by_watch=False,
        row=row,
        customer_id=event.customer_id,
        computer_id=event.computer_id,
        shift_id=_number(event.data.get("shift_id")),
        payment_id=_number(event.data.get("payment_id")),
        burst=burst,
    )


def _of_alarm(alarm: _Alarm, watches: Watches) -> Finding | None:
    judged = rules.judged_alarm(alarm.kind)
    if judged is None:
        return None
    watch = watches.at(alarm.at)
    return Finding(
        at=alarm.at,
        judged=judged,
        person_id=None if watch is None else watch.person_id,
        person="" if watch is None else watch.person,
        by_watch=True,
        by_sign_in=watch is not None and not watch.is_shift,
        row=LogRow(
            at=alarm.at,
            source=log.ALARM,
            id=alarm.id,
            kind="alarm",
            computer_name=alarm.computer or "",
            data={**alarm.data, "alarm": alarm.kind},
        ),
        computer_id=alarm.computer_id,
        payment_id=_number(alarm.data.get("payment_id")),
    )


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _people(findings: list[Finding]) -> list[Person]:
    """By how often they are in it, whoever stands out at the top."""
    counts: dict[tuple[int | None, str], dict[str, int]] = {}
    amounts: dict[tuple[int | None, str], int] = {}
    seconds: dict[tuple[int | None, str], int] = {}
    for one in findings:
        who = (one.person_id, one.person)
        of_person = counts.setdefault(who, dict.fromkeys(rules.GROUPS, 0))
        of_person[one.judged.group] += 1
        amounts[who] = amounts.get(who, 0) + one.judged.amount_tiyn
        seconds[who] = seconds.get(who, 0) + one.judged.seconds
    people = [Person(*who, counts[who], amounts[who], seconds[who]) for who in counts]
    return sorted(people, key=lambda person: (-sum(person.counts.values()), person.name))
