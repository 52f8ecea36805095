"""Games that stay open behind the lock for a while when the time is over, so that whoever pays is back in the match.

Nothing of it is on disk: after a start of the agent the games of a session that is over are closed.
"""

import math
from dataclasses import dataclass

from lovhub.protocol.views import CustomerView, SessionView


@dataclass(frozen=True)
class Grace:
    """Whose games are open, and until which moment of the monotonic clock. `customer_id` is None for a guest."""

    session_id: int
    customer_id: int | None
    until: float

    def seconds_left(self, monotonic: float) -> int:
        """Whole seconds that are left, rounded up: none only when it is over."""
        return max(0, math.ceil(self.until - monotonic))

    def is_for(self, session: SessionView) -> bool:
        """Whether this session goes on with the one whose games are open."""
        return session.continues == self.session_id

    def is_of(self, customer: CustomerView | None) -> bool:
        """Whether nobody else has signed in."""
        return customer is None or customer.customer_id == self.customer_id


def grace_after(
    ended: SessionView | None, reason: str, customer: CustomerView | None, monotonic: float
) -> Grace | None:
    """What follows on a session's end: only time that is over is worth waiting for a payment."""
    if ended is None or reason != "time_over" or ended.grace_seconds <= 0:
        return None
    return Grace(
        session_id=ended.session_id,
        customer_id=None if customer is None else customer.customer_id,
        until=monotonic + ended.grace_seconds,
    )
