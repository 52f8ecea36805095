"""The addresses that providers call, as HTTP."""

import json
import logging
import re

import pytest
from werkzeug.test import TestResponse

from lovhub.server.callback_port import OPEN_PATHS
from lovhub.server.payments import rules, service
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.gateway import GatewayProvider
from lovhub.server.payments.providers.signatures import create_kaspi_signature
from lovhub.server.payments.settings import Payments
from tests.server.payments.stub import StubHttp
from tests.support.club import OWNER, People
from tests.support.web import WebAdmin

SECRET = "0123456789abcdef"


@pytest.fixture
def kaspi(web: WebAdmin) -> WebAdmin:
    biller = BillerProvider(
        allowed=rules.networks("194.187.247.152"),
        proxies=rules.networks("10.0.0.5"),
        path_secret=SECRET,
    )
    web.use(Payments("biller", biller, {"biller": biller}))
    return web


def call(
    web: WebAdmin, path: str, *, peer: str = "194.187.247.152", forwarded: str = ""
) -> TestResponse:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return web.app.test_client().get(path, headers=headers, environ_overrides={"REMOTE_ADDR": peer})


def test_kaspi_pays_over_http(kaspi: WebAdmin, people: People) -> None:
    number = rules.payment_number(people.customer())
    answer = call(
        kaspi, f"/payments/kaspi/{SECRET}?command=pay&txn_id=7&account={number}&sum=200.00"
    )
    assert (answer.status_code, answer.content_type) == (200, "application/json; charset=utf-8")
    assert json.loads(answer.data)["result"] == 0
    behind_proxy = call(
        kaspi,
        f"/payments/kaspi/{SECRET}?command=check&txn_id=8&account={number}",
        peer="10.0.0.5",
        forwarded="194.187.247.152",
    )
    assert json.loads(behind_proxy.data)["result"] == 0


def test_an_address_without_a_secret_is_open_to_kaspi_s_addresses_only(web: WebAdmin) -> None:
    """`PathSecret = off`: where Kaspi cannot call an address with one."""
    biller = BillerProvider(allowed=rules.networks("194.187.247.152"))
    web.use(Payments("biller", biller, {"biller": biller}))
    asked = "command=check&txn_id=8&account=0000012"
    assert json.loads(call(web, f"/payments/kaspi?{asked}").data)["result"] == 1
    assert call(web, f"/payments/kaspi?{asked}", peer="6.6.6.6").status_code == 403
    assert call(web, f"/payments/kaspi/{SECRET}?{asked}").status_code == 403


def test_strangers_learn_nothing_and_no_secret_is_logged(
    kaspi: WebAdmin, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = "command=check&txn_id=8&account=0000012"
    assert call(kaspi, f"/payments/kaspi/{SECRET}?{asked}", peer="6.6.6.6").status_code == 403
    assert call(kaspi, f"/payments/kaspi/{SECRET}x?{asked}").status_code == 403
    assert call(kaspi, f"/payments/kaspi?{asked}").status_code == 403
    assert (
        call(
            kaspi,
            f"/payments/kaspi/{SECRET}?{asked}",
            peer="6.6.6.6",
            forwarded="194.187.247.152",
        ).status_code
        == 403
    )
    assert SECRET not in caplog.text + capsys.readouterr().out


def test_who_is_not_at_work_does_not_answer(kaspi: WebAdmin) -> None:
    client = kaspi.app.test_client()
    assert client.post("/payments/webhook/gateway", data=b"{}").status_code == 404
    assert client.post("/payments/webhook/biller", data=b"{}").status_code == 401
    kaspi.use(Payments())
    assert call(kaspi, f"/payments/kaspi/{SECRET}?command=check").status_code == 404


def test_a_signed_webhook_is_taken_and_anything_else_is_turned_away(
    web: WebAdmin, people: People
) -> None:
    http = StubHttp()
    http.will("POST /invoices", {"id": 42, "status": "processing"}, 201)
    gateway = GatewayProvider(http, api_key="key", webhook_secret=SECRET)
    web.use(Payments("gateway", gateway, {"gateway": gateway}))
    customer_id = people.customer()
    service.create_payment(
        web.club,
        gateway,
        customer_id=customer_id,
        amount_tiyn=500_00,
        key="key-12345",
        actor=OWNER,
        phone="+77011234567",
    )
    body = b'{"invoice":{"id":42,"amount":"500.00","status":"paid"}}'
    right = create_kaspi_signature(body, SECRET.encode())

    def send(signature: str | None, sent: bytes = body) -> int:
        headers = {} if signature is None else {"X-Webhook-Signature": signature}
        client = web.app.test_client()
        return client.post("/payments/webhook/gateway", data=sent, headers=headers).status_code

    for wrong in (None, "", right[:-1], "sha256=" + "0" * 64, "sha256=é"):
        assert send(wrong) == 401
    assert send(right, body + b" ") == 401
    assert people.balance_tiyn(customer_id) == 0
    assert [send(right), send(right)] == [200, 200]
    assert people.balance_tiyn(customer_id) == 500_00
    nonsense = b"nonsense"
    assert send(create_kaspi_signature(nonsense, SECRET.encode()), nonsense) == 400


def test_the_port_for_payment_calls_is_open_for_each_of_them_and_for_nothing_else(
    web: WebAdmin,
) -> None:
    rules = [rule.rule for rule in web.app.url_map.iter_rules()]
    filled = [re.sub("<[^>]*>", "some", rule) for rule in rules]
    assert {path for path in filled if OPEN_PATHS.fullmatch(path)} == {
        "/payments/kaspi",
        "/payments/kaspi/some",
        "/payments/webhook/some",
    }
    ours = {rule.rule for rule in web.app.url_map.iter_rules() if "callbacks." in rule.endpoint}
    assert len(ours) == 3
