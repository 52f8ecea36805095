"""The person whose staff session a request carries, as Flask-Login wants to see them."""

from dataclasses import dataclass

import structlog
from flask_login import UserMixin
from sqlalchemy.exc import DBAPIError

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.staff import rules
from lovhub.server.staff import service as staff_service
from lovhub.server.staff.person import Person, SignIn
from lovhub.server.staff.rules import Duty

log = structlog.get_logger("web")


@dataclass(frozen=True, eq=False)
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A member of staff with a live session. `duty`: what they must do before anything else.

    `allowed`: from where people may work, as the club's settings have it. `is_overdue`: they signed in so long ago that
    the password comes first.
    """

    staff: Person
    session: SignIn
    actor: Actor
    duty: Duty | None
    allowed: str
    is_overdue: bool

    def get_id(self) -> str:
        """Who it is, for Flask-Login; our own session says who is signed in, so it is never stored."""
        return str(self.staff.id)


def find(club: ClubContext, token: str, address: str) -> SignedIn | None:
    """The person behind a session's token; None if the session is over."""
    found = staff_service.session_by_token(club, token)
    if found is None:
        return None
    try:
        staff_service.keep_signed_in(club, found.session)
    except DBAPIError as error:
        # A disk that is full must not keep people from looking: they stay signed in until their session ends.
        log.warning("sign_in_not_kept", staff_id=found.person.id, why=str(error.orig))
    actor = staff_service.actor_of(found.person, address)
    is_overdue = rules.is_overdue(club.clock.now(), found.session.created_at)
    return SignedIn(found.person, found.session, actor, found.duty, found.allowed, is_overdue)
