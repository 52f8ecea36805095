"""Rows with a value that their column cannot hold are told, and the check falls over none of them."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lovhub.clock import ManualClock
from lovhub.server.club.models import DemoItem
from lovhub.server.context import ClubContext
from lovhub.server.database.tables import Base
from lovhub.server.journal import service as journal
from lovhub.server.ledger import misfits, standing_texts, words
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.difference import Difference
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite
from tests.support.tampering import edit

NOT_UTF_8 = "CAST(X'D0FF' AS TEXT)"


@pytest.fixture
def file_club(tmp_path: Path) -> ClubContext:
    """A club in a file, which has had one alarm."""
    club = found_club(new_sqlite(tmp_path / "club.sqlite3"), ManualClock())
    with club.write() as work:
        journal.raise_alarm(work, "lock_broken")
    return club


def found(club: ClubContext) -> list[Difference]:
    with club.read() as db:
        return check_ledger(db)


def kinds(club: ClubContext) -> set[str]:
    return {one.kind for one in found(club)}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("alarm", "at", "'вчера'"),
        ("alarm", "at", "1.5"),
        ("alarm", "at", "9e999"),
        ("alarm", "at", "X'31'"),
        ("alarm", "kind", "X'6162'"),
        ("alarm", "data", "'{\"a\":'"),
        ("alarm", "data", "7"),
        ("alarm", "data", "'7'"),
        ("alarm", "row_seal", "'печать'"),
        ("club", "sales_need_shift", "7"),
        ("club", "sales_need_shift", "'да'"),
        ("club", "name", NOT_UTF_8),
        ("alarm", "note", NOT_UTF_8),
        ("alarm", "data", "CAST(X'7B22FF223A317D' AS TEXT)"),
    ],
)
def test_such_a_row_is_told_first_with_its_columns(
    file_club: ClubContext, table: str, column: str, value: str
) -> None:
    edit(file_club, f"UPDATE {table} SET {column} = {value} WHERE id = 1")  # noqa: S608
    assert found(file_club)[0] == Difference(f"misfit_{table}", 0, 0, 0, f"1 ({column})")


def test_it_is_told_in_peoples_words(file_club: ClubContext) -> None:
    edit(file_club, "UPDATE club SET name = X'00', lease_seconds = 'долго'")
    told = words.of(found(file_club)[0])
    assert (
        told
        == "Настройки клуба 1 (имя или название, lease_seconds): такого значения там быть не может."
    )


def test_a_key_that_is_none_is_shown_as_far_as_it_can_be(file_club: ClubContext) -> None:
    with file_club.write() as work:
        work.db.add(DemoItem(club_id=1, kind="customer", row_id=5))
    edit(file_club, "UPDATE demo_item SET kind = CAST(X'61FF0A' AS TEXT)")
    assert Difference("misfit_demo_item", 0, 0, 0, "1, a\\xff\\n, 5 (kind)") in found(file_club)


def test_where_a_part_fails_the_others_are_still_told(file_club: ClubContext) -> None:
    People(file_club).customer(balance_tiyn=200_000)
    edit(file_club, "UPDATE account_balance SET balance = 200001 WHERE balance = 200000")
    assert kinds(file_club) == {"balance"}
    edit(file_club, f"UPDATE alarm SET note = {NOT_UTF_8}")  # noqa: S608
    edit(file_club, f"UPDATE club SET name = {NOT_UTF_8}")  # noqa: S608
    assert kinds(file_club) == {"misfit_alarm", "misfit_club", "balance"}


def test_of_many_the_first_are_told_and_the_others_counted(file_club: ClubContext) -> None:
    with file_club.write() as work:
        work.db.add_all(DemoItem(club_id=1, kind="customer", row_id=number) for number in range(30))
    edit(file_club, "UPDATE demo_item SET kind = X'00'")
    told = [one for one in found(file_club) if one.kind.startswith("misfit")]
    assert len(told) == 21
    assert words.of(told[-1]) == (
        "Строка демонстрации: значения, каких там быть не может, есть и в других строках, 10."
    )


def test_numbers_of_which_no_sum_can_be_made_are_told(file_club: ClubContext) -> None:
    people = People(file_club)
    for _customer in range(3):
        people.customer(balance_tiyn=200_000)
    edit(file_club, f"UPDATE ledger_transfer SET amount = {2**62}")  # noqa: S608
    told = found(file_club)
    assert Difference("misfit_ledger_transfer", 0, 0, 0, "1 (amount)") in told
    assert all(words.of(one) for one in told)


def test_after_a_failure_the_database_answers_the_next_part(
    club: ClubContext, people: People
) -> None:
    def fails(db: Session) -> list[Difference]:
        db.execute(text("SELECT there_is_none FROM club"))
        return []

    people.customer(balance_tiyn=200_000)
    edit(club, f"UPDATE account_balance SET balance = {2**62} WHERE balance > 0")  # noqa: S608
    another = Difference("debt", 1, 2, 3)
    with club.read() as db:
        told = misfits.answers(db, [fails, lambda _db: [another]])
    assert [one.kind for one in told] == ["misfit_account_balance", "debt"]


def test_what_no_row_explains_is_raised(club: ClubContext) -> None:
    def fails(_db: Session) -> list[Difference]:
        raise ValueError("a mistake of ours")

    with club.read() as db, pytest.raises(ValueError, match="a mistake of ours"):
        misfits.answers(db, [fails])


def test_what_is_the_disks_is_no_rows(file_club: ClubContext) -> None:
    def reads(db: Session) -> list[Difference]:
        db.execute(text("ATTACH DATABASE '/there/is/none' AS missing"))
        return []

    edit(file_club, "UPDATE alarm SET at = 'вчера'")
    with file_club.read() as db, pytest.raises(OperationalError, match="unable to open"):
        misfits.answers(db, [reads])


def test_nothing_is_accepted_while_there_is_such_a_row(file_club: ClubContext) -> None:
    edit(file_club, "UPDATE alarm SET kind = 'lock_worn'")
    edit(file_club, f"UPDATE club SET name = {NOT_UTF_8}")  # noqa: S608
    with pytest.raises(misfits.MisfitRows) as refused:
        journal.accept_rows(file_club)
    assert refused.value.rows == [Difference("misfit_club", 0, 0, 0, "1 (name)")]
    edit(file_club, "UPDATE club SET name = 'Арена'")
    assert kinds(file_club) == {"seal_alarm"}
    assert journal.accept_rows(file_club) == 1


def test_every_table_has_a_name() -> None:
    assert set(standing_texts.names()) == set(Base.metadata.tables)
