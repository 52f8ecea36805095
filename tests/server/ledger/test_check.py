"""Comparing the books: whatever does not add up is found, and told once."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select, text

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    BONUS_GIVEN,
    CASH,
    CUSTOMER_BALANCE,
    CUSTOMER_BONUS,
    DISCOUNT_GIVEN,
    TIME_ISSUED,
    AccountKind,
)
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerAccount, LedgerTransfer
from lovhub.server.ledger.service import Transfer
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import MeterRow
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.sessions.sittings import PLAYER
from tests.support.club import OWNER, People

HOUR = 3600


def differences(club: ClubContext) -> list[tuple[str, int, int]]:
    with club.read() as db:
        return [(one.kind, one.kept, one.recomputed) for one in check_ledger(db)]


def planted(club: ClubContext, statement: str, **values: object) -> None:
    with club.write() as work:
        work.db.execute(text(statement), values)


def play(club: ClubContext, people: People, clock: ManualClock, seconds: int) -> None:
    """Somebody plays of the hour given to them."""
    customer, computer = people.customer(), people.computer()
    customers.give_time(
        club, customer_id=customer, seconds=HOUR, title="1 час", reason="-", key="given", actor=OWNER
    )  # fmt: skip
    assert sessions.begin_for_customer(
        club, computer_id=computer, customer_id=customer, actor=PLAYER
    )
    clock.advance(seconds)
    link.run_due(club, {computer})


def play_by_minute(club: ClubContext, people: People, clock: ManualClock, seconds: int) -> None:
    """Somebody plays from the balance, 6 ₸ a minute."""
    customer, computer = people.customer(balance_tiyn=1000_00), people.computer()
    tariff = tariffs.create(
        club, terms=Terms("По минутам", HOUR, 360_00, "per_minute"), actor=OWNER
    )
    sessions.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=tariff, key="bought", actor=PLAYER
    )  # fmt: skip
    clock.advance(seconds)
    link.run_due(club, {computer})


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (BONUS_GIVEN, CUSTOMER_BALANCE),
        (CASH, CUSTOMER_BONUS),
        (DISCOUNT_GIVEN, CUSTOMER_BONUS),
    ],
)
def test_what_is_no_money_has_become_some(
    club: ClubContext, source: AccountKind, target: AccountKind
) -> None:
    with club.write() as work:
        account = ledger.open_account(work, target)
        moved = [Transfer(ledger.club_account(work, source), account, 500)]
        ledger.post(work, key="k", kind="x", transfers=moved, actor=OWNER)
    assert differences(club) == [("family", 500, 0)]


def test_seconds_were_booked_as_tenge(club: ClubContext, people: People) -> None:
    people.customer(balance_tiyn=300)
    with club.write() as work:
        issued = ledger.club_account(work, TIME_ISSUED).id
    with club.read() as db:
        posting, wallet = db.execute(
            select(LedgerTransfer.posting_id, LedgerTransfer.credit_account_id)
        ).one()
    mixed = (
        "INSERT INTO ledger_transfer (posting_id, unit, debit_account_id, credit_account_id, amount)"
        " VALUES (:posting, 'tiyn', :issued, :wallet, 7)"
    )
    values = {"posting": posting, "issued": issued, "wallet": wallet}
    if club.database.is_sqlite:
        # The bare driver does not look whether accounts and units belong together.
        with closing(sqlite3.connect(str(club.database.engine.url.database))) as database:
            database.execute(mixed, values)
            database.commit()
    else:
        planted(club, "ALTER TABLE ledger_transfer DROP CONSTRAINT fk_ledger_transfer_debit")
        planted(club, mixed, **values)
    assert sorted(differences(club)) == [
        ("balance", 0, -7),
        ("balance", 300, 307),
        ("unit", 7, 0),
    ]


def test_a_limit_was_lifted_and_broken(club: ClubContext, people: People) -> None:
    people.customer(balance_tiyn=300)
    planted(club, "UPDATE account_balance SET minimum = NULL, balance = -5 WHERE balance = 300")
    assert sorted(differences(club)) == [("account", 0, 0), ("balance", -5, 300), ("limit", -5, 0)]


def test_a_balance_was_hidden_from_the_order_of_balances(club: ClubContext, people: People) -> None:
    people.customer(balance_tiyn=300)
    planted(club, "UPDATE account_balance SET of_customer = false WHERE balance = 300")
    assert differences(club) == [("account", 0, 0)]
    planted(club, "UPDATE account_balance SET of_customer = NOT of_customer")
    assert set(differences(club)) == {("account", 0, 0)}
    planted(club, "UPDATE account_balance SET of_customer = NOT of_customer")
    planted(club, "UPDATE account_balance SET of_customer = true WHERE balance = 300")
    assert differences(club) == []


def test_an_account_has_lost_its_balance(club: ClubContext, people: People) -> None:
    people.customer(balance_tiyn=300)
    with club.read() as db:
        wallet = db.scalars(
            select(LedgerAccount.id).join(
                LedgerTransfer, LedgerTransfer.credit_account_id == LedgerAccount.id
            )
        ).one()
    planted(club, "DELETE FROM account_balance WHERE account_id = :wallet", wallet=wallet)
    assert differences(club) == [("balance", 0, 300)]


def test_hours_that_nobody_sold(club: ClubContext, people: People, clock: ManualClock) -> None:
    play(club, people, clock, 600)
    assert differences(club) == []
    planted(club, "UPDATE lot SET granted_seconds = granted_seconds + 60")
    assert differences(club) == [("lot", HOUR + 60, HOUR)]


def test_bought_time_was_hidden_from_whoever_bought_it(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    play(club, people, clock, 600)
    sessions.end(club, session_id=1, actor=OWNER, reason="ended_by_desk")
    assert differences(club) == []
    planted(club, "UPDATE lot SET exhausted = :used", used=True)
    assert differences(club) == [("lot_left", 0, 3000)]


def test_a_sitting_says_more_than_was_consumed(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    play(club, people, clock, 600)
    planted(club, "UPDATE play_session SET played_seconds = played_seconds + 1")
    assert differences(club) == [("session", 601, 600)]


def test_a_sitting_by_the_minute_took_less_than_it_cost(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    play_by_minute(club, people, clock, 600)
    assert differences(club) == []
    with club.write() as work:
        work.db.scalars(select(MeterRow)).one().used += 10_00 * HOUR
    assert differences(club) == [("meter", 70_00, 60_00)]


@pytest.mark.parametrize("column", ["bonus_account_id", "debt_account_id"])
def test_an_account_that_is_none_of_a_customers_is_found(
    club: ClubContext, people: People, column: str
) -> None:
    people.customer()
    with club.write() as work:
        cash = ledger.club_account(work, CASH).id
    planted(club, f"UPDATE customer SET {column} = {cash}")  # noqa: S608
    assert differences(club) == [("no_account", cash, 0)]
