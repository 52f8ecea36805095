"""A kept day that was edited, or that its lines do not add up to, is found, and put right."""

import pytest
from sqlalchemy import text

from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.ledger import words
from lovhub.server.ledger.check import check_ledger
from lovhub.server.payments import bank_days
from tests.server.payments.bank_month import (
    DAY,
    MIDNIGHT,
    compared,
    kept_days,
    tell,
)
from tests.support.tampering import edit


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


# there a trigger can be taken away.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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
