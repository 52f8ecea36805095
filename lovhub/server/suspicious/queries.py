"""The suspicious report: its lines, and who stands in it how often."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.journal.models import Event
from lovhub.server.staff.models import Staff
from lovhub.server.suspicious import days, favours, unpaid, unproven
from lovhub.server.suspicious.accounts import Burst, bursts
from lovhub.server.suspicious.happened import (
    UNPROVEN,
    Finding,
    Part,
    events,
    happened,
    line,
    whole_from,
)
from lovhub.server.suspicious.leads import Leads
from lovhub.server.suspicious.rules import Judged
from lovhub.server.suspicious.tally import Person, tally

MOST = 500
"""More lines at once nobody reads: older ones are leafed through, or a shorter period shows them."""

MOST_READ = 5_000
"""So many events and so many alarms are looked through at most; more than a large club has in two months.

Of days that are kept (`days.py`) all are counted, however many.
"""


@dataclass(frozen=True)
class Found:
    """Lines of the report, the newest first.

    `whole_from_at`: there is more of it, from this instant on these are all; older ones are not. None: these are all.
    """

    findings: list[Finding]
    whole_from_at: int | None


@dataclass(frozen=True)
class Counted:
    """Who is in the report how often. `whole_from_at`: there is more than is counted, from this instant on all is."""

    people: list[Person]
    whole_from_at: int | None


@dataclass(frozen=True)
class Report:
    """What the report says of a period of a club. Each part of it is read when it is first asked for, and once."""

    db: Session
    club_id: int
    from_at: int
    until_at: int
    now: int

    def find(self, *, group: str = "", person_id: int | None = None, enough: int = MOST) -> Found:
        """`enough` of the newest lines at least, if there are as many in what is looked through (MOST_READ).

        `group`, `person_id`: only those of this group, and of this person.
        """
        most = 2 * enough
        while True:
            most = min(MOST_READ, most)
            parts = list(self._parts(group, most))
            lines = [
                one
                for part in parts
                for one in part.findings
                if group in ("", one.judged.group) and person_id in (None, one.person_id)
            ]
            lines.sort(key=_IN_ORDER, reverse=True)
            cut = _last_cut(parts)
            if cut is None:
                return Found(lines, None)
            whole = [one for one in lines if one.at >= cut]
            if len(whole) >= enough:
                return Found(whole, cut)
            if most == MOST_READ:
                return Found(lines, cut)
            most *= 8

    def _parts(self, group: str, most: int) -> Iterator[Part]:
        """Where lines of this group may be."""
        yield from happened(
            self.db, self.club_id, self.from_at, self.until_at, most=most, group=group
        )
        if group in ("", "own_account"):
            yield self._on_own(most)
        for name, part in self._others.items():
            if group in ("", name):
                yield part

    def count(self) -> Counted:
        """Everybody, of the whole period."""
        kept_from, kept_until, found = days.kept(self.db, self.club_id, self.from_at, self.until_at)
        parts = list(self._others.values())
        for from_at, until_at in ((self.from_at, kept_from), (kept_until, self.until_at)):
            if from_at < until_at:
                parts += happened(self.db, self.club_id, from_at, until_at, most=MOST_READ)
        found.add(tally((one.person_id, one.judged) for part in parts for one in part.findings))
        for _event_id, _at, person_id in self._own_events:
            found.count(person_id, _OWN_ACCOUNT)
        return Counted(found.people(self._names(found.persons())), _last_cut(parts))

    @cached_property
    def _leads(self) -> Leads:
        return Leads.read(self.db, self.club_id, self.from_at, self.until_at)

    @cached_property
    def _own(self) -> dict[int, int]:
        return favours.own_accounts(self.db, self.club_id)

    @cached_property
    def _own_events(self) -> list[tuple[int, int, int]]:
        """(number, when, whose) of what was put on accounts of the staff, the newest first."""
        return favours.put_on_own(self.db, self._leads, self._own)

    def _on_own(self, most: int) -> Part:
        """What was put on accounts of the staff, line by line."""
        numbers = [event_id for event_id, *_ in self._own_events[:most]]
        found = events(self.db, Event.id.in_(numbers)) if numbers else []
        return Part(
            [line(event, _OWN_ACCOUNT) for event in found],
            whole_from([at for _, at, _ in self._own_events], most),
        )

    @cached_property
    def _others(self) -> dict[str, Part]:
        """By its group, what is looked for elsewhere than in what happened, and is little."""
        return {
            "same_account": self._again(),
            "unpaid": self._debts(),
            "unproven": self._unproven(),
        }

    def _again(self) -> Part:
        """What was put on other accounts again and again."""
        found = bursts(favours.favours(self.db, self._leads, but=self._own))
        found.sort(key=lambda burst: (burst.last.at, burst.last.event_id), reverse=True)
        again: dict[int, Burst] = {burst.last.event_id: burst for burst in found[:MOST]}
        # Looked up by their numbers; asked for an order, SQLite would go through the club's whole journal in it.
        last = events(self.db, Event.id.in_(again)) if again else []
        return Part(
            [line(event, Judged("same_account"), again[event.id]) for event in last],
            whole_from([burst.last.at for burst in found], MOST),
        )

    def _debts(self) -> Part:
        """Each stands where it became old, with who let the customer play so."""
        period = (self.club_id, self.from_at, self.until_at, self.now)
        owed = unpaid.find(self.db, *period, most=MOST + 1)
        begun = events(self.db, Event.id.in_(owed)) if owed else []
        begun.sort(key=attrgetter("at", "id"), reverse=True)
        return Part(
            [
                line(event, Judged("unpaid", -owed[event.id]))._replace(at=unpaid.old_at(event.at))
                for event in begun[:MOST]
            ],
            whole_from([unpaid.old_at(event.at) for event in begun], MOST),
        )

    def _unproven(self) -> Part:
        found = unproven.find(self.db, self._leads, most=MOST + 1)
        return Part(
            [
                Finding(at, Judged("unproven", amount), person, name, False, UNPROVEN, posting_id)
                for posting_id, at, person, name, amount in found[:MOST]
            ],
            whole_from([at for _, at, *_ in found], MOST),
        )

    def _names(self, people: Collection[int]) -> dict[int, str]:
        asked = select(Staff.id, Staff.name).where(Staff.id.in_(people))
        return dict(row for row in self.db.execute(asked))


_OWN_ACCOUNT = Judged("own_account")
_IN_ORDER = attrgetter("at", "source", "source_id", "judged")
"""One line after the other, also of one second: a page begins where the one before it ended."""


def _last_cut(parts: Iterable[Part]) -> int | None:
    cuts = [part.whole_from_at for part in parts if part.whole_from_at is not None]
    return max(cuts, default=None)
