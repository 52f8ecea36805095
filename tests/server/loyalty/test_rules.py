"""What a discount takes off, what bonuses are given and spent, and what a refund takes for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.loyalty import rules
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms, Purse, Step, ToppedUp

STEPS = (Step(5_000_00, 10), Step(10_000_00, 15))
MONEY = st.integers(0, 200_000_00)
PERCENT = st.integers(0, 100)


@pytest.mark.parametrize(
    ("price", "percent", "paid"),
    [
        (555_00, 10, 499_00),
        (1_000_00, 100, 0),
        (900_50, 0, 900_50),
        (900_50, 1, 891_00),
        (99, 1, 0),
        (100, 0, 100),
    ],
)
def test_a_discount_is_rounded_in_the_customers_favour(price: int, percent: int, paid: int) -> None:
    assert rules.discounted_tiyn(price, percent) == paid


@given(MONEY, MONEY, PERCENT)
def test_what_is_cheaper_never_costs_more_with_the_same_discount(
    price: int, other: int, percent: int
) -> None:
    low, high = sorted((price, other))
    paid = rules.discounted_tiyn(low, percent)
    assert 0 <= paid <= low
    assert paid <= rules.discounted_tiyn(high, percent)


@pytest.mark.parametrize(
    ("amount", "bonus"),
    [
        (4_999_99, 0),
        (5_000_00, 500_00),
        (5_005_00, 500_00),
        (5_010_00, 501_00),
        (9_999_99, 999_00),
        (10_000_00, 1_500_00),
    ],
)
def test_a_top_up_brings_the_percent_of_the_highest_step_it_reaches(
    amount: int, bonus: int
) -> None:
    assert BonusTerms(is_on=True, steps=STEPS).for_top_up(amount) == bonus
    assert BonusTerms(is_on=False, steps=STEPS).for_top_up(amount) == 0


@pytest.mark.parametrize(
    ("price", "has", "share", "part"),
    [
        (900_00, 200_00, 50, 200_00),
        (300_00, 200_00, 50, 150_00),
        (300_00, 200_00, 100, 200_00),
        (100_00, 200_00, 100, 100_00),
        (100_01, 200_00, 50, 50_00),
        (100_00, 200_00, 0, 0),
    ],
)
def test_bonuses_are_spent_up_to_their_share(price: int, has: int, share: int, part: int) -> None:
    assert rules.part_of_price(price, has_tiyn=has, share_percent=share) == part


def test_a_refund_takes_the_bonus_or_its_price() -> None:
    top_up = ToppedUp(10_000_00, 1_000_00)
    assert rules.take_back(top_up, 10_000_00, Purse(10_000_00, 1_000_00)) == rules.TakenBack(
        1_000_00, 0
    )
    assert rules.take_back(top_up, 10_000_00, Purse(10_000_00, 999_99)) is None
    assert rules.take_back(top_up, 10_000_00, Purse(10_400_00, 600_00)) == rules.TakenBack(
        600_00, 400_00
    )
    assert rules.take_back(top_up, 5_000_00, Purse(10_000_00, 0)) == rules.TakenBack(0, 500_00)
    assert rules.most_to_give_back(top_up, Purse(10_000_00, 0)) == 9_090_90


@given(
    st.integers(1, 100_000_00),
    st.integers(0, 30_000_00),
    st.lists(st.integers(1, 40_000_00), max_size=5),
    st.integers(0, 30_000_00),
)
def test_however_it_is_given_back_the_bonus_goes_with_it_and_nothing_falls_below_zero(
    paid: int, bonus: int, refunds: list[int], bonuses_left: int
) -> None:
    purse, top_up = Purse(paid, bonuses_left), ToppedUp(paid, bonus)
    for wanted in refunds:
        most = rules.most_to_give_back(top_up, purse)
        assert rules.take_back(top_up, most + 1, purse) is None or most == paid - top_up.back_tiyn
        amount = min(wanted, most)
        if amount == 0:
            continue
        taken = rules.take_back(top_up, amount, purse)
        assert taken is not None
        purse = Purse(
            purse.balance_tiyn - amount - taken.money_tiyn, purse.bonus_tiyn - taken.bonus_tiyn
        )
        top_up = ToppedUp(
            paid, bonus, top_up.back_tiyn + amount, top_up.bonus_back_tiyn + taken.in_all_tiyn
        )
        assert min(purse.balance_tiyn, purse.bonus_tiyn) >= 0
        assert top_up.bonus_back_tiyn == bonus - bonus * (paid - top_up.back_tiyn) // paid


def test_what_is_wrong_with_the_owners_rules() -> None:
    assert rules.terms_problems(BonusTerms(True, 50, 0, STEPS)) == {}
    assert rules.terms_problems(BonusTerms(True, 101, -1, (STEPS[0], Step(5_000_00, 20)))) == {
        "steps": "step_twice",
        "share": "percent_out_of_range",
        "per_shift": "bonus_out_of_range",
    }
    assert rules.group_problems("ВИП", 10, ["vip"]) == {}
    assert rules.group_problems("VIP", 101, ["vip"]) == {
        "name": "group_name_taken",
        "percent": "percent_out_of_range",
    }


def test_codes_are_compared_as_people_read_them() -> None:
    assert rules.code_key(" lov-2 026 ") == rules.code_key("LOV2026")
    assert [rules.is_code(rules.code_key(code)) for code in ("ЛЕТО", "abc", "a" * 21, "50%")] == [
        True,
        False,
        False,
        False,
    ]


def test_what_is_wrong_with_a_promotion() -> None:
    right = PromoTerms("Лето", "bonus", 500_00, 0, from_at=100, until_at=200)
    assert rules.promo_problems(right, ["SUMMER"], 0) == {}
    assert rules.promo_problems(right, ["SUMMER", "sum-mer"], 0) == {"codes": "promo_code_twice"}
    assert rules.promo_problems(right, [], 0) == {"made_codes": "promo_codes_out_of_range"}
    wrong = PromoTerms(" ", "time", 0, 59, from_at=100, until_at=100, uses=-1)
    assert rules.promo_problems(wrong, ["x"], 0) == {
        "title": "promo_title_malformed",
        "minutes": "promo_time_out_of_range",
        "until": "promo_backwards",
        "uses": "promo_uses_out_of_range",
        "codes": "promo_code_malformed",
    }


@pytest.mark.parametrize(
    ("now", "problem"), [(99, "promo_not_yet"), (100, ""), (199, ""), (200, "promo_over")]
)
def test_a_promotion_has_its_time(now: int, problem: str) -> None:
    assert rules.promo_problem(now=now, from_at=100, until_at=200, is_stopped=False) == problem
    assert rules.promo_problem(now=now, from_at=100, until_at=200, is_stopped=True) == "promo_over"
