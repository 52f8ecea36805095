"""Finding the lines of the suspicious report. Eighteen statements at most, however long the history.

A year has hundreds of lines more than a page shows: here is found what they are and whose, and what only a line that is
shown says is read for that one (`telling.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, desc, select, union_all
from sqlalchemy.orm import Session

from lovhub.server.database.prepared import Query
from lovhub.server.journal import log
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.suspicious import favours, rules, unpaid, unproven
from lovhub.server.suspicious.accounts import Burst, bursts
from lovhub.server.suspicious.leads import Leads
from lovhub.server.suspicious.rules import Judged
from lovhub.server.suspicious.watches import Watches
from lovhub.server.without_agent import queries as without_agent

MOST = 500
"""More of one kind nobody reads; a shorter period shows the rest."""

UNPROVEN = -1
"""Where money stands that no payment is behind: in the ledger, which is no part of the log."""


class _Event(NamedTuple):
    """What is asked of an event. `kind` and `data` only where what it means depends on them.

    Its names and its text are looked up if its line is shown (`telling.py`).
    """

    id: int
    at: int
    actor_kind: str
    actor_id: int | None
    actor_name: str
    customer_id: int | None
    computer_id: int | None
    kind: str = ""
    data: Mapping[str, Any] = MappingProxyType({})


class Finding(NamedTuple):
    """One line: what, when, who, and where to look. `person_id` None: nobody's shift, or not a person.

    `source`, `source_id`: where it stands (`log.EVENT`, `log.ALARM`, or UNPROVEN with the number of a posting).

    `burst`: the line stands for so many like it.

    `by_watch`: no person did it; it happened in this person's shift, or (`by_sign_in`) while there was none, and they
    had signed in last.
    """

    at: int
    judged: Judged
    person_id: int | None
    person: str
    by_watch: bool
    source: int
    source_id: int
    customer_id: int | None = None
    computer_id: int | None = None
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
    """The report. `whole_from_at`: there is more of it than is told, from this instant on all is; None: all is."""

    findings: list[Finding]
    whole_from_at: int | None
    people: list[Person] = field(default_factory=list)


def find(db: Session, club_id: int, from_at: int, until_at: int, now: int) -> Found:
    """Everything of the period, the newest first, and who is in it how often."""
    period = {"club": club_id, "from_at": from_at, "until_at": until_at}
    events = [_Event(*row) for row in _NEWEST.all(db, **period)]
    judged = _judged(db, events[:MOST])
    alarms = _ALARMS.all(db, **period)
    by_watch = [began_at for _, one, began_at in judged if one.group in rules.BY_WATCH]
    by_watch += [at for _, at, *_ in alarms[-1:]]
    watches = Watches(db, club_id, min(by_watch, default=until_at), until_at)
    leads = Leads.read(db, club_id, from_at, until_at)
    parts = [
        _Part(
            [_of_event(*one, watches) for one in judged], _whole_from([one.at for one in events])
        ),
        _Part(_of_alarms(alarms[:MOST], watches), _whole_from([at for _, at, *_ in alarms])),
        *_of_accounts(db, leads),
        _of_debts(db, unpaid.find(db, club_id, from_at, until_at, now, most=MOST + 1)),
        _of_unproven(unproven.find(db, leads, most=MOST + 1)),
    ]
    findings = [one for part in parts for one in part.findings]
    findings.sort(key=attrgetter("at"), reverse=True)
    cut = [part.whole_from_at for part in parts if part.whole_from_at is not None]
    return Found(findings, max(cut, default=None), _people(findings))


class _Part(NamedTuple):
    findings: list[Finding]
    whole_from_at: int | None
    """Since when there are all of this kind; None: all of the period."""


def _whole_from(instants: Sequence[int]) -> int | None:
    """Since when what happened at these instants, the newest first, is told, if MOST of it are; None: all of it is."""
    return instants[MOST] + 1 if len(instants) > MOST else None


_EVENT = (
    Event.id,
    Event.at,
    Event.actor_kind,
    Event.actor_id,
    Event.actor_name,
    Event.customer_id,
    Event.computer_id,
)


def _of_kind(kind: str) -> Select[int, int]:
    found = select(Event.id, Event.at).where(
        Event.club_id == bindparam("club"),
        Event.kind == kind,
        Event.at >= bindparam("from_at"),
        Event.at < bindparam("until_at"),
    )
    if kind == rules.FROM_A_BALANCE:
        found = found.where(Event.customer_id.is_not(None))
    return found


def _newest_ids() -> Select[int]:
    """Each kind stands in the order of time in its index, and no more of them is read than is told.

    Asked for the newest of each first, SQLite would read as many of each kind.
    """
    found = union_all(*map(_of_kind, sorted(rules.EVENTS)))
    newest = found.order_by(desc("at"), desc("id")).limit(MOST + 1).subquery()
    return select(newest.c.id)


_NEWEST = Query(
    select(*_EVENT, Event.kind, Event.data)
    .where(Event.id.in_(_newest_ids()))
    .order_by(Event.at.desc(), Event.id.desc())
)
"""Of the events of a period that may say something, the newest."""


def _events(db: Session, *which: ColumnElement[bool]) -> list[_Event]:
    """Those events, in no order, without what they say.

    The connection is asked: of columns only, the session would make rows of its own once more.
    """
    rows = db.connection().execute(select(*_EVENT).where(*which)).all()
    return [_Event(*row) for row in rows]


_ALARMS = Query(
    select(Alarm.id, Alarm.at, Alarm.kind, Alarm.computer_id)
    .where(
        Alarm.club_id == bindparam("club"),
        Alarm.at >= bindparam("from_at"),
        Alarm.at < bindparam("until_at"),
    )
    .order_by(Alarm.at.desc(), Alarm.id.desc())
    .limit(MOST + 1)
)


def _of_accounts(db: Session, period: Leads) -> Iterator[_Part]:
    """What was put on accounts of the staff, line by line, and on other accounts again and again."""
    own = favours.own_accounts(db, period.club_id)
    if own:
        events = [
            one for one in _events(db, *favours.on_own(period, own)) if one.actor_id is not None
        ]
        events.sort(key=attrgetter("at", "id"), reverse=True)
        newest = sorted(events[:MOST], key=attrgetter("id"))
        lines = [_line(event, Judged("own_account")) for event in newest]
        yield _Part(lines, _whole_from([one.at for one in events]))
    found = bursts(favours.favours(db, period, but=own))
    found.sort(key=lambda burst: (burst.last.at, burst.last.event_id), reverse=True)
    again = {burst.last.event_id: burst for burst in found[:MOST]}
    if again:
        # Looked up by their numbers; asked for an order, SQLite would go through the club's whole journal in it.
        events = sorted(_events(db, Event.id.in_(again)), key=attrgetter("at", "id"), reverse=True)
        lines = [_line(event, Judged("same_account"), again[event.id]) for event in events]
        yield _Part(lines, _whole_from([burst.last.at for burst in found]))


def _of_debts(db: Session, owed: Mapping[int, int]) -> _Part:
    """Each stands where it became old, with who let the customer play so."""
    if not owed:
        return _Part([], None)
    events = sorted(_events(db, Event.id.in_(owed)), key=attrgetter("at", "id"), reverse=True)
    lines = [_line(event, Judged("unpaid", -owed[event.id])) for event in events[:MOST]]
    return _Part(
        [line._replace(at=unpaid.old_at(line.at)) for line in lines],
        _whole_from([unpaid.old_at(event.at) for event in events]),
    )


def _of_unproven(found: Sequence[tuple[int, int, int, str, int]]) -> _Part:
    lines = [
        Finding(at, Judged("unproven", amount), person_id, name, False, UNPROVEN, posting_id)
        for posting_id, at, person_id, name, amount in found[:MOST]
    ]
    return _Part(lines, _whole_from([at for _, at, *_ in found]))


def _judged(db: Session, events: Iterable[_Event]) -> list[tuple[_Event, Judged, int]]:
    """Of those that mean something: what, and when that began; of PCs without an agent, how long it went on."""
    stretches = {
        event.id: int(event.data["stretch_id"])
        for event in events
        if event.kind == rules.WITHOUT_AGENT
    }
    ends = without_agent.ends(db, set(stretches.values()))
    found = []
    for event in events:
        data = with_end(event.data, ends) if event.id in stretches else event.data
        judged = rules.judged_event(event.kind, data)
        if judged is not None:
            found.append((event, judged, int(data.get("since_at", event.at))))
    return found


def with_end(data: Mapping[str, Any], ends: Mapping[int, tuple[int, bool]]) -> Mapping[str, Any]:
    """What a PC's being on without an agent says, with how long that went on (`without_agent.queries.ends`)."""
    end = ends.get(int(data["stretch_id"]))
    if end is None:
        return data
    until_at, is_over = end
    length = max(0, until_at - int(data["since_at"]))
    return {**data, "until_at": until_at, "is_over": is_over, "seconds": length}


def _of_event(event: _Event, judged: Judged, began_at: int, watches: Watches) -> Finding:
    if judged.group not in rules.BY_WATCH:
        return _line(event, judged)
    where = (log.EVENT, event.id, event.customer_id, event.computer_id)
    return _of_watch(event.at, judged, watches.at(began_at), *where)


def _line(event: _Event, judged: Judged, burst: Burst | None = None) -> Finding:
    return Finding(
        event.at,
        judged,
        event.actor_id if event.actor_kind == "staff" else None,
        event.actor_name,
        False,
        log.EVENT,
        event.id,
        event.customer_id,
        event.computer_id,
        burst=burst,
    )


def _of_alarms(
    alarms: Iterable[tuple[int, int, str, int | None]], watches: Watches
) -> list[Finding]:
    return [
        _of_watch(at, judged, watches.at(at), log.ALARM, alarm_id, None, computer_id)
        for alarm_id, at, kind, computer_id in alarms
        if (judged := rules.judged_alarm(kind)) is not None
    ]


def _of_watch(
    at: int,
    judged: Judged,
    watch: rules.Watch | None,
    source: int,
    source_id: int,
    customer_id: int | None,
    computer_id: int | None,
) -> Finding:
    if watch is None:
        return Finding(at, judged, None, "", True, source, source_id, customer_id, computer_id)
    who, by_sign_in = (watch.person_id, watch.person), not watch.is_shift
    return Finding(at, judged, *who, True, source, source_id, customer_id, computer_id, by_sign_in)


def _people(findings: list[Finding]) -> list[Person]:
    """By how often they are in it, whoever stands out at the top."""
    counts: defaultdict[tuple[int | None, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(rules.GROUPS, 0)
    )
    amounts_tiyn: Counter[tuple[int | None, str]] = Counter()
    seconds: Counter[tuple[int | None, str]] = Counter()
    for _, judged, person_id, person, *_ in findings:
        who, (group, amount_tiyn, lasted_seconds) = (person_id, person), judged
        counts[who][group] += 1
        if amount_tiyn:
            amounts_tiyn[who] += amount_tiyn
        if lasted_seconds:
            seconds[who] += lasted_seconds
    people = [
        Person(*who, of_groups, amounts_tiyn[who], seconds[who])
        for who, of_groups in counts.items()
    ]
    return sorted(people, key=lambda person: (-sum(person.counts.values()), person.name))
