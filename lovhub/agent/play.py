"""The rules of a session on the PC: pure, no I/O.

The server bills; the PC counts along, shows, and stops by itself when the lease allows no more.
Everything is counted on one monotonic clock that never goes back and that all processes of one boot
share.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from lovhub.protocol.lease import Lease
from lovhub.protocol.views import SessionEnd, SessionView, TimeView

WARNING_MINUTES = (15, 5, 1)
"""The player is warned once at each."""

NIGHT_WARNING_MINUTES = (30, 10, 5, 1)
"""Where the rule on minors stops the session: somebody may have to fetch a document or a parent."""

LINK_GRACE_SECONDS = 60
"""After so long without the server, only what the lease allows is shown: more may not come."""

COUNT_DRIFT_SECONDS = 30
"""The server's count and the PC's may differ by so much without anything having been bought."""


@dataclass(frozen=True)
class ServerTime:
    """The server's clock as the PC reckons it: `told_at` (UTC epoch seconds) at `monotonic`."""

    told_at: int
    monotonic: float

    def at(self, monotonic: float) -> int:
        """The server's time at a moment of the monotonic clock."""
        return int(self.told_at + monotonic - self.monotonic)

    def moment_of(self, instant: int) -> float:
        """The moment of the monotonic clock at which the server's time is `instant`."""
        return self.monotonic + instant - self.told_at


@dataclass(frozen=True)
class Play:
    """A running session. `played` is exact up to the moment `counted_to` of the monotonic clock."""

    session_id: int
    title: str
    customer_name: str
    lease: Lease
    total_seconds: int
    played: float
    counted_to: float
    warned_minutes: int | None = None
    stops: str = ""
    grace_seconds: int = 0
    plan: tuple[TimeView, ...] = ()
    pause_allowed: bool = False

    @property
    def played_seconds(self) -> int:
        """Whole seconds played since the session's start; never more than the lease allows."""
        return int(self.played)

    def view(self, left: int) -> SessionView:
        """The session as the player is shown it at this moment, with `left` seconds."""
        return SessionView(
            session_id=self.session_id,
            state="active",
            title=self.title,
            customer_name=self.customer_name,
            seconds_left=left,
            played_seconds=self.played_seconds,
            plan=plan_left(self.plan, self.total_seconds - self.played_seconds),
            stops=self.stops,
            grace_seconds=self.grace_seconds,
            pause_allowed=self.pause_allowed,
        )


def plan_left(plan: Sequence[TimeView], left: int) -> tuple[TimeView, ...]:
    """Of what the seconds that are left consist: what was played is gone from the front."""
    found: list[TimeView] = []
    for piece in reversed(plan):
        seconds = min(piece.seconds, left)
        if seconds > 0:
            found.append(msgspec.structs.replace(piece, seconds=seconds))
            left -= seconds
    return tuple(reversed(found))


def begin(
    view: SessionView,
    lease: Lease,
    *,
    monotonic: float,
    already_played_seconds: int = 0,
    warned_minutes: int | None = None,
) -> Play:
    """The session starts, or goes on, here and now.

    `already_played_seconds` is what this PC's own journal knows; the larger of both counts, so that
    an old lease with an old count cannot be played a second time. `warned_minutes`: the last
    warning given.
    """
    played = max(view.played_seconds, already_played_seconds, 0)
    return Play(
        session_id=view.session_id,
        title=view.title,
        customer_name=view.customer_name,
        lease=lease,
        total_seconds=view.played_seconds + view.seconds_left,
        played=float(min(played, lease.seconds)),
        counted_to=monotonic,
        warned_minutes=_told_at_once(view) if warned_minutes is None else warned_minutes,
        stops=view.stops,
        grace_seconds=view.grace_seconds,
        plan=view.plan,
        pause_allowed=view.pause_allowed,
    )


def renew(play: Play, view: SessionView, lease: Lease | None) -> Play:
    """The server's newer word on the running session: a lease only raises, a count only grows."""
    if (
        lease is not None
        and lease.serial > play.lease.serial
        and lease.seconds >= play.lease.seconds
    ):
        play = replace(play, lease=lease)
    total_seconds = view.played_seconds + view.seconds_left
    if total_seconds > play.total_seconds + COUNT_DRIFT_SECONDS:
        # More time was bought: its end is announced anew.
        play = replace(play, warned_minutes=_told_at_once(view))
    played = min(max(play.played, float(view.played_seconds)), float(play.lease.seconds))
    return replace(
        play,
        title=view.title,
        customer_name=view.customer_name,
        total_seconds=total_seconds,
        stops=view.stops,
        grace_seconds=view.grace_seconds,
        plan=view.plan,
        pause_allowed=view.pause_allowed,
        played=max(play.played, played),
    )


def _told_at_once(view: SessionView) -> int | None:
    """Who has just bought ten minutes need not be told that fewer than fifteen are left."""
    if view.stops:
        return None  # of the night, and of what to do about it, everybody is told
    left = view.seconds_left
    return min((step for step in WARNING_MINUTES if step > 1 and left <= step * 60), default=None)


def advance(play: Play, *, monotonic: float, server_time: ServerTime) -> Play:
    """Count the time up to now: never past the lease's seconds, never past its `not_after`."""
    allowed_to = min(monotonic, server_time.moment_of(play.lease.not_after))
    elapsed = max(0.0, allowed_to - play.counted_to)
    played = min(play.played + elapsed, float(max(play.lease.seconds, play.played_seconds)))
    return replace(
        play, played=max(play.played, played), counted_to=max(play.counted_to, monotonic)
    )


def stop_reason(play: Play, *, monotonic: float, server_time: ServerTime) -> SessionEnd | None:
    """Why the PC must stop now, or None. To be asked of a play that was advanced to `monotonic`."""
    if play.played >= play.lease.seconds:
        return "time_over" if play.lease.seconds >= play.total_seconds else "lease_over"
    if monotonic >= server_time.moment_of(play.lease.not_after):
        return "lease_over"
    return None


def seconds_left(
    play: Play, *, monotonic: float, server_time: ServerTime, link_lost_seconds: int
) -> int:
    """What the player is shown: all that is left, or the lease's rest if the link is long lost."""
    left = play.total_seconds - play.played_seconds
    if link_lost_seconds >= LINK_GRACE_SECONDS:
        lease_left = play.lease.seconds - play.played_seconds
        until_not_after = int(server_time.moment_of(play.lease.not_after) - monotonic)
        left = min(left, lease_left, until_not_after)
    return max(0, left)


def warn(play: Play, left: int) -> tuple[Play, int | None]:
    """The warning due now, in minutes; only the smallest, when the clock jumped past several."""
    if left <= 0:
        return play, None
    steps = NIGHT_WARNING_MINUTES if play.stops else WARNING_MINUTES
    due = [minutes for minutes in steps if left <= minutes * 60]
    if not due:
        return play, None
    smallest = min(due)
    if play.warned_minutes is not None and play.warned_minutes <= smallest:
        return play, None
    return replace(play, warned_minutes=smallest), smallest
