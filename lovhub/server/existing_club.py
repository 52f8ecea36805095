"""A club that is there already, for a command that may run beside its server."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.clock import SystemClock
from lovhub.config_loader import Config
from lovhub.server.bus import Bus
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import database_url, existing_database
from lovhub.server.database.engine import Database
from lovhub.server.nodes.bus import bus_of


@contextmanager
def existing_club(folder: Path) -> Iterator[ClubContext]:
    """The club in `folder`, whose servers hear what the command does; raises as `existing_database`."""
    with (
        existing_database(folder) as (database, config),
        closing(bus_of(database_url(folder, config), config.club_id)) as bus,
    ):
        yield club_of(database, config, bus)


def club_of(database: Database, config: Config, bus: Bus) -> ClubContext:
    """The club of this database as a command has it: nothing is signed, so that any identity will do."""
    return ClubContext(
        database=database,
        clock=SystemClock(),
        bus=bus,
        identity=Ed25519PrivateKey.generate(),
        secret_key=config.secret_key.encode(),
        club_id=config.club_id,
    )
