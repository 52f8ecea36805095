"""For how long and for what a PC may be opened, as a table."""

import pytest

from lovhub.server.maintenance import rules


@pytest.mark.parametrize(
    ("minutes", "reason", "code"),
    [
        (4, "драйвер", "maintenance_minutes"),
        (5, "драйвер", ""),
        (120, "драйвер", ""),
        (121, "драйвер", "maintenance_minutes"),
        (30, "", "reason_missing"),
        (30, "ы" * 121, "text_too_long"),
    ],
)
def test_what_is_asked_for(minutes: int, reason: str, code: str) -> None:
    assert rules.problem(minutes=minutes, reason=reason) == code
