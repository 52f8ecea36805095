"""One balance and one debt at two clubs: what one of them does reaches what is played at the other, and is not lost."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.customers import forgetting, own_data, reversal
from lovhub.server.customers import queries as customers
from lovhub.server.customers.queries import Only
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.ledger.check import check_ledger
from lovhub.server.payments import at_pc
from lovhub.server.payments import service as payment_service
from lovhub.server.payments.settings import Payments
from lovhub.server.reports import books, service
from lovhub.server.reports.models import BookDay
from lovhub.server.reports.rules import ClubDays, Period
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.sitting import load_sitting
from tests.server.chain.test_shared_customers import PRICE, At, arena, palace
from tests.server.sessions.sittings import PLAYER
from tests.server.sessions.test_by_minute import BY_MINUTE
from tests.server.sessions.test_in_debt import OnCredit
from tests.support import suspicious
from tests.support.bank import Bank
from tests.support.club import CASHIER, OWNER, People
from tests.support.databases import each_database as database_url
from tests.support.month import DAY
from tests.support.web import WebAdmin

__all__ = ["arena", "database_url", "palace"]


@pytest.fixture
def visit(arena: At, clock: ManualClock) -> OnCredit:
    """Somebody at the arena, who may play in debt there."""
    return OnCredit(arena.club, People(arena.club), clock)


def differences(where: At) -> list[object]:
    with where.club.read() as db:
        return list(check_ledger(db))


def test_a_debt_made_at_one_club_is_paid_at_the_other_and_is_over_at_both(
    visit: OnCredit, arena: At, palace: At
) -> None:
    session = visit.seat()
    visit.play(600)
    visit.leave(session)
    assert visit.has_and_owes() == (0, 100_00)
    with arena.club.read() as db:
        assert [alarm.closed_at for alarm in db.scalars(select(Alarm))] == [None]
    palace.top_up(visit.customer, 150_00, "at-the-palace")
    assert visit.has_and_owes() == (50_00, 0)
    with arena.club.read() as db:
        assert [alarm.closed_at is None for alarm in db.scalars(select(Alarm))] == [False]
    assert differences(arena) == []


def test_what_comes_in_at_the_other_club_lengthens_playing_by_the_minute(
    visit: OnCredit, palace: At
) -> None:
    visit.pay_in(100)
    session = visit.buy(visit.sold(BY_MINUTE))
    visit.play(300)
    palace.top_up(visit.customer, 100_00, "at-the-palace")
    visit.play(600)
    assert visit.people.session(session).state == "active"
    visit.play(400)
    row = visit.people.session(session)
    assert (row.state, row.played_seconds, visit.balance()) == ("ended", 1200, 0)
    assert differences(palace) == []


def test_what_a_sitting_by_the_minute_reserves_is_not_spent_at_the_other_club(
    visit: OnCredit, palace: At
) -> None:
    palace.top_up(visit.customer, 150_00, "at-the-palace")
    posting = palace.top_up(visit.customer, 50_00, "more-at-the-palace")
    session = visit.buy(visit.sold(BY_MINUTE))
    visit.clock.advance(300)

    def take_back() -> str:
        with pytest.raises(OperationRefused) as refusal:
            reversal.take_back(
                palace.club,
                customer_id=visit.customer,
                posting_id=posting,
                reason="по ошибке",
                actor=OWNER,
            )
        return refusal.value.code

    with ThreadPoolExecutor() as threads:
        with visit.club.write() as work:
            sitting = load_sitting(work, session)
            taking = threads.submit(take_back)
            wait([taking], timeout=0.5)
            sitting.lengthened(CASHIER)
        assert taking.result() == "top_up_spent"
    assert visit.balance() == 0
    assert differences(palace) == []


def test_a_customer_is_forgotten_at_one_club_with_time_of_the_other(arena: At, palace: At) -> None:
    customer = People(arena.club).customer(balance_tiyn=2 * PRICE)
    session = arena.buy(customer, "at-the-arena")
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    paid = forgetting.forget(
        palace.club,
        customer_id=customer,
        fate="pay_out",
        reason="попросил",
        expected_tiyn=2 * PRICE,
        actor=OWNER,
    )
    assert paid == 2 * PRICE
    assert differences(palace) == []


def test_the_desk_sees_the_time_that_can_be_played_at_its_club(arena: At, palace: At) -> None:
    customer = People(arena.club).customer(balance_tiyn=2 * PRICE)
    session = arena.buy(customer, "at-the-arena")
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    for where, seconds in ((arena, 3600), (palace, 0)):
        with where.club.read() as db:
            listed = customers.page(db, where.club.club_id).rows
            assert [row.seconds_available for row in listed] == [seconds]
            one = customers.row(db, where.club.club_id, customer)
            assert one.seconds_available == seconds
            with_time = customers.page(db, where.club.club_id, only=Only(with_time=True)).rows
            assert bool(with_time) == bool(seconds)


def test_an_old_debt_is_told_at_the_club_that_let_it_be_made(
    visit: OnCredit, arena: At, palace: At, clock: ManualClock
) -> None:
    session = visit.seat()
    visit.play(600)
    visit.leave(session)
    clock.advance(8 * 24 * 3600)
    debts = []
    for where in (arena, palace):
        found = suspicious.told(where.club)
        debts.append([one.judged.amount_tiyn for one in found if one.judged.group == "unpaid"])
    assert debts == [[-100_00], []]


def test_a_question_of_one_club_is_not_shown_at_a_pc_of_the_other(arena: At, palace: At) -> None:
    customer = People(arena.club).customer()
    bank = Bank()
    payments = Payments("qr_r3", bank, {bank.name: bank})
    provider, question, _taken_back = at_pc.ask(
        arena.club,
        payments,
        computer_id=arena.computer,
        customer_id=customer,
        amount_tiyn=PRICE,
        request_id="asked",
        actor=PLAYER,
    )
    payment_service.put(arena.club, provider, question)
    asked = []
    for where in (arena, palace):
        with where.club.read() as db:
            now = where.club.clock.now()
            shown = at_pc.view(db, where.club.club_id, payments, customer, now)
        assert shown is not None
        asked.append(shown.asked is not None)
    assert asked == [True, False]


def test_each_desk_sees_its_own_log_of_a_customer_who_is_given_both(
    arena: At, palace: At, clock: ManualClock
) -> None:
    customer = People(arena.club).customer()
    arena.top_up(customer, 111_00, "at-the-arena")
    clock.advance(60)
    palace.top_up(customer, 222_00, "at-the-palace")
    web = WebAdmin(palace.club)
    page = web.owner().get(f"/admin/customers/{customer}?tab=log").text
    with (
        web.app.test_request_context(),
        own_data.collect(palace.club, customer) as file,
        ZipFile(file) as archive,
    ):
        log = archive.read("journal.csv").decode()
    web.give_back()
    assert ("222\N{NO-BREAK SPACE}₸" in page, "111\N{NO-BREAK SPACE}₸" in page) == (True, False)
    assert 0 < log.index("222") < log.index("111"), "the newest first"


def test_a_top_up_is_taken_back_where_it_was_made_and_seen_at_both(
    arena: At, palace: At, clock: ManualClock
) -> None:
    customer = People(arena.club).customer()
    top_ups = [arena.top_up(customer, PRICE, "here"), palace.top_up(customer, PRICE, "there")]
    clock.advance(600)
    web = WebAdmin(palace.club)
    owner = web.owner()
    before = owner.get(f"/admin/customers/{customer}").text
    reversal.take_back(
        arena.club, customer_id=customer, posting_id=top_ups[0], reason="ошибка", actor=OWNER
    )
    after = owner.get(f"/admin/customers/{customer}").text
    web.give_back()
    assert [f"posting-{top_up}" in before for top_up in top_ups] == [False, True]
    assert [page.count("отменено") for page in (before, after)] == [0, 1]


def test_one_balance_is_in_one_currency(arena: At, palace: At) -> None:
    for where in (arena, palace):
        with where.club.read() as db:
            settings = club_service.settings_of(club_service.get(db, where.club.club_id))
        with pytest.raises(OperationRefused) as refused:
            club_service.change_settings(
                where.club, settings=replace(settings, currency="RUB"), actor=OWNER
            )
        assert refused.value.values == {"currency": "currency_locked"}


def test_the_books_of_a_day_are_each_clubs_and_together_what_customers_are_owed(
    arena: At, palace: At, clock: ManualClock
) -> None:
    customer = People(arena.club).customer()
    arena.top_up(customer, 3 * PRICE, "at-the-arena")
    palace.buy(customer, "at-the-palace")
    days = ClubDays("Asia/Almaty")
    day = days.day_of(clock.now())
    clock.advance(2 * DAY)
    told = []
    for where in (arena, palace):
        service.sum_up(where.club)
        service.close_book_days(where.club)
        with where.club.read() as db:
            assert list(
                db.scalars(select(BookDay.club_id).where(BookDay.club_id == where.club.club_id))
            )
            found = books.read(db, where.club.club_id, Period(days, day, day), "day", "whole")
        (line,) = books.lines(found)
        owed = {one.kind: one.after_tiyn for one in found.owed}
        told.append((line.sums.of("in"), line.sums.of("sold"), owed))
    assert told == [
        (3 * PRICE, 0, {"customer_balance": 3 * PRICE}),
        (0, PRICE, {"customer_balance": -PRICE, "lot_unearned": PRICE}),
    ]
