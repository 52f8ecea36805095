"""Two real servers on one PostgreSQL: the one that makes tonight's backup is killed in the midst of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from bench.several_servers import SECRET_KEY, folders_of
from lovhub.clock import ManualClock
from lovhub.server.backups import rules, service
from lovhub.server.backups.folder import all_in
from lovhub.server.context import ClubContext
from lovhub.server.database.row_seals import SealKey
from lovhub.server.journal.models import Event
from tests.evening.processes import wait_for
from tests.support.club import found_club
from tests.support.databases import only_postgres as database_url
from tests.support.serving import Serving

__all__ = ["database_url"]

SOON_SECONDS = 15.0
"""A backup is looked for once a minute: whoever finds it as late has not taken it over."""

_DUMPS = """
SELECT pid FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE application_name = 'pg_dump' AND datname = current_database() AND NOT granted
"""


class Held:
    """Keeps a table to itself, one that no server asks by itself: each dump stops in its midst and waits for it."""

    def __init__(self, connection: "psycopg.Connection[tuple[int]]") -> None:
        self._connection = connection
        connection.execute("LOCK TABLE recovery_code IN ACCESS EXCLUSIVE MODE")

    def dumps(self) -> int:
        """How many wait."""
        self._connection.execute("SELECT pg_stat_clear_snapshot()")  # else it is as it was at first
        return len(self._connection.execute(_DUMPS).fetchall())

    def let_go(self) -> None:
        """They go on."""
        self._connection.rollback()


@pytest.fixture
def held(migrated_postgres_url: str) -> Iterator[Held]:
    with psycopg.connect(migrated_postgres_url.replace("+psycopg", "")) as connection:
        yield Held(connection)


@pytest.fixture
def clock() -> ManualClock:
    """The club was founded long enough ago for a backup to be due, by the clock of processes."""
    return ManualClock(int(time.time()) - 2 * 24 * 3600)


@pytest.fixture
def club(database_url: str, clock: ManualClock) -> Iterator[ClubContext]:
    """Its rows are sealed as the servers seal theirs."""
    founded = found_club(database_url, clock, SealKey(SECRET_KEY.encode()))
    yield founded
    founded.database.close()


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    server = Serving(folder)
    try:
        yield server
    finally:
        server.program.kill()


def test_a_backup_whose_server_is_killed_in_the_midst_of_it_is_made_by_another_within_seconds(
    club: ClubContext, migrated_postgres_url: str, held: Held, tmp_path: Path
) -> None:
    first_folder, second_folder = folders_of(tmp_path, [migrated_postgres_url] * 2, club.identity)
    with serving(first_folder) as first, serving(second_folder):
        wait_for("tonight's backup is under way", lambda: held.dumps() == 1, SOON_SECONDS)
        first.program.kill()
        wait_for("the other makes it", lambda: held.dumps() == 2, SOON_SECONDS)
        held.let_go()

        def made() -> list[Event]:
            with club.read() as db:
                return list(db.scalars(select(Event).where(Event.kind == "club.backup_made")))

        (event,) = wait_for("the backup is made", made)
    assert event.data["check"] == "sound"
    (backup,) = all_in(service.backups_of(second_folder))
    assert (backup.name, backup.kind) == (event.data["name"], "nightly")
    assert backup.check is not None
    assert backup.check.sound
    left = service.backups_of(first_folder)
    assert list(left.iterdir()), "it was in the midst of it"
    assert not [path for path in left.iterdir() if rules.is_name(path.name)]
    service.tidy(first_folder)  # as its next start does
    assert not list(left.iterdir())
