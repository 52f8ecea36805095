"""Whatever the desk does in whatever order, the drawer holds what an onlooker with a pencil says."""

import tempfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import DeskPosting
from lovhub.server.shifts import figures, queries, service
from lovhub.server.shifts.service import Count
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite
from tests.support.staff import StaffMaker

SUM = st.integers(0, 50).map(lambda thousands: thousands * 1_000_00)


class Desk(RuleBasedStateMachine):
    """Two cashiers, one drawer."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.club = found_club(
            new_sqlite(Path(self.folder.name) / "club.sqlite3"), ManualClock(1_800_000_000)
        )
        staff = StaffMaker(self.club)
        self.people = [staff.make("cashier"), staff.make("manager")]
        self.customer = People(self.club).customer()
        self.drawer, self.open_shift, self.number, self.receipts = 0, 0, 0, 0

    def key(self) -> str:
        self.number += 1
        return f"operation-{self.number}"

    @precondition(lambda self: not self.open_shift)
    @rule(counted=SUM, who=st.integers(0, 1))
    def open(self, counted: int, who: int) -> None:
        self.open_shift = service.open_shift(
            self.club, counted_tiyn=counted, actor=self.people[who]
        )
        self.drawer = counted

    @precondition(lambda self: self.open_shift)
    @rule(who=st.integers(0, 1))
    def open_again(self, who: int) -> None:
        with pytest.raises(OperationRefused, match="shift_open_already"):
            service.open_shift(self.club, counted_tiyn=1, actor=self.people[who])

    @rule(amount=SUM.filter(bool), method=st.sampled_from(["cash", "card", "kaspi"]))
    def top_up(self, amount: int, method: str) -> None:
        customers.top_up(
            self.club,
            customer_id=self.customer,
            amount_tiyn=amount,
            method=method,
            key=self.key(),
            actor=self.people[0],
        )
        self.drawer += amount if method == "cash" else 0
        self.receipts += 1

    @precondition(lambda self: self.open_shift)
    @rule(amount=SUM.filter(bool), is_out=st.booleans())
    def pay(self, amount: int, is_out: bool) -> None:
        service.pay(
            self.club,
            is_out=is_out,
            amount_tiyn=amount,
            reason="x",
            key=self.key(),
            actor=self.people[1],
        )
        self.drawer += -amount if is_out else amount
        self.receipts += 1

    @precondition(lambda self: self.open_shift)
    @rule(counted=st.none() | SUM, left=st.none() | SUM)
    def close(self, counted: int | None, left: int | None) -> None:
        with self.club.read() as db:
            shift = queries.row(db, self.club.club_id, self.open_shift)
        is_own = shift.person_id == self.people[1].id
        close = partial(
            service.close,
            self.club,
            shift_id=self.open_shift,
            count=Count(counted, left, "причина"),
            actor=self.people[1],
        )
        wrong = is_own or left is not None if counted is None else (left or 0) > counted
        if wrong:
            with pytest.raises(OperationRefused, match="invalid_fields"):
                close()
            return
        close()
        with self.club.read() as db:
            shift = queries.row(db, self.club.club_id, self.open_shift)
            found = figures.read(db, shift, 0)
        assert shift.expected_tiyn == found.expected_tiyn == self.drawer
        if counted is not None:
            self.drawer = counted if left is None else left
        assert shift.left_tiyn == self.drawer
        self.open_shift = 0

    @invariant()
    def the_drawer_is_right(self) -> None:
        with self.club.write() as work:
            cash = ledger.club_account(work, CASH)
            assert -ledger.balance(work.db, cash.id) == self.drawer
            numbers = work.db.scalars(
                select(DeskPosting.receipt_number)
                .where(DeskPosting.receipt_number.is_not(None))
                .order_by(DeskPosting.receipt_number)
            )
            assert list(numbers) == list(range(1, self.receipts + 1))

    def teardown(self) -> None:
        with self.club.read() as db:
            assert check_ledger(db) == []
        self.club.database.close()
        self.folder.cleanup()


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=6,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
