"""Somebody who plays, and what is asked of them again and again."""

from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import queries, service
from tests.support.club import People

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


def report(
    session_id: int, played: int, *, boot: str = "boot-1", restarted: bool = False
) -> ReportedSession:
    return ReportedSession(
        session_id=session_id,
        lease_serial=1,
        played_seconds=played,
        boot_id=boot,
        last_tick_at=0,
        restarted=restarted,
    )


def assert_books_balance(club: ClubContext) -> None:
    with club.read() as db:
        assert check_ledger(db) == []
