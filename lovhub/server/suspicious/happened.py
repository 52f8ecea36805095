"""Lines of the suspicious report that are events and alarms of their own: what has happened, and in whose shift.

A year has hundreds of lines more than a page shows: here is found what they are and whose, and what only a line that is
shown says is read for that one (`telling.py`). Five statements at most, however long the history.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, desc, select, union_all
from sqlalchemy.orm import Session

from lovhub.server.database.prepared import Query
from lovhub.server.journal import log
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.suspicious import rules
from lovhub.server.suspicious.accounts import Burst
from lovhub.server.suspicious.rules import Judged
from lovhub.server.suspicious.watches import Watches
from lovhub.server.without_agent import queries as without_agent

UNPROVEN = -1
"""Where money stands that no payment is behind: in the ledger, which is no part of the log."""

ALL = 2**31 - 1
"""As a limit: none."""


class Happened(NamedTuple):
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


class Part(NamedTuple):
    """Lines of one kind, in no order. `whole_from_at`: since when there are all of them; None: all of the period."""

    findings: list[Finding]
    whole_from_at: int | None


def whole_from(instants: Sequence[int], most: int) -> int | None:
    """Since when what happened at these instants, the newest first, is told, if `most` are; None: all of it is."""
    return instants[most] + 1 if len(instants) > most else None


def happened(
    db: Session,
    club_id: int,
    from_at: int,
    until_at: int,
    *,
    most: int,
    group: str = "",
    only_what_is_over: bool = False,
) -> list[Part]:
    """The newest `most` events and the newest `most` alarms of the period, as far as they mean something.

    `group`: only what may belong to this one. `only_what_is_over`: what goes on still has lasted 0 seconds.
    """
    period = {"club": club_id, "from_at": from_at, "until_at": until_at, "limit": most + 1}
    newest = _newest(group)
    rows = [] if newest is None else newest.all(db, **period)
    events = [Happened(*row) for row in rows]
    alarms = _ALARMS.all(db, **period) if group in _GROUPS_OF_ALARMS else []
    judged = _judged(db, events[:most], only_what_is_over=only_what_is_over)
    first_alarm = [at for _, at, *_ in alarms[-1:]]
    watches = _watches(db, club_id, judged, first_alarm, until_at)
    return [
        Part(
            [_of_event(*one, watches) for one in judged],
            whole_from([one.at for one in events], most),
        ),
        Part(_of_alarms(alarms[:most], watches), whole_from([at for _, at, *_ in alarms], most)),
    ]


def going_on(db: Session, club_id: int, from_at: int, until_at: int) -> list[Finding]:
    """PCs that are on without their agent still, of which that was told in this period."""
    stretches = without_agent.unended(db, club_id)
    newest = _newest(rules.EVENTS[rules.WITHOUT_AGENT])
    if not stretches or newest is None:
        return []
    since = max(from_at, min(stretches.values()))
    rows = newest.all(db, club=club_id, from_at=since, until_at=until_at, limit=ALL)
    told = [Happened(*row) for row in rows]
    judged = _judged(db, [one for one in told if int(one.data["stretch_id"]) in stretches])
    watches = _watches(db, club_id, judged, [], until_at)
    return [_of_event(*one, watches) for one in judged]


_GROUPS_OF_ALARMS = frozenset({"", "computer", "payment"})
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


@cache
def _newest(group: str) -> Query[*tuple[Any, ...]] | None:
    """Of the events of a period that may say something (of this group, if one is named), the newest.

    Each kind stands in the order of time in its index, and no more of them is read than is told: asked for the newest
    of each first, SQLite would read as many of each kind. None: no event belongs to this group.
    """
    kinds = sorted(kind for kind, of in rules.EVENTS.items() if group in ("", of))
    if not kinds:
        return None
    found = union_all(*map(_of_kind, kinds)).order_by(desc("at"), desc("id"))
    newest = found.limit(bindparam("limit")).subquery()
    return Query(
        select(*_EVENT, Event.kind, Event.data)
        .where(Event.id.in_(select(newest.c.id)))
        .order_by(Event.at.desc(), Event.id.desc())
    )


_ALARMS = Query(
    select(Alarm.id, Alarm.at, Alarm.kind, Alarm.computer_id)
    .where(
        Alarm.club_id == bindparam("club"),
        Alarm.at >= bindparam("from_at"),
        Alarm.at < bindparam("until_at"),
    )
    .order_by(Alarm.at.desc(), Alarm.id.desc())
    .limit(bindparam("limit"))
)


def events(db: Session, *which: ColumnElement[bool]) -> list[Happened]:
    """Those events, in no order, without what they say.

    The connection is asked: of columns only, the session would make rows of its own once more.
    """
    rows = db.connection().execute(select(*_EVENT).where(*which)).all()
    return [Happened(*row) for row in rows]


def _judged(
    db: Session, events: Iterable[Happened], *, only_what_is_over: bool = False
) -> list[tuple[Happened, Judged, int]]:
    """Of those that mean something: what, and when that began; of PCs without an agent, how long it went on."""
    stretches = {
        event.id: int(event.data["stretch_id"])
        for event in events
        if event.kind == rules.WITHOUT_AGENT
    }
    ends = without_agent.ends(db, set(stretches.values()))
    if only_what_is_over:
        ends = {stretch_id: end for stretch_id, end in ends.items() if end[1]}
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


def _watches(
    db: Session,
    club_id: int,
    judged: Iterable[tuple[Happened, Judged, int]],
    others_at: Iterable[int],
    until_at: int,
) -> Watches:
    """From the first of what no person did, and of these instants, on."""
    first = [began_at for _, one, began_at in judged if one.group in rules.BY_WATCH]
    return Watches(db, club_id, min([*first, *others_at], default=until_at), until_at)


def _of_event(event: Happened, judged: Judged, began_at: int, watches: Watches) -> Finding:
    if judged.group not in rules.BY_WATCH:
        return line(event, judged)
    where = (log.EVENT, event.id, event.customer_id, event.computer_id)
    return _of_watch(event.at, judged, watches.at(began_at), *where)


def line(event: Happened, judged: Judged, burst: Burst | None = None) -> Finding:
    """The line of what a person did, or of many alike of which this is the last."""
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
