"""Looking for what the owner should be told of beside shifts: troubles, and each day the head of the books' chain."""

from typing import Any, Protocol

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job
from lovhub.server.journal.models import Alarm
from lovhub.server.notices import queries, service, troubles
from lovhub.server.status.rules import Facts, Finding

LOOK_SECONDS = 15.0
HEAD_SECONDS = 60.0
MOST_ALARMS = 20
"""A message keeps no more of one kind."""

Seen = dict[str, dict[str, list[Any]]]
"""Kind of trouble → what of it is seen, as a message keeps it: `findings` and `alarms`."""


class Findings(Protocol):
    """What the self-checks found last."""

    @property
    def known(self) -> list[Finding]:
        """What is not as it should be."""
        ...

    @property
    def known_facts(self) -> Facts | None:
        """What was seen; None before the first look."""
        ...


class Watch:
    """Writes messages of troubles that begin and end. Costs nothing where nobody is to be told."""

    def __init__(self, club: ClubContext, board: Findings) -> None:
        self._club = club
        self._board = board

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return [
            Job("troubles", LOOK_SECONDS, self.look),
            Job("ledger_head", HEAD_SECONDS, self.look_at_the_day),
        ]

    def look_at_the_day(self) -> None:
        """Tell of the chain's head, if this day of the club's has not told of it."""
        service.tell_of_head_if_due(self._club)

    def look(self) -> None:
        """Compare what is seen with what was told."""
        facts = self._board.known_facts
        if facts is None:
            return
        with self._club.read() as db:
            if not queries.wants_troubles(db, self._club.club_id):
                return
            known = queries.open_troubles(db, self._club.club_id)
            seen = _alarms(db, self._club.club_id, self._club.clock.now())
        for finding in self._board.known:
            kind = troubles.trouble_of_finding(finding.number, facts.newest_check)
            if kind:
                of_kind = seen.setdefault(kind, {"findings": [], "alarms": []})
                of_kind["findings"].append([finding.number, finding.values])
        if troubles.plan(known, seen, self._club.clock.now()):
            service.tell_of_troubles(self._club, seen)


def _alarms(db: Session, club_id: int, now: int) -> Seen:
    told = [kind for kinds in troubles.ALARMS.values() for kind in kinds]
    rows = db.execute(
        select(Alarm.kind, Computer.name, Alarm.at)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .where(
            Alarm.club_id == club_id,
            Alarm.kind.in_(told),
            or_(Alarm.closed_at.is_(None), Alarm.at > now - troubles.FRESH_ALARM_SECONDS),
        )
        .order_by(Alarm.at.desc(), Alarm.id.desc())
        .limit(200)
    ).all()
    seen: Seen = {}
    for kind, name, at in rows:
        (trouble,) = (one for one, kinds in troubles.ALARMS.items() if kind in kinds)
        of_kind = seen.setdefault(trouble, {"findings": [], "alarms": []})
        if len(of_kind["alarms"]) < MOST_ALARMS:
            of_kind["alarms"].append([kind, name or "", at])
    return seen
