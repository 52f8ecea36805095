"""The lines of the suspicious report. Eighteen statements at most, however long the history."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
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

    @property
    def row(self) -> LogRow:
        """As the log tells it."""
        return LogRow(
            at=self.at,
            source=log.EVENT,
            id=self.id,
            kind=self.kind,
            actor_name=self.actor_name,
            computer_name=self.computer or "",
            customer_login=self.login or "",
            customer_name=self.name or "",
            data=self.data,
        )


class _Alarm(NamedTuple):
    id: int
    at: int
    kind: str
    data: dict[str, Any]
    computer_id: int | None
    computer: str | None

    @property
    def row(self) -> LogRow:
        """As the log tells it."""
        return LogRow(
            at=self.at,
            source=log.ALARM,
            id=self.id,
            kind="alarm",
            computer_name=self.computer or "",
            data={**self.data, "alarm": self.kind},
        )


class _Unproven(NamedTuple):
    row: LogRow
    data: Mapping[str, Any] = MappingProxyType({})


class Finding(NamedTuple):
    """One line: what, when, who, and where to look. `person_id` None: nobody's shift, or not a person.

    `burst`: the line stands for so many like it.

    `by_watch`: no person did it; it happened in this person's shift, or (`by_sign_in`) while there was none, and they
    had signed in last.

    A year has hundreds of lines more than a page shows: what only a line that is shown says is made for that one.
    """

    at: int
    judged: Judged
    person_id: int | None
    person: str
    by_watch: bool
    seen: _Event | _Alarm | _Unproven
    customer_id: int | None = None
    computer_id: int | None = None
    by_sign_in: bool = False
    burst: Burst | None = None

    @property
    def row(self) -> LogRow:
        """The line of the log behind it."""
        return self.seen.row

    @property
    def shift_id(self) -> int | None:
        """The shift that it is about."""
        return None if isinstance(self.seen, _Alarm) else _number(self.seen.data.get("shift_id"))

    @property
    def payment_id(self) -> int | None:
        """The payment that it is about."""
        return _number(self.seen.data.get("payment_id"))


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
    watches = Watches(db, club_id, from_at - TOLD_LATE_SECONDS, until_at)
    found = [_of_event(one, watches) for one in _with_ends(db, events)]
    found += [_of_alarm(one, watches) for one in alarms]
    period = Leads.read(db, club_id, from_at, until_at)
    found += _of_accounts(db, period)
    found += _of_debts(db, unpaid.find(db, club_id, from_at, until_at, now, most=MOST))
    found += [
        Finding(
            row.at,
            Judged("unproven", amount),
            person_id,
            row.actor_name,
            by_watch=False,
            seen=_Unproven(row),
        )
        for row, person_id, amount in unproven.find(db, period, most=MOST)
    ]
    findings = [one for one in found if one is not None]
    findings.sort(key=attrgetter("at"), reverse=True)
    return Found(findings, max(len(events), len(alarms)) >= MOST, _people(findings))


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


_ALARMS = Query(
    select(Alarm.id, Alarm.at, Alarm.kind, Alarm.data, Alarm.computer_id, Computer.name)
    .outerjoin(Computer, Computer.id == Alarm.computer_id)
    .where(
        Alarm.club_id == bindparam("club"),
        Alarm.at >= bindparam("from_at"),
        Alarm.at < bindparam("until_at"),
    )
    .order_by(Alarm.at.desc(), Alarm.id.desc())
    .limit(MOST)
)


def _alarms(db: Session, club_id: int, from_at: int, until_at: int) -> list[_Alarm]:
    rows = _ALARMS.all(db, club=club_id, from_at=from_at, until_at=until_at)
    return [_Alarm(*row) for row in rows]


def _of_accounts(db: Session, period: Leads) -> list[Finding]:
    """What was put on accounts of the staff, line by line, and on other accounts again and again."""
    own = favours.own_accounts(db, period.club_id)
    found: list[Finding] = []
    if own:
        events = [
            one for one in _events(db, *favours.on_own(period, own)) if one.actor_id is not None
        ]
        events.sort(key=attrgetter("at", "id"), reverse=True)
        newest = sorted(events[:MOST], key=attrgetter("id"))
        found += [_line(event, Judged("own_account")) for event in newest]
    again = {burst.last.event_id: burst for burst in bursts(favours.favours(db, period, but=own))}
    shown = list(again)[:MOST]
    if shown:
        # Looked up by their numbers; asked for an order, SQLite would go through the club's whole journal in it.
        for event in _events(db, Event.id.in_(shown)):
            found.append(_line(event, Judged("same_account"), again[event.id]))
    return found


def _of_debts(db: Session, owed: Mapping[int, int]) -> list[Finding]:
    """Each stands where it became old, with who let the customer play so."""
    if not owed:
        return []
    lines = [
        _line(event, Judged("unpaid", -owed[event.id])) for event in _events(db, Event.id.in_(owed))
    ]
    return [line._replace(at=unpaid.old_at(line.at)) for line in lines]


def _of_event(event: _Event, watches: Watches) -> Finding | None:
    judged = rules.judged_event(event.kind, event.data)
    if judged is None:
        return None
    if judged.group not in rules.BY_WATCH:
        return _line(event, judged)
    watch = watches.at(int(event.data.get("since_at", event.at)))
    return _of_watch(event, judged, watch, customer_id=event.customer_id)


def _line(event: _Event, judged: Judged, burst: Burst | None = None) -> Finding:
    return Finding(
        at=event.at,
        judged=judged,
        person_id=event.actor_id if event.actor_kind == "staff" else None,
        person=event.actor_name,
        by_watch=False,
        seen=event,
        customer_id=event.customer_id,
        computer_id=event.computer_id,
        burst=burst,
    )


def _of_alarm(alarm: _Alarm, watches: Watches) -> Finding | None:
    judged = rules.judged_alarm(alarm.kind)
    if judged is None:
        return None
    return _of_watch(alarm, judged, watches.at(alarm.at))


def _of_watch(
    seen: _Event | _Alarm, judged: Judged, watch: rules.Watch | None, customer_id: int | None = None
) -> Finding:
    return Finding(
        at=seen.at,
        judged=judged,
        person_id=None if watch is None else watch.person_id,
        person="" if watch is None else watch.person,
        by_watch=True,
        seen=seen,
        customer_id=customer_id,
        computer_id=seen.computer_id,
        by_sign_in=watch is not None and not watch.is_shift,
    )


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _people(findings: list[Finding]) -> list[Person]:
    """By how often they are in it, whoever stands out at the top."""
    counts: defaultdict[tuple[int | None, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(rules.GROUPS, 0)
    )
    amounts_tiyn: Counter[tuple[int | None, str]] = Counter()
    seconds: Counter[tuple[int | None, str]] = Counter()
    for one in findings:
        who, judged = (one.person_id, one.person), one.judged
        counts[who][judged.group] += 1
        if judged.amount_tiyn:
            amounts_tiyn[who] += judged.amount_tiyn
        if judged.seconds:
            seconds[who] += judged.seconds
    people = [
        Person(*who, of_groups, amounts_tiyn[who], seconds[who])
        for who, of_groups in counts.items()
    ]
    return sorted(people, key=lambda person: (-sum(person.counts.values()), person.name))
