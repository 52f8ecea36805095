"""Whose games a PC may give back: of the same player, in time, and only when their time had run out."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.sessions import link, queries, service
from tests.server.sessions.sittings import PLAYER, assert_books_balance, buy_hour
from tests.support.club import CASHIER, People


def continues(club: ClubContext, computer: int) -> int | None:
    with club.read() as db:
        here = queries.pc_session(db, club.club_id, computer, club.clock.now())
    assert here is not None
    return here.view.continues


def run_out(club: ClubContext, clock: ManualClock, computer: int) -> None:
    for _ in range(5):
        clock.advance(720)
        link.run_due(club, {computer})


@pytest.mark.parametrize(
    ("late_seconds", "grace_seconds", "goes_on"),
    [(0, 180, True), (180, 180, True), (200, 180, False), (0, 0, False)],
)
def test_a_customer_who_pays_in_time_goes_on_and_is_billed_nothing_between(
    club: ClubContext,
    people: People,
    clock: ManualClock,
    late_seconds: int,
    grace_seconds: int,
    goes_on: bool,
) -> None:
    with club.write() as work:
        club_service.get(work.db, club.club_id).grace_seconds = grace_seconds
    customer, computer, first = buy_hour(club, people)
    run_out(club, clock, computer)
    assert people.session(first).end_reason == "time_over"
    clock.advance(late_seconds)
    second = service.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=1, key="more", actor=PLAYER
    )

    assert continues(club, computer) == (first if goes_on else None)
    assert people.session(second).started_at == clock.now()
    assert people.session(first).played_seconds == 3600
    clock.advance(60)
    service.end(club, session_id=second, actor=PLAYER, reason="signed_out")
    assert people.session(second).played_seconds == 60
    assert_books_balance(club)


@pytest.mark.parametrize(("next_guest", "goes_on"), [("Аня", True), ("Боря", False), ("", False)])
def test_after_a_guest_a_guest_of_the_same_name_goes_on(
    club: ClubContext, people: People, clock: ManualClock, next_guest: str, goes_on: bool
) -> None:
    computer, tariff = people.computer(), people.tariff()

    def seat(name: str, key: str) -> int:
        return service.seat_guest(
            club,
            computer_id=computer,
            tariff_id=tariff,
            method="cash",
            guest_name=name,
            actor=CASHIER,
            key=key,
        )

    first = seat("Аня ", "a")
    run_out(club, clock, computer)
    seat(next_guest, "b")
    assert continues(club, computer) == (first if goes_on else None)


def test_who_left_before_the_end_left_nothing_open(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, first = buy_hour(club, people)
    clock.advance(60)
    service.end(club, session_id=first, actor=PLAYER, reason="signed_out")
    service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
    assert continues(club, computer) is None


def test_nobody_gets_the_game_of_another_customer(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, _ = buy_hour(club, people)
    run_out(club, clock, computer)
    other = people.customer(balance_tiyn=50_000)
    service.buy(
        club, computer_id=computer, customer_id=other, tariff_id=1, key="other", actor=PLAYER
    )
    assert continues(club, computer) is None
