"""A number on the lock and the code that answers it: one person's, for one PC, for one number, for minutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.protocol.upkeep_code import (
    CODE_DIGITS,
    GENERATIONS,
    KEY_BYTES,
    NUMBER_DIGITS,
    STEP_SECONDS,
    PersonKey,
    Said,
    digits_of,
    generation_of,
    grouped,
    is_number,
    make_code,
    new_number,
    read_code,
)

NOW = 1_800_000_000
KEY = bytes(range(KEY_BYTES))
TIMUR = PersonKey(4, "Тимур", KEY)
MADINA = PersonKey(2, "Мадина", bytes(KEY_BYTES))

NUMBERS = st.integers(0, 10**6).map(new_number)
MINUTES = st.integers(1, 8).map(lambda units: units * 15)
KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(number=NUMBERS, minutes=MINUTES, key=KEYS, computer=st.integers(1, 10**9))
def test_a_code_says_whose_it_is_and_for_how_long(
    number: str, minutes: int, key: bytes, computer: int
) -> None:
    code = make_code(key, computer_id=computer, number=number, minutes=minutes, now=NOW)
    assert len(code) == CODE_DIGITS
    assert code.isdecimal()
    person = PersonKey(9, "Ия", key)
    for typed in (code, grouped(code, 4), f" {grouped(code, 3)} ", "-".join(code)):
        read = read_code(
            typed, [TIMUR, person], computer_id=computer, numbers=["", number], now=NOW
        )
        assert read == (Said(person, minutes), number)


@given(number=NUMBERS, at=st.integers(0, CODE_DIGITS - 1), by=st.integers(1, 9), minutes=MINUTES)
def test_no_digit_of_it_may_be_another(number: str, at: int, by: int, minutes: int) -> None:
    code = make_code(KEY, computer_id=7, number=number, minutes=minutes, now=NOW)
    other = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert read_code(other, [TIMUR], computer_id=7, numbers=[number], now=None) is None


@given(one=NUMBERS, other=NUMBERS)
def test_it_opens_no_other_number_no_other_pc_and_is_nobody_elses(one: str, other: str) -> None:
    code = make_code(KEY, computer_id=7, number=one, minutes=30, now=NOW)
    if one != other:
        assert read_code(code, [TIMUR], computer_id=7, numbers=[other], now=NOW) is None
    assert read_code(code, [TIMUR], computer_id=8, numbers=[one], now=NOW) is None
    assert read_code(code, [MADINA], computer_id=7, numbers=[one], now=NOW) is None


@pytest.mark.parametrize(
    ("steps_later", "opens"),
    [(-2, False), (-1, True), (0, True), (2, True), (3, False), (50, False)],
)
def test_a_pc_that_knows_the_time_takes_it_for_minutes_only(steps_later: int, opens: bool) -> None:
    number = new_number(3)
    code = make_code(KEY, computer_id=7, number=number, minutes=30, now=NOW)
    later = NOW + steps_later * STEP_SECONDS
    read = read_code(code, [TIMUR], computer_id=7, numbers=[number], now=later)
    assert (read is not None) == opens
    assert read_code(code, [TIMUR], computer_id=7, numbers=[number], now=None) is not None


@pytest.mark.parametrize(
    "typed", ["", "1", "1" * 13, "0" * 12, "9" * 12, "abcdefghijkl", "١٢٣٤٥٦٧٨٩٠١٢", "1234567890¹²"]
)
def test_anything_else_opens_nothing(typed: str) -> None:
    assert read_code(typed, [TIMUR], computer_id=7, numbers=[new_number(0)], now=None) is None


@pytest.mark.parametrize("minutes", [0, 14, 20, 135, -15])
def test_no_code_says_other_minutes(minutes: int) -> None:
    with pytest.raises(ValueError, match="minutes"):
        make_code(KEY, computer_id=7, number=new_number(0), minutes=minutes, now=NOW)


@given(number=NUMBERS, at=st.integers(0, NUMBER_DIGITS - 1), by=st.integers(1, 9))
def test_a_slip_in_the_number_is_found(number: str, at: int, by: int) -> None:
    assert is_number(number)
    assert not is_number(number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :])
    if at and number[at] != number[at - 1]:
        assert not is_number(number[: at - 1] + number[at] + number[at - 1] + number[at + 1 :])
    assert not is_number(number[1:])


@given(newest=st.integers(0, 10**6), behind=st.integers(0, GENERATIONS - 1))
def test_a_number_tells_which_keys_the_pc_has(newest: int, behind: int) -> None:
    number = new_number(max(0, newest - behind))
    assert generation_of(number, newest) == max(0, newest - behind)


def test_keys_that_there_were_never_are_nobodys() -> None:
    assert generation_of(new_number(5), 4) is None


def test_a_number_that_has_opened_does_not_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([1, 1, 2])
    monkeypatch.setattr("secrets.randbelow", lambda _most: next(drawn))
    first = new_number(0)
    assert new_number(0, {first}) != first


def test_a_key_is_in_no_log() -> None:
    assert repr(KEY) not in repr(TIMUR)
    assert digits_of("12 34-5") == "12345"
