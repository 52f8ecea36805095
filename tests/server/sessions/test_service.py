"""Sessions as the desk and the player ask for them, on a real database with a clock moved by hand."""

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import codes, link, queries, service
from tests.support.club import CASHIER, People

PLAYER = Actor(kind="customer", id=1, name="Ерлан")


def buy_hour(club: ClubContext, people: People, *, key: str = "k1") -> tuple[int, int, int]:
    """A customer with 2,000 ₸ buys an hour at a PC: (customer, PC, session)."""
    customer, computer, tariff = (
        people.customer(balance_tiyn=200_000),
        people.computer(),
        people.tariff(),
    )
    session = service.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=tariff, key=key, actor=PLAYER
    )
    return customer, computer, session


def seconds_left(club: ClubContext, computer_id: int) -> int:
    with club.read() as db:
        live = queries.hall_sessions(db, club.club_id, club.clock.now(), computer_id)
    return live[computer_id].seconds_left


def lease_seconds(club: ClubContext, computer_id: int) -> int:
    with club.read() as db:
        session = queries.pc_session(db, club.club_id, computer_id, club.clock.now())
    assert session is not None
    assert session.lease is not None
    return session.lease.seconds


def report(session_id: int, played: int, *, boot: str = "boot-1") -> ReportedSession:
    return ReportedSession(
        session_id=session_id, lease_serial=1, played_seconds=played, boot_id=boot, last_tick_at=0
    )


def assert_books_balance(club: ClubContext) -> None:
    with club.read() as db:
        assert check_ledger(db) == []


def test_an_hour_bought_leaves_the_balance_and_runs(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)

    assert people.balance_tiyn(customer) == 150_000
    clock.advance(60)
    assert seconds_left(club, computer) == 3540
    assert lease_seconds(club, computer) == 900
    assert people.session(session).state == "active"
    assert_books_balance(club)


def test_the_same_key_buys_once(club: ClubContext, people: People) -> None:
    customer, computer, session = buy_hour(club, people, key="same")

    again = service.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=1, key="same", actor=PLAYER
    )

    assert again == session
    assert people.balance_tiyn(customer) == 150_000
    assert seconds_left(club, computer) == 3600


def test_too_little_money_sells_nothing(club: ClubContext, people: People) -> None:
    customer, computer, tariff = (
        people.customer(balance_tiyn=49_999),
        people.computer(),
        people.tariff(),
    )

    with pytest.raises(OperationRefused, match="not_enough_money"):
        service.buy(
            club,
            computer_id=computer,
            customer_id=customer,
            tariff_id=tariff,
            key="k",
            actor=PLAYER,
        )

    assert people.balance_tiyn(customer) == 49_999
    assert_books_balance(club)


def test_the_hour_ends_to_the_second(club: ClubContext, people: People, clock: ManualClock) -> None:
    _, computer, session = buy_hour(club, people)

    for _ in range(3599):
        clock.advance(1)
        link.run_due(club, {computer})
    assert people.session(session).state == "active"
    clock.advance(1)
    link.run_due(club, {computer})

    ended = people.session(session)
    assert (ended.state, ended.end_reason, ended.played_seconds) == ("ended", "time_over", 3600)
    assert_books_balance(club)


def test_a_repeated_sign_in_resumes_nothing_twice(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(100)

    assert (
        service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
        == session
    )
    assert seconds_left(club, computer) == 3500


def test_nobody_plays_on_two_pcs(club: ClubContext, people: People) -> None:
    customer, _, _ = buy_hour(club, people)

    with pytest.raises(OperationRefused, match="already_elsewhere"):
        service.begin_for_customer(
            club, computer_id=people.computer(), customer_id=customer, actor=PLAYER
        )


def test_a_pc_is_not_given_to_two_people(club: ClubContext, people: People) -> None:
    _, computer, _ = buy_hour(club, people)

    with pytest.raises(OperationRefused, match="computer_busy"):
        service.seat_guest(
            club,
            computer_id=computer,
            tariff_id=1,
            method="cash",
            guest_name="",
            actor=CASHIER,
            key="guest",
        )


def test_a_pause_stops_the_clock(club: ClubContext, people: People, clock: ManualClock) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(600)
    service.pause(club, session_id=session, actor=CASHIER)
    clock.advance(5000)

    assert seconds_left(club, computer) == 3000
    service.resume(club, session_id=session, actor=CASHIER)
    clock.advance(10)
    assert seconds_left(club, computer) == 2990
    assert_books_balance(club)


def test_signing_out_keeps_what_is_left(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(600)
    service.end(club, session_id=session, actor=PLAYER, reason="signed_out")

    again = service.begin_for_customer(
        club, computer_id=computer, customer_id=customer, actor=PLAYER
    )
    assert again not in {None, session}
    assert seconds_left(club, computer) == 3000
    assert_books_balance(club)


def test_without_time_nothing_begins(club: ClubContext, people: People) -> None:
    customer, computer = people.customer(), people.computer()

    assert (
        service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
        is None
    )


def test_a_guest_sits_and_gets_more_time(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer, tariff = people.computer(), people.tariff()
    session = service.seat_guest(
        club,
        computer_id=computer,
        tariff_id=tariff,
        method="cash",
        guest_name="Гость",
        actor=CASHIER,
        key="g",
    )
    clock.advance(60)
    service.sell_more(
        club, session_id=session, tariff_id=tariff, method="kaspi", actor=CASHIER, key="more"
    )
    service.sell_more(
        club, session_id=session, tariff_id=tariff, method="kaspi", actor=CASHIER, key="more"
    )

    assert seconds_left(club, computer) == 7140
    assert_books_balance(club)


def test_a_seat_code_opens_one_sitting(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer, tariff = people.computer(), people.tariff()
    sold = codes.sell_seat_code(
        club,
        tariff_id=tariff,
        method="cash",
        computer_id=None,
        guest_name="",
        actor=CASHIER,
        key="code",
    )
    clock.advance(3600)

    with pytest.raises(OperationRefused, match="wrong_code"):
        codes.begin_with_code(club, computer_id=computer, code="999999x")
    codes.begin_with_code(club, computer_id=computer, code=f"{sold.code[:3]} {sold.code[3:]}")
    assert seconds_left(club, computer) == 3600
    with pytest.raises(OperationRefused, match="wrong_code"):
        codes.begin_with_code(club, computer_id=people.computer(), code=sold.code)


def test_a_seat_code_for_one_pc_opens_no_other(club: ClubContext, people: People) -> None:
    sold = codes.sell_seat_code(
        club,
        tariff_id=people.tariff(),
        method="cash",
        computer_id=people.computer(),
        guest_name="",
        actor=CASHIER,
        key="code",
    )
    with pytest.raises(OperationRefused, match="wrong_code"):
        codes.begin_with_code(club, computer_id=people.computer(), code=sold.code)


def test_a_guest_moves_with_the_time_left(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    here, there, tariff = people.computer(), people.computer(), people.tariff()
    session = service.seat_guest(
        club,
        computer_id=here,
        tariff_id=tariff,
        method="card",
        guest_name="",
        actor=CASHIER,
        key="g",
    )
    clock.advance(600)
    service.move(club, session_id=session, to_computer_id=there, actor=CASHIER)

    assert seconds_left(club, there) == 3000
    assert people.session(session).end_reason == "moved"
    assert_books_balance(club)


def test_a_lost_link_settles_by_the_pcs_count(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(100)
    link.link_lost(club, computer_id=computer)
    clock.advance(400)
    link.run_due(club, set())
    assert people.session(session).state == "unreachable"

    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 498))

    assert people.session(session).state == "active"
    assert seconds_left(club, computer) == 3100  # the PC never stopped: the clock is right
    assert_books_balance(club)


def test_a_power_cut_pauses_where_the_pc_was_last_seen(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(100)
    link.link_lost(club, computer_id=computer)
    clock.advance(3000)
    link.link_returned(club, computer_id=computer, boot_id="boot-2", report=report(session, 97))

    row = people.session(session)
    assert (row.state, row.pause_reason) == ("paused", "power_cut")
    assert seconds_left(club, computer) == 3503
    assert (
        service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
        == session
    )
    assert_books_balance(club)


def test_after_a_power_cut_the_next_player_need_not_wait(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    link.link_returned(club, computer_id=computer, boot_id="boot-2", report=report(session, 0))

    other = people.customer(balance_tiyn=50_000)
    service.buy(
        club, computer_id=computer, customer_id=other, tariff_id=1, key="other", actor=PLAYER
    )
    assert people.session(session).state == "ended"


def test_a_report_never_goes_beyond_the_lease(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(3000)
    link.link_returned(
        club, computer_id=computer, boot_id="boot-1", report=report(session, 1_000_000)
    )
    assert seconds_left(club, computer) == 2700


def test_a_report_repeated_settles_once(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(200)
    for _ in range(3):
        link.link_returned(
            club, computer_id=computer, boot_id="boot-1", report=report(session, 200)
        )
        link.link_lost(club, computer_id=computer)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 200))
    assert seconds_left(club, computer) == 3400


def test_what_a_silent_pc_holds_is_not_played_elsewhere(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)

    other = people.computer()
    service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)

    assert seconds_left(club, other) == 2700
    clock.advance(60)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 60))
    assert people.session(session).end_reason == "moved"
    assert seconds_left(club, other) == 3480
    assert_books_balance(club)


def test_a_release_needs_a_reason_and_a_later_report_is_an_alarm(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    with pytest.raises(OperationRefused, match="reason_missing"):
        service.release(club, session_id=session, reason="  ", actor=CASHIER)
    service.release(club, session_id=session, reason="ПК сгорел", actor=CASHIER)

    other = people.computer()
    service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, other) == 3600

    clock.advance(300)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 300))
    with club.read() as db:
        kinds = [alarm.kind for alarm in db.query(Alarm)]
    assert kinds == ["late_report"]
    assert_books_balance(club)


def test_the_servers_own_death_costs_nobody_anything(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(120)

    link.recover_after_start(club)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 118))

    assert seconds_left(club, computer) == 3480
    assert_books_balance(club)


def test_a_pc_that_forgot_everything_is_settled_by_what_was_seen(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(50)
    with club.write() as work:
        work.db.get_one(Computer, computer).last_seen_at = work.now
    link.link_lost(club, computer_id=computer)
    clock.advance(500)
    link.link_returned(club, computer_id=computer, boot_id="new", report=None)

    assert people.session(session).state == "paused"
    assert seconds_left(club, computer) == 3550
    with club.read() as db:
        assert [alarm.kind for alarm in db.query(Alarm)] == ["journal_lost"]


@pytest.mark.parametrize(
    ("silence_rule", "left"), [("consume", 2700), ("return", 3600), ("wait", None)]
)
def test_the_owner_says_what_becomes_of_a_pc_that_never_came_back(
    club: ClubContext, people: People, clock: ManualClock, silence_rule: str, left: int | None
) -> None:
    with club.write() as work:
        work.db.get_one(Club, club.club_id).silence_rule = silence_rule
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(2000)
    link.run_due(club, set())

    if left is None:
        assert people.session(session).state == "unreachable"
        return
    assert people.session(session).state == "ended"
    other = people.computer()
    service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, other) == left
    assert_books_balance(club)


def test_a_pc_that_stopped_by_itself_says_how_much_was_played(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(1000)
    with club.write() as work:
        link.stopped_by_pc(
            work, computer_id=computer, session_id=session, played_seconds=900, reason="lease_over"
        )
    assert people.session(session).end_reason == "lease_over"
    service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, computer) == 2700
    assert_books_balance(club)


def test_a_linked_pc_cannot_stop_its_session_for_less_than_the_clock_says(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(290)
    with club.write() as work:
        link.stopped_by_pc(
            work, computer_id=computer, session_id=session, played_seconds=-5, reason="lease_over"
        )
    assert people.session(session).played_seconds == 290
    service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, computer) == 3310
    assert_books_balance(club)


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_a_pc_that_links_anew_pays_for_the_time_it_was_seen(
    club: ClubContext, people: People, clock: ManualClock, boot: str
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(290)

    link.link_returned(
        club,
        computer_id=computer,
        boot_id="boot-1",
        report=report(session, 0, boot=boot),
        last_seen_at=clock.now(),
    )

    assert people.session(session).played_seconds == 290
    assert_books_balance(club)


def test_a_link_cut_again_and_again_for_half_a_minute_gains_nothing(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    for _ in range(20):
        seen_at = clock.now()
        link.link_lost(club, computer_id=computer)
        clock.advance(29)
        link.link_returned(
            club,
            computer_id=computer,
            boot_id="boot-1",
            report=report(session, 0),
            last_seen_at=seen_at,
        )
    assert people.session(session).played_seconds == 20 * 29
    assert_books_balance(club)
