"""Booking: what a posting may do, and what the database itself refuses."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BALANCE, LOT_AVAILABLE, TIME_ISSUED
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.service import Account, Transfer
from tests.support.club import OWNER, People


def top_up(work: Work, account: Account, amount_tiyn: int, *, key: str) -> int:
    transfers = [Transfer(ledger.club_account(work, CASH), account, amount_tiyn)]
    return ledger.post(work, key=key, kind="top_up", transfers=transfers, actor=OWNER)


def test_money_comes_from_somewhere(club: ClubContext) -> None:
    with club.write() as work:
        account = ledger.open_account(work, CUSTOMER_BALANCE)
        top_up(work, account, 200_000, key="k")
        assert ledger.balance(work.db, account.id) == 200_000
        assert ledger.balance(work.db, ledger.club_account(work, CASH).id) == -200_000


def test_a_balance_never_falls_below_its_limit(club: ClubContext) -> None:
    with club.write() as work:
        account = ledger.open_account(work, CUSTOMER_BALANCE)
        top_up(work, account, 100, key="k")

    def overdraw() -> None:
        with club.write() as work:
            transfers = [Transfer(account, ledger.club_account(work, CASH), 101)]
            ledger.post(work, key="too much", kind="x", transfers=transfers, actor=OWNER)

    with pytest.raises(OperationRefused, match="balance_too_low"):
        overdraw()
    with club.read() as db:
        assert ledger.balance(db, account.id) == 100
        assert ledger.find_posting(db, club.club_id, "too much") is None
        assert check_ledger(db) == []


def test_a_key_is_booked_once(club: ClubContext) -> None:
    with club.write() as work:
        account = ledger.open_account(work, CUSTOMER_BALANCE)
        first = top_up(work, account, 100, key="k")

    def again() -> None:
        with club.write() as work:
            top_up(work, account, 100, key="k")

    with pytest.raises(OperationRefused, match="already_booked"):
        again()
    with club.read() as db:
        posting = ledger.find_posting(db, club.club_id, "k")
        assert posting is not None
        assert posting.id == first
        assert ledger.balance(db, account.id) == 100


def test_a_transfer_does_not_run_backwards(club: ClubContext) -> None:
    with club.write() as work, pytest.raises(ValueError, match="backwards"):
        top_up(work, ledger.open_account(work, CUSTOMER_BALANCE), -1, key="k")


def test_tenge_are_not_booked_as_seconds(club: ClubContext) -> None:
    def mix_units() -> None:
        with club.write() as work:
            seconds = ledger.open_account(work, LOT_AVAILABLE)
            top_up(work, seconds, 100, key="k")

    with pytest.raises(IntegrityError):
        mix_units()


def test_the_club_has_one_account_of_each_kind(club: ClubContext) -> None:
    def open_second() -> None:
        with club.write() as work:
            ledger.open_account(work, TIME_ISSUED)

    with pytest.raises(IntegrityError):
        open_second()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = amount + 1",
        "DELETE FROM ledger_transfer",
        "UPDATE ledger_posting SET at = at - 86400",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_account SET kind = 'cash'",
        "UPDATE event SET actor_name = 'не я'",
        "DELETE FROM event",
    ],
)
def test_history_cannot_be_edited(club: ClubContext, people: People, statement: str) -> None:
    people.customer(balance_tiyn=100)
    with club.write() as work:
        journal.record(work, "test.happened", OWNER)

    def edit() -> None:
        with club.write() as work:
            work.db.execute(text(statement))

    with pytest.raises(DatabaseError, match="append-only"):
        edit()


def test_a_planted_difference_is_found(club: ClubContext, people: People) -> None:
    people.customer(balance_tiyn=100)
    with club.write() as work:
        work.db.execute(
            text("UPDATE account_balance SET balance = balance + 7 WHERE balance = 100")
        )
    with club.read() as db:
        found = check_ledger(db)
    assert [(difference.kind, difference.kept, difference.recomputed) for difference in found] == [
        ("balance", 107, 100)
    ]
