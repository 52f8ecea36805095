"""Kaspi's QR API: codes and links are made, asked about as told, and given back."""

import pytest

from lovhub.server.payments.providers.contract import (
    Created,
    Event,
    OutcomeUnknown,
    Rejected,
    Wanted,
)
from lovhub.server.payments.providers.kaspi_qr import KaspiQrProvider
from tests.server.payments.stub import StubHttp

DETAILS = "GET /payment/details?QrPaymentId=15&DeviceToken=guid-1"


@pytest.fixture
def http() -> StubHttp:
    return StubHttp()


@pytest.fixture
def r3(http: StubHttp) -> KaspiQrProvider:
    return KaspiQrProvider(
        http, scheme="r3", device_token="guid-1", organization_bin="180340021791"
    )


@pytest.fixture
def r1(http: StubHttp) -> KaspiQrProvider:
    return KaspiQrProvider(http, scheme="r1", device_token="guid-1", api_key="test_key")


def ok(**data: object) -> dict[str, object]:
    return {"StatusCode": 0, "Message": "OK", "Data": data}


def no(code: int) -> dict[str, object]:
    return {"StatusCode": code, "Message": "", "Data": None}


def test_a_code_is_made_and_its_answer_says_how_often_to_ask(
    r3: KaspiQrProvider, http: StubHttp
) -> None:
    timing = {
        "StatusPollingInterval": 3,
        "QrCodeScanWaitTimeout": 100,
        "PaymentConfirmationTimeout": 50,
    }
    http.will(
        "POST /qr/create",
        ok(QrToken="51236903777", QrPaymentId=15, QrPaymentBehaviorOptions=timing),
    )
    assert r3.create(Wanted("lov-1", 200_50)) == Created("15", "51236903777", "", 150, 3)
    [(_, headers, body)] = http.asked
    assert body == (
        '{"DeviceToken":"guid-1","Amount":200.50,"ExternalId":"lov-1","OrganizationBin":"180340021791"}'
    )
    assert len(headers["X-Request-ID"]) == 36
    assert "Api-Key" not in headers


def test_a_link_has_other_names(r1: KaspiQrProvider, http: StubHttp) -> None:
    http.will("POST /qr/create-link", ok(PaymentLink="https://pay.kaspi.kz/pay/1", PaymentId=15))
    created = r1.create(Wanted("lov-1", 1, as_link=True))
    assert created == Created(
        "15", "https://pay.kaspi.kz/pay/1", "https://pay.kaspi.kz/pay/1", 245, 5
    )
    assert http.asked[0][1]["Api-Key"] == "test_key"
    assert "OrganizationBin" not in http.asked[0][2]


@pytest.mark.parametrize(
    ("status", "kind"),
    [("QrTokenCreated", "pending"), ("Wait", "pending"), ("Error", "failed"), ("Expired", "pending"),
     ("QrTokenDiscarded", "pending"), ("RemotePaymentCanceled", "cancelled"), ("", "pending")],
)  # fmt: skip
def test_a_status_that_is_not_known_is_never_a_failure(
    r3: KaspiQrProvider, http: StubHttp, status: str, kind: str
) -> None:
    http.will("GET /v02/payment/status/15", ok(Status=status))
    assert r3.fetch("15", "lov-1").kind == kind


def test_the_amount_is_read_where_it_stands(
    r3: KaspiQrProvider, r1: KaspiQrProvider, http: StubHttp
) -> None:
    http.will("GET /v02/payment/status/15", ok(Status="Processed", Amount=200.5))
    paid = Event("paid", "15:Processed", "15", "lov-1", 200_50)
    assert r3.fetch("15", "lov-1") == paid
    http.answers.clear()
    http.will("GET /v02/payment/status/15", {}, 404)  # the API of old
    http.will("GET /payment/status/15", ok(Status="Processed"))
    http.will(DETAILS, ok(TotalAmount=200.5, AvailableReturnAmount=200.5))
    assert r3.fetch("15", "lov-1") == paid
    assert r1.fetch("15", "lov-1").amount_tiyn is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [(None, OutcomeUnknown), (no(-999), OutcomeUnknown), ({}, OutcomeUnknown), ([], OutcomeUnknown),
     (ok(QrPaymentId=15, QrToken="x" * 1001), OutcomeUnknown), (ok(QrPaymentId=None, QrToken="x"), OutcomeUnknown),
     ({"StatusCode": False, "Data": {"QrPaymentId": 15, "QrToken": "x"}}, OutcomeUnknown),
     (no(-1501), Rejected), (no(990000028), Rejected), (no(-10000), Rejected),
     (ok(QrToken="x"), OutcomeUnknown)],
)  # fmt: skip
def test_what_was_not_answered_is_unknown_and_a_no_is_a_no(
    r3: KaspiQrProvider, http: StubHttp, answer: object, error: type[Exception]
) -> None:
    http.will("POST /qr/create", answer)
    with pytest.raises(error):
        r3.create(Wanted("lov-1", 100))


def test_a_question_that_fails_says_nothing_about_the_payment(
    r3: KaspiQrProvider, http: StubHttp
) -> None:
    for answer in (None, no(-999), no(-1601)):
        http.answers.clear()
        http.will("GET /v02/payment/status/15", answer)
        with pytest.raises(OutcomeUnknown):
            r3.fetch("15", "lov-1")


def test_how_much_has_gone_back_is_read_where_it_stands(
    r3: KaspiQrProvider, r1: KaspiQrProvider, http: StubHttp
) -> None:
    http.will(DETAILS, ok(TotalAmount=200.5, AvailableReturnAmount=150))
    assert r3.returned_tiyn("15") == 50_50
    http.answers.clear()
    http.will(DETAILS, ok(TotalAmount=200.5))
    assert (r3.returned_tiyn("15"), r1.returned_tiyn("15")) == (None, None)


def test_money_goes_back_after_a_look_at_what_may_go_back(
    r3: KaspiQrProvider, r1: KaspiQrProvider, http: StubHttp
) -> None:
    http.will(DETAILS, ok(TotalAmount=200, AvailableReturnAmount=150))
    http.will("POST /payment/return", ok(ReturnOperationId=77))
    assert r3.refund("15", 150_00, "key").provider_ref == "77"
    assert http.asked[-1][2] == (
        '{"DeviceToken":"guid-1","QrPaymentId":15,"Amount":150.00,"OrganizationBin":"180340021791"}'
    )
    with pytest.raises(Rejected):
        r3.refund("15", 150_01, "key")
    with pytest.raises(Rejected):
        r1.refund("15", 1, "key")
    http.will("POST /payment/return", no(-99000006))
    http.answers["POST /payment/return"].pop(0)
    with pytest.raises(OutcomeUnknown):
        r3.refund("15", 100_00, "key")
