"""What everybody tries first is no password: not for staff, and not for customers, who may have four characters."""

import pytest

from lovhub.server.customers import rules as customers
from lovhub.server.staff.rules import password_problem


@pytest.mark.parametrize(
    ("password", "is_refused"),
    [
        ("12345678", True),
        ("Password1", True),
        ("QwertyUiop", True),
        ("йцукенгш", True),
        ("qwerty2024!", True),
        ("пароль2025", True),
        ("11111111", True),
        ("lovhub2026", True),
        ("Cashier123", True),
        ("owner's password", False),
        ("весь зал мой", False),
        ("зелёный стул 7", False),
        ("k7#pQ2!vz", False),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str, is_refused: bool) -> None:
    assert (password_problem(password) == "password_common") is is_refused


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("123", "customer_password_too_short"),
        ("1234", "password_common"),
        ("0000", "password_common"),
        ("1212", "password_common"),
        ("qwer", "password_common"),
        ("йцук", "password_common"),
        ("2008", "password_common"),
        ("Dota2", "password_common"),
        ("snip", "password_common"),
        ("SNIPER", "password_common"),
        ("87011234567", "password_common"),
        ("4567", "password_common"),
        ("4821", ""),
        ("секрет", ""),
        ("кот и чай", ""),
    ],
)
def test_a_customer_may_be_brief_and_not_obvious(password: str, problem: str) -> None:
    assert customers.password_problem(password, "Sniper", "+77011234567") == problem
