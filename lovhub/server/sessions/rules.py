"""How a session spends bought time. Pure: rows in, decisions out; no clock, no database.

A session draws on lots. Each lot's seconds are at any moment in one of these places, and every decision is a
list of moves between them, so consumed + available + held + returned + expired = granted, always:

    available --reserve--> held --consume--> consumed
        ^------give back-----'

The PC gets a lease over what is held. While the PC is linked, the server's clock says how much of it is
used; while it is silent, nothing is settled and what is held stays held, until the PC's own count arrives or
a person releases it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lovhub.server.sessions.lot_seconds import (
    LotSeconds,
    Move,
    after_running,
    held_seconds,
    opening_in,
    playable,
    seconds_left,
)
from lovhub.server.tariffs.metering import Meter

State = Literal["active", "paused", "unreachable", "ended"]

LEASE_SLACK_SECONDS = 30
"""A lease is good for so much longer than its seconds need, so that a slow network cuts nobody short."""

SHORT_REPORT_SECONDS = 30
"""A PC that kept running but reports so much less than the server's clock says is worth a look."""

MOST_GIVEN_SECONDS = 4 * 3600
"""The most that the desk gives without money at one time."""

PLAYER = "player"
"""The reason of a pause that the player has asked for."""

LEFT_BY_CHOICE = ("signed_out", "ended_by_desk")
"""Ends after which the rest of a package that does not keep it is gone. Who lost power or moved keeps it."""


@dataclass(frozen=True)
class Session:
    """What the rules need to know of a session. Instants in UTC epoch seconds, the rest in seconds.

    `played_seconds` is settled; `leased_seconds` is the newest lease, counted from the session's start.
    """

    state: State
    settled_at: int
    played_seconds: int = 0
    leased_seconds: int = 0
    lease_serial: int = 0
    lease_issued_at: int | None = None
    lease_not_after: int | None = None
    due_at: int | None = None
    unreachable_since_at: int | None = None
    pause_reason: str = ""
    ended_at: int | None = None
    end_reason: str = ""


@dataclass(frozen=True)
class Decision:
    """What the session is from now on, which seconds move, and what a person should look at.

    `meter`: what a sitting by the minute has cost and reserves from now on; None if nothing about it changes.
    """

    session: Session
    moves: tuple[Move, ...] = ()
    meter: Meter | None = None
    alarm: str = ""
    alarm_seconds: int = 0


def left_now(session: Session, lots: Sequence[LotSeconds], *, now: int) -> list[LotSeconds]:
    """The lots without what the clock has run since the last settlement, if it runs."""
    elapsed = _elapsed(session, lots, now) if session.state == "active" else 0
    return after_running(lots, elapsed, session.settled_at)


def extra_seconds_problem(seconds: int) -> str:
    """Why so much time is not given without money; "" if it is. More than that is a slip of the finger."""
    return "" if 60 <= seconds <= MOST_GIVEN_SECONDS else "minutes_out_of_range"


def begin(lots: Sequence[LotSeconds], *, now: int, lease_seconds: int) -> Decision:
    """A session starts now. The caller has checked that there are seconds."""
    return _lease(Session(state="active", settled_at=now), lots, (), now, lease_seconds)


def tick(session: Session, lots: Sequence[LotSeconds], *, now: int, lease_seconds: int) -> Decision:
    """Settle an active session by the server's clock, then renew the lease, or end at zero."""
    settled, lots, moves = _settle(session, lots, _elapsed(session, lots, now), now)
    return _lease(settled, lots, moves, now, lease_seconds)


def free_reserve(session: Session, lots: Sequence[LotSeconds], *, now: int) -> Decision:
    """Settle by the clock, and let go what is reserved of the balance; a `tick` of the same operation reserves anew."""
    settled, lots, moves = _settle(session, lots, _elapsed(session, lots, now), now)
    by_minute = [lot for lot in lots if lot.meter is not None]
    leased = settled.played_seconds + held_seconds(lots) - held_seconds(by_minute)
    return Decision(
        replace(settled, leased_seconds=leased), moves + _give_back(by_minute), _meter(lots)
    )


def pause(session: Session, lots: Sequence[LotSeconds], *, now: int, reason: str) -> Decision:
    """Stand still: settle by the clock and give back what is held.

    At a player's own pause the second that has begun is played, or pausing within every second would cost nothing.
    """
    until = now + 1 if reason == PLAYER else now
    settled, lots, moves = _settle(session, lots, _elapsed(session, lots, until), now)
    if seconds_left(lots) == 0:
        return _end(settled, lots, moves, now, "time_over")
    return _pause(settled, lots, moves, reason)


def resume(
    session: Session, lots: Sequence[LotSeconds], *, now: int, lease_seconds: int
) -> Decision:
    """Go on after a pause."""
    going_on = replace(session, state="active", settled_at=now, pause_reason="")
    return _lease(going_on, lots, (), now, lease_seconds)


def end(session: Session, lots: Sequence[LotSeconds], *, now: int, reason: str) -> Decision:
    """Stop for good: settle by the clock if it was running, give back what is held."""
    if session.state == "active":
        session, lots, moves = _settle(session, lots, _elapsed(session, lots, now), now)
        if seconds_left(lots) == 0:
            reason = "time_over"
    else:
        moves = ()
    return _end(session, lots, moves, now, reason)


def silence(session: Session, *, now: int, silence_rule: str) -> Decision:
    """The PC of an active session is no longer linked. Nothing moves: it may be playing on its lease."""
    due_at = None if silence_rule == "wait" else session.lease_not_after
    return Decision(replace(session, state="unreachable", unreachable_since_at=now, due_at=due_at))


def lease_over(
    session: Session,
    lots: Sequence[LotSeconds],
    *,
    now: int,
    silence_rule: str,
    seen_seconds: int = 0,
) -> Decision:
    """A silent PC's lease has run out without a word, and the owner has a rule for that; see `release`."""
    if silence_rule == "consume":
        seen_seconds = session.played_seconds + held_seconds(lots)
    session, lots, moves = _settle_seen(session, lots, seen_seconds)
    return _end(session, lots, moves, now, "lease_over")


def release(
    session: Session, lots: Sequence[LotSeconds], *, now: int, seen_seconds: int = 0
) -> Decision:
    """The desk gives back what a silent PC holds; whatever it reports later is an alarm.

    `seen_seconds`: how much the server has seen it play, in all. That is played: pulling the cable gains nothing.
    """
    session, lots, moves = _settle_seen(session, lots, seen_seconds)
    return _end(session, lots, moves, now, "released")


def _settle_seen(
    session: Session, lots: Sequence[LotSeconds], seen_seconds: int
) -> tuple[Session, list[LotSeconds], tuple[Move, ...]]:
    played = _within_lease(session, seen_seconds) - session.played_seconds
    return _settle(session, lots, played, session.settled_at + played)


def report(  # noqa: PLR0913 - all that a PC and its club have to say of it
    session: Session,
    lots: Sequence[LotSeconds],
    *,
    now: int,
    played_seconds: int,
    same_boot: bool,
    elsewhere: bool,
    power_cut_rule: str,
    lease_seconds: int,
    restarted: bool = False,
) -> Decision:
    """A silent PC is back and reports its cumulative count.

    The count is monotone and never goes beyond the lease. Same boot: only the link was lost, the session
    goes on. Another boot: the PC lost power, and the owner's rule says what follows. `restarted`: it lost power, but
    its player has gone on since by their password: the session goes on, and the clock says nothing about the time
    without power. `elsewhere`: the customer plays on another PC by now, so this session ends.
    """
    played = _within_lease(session, played_seconds) - session.played_seconds
    alarm, alarm_seconds = "", 0
    if same_boot and not restarted:
        missing = _elapsed(session, lots, now) - played
        if missing > SHORT_REPORT_SECONDS:
            alarm, alarm_seconds = "report_short", missing
        elif missing > 0:
            # It never stopped running. Too little to raise an alarm is also too much to give away: the link
            # can be cut every half a minute, all evening long.
            played += missing
    settled, lots, moves = _settle(session, lots, played, now)
    settled = replace(settled, unreachable_since_at=None)
    if elsewhere:
        decision = _end(settled, lots, moves, now, "moved")
    elif seconds_left(lots) == 0:
        decision = _end(settled, lots, moves, now, "time_over")
    elif same_boot or restarted or power_cut_rule == "run_on":
        going_on = replace(settled, state="active")
        decision = _lease(going_on, lots, moves, now, lease_seconds)
    elif power_cut_rule == "end":
        decision = _end(settled, lots, moves, now, "power_cut")
    else:
        decision = _pause(settled, lots, moves, "power_cut")
    return replace(decision, alarm=alarm, alarm_seconds=alarm_seconds)


def late_report(session: Session, lots: Sequence[LotSeconds], *, played_seconds: int) -> Decision:
    """A PC reports more than was settled of a session that no longer runs (released, ended, paused).

    What is still there is consumed after all; what is not, was given away in the meantime: an alarm.
    """
    beyond = _within_lease(session, played_seconds) - session.played_seconds
    if beyond <= 0:
        return Decision(session)
    moves: list[Move] = []
    wanted, meter = beyond, None
    for lot in lots:
        at = session.settled_at + beyond - wanted
        there = lot.available if lot.meter is None else lot.meter.seconds_from(at)
        taken = min(wanted, there)
        if taken:
            moves += [Move(lot.lot_id, "reserve", taken), Move(lot.lot_id, "consume", taken)]
            wanted -= taken
            meter = None if lot.meter is None else lot.meter.played(at, taken)
    taken = beyond - wanted
    charged = replace(
        session,
        played_seconds=session.played_seconds + taken,
        settled_at=session.settled_at + taken,
    )
    return Decision(charged, tuple(moves), meter, alarm="late_report", alarm_seconds=beyond)


def stopped(
    session: Session,
    lots: Sequence[LotSeconds],
    *,
    now: int,
    played_seconds: int,
    reason: str,
) -> Decision:
    """The PC closed the session by itself, at zero or at its lease's end, and says how much was played.

    Of a PC that is linked, never less than the server's clock says: that one bills.
    """
    counted = played_seconds
    if session.state == "active":
        counted = max(counted, session.played_seconds + _elapsed(session, lots, now))
    played = _within_lease(session, counted) - session.played_seconds
    settled, lots, moves = _settle(session, lots, played, now)
    return _end(settled, lots, moves, now, "time_over" if seconds_left(lots) == 0 else reason)


def _within_lease(session: Session, played_seconds: int) -> int:
    return min(max(played_seconds, session.played_seconds), session.leased_seconds)


def _elapsed(session: Session, lots: Sequence[LotSeconds], now: int) -> int:
    """Seconds run since the last settlement; the lease is the most a PC can have played."""
    return min(max(0, now - session.settled_at), held_seconds(lots))


def _settle(
    session: Session, lots: Sequence[LotSeconds], seconds: int, now: int
) -> tuple[Session, list[LotSeconds], tuple[Move, ...]]:
    """Consume `seconds` of what is held, in the order of use. There are never more than that held."""
    if seconds > held_seconds(lots):
        raise ValueError(f"{seconds - held_seconds(lots)} seconds more than the session holds")
    after = after_running(lots, seconds, session.settled_at)
    moves = tuple(
        Move(lot.lot_id, "consume", lot.held - left.held)
        for lot, left in zip(lots, after, strict=True)
        if lot.held > left.held
    )
    settled = replace(session, played_seconds=session.played_seconds + seconds, settled_at=now)
    return settled, after, moves


def _give_back(lots: Sequence[LotSeconds]) -> tuple[Move, ...]:
    return tuple(Move(lot.lot_id, "give_back", lot.held) for lot in lots if lot.held)


def _end(
    session: Session,
    lots: Sequence[LotSeconds],
    moves: tuple[Move, ...],
    now: int,
    reason: str,
) -> Decision:
    ended = replace(
        session, state="ended", ended_at=now, end_reason=reason, due_at=None, pause_reason=""
    )
    return Decision(ended, moves + _give_back(lots), _meter(lots))


def _pause(
    session: Session, lots: Sequence[LotSeconds], moves: tuple[Move, ...], reason: str
) -> Decision:
    paused = replace(session, state="paused", pause_reason=reason, due_at=None)
    return Decision(paused, moves + _give_back(lots), _meter(lots))


def _meter(lots: Sequence[LotSeconds], now: int = 0, seconds: int = 0) -> Meter | None:
    """The meter of a session, with so many seconds reserved from now on; none, if nothing is said."""
    for lot in lots:
        if lot.meter is not None:
            return lot.meter.reserved(now, seconds)
    return None


def _lease(
    session: Session,
    lots: Sequence[LotSeconds],
    moves: tuple[Move, ...],
    now: int,
    lease_seconds: int,
) -> Decision:
    """Hold a full lease in the order of use, and say when to look again: a third of a lease on, or at zero.

    And when the hours of something begin that is played earlier.
    """
    if seconds_left(lots) == 0:
        return _end(session, lots, moves, now, "time_over")
    wanted, changed = max(lease_seconds, held_seconds(lots)), []
    meter = None
    for lot, seconds in zip(lots, playable(lots), strict=True):
        kept = min(wanted, seconds)
        if lot.meter is not None:
            # Whatever comes earlier is reserved whole before any of this is.
            begins = now + max(lease_seconds, held_seconds(lots)) - wanted
            meter = lot.meter.reserved(begins, kept)
        wanted -= kept
        if kept > lot.held:
            changed.append(Move(lot.lot_id, "reserve", kept - lot.held))
        elif kept < lot.held:
            # Something that is played earlier was bought since, or this one expires before it could be played.
            changed.append(Move(lot.lot_id, "give_back", lot.held - kept))
    held = min(max(lease_seconds, held_seconds(lots)), seconds_left(lots))
    everything_held = held == seconds_left(lots)
    look_after = held if everything_held else min(held, max(1, lease_seconds // 3))
    leased = replace(
        session,
        leased_seconds=session.played_seconds + held,
        lease_serial=session.lease_serial + 1,
        lease_issued_at=now,
        lease_not_after=now + held + LEASE_SLACK_SECONDS,
        due_at=now + min([look_after, *opening_in(lots)]),
    )
    return Decision(leased, moves + tuple(changed), meter)
