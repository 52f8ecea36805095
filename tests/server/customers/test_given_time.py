"""Time without money: with a reason, once, and taken up by a session that runs."""

import pytest
from sqlalchemy import select

from lovhub.server.bus import News, SessionChanged
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries, service
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import queries as sessions
from lovhub.server.sessions import service as sessions_service
from tests.support.club import CASHIER, People


def give(
    club: ClubContext,
    customer_id: int,
    seconds: int = 1800,
    reason: str = "Завис ПК",
    key: str = "k",
) -> int:
    return service.give_time(
        club, customer_id=customer_id, seconds=seconds, title="Подарок", reason=reason, key=key,
        actor=CASHIER,
    )  # fmt: skip


def seconds_of(club: ClubContext, customer_id: int) -> int:
    with club.read() as db:
        return queries.row(db, club.club_id, customer_id).seconds_available


def test_time_is_given_once_and_recorded(club: ClubContext, people: People) -> None:
    customer = people.customer()
    lot_id = give(club, customer, reason=" Завис ПК ")
    assert give(club, customer) == lot_id
    assert seconds_of(club, customer) == 1800
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "time.given")).one()
        assert check_ledger(db) == []
    assert (event.customer_id, event.actor_name) == (customer, CASHIER.name)
    assert event.data == {"lot_id": lot_id, "seconds": 1800, "reason": "Завис ПК"}
    with pytest.raises(OperationRefused, match="key_reused"):
        give(club, customer, seconds=60)


def test_not_without_a_reason_nor_to_nobody(club: ClubContext, people: People) -> None:
    with pytest.raises(OperationRefused) as refusal:
        give(club, people.customer(), seconds=0, reason=" ")
    assert refusal.value.values == {
        "seconds": "given_time_out_of_range",
        "reason": "reason_missing",
    }
    with pytest.raises(OperationRefused, match="customer_unknown"):
        give(club, 10**9)


def test_whoever_plays_now_has_it_at_once(
    club: ClubContext, people: People, news: list[News]
) -> None:
    customer, pc = people.customer(balance_tiyn=500_00), people.computer()
    session_id = sessions_service.buy(
        club, computer_id=pc, customer_id=customer, tariff_id=people.tariff(seconds=300), key="buy",
        actor=CASHIER,
    )  # fmt: skip
    news.clear()
    give(club, customer)
    assert SessionChanged(session_id, pc) in news
    with club.read() as db:
        here = sessions.pc_session(db, club.club_id, pc, club.clock.now())
    assert here is not None
    assert here.lease is not None
    assert here.view.seconds_left == 2100
    assert here.lease.seconds > 300
