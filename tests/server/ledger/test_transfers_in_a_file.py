"""Whoever has the SQLite file hides no balance and no transfer behind what only SQLite allows.

Each was told while every transfer was looked at beside its posting and both accounts, and must stay so.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from tests.server.ledger.test_sealing import edit_with_a_tool
from tests.server.ledger.test_transfers import AGAIN, TOPPED_UP, Books, found, kept, row
from tests.support.club import found_club
from tests.support.databases import new_sqlite

MUCH = 1_000_000


@pytest.fixture
def club(tmp_path: Path) -> ClubContext:
    return found_club(new_sqlite(tmp_path / "club.sqlite3"), ManualClock())


@pytest.fixture
def books(club: ClubContext) -> Books:
    made = Books(club)
    edit_with_a_tool(club)  # nothing watches over the tables from here on
    return made


@contextmanager
def opened(club: ClubContext) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(str(club.database.engine.url.database))) as file:
        yield file
        file.commit()


def edit_by_hand(club: ClubContext, *statements: str) -> None:
    with opened(club) as file:
        for statement in statements:
            file.execute(statement)


def reschemed(club: ClubContext, change: str) -> None:
    with opened(club) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute(change)


def without_index(club: ClubContext, index: str, edit: str) -> None:
    """Edit rows while this index is not there: it goes on saying what was."""
    with opened(club) as file:
        kept_row = file.execute("SELECT * FROM sqlite_master WHERE name = ?", (index,)).fetchone()
        assert kept_row
    reschemed(club, f"DELETE FROM sqlite_master WHERE name = '{index}'")  # noqa: S608
    with opened(club) as file:
        file.execute(edit)
    with opened(club) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept_row)


def transferred(books: Books, credit_id: int) -> str:
    return (
        "INSERT INTO ledger_transfer (posting_id, unit, debit_account_id, credit_account_id, amount)"  # noqa: S608
        f" SELECT posting_id, 'tiyn', {books.cash.id}, {credit_id}, 7 FROM ledger_transfer"
        f" WHERE id = {books.first}"
    )


def test_an_amount_is_nothing_at_all(club: ClubContext, books: Books) -> None:
    """No number is more than nothing, or less, as SQL counts; and so it would be no difference."""
    reschemed(
        club,
        "UPDATE sqlite_master SET sql = replace(sql, 'amount INTEGER NOT NULL', 'amount INTEGER')"
        " WHERE name = 'ledger_transfer'",
    )
    edit_by_hand(
        club,
        "UPDATE ledger_transfer SET amount = NULL",
        kept(books.wallet.id, MUCH),
        kept(books.cash.id, 0),
    )
    assert found(club) == [("balance", books.wallet.id, MUCH, 0)]


def test_an_index_remembers_a_transfer_that_is_gone(club: ClubContext, books: Books) -> None:
    idle = books.issued_id
    edit_by_hand(club, transferred(books, idle))
    without_index(
        club,
        "ix_ledger_transfer_credit",
        f"DELETE FROM ledger_transfer WHERE credit_account_id + 0 = {idle}",  # noqa: S608
    )
    edit_by_hand(club, kept(idle, MUCH))
    assert found(club) == [("balance", idle, MUCH, 0)]


def test_an_index_remembers_the_posting_of_a_transfer(club: ClubContext, books: Books) -> None:
    without_index(
        club,
        "ix_ledger_transfer_posting_id",
        row("ledger_transfer", "posting_id = 777", books.second),
    )
    assert found(club) == [("stray", books.second, AGAIN, 0)]


def test_an_index_remembers_the_club_of_a_posting(club: ClubContext, books: Books) -> None:
    without_index(
        club,
        "ix_ledger_posting_time",
        "UPDATE ledger_posting SET club_id = 2 WHERE id + 0 = (SELECT max(id + 0) FROM ledger_posting)",
    )
    assert found(club) == [("stray", books.second, AGAIN, 0)]


@pytest.mark.parametrize("number", [2**62, 2**62 + 1, 2**63 - 1, -(2**62) - 5])
def test_accounts_have_numbers_of_which_twice_is_not_exact(
    club: ClubContext, books: Books, number: int
) -> None:
    edit_by_hand(
        club,
        f"UPDATE ledger_account SET id = {number} WHERE id = {books.wallet.id}",  # noqa: S608
        f"UPDATE account_balance SET account_id = {number}, balance = {MUCH}"  # noqa: S608
        f" WHERE account_id = {books.wallet.id}",
        f"UPDATE ledger_transfer SET credit_account_id = {number}",  # noqa: S608
    )
    assert found(club) == [("balance", number, MUCH, TOPPED_UP + AGAIN)]


def test_a_transfer_goes_to_no_account_beside_such_a_one(club: ClubContext, books: Books) -> None:
    number = 2**62
    edit_by_hand(
        club,
        f"UPDATE ledger_account SET id = {number} WHERE id = {books.wallet.id}",  # noqa: S608
        f"UPDATE account_balance SET account_id = {number}, balance = {TOPPED_UP}"  # noqa: S608
        f" WHERE account_id = {books.wallet.id}",
        f"UPDATE ledger_transfer SET credit_account_id = {number} + (id = {books.second}) * 5",  # noqa: S608
    )
    assert found(club) == [("stray", books.second, AGAIN, 0)]


def test_two_numbers_that_are_one_when_rounded_are_two(club: ClubContext, books: Books) -> None:
    """Of seconds, for which the rounded number would say the right unit."""
    number = 2**62
    edit_by_hand(
        club,
        "UPDATE ledger_account SET unit = 'second'",
        "UPDATE ledger_transfer SET unit = 'second'",
        f"UPDATE ledger_account SET id = {number} WHERE id = {books.wallet.id}",  # noqa: S608
        f"UPDATE account_balance SET account_id = {number} WHERE account_id = {books.wallet.id}",  # noqa: S608
        f"UPDATE ledger_transfer SET credit_account_id = {number} + (id = {books.second}) * 5",  # noqa: S608
    )
    assert found(club) == [
        ("balance", number, TOPPED_UP + AGAIN, TOPPED_UP),
        ("stray", books.second, AGAIN, 0),
    ]
