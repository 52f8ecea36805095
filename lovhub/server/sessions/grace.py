"""When the time is over, a PC keeps the player's games open for a while. A sitting that begins there within it goes on.

No time is given and nothing is billed: the sitting before is over. Only the PC is told whose games it may give back.
"""

from sqlalchemy import bindparam, select

from lovhub.server.context import Work
from lovhub.server.database.prepared import Query
from lovhub.server.sessions.models import PlaySession

SLACK_SECONDS = 15
"""A PC may have stopped a little later than the server; whether the games are still open it knows itself."""

_LAST_HERE = Query(
    select(
        PlaySession.id,
        PlaySession.state,
        PlaySession.end_reason,
        PlaySession.ended_at,
        PlaySession.customer_id,
        PlaySession.guest_name,
    )
    .where(PlaySession.computer_id == bindparam("computer"))
    .order_by(PlaySession.id.desc())
    .limit(1)
)


def continued(
    work: Work,
    computer_id: int,
    *,
    customer_id: int | None,
    guest_name: str,
    grace_seconds: int,
) -> int | None:
    """The sitting at this PC with which a new one of this player goes on; None if it is a new beginning."""
    if not grace_seconds:
        return None
    last = _LAST_HERE.first(work.db, computer=computer_id)
    if last is None:
        return None
    session_id, state, end_reason, ended_at, whose, guest = last
    if (state, end_reason) != ("ended", "time_over"):
        return None
    if ended_at is None or work.now - ended_at > grace_seconds + SLACK_SECONDS:
        return None
    if whose != customer_id:
        return None
    return session_id if customer_id is not None or guest == guest_name else None
