"""What strangers, careless providers and bad moments do to payments; money is credited once, or waits for a person."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import REVENUE
from lovhub.server.payments import rules, service
from lovhub.server.payments.models import Payment
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import (
    Created,
    Event,
    OutcomeUnknown,
    RawRequest,
    Rejected,
)
from lovhub.server.payments.providers.gateway import GatewayProvider
from lovhub.server.payments.settling import settle
from lovhub.server.sessions.locks import lock_customer
from tests.server.payments.helpers import (
    alarms,
    assert_books_are_right,
    balance,
    call,
    credits_booked,
    json_of,
    pay,
    payments,
    spend,
    state,
    story,
)
from tests.server.payments.scripted import Scripted, ask, at_work, give_back, paid
from tests.server.payments.stub import StubHttp
from tests.support.club import CASHIER, People, found_another_club

MONTH = 30 * 24 * 3600


@pytest.fixture
def account(customer_id: int) -> str:
    return rules.payment_number(customer_id)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment; a refusal is what it is refused with."""
    together = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        together.wait()
        try:
            return deed()
        except OperationRefused as refused:
            return refused.code

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


# --- amounts ------------------------------------------------------------------------------------------

NO_AMOUNTS = [
    "-1.00",
    "-0.01",
    "0",
    "0.004",
    "1.005",
    "1e5",
    "0x10",
    "1 000",
    "1,5",
    "NaN",
    "∞",
    "",
]


def test_no_amount_is_no_payment(club: ClubContext, biller: BillerProvider, account: str) -> None:
    for number, total in enumerate(NO_AMOUNTS):
        said = pay(club, biller, account, txn_id=f"{number}", total=total)
        assert json_of(said)["result"] == 5, total
    assert payments(club) == []


def test_a_huge_amount_waits_for_a_person(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    assert json_of(pay(club, biller, account, total="999999999999.99"))["result"] == 0
    [payment] = payments(club)
    assert (payment.state, payment.paid_tiyn) == ("review", 99_999_999_999_999)
    assert (balance(club, customer_id), alarms(club)) == (0, ["payment_review"])


AS_ASKED = ['"500.00"', "500", "500.0", '"500.000"', "5E+2"]
OTHERWISE = ['"500.001"', '"-500.00"', "-500", '"50000"', "5e+99999999", "true", "[500]", '"٥٠٠"']


def test_a_gateway_s_amount_is_compared_exactly(club: ClubContext, customer_id: int) -> None:
    http = StubHttp()
    gateway = GatewayProvider(http, api_key="key", webhook_secret="whsec_test")
    states = {}
    for number, amount in enumerate(AS_ASKED + OTHERWISE, start=1):
        http.answers["POST /invoices"] = []
        http.will("POST /invoices", {"id": number, "status": "processing"}, 201)
        payment_id = service.create_payment(
            club, gateway, customer_id=customer_id, amount_tiyn=500_00, key=f"{number}",
            actor=CASHIER, phone="87011234567",
        )  # fmt: skip
        body = b'{"invoice":{"id":%d,"status":"paid","amount":%s}}' % (number, amount.encode())
        settle(club, gateway, told(gateway, body))
        states[amount] = state(club, payment_id)
    assert states == dict.fromkeys(AS_ASKED, "paid") | dict.fromkeys(OTHERWISE, "review")
    assert balance(club, customer_id) == len(AS_ASKED) * 500_00


def told(gateway: GatewayProvider, body: bytes) -> Event:
    return gateway.parse(RawRequest("POST", (), {}, body, "6.6.6.6"))


# --- who it is for ------------------------------------------------------------------------------------


def test_a_name_that_no_database_takes_is_answered_in_the_protocol(
    club: ClubContext, biller: BillerProvider, account: str
) -> None:
    for wrong in (f"{account}\x00", "\x00", f"{account}\n7", "\u202e" + account):
        for command in ("check", "pay"):
            said = json_of(
                call(club, biller, command=command, txn_id="7", account=wrong, sum="1.00")
            )
            assert said["result"] == 5
    assert payments(club) == []


def test_the_same_number_from_two_providers_is_two_payments(
    club: ClubContext, bank: Scripted, biller: BillerProvider, customer_id: int, account: str
) -> None:
    ask(club, bank, customer_id)
    settle(club, bank, paid(ref="42"))
    pay(club, biller, account, txn_id="42", total="500.00")
    assert (balance(club, customer_id), credits_booked(club), alarms(club)) == (1000_00, 2, [])
    assert_books_are_right(club)


def test_two_payments_that_a_bank_calls_by_one_name_are_credited_once(
    club: ClubContext, bank: Scripted, customer_id: int, people: People
) -> None:
    """The second stays unknown: its payer has to show where their money went."""
    other_id = people.customer(name="Ая")
    ask(club, bank, customer_id, key="a")
    second = ask(club, bank, other_id, key="b")
    assert state(club, second) == "unknown"
    settle(club, bank, paid())
    assert (balance(club, customer_id), balance(club, other_id)) == (500_00, 0)


def test_a_call_for_another_club_of_the_chain_credits_nobody_here(
    club: ClubContext, bank: Scripted, biller: BillerProvider, account: str, customer_id: int
) -> None:
    other = found_another_club(club.database, club.clock, club_id=2)
    payment_id = ask(club, bank, customer_id)
    merchant_ref = bank.created[0].merchant_ref
    settle(other, bank, paid(merchant_ref=merchant_ref))
    assert json_of(call(other, biller, command="check", txn_id="7", account=account))["result"] == 1
    assert json_of(pay(other, biller, account))["result"] == 1
    assert (state(club, payment_id), balance(club, customer_id)) == ("pending", 0)
    assert alarms(club) == ["payment_unknown"]
    with pytest.raises(OperationRefused, match="payment_unknown"):
        give_back(other, bank, payment_id, 1)


def test_kaspi_may_repeat_itself_at_another_club_with_the_same_customers(
    club: ClubContext, biller: BillerProvider, account: str, customer_id: int
) -> None:
    other = found_another_club(club.database, club.clock, club_id=2)
    with club.write() as work:
        work.db.execute(update(Club).where(Club.id == 2).values(customers_of=1))
    first = pay(club, biller, account)
    assert pay(other, biller, account).body == first.body
    replies = at_once(
        *[lambda one=one: pay(one, biller, account, txn_id="8").body for one in (club, other) * 5]
    )
    assert len(set(map(str, replies))) == 1
    assert (balance(club, customer_id), credits_booked(club)) == (20000_00, 2)
    assert json_of(pay(other, biller, account, total="1.00"))["result"] == 0  # another payment
    assert balance(club, customer_id) == 20001_00


# --- when ---------------------------------------------------------------------------------------------


def test_what_is_told_again_after_a_month_credits_nothing(
    club: ClubContext, bank: Scripted, biller: BillerProvider, account: str, customer_id: int,
    clock: ManualClock,
) -> None:  # fmt: skip
    ask(club, bank, customer_id)
    settle(club, bank, paid())
    first = pay(club, biller, account)
    spend(club, customer_id, balance(club, customer_id))
    clock.advance(MONTH)
    settle(club, bank, paid())
    settle(club, bank, Event("paid", "of another kind", "42", amount_tiyn=500_00))
    for older in ("pending", "expired", "failed", "cancelled"):
        settle(club, bank, Event(older, f"42:{older}", "42"))  # type: ignore[arg-type]
    assert pay(club, biller, account).body == first.body
    assert (balance(club, customer_id), credits_booked(club), alarms(club)) == (0, 2, [])


BELIEVED = ["20270115120000", "20270116120000", "20260901120000"]
NOT_BELIEVED = [
    "20270118120000",
    "99991231235959",
    "00010101000000",
    "20250101000000",
    "20270230000000",
]


def test_a_bank_whose_clock_is_wrong_hides_no_money_from_the_comparison(
    club: ClubContext, biller: BillerProvider, account: str
) -> None:
    """It is the fifteenth of January 2027, noon and an hour."""
    for number, at in enumerate(BELIEVED + NOT_BELIEVED):
        said = {"txn_id": f"{number}", "txn_date": at, "account": account, "sum": "1.00"}
        assert json_of(call(club, biller, command="pay", **said))["result"] == 0
    now = club.clock.now()
    believed = [payment.paid_at != now for payment in payments(club)]
    assert believed == [True] * len(BELIEVED) + [False] * len(NOT_BELIEVED)


# --- at a bad moment ----------------------------------------------------------------------------------


def test_it_is_told_of_before_it_is_answered(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    """The webhook is faster than the answer: the code and its end are shown all the same."""

    def tell_first(event: Event) -> int:
        def create(wanted: object) -> Created:
            settle(
                club,
                bank,
                Event(
                    event.kind, f"{key}:{event.kind}", key, wanted.merchant_ref, event.amount_tiyn
                ),
            )  # type: ignore[attr-defined]
            return Created(key, f"qr {key}", "", 600, 7)

        key = event.detail
        bank.create = create  # type: ignore[method-assign]
        return ask(club, bank, customer_id, key=key)

    ids = [
        tell_first(Event(kind, amount_tiyn=500_00, detail=kind))  # type: ignore[arg-type]
        for kind in ("pending", "paid", "cancelled")
    ]
    with club.read() as db:
        pending, at_once_paid, cancelled = (db.get_one(Payment, one) for one in ids)
    now = club.clock.now()
    assert (pending.state, pending.qr_payload) == ("pending", "qr pending")
    assert (pending.expires_at, pending.next_poll_at) == (now + 600, now + 7)
    assert (at_once_paid.state, at_once_paid.provider_ref) == ("paid", "paid")
    assert (cancelled.state, cancelled.provider_ref) == ("cancelled", "cancelled")
    assert (balance(club, customer_id), credits_booked(club), alarms(club)) == (500_00, 1, [])


def test_what_is_taken_back_before_it_is_answered_is_taken_back_there_too_and_still_money(
    club: ClubContext, bank: Scripted, customer_id: int, clock: ManualClock
) -> None:
    told_of: list[str] = []

    def create(_wanted: object) -> Created:
        [payment] = payments(club)
        service.cancel(club, at_work(bank), payment_id=payment.id, actor=CASHIER)
        return Created("42", "qr", "", 300, 5)

    bank.create = create  # type: ignore[method-assign]
    bank.cancel = told_of.append  # type: ignore[method-assign]
    payment_id = ask(club, bank, customer_id)
    assert (state(club, payment_id), told_of) == ("cancelled", ["42"])
    bank.on_fetch = paid()  # by whoever had it before them already
    clock.advance(5)
    Poller(club, at_work(bank)).turn()
    assert (state(club, payment_id), balance(club, customer_id)) == ("paid", 500_00)
    assert story(club, payment_id) == ["created", "cancelled", "paid_late"]


def test_nobody_is_asked_about_what_was_taken_back_and_never_made(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    def create(_wanted: object) -> Created:
        service.cancel(club, at_work(bank), payment_id=payments(club)[0].id, actor=CASHIER)
        raise Rejected

    bank.create = create  # type: ignore[method-assign]
    ask(club, bank, customer_id)
    [payment] = payments(club)
    assert (payment.state, payment.next_poll_at) == ("cancelled", None)


def test_an_answer_that_took_longer_than_our_patience_counts(
    club: ClubContext, bank: Scripted, customer_id: int, clock: ManualClock
) -> None:
    poller = Poller(club, at_work(bank))
    bank.on_fetch = OutcomeUnknown()

    def create(_wanted: object) -> Created:
        for _ in range(3):
            clock.advance(61)
            poller.turn()
        return Created("42", "qr", "", 300, 5)

    bank.create = create  # type: ignore[method-assign]
    payment_id = ask(club, bank, customer_id)
    assert story(club, payment_id) == ["created", "unknown", "expired", "pending"]


def test_an_end_at_the_moment_of_the_money_loses_nothing(
    club: ClubContext, bank: Scripted, customer_id: int, clock: ManualClock
) -> None:
    """The poller calls it expired while the webhook, the desk and the payer are at it."""
    poller = Poller(club, at_work(bank))
    ids = []
    for number in range(3):
        bank.on_create = Created(str(number), "qr", "", 10, 5)
        ids.append(ask(club, bank, customer_id, key=f"{number}"))
    bank.on_fetch = OutcomeUnknown()
    clock.advance(10)

    def taken_back(payment_id: int) -> None:
        service.cancel(club, at_work(bank), payment_id=payment_id, actor=CASHIER)

    at_once(
        *[poller.turn] * 4,
        *[lambda one=one: settle(club, bank, paid(ref=one)) for one in "012" * 2],
        *[lambda one=one: taken_back(one) for one in ids],
    )
    assert [state(club, one) for one in ids] == ["paid"] * 3
    assert (balance(club, customer_id), credits_booked(club), alarms(club)) == (1500_00, 3, [])
    assert_books_are_right(club)


def test_money_that_comes_again_while_it_goes_back_is_not_credited_again(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    results = at_once(
        *[
            lambda n=n: give_back(club, bank, payment_id, 200_00, key=f"r{n}").state
            for n in range(4)
        ],
        *[lambda: settle(club, bank, paid())] * 4,
        *[lambda: settle(club, bank, Event("paid", "poll", "42", amount_tiyn=500_00))] * 4,
        *[lambda: settle(club, bank, Event("refunded", "42:r", "42", refunded_tiyn=200_00))] * 2,
    )
    assert results.count("done") == 2
    assert results.count("refund_out_of_range") == 2
    assert (balance(club, customer_id), credits_booked(club)) == (100_00, 1)
    assert state(club, payment_id) == "partly_refunded"
    assert len(bank.refunded) == 2
    assert_books_are_right(club)


def test_one_press_that_arrives_twice_goes_back_once(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    at_once(*[lambda: give_back(club, bank, payment_id, 200_00).state] * 8)
    assert (len(bank.refunded), balance(club, customer_id)) == (1, 300_00)
    assert_books_are_right(club)


def test_what_is_spent_at_the_same_moment_does_not_go_back_too(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())

    def buy() -> str:
        with club.write() as work:
            customer = lock_customer(work, customer_id)
            money = ledger.Account(customer.balance_account_id, "tiyn")
            if ledger.balance(work.db, money.id) < 400_00:
                return "too_little"
            transfer = ledger.Transfer(money, ledger.club_account(work, REVENUE), 400_00)
            ledger.post(work, key="bought", kind="sale", transfers=[transfer], actor=CASHIER)
        return "bought"

    bought, gone_back = at_once(buy, lambda: give_back(club, bank, payment_id, 500_00).state)
    assert (bought, gone_back) in {("bought", "refund_spent"), ("too_little", "done")}
    assert balance(club, customer_id) == (100_00 if bought == "bought" else 0)
    assert len(bank.refunded) == (gone_back == "done")
    assert_books_are_right(club)


def test_money_spent_while_the_bank_is_giving_it_back_was_not_there_to_be_spent(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    seen: list[int] = []

    def refund(*_asked: object) -> None:
        seen.append(balance(club, customer_id))
        raise OutcomeUnknown

    bank.refund = refund  # type: ignore[method-assign]
    give_back(club, bank, payment_id, 500_00)
    assert (seen, balance(club, customer_id)) == ([0], 0)
    with pytest.raises(OperationRefused, match="payment_not_paid"):
        give_back(club, bank, payment_id, 1, key="again")
