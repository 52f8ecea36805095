"""The comparison says the same whether its days are kept or not, whatever is written and how."""

import itertools
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.engine import Database
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger import words
from lovhub.server.ledger.accounts import KASPI, REVENUE
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.service import Transfer
from lovhub.server.payments import bank, bank_days, comparing, rules
from lovhub.server.payments.models import BankDay, BankDayOperation, BankLine, Payment, Refund
from lovhub.server.payments.reconciling import Comparison, Line
from tests.server.nodes.test_bus import eventually
from tests.support.club import OWNER, found_another_club
from tests.support.statements import asked
from tests.support.tampering import edit

DAY = 24 * 3600
MIDNIGHT = 1_795_978_800
"""00:00 of 2026-11-30 in Almaty, with which a kept day begins."""
DAYS = 3
NUMBERS = ["", "7", "07", "a", "A"]
MOMENTS = st.builds(
    lambda day, second: MIDNIGHT + day * DAY + second,
    st.integers(0, DAYS - 1),
    st.sampled_from([0, 1, 5 * 3600, 19 * 3600, DAY - 1]),
)
AMOUNTS = st.sampled_from([100, 200, 300])
CLUB_IDS = itertools.count(1)
IDS = itertools.count(1)


def test_a_kept_day_begins_at_the_banks_midnight() -> None:
    assert rules.kept_day(MIDNIGHT) == rules.kept_day(MIDNIGHT + DAY - 1) == MIDNIGHT
    assert rules.kept_day(MIDNIGHT - 1) == MIDNIGHT - DAY
    assert rules.bank_day_over_at(rules.bank_day(MIDNIGHT - 1)) == MIDNIGHT


def pay(work: Work, number: str, at: int, amount_tiyn: int) -> Payment:
    key = str(next(IDS))
    payment = Payment(
        club_id=work.club_id, provider=f"provider {key}", provider_ref=number, merchant_ref=key, key=key,
        customer_id=None, amount_tiyn=amount_tiyn, paid_tiyn=amount_tiyn, state="review", created_at=at,
        expires_at=at, paid_at=at, next_poll_at=None,
    )  # fmt: skip
    work.db.add(payment)
    work.db.flush()
    return payment


def give_back(work: Work, payment_id: int, at: int, amount_tiyn: int) -> None:
    from_kaspi = Transfer(
        ledger.club_account(work, REVENUE), ledger.club_account(work, KASPI), amount_tiyn
    )
    key = str(next(IDS))
    posting = ledger.post(work, key=key, kind="test", transfers=[from_kaspi], actor=OWNER)
    work.db.add(
        Refund(
            club_id=work.club_id, payment_id=payment_id, key=key, amount_tiyn=amount_tiyn, state="done",
            reason="", posting_id=posting, asked_at=at,
        )
    )  # fmt: skip


def tell(work: Work, number: str, at: int, amount_tiyn: int) -> None:
    """A line of a registry; the bank tells of it once."""
    of_line = {
        "club_id": work.club_id, "operation": number, "amount_tiyn": amount_tiyn, "at": at,
    }  # fmt: skip
    if work.db.scalar(select(BankLine.id).filter_by(**of_line)) is None:
        work.db.add(BankLine(**of_line, file_name="registry", uploaded_at=at))


def compared(db: Session, club: ClubContext, from_at: int, until_at: int) -> Comparison:
    now = club.clock.now()
    return bank.comparison(
        db, club.club_id, from_at, until_at, now=now, asked_at_night=["provider 1"]
    )


def kept_days(club: ClubContext) -> list[int]:
    of_club = select(BankDay.day_at).where(BankDay.club_id == club.club_id)
    with club.read() as db:
        return list(db.scalars(of_club.order_by(BankDay.day_at)))


class NothingIsKept(Exception):
    """What was asked in this transaction is thrown away with it."""


def without_days(club: ClubContext, periods: list[tuple[int, int]]) -> list[Comparison]:
    found: list[Comparison] = []
    with suppress(NothingIsKept), club.write() as work:
        work.db.execute(delete(BankDay).where(BankDay.club_id == work.club_id))
        found += [compared(work.db, club, *period) for period in periods]
        raise NothingIsKept
    return found


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


@pytest.fixture
def month(club: ClubContext, clock: ManualClock) -> ClubContext:
    """Ten days with a payment each of which the bank has told; one whose line came after midnight; one untold."""
    clock.advance(MIDNIGHT + 10 * DAY + 3600 - clock.now())
    with club.write() as work:
        for number in range(10):
            pay(work, f"N{number}", MIDNIGHT + number * DAY + 7200, 100)
            tell(work, f"N{number}", MIDNIGHT + number * DAY + 7260, 100)
        pay(work, "LATE", MIDNIGHT + DAY - 30, 500)
        tell(work, "LATE", MIDNIGHT + DAY + 30, 500)
        pay(work, "UNTOLD", MIDNIGHT + 3 * DAY, 70)
    for _ in range(2):
        bank_days.keep_days(club)
    return club


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


@pytest.mark.parametrize(
    "database_url", ["postgresql"], indirect=True
)  # SQLite has one writer at a time
def test_a_day_is_not_kept_beside_somebody_who_writes_of_it(month: ClubContext) -> None:
    wrote, may_commit = threading.Event(), threading.Event()

    def write() -> None:
        with month.write() as work:
            tell(work, "BESIDE", MIDNIGHT + 2 * DAY, 100)
            work.db.flush()
            wrote.set()
            may_commit.wait(30)

    writer = threading.Thread(target=write)
    with month.write() as work:
        work.db.execute(delete(BankDay).where(BankDay.day_at == MIDNIGHT + 2 * DAY))
    writer.start()
    try:
        assert wrote.wait(30)
        bank_days.keep_days(month)
        assert MIDNIGHT + 2 * DAY not in kept_days(month)
    finally:
        may_commit.set()
        writer.join(30)
    bank_days.keep_days(month)
    assert MIDNIGHT + 2 * DAY in kept_days(month)
    periods = [(MIDNIGHT, MIDNIGHT + 10 * DAY)]
    with month.read() as db:
        assert [compared(db, month, *periods[0])] == without_days(month, periods)


@pytest.mark.parametrize(
    "database_url", ["postgresql"], indirect=True
)  # SQLite has one writer at a time
@pytest.mark.parametrize("others", ["R", "S"])
def test_of_two_registries_at_once_neither_is_undone_by_the_other(
    month: ClubContext, others: str
) -> None:
    """In opposite orders each would wait for a day of the other's, and of one line there are no two."""
    ours, theirs = (
        [Line(MIDNIGHT + day * DAY + 9000, f"{name}{day}", 100) for day in range(10)]
        for name in ("R", others)
    )

    def upload(lines: list[Line]) -> bank.Taken:
        return bank.keep_lines(month, file_name="registry", lines=lines, actor=OWNER)

    def number_of_waiting() -> object:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with month.read() as db:
            return db.scalar(waiting)

    half_way = select(BankDay.day_at).where(BankDay.day_at == MIDNIGHT + 5 * DAY).with_for_update()
    with ThreadPoolExecutor() as pool:
        with month.write() as work:
            work.db.scalars(half_way).one()
            uploads = [pool.submit(upload, one) for one in (ours, theirs[::-1])]
            eventually(lambda: number_of_waiting() == 2)
        taken = [one.result() for one in uploads]
    assert sum(one.new for one in taken) == len({*ours, *theirs})
    assert kept_days(month) == []


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


def test_a_kept_day_that_its_lines_do_not_add_up_to_is_found(month: ClubContext) -> None:
    def found() -> list[str]:
        with month.read() as db:
            return [words.of(one) for one in check_ledger(db) if one.kind == "bank_day"]

    assert found() == []
    of_table = "" if month.database.is_sqlite else " ON bank_line"
    with month.write() as work:
        work.db.execute(text(f"DROP TRIGGER bank_line_forgets_days_insert{of_table}"))
        tell(work, "N8", MIDNIGHT + 8 * DAY + 9000, -40)
    assert found() == ["Сверка с банком, день 08.12.2026: сохранено 100 тиын, по строкам 60."]
    journal.accept_rows(month)
    assert (kept_days(month), found()) == ([], [])


@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # there a trigger can be taken away
def test_accepting_makes_a_trigger_anew_that_throws_days_away(month: ClubContext) -> None:
    with month.write() as work:
        work.db.execute(text("DROP TRIGGER bank_line_forgets_days_insert"))
    journal.accept_rows(month)
    bank_days.keep_days(month)
    bank_days.keep_days(month)
    assert MIDNIGHT + 8 * DAY in kept_days(month)
    with month.write() as work:
        tell(work, "N8", MIDNIGHT + 8 * DAY + 9001, -40)
    assert MIDNIGHT + 8 * DAY not in kept_days(month)


def test_an_edited_kept_day_is_found_and_accepting_makes_all_of_them_again(
    month: ClubContext,
) -> None:
    period = (MIDNIGHT, MIDNIGHT + 10 * DAY)
    with month.read() as db:
        before = compared(db, month, *period)
    edit(month, "UPDATE bank_day SET matched = matched + 5")
    with month.read() as db:
        assert "seal_bank_day" in {one.kind for one in check_ledger(db)}
        assert compared(db, month, *period) != before
    journal.accept_rows(month)
    assert kept_days(month) == []
    with month.read() as db:
        assert compared(db, month, *period) == before


def test_accepting_makes_kept_days_again_also_where_nothing_else_is_odd(month: ClubContext) -> None:
    assert kept_days(month)
    assert journal.accept_rows(month) == 0
    assert kept_days(month) == []


@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # PostgreSQL goes by its statistics
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


@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # PostgreSQL goes by its statistics
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
