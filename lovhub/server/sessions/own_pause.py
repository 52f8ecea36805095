"""A player's own pause, where the tariff allows one: begun at the PC, over when the same customer signs in again.

Until then nobody else sits down there, so the desk is told of a pause that lasts. Everything else is as at the desk's.
"""

from sqlalchemy import exists, select

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm
from lovhub.server.sessions import rules
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.sitting import PAUSED_LONG, sitting_on

LONG_SECONDS = 15 * 60
"""For how long a PC may stand there unpaid before the desk is asked to look."""


def pause(club: ClubContext, *, computer_id: int, customer_id: int, actor: Actor) -> None:
    """The customer at this PC lets the time stand still, and is signed out of sight.

    Refused with `not_signed_in` where it is not they who play there (a guest has no account to come back with), and
    as `Sitting.pause` is.
    """
    with club.write() as work:
        sitting = sitting_on(work, computer_id)
        if sitting is None or sitting.row.customer_id != customer_id:
            raise OperationRefused("not_signed_in")
        sitting.pause(actor, rules.PLAYER)


def tell_long(club: ClubContext) -> None:
    """Raise an alarm for each such pause that has become long, once."""
    long_since = club.clock.now() - LONG_SECONDS
    told = exists().where(
        Alarm.club_id == PlaySession.club_id,
        Alarm.at > PlaySession.settled_at,  # else it was of a pause before
        Alarm.session_id == PlaySession.id,
        Alarm.kind == PAUSED_LONG,
    )
    standing = (
        select(PlaySession)
        .where(
            PlaySession.club_id == club.club_id,
            PlaySession.state == "paused",
            PlaySession.pause_reason == rules.PLAYER,
            PlaySession.settled_at <= long_since,
            ~told,
        )
        .order_by(PlaySession.id)
    )
    with club.read() as db:
        if db.scalar(standing.limit(1)) is None:
            return
    with club.write() as work:
        for row in work.db.scalars(standing.with_for_update(key_share=True)).all():
            journal.raise_alarm(
                work,
                PAUSED_LONG,
                computer_id=row.computer_id,
                session_id=row.id,
                customer_id=row.customer_id,
            )
