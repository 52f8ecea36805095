"""Time given without money stands in the books, with its reason, and is played like any other."""

import pytest
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.lots import service as lots
from tests.support.club import CASHIER, People


def grant(club: ClubContext, customer_id: int, reason: str) -> int:
    with club.write() as work:
        lot = lots.grant(
            work,
            title="Извинение",
            seconds=1800,
            customer_id=customer_id,
            guest_session_id=None,
            key="grant:1",
            reason=reason,
            actor=CASHIER,
        )
        return lot.available_account_id


def test_time_is_granted_with_its_reason_in_the_books(club: ClubContext, people: People) -> None:
    customer_id = people.customer()

    account_id = grant(club, customer_id, " Зависал ПК ")

    with club.read() as db:
        assert ledger.balance(db, account_id) == 1800
        posting = db.scalars(select(LedgerPosting).where(LedgerPosting.key == "grant:1")).one()
        assert (posting.kind, posting.reason) == ("time_granted", "Зависал ПК")
        assert check_ledger(db) == []
    assert people.balance_tiyn(customer_id) == 0


def test_no_time_is_granted_without_a_reason(club: ClubContext, people: People) -> None:
    with pytest.raises(OperationRefused, match="reason_missing"):
        grant(club, people.customer(), "  ")
