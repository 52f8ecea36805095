"""Transfers that go astray are found, whatever of them was changed, and so is each balance that is not their sum.

Where nothing is amiss they are not looked at one by one: that must never hide one.
"""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger import transfers
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BALANCE, TIME_ISSUED
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.ledger.service import Transfer
from tests.server.ledger.test_sealing import edit_with_a_tool
from tests.support.club import OWNER, found_another_club

TOPPED_UP, AGAIN = 300, 70


def found(club: ClubContext) -> list[tuple[str, int, int, int]]:
    with club.read() as db:
        return [
            (one.kind, one.subject, one.kept, one.recomputed)
            for one in transfers.odd(db)
        ]  # fmt: skip


def row(table: str, change: str, row_id: int) -> str:
    return f"UPDATE {table} SET {change} WHERE id = {row_id}"  # noqa: S608


def kept(account_id: int, balance: int) -> str:
    return f"UPDATE account_balance SET balance = {balance} WHERE account_id = {account_id}"  # noqa: S608


class Books:
    """Cash was paid in twice, to one wallet."""

    def __init__(self, club: ClubContext) -> None:
        with club.write() as work:
            self.wallet = ledger.open_account(work, CUSTOMER_BALANCE)
            self.cash = ledger.club_account(work, CASH)
            for number, amount in enumerate((TOPPED_UP, AGAIN)):
                moved = [Transfer(self.cash, self.wallet, amount)]
                ledger.post(work, key=f"k{number}", kind="x", transfers=moved, actor=OWNER)
            self.issued_id = ledger.club_account(work, TIME_ISSUED).id
        with club.read() as db:
            self.first, self.second = db.scalars(
                select(LedgerTransfer.id).order_by(LedgerTransfer.id)
            ).all()


@pytest.fixture
def books(club: ClubContext) -> Books:
    made = Books(club)
    assert found(club) == []
    return made


def test_a_posting_is_gone(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(
        club, "DELETE FROM ledger_posting WHERE id = (SELECT max(id) FROM ledger_posting)"
    )
    assert found(club) == [("stray", books.second, AGAIN, 0)]


@pytest.mark.parametrize("side", ["debit", "credit"])
@pytest.mark.parametrize("nobody", [987654, -1, 0])
def test_one_side_is_of_no_account(club: ClubContext, books: Books, side: str, nobody: int) -> None:
    edit_with_a_tool(
        club,
        row("ledger_transfer", f"{side}_account_id = {nobody}", books.second),
    )
    lost = (
        ("balance", books.cash.id, -TOPPED_UP - AGAIN, -TOPPED_UP)
        if side == "debit"
        else ("balance", books.wallet.id, TOPPED_UP + AGAIN, TOPPED_UP)
    )
    assert found(club) == [lost, ("stray", books.second, AGAIN, 0)]


def test_an_account_is_gone(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(club, f"DELETE FROM ledger_account WHERE id = {books.wallet.id}")  # noqa: S608
    assert found(club) == [
        ("stray", books.first, TOPPED_UP, 0),
        ("stray", books.second, AGAIN, 0),
    ]


def test_a_transfer_says_another_unit(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(club, row("ledger_transfer", "unit = 'second'", books.second))
    assert found(club) == [("unit", books.second, AGAIN, 0)]


def test_a_transfer_says_a_unit_there_is_not(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(club, row("ledger_transfer", "unit = 'pebbles'", books.second))
    assert found(club) == [("unit", books.second, AGAIN, 0)]


def test_an_account_says_another_unit(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(club, row("ledger_account", "unit = 'second'", books.wallet.id))
    assert found(club) == [
        ("unit", books.first, TOPPED_UP, 0),
        ("unit", books.second, AGAIN, 0),
    ]


def test_seconds_and_tenge_of_one_account_are_one_sum(club: ClubContext, books: Books) -> None:
    """A balance that was made to fit its transfers of any unit is told by the unit alone."""
    edit_with_a_tool(
        club,
        row("ledger_transfer", f"credit_account_id = {books.issued_id}", books.second),
        kept(books.wallet.id, TOPPED_UP),
        kept(books.issued_id, AGAIN),
    )
    assert found(club) == [("unit", books.second, AGAIN, 0)]


def test_what_no_transfer_ever_moved_is_nothing(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(club, kept(books.issued_id, 5))
    assert found(club) == [("balance", books.issued_id, 5, 0)]


@pytest.mark.parametrize("table", ["ledger_account", "ledger_posting"])
def test_all_at_once_is_said_to_be_of_another_club(
    club: ClubContext, books: Books, table: str
) -> None:
    edit_with_a_tool(club, f"UPDATE {table} SET club_id = 2")  # noqa: S608
    assert found(club) == [
        ("stray", books.first, TOPPED_UP, 0),
        ("stray", books.second, AGAIN, 0),
    ]


def test_one_account_is_said_to_be_of_another_club(club: ClubContext, books: Books) -> None:
    edit_with_a_tool(club, row("ledger_account", "club_id = 2", books.wallet.id))
    assert found(club) == [
        ("stray", books.first, TOPPED_UP, 0),
        ("stray", books.second, AGAIN, 0),
    ]


@pytest.mark.parametrize("is_shared", [False, True])
def test_in_a_chain_money_leaves_its_club_only_where_customers_are_shared(
    club: ClubContext, books: Books, clock: ManualClock, is_shared: bool
) -> None:
    other = found_another_club(club.database, clock, club_id=2)
    with other.write() as work:
        cash = ledger.club_account(work, CASH)
    assert found(club) == []
    edit_with_a_tool(
        club,
        row("club", f"customers_of = {1 if is_shared else 'NULL'}", 2),
        "UPDATE ledger_posting SET club_id = 2 WHERE id = (SELECT max(id) FROM ledger_posting)",
        row("ledger_transfer", f"debit_account_id = {cash.id}", books.second),
        kept(books.cash.id, -TOPPED_UP),
        kept(cash.id, -AGAIN),
    )
    assert found(club) == ([] if is_shared else [("stray", books.second, AGAIN, 0)])
