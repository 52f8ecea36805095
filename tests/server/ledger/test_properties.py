"""Whatever is booked in whatever order, on both databases, the books hold.

Each example is a club of its own in one database: founding a club is quick, migrating a database is not.
"""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lovhub.clock import ManualClock
from lovhub.server.database.engine import Database
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    CARD,
    CASH,
    CUSTOMER_BALANCE,
    HOLD,
    KASPI,
    LOT_AVAILABLE,
    LOT_CONSUMED,
    LOT_UNEARNED,
    REVENUE,
    TIME_ISSUED,
)
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.service import Account, Transfer
from tests.support.club import OWNER, found_another_club

CLUB_IDS = itertools.count(1)
UNLIMITED = [CASH, CARD, KASPI, REVENUE, TIME_ISSUED]
LIMITED = [CUSTOMER_BALANCE, LOT_UNEARNED, LOT_AVAILABLE, LOT_CONSUMED, HOLD]


class LedgerMachine(RuleBasedStateMachine):
    """Books at random, and keeps its own idea of the balances beside."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.club = found_another_club(self.database, ManualClock(), club_id=next(CLUB_IDS))
        self.accounts: list[Account] = []
        self.minimum: dict[int, int | None] = {}
        self.expected: dict[int, int] = {}
        self.keys: set[str] = set()
        with self.club.write() as work:
            for kind in UNLIMITED:
                self._remember(ledger.club_account(work, kind), None)

    def _remember(self, account: Account, minimum: int | None) -> None:
        self.accounts.append(account)
        self.minimum[account.id] = minimum
        self.expected[account.id] = 0

    @rule(kind=st.sampled_from(LIMITED))
    def open_account(self, kind: ledger.AccountKind) -> None:
        with self.club.write() as work:
            self._remember(ledger.open_account(work, kind), kind.minimum)

    @rule(
        key=st.sampled_from("abcdefghijklmnopqrst"),
        moves=st.lists(
            st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 10**12)),
            min_size=1,
            max_size=4,
        ),
    )
    def book(self, key: str, moves: list[tuple[int, int, int]]) -> None:
        transfers = [
            Transfer(debit, credit, amount)
            for debit, credit, amount in (
                (self._pick(one), self._pick(other), amount) for one, other, amount in moves
            )
            if debit.unit == credit.unit and debit.id != credit.id
        ]
        after = dict(self.expected)
        for transfer in transfers:
            after[transfer.debit.id] -= transfer.amount
            after[transfer.credit.id] += transfer.amount
        allowed = all(
            minimum is None or after[account_id] >= minimum
            for account_id, minimum in self.minimum.items()
        )
        try:
            with self.club.write() as work:
                ledger.post(work, key=key, kind="test", transfers=transfers, actor=OWNER)
        except OperationRefused as refusal:
            assert refusal.code == ("already_booked" if key in self.keys else "balance_too_low")  # noqa: PT017 (some attempts succeed)
            assert key in self.keys or not allowed
        else:
            assert key not in self.keys
            assert allowed
            self.keys.add(key)
            self.expected = after

    def _pick(self, number: int) -> Account:
        return self.accounts[number % len(self.accounts)]

    @invariant()
    def balances_are_as_booked(self) -> None:
        with self.club.read() as db:
            kept = ledger.balances(db, list(self.expected))
        assert kept == self.expected
        for unit in ("tiyn", "second"):
            assert sum(kept[a.id] for a in self.accounts if a.unit == unit) == 0

    def teardown(self) -> None:
        with self.club.read() as db:
            assert check_ledger(db) == []


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_the_books_hold_whatever_is_booked(database: Database) -> None:
    machine = type("Machine", (LedgerMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
