"""Each row for which nothing else vouches bears a seal: who edits it with another program is found, and stays found."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club, DemoItem
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers import owing
from lovhub.server.customers.models import Customer
from lovhub.server.database import new_rows, row_seals
from lovhub.server.database.engine import Database
from lovhub.server.database.prepared import Change
from lovhub.server.database.row_seals import SealKey
from lovhub.server.database.sealed_tables import ROW_SEAL, SEALED
from lovhub.server.database.tables import Base
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.ledger import words
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.difference import Difference
from tests.support.club import People, found_another_club, found_club
from tests.support.databases import each_database as database_url
from tests.support.databases import new_sqlite
from tests.support.tampering import edit

__all__ = ["database_url"]

ALARM = Base.metadata.tables["alarm"]


@pytest.fixture
def alarms(club: ClubContext, people: People) -> list[int]:
    """Two of them, about two PCs."""
    pcs = [people.computer(), people.computer()]
    with club.write() as work:
        return [journal.raise_alarm(work, "lock_broken", computer_id=pc) for pc in pcs]


def found(club: ClubContext) -> list[Difference]:
    with club.read() as db:
        return check_ledger(db)


def seals(club: ClubContext) -> list[bytes | None]:
    with club.read() as db:
        return list(db.scalars(select(ALARM.c[ROW_SEAL]).order_by(ALARM.c.id)))


def of_alarm(number: int) -> Difference:
    return Difference("seal_alarm", 0, 0, 0, str(number))


def test_however_a_row_is_written_it_is_sealed(club: ClubContext, people: People) -> None:
    computer = people.computer()
    values = {"club_id": club.club_id, "at": 1, "kind": "lock_broken", "data": {"a": [None, "ё"]}}
    with club.write() as work:
        work.db.add(Alarm(**values))
        new_rows.write(work.db, Alarm, **values)
        work.db.execute(insert(Alarm), [values, values])
        work.db.execute(update(Alarm).values(closed_at=5))
        Change(update(Alarm).values(note="«Ок»")).run(work.db)
        work.db.scalars(select(Alarm)).first().kind = "memory_gone"  # type: ignore[union-attr]
        work.db.execute(text("UPDATE alarm SET at = at + 1"))
    computers.flush_last_seen(club, {computer: 77})
    assert found(club) == []
    made = seals(club)
    assert len(made) == 4
    assert None not in made


def test_an_edit_is_found_in_peoples_words(club: ClubContext, alarms: list[int]) -> None:
    edit(club, "UPDATE alarm SET kind = 'lock_worn' WHERE id = :id", id=alarms[1])
    (one,) = found(club)
    assert one == of_alarm(alarms[1])
    assert words.of(one) == f"Тревога {alarms[1]}: изменено мимо программы."


def test_what_the_program_writes_there_later_vouches_for_no_edit(
    club: ClubContext, alarms: list[int]
) -> None:
    edit(club, "UPDATE alarm SET kind = 'lock_worn' WHERE id = :id", id=alarms[0])
    with club.write() as work:
        for number in alarms:
            work.db.get_one(Alarm, number).note = "сделано"
    assert found(club) == [of_alarm(alarms[0])]


def test_rows_that_change_places_and_seals_are_found(club: ClubContext, alarms: list[int]) -> None:
    first, second = alarms
    edit(
        club,
        "UPDATE alarm SET id = -1 WHERE id = :first",
        "UPDATE alarm SET id = :first WHERE id = :second",
        "UPDATE alarm SET id = :second WHERE id = -1",
        first=first,
        second=second,
    )
    assert found(club) == [of_alarm(first), of_alarm(second)]


def test_a_copied_row_is_found_seal_and_all(club: ClubContext, alarms: list[int]) -> None:
    names = ", ".join(column.name for column in ALARM.columns if column.name != "id")
    edit(
        club,
        f"INSERT INTO alarm (id, {names}) SELECT 99, {names} FROM alarm WHERE id = :id",  # noqa: S608
        id=alarms[0],
    )
    assert found(club) == [of_alarm(99)]


@pytest.mark.parametrize("seal", ["NULL", "(SELECT token_hash FROM computer LIMIT 1)"])
def test_a_seal_that_is_gone_or_none_is_found(
    club: ClubContext, alarms: list[int], seal: str
) -> None:
    edit(club, f"UPDATE alarm SET row_seal = {seal} WHERE id = :id", id=alarms[0])  # noqa: S608
    assert found(club) == [of_alarm(alarms[0])]


def test_a_value_in_place_of_nothing_is_found(club: ClubContext, alarms: list[int]) -> None:
    edit(club, "UPDATE alarm SET closed_at = 0 WHERE id = :id", id=alarms[0])
    assert found(club) == [of_alarm(alarms[0])]


def test_of_many_the_first_are_told_and_the_others_counted(club: ClubContext) -> None:
    with club.write() as work:
        work.db.add_all(
            DemoItem(club_id=club.club_id, kind="customer", row_id=number) for number in range(30)
        )
    edit(club, "UPDATE demo_item SET kind = 'computer'")
    told = found(club)
    assert len(told) == 21
    assert words.of(told[-1]) == "Строка демонстрации: мимо программы изменено и других строк, 10."


def test_who_has_looked_at_it_accepts_it(club: ClubContext, alarms: list[int]) -> None:
    edit(club, "UPDATE alarm SET kind = 'lock_worn'")
    assert journal.accept_rows(club) == len(alarms)
    assert found(club) == []
    with club.read() as db:
        assert db.scalar(select(Event.data).where(Event.kind == "rows.taken_up")) == {
            "rows": len(alarms)
        }


def test_another_program_writes_no_such_row_unless_it_takes_the_guards_off(
    club: ClubContext, alarms: list[int]
) -> None:
    engine = create_engine(club.database.engine.url, poolclass=NullPool)
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"lovhub[_.]seal"):
        connection.execute(text("UPDATE alarm SET at = 1"))
    assert alarms
    assert found(club) == []


def test_a_key_that_was_exchanged_is_told_in_one_sentence(
    club: ClubContext, alarms: list[int]
) -> None:
    assert alarms
    url = club.database.engine.url.render_as_string(hide_password=False)
    with closing(Database(url, SealKey(b"another"))) as database, database.write() as db:
        (told,) = check_ledger(db)
        assert "lovhub ledger accept" in words.of(told)
        assert row_seals.seal_anew(db) == told.kept
        assert check_ledger(db) == []


def test_rows_that_the_server_has_written_with_its_new_key_change_nothing_about_that(
    club: ClubContext, alarms: list[int]
) -> None:
    url = club.database.engine.url.render_as_string(hide_password=False)
    with closing(Database(url, SealKey(b"another"))) as database:
        with database.write() as db:
            values = {"club_id": club.club_id, "at": 1, "kind": "lock_broken"}
            db.add(Alarm(**values))
            db.execute(update(Club).values(logs_pruned_at=5))
        with database.read() as db:
            (told,) = check_ledger(db)
        assert (told.kind, told.recomputed - told.kept) == ("seal_key", 1)
        assert f"({told.kept} из {told.recomputed})" in words.of(told)
        with database.write() as db:
            db.add_all(Alarm(**values) for _alarm in range(told.kept))
        with database.read() as db:
            assert of_alarm(alarms[0]) in check_ledger(db), "most rows are right"


def test_most_rows_edited_under_the_right_key_are_told_one_by_one(
    club: ClubContext, alarms: list[int]
) -> None:
    with club.write() as work:
        values = {"club_id": club.club_id, "at": 1, "kind": "lock_broken"}
        work.db.add_all(Alarm(**values) for _alarm in range(10))
    edit(club, "UPDATE alarm SET kind = 'lock_worn'")
    assert alarms
    assert {one.kind for one in found(club)} == {"seal_alarm"}


@pytest.fixture
def neighbours(database_url: str, clock: ManualClock) -> Iterator[tuple[ClubContext, ClubContext]]:
    """Two clubs of one database, each with a key of its own."""
    first = found_club(database_url, clock, SealKey(b"first"))
    database = Database(database_url, SealKey(b"second", 2))
    second = found_another_club(database, clock, club_id=2)
    yield first, second
    first.database.close()
    second.database.close()


def test_each_club_of_a_chain_holds_its_own_seals(
    neighbours: tuple[ClubContext, ClubContext],
) -> None:
    first, second = neighbours
    with second.write() as work:
        alarm = journal.raise_alarm(work, "lock_broken")
    assert (found(first), found(second)) == ([], [])
    edit(first, "UPDATE alarm SET kind = 'lock_worn'")
    assert (found(first), found(second)) == ([], [of_alarm(alarm)])
    # Nobody's seal is nobody's secret: both see it.
    edit(first, "UPDATE alarm SET row_seal = NULL")
    assert (found(first), found(second)) == ([of_alarm(alarm)], [of_alarm(alarm)])


def test_a_club_that_there_is_not_vouches_for_nothing(
    neighbours: tuple[ClubContext, ClubContext],
) -> None:
    first, _second = neighbours
    with first.write() as work:
        alarm = journal.raise_alarm(work, "lock_broken")
    forged = SealKey(b"forged", 9)
    url = first.database.engine.url.render_as_string(hide_password=False)
    with closing(Database(url, forged)) as database, database.write() as db:
        db.execute(text("UPDATE alarm SET kind = 'lock_worn'"))
    assert found(first) == [of_alarm(alarm)]
    with first.write() as work:
        work.db.get_one(Alarm, alarm).note = "сделано"
    assert found(first) == [of_alarm(alarm)]


def test_a_row_of_which_the_log_and_the_seal_say_something_else_is_taken_for_one(
    club: ClubContext, people: People
) -> None:
    first, second, third = (people.computer() for _ in range(3))
    edit(
        club,
        f"UPDATE computer SET name = 'A', hostname = 'A' WHERE id = {first}",  # noqa: S608
        f"UPDATE computer SET hostname = 'B' WHERE id = {second}",  # noqa: S608
        f"UPDATE computer SET name = 'C' WHERE id = {third}",  # noqa: S608
    )
    assert len(found(club)) == 4
    assert journal.accept_rows(club) == 3
    with club.read() as db:
        assert [
            event.data["rows"]
            for event in db.scalars(select(Event).filter_by(kind="rows.taken_up"))
        ] == [3]
    assert found(club) == []


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE TRIGGER helpful AFTER UPDATE ON alarm BEGIN UPDATE node SET row_seal = lovhub_seal('node id', 1); END",
        "CREATE TRIGGER alarm_sealed_anew AFTER UPDATE OF kind ON alarm BEGIN SELECT 1; END",
        "CREATE VIEW alarms AS SELECT * FROM alarm",
    ],
)
def test_code_that_somebody_puts_into_the_file_is_found(tmp_path: Path, planted: str) -> None:
    club = found_club(new_sqlite(tmp_path / "club.sqlite3"), ManualClock())
    name = planted.split()[2]
    with club.write() as work:
        work.db.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        work.db.execute(text(planted))
    (one,) = found(club)
    assert name in words.of(one)
    assert journal.accept_rows(club) == 1
    with club.write() as work:
        journal.raise_alarm(work, "lock_broken")
        work.db.execute(update(Alarm).values(note="«Ок»"))
    assert found(club) == []
    club.database.close()


def test_code_whose_name_is_no_text_is_found_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "club.sqlite3"
    club = found_club(new_sqlite(path), ManualClock())
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TRIGGER helpful AFTER INSERT ON alarm BEGIN DELETE FROM alarm; END")
        file.execute("PRAGMA writable_schema = ON")
        broken = "CAST(X'68FF22' AS TEXT)"
        file.execute(
            f"UPDATE sqlite_master SET name = {broken}, sql = replace(sql, 'helpful', '[' || {broken} || ']')"  # noqa: S608
            " WHERE name = 'helpful'"
        )
        file.commit()
    beside = Database(str(club.database.engine.url), club.database.seal_key)
    with beside.write() as db:
        db.execute(text("UPDATE club SET name = name"))  # it has read what there is
    (one,) = found(club)
    assert r'h\xff"' in words.of(one)
    assert journal.accept_rows(club) == 1
    assert found(club) == []
    with beside.write() as db:
        db.add(Alarm(club_id=club.club_id, at=1, kind="lock_broken"))
    with club.read() as db:
        assert db.scalars(select(Alarm.kind)).all() == ["lock_broken"]
    for database in (beside, club.database):
        database.close()


def test_of_balances_only_those_of_debts_bear_a_seal(club: ClubContext, people: People) -> None:
    customer_id = people.customer()
    with club.write() as work:
        owing.allow(work, work.db.get_one(Customer, customer_id), 500_00)
    balances = Base.metadata.tables["account_balance"]
    with club.read() as db:
        sealed = list(
            db.scalars(select(balances.c.minimum).where(balances.c[ROW_SEAL].is_not(None)))
        )
    assert sealed == [-500_00]
    assert found(club) == []
    edit(club, "UPDATE account_balance SET minimum = -1 WHERE minimum = -50000")
    (one,) = found(club)
    assert one.kind == "seal_account_balance"
    journal.accept_rows(club)
    edit(
        club,
        "UPDATE account_balance SET row_seal = (SELECT row_seal FROM club) WHERE minimum IS NULL",
    )
    assert {one.kind for one in found(club)} == {"seal_account_balance"}
    journal.accept_rows(club)
    assert found(club) == []


def test_every_table_has_either_a_seal_or_somebody_who_vouches_for_it() -> None:
    for name in SEALED:
        table = Base.metadata.tables[name]
        assert ROW_SEAL in table.columns
        assert set(SEALED[name]) <= {column.name for column in table.columns}
        assert len(row_seals.columns_of(table)) <= 49, "PostgreSQL takes no more in one object"
