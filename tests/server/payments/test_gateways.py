"""Gateways with signed webhooks: the published vectors, who is let in, what each status means."""

import json

import pytest

from lovhub.server.payments.providers import signatures
from lovhub.server.payments.providers.contract import (
    Event,
    Outcome,
    OutcomeCode,
    OutcomeUnknown,
    RawRequest,
    Rejected,
    Unauthenticated,
    Unreadable,
    Wanted,
)
from lovhub.server.payments.providers.gateway import GatewayProvider, kaspi_phone
from lovhub.server.payments.providers.http import Answer
from lovhub.server.payments.providers.signatures import content_hmac, create_kaspi_signature
from lovhub.server.payments.providers.tiptop import TipTopProvider
from tests.server.payments.stub import StubHttp

BODY = (
    b'{"event":"invoice.status_changed","invoice":{"id":42,"external_order_id":"order_123",'
    b'"amount":"15000.00","status":"paid","is_sandbox":false},"source":"api",'
    b'"timestamp":"2025-12-25T14:35:01Z"}'
)
SIGNATURE = "sha256=b0511688d74f486671996ddd9f6b1e64f74ce5b2f2266123a131a632e872b2e5"
TIPTOP_BODY = b"TransactionId=455&Amount=500.00&Currency=KZT&InvoiceId=topup-1&Status=Completed"
TIPTOP_SIGNATURE = "0EUKPGTVIeqWlS1Ye4/O9sWTCGc/2h5UyFW/Nqxqg7c="


@pytest.fixture
def http() -> StubHttp:
    return StubHttp()


@pytest.fixture
def gateway(http: StubHttp) -> GatewayProvider:
    return GatewayProvider(http, api_key="key", webhook_secret="whsec_test")


@pytest.fixture
def tiptop(http: StubHttp) -> TipTopProvider:
    return TipTopProvider(http, public_id="pk", api_secret="api_secret")


def signed(body: bytes, header: str, value: str, **query: str) -> RawRequest:
    return RawRequest("POST", tuple(query.items()), {header: value}, body, "6.6.6.6")


# --- signatures ---------------------------------------------------------------------------------------


def test_the_published_vectors() -> None:
    assert create_kaspi_signature(BODY, b"whsec_test") == SIGNATURE
    assert content_hmac(TIPTOP_BODY, b"api_secret") == TIPTOP_SIGNATURE


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", SIGNATURE[:-1], SIGNATURE.upper(), SIGNATURE.removeprefix("sha256="),
     "sha256=" + "0" * 64, "подпись", SIGNATURE + "0"],
)  # fmt: skip
def test_anything_but_the_signature_is_turned_away(gateway: GatewayProvider, header: str) -> None:
    with pytest.raises(Unauthenticated):
        gateway.authenticate(signed(BODY, "x-webhook-signature", header))


def test_the_signature_is_over_the_bytes(gateway: GatewayProvider) -> None:
    gateway.authenticate(signed(BODY, "x-webhook-signature", SIGNATURE))
    rewritten = json.dumps(json.loads(BODY)).encode()
    with pytest.raises(Unauthenticated):
        gateway.authenticate(signed(rewritten, "x-webhook-signature", SIGNATURE))
    with pytest.raises(Unauthenticated):
        gateway.authenticate(signed(BODY, "x-other-header", SIGNATURE))


def test_no_secret_signs_nothing() -> None:
    assert not signatures.is_kaspi_signature(create_kaspi_signature(BODY, b""), BODY, b"")
    assert not signatures.is_content_hmac(content_hmac(BODY, b""), BODY, b"")


# --- the gateway --------------------------------------------------------------------------------------


def parsed(gateway: GatewayProvider, body: bytes) -> Event:
    return gateway.parse(signed(body, "", ""))


def test_a_webhook_says_what_was_paid(gateway: GatewayProvider) -> None:
    assert parsed(gateway, BODY) == Event("paid", "42:paid", "42", "order_123", 15000_00)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("processing", "pending"), ("pending", "pending"), ("cancelling", "pending"),
     ("something_new", "pending"), ("cancelled", "cancelled"), ("expired", "expired"),
     ("error", "failed"), ("refunded", "refunded")],
)  # fmt: skip
def test_a_status_that_is_not_known_is_never_a_failure(
    gateway: GatewayProvider, status: str, kind: str
) -> None:
    assert parsed(gateway, BODY.replace(b'"paid"', f'"{status}"'.encode())).kind == kind


def test_figures_that_are_none_are_for_a_person(gateway: GatewayProvider) -> None:
    assert parsed(gateway, BODY.replace(b'"15000.00"', b'"15000.001"')).amount_tiyn == 0
    assert parsed(gateway, BODY.replace(b'"15000.00"', b"15000.1")).amount_tiyn == 15000_10
    assert parsed(gateway, BODY.replace(b"false", b"true")).sandbox


def test_what_is_no_invoice_is_passed_over_or_unreadable(gateway: GatewayProvider) -> None:
    assert parsed(gateway, b'{"event":"webhook.test"}').kind == "ignore"
    half = BODY.replace(b'"15000.00"', b'"\\ud800"')
    for body in (b"", b"[]", b"{", b"\xff", b'{"invoice":{}}', b"[" * 100_000, half):
        with pytest.raises(Unreadable):
            parsed(gateway, body)


def test_who_says_a_thing_twice_says_nothing(gateway: GatewayProvider, http: StubHttp) -> None:
    """Others may read the first of the two, and the signature fits both."""
    twice = BODY.replace(b'"amount":"15000.00"', b'"amount":"1.00","amount":"15000.00"')
    with pytest.raises(Unreadable):
        parsed(gateway, twice)
    http.answers["GET /invoices/42"] = [Answer(200, b'{"id":42,"status":"error","status":"paid"}')]
    with pytest.raises(OutcomeUnknown):
        gateway.fetch("42", "lov-1")


@pytest.mark.parametrize(
    "name", ["null", "true", "[42]", "{}", '"4\\u00002"', '"%s"' % ("4" * 201)]
)
def test_what_is_no_name_names_no_payment(gateway: GatewayProvider, name: str) -> None:
    """Two such would else be one payment; and what no database takes would end the answer to the gateway."""
    nameless = BODY.replace(b'"id":42', b'"id":' + name.encode())
    with pytest.raises(Unreadable):
        parsed(gateway, nameless)
    ours = BODY.replace(b'"order_123"', name.encode())
    assert parsed(gateway, ours).merchant_ref == ""


def test_paid_without_an_amount_is_not_told(
    gateway: GatewayProvider, tiptop: TipTopProvider
) -> None:
    """Else whatever was asked for would count as paid; the next question tells."""
    for said in (b'"amount":null', b'"sum":"1"'):
        with pytest.raises(Unreadable):
            parsed(gateway, BODY.replace(b'"amount":"15000.00"', said))
    for wrong in (b"Amount=500.00&", b"TransactionId=455&"):
        notice = TIPTOP_BODY.replace(wrong, b"")
        with pytest.raises(Unreadable):
            tiptop.parse(signed(notice, "", "", event="pay"))


def test_an_invoice_is_asked_for_in_tenge(gateway: GatewayProvider, http: StubHttp) -> None:
    http.will("POST /invoices", {"id": 42, "status": "processing"}, 201)
    created = gateway.create(Wanted("lov-1", 1500_50, phone="+7 701 123 45 67"))
    assert created.provider_ref == "42"
    [(_, headers, body)] = http.asked
    assert headers["X-API-Key"] == "key"
    assert body.startswith('{"amount":1500.50,"phone_number":"87011234567"')
    assert '"external_order_id":"lov-1"' in body


def test_an_invoice_whose_answer_was_lost_is_looked_for_and_not_made_again(
    gateway: GatewayProvider, http: StubHttp
) -> None:
    http.will("POST /invoices", None)
    with pytest.raises(OutcomeUnknown):
        gateway.create(Wanted("lov-1", 100, phone="87011234567"))
    http.will(
        "GET /invoices?search=lov-1",
        {
            "data": [
                {"id": 7, "external_order_id": "lov-10"},
                {"id": 8, "external_order_id": "lov-1"},
            ]
        },
    )
    assert gateway.create(Wanted("lov-1", 100, phone="87011234567")).provider_ref == "8"
    assert gateway.fetch("", "lov-1").provider_ref == "8"
    assert [ask for ask, _, _ in http.asked].count("POST /invoices") == 2


def test_a_plain_no_is_a_no(gateway: GatewayProvider, http: StubHttp) -> None:
    http.will("POST /invoices", {"error": "kaspi_session_not_configured"}, 400)
    with pytest.raises(Rejected):
        gateway.create(Wanted("lov-1", 100, phone="87011234567"))
    http.will("GET /invoices/42", {"error": "kaspi_session_invalid"}, 503)
    with pytest.raises(OutcomeUnknown):
        gateway.fetch("42", "lov-1")


def test_a_cancellation_that_is_taken_up_without_a_word_is_no_failure(
    gateway: GatewayProvider, http: StubHttp
) -> None:
    http.answers["POST /invoices/42/cancel"] = [Answer(202, b"")]
    gateway.cancel("42")
    http.answers["POST /invoices/42/cancel"] = [Answer(500, b"")]
    with pytest.raises(OutcomeUnknown):
        gateway.cancel("42")


def test_phones_are_written_as_the_gateway_wants_them() -> None:
    assert {kaspi_phone(p) for p in ("+7 701 123-45-67", "87011234567", "7011234567")} == {
        "87011234567"
    }
    with pytest.raises(Rejected):
        kaspi_phone("+1 202 555 01 23 4")


# --- TipTop -------------------------------------------------------------------------------------------


def test_tiptop_pays_when_completed_and_never_when_authorized(tiptop: TipTopProvider) -> None:
    tiptop.authenticate(signed(TIPTOP_BODY, "content-hmac", TIPTOP_SIGNATURE))
    told = tiptop.parse(signed(TIPTOP_BODY, "", "", event="pay"))
    assert told == Event("paid", "455:paid", "455", "topup-1", 500_00)
    promised = TIPTOP_BODY.replace(b"Completed", b"Authorized")
    assert tiptop.parse(signed(promised, "", "", event="pay")).kind == "pending"
    assert tiptop.parse(signed(TIPTOP_BODY, "", "", event="check")).kind == "pending"
    assert tiptop.parse(signed(TIPTOP_BODY, "", "", event="fail")).kind == "pending"
    assert tiptop.parse(signed(TIPTOP_BODY + b"&TestMode=1", "", "", event="pay")).sandbox


def test_tiptop_tells_of_each_refund_by_itself(tiptop: TipTopProvider) -> None:
    body = b"TransactionId=460&Amount=200.00&Currency=KZT&InvoiceId=lov-1"
    told = tiptop.parse(signed(body, "", "", event="refund"))
    assert told == Event("refunded", "460:refund", merchant_ref="lov-1", gone_back_tiyn=200_00)
    assert tiptop.parse(signed(body + b"&TestMode=1", "", "", event="refund")).sandbox
    for missing in (b"TransactionId=460&", b"Amount=200.00&"):
        with pytest.raises(Unreadable):
            tiptop.parse(signed(body.replace(missing, b""), "", "", event="refund"))


@pytest.mark.parametrize("header", ["", "0EUK", "подпись", TIPTOP_SIGNATURE[:-1]])
def test_tiptop_turns_strangers_away(tiptop: TipTopProvider, header: str) -> None:
    with pytest.raises(Unauthenticated):
        tiptop.authenticate(signed(TIPTOP_BODY, "content-hmac", header))


def test_either_of_tiptop_s_signatures_is_over_the_bytes(tiptop: TipTopProvider) -> None:
    """They differ in how what they sign is written; which of them is over the very bytes is told differently."""
    other = TIPTOP_BODY.replace(b"500.00", b"500%2E00")
    for body, header in ((TIPTOP_BODY, "content-hmac"), (other, "x-content-hmac")):
        signature = content_hmac(body, b"api_secret")
        tiptop.authenticate(signed(body, header, signature))
        with pytest.raises(Unauthenticated):  # what means the same, written otherwise
            tiptop.authenticate(
                signed(other if body is TIPTOP_BODY else TIPTOP_BODY, header, signature)
            )


def test_a_field_of_another_kind_breaks_nothing(tiptop: TipTopProvider, http: StubHttp) -> None:
    model = {"TransactionId": 455, "Amount": 500, "Currency": "KZT", "Status": "Completed"}
    for test_mode, is_sandbox in (
        ([], False),
        ({}, False),
        (True, True),
        ("True", True),
        (1, True),
        (0, False),
    ):
        http.answers["POST /payments/get"] = []
        http.will(
            "POST /payments/get", {"Success": True, "Model": {**model, "TestMode": test_mode}}
        )
        assert tiptop.fetch("455", "lov-1").sandbox == is_sandbox


def test_a_notice_must_say_what_it_is(tiptop: TipTopProvider) -> None:
    for query, body in (({}, TIPTOP_BODY), ({"event": "pay"}, TIPTOP_BODY + b"&Amount=1")):
        with pytest.raises(Unreadable):
            tiptop.parse(signed(body, "", "", **query))


@pytest.mark.parametrize(
    ("outcome", "gateway_status", "tiptop_answer"),
    [
        ("credited", 200, (200, b'{"code": 0}')),
        ("review", 200, (200, b'{"code": 0}')),
        ("unknown_account", 200, (200, b'{"code": 10}')),
        ("conflict", 200, (200, b'{"code": 13}')),
        ("refused", 200, (200, b'{"code": 13}')),
        ("busy", 503, (503, b'{"code": 0}')),
    ],
)
def test_each_gateway_is_answered_as_it_wants_it(
    gateway: GatewayProvider,
    tiptop: TipTopProvider,
    outcome: OutcomeCode,
    gateway_status: int,
    tiptop_answer: tuple[int, bytes],
) -> None:
    """Both send again whatever was not answered with 200, and TipTop besides what has no code."""
    event = Event("paid", "455:paid", "455", "topup-1", 500_00)
    assert gateway.reply(event, Outcome(outcome)).status == gateway_status
    answer = tiptop.reply(event, Outcome(outcome))
    assert (answer.status, answer.body) == tiptop_answer


def test_tiptop_orders_are_found_by_our_own_name(tiptop: TipTopProvider, http: StubHttp) -> None:
    http.will(
        "POST /orders/create",
        {"Success": True, "Model": {"Id": "x", "Url": "https://orders.tiptoppay.kz/d/x"}},
    )
    created = tiptop.create(Wanted("lov-1", 500_00))
    assert (created.provider_ref, created.pay_url) == ("", "https://orders.tiptoppay.kz/d/x")
    assert http.asked[0][1]["Authorization"] == "Basic cGs6YXBpX3NlY3JldA=="
    assert '"Amount":500.00,"Currency":"KZT"' in http.asked[0][2]
    http.will("POST /v2/payments/find", {"Success": False, "Message": "Not found"})
    http.will(
        "POST /v2/payments/find",
        {"Success": True, "Model": {"TransactionId": 455, "Amount": 500.0, "Currency": "KZT",
                                    "InvoiceId": "lov-1", "Status": "Completed"}},
    )  # fmt: skip
    assert tiptop.fetch("", "lov-1").kind == "pending"
    assert tiptop.fetch("", "lov-1") == Event("paid", "455:paid", "455", "lov-1", 500_00)
