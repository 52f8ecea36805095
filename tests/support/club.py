"""A founded club on a fresh database, for tests of the server's domains."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.clock import Clock
from lovhub.server.actor import Actor
from lovhub.server.bus import Bus
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from lovhub.server.ledger import service as ledger

OWNER = Actor(kind="staff", id=1, name="Айгуль", role="owner", address="127.0.0.1")
CASHIER = Actor(kind="staff", id=2, name="Данияр", role="cashier", address="127.0.0.1")


def found_club(url: str, clock: Clock) -> ClubContext:
    """Migrate the database at `url` and found the club in it."""
    database = Database(url)
    migrate(database)
    club = ClubContext(
        database=database,
        clock=clock,
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),
        secret_key=b"s" * 32,
    )
    with club.write() as work:
        club_service.found(work, name="Арена", time_zone="Asia/Almaty")
        ledger.open_club_accounts(work)
    return club
