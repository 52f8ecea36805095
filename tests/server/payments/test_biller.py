"""Kaspi calls check and pay: to the byte, from Kaspi only, credited once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, reversal
from lovhub.server.errors import OperationRefused
from lovhub.server.payments import rules
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import (
    Caps,
    Event,
    Outcome,
    RawRequest,
    Unauthenticated,
)
from lovhub.server.payments.settling import settle
from lovhub.server.sessions.locks import lock_customer
from tests.server.payments.conftest import SECRET
from tests.server.payments.helpers import (
    KASPI,
    alarms,
    assert_books_are_right,
    balance,
    call,
    credits_booked,
    json_of,
    pay,
    payments,
    story,
)
from tests.support.club import OWNER, People


@pytest.fixture
def account(customer_id: int) -> str:
    return rules.payment_number(customer_id)


# --- the wire -----------------------------------------------------------------------------------------

CHECK = Event("check", provider_ref="1234567", merchant_ref="10000002")
PAID = Event("paid", "7654321", "7654321", "10000002", 10000_00)


def test_answers_in_json(biller: BillerProvider) -> None:
    found = Outcome("payable", club_name="LoV Arena", payer_name="Ар***н")
    assert biller.reply(CHECK, found).body.decode() == (
        '{"txn_id":"1234567","result":0,"comment":"OK","fields":{"field1":{"@name":"Клуб",'
        '"#text":"LoV Arena"},"field2":{"@name":"Клиент","#text":"Ар***н"}}}'
    )
    assert biller.reply(PAID, Outcome("credited", 1041)).body == (
        b'{"txn_id":"7654321","prv_txn":"1041","prv_txn_id":"1041","result":0,"sum":"10000.00",'
        b'"comment":"OK"}'
    )


def test_answers_in_xml() -> None:
    biller = BillerProvider(allowed=(), response_format="xml")
    assert biller.reply(PAID, Outcome("credited", 1041)).body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response><txn_id>7654321</txn_id>'
        "<prv_txn>1041</prv_txn><sum>10000.00</sum><result>0</result><comment>OK</comment></response>"
    )
    shown = biller.reply(CHECK, Outcome("payable", club_name="<Клуб>", payer_name="А***"))
    assert (
        '<fields><field1 name="Клуб">&lt;Клуб&gt;</field1><field2 name="Клиент">А***</field2></fields>'
        in shown.body.decode()
    )


def test_every_outcome_has_a_result_and_http_is_always_200(biller: BillerProvider) -> None:
    results = {
        code: (reply := biller.reply(PAID, Outcome(code, 1))).status and json_of(reply)["result"]
        for code in ("credited", "review", "unknown_account", "busy", "conflict", "refused")
    }
    assert results == {
        "credited": 0, "review": 0, "unknown_account": 1, "busy": 4, "conflict": 5, "refused": 5,
    }  # fmt: skip


NONSENSE = [
    ({"command": "check", "txn_id": "1", "account": "0000000"}, 1),
    ({"command": "pay", "txn_id": "1", "account": "12345", "sum": "1.00"}, 1),
    ({"command": "pay", "txn_id": "1", "account": "0000012"}, 5),
    ({"command": "pay", "txn_id": "1", "account": "0000012", "sum": "1,00"}, 5),
    ({"command": "pay", "txn_id": "1", "account": "0000012", "sum": "0.00"}, 5),
    ({"command": "pay", "txn_id": "1", "account": "0000012", "sum": "0.001"}, 5),
    ({"command": "pay", "txn_id": "1" * 19, "account": "0000012", "sum": "1.00"}, 5),
    ({"command": "pay", "txn_id": "١", "account": "0000012", "sum": "1.00"}, 5),
    ({"command": "pay", "txn_id": "1", "account": "x" * 201, "sum": "1.00"}, 5),
    ({"command": "cancel", "txn_id": "1", "account": "0000012", "sum": "1.00"}, 5),
    ({}, 5),
]


def test_what_makes_no_sense_is_answered_in_the_protocol(
    club: ClubContext, biller: BillerProvider
) -> None:
    for said, result in NONSENSE:
        reply = call(club, biller, **said)
        assert (reply.status, json_of(reply)["result"]) == (200, result), said
    assert payments(club) == []


# --- who may call -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "secret", "is_let_in"),
    [
        (KASPI, "", SECRET, True),
        ("194.187.245.108", "", SECRET, True),
        (f"::ffff:{KASPI}", "", SECRET, True),
        ("10.0.0.5", KASPI, SECRET, True),
        ("10.0.0.5", f"6.6.6.6, {KASPI}", SECRET, True),
        ("10.0.0.5", f"{KASPI}, 6.6.6.6", SECRET, False),
        ("6.6.6.6", KASPI, SECRET, False),
        ("127.0.0.1", KASPI, SECRET, False),
        ("10.0.0.5", "", SECRET, False),
        ("197.187.244.108", "", SECRET, False),
        (KASPI, "", "", False),
        (KASPI, "", "path-secret-012345678", False),
        (KASPI, "", "секрет", False),
    ],
)
def test_only_kaspi_is_let_in(
    biller: BillerProvider, peer: str, forwarded_for: str, secret: str, is_let_in: bool
) -> None:
    headers = {"x-forwarded-for": forwarded_for} if forwarded_for else {}
    raw = RawRequest("GET", (), headers, b"", peer, secret)
    if is_let_in:
        biller.authenticate(raw)
    else:
        with pytest.raises(Unauthenticated):
            biller.authenticate(raw)


# --- money --------------------------------------------------------------------------------------------


def test_check_changes_nothing(club: ClubContext, biller: BillerProvider, account: str) -> None:
    for _ in range(3):
        reply = call(club, biller, command="check", txn_id="1", account=account, sum="777.00")
    said = json_of(reply)
    assert (said["result"], "sum" in said) == (0, False)
    assert "Ер***н" in reply.body.decode()
    assert "Серик" not in reply.body.decode()
    assert payments(club) == []


def test_a_payment_is_credited_and_told_again_to_the_byte(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    first = pay(club, biller, account)
    assert json_of(first)["result"] == 0
    assert [pay(club, biller, account).body for _ in range(3)] == [first.body] * 3
    assert balance(club, customer_id) == 10000_00
    [payment] = payments(club)
    assert (payment.state, payment.paid_at) == ("paid", 1786086005)  # 12:00:05 in Almaty
    assert story(club, payment.id) == ["created", "paid"]
    pay(club, biller, account, txn_id="7654322", total="0.01")
    assert balance(club, customer_id) == 10000_01
    assert_books_are_right(club)


def test_twenty_at_once_are_one(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    together = threading.Barrier(20)

    def deliver(_number: int) -> bytes:
        together.wait()
        return pay(club, biller, account).body

    with ThreadPoolExecutor(20) as pool:
        bodies = set(pool.map(deliver, range(20)))
    assert len(bodies) == 1
    assert balance(club, customer_id) == 10000_00
    assert (credits_booked(club), len(payments(club)), alarms(club)) == (1, 1, [])
    assert_books_are_right(club)


def test_the_same_number_with_other_figures_credits_nothing_and_alarms(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    pay(club, biller, account)
    assert json_of(pay(club, biller, account, total="20000.00"))["result"] == 5
    assert balance(club, customer_id) == 10000_00
    assert alarms(club) == ["payment_conflict"]


def test_one_number_for_two_customers_at_once_is_credited_to_one(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int, people: People
) -> None:
    other_id = people.customer(name="Ая")
    accounts = [account, rules.payment_number(other_id)] * 5
    together = threading.Barrier(len(accounts))

    def deliver(number: str) -> object:
        together.wait()
        return json_of(pay(club, biller, number))["result"]

    with ThreadPoolExecutor(len(accounts)) as pool:
        results = sorted(str(result) for result in pool.map(deliver, accounts))
    assert results == ["0"] * 5 + ["5"] * 5
    assert balance(club, customer_id) + balance(club, other_id) == 10000_00
    assert credits_booked(club) == 1


def test_a_crash_before_the_commit_leaves_nothing_and_the_repetition_credits(
    club: ClubContext,
    biller: BillerProvider,
    account: str,
    customer_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*_anything: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(biller, "reply", crash)  # after everything is booked, before it is committed
        with pytest.raises(ConnectionResetError):
            pay(club, biller, account)
    assert (balance(club, customer_id), payments(club)) == (0, [])
    assert json_of(pay(club, biller, account))["result"] == 0
    assert balance(club, customer_id) == 10000_00


def test_more_than_a_top_up_may_be_is_accepted_and_kept_for_a_person(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    assert json_of(pay(club, biller, account, total="1000000.01"))["result"] == 0
    [payment] = payments(club)
    assert (payment.state, balance(club, customer_id)) == ("review", 0)
    assert alarms(club) == ["payment_review"]


def test_nobody_may_be_paid_for_who_asked_to_be_forgotten(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    forgetting.forget(
        club, customer_id=customer_id, fate="", reason="", expected_tiyn=0, actor=OWNER
    )
    assert json_of(call(club, biller, command="check", txn_id="1", account=account))["result"] == 1
    assert json_of(pay(club, biller, account))["result"] == 1
    assert payments(club) == []


def test_a_locked_database_is_answered_in_time(
    club: ClubContext,
    biller: BillerProvider,
    account: str,
    customer_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lovhub.server.payments.settling.PATIENCE_SECONDS", 0.05)
    with club.write() as work:
        lock_customer(work, customer_id)
        reply: list[object] = []
        caller = threading.Thread(
            target=lambda: reply.append(json_of(pay(club, biller, account))["result"])
        )
        caller.start()
        caller.join(10)
    assert reply == [4]  # «in progress»: Kaspi asks again
    assert json_of(pay(club, biller, account))["result"] == 0


def test_what_kaspi_brought_is_not_taken_back_at_the_desk(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    pay(club, biller, account)
    [payment] = payments(club)
    assert payment.posting_id is not None
    with pytest.raises(OperationRefused, match="top_up_of_payment"):
        reversal.take_back(
            club,
            customer_id=customer_id,
            posting_id=payment.posting_id,
            reason="ошибка",
            actor=OWNER,
        )


def test_a_signed_provider_may_not_be_paid_for_nobody(
    club: ClubContext, biller: BillerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Money that nobody asked for, from a provider whom customers do not pay by themselves."""
    monkeypatch.setattr(biller, "caps", Caps(callback=True))
    settle(club, biller, PAID)
    assert (payments(club), alarms(club)) == ([], ["payment_unknown"])
