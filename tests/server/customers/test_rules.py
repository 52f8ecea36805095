import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.customers.rules import (
    TAKE_BACK_SECONDS,
    TopUpBooked,
    given_time_problems,
    normal_phone,
    own_seconds_left,
    registration_problems,
    take_back_problem,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("+7 (701) 123-45-67", "+77011234567"),
        ("8 701 123 45 67", "+77011234567"),
        ("7011234567", "+77011234567"),
        ("+998 90 123 45 67", "+998901234567"),
        ("12", None),
        ("позвоните мне", None),
        ("+7701123456789012", None),
    ],
)
def test_phones_are_stored_in_one_form(typed: str, stored: str | None) -> None:
    assert normal_phone(typed) == stored


@pytest.mark.parametrize("login", ["+77011234567", "8(701)123-45-67", " 7011234567 "])
def test_nobody_signs_in_by_anothers_number_as_a_login(login: str) -> None:
    assert registration_problems(login, "", "", "секрет") == {"login": "login_is_phone"}


def test_a_login_of_figures_is_no_number_yet() -> None:
    assert registration_problems("123456789", "", "", "секрет") == {}


@pytest.mark.parametrize(
    ("seconds", "reason", "problems"),
    [
        (60, "Завис ПК", {}),
        (86_400, "Завис ПК", {}),
        (59, "Завис ПК", {"seconds": "given_time_out_of_range"}),
        (86_401, " ", {"seconds": "given_time_out_of_range", "reason": "reason_missing"}),
        (60, "x" * 201, {"reason": "reason_too_long"}),
    ],
)
def test_time_is_given_within_bounds_and_with_a_reason(
    seconds: int, reason: str, problems: dict[str, str]
) -> None:
    assert given_time_problems(seconds, reason) == problems


@pytest.mark.parametrize(
    ("age", "author", "manager", "reason", "problem"),
    [
        (0, True, False, "", ""),
        (119, True, False, "", ""),
        (120, True, False, "", "take_back_too_late"),
        (120, True, False, "Ошибся", "take_back_too_late"),
        (-1, True, False, "", "take_back_too_late"),
        (0, False, False, "Ошибся", "take_back_not_yours"),
        (0, False, True, "", "reason_missing"),
        (0, False, True, "Ошибся", ""),
        (10_000, False, True, "Ошибся", ""),
        (10_000, True, True, " ", "reason_missing"),
        (10_000, True, True, "x" * 201, "reason_too_long"),
        (119, True, True, "", ""),
    ],
)
def test_who_may_take_a_top_up_back(
    age: int, author: bool, manager: bool, reason: str, problem: str
) -> None:
    top_up = TopUpBooked(amount_tiyn=100, balance_tiyn=100, age_seconds=age)
    assert (
        take_back_problem(top_up, by_author=author, may_take_back_any=manager, reason=reason)
        == problem
    )


@given(
    amount=st.integers(1, 10**8),
    balance=st.integers(0, 10**8),
    age=st.integers(-(10**6), 10**6),
    author=st.booleans(),
    manager=st.booleans(),
    reason=st.text(max_size=300),
)
def test_what_is_spent_is_never_taken_back(
    amount: int, balance: int, age: int, author: bool, manager: bool, reason: str
) -> None:
    top_up = TopUpBooked(amount_tiyn=amount, balance_tiyn=balance, age_seconds=age)
    problem = take_back_problem(top_up, by_author=author, may_take_back_any=manager, reason=reason)
    if not problem:
        assert balance >= amount
        assert manager or (author and 0 <= age < TAKE_BACK_SECONDS)
        assert manager or own_seconds_left(age, by_author=author) > 0
        assert reason.strip() or own_seconds_left(age, by_author=author) > 0
