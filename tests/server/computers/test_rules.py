"""A list of network cards and names, as people have it: a table, a CSV, what a router prints."""

import pytest

from lovhub.server.computers.rules import names_by_mac


@pytest.mark.parametrize(
    "line",
    [
        "3c:7c:3f:00:12:34 ПК-17",
        "3C-7C-3F-00-12-34;ПК-17",
        '"3c:7c:3f:00:12:34","ПК-17"',
        "3c7c3f001234\tПК-17",
        "ПК-17;3c:7c:3f:00:12:34",
        "\ufeff  3c:7c:3f:00:12:34  ;  ПК-17 ;",
    ],
)
def test_a_card_and_a_name_in_any_order_and_writing(line: str) -> None:
    assert names_by_mac(line) == ({"3c:7c:3f:00:12:34": "ПК-17"}, [])


def test_what_is_no_card_or_has_no_name_is_told_and_empty_lines_are_not() -> None:
    text = "MAC;Имя\n\n3c:7c:3f:00:12:34\n3c:7c:3f:00:12;ПК-1\n;;\n3c:7c:3f:00:12:35;VIP 2"
    assert names_by_mac(text) == (
        {"3c:7c:3f:00:12:35": "VIP 2"},
        ["MAC;Имя", "3c:7c:3f:00:12:34", "3c:7c:3f:00:12;ПК-1"],
    )


def test_a_name_may_look_like_half_a_card() -> None:
    assert names_by_mac("3c7c3f001234 ab-12") == ({"3c:7c:3f:00:12:34": "ab-12"}, [])
