"""A top-up by mistake goes back the way it came: once, and only while the money is there."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal, service
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CARD, CASH
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.lots import service as lots
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.tariffs import queries as tariffs
from tests.support.club import CASHIER, OWNER, People

OTHER_CASHIER = Actor(kind="staff", id=3, name="Асель", role="cashier")


def top_up(
    club: ClubContext, customer_id: int, amount_tiyn: int = 2_000_00, method: str = "cash"
) -> int:
    return service.top_up(
        club,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        method=method,
        key=f"{customer_id}:{amount_tiyn}:{method}",
        actor=CASHIER,
    )


def take_back(
    club: ClubContext, customer_id: int, posting_id: int, actor: Actor = CASHIER, reason: str = ""
) -> int:
    return reversal.take_back(
        club, customer_id=customer_id, posting_id=posting_id, reason=reason, actor=actor
    )


def spend(club: ClubContext, customer_id: int, tariff_id: int, key: str = "sale") -> None:
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        lots.sell(
            work,
            goods=tariffs.shelf(work.db, work.club_id, work.now).take(tariff_id, None),
            customer_id=customer_id,
            guest_session_id=None,
            paid_from=ledger.Account(customer.balance_account_id, "tiyn"),
            key=key,
            actor=CASHIER,
        )


def in_the_till(club: ClubContext) -> tuple[int, int]:
    with club.write() as work:
        return (
            -ledger.balance(work.db, ledger.club_account(work, CASH).id),
            -ledger.balance(work.db, ledger.club_account(work, CARD).id),
        )


def test_its_author_takes_it_back_and_the_money_goes_the_way_it_came(
    club: ClubContext, people: People, news: list[News], clock: ManualClock
) -> None:
    customer = people.customer()
    top_up(club, customer)
    by_card = top_up(club, customer, method="card")
    clock.advance(119)
    news.clear()
    reversed_id = take_back(club, customer, by_card)
    assert people.balance_tiyn(customer) == 2_000_00
    assert in_the_till(club) == (2_000_00, 0)
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "customer.top_up_taken_back")).one()
        assert check_ledger(db) == []
    assert (event.actor_name, event.customer_id) == (CASHIER.name, customer)
    assert event.data == {
        "amount_tiyn": 2_000_00,
        "posting_id": reversed_id,
        "taken_back_posting_id": by_card,
        "reason": "",
    }
    assert news == [CustomerChanged(customer)]


def test_taking_back_twice_is_one_taking_back(club: ClubContext, people: People) -> None:
    customer = people.customer(balance_tiyn=10_000_00)
    posting = top_up(club, customer)
    assert take_back(club, customer, posting) == take_back(club, customer, posting)
    assert people.balance_tiyn(customer) == 10_000_00


def test_afterwards_only_a_manager_with_a_reason(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer = people.customer()
    posting = top_up(club, customer)
    with pytest.raises(OperationRefused, match="take_back_not_yours"):
        take_back(club, customer, posting, OTHER_CASHIER, "Ошиблись")
    clock.advance(120)
    with pytest.raises(OperationRefused, match="take_back_too_late"):
        take_back(club, customer, posting, reason="Ошибся")
    with pytest.raises(OperationRefused) as refusal:
        take_back(club, customer, posting, OWNER)
    assert refusal.value.values == {"reason": "reason_missing"}
    assert people.balance_tiyn(customer) == 2_000_00
    reversed_id = take_back(club, customer, posting, OWNER, " Не тот клиент ")
    assert people.balance_tiyn(customer) == 0
    with club.read() as db:
        assert db.get_one(LedgerPosting, reversed_id).reason == "Не тот клиент"


def test_spent_money_is_not_taken_back_and_it_says_what_is_left(
    club: ClubContext, people: People
) -> None:
    customer = people.customer()
    posting = top_up(club, customer)
    spend(club, customer, people.tariff(price_tiyn=500_00))
    with pytest.raises(OperationRefused) as refusal:
        take_back(club, customer, posting)
    assert (refusal.value.code, refusal.value.values) == ("top_up_spent", {"left_tiyn": 1_500_00})


def test_only_a_top_up_of_this_customer(club: ClubContext, people: People) -> None:
    customer, other = people.customer(), people.customer()
    posting = top_up(club, customer)
    with pytest.raises(OperationRefused, match="top_up_unknown"):
        take_back(club, other, posting)
    reversed_id = take_back(club, customer, posting)
    for nonsense in (reversed_id, 10**9):
        with pytest.raises(OperationRefused, match="top_up_unknown"):
            take_back(club, customer, nonsense)
    with pytest.raises(OperationRefused, match="customer_unknown"):
        take_back(club, 10**9, posting)


def test_a_purchase_and_a_taking_back_at_once_never_both_get_the_money(
    club: ClubContext, people: People
) -> None:
    tariff = people.tariff(price_tiyn=2_000_00)
    for number in range(8):
        customer = people.customer()
        posting = top_up(club, customer)
        start = threading.Barrier(3)

        def at_once(work: Callable[[], object], name: str, start: threading.Barrier = start) -> str:
            start.wait()
            try:
                work()
            except OperationRefused as refusal:
                return refusal.code
            return name

        buy = partial(spend, club, customer, tariff, f"sale:{number}")
        undo = partial(take_back, club, customer, posting)
        with ThreadPoolExecutor(3) as pool:
            running = [
                pool.submit(at_once, work, name)
                for work, name in ((buy, "bought"), (undo, "undone"), (undo, "undone"))
            ]
            outcome = [each.result() for each in running]
        assert outcome in (
            ["bought", "top_up_spent", "top_up_spent"],
            ["not_enough_money", "undone", "undone"],
        )
        assert people.balance_tiyn(customer) == 0
    with club.read() as db:
        assert check_ledger(db) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts=st.lists(st.integers(1, 1_000_000_00), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_whatever_is_taken_back_in_whatever_order_the_books_hold(
    club: ClubContext, people: People, amounts: list[int], order: random.Random
) -> None:
    customer = people.customer()
    postings = [
        service.top_up(
            club, customer_id=customer, amount_tiyn=amount, method="cash",
            key=f"{customer}:{number}", actor=CASHIER,
        )
        for number, amount in enumerate(amounts)
    ]  # fmt: skip
    chosen = order.sample(list(enumerate(postings)), k=order.randint(0, len(postings)))
    for _number, posting in chosen:
        take_back(club, customer, posting)
    left = sum(amounts) - sum(amounts[number] for number, _posting in chosen)
    assert people.balance_tiyn(customer) == left
    with club.read() as db:
        assert check_ledger(db) == []
