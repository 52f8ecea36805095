"""The log copied as it grows: what was committed a moment ago is there when the disk is not."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.backups import archive, continuous, folder, keys, sealing, service
from lovhub.server.backups.continuous import Continuous, take
from lovhub.server.context import ClubContext
from lovhub.server.database.backup import copy_database
from lovhub.server.database.engine import Database
from lovhub.server.errors import OperationRefused
from tests.support.club import People, lay_backups_in
from tests.support.databases import new_sqlite

PHRASE = "длинный пароль для копий"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """PostgreSQL copies its log by its own means."""
    return new_sqlite(tmp_path / "club.sqlite3")


@pytest.fixture
def second(club: ClubContext, tmp_path: Path) -> Path:
    return lay_backups_in(club, tmp_path / "second")


@pytest.fixture
def copying(club: ClubContext, data: Path) -> Continuous:
    return Continuous(club, data, is_on=True)


def customers(second: Path, tmp_path: Path) -> list[str]:
    """Who is in the database that the second folder gives back."""
    elsewhere = tmp_path / "elsewhere"
    database = elsewhere / "database"
    elsewhere.mkdir(exist_ok=True)
    taken = take(second, elsewhere, 1_800_000_000, lambda: PHRASE)
    archive.extract_database(taken, database, passphrase=PHRASE)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [name for (name,) in connection.execute("SELECT name FROM customer ORDER BY id")]


def generations(second: Path) -> list[str]:
    (live,) = second.iterdir()
    return sorted(path.name for path in live.iterdir())


def test_what_was_committed_is_there_and_what_was_not_yet_copied_is_not(
    copying: Continuous, people: People, second: Path, tmp_path: Path, clock: ManualClock
) -> None:
    people.customer(name="До")
    assert copying.behind_seconds(clock.now() + 7) == 7
    copying.look()
    for number in range(3):
        people.customer(name=f"После {number}")
        copying.look()
    assert copying.behind_seconds(clock.now() + 9) == 9
    people.customer(name="Позже")
    assert customers(second, tmp_path) == ["До", "После 0", "После 1", "После 2"]
    copying.stop()  # an orderly end loses nothing
    assert customers(second, tmp_path)[-1] == "Позже"
    assert generations(second) == ["000001"]


def test_a_reader_in_the_way_of_a_generations_begin_costs_nothing(
    club: ClubContext, copying: Continuous, people: People, second: Path, tmp_path: Path
) -> None:
    people.customer(name="До")
    with closing(sqlite3.connect(str(club.database.engine.url.database))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM customer").fetchall()
        copying.look()  # the log is in the database, and cannot be emptied
    people.customer(name="После")
    copying.look()
    assert customers(second, tmp_path) == ["До", "После"]
    copying.stop()


def test_a_log_that_is_begun_over_its_old_end_is_copied_as_far_as_it_is_said(
    club: ClubContext,
    copying: Continuous,
    people: People,
    second: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people.customer(name="До")
    reader = sqlite3.connect(str(club.database.engine.url.database))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM customer").fetchall()

    def copy_and_sell(database: Database, copy: Path) -> None:
        copy_database(database, copy)
        reader.close()  # now nobody is in the way of who begins the log anew
        people.customer(name="Пока копировалось")

    monkeypatch.setattr(continuous, "copy_database", copy_and_sell)
    copying.look()
    people.customer(name="После")  # said where the log was long before
    copying.look()
    assert customers(second, tmp_path) == ["До", "Пока копировалось", "После"]
    copying.stop()


def test_what_is_undone_is_no_part_of_the_copied_log(
    club: ClubContext, copying: Continuous, people: People, second: Path, tmp_path: Path
) -> None:
    copying.look()
    people.customer(name="До")
    with closing(sqlite3.connect(str(club.database.engine.url.database))) as writer:
        writer.isolation_level = None
        writer.execute("PRAGMA cache_size = 10")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("CREATE TABLE undone (data BLOB)")
        writer.execute(
            "INSERT INTO undone VALUES (zeroblob(1000000))"
        )  # the log has the most of it
        copying.look()
        writer.execute("ROLLBACK")
    people.customer(name="После")
    copying.look()
    assert customers(second, tmp_path) == ["До", "После"]
    copying.stop()


def test_a_page_that_is_being_written_is_no_part_of_the_copied_log(
    club: ClubContext, copying: Continuous, people: People, second: Path, tmp_path: Path
) -> None:
    """SQLite writes of each page first what page it is, with the commit's mark on the last one, and then the page."""
    copying.look()
    people.customer(name="До")
    log = Path(f"{club.database.engine.url.database}-wal")
    salts = log.read_bytes()[16:24]
    with log.open("ab") as file:
        file.write(bytes([0, 0, 0, 1, 0, 0, 0, 9]) + salts + bytes(8 + 4096))
    copying.look()
    people.customer(name="После")
    copying.look()
    assert customers(second, tmp_path) == ["До", "После"]
    copying.stop()


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_torn_copy_of_the_log_costs_its_end_only(
    copying: Continuous, people: People, data: Path, second: Path, tmp_path: Path, is_sealed: bool
) -> None:
    if is_sealed:
        sealing.write_key(data, sealing.derive(PHRASE))
    copying.look()
    for number in range(6):
        people.customer(name=str(number))
        copying.look()
    copying.stop()
    (live,) = second.iterdir()
    log = live / "000001" / ("log.sealed" if is_sealed else "base.sqlite3-wal")
    whole = log.read_bytes()
    seen = set()
    for part in range(10):
        log.write_bytes(whole[: len(whole) * part // 10] + b"\0" * 100)
        found = customers(second, tmp_path)
        assert found == [str(number) for number in range(len(found))]
        seen.add(len(found))
    assert len(seen) > 3


def test_a_long_log_begins_a_new_generation_and_nothing_is_lost_in_between(
    copying: Continuous,
    people: People,
    second: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(continuous, "LARGEST_LOG_BYTES", 100_000)
    for number in range(12):
        people.customer(name=str(number))
        copying.look()
        assert customers(second, tmp_path)[-1] == str(number)
    assert len(generations(second)) == 1
    assert int(generations(second)[0]) > 1
    copying.stop()


def test_other_programs_that_empty_the_log_lose_nothing(
    copying: Continuous, club: ClubContext, people: People, second: Path, tmp_path: Path
) -> None:
    copying.look()
    for number in range(4):
        people.customer(name=str(number))
        path = str(club.database.engine.url.database)
        with closing(sqlite3.connect(path, timeout=0)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        copying.look()
    assert customers(second, tmp_path) == ["0", "1", "2", "3"]
    copying.stop()


def test_a_folder_that_goes_away_is_taken_up_again_from_the_beginning(
    copying: Continuous, people: People, second: Path, tmp_path: Path, clock: ManualClock
) -> None:
    copying.look()
    away = second.rename(tmp_path / "away")
    people.customer(name="Пока её нет")
    copying._try()
    assert copying._log_bytes() == 0  # it does not grow for that
    assert copying.behind_seconds(clock.now() + 400) == 400
    shutil.rmtree(away)
    second.mkdir()
    copying._try()
    assert customers(second, tmp_path) == ["Пока её нет"]
    copying.stop()


def test_under_a_passphrase_nobody_else_reads_the_copy(
    copying: Continuous, people: People, data: Path, second: Path, tmp_path: Path
) -> None:
    people.customer(name="Ерлан до")
    copying.look()
    (live,) = second.iterdir()
    assert "Ерлан до".encode() in (live / "000001" / "base.sqlite3").read_bytes()
    sealing.write_key(data, sealing.derive(PHRASE))
    copying.look()  # begun anew: what lay there in the clear goes
    people.customer(name="Ерлан после")
    copying.look()
    assert generations(second) == ["000002"]
    for path in (live / "000002").iterdir():
        assert "Ерлан".encode() not in path.read_bytes(), path
    assert customers(second, tmp_path) == ["Ерлан до", "Ерлан после"]
    with pytest.raises(OperationRefused) as refused:
        take(second, tmp_path / "new", 1_800_000_000, lambda: PHRASE + "!")
    assert refused.value.values == {"phrase": "passphrase_wrong"}
    sealing.write_key(data, sealing.derive(PHRASE + " новый"))
    copying.look()
    people.customer(name="Ерлан потом")
    copying.stop()
    taken = take(second, data, 1_800_000_000, lambda: "")  # its own club is not asked
    archive.extract_database(taken, tmp_path / "plain", key=sealing.read_key(data))
    assert "Ерлан потом".encode() in (tmp_path / "plain").read_bytes()


def test_the_keys_go_along_sealed_and_nobody_elses_club_is_taken(
    copying: Continuous, data: Path, second: Path, tmp_path: Path
) -> None:
    (data / "identity.pem").write_bytes(b"the identity")
    sealing.write_key(data, sealing.derive(PHRASE))
    copying.look()
    copying.stop()
    target = tmp_path / "new"
    taken = take(second, target, 1_800_000_000, lambda: PHRASE)
    assert archive.needs_passphrase(taken, None), "on the new machine, too"
    sealed = archive.sealed_keys(taken)
    assert sealed is not None
    assert keys.opened(sealed, PHRASE) == {"identity.pem": b"the identity"}
    assert folder.find(service.backups_of(target), taken.name).club_name == "Арена"
    (live,) = second.iterdir()
    shutil.copytree(live, second / "live-000000000000")
    with pytest.raises(OperationRefused, match="backup_unknown"):
        take(second, target, 1_800_000_000, lambda: PHRASE)
    assert take(live, target, 1_800_000_001, lambda: PHRASE).exists()
    (live / "000001" / "about.json").unlink()
    with pytest.raises(OperationRefused, match="backup_unknown"):
        take(live, target, 1_800_000_002, lambda: PHRASE)
