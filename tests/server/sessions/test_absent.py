"""Staff seat somebody on the account of a customer who is not there: it stands in the suspicious report with a name."""

from collections.abc import Callable

import pytest

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import operations
from lovhub.server.customers import service as customers
from lovhub.server.journal import service as journal
from lovhub.server.sessions import absent, moves, own_pause, service
from lovhub.server.sessions.till import Till, TopUp
from tests.support.club import CASHIER, People
from tests.support.staff import hire
from tests.support.suspicious import told

DAY = 24 * 3600


def lines(club: ClubContext) -> list[tuple[str, str, int | None]]:
    return [
        (one.judged.group, one.person, one.customer_id)
        for one in told(club)
        if one.judged.group in {"absent", "resumed"}
    ]


def seen(club: ClubContext, kind: str, customer_id: int) -> None:
    with club.write() as work:
        journal.record(work, kind, CASHIER, customer_id=customer_id)


@pytest.fixture
def customer_id(club: ClubContext, people: People) -> int:
    """They have money and an hour, and signed in today."""
    customer_id = people.customer(balance_tiyn=2_000_00)
    customers.give_time(
        club, customer_id=customer_id, seconds=3600, title="+", reason="сбой", key="g", actor=CASHIER
    )  # fmt: skip
    seen(club, "customer.signed_in", customer_id)
    return customer_id


def by_time(club: ClubContext, people: People, customer_id: int, actor: Actor) -> int:
    return service.seat_customer(
        club, computer_id=people.computer(), customer_id=customer_id, actor=actor
    )


def by_balance(club: ClubContext, people: People, customer_id: int, actor: Actor) -> int:
    tariff = people.tariff(price_tiyn=500_00)
    return service.buy(
        club, computer_id=people.computer(), customer_id=customer_id, tariff_id=tariff, key="b", actor=actor
    )  # fmt: skip


Seat = Callable[[ClubContext, People, int, Actor], int]


@pytest.mark.parametrize("seat", [by_time, by_balance])
def test_who_has_not_been_seen_for_long_and_is_seated_by_the_desk_stands_there(
    club: ClubContext, people: People, clock: ManualClock, customer_id: int, seat: Seat
) -> None:
    cashier = hire(club, "Данияр")
    clock.advance(absent.LONG_DAYS * DAY + 1)
    session = seat(club, people, customer_id, cashier)
    assert lines(club) == [("absent", "Данияр", customer_id)]
    service.pause(club, session_id=session, actor=cashier)
    service.resume(club, session_id=session, actor=cashier)
    assert len(lines(club)) == 1, "it is one sitting"
    service.end(club, session_id=session, actor=cashier, reason="ended_by_desk")
    with club.read() as db:
        rows = operations.of_customer(db, club.club_id, customer_id).rows
    assert [row.detail for row in rows if row.kind == "played"] == ["desk"]


@pytest.mark.parametrize("kind", ["customer.signed_in", "customer.topped_up"])
def test_who_was_there_within_a_fortnight_does_not(
    club: ClubContext, people: People, clock: ManualClock, customer_id: int, kind: str
) -> None:
    clock.advance(absent.LONG_DAYS * DAY + 1)
    seen(club, kind, customer_id)
    clock.advance(absent.LONG_DAYS * DAY)
    by_time(club, people, customer_id, hire(club, "Данияр"))
    assert lines(club) == []


def test_who_is_new_here_does_not(club: ClubContext, people: People, clock: ManualClock) -> None:
    customer_id = people.customer(balance_tiyn=2_000_00)
    clock.advance(absent.LONG_DAYS * DAY)
    by_balance(club, people, customer_id, hire(club, "Данияр"))
    assert lines(club) == []


def test_whoever_sits_down_by_themselves_does_not(
    club: ClubContext, people: People, clock: ManualClock, customer_id: int
) -> None:
    clock.advance(absent.LONG_DAYS * DAY + 1)
    player = Actor(kind="customer", id=customer_id)
    service.begin_for_customer(
        club, computer_id=people.computer(), customer_id=customer_id, actor=player
    )
    assert lines(club) == []


def goes_on(club: ClubContext, people: People, customer_id: int, session: int, actor: Actor) -> int:
    service.resume(club, session_id=session, actor=actor)
    return session


def seated_there(
    club: ClubContext, people: People, customer_id: int, session: int, actor: Actor
) -> int:
    pc = people.session(session).computer_id
    return service.seat_customer(club, computer_id=pc, customer_id=customer_id, actor=actor)


def seated_elsewhere(
    club: ClubContext, people: People, customer_id: int, session: int, actor: Actor
) -> int:
    pc = people.computer()
    return service.seat_customer(club, computer_id=pc, customer_id=customer_id, actor=actor)


def moved(club: ClubContext, people: People, customer_id: int, session: int, actor: Actor) -> int:
    return moves.move(club, session_id=session, to_computer_id=people.computer(), actor=actor)


GoOn = Callable[[ClubContext, People, int, int, Actor], int]
WAYS = [goes_on, seated_there, seated_elsewhere, moved]


def plays(club: ClubContext, people: People, customer_id: int) -> int:
    return by_time(club, people, customer_id, Actor(kind="customer", id=customer_id))


@pytest.mark.parametrize("way", WAYS)
def test_whoever_ends_a_players_own_pause_stands_there(
    club: ClubContext, people: People, clock: ManualClock, customer_id: int, way: GoOn
) -> None:
    session = plays(club, people, customer_id)
    own_pause.pause(
        club, computer_id=people.session(session).computer_id, customer_id=customer_id,
        actor=Actor(kind="customer", id=customer_id),
    )  # fmt: skip
    clock.advance(60)
    again = way(club, people, customer_id, session, hire(club, "Данияр"))
    assert people.session(again).state == "active"
    assert lines(club) == [("resumed", "Данияр", customer_id)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("seconds", "is_told"), [(3599, False), (3600, True)])
def test_a_pause_of_the_desks_is_told_of_once_it_was_long(
    club: ClubContext, people: People, clock: ManualClock, customer_id: int,
    way: GoOn, seconds: int, *, is_told: bool,
) -> None:  # fmt: skip
    cashier = hire(club, "Данияр")
    session = plays(club, people, customer_id)
    service.pause(club, session_id=session, actor=cashier)
    clock.advance(seconds)
    way(club, people, customer_id, session, cashier)
    assert lines(club) == [("resumed", "Данияр", customer_id)] * is_told


def test_so_it_is_of_a_guest_who_may_have_gone(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier = hire(club, "Данияр")
    session = service.seat_guest(
        club, computer_id=people.computer(), tariff_id=people.tariff(), method="cash", guest_name="",
        actor=cashier, key="guest",
    )  # fmt: skip
    service.pause(club, session_id=session, actor=cashier)
    clock.advance(absent.STOOD_LONG_SECONDS)
    service.resume(club, session_id=session, actor=cashier)
    assert lines(club) == [("resumed", "Данияр", None)]


def test_who_pays_there_and_then_or_signs_in_is_not_absent(
    club: ClubContext, people: People, clock: ManualClock, customer_id: int
) -> None:
    session, me = plays(club, people, customer_id), Actor(kind="customer", id=customer_id)
    pc = people.session(session).computer_id
    own_pause.pause(club, computer_id=pc, customer_id=customer_id, actor=me)
    clock.advance(60)
    service.buy(
        club, computer_id=pc, customer_id=customer_id, tariff_id=people.tariff(price_tiyn=500_00),
        key="b", actor=hire(club, "Данияр"), top_up=TopUp(500_00, "cash"), till=Till(received_tiyn=500_00),
    )  # fmt: skip
    own_pause.pause(club, computer_id=pc, customer_id=customer_id, actor=me)
    clock.advance(60)
    service.begin_for_customer(club, computer_id=pc, customer_id=customer_id, actor=me)
    assert people.session(session).state == "active"
    assert lines(club) == []
