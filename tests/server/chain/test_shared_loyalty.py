"""Groups, bonuses, codes and PINs of a customer of two clubs: what is shared works at both, the rest at its own."""

from dataclasses import replace

import pytest

from lovhub.clock import ManualClock
from lovhub.server.bus import GroupsChanged, News
from lovhub.server.customers import pins
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import at_pc, promos
from lovhub.server.loyalty import queries as loyalty_queries
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms, Step
from lovhub.server.sessions import service as sessions
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from lovhub.server.web.refusals import refusal_of
from tests.server.chain.test_shared_customers import PRICE, At, arena, palace
from tests.server.chain.test_shared_rules import bonus_tiyn, customer, refused
from tests.support.club import CASHIER, OWNER
from tests.support.databases import each_database as database_url
from tests.support.web import WebAdmin

__all__ = ["arena", "customer", "database_url", "palace"]


def differences(where: At) -> list[object]:
    with where.club.read() as db:
        return list(check_ledger(db))


def put(where: At, customer: int, group: int | None) -> None:
    loyalty.put_in_group(where.club, customer_id=customer, group_id=group, actor=OWNER)


def test_a_discount_of_a_group_counts_at_both_and_changes_at_both_at_once(
    arena: At, palace: At, customer: int
) -> None:
    news: list[News] = []
    palace.club.bus.listen(news.append)
    group = loyalty.create_group(arena.club, name="Друзья", percent=10, actor=OWNER)
    put(palace, customer, group)
    spent = arena.balance_tiyn(customer)
    for where in (arena, palace):
        session = where.buy(customer, f"at-{where.club.club_id}")
        sessions.end(where.club, session_id=session, reason="stand", actor=OWNER)
        spent -= PRICE - PRICE // 10
        assert arena.balance_tiyn(customer) == palace.balance_tiyn(customer) == spent
    loyalty.change_group(palace.club, group_id=group, name="Друзья", percent=50, actor=OWNER)
    assert GroupsChanged() in news, "PCs of both clubs offer other prices now"
    session = arena.buy(customer, "half")
    assert arena.balance_tiyn(customer) == spent - PRICE // 2
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    with arena.club.read() as db:
        assert loyalty_queries.members(db, 1) == loyalty_queries.members(db, 2) == {group: 1}
    assert loyalty.remove_group(arena.club, group_id=group, actor=OWNER) == 1
    with pytest.raises(OperationRefused, match="group_unknown"):
        put(palace, customer, group)
    assert differences(arena) == []


def test_a_group_that_a_tariff_of_the_other_club_is_for_stays_and_it_says_whose(
    arena: At, palace: At, customer: int
) -> None:
    group = loyalty.create_group(arena.club, name="Друзья", percent=0, actor=OWNER)
    terms = Terms("Ночь для друзей", 3600, PRICE, groups=frozenset({group}))
    palace.tariff = tariffs.create(palace.club, terms=terms, actor=OWNER)
    with refused("tariff_not_for_group"):
        palace.buy(customer, "a stranger")
    with pytest.raises(OperationRefused) as told:
        loyalty.remove_group(arena.club, group_id=group, actor=OWNER)
    desk = WebAdmin(arena.club)
    with desk.app.test_request_context():
        assert "Ночь для друзей (Дворец)" in refusal_of(told.value)
    desk.give_back()
    put(arena, customer, group)
    assert palace.buy(customer, "a friend")


def test_bonuses_come_by_the_rules_of_the_club_that_is_paid_and_go_by_those_of_the_club_that_sells(
    arena: At, palace: At, customer: int
) -> None:
    terms = BonusTerms(is_on=True, share_percent=100, steps=(Step(PRICE, 10),))
    loyalty.set_bonus_terms(arena.club, terms=terms, actor=OWNER)
    loyalty.set_bonus_terms(palace.club, terms=replace(terms, share_percent=20, steps=()), actor=OWNER)  # fmt: skip
    arena.top_up(customer, 4 * PRICE, "here")
    palace.top_up(customer, 4 * PRICE, "there")
    assert bonus_tiyn(arena, customer) == bonus_tiyn(palace, customer) == 4 * PRICE // 10
    has = palace.balance_tiyn(customer)
    session = palace.buy(customer, "a fifth in bonuses")
    assert palace.balance_tiyn(customer) == has - PRICE * 4 // 5
    sessions.end(palace.club, session_id=session, reason="stand", actor=OWNER)
    session = arena.buy(customer, "all that is left of them")
    assert bonus_tiyn(arena, customer) == 0
    assert arena.balance_tiyn(customer) == has - PRICE * 4 // 5 - (PRICE - PRICE * 3 // 10 + PRICE // 10)  # fmt: skip
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    assert differences(palace) == []


def test_what_a_code_has_given_is_shown_at_the_pcs_of_its_club(
    arena: At, palace: At, customer: int, clock: ManualClock
) -> None:
    terms = PromoTerms("Открытие", "time", 0, 1800, 0, None, 1)
    promos.create(palace.club, terms=terms, codes=["PALACE"], actor=OWNER)
    promos.use(palace.club, customer_id=customer, code="palace", key="once", actor=CASHIER)
    shown = []
    for where in (arena, palace):
        with where.club.read() as db:
            shown.append(at_pc.view(db, where.club.club_id, customer, clock.now()))
    assert shown[0] is None, "there it could not be played"
    assert shown[1] is not None
    assert shown[1].gift is not None
    with refused("promo_used_by_customer"):
        promos.use(palace.club, customer_id=customer, code="PALACE", key="twice", actor=CASHIER)


def test_a_pin_opens_at_the_club_that_gave_it(arena: At, palace: At) -> None:
    """Each club keys it with a secret of its own; the password that replaces it opens both."""
    known = palace.register("forgetful")
    elsewhere = replace(arena.club, secret_key=b"a" * 32)
    pin = pins.issue(palace.club, customer_id=known, actor=CASHIER).pin
    said = {"login": "forgetful", "pin": pin, "password": "новый длинный пароль"}
    with refused("wrong_code"):
        pins.set_password(elsewhere, address="10.1.0.7", **said)
    assert pins.set_password(palace.club, address="10.2.0.7", **said) == known
    with refused("wrong_code"):
        pins.set_password(palace.club, address="10.2.0.7", **said)
