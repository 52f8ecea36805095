"""What everybody tries first is no password for staff."""

import pytest

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
