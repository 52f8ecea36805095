"""What is summed up of days that are over, and what comes after them."""

from datetime import timedelta

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.reports import book_days, books, service
from lovhub.server.reports.rules import ClubDays, Period
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from tests.server.reports.books.busy_club import FIRST, kept
from tests.support.club import CASHIER, OWNER, People
from tests.support.month import DAY


def test_what_a_pc_hands_in_late_counts_when_it_comes(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc, player = people.computer(), people.customer(balance_tiyn=500_00)
    clock.advance(14 * 3600)  # 23:00
    session_id = sessions.buy(
        club, computer_id=pc, customer_id=player, tariff_id=people.tariff(price_tiyn=360_00),
        key="late", actor=CASHIER,
    )  # fmt: skip
    link.link_lost(club, computer_id=pc)
    clock.advance(DAY + 3 * 3600)
    service.sum_up(club)
    service.close_book_days(club)
    period = Period(ClubDays("Asia/Almaty"), FIRST, FIRST + timedelta(days=2))
    before = kept(club)
    assert len(before) == 1

    link.link_returned(
        club, computer_id=pc, boot_id="boot-1",
        report=ReportedSession(
            session_id=session_id, lease_serial=1, played_seconds=900, boot_id="boot-1",
            last_tick_at=0,
        ),
    )  # fmt: skip
    clock.advance(DAY)
    service.sum_up(club)
    service.close_book_days(club)
    assert kept(club)[:1] == before
    with club.read() as db:
        lines = books.lines(books.read(db, club.club_id, period, "day", "whole"))
    assert [(line.sums.of("sold"), line.sums.of("played")) for line in lines] == [
        (360_00, 0), (0, 0), (0, 90_00),
    ]  # fmt: skip


def test_what_no_time_has_earned_is_in_every_cut() -> None:
    moved = [
        book_days.Moved(0, debit, credit, False, "staff", 1, amount)
        for debit, credit, amount in (
            ("customer_balance", "revenue", 5), ("bonus_given", "customer_bonus", 7),
        )
    ]  # fmt: skip
    entries_of = book_days.entries(moved, [])
    played = {(one.cut, one.value, one.amount_tiyn) for one in entries_of if one.what == "played"}
    assert played == {("whole", "", 5), ("zone", "", 5), ("tariff", "", 5)}
    owed = book_days.added([0, DAY], "whole", {}, entries_of).owed
    assert [(one.kind, one.change_tiyn, one.in_money) for one in owed] == [
        ("customer_balance", -5, True), ("customer_bonus", 7, False),
    ]  # fmt: skip


def test_a_clock_that_was_set_back_is_summed_up_anew(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    player = people.customer(balance_tiyn=100_00)
    for _ in range(3):
        clock.advance(DAY)
        for step in (service.sum_up, service.close_book_days):
            step(club)
    assert len(kept(club)) == 3
    clock.advance(-2 * DAY)
    service.sum_up(club)
    customers.top_up(
        club, customer_id=player, amount_tiyn=50_00, method="cash", key="again", actor=OWNER
    )
    clock.advance(3 * DAY)
    for step in (service.sum_up, service.close_book_days):
        step(club)
    with club.read() as db:
        today = ClubDays("Asia/Almaty").day_of(clock.now())
        whole = Period(ClubDays("Asia/Almaty"), today - timedelta(days=9), today)
        found = books.read(db, club.club_id, whole, "whole", "whole")
    assert found.cells[0, ""]["in:cash"] == 150_00
    assert [(owed.kind, owed.after_tiyn) for owed in found.owed] == [("customer_balance", 150_00)]
