"""A customer who is known in two clubs: one balance, spent once; time is played where it was bought."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Barrier

import pytest
from sqlalchemy import select

from lovhub.clock import Clock
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries as customers
from lovhub.server.customers import service as customers_service
from lovhub.server.customers import view as customers_view
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.export import journal as export
from lovhub.server.loyalty import queries as loyalty_queries
from lovhub.server.loyalty import service as loyalty
from lovhub.server.reports import queries as reports
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from tests.support.club import OWNER, People, found_another_club
from tests.support.databases import each_database as database_url

__all__ = ["database_url"]

PRICE = 500_00


@dataclass
class At:
    """A club, with a PC and a tariff."""

    club: ClubContext
    computer: int
    tariff: int

    def buy(self, customer: int, key: str) -> int:
        return sessions.buy(
            self.club,
            computer_id=self.computer,
            customer_id=customer,
            tariff_id=self.tariff,
            key=key,
            actor=OWNER,
        )

    def register(self, login: str) -> int:
        return customers_service.register(
            self.club, login=login, name="", phone="", password="very long password", actor=OWNER
        )

    def balance_tiyn(self, customer: int) -> int:
        with self.club.read() as db:
            return customers.row(db, self.club.club_id, customer).balance_tiyn

    def seconds_here(self, customer: int) -> int:
        with self.club.read() as db:
            now = self.club.clock.now()
            return customers_view.customer_view(
                db, self.club.club_id, customer, now
            ).seconds_available

    def top_up(self, customer: int, amount_tiyn: int, key: str) -> int:
        return customers_service.top_up(
            self.club,
            customer_id=customer,
            amount_tiyn=amount_tiyn,
            method="cash",
            key=key,
            actor=OWNER,
        )


def at(club: ClubContext) -> At:
    people = People(club)
    return At(club, people.computer(), people.tariff(price_tiyn=PRICE))


@pytest.fixture
def arena(club: ClubContext) -> At:
    return at(club)


@pytest.fixture
def palace(club: ClubContext, clock: Clock) -> At:
    """Of the same chain, with the arena's customers."""
    other = found_another_club(club.database, clock, club_id=2)
    with other.write() as work:
        row = work.db.get_one(Club, 2)
        row.name, row.customers_of = "Дворец", club.club_id
    return at(other)


def test_who_registers_at_one_is_a_customer_of_both_with_one_balance(arena: At, palace: At) -> None:
    customer = palace.register("sniper")
    with arena.club.read() as db:
        known = customers.by_login(db, arena.club.club_id, "sniper")
        assert known is not None
        assert known.id == customer
    with pytest.raises(OperationRefused) as refused:
        arena.register("Sniper")
    assert refused.value.values == {"login": "login_taken"}
    arena.top_up(customer, 3 * PRICE, "at-the-arena")
    assert palace.balance_tiyn(customer) == 3 * PRICE
    group = loyalty.create_group(palace.club, name="Друзья", percent=10, actor=OWNER)
    with arena.club.read() as db:
        assert loyalty_queries.group(db, arena.club.club_id, group).discount_percent == 10


def test_who_registers_while_customers_become_shared_is_not_lost(
    arena: At, club: ClubContext, clock: Clock
) -> None:
    other = at(found_another_club(club.database, clock, club_id=2))

    with ThreadPoolExecutor() as threads:
        with other.club.write() as work:
            work.db.get_one(Club, 2, with_for_update=True).customers_of = 1
            work.db.flush()
            registering = threads.submit(other.register, "late")
            wait([registering], timeout=0.5)
        customer = registering.result()
    assert arena.balance_tiyn(customer) == other.balance_tiyn(customer) == 0


def test_time_is_played_where_it_was_bought(arena: At, palace: At) -> None:
    customer = People(arena.club).customer(balance_tiyn=5 * PRICE)
    session = arena.buy(customer, "at-the-arena")
    with pytest.raises(OperationRefused, match="already_elsewhere"):
        palace.buy(customer, "meanwhile")
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    assert (arena.seconds_here(customer), palace.seconds_here(customer)) == (3600, 0)
    assert palace.balance_tiyn(customer) == 4 * PRICE
    begun = palace.buy(customer, "at-the-palace")
    with palace.club.read() as db:
        assert db.get_one(PlaySession, begun).leased_seconds > 0
    sessions.end(palace.club, session_id=begun, reason="stand", actor=OWNER)
    assert (arena.seconds_here(customer), palace.seconds_here(customer)) == (3600, 3600)


def test_the_last_of_a_balance_is_spent_at_one_club_when_both_sell_at_once(
    arena: At, palace: At
) -> None:
    customer = People(arena.club).customer(balance_tiyn=PRICE)
    ready = Barrier(2)

    def press(where: At) -> str:
        ready.wait(10)
        try:
            where.buy(customer, f"at-{where.club.club_id}")
        except OperationRefused as refused:
            return refused.code
        return ""

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(press, (arena, palace)))
    assert told in (["", "already_elsewhere"], ["", "not_enough_money"])
    assert arena.balance_tiyn(customer) == 0
    with arena.club.read() as db:
        assert check_ledger(db) == []


def test_both_owe_their_customers_together_and_the_journal_has_both(arena: At, palace: At) -> None:
    customer = People(arena.club).customer(balance_tiyn=3 * PRICE)
    palace.buy(customer, "at-the-palace")
    with arena.club.read() as db:
        assert check_ledger(db) == []
        for one in (arena, palace):
            owed = reports.owed(db, club_service.get(db, one.club.club_id))
            assert (owed.balances_tiyn, owed.unplayed_tiyn) == (2 * PRICE, PRICE)
        lines = list(export(db, arena.club.club_id))
        assert any(":club1" in line for line in lines)
        assert any(":club2" in line for line in lines)
        assert lines[1:] == list(export(db, palace.club.club_id))[1:]


def test_a_club_with_customers_of_its_own_knows_nobody_elses(arena: At, clock: Clock) -> None:
    apart = at(found_another_club(arena.club.database, clock, club_id=3))
    customer = People(arena.club).customer(balance_tiyn=PRICE)
    with pytest.raises(OperationRefused, match="customer_unknown"):
        apart.buy(customer, "at-another")
    with apart.club.read() as db:
        assert customers.count(db, apart.club.club_id) == 0
        assert list(db.scalars(select(Club.customers_of))) == [None, None]
