"""A simulated month: what the charts say is what one finds by reading every entry of the ledger and every row."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from lovhub.clock import ManualClock
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.reports import rules, series, service
from lovhub.server.reports.models import ClosedDay, ClosedFortnight, MoneyFlow, SummedUntil
from lovhub.server.reports.rules import QUARTER, ClubDays, Money, Period
from lovhub.server.sessions.models import PlaySession
from tests.support.club import CASHIER, OWNER, People
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
    club: ClubContext, month: Period, clock: ManualClock, people: People
) -> None:
    assert len(closed_days(club)) > 20, "most of the month comes from closed days"
    with club.read() as db:
        kept = db.scalars(select(MoneyFlow.quarter_at)).all()
    assert kept, "part of the rest comes from the sums"
    assert max(kept) < clock.now() - QUARTER
    assert_as_recounted(club, month, clock.now())
    by_shift = Period(ClubDays("Asia/Almaty", 8 * 3600), FIRST + timedelta(days=2), month.last)
    assert_as_recounted(club, by_shift, clock.now())

    summed_step_by_step, days = sums(club), closed_days(club)
    with club.write() as work:
        for table in (ClosedDay, MoneyFlow, SummedUntil):
            work.db.execute(delete(table))
    assert_as_recounted(club, month, clock.now())
    for _ in range(6):
        service.sum_up(club)
        service.close_days(club)
    assert sums(club)[: len(summed_step_by_step)] == summed_step_by_step
    assert len(summed_step_by_step) > 50
    assert closed_days(club)[: len(days)] == days

    what_comes_late_is_counted_too(club, month, clock, people)


def what_comes_late_is_counted_too(
    club: ClubContext, month: Period, clock: ManualClock, people: People
) -> None:
    with club.read() as db:
        sitting = db.scalars(
            select(PlaySession)
            .where(PlaySession.started_at < clock.now() - 9 * DAY)
            .order_by(PlaySession.id.desc())
            .limit(1)
        ).one()
        open_launch = db.scalars(
            select(Launch)
            .where(Launch.started_at < clock.now() - 6 * DAY, Launch.ran_seconds.is_(None))
            .order_by(Launch.id.desc())
            .limit(1)
        ).one()
    closed = len(closed_days(club))
    with club.write() as work:
        journal.launch_ended(
            work, session_id=open_launch.session_id or 0, at=work.now, ran_seconds=77,
            application_id=open_launch.application_id,
        )  # fmt: skip
    assert 0 < len(closed_days(club)) < closed
    assert_as_recounted(club, month, clock.now())
    with club.write() as work:
        journal.launch_started(
            work, computer_id=sitting.computer_id, session_id=sitting.id, customer_id=None,
            application_id=1, at=sitting.started_at,
        )  # fmt: skip
    assert_as_recounted(club, month, clock.now())
    customer = people.customer(balance_tiyn=1)
    customers.top_up(
        club, customer_id=customer, amount_tiyn=7_000_00, method="cash", key="late", actor=OWNER
    )
    with club.read() as db:
        posting_id = db.scalars(select(func.max(LedgerPosting.id))).one()
    clock.advance(2 * DAY)
    reversal.take_back(
        club, customer_id=customer, posting_id=posting_id, reason="Ошибка", actor=OWNER
    )
    clock.advance(3 * DAY)
    with club.write() as work:
        # The last sittings end, so that their days may be closed.
        for row in work.db.scalars(select(PlaySession).where(PlaySession.state != "ended")):
            row.state, row.ended_at = "ended", work.now
    for _ in range(6):
        service.sum_up(club)
        service.close_days(club)
    assert len(closed_days(club)) > closed + 3
    assert fortnights(club), "part of it comes from days that were added up"
    whole = Period(month.days, FIRST, month.last + timedelta(days=8))
    assert_as_recounted(club, whole, clock.now())
    last = fortnights(club)[-1]
    with club.write() as work:
        service.reopen(work, last + 3 * DAY)
    assert last not in fortnights(club), "none holds a day that is open again"
    assert_as_recounted(club, whole, clock.now())


def assert_as_recounted(club: ClubContext, period: Period, now: int) -> None:
    with club.read() as db:
        stretch = series.Stretch.read(db, club.club_id, period)
        money = series.money(db, stretch)
        taken = series.occupation(db, stretch, period.days, now)
        games = series.games(db, stretch, now)
    days, hours = recomputed_money(club, period)
    by_day = rules.money_by_day(period, money.by_day)
    by_hour = rules.money_by_hour(period.days, money.by_hour)
    assert signed(by_day) == days
    assert signed(by_hour) == hours
    assert sum(days.values()) > 1_000_00

    seconds = recomputed_occupation(club, period, now)
    assert {key: (cell.taken_seconds, cell.all_seconds) for key, cell in taken.items()} == seconds
    assert sum(cell.taken_seconds for cell in taken.values()) > 5 * 3600

    assert {(game.title, game.launches, game.seconds) for game in games} == recomputed_games(
        club, period, now
    )


def test_a_closed_day_is_told_as_it_is_kept_now(
    club: ClubContext, month: Period, clock: ManualClock
) -> None:
    def told() -> tuple[int, int, int]:
        with club.read() as db:
            stretch = series.Stretch.read(db, club.club_id, month)
            money = series.money(db, stretch)
            taken = series.occupation(db, stretch, month.days, clock.now())
            games = series.games(db, stretch, clock.now())
        by_day = rules.money_by_day(month, money.by_day)
        by_hour = rules.money_by_hour(month.days, money.by_hour)
        received = rules.together(by_day.values()).received_in_all_tiyn
        assert received == rules.together(by_hour.values()).received_in_all_tiyn
        return (
            received,
            sum(cell.taken_seconds for cell in taken.values()),
            sum(game.launches for game in games),
        )

    def keep(**parts: bytes) -> None:
        with club.write() as work:
            work.db.execute(update(ClosedDay).where(ClosedDay.day_at == day_at).values(**parts))

    before = told()
    assert told() == before, "what is told again is the same"
    with club.read() as db:
        day_at, hours, programs = db.execute(
            select(ClosedDay.day_at, ClosedDay.hours, ClosedDay.programs)
            .where(ClosedDay.day_at > month.from_at)
            .order_by(ClosedDay.day_at)
            .limit(1)
        ).one()
    parts, played = json.loads(hours), json.loads(programs)
    parts["money"]["cash"][10] += 7_00
    parts["taken"][10] += 60
    keep(hours=json.dumps(parts).encode())
    assert told() == (before[0] + 7_00, before[1] + 60, before[2])
    played["launches"][0] += 3
    keep(programs=json.dumps(played).encode())
    assert told() == (before[0] + 7_00, before[1] + 60, before[2] + 3)
    keep(hours=hours, programs=programs)
    assert told() == before


def signed(parts: Mapping[date, Money] | Mapping[int, Money]) -> dict[tuple[str, object], int]:
    shown: Counter[tuple[str, object]] = Counter()
    for label, got in parts.items():
        shown["sold", label] += got.sold_tiyn
        shown["played", label] += got.played_tiyn
        for method, tiyn in got.received_tiyn.items():
            shown[method, label] += tiyn
    return without_zeros(shown)


def without_zeros(found: Mapping[tuple[str, object], int]) -> dict[tuple[str, object], int]:
    return {key: tiyn for key, tiyn in found.items() if tiyn}


def closed_days(club: ClubContext) -> list[tuple[object, ...]]:
    with club.read() as db:
        columns = ClosedDay.__table__.columns
        return [tuple(row) for row in db.execute(select(*columns).order_by(ClosedDay.day_at))]


def fortnights(club: ClubContext) -> list[int]:
    with club.read() as db:
        return list(db.scalars(select(ClosedFortnight.from_at).order_by(ClosedFortnight.from_at)))


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
    club: ClubContext, period: Period
) -> tuple[dict[tuple[str, object], int], dict[tuple[str, object], int]]:
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
        if not period.from_at <= at < period.until_at:
            continue
        names = []
        if taken_from in {"cash", "card", "kaspi"}:
            names.append((taken_from, amount))
        if given_to in {"cash", "card", "kaspi"}:
            names.append((given_to, -amount))
        if given_to == "lot_unearned":
            names.append(("sold", amount))
        if given_to == "revenue":
            names.append(("played", amount))
        for name, tiyn in names:
            days[name, local(at - period.days.starts_at).date()] += tiyn
            hours[name, local(at).hour] += tiyn
    return without_zeros(days), without_zeros(hours)


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


def recomputed_games(club: ClubContext, period: Period, now: int) -> set[tuple[str, int, int]]:
    titles = {1: "CS 2", 2: "Dota 2", 3: "Discord"}
    launches: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    with club.read() as db:
        ends = {row.id: row.ended_at or now for row in db.scalars(select(PlaySession))}
        for launch in db.scalars(select(Launch)):
            if not period.from_at <= launch.started_at < period.until_at:
                continue
            title = titles[launch.application_id]
            launches[title] += 1
            seconds[title] += (
                ends[launch.session_id or 0] - launch.started_at
                if launch.ran_seconds is None
                else launch.ran_seconds
            )
    return {(title, launches[title], seconds[title]) for title in launches}
