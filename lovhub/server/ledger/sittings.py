"""The rows of sittings, held against the log (`sessions/vouching.py`).

Of those of before there was such a thing, and of what an owner has accepted, one event says how all were: a hash for
each thousand numbers. The rows and what was told of them are read side by side, in the order of their numbers, so that
those of years are compared in bounded memory.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import String, cast, select, text
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.journal.models import Event
from lovhub.server.journal.told_values import parsed
from lovhub.server.sessions import vouching

TAKEN_UP = "rows.taken_up"
"""The event that says how all sittings were, under the name `SITTINGS` in its data."""

SITTINGS = "sittings"

AT_ONCE = 1000
"""Numbers of which one hash tells."""

_FETCHED = 5000


@dataclass(frozen=True)
class Odd:
    """What is not as the log has it: `kind` edited, added, gone, or, of those from `first` to `last`, some."""

    kind: str
    first: int
    last: int
    club_id: int | None = None

    @property
    def numbers(self) -> range:
        """Those that it may be."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class _TakenUp:
    event_id: int = 0
    up_to: int = 0
    live: dict[int, str] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)


_Told = tuple[int, str | None, str | None]
"""A sitting, and what the log says of how it began and ended."""


_TWO_WAYS = ""
"""No row's hash."""


def let_nobody_write(db: Session) -> None:
    """Wait for all who are changing sittings, and have others wait: what is said of them then is said of all.

    On PostgreSQL: else one that begins at this moment would be seen by nobody, and told of before.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("LOCK TABLE play_session IN SHARE MODE"))


def as_they_are(db: Session) -> dict[str, Any] | None:
    """What an event says that takes all sittings for what they are; None where there are none."""
    return as_rows_are(_rows(db))


def as_rows_are(rows: Iterable[Sequence[Any]]) -> dict[str, Any] | None:
    """The same of rows in their order, with the values that are vouched for."""
    hashes = _Hashes()
    live: dict[str, str] = {}
    up_to = 0
    for row in rows:
        up_to = row[0]
        if row[vouching.STATE] == "ended":
            hashes.add(row)
        else:
            live[str(up_to)] = vouching.of_begun(row)
    return {"up_to": up_to, "live": live, "hashes": hashes.up_to(up_to)} if up_to else None


def odd(db: Session) -> Iterator[Odd]:
    """Sittings whose rows are not what the log vouches for."""
    taken = _taken_up(db)
    hashes, live = _Hashes(), dict(taken.live)
    told = _told(db, taken.event_id)
    next_told = next(told, None)
    for row in _rows(db):
        number = row[0]
        while next_told is not None and next_told[0] < number:
            yield Odd("gone", next_told[0], next_told[0])
            next_told = next(told, None)
        begun = ended = None
        if next_told is not None and next_told[0] == number:
            _number, begun, ended = next_told
            next_told = next(told, None)
        if number <= taken.up_to and number not in live:
            hashes.add(row)
        elif kind := _differs(row, live.pop(number, begun), ended):
            yield Odd(kind, number, number, row[1])
    while next_told is not None:
        yield Odd("gone", next_told[0], next_told[0])
        next_told = next(told, None)
    yield from (Odd("gone", number, number) for number in live)
    for at, (now, was) in enumerate(zip(hashes.up_to(taken.up_to), taken.hashes, strict=False)):
        if now != was:
            yield Odd("some", at * AT_ONCE + 1, (at + 1) * AT_ONCE)


def _differs(row: Sequence[Any], begun: str | None, ended: str | None) -> str:
    if begun is None and ended is None:
        return "added"
    if begun is not None and begun != vouching.of_begun(row):
        return "edited"
    if ended is None:
        return "edited" if row[vouching.STATE] == "ended" else ""
    return "" if ended == vouching.of_ended(row) else "edited"


class _Hashes:
    """A hash over the rows of each thousand numbers, which come in their order."""

    def __init__(self) -> None:
        self._closed: list[str] = []
        self._open = hashlib.blake2b(digest_size=16)

    def add(self, row: Sequence[Any]) -> None:
        self._close_below((row[0] - 1) // AT_ONCE)
        self._open.update(vouching.written(row))

    def up_to(self, number: int) -> list[str]:
        """All of them, to the one that this number belongs to."""
        self._close_below(-(-number // AT_ONCE))
        return self._closed

    def _close_below(self, block: int) -> None:
        while len(self._closed) < block:
            self._closed.append(self._open.hexdigest())
            self._open = hashlib.blake2b(digest_size=16)


def _rows(db: Session) -> Iterator[Sequence[Any]]:
    rows = select(*vouching.COLUMNS).order_by(vouching.COLUMNS[0])
    # By the connection, since a session takes as long again for each row; and there may be a million of them.
    return iter(db.connection().execute(rows.execution_options(yield_per=_FETCHED)))


def _taken_up(db: Session) -> _TakenUp:
    events = (
        select(Event.id, cast(Event.data, String))
        .where(Event.club_id.in_(select(Club.id)), Event.kind == TAKEN_UP)
        .order_by(Event.id.desc())
    )
    for event_id, data in db.execute(events):
        match parsed(data or "").get(SITTINGS):
            case {"up_to": int(up_to), "live": dict(live), "hashes": list(hashes)}:
                of_live = {int(one): begun for one, begun in live.items() if one.isdecimal()}
                return _TakenUp(event_id, up_to, of_live, hashes)
    return _TakenUp()


def _told(db: Session, after: int) -> Iterator[_Told]:
    """What events after this one say of each sitting, in the order of sittings.

    It begins once and ends once: of one that did so twice, in two ways, nothing is believed. Somebody had it go on in
    the file, and the program ended it again.
    """
    events = (
        select(Event.session_id, Event.kind, cast(Event.data, String))
        .where(
            Event.club_id.in_(select(Club.id)),
            Event.kind.in_(sorted(vouching.BEGINS | vouching.ENDS)),
            Event.id > after,
            Event.session_id.is_not(None),
        )
        .order_by(Event.session_id, Event.id)
        .execution_options(yield_per=_FETCHED)
    )
    for session_id, of_one in groupby(db.execute(events), itemgetter(0)):
        hashes: dict[bool, str | None] = {}
        for _session_id, kind, data in of_one:
            begins, hashed = kind in vouching.BEGINS, parsed(data or "").get(vouching.ROW)
            before = hashes.get(begins)
            if hashed is not None:
                hashes[begins] = hashed if before in (None, hashed) else _TWO_WAYS
        yield session_id, hashes.get(True), hashes.get(False)
