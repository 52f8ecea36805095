"""The club's own settings."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.context import Work
from lovhub.server.ledger import service as ledger


def found(
    work: Work, *, name: str, time_zone: str, currency: str = "KZT", language: str = "ru"
) -> Club:
    """Create the club, once, in the set-up's transaction."""
    club = Club(
        id=work.club_id,
        name=name,
        time_zone=time_zone,
        currency=currency,
        language=language,
        created_at=work.now,
    )
    work.db.add(club)
    work.db.flush()
    return club


def get(db: Session, club_id: int) -> Club:
    """The club. It exists from the first migration on."""
    return db.scalars(select(Club).where(Club.id == club_id)).one()


def found_if_missing(work: Work) -> None:
    """Found the club with what a club in Kazakhstan starts from; the owner changes it later."""
    if work.db.get(Club, work.club_id) is not None:
        return
    found(work, name="LoVHub", time_zone="Asia/Almaty")
    ledger.open_club_accounts(work)


def exists(db: Session, club_id: int) -> bool:
    """Whether the club has been founded."""
    return db.get(Club, club_id) is not None
