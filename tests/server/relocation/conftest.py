"""A club with something in nearly every table, in the folder of a server that does not run."""

from pathlib import Path

import pytest

from bench.filling import EMPTY, fill
from lovhub.clock import ManualClock
from lovhub.server.applications.models import ApplicationPicture
from lovhub.server.customers.models import Customer
from lovhub.server.journal import sealing as log_sealing
from lovhub.server.ledger import sealing
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.staff import StaffMaker

AWKWARD = "Әйгерім\t«Ө»\\N\n\\.'\"%s {x} 🎮"
"""What a copy by text could stumble over."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The club's database."""
    path = tmp_path_factory.mktemp("filled") / "club.sqlite3"
    club = found_club(new_sqlite(path), ManualClock())
    fill(club, EMPTY, staff_id=StaffMaker(club).make("owner").id)
    with club.write() as work:
        work.db.get_one(Customer, 1).name = AWKWARD
        work.db.add(ApplicationPicture(club_id=1, digest="d" * 64, png=bytes(range(256))))
    sealing.seal(club)
    log_sealing.seal(club, log_sealing.Horizon(club).look())
    club.database.close()
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, filled: bytes) -> Path:
    """Its folder, with settings of its own."""
    (tmp_path / "lovhub.sqlite3").write_bytes(filled)
    (tmp_path / "config.ini").write_text(
        "; моё\n[Database]\n; Url = сюда\n[Kaspi]\nMode = off\n", encoding="utf-8"
    )
    return tmp_path
