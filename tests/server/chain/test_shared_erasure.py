"""A customer of two clubs who is forgotten at one is forgotten at both, with all that either knew and gave."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.bus import CustomerChanged, News
from lovhub.server.conditions import queries as conditions
from lovhub.server.conditions import service as conditions_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, own_data
from lovhub.server.customers import queries as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import queries as habits
from lovhub.server.journal import log
from lovhub.server.journal.log import LogFilter
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from tests.server.chain.test_shared_customers import PRICE, At, arena, palace
from tests.server.chain.test_shared_rules import confirm, customer, game, refused
from tests.server.sessions.test_in_debt import OnCredit
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url

__all__ = ["arena", "customer", "database_url", "palace"]


def forget(where: At, customer: int, tiyn: int, fate: str = "pay_out") -> int:
    return forgetting.forget(
        where.club, customer_id=customer, fate=fate, reason="попросил", expected_tiyn=tiyn,
        actor=OWNER,
    )  # fmt: skip


def test_nobody_is_forgotten_while_they_play_at_the_other_club(
    arena: At, palace: At, customer: int
) -> None:
    session = arena.buy(customer, "at-the-arena")
    has = palace.balance_tiyn(customer) + PRICE
    with refused("customer_plays"):
        forget(palace, customer, has)
    link.link_lost(arena.club, computer_id=arena.computer)
    with refused("customer_plays"):
        forget(palace, customer, has)
    link.link_returned(arena.club, computer_id=arena.computer, boot_id="later", report=None)
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    assert forget(palace, customer, has) == has


def test_what_either_club_knew_and_gave_is_gone_at_both(
    arena: At, palace: At, customer: int, clock: ManualClock
) -> None:
    for where in (arena, palace):
        game(where, customer)
        loyalty.set_bonus_terms(where.club, terms=BonusTerms(is_on=True), actor=OWNER)
    confirm(arena, customer, "1990-02-03")
    group = loyalty.create_group(arena.club, name="Друзья", percent=10, actor=OWNER)
    loyalty.put_in_group(arena.club, customer_id=customer, group_id=group, actor=OWNER)
    loyalty.give_bonus(
        arena.club, customer_id=customer, amount_tiyn=70_00, reason="гость", key="b", actor=OWNER
    )
    conditions_service.keep(
        arena.club, computer_ids=[arena.computer], customer_id=customer, for_whom="",
        until_at=clock.now() + 3600, actor=OWNER,
    )  # fmt: skip
    news: list[News] = []
    palace.club.bus.listen(news.append)
    paid = forget(palace, customer, 3 * PRICE + 2 * PRICE)
    assert paid == 5 * PRICE, "balance, and time at both that was not played"
    assert CustomerChanged(customer) in news, "all servers of both clubs hear of it"
    for where in (arena, palace):
        assert nothing_is_told_of(where.club, customer)
        with pytest.raises(OperationRefused, match="customer_unknown"):
            where.buy(customer, "a ghost")
    assert arena.register("player1") != customer, "the login is free at both"
    with arena.club.read() as db:
        row = db.get_one(Customer, customer)
        assert (row.group_id, row.birth_date, row.age_document) == (None, "", "")
        assert [kept.text for kept in conditions.in_force(db, 1, clock.now())] == [f"#{customer}"]
        assert check_ledger(db) == []


def nothing_is_told_of(club: ClubContext, customer: int) -> bool:
    """Neither their name nor what they liked; nor is it given out any more."""
    with pytest.raises(OperationRefused, match="customer_unknown"):
        own_data.take_out(club, customer_id=customer, actor=OWNER)
    with club.read() as db:
        with pytest.raises(OperationRefused, match="customer_unknown"):
            customers.row(db, club.club_id, customer)
        liked = habits.view(db, club.club_id, customer, club.clock.now())
        told = log.page(db, club.club_id, LogFilter(customer_id=customer)).rows
    assert told, "the history stays"
    assert {row.customer_name for row in told} == {f"#{customer}"}
    return liked.favourite_ids == ()


def test_who_owes_at_one_club_is_forgotten_at_neither(
    arena: At, palace: At, clock: ManualClock
) -> None:
    visit = OnCredit(arena.club, People(arena.club), clock)
    session = visit.seat()
    visit.play(600)
    visit.leave(session)
    with refused("customer_owes"):
        forget(palace, visit.customer, 0)


def test_who_is_forgotten_at_one_club_is_found_by_their_phone_at_neither(
    arena: At, palace: At, customer: int
) -> None:
    with arena.club.write() as work:
        work.db.get_one(Customer, customer).phone = "+77010000001"

    def found() -> list[bool]:
        told = []
        for where in (arena, palace):
            club = where.club
            who = customers.by_login_or_phone(club.database, club.club_id, "8 701 000 00 01")
            told.append(who is not None)
        return told

    assert found() == [True, True]
    forget(arena, customer, 5 * PRICE, "write_off")
    assert found() == [False, False]
