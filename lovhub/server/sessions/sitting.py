"""A session's row together with its lots: where a decision of the rules becomes rows and postings.

The one place that copies between `rules.Session` and `PlaySession`; used by this room's operations, and by the
customers' for what must not happen beside a session (`lock_customer`, `lengthen_sitting_of`).
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, update

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.bus import CustomerChanged, SessionChanged
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.computers import queries as computers
from lovhub.server.computers.models import Computer
from lovhub.server.context import Work
from lovhub.server.customers import owing
from lovhub.server.customers.models import Customer
from lovhub.server.database import known_rows, new_rows
from lovhub.server.database.prepared import Change, Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.lots import expiry
from lovhub.server.lots import service as lots_service
from lovhub.server.lots.models import Lot
from lovhub.server.lots.rules import when_leaving
from lovhub.server.minors import night
from lovhub.server.minors import rules as minors
from lovhub.server.sessions import rules, vouching
from lovhub.server.sessions.lot_seconds import LotSeconds, opening_in, playable, seconds_left
from lovhub.server.sessions.models import IS_LIVE, PlaySession

FORGETFUL_LEASE_SECONDS = 120
"""The longest lease of a PC whose journal does not outlive its restart."""

GONE = ("power_cut", minors.NIGHT)
"""Pauses during which the PC shows the sign-in: whoever played there may have left."""

PAUSED_LONG = "paused_long"
"""The alarm that a player's own pause keeps a PC from others: over when it goes on or ends."""

_STORED = (
    "state",
    "settled_at",
    "played_seconds",
    "leased_seconds",
    "lease_serial",
    "lease_issued_at",
    "lease_not_after",
    "due_at",
    "unreachable_since_at",
    "pause_reason",
    "ended_at",
    "end_reason",
)

_WRITE = Change(
    update(PlaySession)
    .where(PlaySession.id == bindparam("session"))
    .values({name: bindparam(f"new_{name}") for name in (*_STORED, "revision")})
)
_SESSION = Query(
    select(PlaySession)
    .where(PlaySession.id == bindparam("session"), PlaySession.club_id == bindparam("club"))
    .with_for_update(key_share=True)
)
_SESSION_ON = Query(
    select(PlaySession)
    .where(PlaySession.computer_id == bindparam("computer"), IS_LIVE)
    .with_for_update(key_share=True)
)
_LIVE_OF = Query(
    select(PlaySession.id).where(
        PlaySession.customer_id == bindparam("customer"),
        PlaySession.club_id == bindparam("club"),
        IS_LIVE,
    )
)


class Sitting:
    """A session under way, locked for this operation; or one to be (`seating.sitting_to_be`), which `begin` writes."""

    def __init__(self, work: Work, row: PlaySession, lots: list[lots_service.LotInUse]) -> None:
        self.work = work
        self.row = row
        self.lots = lots
        self.state = rules.Session(**{name: getattr(row, name) for name in _STORED})
        self._age = night.age_of_player(work.db, row)
        self._watch = night.watch(work)
        self._all_seconds = [lot.seconds(work.now) for lot in lots]
        self._stopped_at = None
        if row.state in {"active", "unreachable"}:
            self._stopped_at = self._watch.stopped_since(self._age, row.night_leave, row.settled_at)
        self.allowed: int | None = 0
        """How long the night lets them play on; None: it does not concern them. Nothing where a night has stopped them
        since the last settlement, though it may be over by now: their PC was silent."""
        if self._stopped_at is None:
            self.allowed = self._watch.seconds_allowed(self._age, row.night_leave)
        self.seconds = minors.bounded(self._all_seconds, self.allowed)

    @property
    def lease_seconds(self) -> int:
        """How long a lease the PC gets."""
        return lease_seconds(self.work, self.row.computer_id)

    def begin(self, actor: Actor, *, event: str, **data: Any) -> None:
        """Start the clock; refused with `computer_silent` where no PC would hear of it, and as `night.admit` is."""
        self._check_link()
        self._check_night()
        decision = rules.begin(self.seconds, now=self.work.now, lease_seconds=self.lease_seconds)
        self.store(decision, actor, event, **data)

    def pause(self, actor: Actor, reason: str) -> None:
        """Let the time stand still; nothing changes where it does.

        Refused with `session_unreachable` while the PC is silent, and with `pause_not_allowed` where the time that is
        being played was sold so.
        """
        if self.row.state == "unreachable":
            raise OperationRefused("session_unreachable")
        if self.row.state == "active":
            if not self.pause_allowed():
                raise OperationRefused("pause_not_allowed")
            decision = rules.pause(self.state, self.seconds, now=self.work.now, reason=reason)
            self.store(decision, actor, "session.paused")

    def resume(self, actor: Actor) -> None:
        """Start the clock again; refused as `begin` is.

        And with `too_many_attempts` within the second of the player's own pause, which is played already. Where nothing
        may be played at this hour, the sitting is over when its own player wants to go on; of others it is refused,
        with `time_waits` or `no_time_left`, so that nobody's games are closed by that.
        """
        if actor.kind == "staff" and seconds_left(self.seconds) == 0 and self.allowed != 0:
            raise OperationRefused("time_waits" if opening_in(self.seconds) else "no_time_left")
        if self.row.pause_reason == rules.PLAYER and self.row.settled_at == self.work.now:
            raise OperationRefused("too_many_attempts")
        self._check_link()
        self._check_night()
        decision = rules.resume(
            self.state,
            self.seconds,
            now=self.work.now,
            lease_seconds=self.lease_seconds,
        )
        self.store(decision, actor, "session.resumed")

    def _check_link(self) -> None:
        if not self.work.links.is_linked(self.row.computer_id):
            raise OperationRefused("computer_silent")

    def _check_night(self) -> None:
        if self.allowed == 0:
            raise OperationRefused(minors.night_refusal(self._age, self._watch.today))

    def wait_for_leave(self, actor: Actor) -> bool:
        """At night, of a player whose age nobody has confirmed: the time stands still until somebody has."""
        if self.allowed != 0:
            return False
        waiting = replace(self.state, state="paused", pause_reason=minors.NIGHT)
        self.store(rules.Decision(waiting), actor, "session.paused")
        return True

    def stop_standing(self, since: int | None = None) -> None:
        """The night stops what stands still, too: a minor's ends, another waits for the morning or for a leave.

        `since`: when that night began, if no server was there to see it.
        """
        self._stopped_at = since
        if self._watch.is_minor(self._age, since):
            self.end(SYSTEM, minors.NIGHT)
        else:
            waiting = replace(self.state, pause_reason=minors.NIGHT)
            self.store(rules.Decision(waiting), SYSTEM, "")

    def night_missed(self, since: int) -> int | None:
        """When a night that began after `since` should have stopped what stands still here; None: none should have."""
        row = self.row
        if row.state != "paused" or row.pause_reason == minors.NIGHT:
            return None
        return self._watch.stopped_since(self._age, row.night_leave, max(since, row.settled_at))

    def let_stay(self, leave: str, actor: Actor) -> None:
        """Staff say that they may stay: a session that stands still for the night goes on."""
        night.give_leave(self.work, self.row, leave, actor)
        again = Sitting(self.work, self.row, self.lots)
        if self.row.state == "paused" and self.row.pause_reason == minors.NIGHT:
            again.resume(actor)
        else:
            again.lengthened(actor)

    def lengthened(self, actor: Actor) -> None:
        """More lots are there: let a running session's lease take them up."""
        if self.row.state == "active":
            decision = rules.tick(
                self.state,
                self.seconds,
                now=self.work.now,
                lease_seconds=self.lease_seconds,
            )
            self.store(decision, actor, "")
        else:
            self._tell()

    def end(self, actor: Actor, reason: str) -> None:
        """Stop for good."""
        decision = rules.end(self.state, self.seconds, now=self.work.now, reason=reason)
        self.store(decision, actor, "session.ended")

    def store(self, decision: rules.Decision, actor: Actor, event: str, **data: Any) -> None:
        """Book the decision's moves, write the session down, record `event` ("" for none), tell the news."""
        row, work = self.row, self.work
        decision = self._as_stopped(decision)
        was_over = row.state == "ended"
        waited = row.pause_reason == minors.NIGHT
        stood = row.pause_reason == rules.PLAYER
        revision = row.revision + 1
        is_new = row.id is None
        if is_new:
            new_rows.add(work.db, row, **_written(decision.session, revision))
        lots_service.apply(
            work,
            self.lots,
            decision,
            session_id=row.id,
            key=f"session:{row.id}:{revision}",
            kind=event or "session.settled",
            actor=actor,
            reason=str(data.get("reason", "")),
        )
        if not is_new:
            self._write(decision.session, revision)
        # A customer whom the night had stopped did not leave by choice, whoever ends what stands there.
        by_choice = row.customer_id is None or not waited
        if row.end_reason in self._leaving() and row.ended_at == work.now and by_choice:
            self._take_rests(decision, actor)
        if minors.NIGHT in (row.end_reason, row.pause_reason) and not (waited or was_over):
            self.keep_rests()
            if event != "session.released":
                event = "session.ended" if row.state == "ended" else "session.waits_for_age"
        if event or (row.state == "ended" and not was_over):
            self._record(event, actor, data)
        if decision.alarm:
            journal.raise_alarm(
                work,
                decision.alarm,
                computer_id=row.computer_id,
                session_id=row.id,
                seconds=decision.alarm_seconds,
            )
        if stood and row.pause_reason != rules.PLAYER:
            journal.alarms_over_in(work, PAUSED_LONG, row.id)
        if row.state == "ended" and not was_over:
            self._ask_for_debt()
        self._tell()

    def _record(self, event: str, actor: Actor, data: dict[str, Any]) -> None:
        """Have the log tell of it. That a sitting ends, it tells always: that event vouches for its row."""
        row = self.row
        if row.state == "ended" or event == "session.released":
            data.setdefault("end_reason", row.end_reason or "released")
            event = event if event == "session.released" else "session.ended"
        journal.record(
            self.work,
            event,
            actor,
            computer_id=row.computer_id,
            customer_id=row.customer_id,
            session_id=row.id,
            played_seconds=row.played_seconds,
            **{**data, **vouching.of_event(event, row)},
        )

    def _write(self, state: rules.Session, revision: int) -> None:
        """All of it by one statement, which leaves nothing of the row to write; so the row is what was written."""
        written = _written(state, revision)
        _WRITE.run(
            self.work.db,
            session=self.row.id,
            **{f"new_{name}": value for name, value in written.items()},
        )
        self.row.__dict__.update(written)

    def _ask_for_debt(self) -> None:
        """Whoever played in debt gets up and owes: the desk is told. Who moves on, plays on."""
        row, work = self.row, self.work
        metered = any(lot.meter is not None for lot in self.lots)
        if row.customer_id is None or row.end_reason == "moved" or not metered:
            return
        if owing.debt_tiyn(work.db, work.db.get_one(Customer, row.customer_id)) > 0:
            journal.raise_alarm(
                work,
                owing.LEFT,
                computer_id=row.computer_id,
                session_id=row.id,
                customer_id=row.customer_id,
            )

    def _as_stopped(self, decision: rules.Decision) -> rules.Decision:
        # What a PC tells late makes nothing of it that stands still.
        if self.allowed is None or self.row.state == "ended":
            return decision
        minor = self._watch.is_minor(self._age, self._stopped_at)
        return minors.as_stopped(decision, self._all_seconds, self.allowed, minor=minor)

    def keep_rests(self) -> None:
        """The night has stopped them: nothing of what they have expires by that."""
        night.keep_rests(self.work, [lot.row for lot in self.lots], self._stopped_at)

    def bought_left(self) -> list[tuple[str, LotSeconds]]:
        """What may still be played of each lot at this moment, with its kind."""
        lots = rules.left_now(self.state, self._all_seconds, now=self.work.now)
        return [(lot.row.kind, seconds) for lot, seconds in zip(self.lots, lots, strict=True)]

    def pause_allowed(self) -> bool:
        """Whether the time that is played now may stand still."""
        left = playable(rules.left_now(self.state, self.seconds, now=self.work.now))
        for lot, seconds in zip(self.lots, left, strict=True):
            if seconds:
                return lot.row.pause_allowed
        return True

    def played_when_seen(self, last_seen_at: int | None = None) -> int:
        """What the PC had played, in all, when last heard; `last_seen_at`: if that is known better than stored."""
        row = self.row
        if last_seen_at is None:
            last_seen_at = computers.last_seen_at(self.work.db, self.work.club_id, row.computer_id)
        seen_at = row.settled_at if last_seen_at is None else last_seen_at
        return row.played_seconds + max(0, seen_at - row.settled_at)

    def _leaving(self) -> tuple[str, ...]:
        """Ends after which a rest may be gone. A guest does not come back for what a silent PC has given back."""
        is_guest = self.row.customer_id is None
        return (*rules.LEFT_BY_CHOICE, "released") if is_guest else rules.LEFT_BY_CHOICE

    def _take_rests(self, decision: rules.Decision, actor: Actor) -> None:
        """The player has left: of packages that were begun and are not kept, the rest goes, as they were sold.

        A guest has no account to come back to: whatever is left of a guest's time expires with the sitting. What waits
        for its hours stays, with either.
        """
        is_guest = self.row.customer_id is None
        begun = {move.lot_id for move in decision.moves if move.kind == "consume"}
        for lot in self.lots:
            fate = when_leaving(
                lot.row.kind,
                lot.row.rest_rule,
                begun=lot.row.id in begun or lot.consumed > 0,
            )
            if lot.seconds(self.work.now).opens_in is not None:
                continue  # it could not be played now: whoever leaves now has not left it
            if (is_guest or fate in {"expires", "refunded"}) and not lot.row.exhausted:
                key = f"session:{self.row.id}:{self.row.revision}:rest:{lot.row.id}"
                expiry.take_rest(self.work, lot.row, key=key, actor=actor)

    def _tell(self) -> None:
        self.work.tell(SessionChanged(self.row.id, self.row.computer_id))
        if self.row.customer_id is not None:
            self.work.tell(CustomerChanged(self.row.customer_id))


def _written(state: rules.Session, revision: int) -> dict[str, Any]:
    """What the row says of a state."""
    return {name: getattr(state, name) for name in _STORED} | {"revision": revision}


def club_rules(work: Work) -> Club:
    """The club's row with the owner's rules; read once a transaction, with the PC where one is locked."""
    return club_service.get(work.db, work.club_id)


def lease_seconds(work: Work, computer_id: int) -> int:
    """How long a lease this PC gets: the owner's, or a short one where its journal would not outlive a power cut."""
    longest = club_rules(work).lease_seconds
    if known_rows.get_one(work.db, Computer, computer_id).memory_lasts:
        return longest
    return min(longest, FORGETFUL_LEASE_SECONDS)


def load_sitting(work: Work, session_id: int, *, live: bool = False) -> Sitting:
    """The session with its lots, locked; refused with `session_unknown`, and with `session_over` if `live`."""
    row = _SESSION.value(work.db, session=session_id, club=work.club_id)
    if row is None:
        raise OperationRefused("session_unknown")
    if live and row.state == "ended":
        raise OperationRefused("session_over")
    return sitting_of(work, row)


def sitting_on(work: Work, computer_id: int) -> Sitting | None:
    """The session that is not ended on a PC, locked."""
    row = _SESSION_ON.value(work.db, computer=computer_id)
    return None if row is None else sitting_of(work, row)


def sitting_of(work: Work, row: PlaySession) -> Sitting:
    """A session that this operation has locked, or begun, with its lots: its row is not asked for again."""
    lots = lots_service.in_use(
        work, customer_id=row.customer_id, guest_session_id=row.id, session_id=row.id
    )
    if row.zone_bound and row.customer_id is not None:
        lots = [lot for lot in lots if lot.hold is not None or is_of_zone(lot.row, row.zone_id)]
    return Sitting(work, row, lots)


def is_of_zone(lot: Lot, zone_id: int | None) -> bool:
    """Whether a lot is played in a zone without a look at prices: it was bought there, or cost nothing."""
    return lot.zone_id == zone_id or lot.tariff_id is None or lot.price_tiyn + lot.bonus_tiyn == 0


def lengthen_sitting_of(work: Work, customer_id: int, actor: Actor) -> None:
    """The customer has more time: a session of theirs that is not ended takes it up."""
    work.db.flush()
    for session_id in _LIVE_OF.values(work.db, customer=customer_id, club=work.club_id):
        load_sitting(work, session_id).lengthened(actor)
