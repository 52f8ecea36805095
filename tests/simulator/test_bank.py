"""The bank that is none speaks the wires that the server's providers speak, over real HTTP."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from urllib.request import urlopen

import pytest

from lovhub.agent.settings import Address
from lovhub.server.payments.providers.contract import OutcomeUnknown, RawRequest, Rejected, Wanted
from lovhub.server.payments.providers.gateway import GatewayProvider
from lovhub.server.payments.providers.http import HttpClient
from lovhub.server.payments.providers.kaspi_qr import KaspiQrProvider
from lovhub.server.payments.reconciling import read_registry
from lovhub.simulator.bank.calls import Club
from lovhub.simulator.bank.command import Bank

SECRET = "webhook-secret-0123"


class Silent(Club):
    """A club that writes down what it would have been sent."""

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> str:
        sent.append((path, body or b"", headers or {}))
        return 'HTTP 200 {"result":0}'


sent: list[tuple[str, bytes, dict[str, str]]] = []


@pytest.fixture
def bank() -> Iterator[Bank]:
    sent.clear()
    club = Silent(Address("127.0.0.1", 1), "", "path-secret", SECRET)
    made = Bank(0, "device", lambda: club)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def address(bank: Bank) -> str:
    return f"http://127.0.0.1:{bank.server_address[1]}"


@pytest.fixture
def qr(bank: Bank) -> KaspiQrProvider:
    http = HttpClient(f"{address(bank)}/r3/v01", timeout_seconds=5)
    return KaspiQrProvider(http, scheme="r3", device_token="device", organization_bin="0")


@pytest.fixture
def gateway(bank: Bank) -> GatewayProvider:
    http = HttpClient(f"{address(bank)}/gateway", timeout_seconds=5)
    return GatewayProvider(http, api_key="key", webhook_secret=SECRET)


def press(bank: Bank, what: str, do: str) -> str:
    return bank.press(what, do, {"account": "0000012", "amount": "150,50"})


def test_a_code_is_paid_and_given_back(bank: Bank, qr: KaspiQrProvider) -> None:
    made = qr.create(Wanted("lov-1", 700_50))
    assert (made.poll_after_seconds, made.lasts_seconds) == (1, 150)
    assert qr.fetch(made.provider_ref, "lov-1").kind == "pending"
    press(bank, made.provider_ref, "pay")
    paid = qr.fetch(made.provider_ref, "lov-1")
    assert (paid.kind, paid.amount_tiyn) == ("paid", 700_50)
    assert qr.refund(made.provider_ref, 200_50, "key").state == "done"
    with pytest.raises(Rejected):
        qr.refund(made.provider_ref, 500_01, "key")
    with urlopen(f"{address(bank)}/registry.csv") as answer:  # noqa: S310
        text = answer.read().decode("utf-8-sig")
    lines = read_registry([line.split(";") for line in text.splitlines()])
    assert lines is not None
    assert [line.amount_tiyn for line in lines] == [700_50, -200_50]
    with urlopen(address(bank)) as answer:  # noqa: S310
        assert made.provider_ref in answer.read().decode()


def test_what_the_payer_may_press(bank: Bank, qr: KaspiQrProvider) -> None:
    no = qr.create(Wanted("lov-1", 100))
    press(bank, no.provider_ref, "cancel")
    assert qr.fetch(no.provider_ref, "lov-1").kind == "failed"
    late = qr.create(Wanted("lov-2", 100, as_link=True))
    press(bank, late.provider_ref, "late")
    assert qr.fetch(late.provider_ref, "lov-2").kind == "pending"
    bank.bills._bills[int(late.provider_ref)].pays_at = 0
    assert qr.fetch(late.provider_ref, "lov-2").kind == "paid"
    press(bank, "line", "lose")
    with pytest.raises(OutcomeUnknown):
        qr.create(Wanted("lov-3", 100))
    assert [bill.amount for bill in bank.bills.named("lov-3")] == [Decimal(1)]


def test_an_invoice_is_told_of_twice_under_its_signature(
    bank: Bank, gateway: GatewayProvider
) -> None:
    made = gateway.create(Wanted("lov-1", 500_00, phone="+77011234567"))
    press(bank, made.provider_ref, "twice")
    assert len(sent) == 2
    path, body, headers = sent[0]
    assert path == "/payments/webhook/gateway"
    raw = RawRequest("POST", (), {k.lower(): v for k, v in headers.items()}, body, "")
    gateway.authenticate(raw)
    told = gateway.parse(raw)
    assert told == gateway.fetch(made.provider_ref, "lov-1")
    assert (told.kind, told.merchant_ref, told.amount_tiyn) == ("paid", "lov-1", 500_00)


def test_a_bank_whose_answer_was_lost_asks_again_with_the_same_number(bank: Bank) -> None:
    press(bank, "biller", "lose")
    numbers = {path.partition("txn_id=")[2].partition("&")[0] for path, _, _ in sent}
    assert (len(sent), len(numbers)) == (2, 1)
    assert "sum=150.50" in sent[0][0]
    assert sent[0][0].startswith("/payments/kaspi/path-secret?command=pay")
