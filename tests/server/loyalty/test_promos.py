"""Promo codes: each gives once to a customer, and the last use is given once, however many ask."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import promos, queries
from lovhub.server.loyalty.models import PromoCode
from lovhub.server.loyalty.rules import PromoTerms
from tests.support.club import CASHIER, OWNER, People


def create(club: ClubContext, *codes: str, made: int = 0, uses: int = 1, seconds: int = 0) -> int:
    now = club.clock.now()
    kind = "time" if seconds else "bonus"
    terms = PromoTerms("Лето", kind, 500_00, seconds, now, now + 3600, uses)  # type: ignore[arg-type]
    return promos.create(club, terms=terms, codes=codes, made_codes=made, actor=OWNER)


def use(club: ClubContext, customer_id: int, code: str, key: str = "k") -> str:
    player = Actor(kind="customer", id=customer_id, name="Ерлан")
    try:
        promos.use(club, customer_id=customer_id, code=code, key=key, actor=player)
    except OperationRefused as refusal:
        return refusal.code
    return ""


def bonus(club: ClubContext, customer_id: int) -> int:
    with club.read() as db:
        assert check_ledger(db) == []
        return queries.bonus_of(db, db.get_one(Customer, customer_id))


def test_a_code_gives_a_bonus_once(club: ClubContext, people: People, clock: ManualClock) -> None:
    promo = create(club, "LETO-2026", uses=2)
    one, two, three = (people.customer() for _ in range(3))
    assert use(club, one, "leto 2026") == ""
    assert use(club, one, "leto 2026") == ""  # the same form, sent again
    assert use(club, one, "leto 2026", "another") == "promo_used_by_customer"
    assert bonus(club, one) == 500_00
    assert use(club, two, "LETO2026") == ""
    assert use(club, three, "LETO2026") == "promo_used_up"
    clock.advance(3600)
    assert use(club, three, "LETO2026") == "promo_over"
    promos.stop(club, promo_id=promo, actor=OWNER)
    assert bonus(club, three) == 0


def test_a_code_gives_time_that_counts_against_nobodys_limit(
    club: ClubContext, people: People
) -> None:
    create(club, "HOURS", seconds=5 * 3600)
    customer = people.customer()
    promos.use(club, customer_id=customer, code="HOURS", key="k", actor=CASHIER)
    with club.read() as db:
        assert customers.row(db, 1, customer).seconds_available == 5 * 3600


def test_two_made_codes_in_one_hand_are_one(club: ClubContext, people: People) -> None:
    promo = create(club, made=20)
    with club.read() as db:
        codes = [row.code for row in queries.codes(db, promo)]
    assert len(set(codes)) == 20
    customer = people.customer()
    assert use(club, customer, codes[0]) == ""
    assert use(club, customer, codes[1], "another") == "promo_used_by_customer"
    with club.read() as db:
        assert db.scalars(select(PromoCode.used).where(PromoCode.used > 0)).all() == [1]


def test_the_last_use_is_given_once(club: ClubContext, people: People) -> None:
    create(club, "LAST", uses=1)
    asking = [people.customer() for _ in range(6)]
    with ThreadPoolExecutor(len(asking)) as threads:
        answers = list(threads.map(partial(use, club, code="LAST"), asking))
    assert sorted(answers) == ["", *["promo_used_up"] * 5]
    assert sum(bonus(club, customer) for customer in asking) == 500_00


def test_guessing_waits(club: ClubContext, people: People, clock: ManualClock) -> None:
    create(club, "RIGHT")
    customer = people.customer()
    assert [use(club, customer, f"WRONG{n}") for n in range(6)] == [
        *["promo_code_wrong"] * 5,
        "too_many_attempts",
    ]
    assert use(club, customer, "RIGHT") == "too_many_attempts"
    clock.advance(301)
    assert use(club, customer, "RIGHT") == ""


def test_a_code_belongs_to_one_promotion(club: ClubContext) -> None:
    create(club, "ONCE")
    with pytest.raises(OperationRefused) as refusal:
        create(club, "o-n-c-e")
    assert refusal.value.values == {"codes": "promo_code_taken"}
