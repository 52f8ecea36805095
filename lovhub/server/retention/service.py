"""Every night, what is older than the owner wants kept goes, in transactions of a few hundred rows.

Rows of the ledger never go, nor anything that the hash chain covers, nor events of money and of what people decided:
of events the database's own trigger lets go `rules.KINDS_THAT_GO` only. Launches go when the reports have closed their
day (`reports/`), which go on counting them and do not reopen a day of which some are gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.server.actor import SYSTEM
from lovhub.server.attention.models import Call
from lovhub.server.backups.rules import nightly_due
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event, Launch
from lovhub.server.pc.models import PcCommand
from lovhub.server.reports import service as reports
from lovhub.server.reports.models import ClosedDay
from lovhub.server.retention import rules
from lovhub.server.staff.models import Staff, StaffSession

AFTER_THE_BACKUP_SECONDS = 30 * 60
BATCH = 300
"""Rows in one transaction: whoever sells meanwhile waits for one of these at most."""

_DAY = 24 * 3600
_ASKED_EVERY = 60
"""Seconds between two looks at whether the night has come."""


@dataclass(frozen=True)
class _Pile:
    """Rows of one table that go by age. `what`: their name in the journal's line; `by_id`: no index is by age there."""

    what: str
    model: type[Any]
    at: InstrumentedAttribute[Any]
    conditions: tuple[ColumnElement[bool], ...]
    keep_days: int
    by_id: bool = False


@dataclass(frozen=True)
class _Goes:
    pile: _Pile
    before: int


class Pruner:
    """A job that takes one small step at each turn while a night's work is not done."""

    def __init__(self, club: ClubContext) -> None:
        self._club = club
        self._look_at = 0
        self._left: list[_Goes] = []
        self._removed: dict[str, int] = {}

    def turn(self) -> None:
        """See whether it is time, or take the next step."""
        if self._left:
            self._step()
        elif self._club.clock.now() >= self._look_at or self._clock_was_set_back():
            self._look_at = self._club.clock.now() + _ASKED_EVERY
            self._look()

    def _clock_was_set_back(self) -> bool:
        return self._club.clock.now() < self._look_at - _ASKED_EVERY

    def _look(self) -> None:
        now = self._club.clock.now()
        with self._club.read() as db:
            row = club_service.get(db, self._club.club_id)
            at = (row.backup_at + AFTER_THE_BACKUP_SECONDS) % _DAY
            # The first night is the coming one, not this minute.
            is_first = row.logs_pruned_at is None
            if not is_first and not nightly_due(now, row.logs_pruned_at, at, row.time_zone):
                return
            self._left = [] if is_first else _what_goes(db, row, now)
        self._removed = {}
        if not self._left:
            with self._club.write() as work:
                self._done(work)

    def _step(self) -> None:
        goes = self._left[0]
        pile = goes.pile
        with self._club.write() as work:
            before = goes.before
            if pile.model is Launch:  # a day may have been reopened since the first look
                before = min(before, reports.closed_until(work))
            oldest = (
                select(pile.model.id, pile.at)
                .where(*pile.conditions, pile.at < before)
                .order_by(pile.model.id if pile.by_id else pile.at)
                .limit(BATCH)
            )
            rows = work.db.execute(oldest).all()
            ids = [row[0] for row in rows]
            if ids:
                work.db.execute(delete(pile.model).where(pile.model.id.in_(ids)))
                if pile.model is Launch:
                    _launches_are_gone(work, until=rows[-1][1] + 1)
            is_last = len(ids) < BATCH and len(self._left) == 1
            removed = self._removed.get(pile.what, 0) + len(ids)
            if is_last:
                self._done(work, **{**self._removed, pile.what: removed})
        self._removed[pile.what] = removed
        if len(ids) < BATCH:
            self._left.pop(0)

    def _done(self, work: Work, **removed: int) -> None:
        club_service.get(work.db, work.club_id).logs_pruned_at = work.now
        if told := rules.told(removed):
            journal.record(work, "club.logs_pruned", SYSTEM, **told)


def _launches_are_gone(work: Work, *, until: int) -> None:
    club = club_service.get(work.db, work.club_id)
    club.launches_gone_until = max(club.launches_gone_until or 0, until)


def _what_goes(db: Session, club: Club, now: int) -> list[_Goes]:
    closed = db.scalar(select(func.max(ClosedDay.day_at)).where(ClosedDay.club_id == club.id))
    summed_until = 0 if closed is None else closed + _DAY
    found = []
    for pile in _piles(club):
        before = rules.goes_before(
            now,
            pile.keep_days,
            db.scalar(select(func.min(pile.at)).where(*pile.conditions)),
            needed_from=summed_until if pile.model is Launch else None,
        )
        if before is not None:
            found.append(_Goes(pile, before))
    return found


def _piles(club: Club) -> Iterator[_Pile]:
    yield _Pile(
        "launches", Launch, Launch.started_at, (Launch.club_id == club.id,), club.keep_launches_days
    )
    for kind in rules.SIGN_INS:
        yield _events("sign_ins", kind, club.id, club.keep_sign_ins_days)
    of_club = StaffSession.staff_id.in_(select(Staff.id).where(Staff.club_id == club.id))
    # Over for so long: its address and browser go. What goes on has a later end.
    yield _Pile(
        "sign_ins",
        StaffSession,
        StaffSession.expires_at,
        (of_club,),
        club.keep_sign_ins_days,
        by_id=True,
    )
    for kind in rules.MESSAGES:
        yield _events("messages", kind, club.id, club.keep_messages_days)
    closed = (Call.club_id == club.id, Call.closed_at.is_not(None))
    yield _Pile("messages", Call, Call.closed_at, closed, club.keep_messages_days)
    answered = (PcCommand.club_id == club.id, PcCommand.state != "sent")
    yield _Pile(
        "messages", PcCommand, PcCommand.sent_at, answered, club.keep_messages_days, by_id=True
    )


def _events(what: str, kind: str, club_id: int, keep_days: int) -> _Pile:
    return _Pile(what, Event, Event.at, (Event.club_id == club_id, Event.kind == kind), keep_days)
