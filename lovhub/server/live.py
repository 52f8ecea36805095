"""What a desk sees live, as data: filled by the channel, shown by the pages, pushed to open browsers.

Only seconds travel, never deadlines: a browser's clock is not to be trusted.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, Literal, NamedTuple

import msgspec

from lovhub.protocol.views import TimeView

Status = Literal["off", "active", "used"]
"""Отключен (no heartbeat for more than 60 s, or switched off), Активен (no session), Используется."""

Link = Literal["linked", "lost", "off", "switched_off"]
"""The channel is open; closed less than 60 s ago; longer ago; or closed after a goodbye."""


# `gc=False`: hundreds are made for each look at the hall, and none can be part of a ring. `omit_defaults`: what most
# PCs have not is not told of each; `hall.js` fills it in.


class HallSession(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The session on a PC. `held_seconds` is what the silent PC may still be playing («не дольше …»).

    `plan`: of what the time consists, in the order in which it is played. `night_stop`: the rule on minors stops
    it at 22:00, or has.
    """

    session_id: int
    state: Literal["active", "paused", "unreachable"]
    who: str
    customer_id: int | None
    title: str
    seconds_left: int
    held_seconds: int = 0
    pause_reason: str = ""
    plan: tuple[TimeView, ...] = ()
    night_stop: Literal["", "minor", "unconfirmed"] = ""


class HallCondition(msgspec.Struct, frozen=True):
    """What people say of a PC: `broken` («сломан», `text` is why) or `kept` («отложен», `text` is for whom).

    `seconds_left`: how long it is still kept; 0 for a broken one, which stays so until it is mended.
    """

    kind: Literal["broken", "kept"]
    text: str
    customer_id: int | None
    seconds_left: int


class HallMaintenance(msgspec.Struct, frozen=True):
    """A technician works at the PC, without a customer: who, at what, and for how long yet at most."""

    who: str
    reason: str
    seconds_left: int


class HallZone(msgspec.Struct, frozen=True):
    """A zone and the hall it is in."""

    zone_id: int
    name: str
    hall_id: int
    hall_name: str


class HallRow(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A PC as the desk sees it now. `silent_seconds` counts since the last sign of life while not linked.

    `application` is the title of the program now running, if any. `problem`: "" or a code: `silent` (off
    without a goodbye), `no_agent` (on, and its agent is silent), `lock_broken`, `launcher_silent` (where nothing has to
    be locked), `broken` (people say so). `number` is the one the club gave it, if any.
    """

    computer_id: int
    name: str
    hostname: str
    address: str
    status: Status
    link: Link
    lock: Literal["locked", "unlocked", "broken"]
    silent_seconds: int = 0
    session: HallSession | None = None
    application: str = ""
    problem: str = ""
    number: int | None = None
    zone_id: int | None = None
    condition: HallCondition | None = None
    maintenance: HallMaintenance | None = None


def in_full(row: HallRow) -> dict[str, Any]:
    """All that the row says, also by saying nothing: for programs, which are not to know what that is."""
    whole = msgspec.structs.asdict(row)
    if row.session is not None:
        whole["session"] = msgspec.structs.asdict(row.session)
    return whole


class Unattended(NamedTuple):
    """The linked PCs with neither a session nor a technician; `open`: those whose lock is not up, or that run ours."""

    on: AbstractSet[int]
    open: AbstractSet[int]


class Unlinked(NamedTuple):
    """A PC without a link, a technician, or time that it may be playing. `said_goodbye`: it went off in order."""

    computer_id: int
    said_goodbye: bool


class HallCounts(msgspec.Struct, frozen=True):
    """The dashboard's status bar."""

    total: int
    on: int
    off: int
    used: int


def counts_of(statuses: Iterable[Status]) -> HallCounts:
    """How many of these are on, off and used."""
    states = list(statuses)
    off = states.count("off")
    return HallCounts(total=len(states), on=len(states) - off, off=off, used=states.count("used"))


class PendingPairing(msgspec.Struct, frozen=True):
    """A PC that shows a code and waits for the desk. `mac`: of its network card, "" where an old agent says none.

    `name`: typed at the PC. `token_id`: of the bulk token that it has shown; 0 for none: compare its code.
    """

    pairing_id: str
    hostname: str
    address: str
    code: str
    waiting_seconds: int
    mac: str = ""
    name: str = ""
    token_id: int = 0


SHOWN_VALUES = ("seconds", "changes", "customer_id")
"""What an alarm's words may tell besides its kind: how long it took, which parts have changed, whose debt it is."""


class OpenAlarm(msgspec.Struct, frozen=True):
    """An alarm nobody has closed, as a code and values: each desk puts it into the words of its own language.

    `data`: those of `SHOWN_VALUES` that it has. `taken_by`: who sees to it.
    """

    alarm_id: int
    kind: str
    computer_name: str
    data: dict[str, Any]
    seconds_ago: int
    computer_id: int | None = None
    taken_by: str = ""


class OpenCall(msgspec.Struct, frozen=True):
    """A player calls the desk. `count`: how often; `who` is empty where nobody is signed in."""

    call_id: int
    computer_id: int
    computer_name: str
    who: str
    reason: str
    text: str
    count: int
    seconds_ago: int
    taken_by: str


class EndingSession(msgspec.Struct, frozen=True):
    """A session that ends soon, or stands still for the night, and that nobody has said is seen to."""

    session_id: int
    computer_id: int
    computer_name: str
    who: str
    seconds_left: int
    night_stop: Literal["", "minor", "unconfirmed"] = ""
    waits: bool = False


class LiveSnapshot(msgspec.Struct, frozen=True):
    """Everything a live page shows, whole. Rows and zones are in the order in which they stand in the club."""

    counts: HallCounts
    rows: tuple[HallRow, ...]
    pairings: tuple[PendingPairing, ...]
    alarms: tuple[OpenAlarm, ...]
    zones: tuple[HallZone, ...] = ()
    calls: tuple[OpenCall, ...] = ()
    endings: tuple[EndingSession, ...] = ()


class Attention(msgspec.Struct, frozen=True):
    """What of it every page shows: the counts, and what waits for somebody; not the hall's rows."""

    counts: HallCounts
    calls: tuple[OpenCall, ...]
    alarms: tuple[OpenAlarm, ...]
    endings: tuple[EndingSession, ...]


def needing_a_person(seen: LiveSnapshot | Attention) -> dict[str, object]:
    """What every page is told."""
    return {
        "type": "attention",
        "counts": seen.counts,
        "calls": seen.calls,
        "alarms": seen.alarms,
        "endings": seen.endings,
    }


def is_news(before: LiveSnapshot, after: LiveSnapshot) -> bool:
    """Whether something of that is different, but for seconds that run anyway."""
    return _without_seconds(before) != _without_seconds(after)


def _without_seconds(snapshot: LiveSnapshot) -> object:
    return (
        snapshot.counts,
        [msgspec.structs.replace(call, seconds_ago=0) for call in snapshot.calls],
        [msgspec.structs.replace(alarm, seconds_ago=0) for alarm in snapshot.alarms],
        [msgspec.structs.replace(ending, seconds_left=0) for ending in snapshot.endings],
    )


COUNTED_APART_SECONDS = 1.5
"""Two readings of a count may be so far from the time between them: both are whole seconds."""


def only_time_passed(before: HallRow, after: HallRow, seconds: float) -> bool:
    """Whether the row says what it said so many seconds ago, but for what every open page counts by itself.

    Otherwise each change of one PC would bring all that are played on to every desk, several times a second.
    """
    then, now = _counts(before), _counts(after)
    if not then and not now:
        return before == after
    if len(then) != len(now) or _uncounted(before) != _uncounted(after):
        return False
    return all(
        abs(max(0.0, was - seconds) - counts) <= COUNTED_APART_SECONDS
        for was, counts in zip(then, now, strict=True)
    )


def _counts(row: HallRow) -> list[int]:
    """What runs down by itself. Silence runs up, and is told as what is still missing of a day."""
    found = [] if row.link == "linked" else [max(0, 86_400 - row.silent_seconds)]
    if row.session is not None and row.session.state == "active":
        found.append(row.session.seconds_left)
    if row.session is not None and row.session.state == "unreachable":
        found.append(row.session.held_seconds)
    if row.condition is not None and row.condition.kind == "kept":
        found.append(row.condition.seconds_left)
    if row.maintenance is not None:
        found.append(row.maintenance.seconds_left)
    return found


def _uncounted(row: HallRow) -> HallRow:
    """The row without what `_counts` tells."""
    replace = msgspec.structs.replace
    session, condition, maintenance = row.session, row.condition, row.maintenance
    if session is not None and session.state == "active":
        session = replace(session, seconds_left=0)
    elif session is not None and session.state == "unreachable":
        session = replace(session, held_seconds=0)
    if condition is not None and condition.kind == "kept":
        condition = replace(condition, seconds_left=0)
    if maintenance is not None:
        maintenance = replace(maintenance, seconds_left=0)
    silent = 0 if row.link != "linked" else row.silent_seconds
    return replace(
        row, session=session, condition=condition, maintenance=maintenance, silent_seconds=silent
    )
