"""Days are kept, and registries taken, while others write."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select

from lovhub.server.context import ClubContext
from lovhub.server.payments import bank, bank_days
from lovhub.server.payments.models import BankDay
from lovhub.server.payments.reconciling import Line
from tests.server.nodes.test_bus import eventually
from tests.server.payments.bank_month import (
    DAY,
    MIDNIGHT,
    compared,
    kept_days,
    tell,
    without_days,
)
from tests.support.club import OWNER
from tests.support.databases import number_of_waiting


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
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


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
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

    half_way = select(BankDay.day_at).where(BankDay.day_at == MIDNIGHT + 5 * DAY).with_for_update()
    with ThreadPoolExecutor() as pool:
        with month.write() as work:
            work.db.scalars(half_way).one()
            uploads = [pool.submit(upload, one) for one in (ours, theirs[::-1])]
            eventually(lambda: number_of_waiting(month) == 2)
        taken = [one.result() for one in uploads]
    assert sum(one.new for one in taken) == len({*ours, *theirs})
    assert kept_days(month) == []
