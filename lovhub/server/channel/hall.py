"""The live picture of the hall, in memory.

What the database knows of a PC is read again when news say that it changed; what presence knows is looked at
each time. So a snapshot costs no query, however many desks look.
"""

import hmac
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lovhub.server.applications import queries as applications
from lovhub.server.attention import queries as attention
from lovhub.server.attention.rules import is_dismissed, is_ending
from lovhub.server.channel import moment, rules
from lovhub.server.channel.known import KnownComputer, KnownComputers, as_read
from lovhub.server.channel.losses import Losses
from lovhub.server.channel.presence import Presence, Sight
from lovhub.server.channel.told import Changes
from lovhub.server.club.models import Club
from lovhub.server.computers import queries as computers
from lovhub.server.computers.service import token_hash
from lovhub.server.conditions import queries as conditions
from lovhub.server.context import ClubContext
from lovhub.server.halls import queries as halls
from lovhub.server.journal import queries as journal
from lovhub.server.journal import service as journal_service
from lovhub.server.live import (
    Attention,
    EndingSession,
    HallCondition,
    HallCounts,
    HallMaintenance,
    HallRow,
    HallSession,
    HallZone,
    Link,
    LiveSnapshot,
    Unattended,
    Unlinked,
    counts_of,
)
from lovhub.server.maintenance import queries as maintenance
from lovhub.server.sessions import queries as sessions
from lovhub.server.without_agent import queries as without_agent

if TYPE_CHECKING:
    from lovhub.server.channel.pairing import Pairings


_Closer = tuple[Link, str, HallCondition | None, HallMaintenance | None]
"""What a row says of its PC besides what the database knows and presence says: link, problem, condition, technician."""

_WELL: _Closer = ("linked", "", None, None)


class LiveHall:
    """Rows, counts, pairings and alarms. `revision` grows with every change that a page would show."""

    def __init__(self, club: ClubContext, presence: Presence, pairings: "Pairings") -> None:
        self._club = club
        self._presence = presence
        self._pairings = pairings
        self._known = KnownComputers()
        self._applications: dict[int, str] = {}
        self._zones: list[HallZone] = []
        self._conditions: dict[int, conditions.ConditionShown] = {}
        self._kept_for: frozenset[int | None] = frozenset()
        self._maintenance: dict[int, maintenance.MaintenanceShown] = {}
        self._ends_of_conditions = self._ends_of_maintenance = moment.Ends()
        self._without_agent: frozenset[int] = frozenset()
        self._alarms: list[journal.AlarmRow] = []
        self._calls: list[attention.CallRow] = []
        self._dismissed: dict[int, int] = {}
        self._lock = threading.Lock()
        self.losses = Losses(club.clock)
        self._was_in_grace = True
        self._ending: set[tuple[int, int]] = set()
        self._changes = Changes()

    # --- reading the database (in threads) --------------------------------------------------------

    def load(self) -> None:
        """Everything, at the start and after news were missed; nothing while there is no club yet."""
        now = self._club.clock.now()
        with self._club.read() as db:
            if db.get(Club, self._club.club_id) is None:
                return
            found = computers.current(db, self._club.club_id)
            seen = computers.last_seen(db, self._club.club_id)
            live = sessions.hall_sessions(db, self._club.club_id, now)
        for computer in found:
            silent = max(0, now - seen[computer.id]) if computer.id in seen else None
            self._presence.remember(
                computer.id, silent_seconds=silent, said_goodbye=computer.said_goodbye
            )
        with self._lock:
            gone = self._known.begin_anew(
                {computer.id: as_read(computer, live.get(computer.id), now) for computer in found}
            )
        for computer_id in gone:
            self._presence.forget(computer_id)
        self.reload_halls()
        self.reload_conditions()
        self.reload_maintenance()
        self.reload_without_agent()
        self.reload_applications()
        self.reload_alarms()
        self.reload_attention()

    def reload_computer(self, computer_id: int) -> None:
        """The PC was paired, renamed or revoked."""
        now = self._club.clock.now()
        with self._club.read() as db:
            found = computers.current(db, self._club.club_id, [computer_id])
            live = sessions.hall_sessions(db, self._club.club_id, now, computer_id)
        with self._lock:
            if found:
                self._known.put(computer_id, as_read(found[0], live.get(computer_id), now))
            else:
                self._known.drop(computer_id)
        if not found:
            self._presence.forget(computer_id)
        self.changed(computer_id)

    def reload_session(self, computer_id: int) -> None:
        """The session on the PC has changed."""
        now = self._club.clock.now()
        with self._club.read() as db:
            live = sessions.hall_sessions(db, self._club.club_id, now, computer_id)
        with self._lock:
            self._known.change(computer_id, session=live.get(computer_id), session_read_at=now)
        self.changed(computer_id)

    def reload_halls(self) -> None:
        """Halls, zones, and where each PC stands."""
        with self._club.read() as db:
            zones = halls.live_zones(db, self._club.club_id)
            stands = halls.stands(db, self._club.club_id)
        with self._lock:
            self._zones = zones
            for stand in stands:
                self._known.change(stand.computer_id, number=stand.number, zone_id=stand.zone_id)
        self.changed(0)

    def reload_conditions(self) -> None:
        """PCs that are broken, or kept for somebody."""
        with self._club.read() as db:
            found = conditions.in_force(db, self._club.club_id, self._club.clock.now())
        self._conditions = {condition.computer_id: condition for condition in found}
        self._kept_for = frozenset(condition.customer_id for condition in found)
        self._ends_of_conditions = moment.Ends(found)
        self.changed(0)

    def reload_maintenance(self) -> None:
        """PCs at which a technician works."""
        with self._club.read() as db:
            found = maintenance.in_force(db, self._club.club_id, self._club.clock.now())
        self._maintenance = {shown.computer_id: shown for shown in found}
        self._ends_of_maintenance = moment.Ends(found)
        self.changed(0)

    def reload_without_agent(self) -> None:
        """PCs that are on without their agent."""
        with self._club.read() as db:
            found = without_agent.going_on(db, self._club.club_id)
        self._without_agent = frozenset(one.computer_id for one in found)
        self.changed(0)

    def reload_applications(self) -> None:
        """Titles of programs, for «now running»."""
        with self._club.read() as db:
            offered = applications.in_use(db, self._club.club_id)
        self._applications = {application.id: application.title for application in offered}
        self.changed(0)

    def reload_alarms(self) -> None:
        """Alarms nobody has closed."""
        with self._club.read() as db:
            self._alarms = journal.open_alarms(db, self._club.club_id)
        self.changed(0)

    def reload_attention(self) -> None:
        """Calls nobody has closed, and ends of sessions that somebody has seen coming."""
        with self._club.read() as db:
            self._calls = attention.open_calls(db, self._club.club_id)
            self._dismissed = attention.dismissals(db, self._club.club_id)
        self.changed(0)

    def raise_mass_loss(self) -> None:
        """Told once: it is the power or the switch, not so many PCs by chance."""
        with self._club.write() as work:
            journal_service.raise_alarm(work, "mass_loss", computers=self.losses.count)

    # --- what happens (any thread, memory only) ---------------------------------------------------

    def changed(self, computer_id: int, *, can_wait: bool = False) -> None:
        """Something that pages show is different now; 0: not one PC's. `can_wait`: nobody waits to see it."""
        self._changes.note(computer_id, can_wait=can_wait)

    def pairings_changed(self) -> None:
        """A PC waits for approval, or no longer does."""
        self._changes.note(0)

    @property
    def revision(self) -> int:
        """Another one than before: there is news."""
        return self._changes.revision

    @property
    def pressing(self) -> int:
        """The revision of the last news that cannot wait."""
        return self._changes.pressing

    def changed_since(self, revision: int) -> frozenset[int] | None:
        """The PCs that are different since then; None: any may be."""
        return self._changes.since(revision)

    def knows(self, computer_id: int, token: str) -> bool:
        """Whether the token is the PC's own, and the PC the club's, as far as the news have come."""
        one = self._known.get(computer_id)
        return one is not None and hmac.compare_digest(one.token_hash, token_hash(token))

    def keeps_for(self, customer_id: int) -> bool:
        """Whether a PC is kept for this customer, who may have another name now."""
        return customer_id in self._kept_for

    def taken_ids(self) -> frozenset[int]:
        """PCs with a session, running or not, and those at which a technician works."""
        with self._lock:
            return frozenset([*self._known.seated, *self._maintenance])

    def unattended(self) -> Unattended:
        """The linked PCs with neither a session nor a technician."""
        taken, linked = self.taken_ids(), self._presence.linked()
        with self._lock:
            on = (linked - taken) & self._known.all.keys()
        return Unattended(
            on,
            {
                computer_id
                for computer_id, lock, application_id in self._presence.not_just_locked()
                if computer_id in on and (lock != "locked" or application_id in self._applications)
            },
        )

    def unlinked(self) -> list[Unlinked]:
        """The PCs without a link that nobody should be using: no technician is there, and no time is out on lease."""
        now = self._club.clock.now()
        grace = self.losses.in_grace
        with self._lock:
            without_link = self._known.all.keys() - self._presence.open_links()
            known = [
                (computer_id, self._known.all[computer_id]) for computer_id in sorted(without_link)
            ]
        found = []
        for computer_id, pc in known:
            signs = self._presence.sight(computer_id).signs
            if rules.link_of(signs, grace=grace) not in {"off", "switched_off"}:
                continue
            session = moment.aged(pc.session, now - pc.session_read_at)
            may_be_playing = session is not None and session.held_seconds > 0
            technician = moment.maintenance(self._maintenance.get(computer_id), now)
            if not may_be_playing and technician is None:
                found.append(Unlinked(computer_id, signs.said_goodbye))
        return found

    def is_mass_loss(self) -> bool:
        """Whether so many went at once that one alarm must be raised; true once a loss."""
        return self.losses.are_many(of=len(self._known))

    def judge(self) -> list[tuple[int, object]]:
        """Look at the clock; returns links that have been silent for too long, to be closed.

        Twice a second, on the loop, while thousands of PCs beat: it looks only at what time alone may change.
        """
        in_grace, now = self.losses.look(), self._club.clock.now()
        if in_grace != self._was_in_grace:  # whoever is silent is lost, or off, from now on
            self._was_in_grace = in_grace
            self._changes.note(0)
        ending = {(one.session_id, one.computer_id) for one in self._endings(now)}
        other = {computer_id for _session_id, computer_id in ending ^ self._ending}
        self._ending = ending
        for computer_id in (
            *other,
            *self._ends_of_conditions.passed(now),
            *self._ends_of_maintenance.passed(now),
            *self._presence.changed_by_time(grace=in_grace),
        ):
            self._changes.note(computer_id)
        return [] if in_grace else self._presence.silent_links()

    # --- what is seen -----------------------------------------------------------------------------

    def snapshot(self, only: frozenset[int] | None = None) -> LiveSnapshot:
        """The hall at this moment. `only`: rows and counts are of these PCs."""
        with self._lock:
            zones = tuple(self._zones)
            known = self._known.in_order(
                tuple(zone.zone_id for zone in zones),
                None if only is None else only & self._known.all.keys(),
            )
        now = self._club.clock.now()
        rows = self._rows(known, now, grace=self.losses.in_grace)
        return LiveSnapshot(
            counts=counts_of([row.status for row in rows]),
            rows=tuple(rows),
            pairings=self._pairings.pending(),
            alarms=tuple(moment.alarm(alarm, now) for alarm in self._alarms),
            zones=zones,
            calls=tuple(moment.call(call, now) for call in self._calls),
            endings=self._endings(now),
        )

    def attention(self) -> Attention:
        """What every page carries: of the hall only what waits for a person, and the counts.

        It looks at PCs that are not linked and at those with a session: of all others it tells how many there are.
        """
        with self._lock:
            total = len(self._known)
            seated = set(self._known.seated)
            without_link = list(self._known.all.keys() - self._presence.open_links())
        now = self._club.clock.now()
        links = self._presence.links(without_link, grace=self.losses.in_grace)
        off = {
            computer_id
            for computer_id, link in zip(without_link, links, strict=True)
            if rules.status_of(link, has_session=False) == "off"
        }
        return Attention(
            counts=HallCounts(
                total=total,
                on=total - len(off),
                off=len(off),
                used=len(seated - off),
            ),
            calls=tuple(moment.call(call, now) for call in self._calls),
            alarms=tuple(moment.alarm(alarm, now) for alarm in self._alarms),
            endings=self._endings(now),
        )

    def _endings(self, now: int) -> tuple[EndingSession, ...]:
        """Sessions about to end that nobody has dismissed, the soonest first."""
        with self._lock:
            to_ask = self._known.to_ask(now)
        endings = [
            EndingSession(
                session_id=session.session_id,
                computer_id=computer_id,
                computer_name=pc.name,
                who=session.who,
                seconds_left=session.seconds_left,
                night_stop=session.night_stop,
                waits=moment.waits(session),
            )
            for computer_id, pc in to_ask
            if (session := moment.aged(pc.session, now - pc.session_read_at)) is not None
            and self._is_to_be_asked(session, now)
        ]
        return tuple(sorted(endings, key=lambda ending: (ending.seconds_left, ending.computer_id)))

    def _is_to_be_asked(self, session: HallSession, now: int) -> bool:
        """Whether somebody should go there before the session ends, and nobody has seen to it."""
        left, is_at_night = session.seconds_left, session.night_stop != ""
        if not (moment.waits(session) or is_ending(session.state, left, at_night=is_at_night)):
            return False
        return not is_dismissed(
            ends_at=now + left, dismissed_until=self._dismissed.get(session.session_id)
        )

    def _rows(
        self, known: Sequence[tuple[int, KnownComputer]], now: int, *, grace: bool
    ) -> list[HallRow]:
        # The whole hall is made for a page that opens: of most PCs there is nothing but a session to look at, and what
        # a row says goes by position, which makes it in half the time.
        conditions, maintenance, titles = self._conditions, self._maintenance, self._applications
        rows = []
        sights = self._presence.sights(computer_id for computer_id, _pc in known)
        for (computer_id, pc), sight in zip(known, sights, strict=True):
            session, application_id = pc.session, sight.application_id
            if session is not None:
                session = moment.aged(session, now - pc.session_read_at)
            link, problem, condition, technician = _WELL
            if (
                not rules.is_well(sight.signs, sight.lock)
                or computer_id in conditions
                or computer_id in maintenance
            ):
                link, problem, condition, technician = self._look_closer(
                    computer_id, sight, session, now, grace=grace
                )
            rows.append(
                HallRow(
                    computer_id,
                    pc.name,
                    pc.hostname,
                    pc.address,
                    rules.status_of(link, has_session=session is not None),
                    link,
                    sight.lock,
                    0 if link == "linked" else (sight.signs.silent_seconds or 0),
                    session,
                    "" if application_id is None else titles.get(application_id, ""),
                    problem,
                    pc.number,
                    pc.zone_id,
                    condition,
                    technician,
                )
            )
        return rows

    def _look_closer(
        self, computer_id: int, sight: Sight, session: HallSession | None, now: int, *, grace: bool
    ) -> _Closer:
        """What is to be said of a PC that may not be well."""
        link = rules.link_of(sight.signs, grace=grace)
        condition = moment.condition(self._conditions.get(computer_id), now)
        technician = moment.maintenance(self._maintenance.get(computer_id), now)
        problem = rules.problem_of(
            link,
            sight.lock,
            is_open=technician is not None or (session is not None and session.state == "active"),
            is_broken=condition is not None and condition.kind == "broken",
            is_without_agent=computer_id in self._without_agent,
        )
        return link, problem, condition, technician
