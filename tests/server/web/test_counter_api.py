"""Several PCs at once, as a program asks for it."""

from typing import Any

import pytest

from lovhub.server.sessions import service
from tests.server.sessions.test_sale import cash_taken
from tests.support.api import Api
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.web import WebAdmin

PRICE = 500_00


def refusals(answer: dict[str, Any]) -> list[str]:
    return [outcome["refusal"] for outcome in answer["outcomes"]]


def test_a_company_is_sold_to_in_one_payment_and_run_together(api: Api, people: People) -> None:
    pcs, tariff = [people.computer() for _ in range(3)], people.tariff(price_tiyn=PRICE)
    sale = {
        "computer_ids": pcs,
        "tariff_id": tariff,
        "method": "cash",
        "total_tiyn": 3 * PRICE,
        "received_tiyn": 2_000_00,
        "key": "company-1",
    }
    paid = api.done("POST", "/computers/sales", sale)
    assert paid == api.done("POST", "/computers/sales", sale)
    assert (paid["total_tiyn"], paid["change_tiyn"]) == (1_500_00, 500_00)
    assert cash_taken(api.web.club) == 3 * PRICE
    changed = {**sale, "total_tiyn": 1, "key": "company-2"}
    assert api.refusal("POST", "/computers/sales", changed) == (409, "price_changed")

    gift = {"minutes": 30, "reason": "Пропадала сеть", "key": "gift-0001"}
    assert refusals(api.done("POST", "/computers/time", gift)) == ["", "", ""]
    chosen = {"computer_ids": [pcs[0], 999]}
    for what in ("pause", "resume", "end"):
        assert refusals(api.done("POST", f"/computers/{what}", chosen)) == ["", "nobody_plays"]
    api.web.commands.silent = {pcs[1]}
    said = {"computer_ids": [*pcs, 999], "text": "Закрываемся"}
    told = api.done("POST", "/computers/messages", said)
    assert refusals(told) == ["", "computer_silent", "", "computer_unknown"]
    assert told["outcomes"][1]["message"] == "ПК не на связи."
    assert api.web.commands.sent == [(pcs[0], "Закрываемся"), (pcs[2], "Закрываемся")]


def test_each_pays_from_the_own_balance(api: Api, people: People) -> None:
    pc, customer = people.computer(), people.customer(balance_tiyn=2 * PRICE)
    tariff = people.tariff(price_tiyn=PRICE)
    service.buy(
        api.web.club, computer_id=pc, customer_id=customer, tariff_id=tariff, key="b", actor=OWNER
    )
    said = {"tariff_id": tariff, "price_tiyn": PRICE, "key": "each-0001"}
    for _ in range(2):
        assert refusals(api.done("POST", "/computers/extensions", said)) == [""]
    assert people.balance_tiyn(customer) == 0


def test_a_customer_tops_up_and_sits_down_at_once(api: Api, people: People) -> None:
    pc, customer = people.computer(), people.customer()
    said = {
        "customer_id": customer,
        "tariff_id": people.tariff(price_tiyn=PRICE),
        "price_tiyn": PRICE,
        "top_up": {"amount_tiyn": 2_000_00, "method": "kaspi"},
        "key": "request-1",
    }
    session = api.done("POST", f"/computers/{pc}/customers", said)["session_id"]
    assert people.balance_tiyn(customer) == 1_500_00
    more = {**said, "method": "balance", "key": "request-2"}
    more.pop("customer_id")
    api.done("POST", f"/sessions/{session}/extend", more)
    assert people.balance_tiyn(customer) == 3_000_00


@pytest.mark.parametrize("role", ["technician"])
def test_who_may_not_sell_gives_no_time_either(web: WebAdmin, people: People, role: str) -> None:
    technician = Api(web, web.token(role))
    gift = {"minutes": 30, "reason": "Сеть", "key": "gift-0001"}
    assert technician.refusal("POST", "/computers/time", gift) == (403, "forbidden")
