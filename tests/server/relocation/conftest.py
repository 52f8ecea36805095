"""Two clubs with something in every table and every column of it, in the folder of a server that does not run."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, insert, select
from sqlalchemy.orm import Session

from bench.filling import EMPTY, fill
from lovhub.clock import ManualClock
from lovhub.server.customers.models import Customer
from lovhub.server.database.tables import Base
from lovhub.server.journal import sealing as log_sealing
from lovhub.server.ledger import sealing
from tests.support.club import found_another_club, found_club
from tests.support.databases import new_sqlite
from tests.support.staff import StaffMaker

AWKWARD = "Әйгерім\t«Ө»\\N\n\\.'\"%s {x} 🎮"
"""What a copy by text could stumble over."""

CHOSEN: dict[str, dict[str, Any]] = {
    "computer_condition": {"kind": "kept"},
    "share_request": {"of_club_id": 2, "state": "refused"},
}
"""What a column's type does not tell, by table."""


def in_every_table(db: Session) -> None:
    """A row for each table that has none yet, with a value in each column."""
    for table in Base.metadata.sorted_tables:
        if db.execute(select(table).limit(1)).first() is None:
            chosen = CHOSEN.get(table.name, {})
            row = {one.name: chosen.get(one.name, _value(db, one)) for one in table.columns}
            db.execute(insert(table).values(row))


def _value(db: Session, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return db.scalar(select(key.column).order_by(key.column).limit(1))
    kinds: tuple[tuple[type, Any], ...] = (
        (JSON, {"ё": [1, None]}),
        (Boolean, True),
        (LargeBinary, bytes(range(256))),
        (String, AWKWARD),
        (Integer, 7),
    )
    return next(value for kind, value in kinds if isinstance(column.type, kind))


def empty_tables(db: Session) -> list[Table]:
    """Those without a row."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if db.execute(select(table).limit(1)).first() is None
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The clubs' database."""
    path = tmp_path_factory.mktemp("filled") / "club.sqlite3"
    club = found_club(new_sqlite(path), ManualClock())
    fill(club, EMPTY, staff_id=StaffMaker(club).make("owner").id)
    with club.write() as work:
        work.db.get_one(Customer, 1).name = AWKWARD
    found_another_club(club.database, club.clock, club_id=2)
    sealing.seal(club)
    log_sealing.seal(club, log_sealing.Horizon(club).look())
    with club.database.write() as db:
        in_every_table(db)
    with club.read() as db:
        assert empty_tables(db) == []
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
