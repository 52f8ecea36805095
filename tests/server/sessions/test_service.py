"""Sessions as the desk and the player ask for them, on a real database with a clock moved by hand."""

import pytest
from sqlalchemy import event

from lovhub.clock import ManualClock
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.sessions import codes, link, moves, service
from lovhub.server.sessions.codes import SeatCodeSold
from tests.server.sessions.sittings import (
    PLAYER,
    assert_books_balance,
    buy_hour,
    lease_seconds,
    seconds_left,
)
from tests.support.club import CASHIER, People


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


def test_a_pc_that_forgets_at_a_restart_is_given_short_leases(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    with club.write() as work:
        work.db.get_one(Computer, computer).memory_lasts = False
    assert lease_seconds(club, computer) == 900

    for _ in range(20):  # what is leased already stays so, and is played down to the short lease
        clock.advance(60)
        link.run_due(club, {computer})
    assert lease_seconds(club, computer) == 1200 + 120
    assert (seconds_left(club, computer), people.session(session).state) == (2400, "active")

    other = people.computer("ПК-2")
    with club.write() as work:
        work.db.get_one(Computer, other).memory_lasts = False
    customer = people.customer(balance_tiyn=200_000)
    service.buy(club, computer_id=other, customer_id=customer, tariff_id=1, key="k2", actor=PLAYER)
    assert lease_seconds(club, other) == 120
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


def test_who_has_not_heard_the_code_hears_it_again_for_a_while(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer, tariff, other = people.computer(), people.tariff(), people.tariff()

    def sell(key: str = "code", tariff_id: int = tariff) -> SeatCodeSold:
        return codes.sell_seat_code(
            club, tariff_id=tariff_id, method="cash", computer_id=computer, guest_name="",
            actor=CASHIER, key=key,
        )  # fmt: skip

    sold = sell()
    clock.advance(600)
    assert sell() == sold
    with pytest.raises(OperationRefused, match="key_reused"):
        sell(tariff_id=other)
    clock.advance(1)
    with pytest.raises(OperationRefused, match="already_booked"):
        sell()
    typed = sell("typed")
    codes.begin_with_code(club, computer_id=computer, code=typed.code)
    with pytest.raises(OperationRefused, match="already_booked"):
        sell("typed")
    assert_books_balance(club)


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
    moves.move(club, session_id=session, to_computer_id=there, actor=CASHIER)

    assert seconds_left(club, there) == 3000
    assert people.session(session).end_reason == "moved"
    assert_books_balance(club)


def test_a_sitting_that_begins_at_a_free_pc_is_looked_up_no_more(
    club: ClubContext, people: People
) -> None:
    customer, computer = people.customer(), people.computer()
    customers.give_time(
        club, customer_id=customer, seconds=3600, title="1 час", reason="-", key="k", actor=CASHIER
    )
    said: list[str] = []

    def note(_connection: object, _cursor: object, words: str, *_: object) -> None:
        said.append(words)

    event.listen(club.database.engine, "before_cursor_execute", note)
    service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
    # Who plays there or is this customer, and who was the last one there: one question each.
    assert len([words for words in said if words.startswith("SELECT play_session")]) == 2, said
    # The club's rules come with the PC, and the row is written once, with its lease.
    assert not [words for words in said if words.startswith(("SELECT club", "UPDATE play_session"))]
    assert len([words for words in said if words.startswith("INSERT INTO play_session")]) == 1
    assert_books_balance(club)
