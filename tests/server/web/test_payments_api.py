"""Payments over the JSON API, with a provider that the test plays."""

import pytest
from werkzeug.test import TestResponse

from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from tests.support.bank import Bank
from tests.support.club import People
from tests.support.web import ADDRESS, WebAdmin


@pytest.fixture
def bank(web: WebAdmin) -> Bank:
    made = Bank()
    web.use(Payments("qr_r3", made, {made.name: made}))
    return made


def call(
    web: WebAdmin, method: str, path: str, body: object = None, role: str = "owner"
) -> TestResponse:
    headers = {"Authorization": f"Bearer {web.token(role)}"}
    return web.app.test_client().open(
        f"/api/v1{path}", method=method, json=body, base_url=ADDRESS, headers=headers
    )


def test_a_payment_from_the_question_to_the_refund(
    web: WebAdmin, bank: Bank, people: People
) -> None:
    customer_id = people.customer()
    wanted = {"customer_id": customer_id, "amount_tiyn": 500_00, "key": "key-12345"}
    made = call(web, "POST", "/payments", wanted, "cashier").get_json()
    assert (made["state"], made["qr_payload"]) == ("pending", "QR-CONTENT")
    again = call(web, "POST", "/payments", wanted, "cashier").get_json()
    assert (again["id"], len(bank.made)) == (made["id"], 1)
    path = f"/payments/{made['id']}"
    bank.status = Event("paid", "1:Processed", "1", amount_tiyn=500_00)
    story = call(web, "POST", f"{path}/look", {}, "cashier").get_json()
    assert [step["kind"] for step in story["steps"]] == ["created", "pending", "paid"]
    assert people.balance_tiyn(customer_id) == 500_00
    back = {"amount_tiyn": 200_00, "reason": "передумал", "key": "back-12345"}
    assert call(web, "POST", f"{path}/refunds", back, "cashier").status_code == 403
    given = call(web, "POST", f"{path}/refunds", back).get_json()
    assert (given["state"], given["refunds"][0]["state"]) == ("partly_refunded", "by_hand")
    found = call(web, "GET", "/payments?only=paid").get_json()["payments"]
    assert [row["id"] for row in found] == [made["id"]]
    compared = call(web, "GET", f"/payments/reconciliation?from_at=0&until_at={2**40}").get_json()
    assert (compared["ours_tiyn"], compared["matched"]) == (300_00, 0)
    assert (compared["differences"], [row["kind"] for row in compared["waiting"]]) == (
        [],
        ["to_ask", "to_ask"],
    )


def test_sales_wait_for_kaspi_and_a_guests_code_is_in_its_payments_story(
    web: WebAdmin, bank: Bank, people: People
) -> None:
    pc, tariff = people.computer(), people.tariff(price_tiyn=500_00)
    said = {
        "tariff_id": tariff,
        "total_tiyn": 500_00,
        "parts": [{"method": "kaspi", "amount_tiyn": 500_00}],
    }
    paths = {
        "sales": {"computer_ids": [pc]},
        "seat-codes": {"computer_id": pc, "guest_name": "Тимур"},
    }
    for number, (path, where) in enumerate(paths.items(), start=1):
        body = {**said, **where, "key": f"key-{number}-12345"}
        made = call(web, "POST", f"/payments/{path}", body, "cashier").get_json()
        assert (made["state"], made["seat_code"]) == ("pending", "")
        again = call(web, "POST", f"/payments/{path}", body, "cashier").get_json()
        assert (again["id"], len(bank.made)) == (made["id"], number)
        settle(web.club, bank, Event("paid", f"{number}:paid", str(number), amount_tiyn=500_00))
        story = call(web, "GET", f"/payments/{made['id']}").get_json()
        assert story["steps"][-1]["kind"] == "sold"
    assert story["seat_code"].isdecimal()
    desk = web.cashier()
    spaced = f"{story['seat_code'][:3]} {story['seat_code'][3:]}"
    assert spaced in desk.get(f"/admin/payments/{made['id']}").text


def test_the_registry_may_be_sent_line_by_line(web: WebAdmin, people: People) -> None:
    line = {"operation": "0000777", "amount_tiyn": 500_00, "at": 1_800_000_000}
    for new in (1, 0):
        taken = call(web, "POST", "/payments/registry", {"title": "ноябрь", "lines": [line]})
        assert (taken.status_code, taken.get_json()["new"]) == (201, new)
    compared = call(
        web, "GET", "/payments/reconciliation?from_at=1800000000&until_at=1800000001"
    ).get_json()
    assert [(row["kind"], row["operation"]) for row in compared["differences"]] == [
        ("only_theirs", "777")
    ]
    assert call(web, "GET", f"/customers/{people.customer()}/payment-number").status_code == 200
    assert call(web, "GET", "/customers/999/payment-number").status_code == 404


def test_refusals_have_the_one_shape(web: WebAdmin, bank: Bank, people: People) -> None:
    assert call(web, "GET", "/payments/99").get_json()["error"]["code"] == "payment_unknown"
    web.use(Payments())
    wanted = {"customer_id": people.customer(), "amount_tiyn": 500_00, "key": "key-12345"}
    refused = call(web, "POST", "/payments", wanted)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (
        409,
        "payment_not_offered",
    )
