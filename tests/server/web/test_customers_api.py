"""A customer from registration to money, and the list of them, over the JSON API."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.api import Api
from tests.support.club import People


def test_a_customer_from_registration_to_money(api: Api) -> None:
    said = {"login": "sniper", "name": "Ерлан", "phone": "8 701 123 45 67", "password": "секрет"}
    customer_id = api.done("POST", "/customers", said)["customer_id"]
    top_up = {"amount_tiyn": 2_000_00, "method": "cash", "key": "request-1"}
    first = api.done("POST", f"/customers/{customer_id}/top-ups", top_up)
    assert first == api.done("POST", f"/customers/{customer_id}/top-ups", top_up)
    assert first["balance_tiyn"] == 2_000_00
    assert api.done("GET", f"/customers/{customer_id}")["balance_tiyn"] == 2_000_00
    assert api.done("GET", "/customers?search=Берик")["customers"] == []
    [found] = api.done("GET", "/customers?search=ерлан")["customers"]
    assert found["phone"] == "+77011234567"
    assert received(api) == 2_000_00
    undo = f"/customers/{customer_id}/top-ups/{first['posting_id']}/reversal"
    assert api.refusal("POST", f"/customers/{customer_id}/top-ups/99/reversal", {"reason": ""}) == (
        404,
        "top_up_unknown",
    )
    assert api.done("POST", undo, {"reason": ""}) == api.done("POST", undo, {"reason": ""})
    assert received(api) == 0
    given = {"seconds": 1800, "reason": "Завис ПК", "key": "request-2"}
    assert api.refusal("POST", f"/customers/{customer_id}/time", {**given, "reason": ""}) == (
        422,
        "invalid_fields",
    )
    api.done("POST", f"/customers/{customer_id}/time", given)
    shown = api.done("GET", f"/customers/{customer_id}")
    assert (shown["balance_tiyn"], shown["seconds_available"]) == (0, 1800)
    back, came = api.done("GET", f"/customers/{customer_id}/movements")["movements"]
    assert (back["amount_tiyn"], came["amount_tiyn"]) == (-2_000_00, 2_000_00)
    [lot] = api.done("GET", f"/customers/{customer_id}/lots")["lots"]
    assert (lot["left_seconds"], lot["price_tiyn"], lot["play_hours"]) == (1800, 0, None)
    assert api.done("GET", f"/customers/{customer_id}/sessions")["sessions"] == []
    api.done("PUT", f"/customers/{customer_id}/details", {"name": "Ерлан Ким", "phone": ""})
    assert api.done("GET", f"/customers/{customer_id}")["name"] == "Ерлан Ким"
    assert len(api.done("POST", f"/customers/{customer_id}/pin")["pin"]) == 6
    estate = api.done("GET", f"/customers/{customer_id}/estate")
    assert estate["unplayed_seconds"] == 1800
    decided = {"fate": "write_off", "reason": "Ушёл", "expected_tiyn": estate["total_tiyn"]}
    assert api.done("POST", f"/customers/{customer_id}/forget", decided) == {"paid_tiyn": 0}
    for method, path in (
        ("GET", "movements"),
        ("GET", "lots"),
        ("GET", "sessions"),
        ("POST", "pin"),
    ):
        refused = api.refusal(method, f"/customers/{customer_id}/{path}")
        assert refused == (404, "customer_unknown")


def received(api: Api) -> int:
    """What the dashboard says came in today."""
    today = api.done("GET", "/dashboard")["money_today"]
    return int(today["money"]["received_in_all_tiyn"])


def test_the_customers_come_in_parts_as_large_as_asked(api: Api, people: People) -> None:
    everybody = [people.customer(name=f"Игрок {number}") for number in range(5)]
    found: list[int] = []
    after = ""
    while True:
        part = api.done("GET", f"/customers?limit=2{after}")
        found += [customer["id"] for customer in part["customers"]]
        if part["next_after"] is None:
            break
        after = f"&after={part['next_after']}"
    assert found == everybody
    assert api.refusal("GET", "/customers?limit=101") == (422, "invalid_fields")


def test_twenty_requests_with_one_key_at_one_moment_book_once(api: Api, people: People) -> None:
    customer = people.customer()
    top_up = {"amount_tiyn": 500_00, "method": "cash", "key": "request-1"}
    ready = threading.Barrier(20)

    def send(_number: int) -> dict[str, Any]:
        ready.wait(10)
        return api.done("POST", f"/customers/{customer}/top-ups", top_up)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send, range(20)))
    assert len({answer["posting_id"] for answer in answers}) == 1
    assert people.balance_tiyn(customer) == 500_00
    other = {**top_up, "amount_tiyn": 600_00}
    assert api.refusal("POST", f"/customers/{customer}/top-ups", other) == (409, "key_reused")
