"""Money's units, payment numbers, callers, and what an event means: values in, values out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.payments import rules
from lovhub.server.payments.rules import Decision, Told, decide

# --- units --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tiyn"),
    [
        ("0.01", 1), ("1", 100), ("1.5", 150), ("200.00", 20000), ("999999.99", 99999999),
        ("100.000000", 10000), (Decimal("0.01"), 1), (Decimal("2E+2"), 20000), (500, 50000),
        ("15000.00", 1500000),
    ],
)  # fmt: skip
def test_tenge_become_tiyn_exactly(text: str | Decimal | int, tiyn: int) -> None:
    assert rules.tiyn_of_tenge(text) == tiyn


@pytest.mark.parametrize(
    "text",
    ["", "0.001", "1,5", "-1", "+1", "1e3", "NaN", "Infinity", " 1", "1.", ".5", "١", True,
     Decimal("NaN"), Decimal(-5), Decimal("1E+999999999"), Decimal("1E-999999999"), "9" * 13],
)  # fmt: skip
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tiyn|amount"):
        rules.tiyn_of_tenge(text)


def test_a_float_is_never_taken_for_money() -> None:
    with pytest.raises(ValueError, match="no amount"):
        rules.tiyn_of_tenge(0.1)  # type: ignore[arg-type]


@given(st.integers(0, 10**13))
def test_tiyn_come_back_as_they_went(tiyn: int) -> None:
    assert rules.tiyn_of_tenge(rules.tenge_of_tiyn(tiyn)) == tiyn


# --- payment numbers ----------------------------------------------------------------------------------


@given(st.integers(1, 10**12))
def test_a_payment_number_leads_to_its_customer(customer_id: int) -> None:
    assert rules.customer_of_number(rules.payment_number(customer_id)) == customer_id


@given(st.integers(1, 10**8), st.data())
def test_one_slip_leads_to_nobody(customer_id: int, data: st.DataObject) -> None:
    digits = list(rules.payment_number(customer_id))
    place = data.draw(st.integers(0, len(digits) - 1))
    if place + 1 < len(digits) and digits[place] != digits[place + 1] and data.draw(st.booleans()):
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
    else:
        others = [digit for digit in "0123456789" if digit != digits[place]]
        digits[place] = data.draw(st.sampled_from(others))
    assert rules.customer_of_number("".join(digits)) is None


@pytest.mark.parametrize("number", ["", "1", "abc", "00000000000000000000", "1;DROP", "٣" * 7])
def test_what_is_no_payment_number_leads_to_nobody(number: str) -> None:
    assert rules.customer_of_number(number) is None


@pytest.mark.parametrize(
    ("name", "shown"), [("Ерлан Серик", "Ер***н"), ("Ая", "А***"), ("", "***")]
)
def test_whoever_guesses_a_number_learns_no_name(name: str, shown: str) -> None:
    assert rules.masked(name) == shown


# --- who called ---------------------------------------------------------------------------------------

PROXIES = rules.networks("10.0.0.5, 10.0.1.0/24")
KASPI = "194.187.247.152"


@pytest.mark.parametrize(
    ("peer", "header", "caller"),
    [
        (KASPI, "", KASPI),
        ("10.0.0.5", KASPI, KASPI),
        ("10.0.0.5", f"6.6.6.6, {KASPI}", KASPI),
        ("10.0.0.5", f"{KASPI}, 6.6.6.6", "6.6.6.6"),  # what stands left was written by the caller
        ("6.6.6.6", KASPI, "6.6.6.6"),  # a header from no proxy of ours
        ("10.0.0.5", f"{KASPI}, 10.0.1.7", KASPI),
        ("::ffff:10.0.0.5", KASPI, KASPI),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "nonsense", "nonsense"),
    ],
)
def test_a_header_is_believed_from_named_proxies_only(peer: str, header: str, caller: str) -> None:
    assert rules.caller_address(peer, header, PROXIES) == caller


def test_addresses_are_compared_as_addresses() -> None:
    allowed = rules.networks(f"{KASPI} 2001:db8::/32")
    assert rules.is_among(f"::ffff:{KASPI}", allowed)
    assert rules.is_among("2001:db8::7", allowed)
    assert not rules.is_among("194.187.247.15", allowed)
    assert not rules.is_among("nonsense", allowed)
    assert not rules.is_among(KASPI, ())


# --- what an event means ------------------------------------------------------------------------------

PAID = Told("paid", 500_00)


@pytest.mark.parametrize(
    ("state", "told", "decision"),
    [
        ("pending", PAID, Decision("credit", "paid")),
        ("created", PAID, Decision("credit", "paid")),
        ("unknown", PAID, Decision("credit", "paid")),
        ("expired", PAID, Decision("credit", "paid", late=True)),
        ("cancelled", PAID, Decision("credit", "paid", late=True)),
        ("failed", PAID, Decision("credit", "paid", late=True)),
        ("pending", Told("paid", None), Decision("credit", "paid")),
        ("paid", PAID, Decision("nothing")),
        ("refunded", PAID, Decision("nothing")),
        ("review", PAID, Decision("nothing")),
        ("pending", Told("paid", 5_00), Decision("review", "review", alarm="payment_review")),
        ("pending", Told("paid", 500_00, "RUB"), Decision("review", "review", "payment_review")),
        ("paid", Told("paid", 5_00), Decision("nothing", alarm="payment_conflict")),
        (
            "pending",
            Told("paid", 500_00, sandbox=True),
            Decision("refuse", None, "payment_sandbox"),
        ),
        ("unknown", Told("pending"), Decision("move", "pending")),
        ("pending", Told("pending"), Decision("nothing")),
        ("pending", Told("expired"), Decision("move", "expired")),
        ("pending", Told("failed"), Decision("move", "failed")),
        ("paid", Told("failed"), Decision("nothing")),
        ("expired", Told("failed"), Decision("nothing")),
        ("paid", Told("expired"), Decision("nothing")),
        ("pending", Told("ignore"), Decision("nothing")),
    ],
)
def test_what_an_event_means(state: rules.State, told: Told, decision: Decision) -> None:
    assert decide(state, 500_00, told, takes_sandbox=False) == decision


def test_a_sandbox_is_believed_only_where_it_may_be() -> None:
    told = Told("paid", 500_00, sandbox=True)
    assert decide("pending", 500_00, told, takes_sandbox=True).action == "credit"


def test_money_for_somebody_who_is_gone_waits_for_a_person() -> None:
    decision = decide("pending", 500_00, PAID, takes_sandbox=False, payer_is_there=False)
    assert decision == Decision("review", "review", "payment_review")


@given(
    st.lists(
        st.sampled_from(
            [PAID, Told("paid", 1), Told("failed"), Told("expired"), Told("pending"), Told("paid")]
        )
    )
)
def test_whatever_is_told_in_whatever_order_it_is_credited_at_most_once(told: list[Told]) -> None:
    state: rules.State = "created"
    credited = 0
    for each in told:
        decision = decide(state, 500_00, each, takes_sandbox=False)
        credited += decision.action == "credit"
        state = decision.state or state
    assert credited <= 1
    assert (credited == 1) == (state == "paid")


# --- refunds and asking again -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "given_back", "amount", "balance", "problem"),
    [
        ("paid", 0, 500_00, 500_00, ""),
        ("paid", 0, 100_00, 100_00, ""),
        ("partly_refunded", 400_00, 100_00, 900_00, ""),
        ("partly_refunded", 400_00, 100_01, 900_00, "refund_out_of_range"),
        ("paid", 0, 0, 500_00, "refund_out_of_range"),
        ("paid", 0, 500_00, 499_99, "refund_spent"),
        ("refunded", 500_00, 1, 900_00, "payment_not_paid"),
        ("review", 0, 500_00, 900_00, "payment_not_paid"),
    ],
)
def test_when_money_may_go_back(
    state: str, given_back: int, amount: int, balance: int, problem: str
) -> None:
    assert problem == rules.refund_problem(
        state,
        paid_tiyn=500_00,
        given_back_tiyn=given_back,
        amount_tiyn=amount,
        balance_tiyn=balance,
    )


@pytest.mark.parametrize(
    ("over_seconds", "after"),
    [(-60, 5), (0, 15), (14 * 60, 15), (16 * 60, 900), (2 * 86400, 900), (3 * 86400, None)],
)
def test_a_payment_is_asked_about_long_after_its_end(over_seconds: int, after: int | None) -> None:
    assert after == rules.next_poll_after(
        1000 + over_seconds, expires_at=1000, poll_after_seconds=5
    )
