"""Who may manage whom, and what comes before anything else."""

import pytest

from lovhub.server.staff import rules
from lovhub.server.staff.devices import Device, device_of


@pytest.mark.parametrize("role", rules.ROLES)
def test_an_owner_manages_everybody_and_a_cashier_nobody(role: str) -> None:
    assert rules.may_manage("owner", role)
    assert not rules.may_manage("cashier", role)
    assert not rules.may_manage("technician", role)


def test_a_manager_manages_cashiers_and_technicians_only() -> None:
    managed = [role for role in rules.ROLES if rules.may_manage("manager", role)]
    assert managed == ["cashier", "technician"]


def test_a_sign_in_lasts_a_shift_from_its_last_use_and_a_week_in_all() -> None:
    shift, week, hour = rules.SIGNED_IN_SECONDS, rules.SIGNED_IN_AT_MOST_SECONDS, 3600
    assert rules.signed_in_until(1000, since=0) == 1000 + shift
    assert rules.signed_in_until(week - 1, since=0) == week + hour, "open pages go on for an hour"
    assert not rules.is_overdue(week - 1, since=0)
    assert rules.is_overdue(week, since=0)


def test_wrong_fields_are_named() -> None:
    assert rules.person_problems("kassa", "Данияр", role="cashier", language="kk") == {}
    assert rules.person_problems("a b", " ", role="boss", language="fr") == {
        "login": "login_malformed",
        "name": "name_malformed",
        "role": "role_unknown",
        "language": "language_unknown",
    }


@pytest.mark.parametrize(
    ("password_must_change", "has_second_factor", "role", "required", "expected"),
    [
        (False, False, "cashier", "", None),
        (True, False, "cashier", "cashier", "password"),
        (False, False, "cashier", "owner cashier", "second_factor"),
        (False, True, "cashier", "owner cashier", None),
        (False, False, "technician", "owner cashier", None),
        (True, True, "owner", "owner", "password"),
    ],
)
def test_what_comes_first(
    password_must_change: bool,
    has_second_factor: bool,
    role: str,
    required: str,
    expected: str | None,
) -> None:
    assert expected == rules.duty(
        password_must_change=password_must_change,
        has_second_factor=has_second_factor,
        role=role,
        required_roles=required,
    )


def test_roles_are_written_in_one_order() -> None:
    assert rules.written_roles(["cashier", "owner", "cashier"]) == "owner cashier"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/131.0.0.0 Safari/537.36"
            ),
            Device("Chrome", "Windows"),
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
            ),
            Device("Edge", "Windows"),
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            Device("Safari", "iPhone"),
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/131.0.0.0 YaBrowser/24.10 Mobile Safari/537.36"
            ),
            Device("Яндекс Браузер", "Android"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            Device("Firefox", "Linux"),
        ),
        ("python-httpx/0.28", Device("", "")),
        ("", Device("", "")),
    ],
)
def test_a_device_in_words(said: str, expected: Device) -> None:
    assert device_of(said) == expected
