"""People at the desk as rows, for tests that need somebody with a number and a name."""

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.search_key import search_key
from lovhub.server.staff.models import Staff


def hire(club: ClubContext, name: str, role: str = "cashier") -> Actor:
    """Somebody of the staff, who cannot sign in."""
    with club.write() as work:
        person = Staff(
            club_id=work.club_id,
            login=name,
            login_key=search_key(name),
            name=name,
            role=role,
            password_hash="",
            created_at=work.now,
        )
        work.db.add(person)
        work.db.flush()
        return Actor(kind="staff", id=person.id, name=name, role=role, address="127.0.0.1")
