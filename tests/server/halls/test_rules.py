"""Names, order and numbers."""

import pytest

from lovhub.server.computers.rules import natural_key, standing
from lovhub.server.halls import rules


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("VIP", ""),
        ("", "name_missing"),
        ("x" * 41, "hall_name_too_long"),
        ("общий ЗАЛ", "name_taken"),
    ],
)
def test_a_name_is_there_short_and_free(name: str, problem: str) -> None:
    assert rules.name_problem(name, ["Общий зал"]) == problem


@pytest.mark.parametrize(
    ("which", "places", "order"),
    [
        (2, -1, [2, 1, 3]),
        (2, 1, [1, 3, 2]),
        (1, -1, [1, 2, 3]),
        (3, 5, [1, 2, 3]),
        (1, 5, [2, 3, 1]),
    ],
)
def test_one_goes_up_or_down_and_no_further_than_the_end(
    which: int, places: int, order: list[int]
) -> None:
    assert rules.moved([1, 2, 3], which, places) == order


def test_numbers_follow_the_order_in_which_pcs_stand() -> None:
    computers = [(1, None, "ПК-10"), (2, None, "ПК-9"), (3, 4, "ПК-100")]
    assert rules.numbers(computers, 7) == {3: 7, 2: 8, 1: 9}


@pytest.mark.parametrize(
    ("count", "first", "problem"),
    [
        (3, 1, ""),
        (3, 9997, ""),
        (3, 9998, "computer_number_out_of_range"),
        (1, 0, "computer_number_out_of_range"),
        (1, -3, "computer_number_out_of_range"),
    ],
)
def test_numbers_have_up_to_four_digits(count: int, first: int, problem: str) -> None:
    assert rules.numbers_problem(count, first) == problem


def test_names_are_in_natural_order() -> None:
    names = ["ПК-10", "пк-2", "VIP-1", "ПК-1"]
    assert sorted(names, key=natural_key) == ["VIP-1", "ПК-1", "пк-2", "ПК-10"]


def test_a_pc_without_a_number_stands_behind_those_that_have_one() -> None:
    assert standing(9999, "б") < standing(None, "а")
