"""A busy small club: the books say what one finds by reading every entry, by whatever they are cut."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
)
from lovhub.server.reports import books, rules, series, service
from lovhub.server.reports.models import BookDay
from lovhub.server.reports.rules import ClubDays, Period
from tests.server.reports.books.busy_club import DAYS, FIRST, Busy, kept
from tests.server.reports.books.recount import owed_by_entries, recounted
from tests.server.reports.books.telling import assert_told_alike
from tests.support.club import People
from tests.support.statements import asked


@pytest.fixture
def busy(club: ClubContext, clock: ManualClock, people: People) -> Busy:
    made = Busy(club, clock, people)
    made.play()
    return made


def test_the_books_are_what_the_entries_say(busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    period = Period(ClubDays("Asia/Almaty"), FIRST, FIRST + timedelta(days=DAYS))
    by_shift = Period(ClubDays("Asia/Almaty", 8 * 3600 + 900), FIRST, FIRST + timedelta(days=2))
    middle = Period(ClubDays("Asia/Almaty"), FIRST + timedelta(days=1), FIRST + timedelta(days=3))
    assert len(kept(busy.club)) >= DAYS - 2
    for one in (period, by_shift, middle):
        assert_as_recounted(busy, one)
    assert_what_is_owed_is_all_that_is_not_the_clubs(busy, period)
    assert_something_of_everything(busy, period)
    assert_told_alike(busy, period, monkeypatch)
    assert_what_is_asked_does_not_grow(busy, period)
    step_by_step = kept(busy.club)
    with busy.club.write() as work:
        work.db.execute(delete(BookDay))
    assert_as_recounted(busy, period)
    service.close_book_days(busy.club)
    service.close_book_days(busy.club)
    assert kept(busy.club) == step_by_step


def assert_as_recounted(busy: Busy, period: Period) -> None:
    by_entry = recounted(busy, period)
    changed: Counter[str] = Counter()
    for (_day, of_cut, kind, _what), amount in by_entry.items():
        changed[kind] += amount if of_cut == "owed" else 0
    expected_owed = {kind: amount for kind, amount in changed.items() if amount}
    with busy.club.read() as db:
        for cut in ("whole", "zone", "tariff", "person"):
            for step in ("whole", "day", "week", "month"):
                found = books.read(db, busy.club.club_id, period, step, cut)
                assert {
                    one.kind: one.change_tiyn for one in found.owed if one.change_tiyn
                } == expected_owed
                shown: Counter[tuple[date, str, str]] = Counter()
                for (number, value), cell in found.cells.items():
                    for what, amount in cell.items():
                        shown[found.stretches[number].first, value, what] += amount
                expected: Counter[tuple[date, str, str]] = Counter()
                for (day, of_cut, value, what), amount in by_entry.items():
                    if of_cut == cut:
                        first = [one for one in found.stretches if one.first <= day][-1].first
                        expected[first, value, what] += amount
                assert nonzero(shown) == nonzero(expected), (cut, step)
        charts = rules.money(series.flows(db, busy.club.club_id, period.from_at, period.until_at))
        whole = books.lines(books.read(db, busy.club.club_id, period, "whole", "whole"))
        owed = books.read(db, busy.club.club_id, period, "whole", "zone").owed
    sums = whole[0].sums
    assert (charts.sold_tiyn, charts.played_tiyn, charts.goods_tiyn) == (
        sums.of("sold"), sums.of("played"), sums.of("goods"),
    )  # fmt: skip
    assert charts.received_tiyn == {
        method: sums.of(f"received:{method}") for method in ("cash", "card", "kaspi")
    }
    assert {(one.kind, one.before_tiyn, one.after_tiyn) for one in owed} == {
        (kind, *owed_by_entries(busy.club, kind, (period.from_at, period.until_at)))
        for kind in ("customer_balance", "lot_unearned")
    }


def assert_what_is_owed_is_all_that_is_not_the_clubs(busy: Busy, period: Period) -> None:
    with busy.club.read() as db:
        ours = db.scalar(
            select(func.sum(AccountBalance.balance))
            .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
            .where(LedgerAccount.is_club, LedgerAccount.unit == "tiyn")
        )
        owed = books.read(db, busy.club.club_id, period, "whole", "whole").owed
    assert sum(one.after_tiyn for one in owed) == -int(ours or 0) > 0


def assert_something_of_everything(busy: Busy, period: Period) -> None:
    by_entry = recounted(busy, period)
    values: dict[str, set[str]] = {}
    for (_day, cut, value, _what), amount in by_entry.items():
        if amount:
            values.setdefault(cut, set()).add(value)
    assert {what for *_, what in by_entry} >= {
        "sold", "played", "expired", "goods", "in:cash", "in:card", "in:kaspi", "out:cash",
    }  # fmt: skip
    assert any(amount < 0 for (*_, what), amount in by_entry.items() if what == "sold"), "refunds"
    assert len(values["zone"]) == 3
    assert len(values["tariff"]) == 5
    assert values["person"] == {"staff:1", "staff:2", "player", "system"}


def assert_what_is_asked_does_not_grow(busy: Busy, period: Period) -> None:
    for length in (1, DAYS):
        part = replace(period, first=period.last - timedelta(days=length))
        with asked(busy.club) as told, busy.club.read() as db:
            books.read(db, busy.club.club_id, part, "day", "zone")
        assert len(told) == 4, "the days, what was owed, and two of the ledger"
    with busy.club.read() as db:
        last = db.scalars(select(func.max(BookDay.day_at))).one()
        earlier = replace(period, last=ClubDays("Asia/Almaty").day_of(last))
    with asked(busy.club) as told, busy.club.read() as db:
        books.read(db, busy.club.club_id, earlier, "day", "zone")
    assert all("book_day" in text for text in told), "what is over is read from its sums alone"


def nonzero(found: Counter[tuple[date, str, str]]) -> dict[tuple[date, str, str], int]:
    return {key: amount for key, amount in found.items() if amount}
