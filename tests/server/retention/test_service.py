"""What goes at night, what never does, and that a wrong clock cannot take it all at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import DBAPIError

from lovhub.clock import ManualClock
from lovhub.server.attention import service as attention
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event, Launch
from lovhub.server.ledger.check import check_ledger
from lovhub.server.reports import series
from lovhub.server.reports import service as sums
from lovhub.server.reports.rules import ClubDays, Period
from lovhub.server.retention import rules, service
from lovhub.server.retention.service import Pruner
from lovhub.server.sessions import service as sessions
from lovhub.server.staff.models import StaffSession
from tests.support.club import CASHIER, People
from tests.support.databases import migrated
from tests.support.staff import StaffMaker

DAY = rules.DAY


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    return migrated(request, getattr(request, "param", "sqlite"))


def count(club: ClubContext, statement: Select[int]) -> int:
    with club.read() as db:
        return int(db.scalars(select(func.count()).select_from(statement.subquery())).one())


def kinds(club: ClubContext) -> set[str]:
    with club.read() as db:
        return set(db.scalars(select(Event.kind)))


def night(club: ClubContext, clock: ManualClock, pruner: Pruner) -> None:
    """A day goes by, and the work of its night is done."""
    clock.advance(DAY)
    for _ in range(60):
        pruner.turn()


def lively(club: ClubContext, people: People) -> int:
    """A top-up, a sitting with launches, a call that was closed, and sign-ins; returns how many launches."""
    customer, computer = people.customer(), people.computer()
    game = people.application()
    customers.top_up(
        club, customer_id=customer, amount_tiyn=2_000_00, method="cash", key="k", actor=CASHIER
    )
    session = sessions.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=people.tariff(), key="b",
        actor=CASHIER,
    )  # fmt: skip
    staff = StaffMaker(club).make("cashier")
    with club.write() as work:
        for _ in range(7):
            journal.launch_started(
                work, computer_id=computer, session_id=session, customer_id=customer,
                application_id=game, at=work.now,
            )  # fmt: skip
            journal.record(work, "customer.signed_in", CASHIER, customer_id=customer)
    call = attention.call(
        club, computer_id=computer, reason="game", text="Лагает", actor=staff, customer_id=customer
    )
    attention.close_call(club, call_id=call, actor=staff)
    StaffMaker(club).signed_in(staff.id)
    sessions.end(club, session_id=session, actor=CASHIER, reason="ended_by_desk")
    return 7


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_is_old_goes_at_night_and_money_never(
    club: ClubContext, people: People, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 3)
    launches = lively(club, people)
    stays = kinds(club) - set(rules.KINDS_THAT_GO)
    assert {"customer.topped_up", "session.ended"} <= stays
    began = clock.now()
    pruner = Pruner(club)
    night(club, clock, pruner)
    clock.advance(180 * DAY)
    night(club, clock, pruner)
    assert kinds(club) == stays | set(rules.MESSAGES) & kinds(club) | {"club.logs_pruned"}
    assert count(club, select(Launch.id)) == launches
    assert count(club, select(StaffSession.id)) == 0

    clock.advance(200 * DAY)
    night(club, clock, pruner)
    assert kinds(club) == stays | {"club.logs_pruned"}
    assert count(club, select(Launch.id)) == launches, "the reports have not counted them yet"
    sums.sum_up(club)
    for _ in range(100):
        sums.close_days(club)
    night(club, clock, pruner)
    assert count(club, select(Launch.id)) == 0
    with club.read() as db:
        pruned = select(Event.data).where(Event.kind == "club.logs_pruned").order_by(Event.id)
        told = db.scalars(pruned).all()
        assert check_ledger(db) == []
        day = datetime.fromtimestamp(began, UTC).date()
        week = timedelta(days=7)
        period = Period(ClubDays("UTC", 0), day - week, day + week)
        played = series.games(db, series.Stretch.read(db, club.club_id, period), clock.now())
    assert told == [{"sign_ins": 8}, {"messages": 3}, {"launches": 7}]
    assert sum(one.launches for one in played) == launches


def started(club: ClubContext, began: int, now: int) -> int:
    """How many programs the report of that week counts."""
    day, week = datetime.fromtimestamp(began, UTC).date(), timedelta(days=7)
    period = Period(ClubDays("UTC", 0), day - week, day + week)
    with club.read() as db:
        found = series.games(db, series.Stretch.read(db, club.club_id, period), now)
    return sum(one.launches for one in found)


@pytest.mark.parametrize("why", ["started late", "clock set back", "started late before it goes"])
def test_what_is_gone_stays_counted_when_days_are_reopened(
    club: ClubContext, people: People, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(service, "BATCH", 3)
    began, launches = clock.now(), lively(club, people)
    computer, game = people.computer(), people.application()
    with club.write() as work:
        work.db.get_one(Club, work.club_id).keep_launches_days = 30

    def starts_late() -> None:
        with club.write() as work:
            journal.launch_started(
                work, computer_id=computer, session_id=None, customer_id=None,
                application_id=game, at=began,
            )  # fmt: skip

    def closes() -> None:
        for _ in range(8):
            sums.sum_up(club)
            sums.close_days(club)

    pruner = Pruner(club)
    night(club, clock, pruner)
    clock.advance(35 * DAY)
    closes()
    assert started(club, began, clock.now()) == launches
    pruner.turn()  # looks what goes
    if why == "started late before it goes":
        starts_late()
        launches += 1
    for _ in range(10):
        pruner.turn()
    if why == "started late":
        starts_late()  # nobody could count it beside those that are gone
    if why == "clock set back":
        clock.advance(-36 * DAY)
        sums.sum_up(club)
        clock.advance(36 * DAY)
    for _ in range(2):
        closes()
        assert started(club, began, clock.now()) == launches
        night(club, clock, pruner)
    assert count(club, select(Launch.id)) == 0


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_database_itself_lets_nothing_else_go(club: ClubContext) -> None:
    with club.write() as work:
        for kind in (*rules.KINDS_THAT_GO, "customer.topped_up"):
            journal.record(work, kind, CASHIER)
    with club.write() as work:
        work.db.execute(delete(Event).where(Event.kind.in_(rules.KINDS_THAT_GO)))
    for doomed in (delete(Event), delete(Event).where(Event.kind == "customer.topped_up")):
        with pytest.raises(DBAPIError, match="append-only"), club.write() as work:
            work.db.execute(doomed)
    assert "customer.topped_up" in kinds(club)
    assert not kinds(club) & set(rules.KINDS_THAT_GO)


@pytest.mark.parametrize(
    ("age_days", "keep_days", "oldest_days", "needed_days", "goes_days"),
    [
        (0, 30, None, None, None),
        (0, 30, 29, None, None),
        (0, 30, 30, None, None),
        (0, 30, 40, None, 30),
        (0, 30, 400, None, 369),
        (0, 30, 40, 35, 35),
        (0, 30, 40, 50, None),
        (-3650, 365, 10, None, -21),
    ],
)
def test_no_more_than_a_month_of_the_oldest_goes_in_a_night(
    age_days: int, keep_days: int, oldest_days: int | None, needed_days: int | None,
    goes_days: int | None,
) -> None:  # fmt: skip
    """In days before a true today; the last one is a clock that is ten years ahead."""

    def at(days: int) -> int:
        return 10**9 - days * DAY

    goes = rules.goes_before(
        at(age_days),
        keep_days,
        None if oldest_days is None else at(oldest_days),
        None if needed_days is None else at(needed_days),
    )
    assert goes == (None if goes_days is None else at(goes_days))
