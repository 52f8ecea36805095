"""Figures for the desk and the owner. Each asks only for the day's rows, however long the history."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.accounts import LOT_UNEARNED, PAYMENT_METHODS
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.sessions.models import PlaySession


@dataclass(frozen=True)
class Today:
    """A club day so far. Sold: time bought; received: money that came in, less what was given back. They differ."""

    since_at: int
    sold_tiyn: int
    received_tiyn: int
    sessions: int
    launches: int


def day_start(club: Club, now: int) -> int:
    """The last midnight in the club's time zone."""
    local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(club.time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return int(midnight.timestamp())


def today(db: Session, club: Club, now: int) -> Today:
    """The figures since midnight; five short queries."""
    since = day_start(club, now)
    methods = [method.name for method in PAYMENT_METHODS.values()]
    return Today(
        since_at=since,
        sold_tiyn=_moved(db, club.id, since, LedgerTransfer.credit_account_id, [LOT_UNEARNED.name]),
        received_tiyn=_moved(db, club.id, since, LedgerTransfer.debit_account_id, methods)
        - _moved(db, club.id, since, LedgerTransfer.credit_account_id, methods),
        sessions=db.scalars(
            select(func.count()).where(
                PlaySession.club_id == club.id, PlaySession.started_at >= since
            )
        ).one(),
        launches=db.scalars(
            select(func.count()).where(Launch.club_id == club.id, Launch.started_at >= since)
        ).one(),
    )


def _moved(db: Session, club_id: int, since: int, side: object, kinds: list[str]) -> int:
    """The sum of the day's transfers whose `side` is an account of one of these kinds."""
    total = db.scalars(
        select(func.coalesce(func.sum(LedgerTransfer.amount), 0))
        .join(LedgerPosting, LedgerPosting.id == LedgerTransfer.posting_id)
        .join(LedgerAccount, and_(LedgerAccount.id == side, LedgerAccount.kind.in_(kinds)))
        .where(LedgerPosting.club_id == club_id, LedgerPosting.at >= since)
    ).one()
    return int(total)
