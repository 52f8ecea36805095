"""Two people at two desks press at the same moment: one is served, the other is told why, nothing is taken twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH
from lovhub.server.ledger.check import check_ledger
from lovhub.server.lots.models import Lot
from tests.support.api import Api
from tests.support.club import People
from tests.support.databases import each_database as database_url
from tests.support.web import WebAdmin

__all__ = ["database_url"]

PRICE = 500_00


@pytest.fixture
def desks(web: WebAdmin) -> list[Api]:
    """Of a cashier and of a manager."""
    return [Api(web, web.token(role)) for role in ("cashier", "manager")]


def at_once(desks: list[Api], ask: Callable[[int], tuple[str, dict[str, Any]]]) -> list[str]:
    """What each desk is answered: "" or the refusal's code; both press together."""
    ready = Barrier(len(desks))

    def press(number: int) -> str:
        path, said = ask(number)
        ready.wait(10)
        answer = desks[number].ask("POST", path, said)
        return "" if answer.status_code < 300 else answer.get_json()["error"]["code"]

    with ThreadPoolExecutor(len(desks)) as threads:
        return sorted(threads.map(press, range(len(desks))))


def taken(web: WebAdmin) -> tuple[int, int]:
    """Cash that came, and purchases; the books hold."""
    with web.club.write() as work:
        assert check_ledger(work.db) == []
        cash = -ledger.balance(work.db, ledger.club_account(work, CASH).id)
        return cash, work.db.scalar(select(func.count()).select_from(Lot)) or 0


def test_two_guests_for_one_pc(web: WebAdmin, people: People, desks: list[Api]) -> None:
    pc, tariff = people.computer(), people.tariff(price_tiyn=PRICE)
    said = {"tariff_id": tariff, "method": "cash", "price_tiyn": PRICE}
    told = at_once(
        desks, lambda number: (f"/computers/{pc}/guests", {**said, "key": f"guest-{number:04}"})
    )
    assert told == ["", "computer_busy"]
    assert taken(web) == (PRICE, 1)


def test_one_customer_at_two_pcs(web: WebAdmin, people: People, desks: list[Api]) -> None:
    pcs, customer = [people.computer(), people.computer()], people.customer()
    tariff = people.tariff(price_tiyn=PRICE)
    told = at_once(
        desks,
        lambda number: (
            f"/computers/{pcs[number]}/customers",
            {
                "customer_id": customer, "tariff_id": tariff, "key": f"buys-{number:04}",
                "top_up": {"amount_tiyn": PRICE, "method": "cash"},
            },
        ),
    )  # fmt: skip
    assert told == ["", "already_elsewhere"]
    assert taken(web) == (PRICE, 1)


def test_more_time_from_a_balance_that_pays_for_one(
    web: WebAdmin, people: People, desks: list[Api]
) -> None:
    pc, customer = people.computer(), people.customer(balance_tiyn=2 * PRICE)
    tariff = people.tariff(price_tiyn=PRICE)
    begun = desks[0].done(
        "POST",
        f"/computers/{pc}/customers",
        {"customer_id": customer, "tariff_id": tariff, "key": "begins-0001"},
    )["session_id"]
    told = at_once(
        desks,
        lambda number: (
            f"/sessions/{begun}/extend",
            {"tariff_id": tariff, "method": "balance", "key": f"more-{number:05}"},
        ),
    )
    assert told == ["", "not_enough_money"]
    assert people.balance_tiyn(customer) == 0
    assert taken(web)[1] == 2


def test_the_last_of_the_money_is_given_back_or_spent(
    web: WebAdmin, people: People, desks: list[Api]
) -> None:
    pc, customer, tariff = people.computer(), people.customer(), people.tariff(price_tiyn=PRICE)
    top_up = {"amount_tiyn": PRICE, "method": "cash", "key": "tops-up-01"}
    posting = desks[1].done("POST", f"/customers/{customer}/top-ups", top_up)["posting_id"]
    asks: list[tuple[str, dict[str, Any]]] = [
        (
            f"/computers/{pc}/customers",
            {"customer_id": customer, "tariff_id": tariff, "key": "buys-00001"},
        ),
        (f"/customers/{customer}/top-ups/{posting}/reversal", {"reason": "ошибка"}),
    ]
    told = at_once(desks, lambda number: asks[number])
    assert told in (["", "not_enough_money"], ["", "top_up_spent"])
    assert people.balance_tiyn(customer) == 0
    assert taken(web) in ((0, 0), (PRICE, 1))
