import pytest

from lovhub.server.customers.rules import normal_phone


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
