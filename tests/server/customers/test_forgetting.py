"""«Удалить»: nothing of the person stays, and everything of the books."""

import pytest
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, queries, service
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, REVENUE, WRITTEN_OFF, AccountKind
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, OWNER, People


def register(club: ClubContext) -> int:
    return service.register(
        club, login="sniper", name="Ерлан Ким", phone="+77011234567", password="домбыра",
        actor=CASHIER,
    )  # fmt: skip


def rich(club: ClubContext, people: People) -> int:
    """1500 on the balance, an hour for 500 of which a quarter is played, and ten minutes for nothing."""
    customer = register(club)
    service.top_up(
        club, customer_id=customer, amount_tiyn=2_000_00, method="cash", key="money", actor=CASHIER
    )
    session = sessions.buy(
        club, computer_id=people.computer(), customer_id=customer, tariff_id=people.tariff(),
        key="buy", actor=CASHIER,
    )  # fmt: skip
    club.clock.advance(900)  # type: ignore[attr-defined]
    sessions.end(club, session_id=session, actor=CASHIER, reason="ended_by_desk")
    service.give_time(
        club, customer_id=customer, seconds=600, title="+10", reason="Завис ПК", key="gift",
        actor=CASHIER,
    )  # fmt: skip
    return customer


def forget(
    club: ClubContext, customer: int, fate: str = "", reason: str = "", expected_tiyn: int = 0
) -> int:
    return forgetting.forget(
        club, customer_id=customer, fate=fate, reason=reason, expected_tiyn=expected_tiyn,
        actor=OWNER,
    )  # fmt: skip


def in_account(club: ClubContext, kind: AccountKind) -> int:
    with club.write() as work:
        return ledger.balance(work.db, ledger.club_account(work, kind).id)


def problems(club: ClubContext, customer: int, **how: object) -> dict[str, int | str]:
    with pytest.raises(OperationRefused) as refusal:
        forget(club, customer, **how)  # type: ignore[arg-type]
    return refusal.value.values


def test_nothing_of_the_person_stays_and_the_login_is_free(club: ClubContext) -> None:
    customer = register(club)
    assert forget(club, customer) == 0
    with club.read() as db:
        row = db.get_one(Customer, customer)
        told = [(event.actor_name, event.data) for event in db.scalars(select(Event))]
        assert queries.count(db, club.club_id) == 0
    stored = str([getattr(row, column.key) for column in row.__table__.columns]) + str(told)
    for personal in ("sniper", "Ерлан", "77011234567", "argon2"):
        assert personal not in stored
    assert register(club) != customer
    with pytest.raises(OperationRefused, match="customer_unknown"):
        forget(club, customer)


def test_money_and_unplayed_time_are_asked_about(club: ClubContext, people: People) -> None:
    customer = rich(club, people)
    with club.read() as db:
        estate = queries.estate(db, db.get_one(Customer, customer))
    assert (estate.balance_tiyn, estate.unplayed_tiyn, estate.unplayed_seconds) == (
        1_500_00,
        375_00,
        2700 + 600,
    )
    assert problems(club, customer, expected_tiyn=1_875_00) == {"fate": "estate_undecided"}
    assert problems(club, customer, expected_tiyn=1_500_00, fate="pay_out") == {
        "fate": "estate_changed"
    }
    assert problems(club, customer, expected_tiyn=1_875_00, fate="write_off") == {
        "reason": "reason_missing"
    }


def test_it_is_paid_out_in_cash(club: ClubContext, people: People) -> None:
    customer = rich(club, people)
    assert forget(club, customer, "pay_out", expected_tiyn=1_875_00) == 1_875_00
    assert in_account(club, CASH) == -125_00
    assert in_account(club, REVENUE) == 125_00
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "customer.deleted")).one()
        assert check_ledger(db) == []
    assert (event.data["paid_tiyn"], event.data["written_off_tiyn"]) == (1_875_00, 0)


def test_it_is_written_off_with_a_reason(club: ClubContext, people: People) -> None:
    customer = rich(club, people)
    assert forget(club, customer, "write_off", "Не приходит два года", 1_875_00) == 0
    assert in_account(club, WRITTEN_OFF) == 1_875_00
    assert in_account(club, CASH) == -2_000_00
    with club.read() as db:
        assert check_ledger(db) == []


def test_whoever_plays_is_not_deleted(club: ClubContext, people: People) -> None:
    customer = people.customer(balance_tiyn=500_00)
    session = sessions.buy(
        club, computer_id=people.computer(), customer_id=customer, tariff_id=people.tariff(),
        key="buy", actor=CASHIER,
    )  # fmt: skip
    with pytest.raises(OperationRefused, match="customer_plays"):
        forget(club, customer, "pay_out", expected_tiyn=500_00)
    sessions.end(club, session_id=session, actor=CASHIER, reason="ended_by_desk")
    assert forget(club, customer, "pay_out", expected_tiyn=500_00) == 500_00
