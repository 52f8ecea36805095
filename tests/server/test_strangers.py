"""One address is bounded by itself, all together by another bound."""

import pytest

from lovhub.server.strangers import is_one_too_many


@pytest.mark.parametrize(
    ("address", "from_there", "in_all", "too_many"),
    [
        ("192.168.1.77", 9, 99, False),
        ("192.168.1.77", 10, 10, True),
        ("192.168.1.78", 0, 99, False),
        ("192.168.1.78", 0, 100, True),
        ("127.0.0.1", 99, 99, False),
        ("::1", 99, 99, False),
        ("127.0.0.1", 100, 100, True),
        ("", 10, 10, True),
    ],
)
def test_who_is_one_too_many(address: str, from_there: int, in_all: int, *, too_many: bool) -> None:
    assert (
        is_one_too_many(
            address, from_there=from_there, in_all=in_all, most_from_there=10, most_in_all=100
        )
        is too_many
    )
