"""The session of this PC: the rules of `play` at work with clock, journal and lease."""

import sqlite3
from dataclasses import dataclass, replace

import msgspec
import structlog

from lovhub.agent.journal import Journal, SessionRecord
from lovhub.agent.play import (
    Play,
    ServerTime,
    advance,
    begin,
    renew,
    seconds_left,
    stop_reason,
    warn,
)
from lovhub.agent.resuming import is_left, reckoned_time
from lovhub.agent.store import Membership
from lovhub.clock import Clock
from lovhub.protocol import JOURNAL_TICK_SECONDS
from lovhub.protocol.channel import ReportedSession
from lovhub.protocol.entries import SessionStopped
from lovhub.protocol.lease import Lease, LeaseRefused, SignedLease, open_lease
from lovhub.protocol.views import SessionEnd, SessionView

log = structlog.get_logger("session")


@dataclass(frozen=True)
class Tick:
    """What the passing of time brought: a stopped session, or a warning (in minutes).

    `why`: as in `SessionView.stops`.
    """

    stopped: SessionEnd | None = None
    warning_minutes: int | None = None
    why: str = ""


class SessionKeeper:
    """Holds the one session of this PC, running or paused."""

    def __init__(self, journal: Journal, clock: Clock, boot_id: str) -> None:
        self._journal = journal
        self._clock = clock
        self._boot_id = boot_id
        self._record: SessionRecord | None = None
        self._ticked_at = 0.0
        self._cut_off: Lease | None = None
        """Of a session that ran when this PC was last on."""
        self.server_time = ServerTime(told_at=clock.now(), monotonic=clock.monotonic())
        self.is_time_known = False
        """The server has told its time since this PC was started; else it is read off this PC's own clock."""
        self.play: Play | None = None
        """The running session."""
        self.paused: SessionView | None = None
        """The session that stands still."""

    @property
    def session_id(self) -> int | None:
        """The session on this PC, running or paused."""
        if self.play is not None:
            return self.play.session_id
        return self.paused.session_id if self.paused is not None else None

    @property
    def sitting_id(self) -> int | None:
        """The session that is not over as far as this PC knows, be it that it was cut off by a power cut."""
        record = self._record
        return record.view.session_id if record and record.state in {"running", "paused"} else None

    @property
    def played_seconds(self) -> int:
        """Played in the present session, in all."""
        if self.play is not None:
            return self.play.played_seconds
        return self._record.played_seconds if self._record is not None and self.paused else 0

    @property
    def last_view(self) -> SessionView | None:
        """The session that is on this PC, or was the last on it."""
        return self._record.view if self._record is not None else None

    def server_now(self) -> int:
        """The server's time as this PC reckons it, UTC epoch seconds."""
        return self.server_time.at(self._clock.monotonic())

    def server_told(self, server_time: int) -> None:
        """The server said what time it is."""
        self.server_time = ServerTime(told_at=server_time, monotonic=self._clock.monotonic())
        self.is_time_known = True

    def view(self, link_lost_seconds: int) -> SessionView | None:
        """The session as the player is shown it at this moment."""
        if self.play is None:
            return self.paused
        return self.play.view(self.left(link_lost_seconds))

    def left(self, link_lost_seconds: int) -> int:
        """Seconds left to show; 0 when nothing runs."""
        if self.play is None:
            return 0
        return seconds_left(
            self.play,
            monotonic=self._clock.monotonic(),
            server_time=self.server_time,
            link_lost_seconds=link_lost_seconds,
        )

    # --- beginning and reporting ------------------------------------------------------------------

    def recover(self, membership: Membership | None) -> None:
        """Take up what the journal holds, after a start of the agent.

        Within one boot the session simply goes on, the time without an agent included. After
        another boot it is only reported: whether it goes on is for the server to say, or, while there is none, for its
        player (`go_on`).
        """
        record = self._journal.open_session()
        self._record = record
        if record is None or membership is None:
            return
        if record.boot_id != self._boot_id:
            self._cut_off = self._open(record.lease, membership)
            return
        self.server_time = ServerTime(told_at=record.last_tick_at, monotonic=record.monotonic)
        if record.state == "paused":
            self.paused = msgspec.structs.replace(record.view, state="paused")
        lease = self._open(record.lease, membership)
        if record.state != "running" or lease is None:
            return
        self.play = begin(
            record.view,
            lease,
            monotonic=record.monotonic,
            already_played_seconds=record.played_seconds,
            warned_minutes=record.warned_minutes,
        )
        log.info("session_recovered", session_id=record.view.session_id)

    def time_to_go_on(self) -> int | None:
        """The server's time as it is reckoned, if a session that was cut off may go on here without it; else None."""
        record, lease = self._record, self._cut_off
        if record is None or lease is None or self.session_id is not None:
            return None
        now = reckoned_time(record, self._clock.wall())
        return now if now is not None and is_left(record, lease, now) else None

    def go_on(self) -> bool:
        """Its player is here, and plays the rest of the lease. False if they may not, or the disk does not take it."""
        now, record, lease = self.time_to_go_on(), self._record, self._cut_off
        if now is None or record is None or lease is None:
            return False
        record = msgspec.structs.replace(
            record,
            boot_id=self._boot_id,
            last_tick_at=now,
            monotonic=self._clock.monotonic(),
            wall_at=self._clock.wall(),
            restarted=True,
        )
        try:
            self._journal.save_session(record)
        except sqlite3.Error:
            log.exception("journal_not_written")
            return False
        self._record, self._cut_off = record, None
        self.server_time = ServerTime(told_at=now, monotonic=record.monotonic)
        self.play = begin(
            record.view,
            lease,
            monotonic=record.monotonic,
            already_played_seconds=record.played_seconds,
            warned_minutes=record.warned_minutes,
        )
        log.info("session_gone_on", session_id=record.view.session_id)
        return True

    def report(self) -> ReportedSession | None:
        """The session for the hello, as it is on disk."""
        if self.play is not None:
            self._count()
            self._save("running")
        if self._record is None or self._record.state == "over":
            return None
        if self._record.boot_id != self._boot_id and not self._record.is_told:
            # Before the server hears it: from then on the seconds may be somebody's else to play.
            self._record = msgspec.structs.replace(self._record, is_told=True)
            self._save(self._record.state)
        return ReportedSession(
            session_id=self._record.view.session_id,
            lease_serial=self._record.lease_serial,
            played_seconds=self._record.played_seconds,
            boot_id=self._record.boot_id,
            last_tick_at=self._record.last_tick_at,
            restarted=self._record.restarted,
        )

    # --- the server's word ------------------------------------------------------------------------

    def apply(self, view: SessionView, signed: SignedLease | None, membership: Membership) -> bool:
        """The session as the server wants it from now on; False if it is not for this PC to begin.

        A session that is over here begins again only with a newer lease (it was moved away and
        back), and one that this PC stopped does not before the server has taken note of the stop.
        """
        lease = self._open(signed, membership)
        if lease is not None and lease.session_id != view.session_id:
            log.warning("lease_refused", reason="made out for another session")
            lease = None
        known = self._journal.session(view.session_id)
        if known is not None and known.state in {"stopped", "over"}:
            newer = lease is not None and lease.serial > known.lease_serial
            if known.state == "stopped" or not newer:
                log.info("late_session_passed_over", session_id=view.session_id)
                return False
        if self.session_id not in {None, view.session_id}:
            self.end()
        if self._record is not None and self._record.restarted:
            self._record = msgspec.structs.replace(self._record, restarted=False)  # it has heard so
        if view.state == "paused":
            self._pause(view, known)
        elif self.play is not None:
            self._count()
            self.play = renew(self.play, view, lease)
            self._save("running", signed if lease is self.play.lease else None)
        elif lease is not None:
            self.paused = None
            self.play = begin(
                view,
                lease,
                monotonic=self._clock.monotonic(),
                already_played_seconds=known.played_seconds if known else 0,
                warned_minutes=known.warned_minutes if known else None,
            )
            self._record = self._first_record(view, signed, lease)
            self._save("running", signed)
        else:
            self._pause(view, known)
        return True

    def end(self, session_id: int | None = None) -> bool:
        """The session (or, without a number, whatever session there is) is over, says the server.

        False if there was nothing to end, or another session goes on.
        """
        if session_id is not None and self._record_id() != session_id:
            return False
        ended = self.session_id is not None
        if self._record is not None and self._record.state in {"running", "paused"}:
            if self.play is not None:
                self._count()
            self._save("over")
        self.play = None
        self.paused = None
        return ended

    def acknowledged(self, number: int) -> None:
        """The server has the facts up to `number`: a stop told in them needs no further report."""
        self._journal.acknowledge(number)
        if self._record is not None:
            self._record = self._journal.session(self._record.view.session_id) or self._record

    # --- time -------------------------------------------------------------------------------------

    def tick(self, link_lost_seconds: int) -> Tick:
        """Let the present moment have its effect."""
        if self.play is None:
            return Tick()
        self._count()
        reason = stop_reason(
            self.play, monotonic=self._clock.monotonic(), server_time=self.server_time
        )
        why = self.play.stops
        if reason is not None:
            self._stop(reason)
            return Tick(stopped=reason, why=why if reason == "time_over" else "")
        self.play, warning_minutes = warn(self.play, self.left(link_lost_seconds))
        if (
            warning_minutes is not None
            or self._clock.monotonic() - self._ticked_at >= JOURNAL_TICK_SECONDS
        ):
            self._save("running")
        return Tick(warning_minutes=warning_minutes, why=why)

    def save(self) -> None:
        """Write the present count to disk, before the agent stops."""
        if self.play is not None:
            self._count()
            self._save("running")

    def _count(self) -> None:
        if self.play is not None:
            self.play = advance(
                self.play, monotonic=self._clock.monotonic(), server_time=self.server_time
            )

    def _stop(self, reason: SessionEnd) -> None:
        """Whatever becomes of the writing, the play is over."""
        if self._record is not None:
            self._record = self._written_stop(self._record, reason)
        log.info("session_stopped", session_id=self.session_id, reason=reason)
        self.play = None

    def _written_stop(self, record: SessionRecord, reason: SessionEnd) -> SessionRecord:
        stopped = self._present_record(record, "stopped")
        fact = SessionStopped(
            number=0,
            at=self.server_now(),
            session_id=stopped.view.session_id,
            played_seconds=stopped.played_seconds,
            reason=reason,
        )
        try:
            self._journal.append(
                lambda number: msgspec.structs.replace(fact, number=number),
                lambda number: msgspec.structs.replace(stopped, stop_number=number),
            )
        except sqlite3.Error:
            log.exception("journal_not_written")
        return self._journal.session(stopped.view.session_id) or stopped

    def _pause(self, view: SessionView, known: SessionRecord | None) -> None:
        self._count()
        if self._record is None or self._record.view.session_id != view.session_id:
            self._record = known or self._first_record(view, None, None)
        if self.play is not None:
            self.play = replace(self.play, played=max(self.play.played, float(view.played_seconds)))
        self._save("paused")
        self.play = None
        # An active session without a lease may not run here either.
        self.paused = msgspec.structs.replace(view, state="paused")

    # --- the journal ------------------------------------------------------------------------------

    def _record_id(self) -> int | None:
        return self._record.view.session_id if self._record is not None else None

    def _first_record(
        self, view: SessionView, signed: SignedLease | None, lease: Lease | None
    ) -> SessionRecord:
        return SessionRecord(
            view=view,
            lease=signed,
            lease_serial=lease.serial if lease is not None else 0,
            played_seconds=view.played_seconds,
            boot_id=self._boot_id,
            last_tick_at=self.server_now(),
            monotonic=self._clock.monotonic(),
            state="running",
            wall_at=self._clock.wall(),
        )

    def _present_record(
        self, record: SessionRecord, state: str, signed: SignedLease | None = None
    ) -> SessionRecord:
        """The record brought up to this moment."""
        if self.play is None:
            return msgspec.structs.replace(record, state=state)
        total_left = max(0, self.play.total_seconds - self.play.played_seconds)
        return msgspec.structs.replace(
            record,
            view=self.play.view(total_left),
            lease=signed if signed is not None else record.lease,
            lease_serial=self.play.lease.serial,
            played_seconds=self.play.played_seconds,
            boot_id=self._boot_id,
            last_tick_at=self.server_now(),
            monotonic=self._clock.monotonic(),
            wall_at=self._clock.wall(),
            state=state,
            warned_minutes=self.play.warned_minutes,
        )

    def _save(self, state: str, signed: SignedLease | None = None) -> None:
        if self._record is None:
            return
        self._record = self._present_record(self._record, state, signed)
        self._ticked_at = self._clock.monotonic()
        try:
            self._journal.save_session(self._record)
        except sqlite3.Error:
            # A full disk must not end the player's game; the server counts in any case.
            log.exception("journal_not_written")

    def _open(self, signed: SignedLease | None, membership: Membership) -> Lease | None:
        if signed is None:
            return None
        try:
            return open_lease(
                signed, identity_key=membership.identity_key, computer_id=membership.computer_id
            )
        except LeaseRefused as error:
            log.warning("lease_refused", reason=str(error))
            return None
