"""Every version's database is upgraded to the newest, and its books say what they said."""

import json
from pathlib import Path

import pytest

from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import current_revision, head_revision, migrate
from lovhub.server.database.tables import Base
from lovhub.server.journal import standing
from lovhub.server.ledger.check import check_ledger
from tests.support import kept_databases

KEPT = kept_databases.all_kept()


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name.removesuffix(".sql.gz"))
def test_a_kept_database_is_upgraded_and_its_books_say_what_they_said(
    kept: Path, tmp_path: Path
) -> None:
    path = tmp_path / "club.sqlite3"
    kept_databases.read(kept, path)
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        revision = current_revision(connection)
    assert kept.name.endswith(f"-{revision}.sql.gz"), "its name tells how old it is"
    migrate(database, tmp_path / "backups")
    was_older = revision != head_revision()
    assert len(list(tmp_path.glob("backups/*"))) == was_older, "a copy is made before"
    with database.read() as db:
        assert current_revision(db.connection()) == head_revision()
        assert check_ledger(db) == []
        told = standing.replayed(db)
        for name in standing.WATCHED:
            watched = set(standing.reader(Base.metadata.tables[name]).told_as.values())
            for values in told.get(name, {}).values():
                assert values.keys() == watched, "a new column is taken up by its migration"
        now = kept_databases.figures(db.connection())
    database.close()
    beside = kept.with_name(kept.name.replace(".sql.gz", ".json"))
    if int(revision or 0) < 66:
        assert now["journal"].pop("rows.taken_up") == [5, 1]
    assert now == json.loads(beside.read_text(encoding="utf-8"))


def test_there_is_one_and_it_is_lively() -> None:
    assert KEPT
    for kept in KEPT:
        said = json.loads(kept.with_name(kept.name.replace(".sql.gz", ".json")).read_text())
        assert len(said["postings"]) > 20, "all kinds of money"
        assert len(said["journal"]) > 25
        assert said["launches"]["all"][0] > 0
        assert kept.stat().st_size < 200 * 1024
