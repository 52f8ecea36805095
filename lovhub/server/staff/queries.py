"""Questions about staff."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from lovhub.server.search_key import search_key
from lovhub.server.staff.models import Staff


def owner_exists(db: Session, club_id: int) -> bool:
    """Whether the club is set up: somebody owns it."""
    return bool(db.scalar(select(exists().where(Staff.club_id == club_id, Staff.role == "owner"))))


def by_login(db: Session, club_id: int, login: str) -> Staff | None:
    """The person with this login, however it is spelled."""
    return db.scalars(
        select(Staff).where(Staff.club_id == club_id, Staff.login_key == search_key(login))
    ).one_or_none()
