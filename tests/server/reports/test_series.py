"""A simulated month: what the charts say is what one finds by reading every entry of the ledger and every row."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import aliased

from lovhub.clock import ManualClock
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.reports import rules, series, service
from lovhub.server.reports.models import MoneyFlow, SummedUntil
from lovhub.server.reports.rules import QUARTER, ClubDays, Period
from lovhub.server.sessions.models import PlaySession
from tests.support.club import CASHIER, People
from tests.support.month import DAY, Month

ALMATY = ZoneInfo("Asia/Almaty")
FIRST = date(2027, 3, 1)
DAYS = 30


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(int(datetime(2027, 3, 1, 9, tzinfo=ALMATY).timestamp()))


@pytest.fixture
def month(club: ClubContext, clock: ManualClock, people: People) -> Period:
    Month(club, clock, people).play(DAYS)
    return Period(ClubDays("Asia/Almaty"), FIRST, FIRST + timedelta(days=DAYS))


def test_the_month_is_what_the_ledger_and_the_rows_say(
    club: ClubContext, month: Period, clock: ManualClock
) -> None:
    with club.read() as db:
        flows = series.flows(db, club.club_id, month.from_at, month.until_at)
        by_day = rules.money_by_day(month, flows)
        by_hour = rules.money_by_hour(month.days, flows)
        taken = series.occupation(db, club.club_id, month, clock.now())
        games = series.games(db, club.club_id, month.from_at, month.until_at, clock.now())
        kept = db.scalars(select(MoneyFlow.quarter_at)).all()
    assert kept, "part of the month comes from the sums"
    assert max(kept) < clock.now() - QUARTER

    days, hours = recomputed_money(club)
    shown_days: Counter[tuple[str, object]] = Counter()
    shown_hours: Counter[tuple[str, object]] = Counter()
    for shown, parts in ((shown_days, by_day.items()), (shown_hours, by_hour.items())):
        for label, got in parts:
            shown["sold", label] += got.sold_tiyn
            shown["played", label] += got.played_tiyn
            for method, tiyn in got.received_tiyn.items():
                shown[method, label] += tiyn
    assert +shown_days == days
    assert +shown_hours == hours
    assert sum(days.values()) > 1_000_00

    seconds = recomputed_occupation(club, month, clock.now())
    assert {key: (cell.taken_seconds, cell.all_seconds) for key, cell in taken.items()} == seconds
    assert sum(cell.taken_seconds for cell in taken.values()) > 5 * 3600

    assert {(game.title, game.launches, game.seconds) for game in games} == recomputed_games(
        club, clock.now()
    )

    summed_step_by_step = sums(club)
    with club.write() as work:
        work.db.execute(delete(MoneyFlow))
        work.db.execute(delete(SummedUntil))
    for _ in range(6):
        service.sum_up(club)
    assert sums(club)[: len(summed_step_by_step)] == summed_step_by_step
    assert len(summed_step_by_step) > 50


def sums(club: ClubContext) -> list[tuple[object, ...]]:
    with club.read() as db:
        columns = MoneyFlow.__table__.columns
        return [tuple(row) for row in db.execute(select(*columns).order_by(*columns))]


def test_a_clock_that_was_set_back_costs_no_tenge(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    def received() -> int:
        with club.read() as db:
            flows = series.flows(db, club.club_id, clock.now() - 3 * DAY, clock.now() + 3 * DAY)
        return rules.money(flows).received_in_all_tiyn

    def top_up(key: str) -> None:
        customers.top_up(
            club, customer_id=customer, amount_tiyn=100_00, method="card", key=key, actor=CASHIER
        )

    customer = people.customer(balance_tiyn=1)
    for hour in range(12):
        top_up(f"before-{hour}")
        clock.advance(3600)
        service.sum_up(club)
    clock.advance(-5 * 3600)
    for hour in range(8):
        service.sum_up(club)
        top_up(f"after-{hour}")
        assert received() == 1 + (13 + hour) * 100_00
        clock.advance(1800)
    clock.advance(DAY)
    service.sum_up(club)
    assert received() == 1 + 20 * 100_00


# --- the same, one by one -------------------------------------------------------------------------


def local(at: int) -> datetime:
    return datetime.fromtimestamp(at, ALMATY)


def recomputed_money(
    club: ClubContext,
) -> tuple[Counter[tuple[str, object]], Counter[tuple[str, object]]]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    days: Counter[tuple[str, object]] = Counter()
    hours: Counter[tuple[str, object]] = Counter()
    with club.read() as db:
        rows = db.execute(
            select(LedgerPosting.at, debit.kind, credit.kind, LedgerTransfer.amount)
            .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
            .join(debit, debit.id == LedgerTransfer.debit_account_id)
            .join(credit, credit.id == LedgerTransfer.credit_account_id)
        ).all()
    for at, taken_from, given_to, amount in rows:
        names = []
        if taken_from in {"cash", "card", "kaspi"}:
            names.append(taken_from)
        if given_to == "lot_unearned":
            names.append("sold")
        if given_to == "revenue":
            names.append("played")
        for name in names:
            days[name, local(at).date()] += amount
            hours[name, local(at).hour] += amount
    return days, hours


def recomputed_occupation(
    club: ClubContext, month: Period, now: int
) -> dict[tuple[int, int], tuple[int, int]]:
    with club.read() as db:
        sittings = [
            (row.started_at, row.ended_at or now) for row in db.scalars(select(PlaySession))
        ]
        lives = [(row.paired_at, now) for row in db.scalars(select(Computer))]
    found = {(weekday, hour): (0, 0) for weekday in range(7) for hour in range(24)}
    for begin in range(month.from_at, month.until_at, 3600):
        cell = local(begin).weekday(), local(begin).hour
        taken, there = (
            sum(max(0, min(end, begin + 3600) - max(start, begin)) for start, end in spans)
            for spans in (sittings, lives)
        )
        found[cell] = (found[cell][0] + taken, found[cell][1] + there)
    return found


def recomputed_games(club: ClubContext, now: int) -> set[tuple[str, int, int]]:
    titles = {1: "CS 2", 2: "Dota 2", 3: "Discord"}
    launches: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    with club.read() as db:
        ends = {row.id: row.ended_at or now for row in db.scalars(select(PlaySession))}
        for launch in db.scalars(select(Launch)):
            title = titles[launch.application_id]
            launches[title] += 1
            seconds[title] += (
                ends[launch.session_id or 0] - launch.started_at
                if launch.ran_seconds is None
                else launch.ran_seconds
            )
    return {(title, launches[title], seconds[title]) for title in launches}
