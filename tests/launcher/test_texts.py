import pytest

from lovhub.launcher.texts import (
    answer_text,
    ended_text,
    format_countdown,
    format_duration,
    format_money,
    pairing_code,
)

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount_tiyn", "text"),
    [
        (0, f"0{NBSP}₸"),
        (50_000, f"500{NBSP}₸"),
        (150_000, f"1{NBSP}500{NBSP}₸"),
        (123_456_789, f"1{NBSP}234{NBSP}567,89{NBSP}₸"),
        (5, f"0,05{NBSP}₸"),
        (-50_050, f"−500,50{NBSP}₸"),
    ],
)
def test_money_reads_as_people_write_it(amount_tiyn: int, text: str) -> None:
    assert format_money(amount_tiyn) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (59, "0:00:59"), (3_552, "0:59:12"), (36_000, "10:00:00"), (-3, "0:00:00")],
)
def test_time_left_reads_as_a_clock(seconds: int, text: str) -> None:
    assert format_countdown(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12, f"12{NBSP}с"),
        (1_800, f"30{NBSP}мин"),
        (3_600, f"1{NBSP}ч"),
        (5_400, f"1{NBSP}ч{NBSP}30{NBSP}мин"),
    ],
)
def test_a_length_of_time_reads_in_words(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


def test_a_pairing_code_is_read_in_two_groups() -> None:
    assert pairing_code("041733") == "041 733"


def test_success_needs_no_words_and_everything_else_has_some() -> None:
    assert answer_text("ok") == ""
    assert answer_text("wrong_credentials") == "Неверный логин или пароль."
    assert answer_text("not_enough_money") == "На балансе не хватает денег."


def test_the_end_of_a_session_is_explained() -> None:
    assert ended_text("time_over") == "Время вышло. Войдите, чтобы купить ещё."
    assert ended_text("") == ""
