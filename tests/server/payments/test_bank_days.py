"""The comparison says the same whether its days are kept or not, whatever is written and how."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, delete, event, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.engine import Database
from lovhub.server.payments import bank_days, comparing, rules
from lovhub.server.payments.models import BankDay, BankDayOperation, BankLine, Payment, Refund
from tests.server.payments.bank_month import (
    DAY,
    MIDNIGHT,
    compared,
    give_back,
    kept_days,
    pay,
    tell,
    without_days,
)
from tests.support.club import found_another_club
from tests.support.statements import asked

DAYS = 3
NUMBERS = ["", "7", "07", "a", "A"]
MOMENTS = st.builds(
    lambda day, second: MIDNIGHT + day * DAY + second,
    st.integers(0, DAYS - 1),
    st.sampled_from([0, 1, 5 * 3600, 19 * 3600, DAY - 1]),
)
AMOUNTS = st.sampled_from([100, 200, 300])
CLUB_IDS = itertools.count(1)


def test_a_kept_day_begins_at_the_banks_midnight() -> None:
    assert rules.kept_day(MIDNIGHT) == rules.kept_day(MIDNIGHT + DAY - 1) == MIDNIGHT
    assert rules.kept_day(MIDNIGHT - 1) == MIDNIGHT - DAY
    assert rules.bank_day_over_at(rules.bank_day(MIDNIGHT - 1)) == MIDNIGHT


class BankMachine(RuleBasedStateMachine):
    """Writes payments, refunds and lines of the bank at random, in all ways there are, and keeps days in between."""

    database: Database

    @initialize()
    def found(self) -> None:
        clock = ManualClock(MIDNIGHT + (DAYS + 1) * DAY + 12 * 3600)
        self.club = found_another_club(self.database, clock, club_id=next(CLUB_IDS))

    @rule(
        number=st.sampled_from(NUMBERS),
        at=MOMENTS,
        amount=AMOUNTS,
        later=st.sampled_from([None, 0, 60, DAY]),
    )
    def pay(self, number: str, at: int, amount: int, later: int | None) -> None:
        with self.club.write() as work:
            pay(work, number, at, amount)
            if later is not None:
                tell(work, number, at + later, amount)

    @rule(number=st.sampled_from(NUMBERS), at=MOMENTS, amount=AMOUNTS, went=st.booleans())
    def tell(self, number: str, at: int, amount: int, went: bool) -> None:
        with self.club.write() as work:
            tell(work, number, at, -amount if went else amount)

    @rule(which=st.integers(0, 9), at=MOMENTS, amount=AMOUNTS)
    def give_back(self, which: int, at: int, amount: int) -> None:
        with self.club.write() as work:
            payment = self.one_of(work, Payment, which)
            if payment is not None:
                give_back(work, payment.id, at, amount)

    @rule(
        which=st.integers(0, 9),
        changes=st.one_of(
            st.tuples(st.just("provider_ref"), st.sampled_from(NUMBERS)),
            st.tuples(st.just("paid_at"), st.one_of(st.none(), MOMENTS)),
            st.tuples(st.just("paid_tiyn"), st.sampled_from([0, 100, 200])),
        ),
    )
    def change_payment(self, which: int, changes: tuple[str, Any]) -> None:
        with self.club.write() as work:
            payment = self.one_of(work, Payment, which)
            if payment is not None:
                setattr(payment, *changes)

    @rule(
        which=st.integers(0, 9),
        changes=st.one_of(
            st.tuples(st.just("asked_at"), MOMENTS),
            st.tuples(st.just("state"), st.sampled_from(["rejected", "done"])),
            st.tuples(st.just("amount_tiyn"), AMOUNTS),
        ),
    )
    def change_refund(self, which: int, changes: tuple[str, Any]) -> None:
        with self.club.write() as work:
            refund = self.one_of(work, Refund, which)
            if refund is not None:
                setattr(refund, *changes)

    @rule(which=st.integers(0, 9), number=st.sampled_from(NUMBERS), at=MOMENTS, amount=AMOUNTS)
    def change_line(self, which: int, number: str, at: int, amount: int) -> None:
        with self.club.write() as work:
            line = self.one_of(work, BankLine, which)
            if line is not None:
                work.db.delete(line)
                work.db.flush()
                tell(work, number, at, amount)

    @rule(which=st.integers(0, 9), model=st.sampled_from([Payment, Refund, BankLine]))
    def remove(self, which: int, model: type[Any]) -> None:
        with self.club.write() as work:
            one = self.one_of(work, model, which)
            is_given_back = model is Payment and work.db.scalar(
                select(func.count()).where(Refund.payment_id == (one.id if one else 0))
            )
            if one is not None and not is_given_back:
                work.db.delete(one)

    @rule(
        column=st.sampled_from([Payment.paid_at, BankLine.at]),
        seconds=st.sampled_from([-3600, 1, DAY]),
    )
    def move_all(self, column: InstrumentedAttribute[int], seconds: int) -> None:
        """By one statement, past the program's objects."""
        with self.club.write() as work:
            work.db.execute(
                update(column.class_)
                .where(column.class_.club_id == work.club_id)
                .values({column: column + seconds}),
                execution_options={"synchronize_session": False},
            )

    @rule(times=st.integers(1, 2))
    def keep_days(self, times: int) -> None:
        for _ in range(times):
            bank_days.keep_days(self.club)

    @invariant()
    def it_is_what_the_lines_say(self) -> None:
        noon, end = MIDNIGHT + 12 * 3600, MIDNIGHT + (DAYS + 2) * DAY
        periods = [
            (MIDNIGHT - DAY, end),
            (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY),
            (noon, noon + DAY),
        ]
        with self.club.read() as db:
            found = [compared(db, self.club, *period) for period in periods]
        assert found == without_days(self.club, periods)

    def one_of(self, work: Work, model: type[Any], which: int) -> Any:
        rows = work.db.scalars(select(model).filter_by(club_id=work.club_id).order_by(model.id))
        found = rows.all()
        return found[which % len(found)] if found else None


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_kept_days_never_say_anything_else(database: Database) -> None:
    machine = type("Machine", (BankMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20 if database.is_sqlite else 8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_all_days_that_are_over_are_kept_the_newest_first(
    month: ClubContext, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [MIDNIGHT + number * DAY for number in range(10)]
    assert kept_days(month) == days
    with month.read() as db:
        apart = db.execute(
            select(BankDayOperation.day_at, BankDayOperation.operation).order_by(
                BankDayOperation.day_at, BankDayOperation.operation
            )
        ).all()
    assert [tuple(one) for one in apart] == [
        (days[0], "LATE"),
        (days[1], "LATE"),
        (days[3], "UNTOLD"),
    ]
    with month.write() as work:
        work.db.execute(delete(BankDay))
    monkeypatch.setattr(bank_days, "KEPT_AT_ONCE", 3)
    bank_days.keep_days(month)
    assert kept_days(month) == days[-3:]
    clock.advance(22 * 3600)
    bank_days.keep_days(month)
    assert kept_days(month) == days[-6:]
    clock.advance(3600)
    bank_days.keep_days(month)
    assert kept_days(month) == [*days[-8:], MIDNIGHT + 10 * DAY]


def test_a_line_of_another_age_asks_for_no_days_between(
    month: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with month.write() as work:
        tell(work, "OLD", 0, 100)
    monkeypatch.setattr(bank_days, "KEPT_DAYS", 14)
    bank_days.keep_days(month)
    bank_days.keep_days(month)
    assert kept_days(month) == [MIDNIGHT + number * DAY for number in range(-4, 10)]


@pytest.mark.parametrize(
    ("statement", "gone"),
    [
        ("UPDATE payment SET paid_tiyn = 1 WHERE provider_ref = 'N4'", [4]),
        ("UPDATE payment SET provider_ref = 'N6' WHERE provider_ref = 'N4'", [4, 6]),
        ("UPDATE payment SET provider_ref = 'NX' WHERE provider_ref = 'LATE'", [0, 1]),
        ("UPDATE payment SET state = 'unknown', next_poll_at = 5", []),
        ("UPDATE payment SET paid_at = paid_at + 2 * 86400 WHERE provider_ref = 'N4'", [4, 6]),
        ("DELETE FROM bank_line WHERE operation = 'N9'", [9]),
        ("UPDATE bank_line SET at = at + 86400 WHERE operation = 'N2'", [2, 3]),
        ("UPDATE bank_line SET amount_tiyn = 0 WHERE operation = 'LATE'", [0, 1]),
        ("UPDATE bank_line SET file_name = 'another'", []),
    ],
)  # fmt: skip
def test_who_writes_of_a_day_throws_it_away(
    month: ClubContext, statement: str, gone: list[int]
) -> None:
    with month.write() as work:
        work.db.execute(text(statement))
    assert kept_days(month) == [
        MIDNIGHT + number * DAY for number in range(10) if number not in gone
    ]


def test_a_refund_throws_its_day_and_that_of_its_payment_away(month: ClubContext) -> None:
    with month.write() as work:
        payment = work.db.scalars(select(Payment).filter_by(provider_ref="N4")).one()
        give_back(work, payment.id, MIDNIGHT + 7 * DAY, 100)
    assert {MIDNIGHT + number * DAY for number in range(10)} - {*kept_days(month)} == {
        MIDNIGHT + 4 * DAY,
        MIDNIGHT + 7 * DAY,
    }


def test_lines_of_kept_days_are_not_read_again(month: ClubContext) -> None:
    periods = [(MIDNIGHT, MIDNIGHT + 10 * DAY)]
    assert [found.matched for found in without_days(month, periods)] == [11]
    with month.write() as work:
        work.db.execute(update(BankDay).values(matched=100))
    with month.read() as db:
        assert compared(db, month, *periods[0]).matched == 1000 + 1  # and the one of two days


def test_days_that_lie_too_much_apart_are_all_read(month: ClubContext) -> None:
    with month.write() as work:
        for number in range(0, 10, 2):
            tell(work, f"NEW{number}", MIDNIGHT + number * DAY + 9000, 100)
    assert len(kept_days(month)) == 5
    periods = [(MIDNIGHT, MIDNIGHT + 10 * DAY)]
    with pytest.MonkeyPatch.context() as patch, month.read() as db:
        few = compared(db, month, *periods[0])
        patch.setattr(comparing, "MOST_SPANS_APART", 2)
        assert [few] == [compared(db, month, *periods[0])] == without_days(month, periods)
    with asked(month) as told, month.read() as db:
        comparing.both_sides(db, month.club_id, *periods[0], ())
    assert len(told) == 2


@pytest.mark.parametrize("number", ["N1", ""])
def test_an_operation_that_fits_on_several_days_is_counted_once(
    month: ClubContext, number: str
) -> None:
    periods = [(MIDNIGHT, MIDNIGHT + 10 * DAY)]
    for day in (2, 5):
        with month.write() as work:
            pay(work, number, MIDNIGHT + day * DAY, 100)
            tell(work, number, MIDNIGHT + day * DAY, 100)
        for _ in range(2):
            with month.read() as db:
                [found] = [compared(db, month, *periods[0])]
            assert [found] == without_days(month, periods)
            assert found.matched == (11 if number else 12)
            bank_days.keep_days(month)


# PostgreSQL goes by its statistics.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_writes_looks_for_the_operations_other_lines_by_its_number(month: ClubContext) -> None:
    with month.read() as db:
        made = db.scalars(
            text("SELECT sql FROM sqlite_master WHERE name = 'bank_line_forgets_days_insert'")
        ).one()
        statement = re.sub(r"NEW\.\w+", "?", made.partition("BEGIN ")[2].removesuffix("; END"))
        asked_for = db.connection().exec_driver_sql
        plan = asked_for(f"EXPLAIN QUERY PLAN {statement}", (1,) * statement.count("?")).all()
    ways = [step[3] for step in plan]
    assert len(ways) > 8
    assert [
        how for how in ways if how.endswith("(club_id=?)") or re.match("SCAN (?!CONSTANT)", how)
    ] == []


# PostgreSQL goes by its statistics.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_compares_a_time_reads_nothing_of_other_times(month: ClubContext) -> None:
    plans: list[str] = []

    def explain(
        connection: Connection, _cursor: Any, statement: str, values: Any, *_given: Any
    ) -> None:
        if statement.startswith(("SELECT", "WITH")):
            driver: Any = connection.connection.driver_connection
            plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(step[3] for step in plan)

    event.listen(month.database.engine, "before_cursor_execute", explain)
    try:
        with month.read() as db:
            comparing.both_sides(db, month.club_id, MIDNIGHT, MIDNIGHT + 10 * DAY + 60, ())
            comparing.operations_of_day(db, month.club_id, MIDNIGHT)
    finally:
        event.remove(month.database.engine, "before_cursor_execute", explain)
    assert [how for how in plans if "(club_id=? AND asked_at>? AND asked_at<?)" in how]
    assert [how for how in plans if how.endswith("(club_id=?)")] == []
