"""What a foreign table is taken to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.moving import rules
from lovhub.server.moving.rules import Entry, LeftOut

COLUMNS = ["login", "name", "phone", "balance", "hours"]


def read(*cells: str) -> Entry | LeftOut:
    return rules.read_line(1, cells, COLUMNS)


def test_a_line_becomes_a_customer() -> None:
    assert read(" sniper ", "Алёна  Ким", "8 701 123-45-67", "1 500,50 ₸", "2,5") == Entry(
        1, "sniper", "Алёна Ким", "+77011234567", 1500_50, 9000
    )


def test_without_a_login_the_phone_is_the_login_and_without_a_name_the_login() -> None:
    assert read("", "", "87011234567", "", "") == Entry(
        1, "77011234567", "77011234567", "+77011234567", 0, 0
    )


def test_a_group_is_one_of_the_clubs_or_the_line_waits() -> None:
    columns = ["login", "group"]
    known = rules.read_line(1, ("sniper", "ДРУЗЬЯ"), columns, {"друзья": 7})
    assert isinstance(known, Entry)
    assert known.group_id == 7
    assert rules.read_line(1, ("sniper", "Враги"), columns, {"друзья": 7}) == LeftOut(
        1, "moving_group_unknown", "Враги"
    )
    assert rules.guess([["Логин", "Группа"]]) == (True, ["login", "group"])


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("", "Алёна", "", "", ""), "moving_login_missing"),
        (("a b", "", "", "", ""), "login_malformed"),
        (("sniper", "и" * 81, "", "", ""), "name_malformed"),
        (("sniper", "", "телефон", "", ""), "phone_malformed"),
        (("sniper", "", "", "много", ""), "moving_balance_wrong"),
        (("sniper", "", "", "-5", ""), "moving_balance_wrong"),
        (("sniper", "", "", "10000000,01", ""), "moving_balance_wrong"),
        (("sniper", "", "", "", "завтра"), "moving_time_wrong"),
        (("sniper", "", "", "", "-1"), "moving_time_wrong"),
        (("sniper", "", "", "", "1001"), "moving_time_wrong"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(cells: tuple[str, ...], code: str) -> None:
    left_out = read(*cells)
    assert isinstance(left_out, LeftOut)
    assert left_out.code == code


@pytest.mark.parametrize(
    ("text", "tiyn"),
    [
        ("1500", 150_000), ("1 500,5", 150_050), ("1,500.50", 150_050), ("1.500,50", 150_050),
        ("1 500 тг.", 150_000), ("0", 0), ("-3,5", -350), ("0.005", 1), ("1500.0", 150_000),
        ("", None), ("1-2", None), ("1e5", None), ("١٢", 1200),
    ],
)  # fmt: skip
def test_money(text: str, tiyn: int | None) -> None:
    assert rules.money(text) == tiyn


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 7200),
        ("2,5", 9000),
        ("2:30", 9000),
        ("100:00:01", 360_001),
        ("1:60", None),
        ("", None),
    ],
)
def test_hours(text: str, seconds: int | None) -> None:
    assert rules.duration(text, 3600) == seconds


def test_columns_are_guessed_by_their_headings() -> None:
    headings = ["№", "Логин", "ФИО клиента", "Моб. телефон", "Баланс, тг", "Остаток часов", "Дата"]
    assert rules.guess([headings]) == (
        True, ["", "login", "name", "phone", "balance", "hours", ""],
    )  # fmt: skip
    assert rules.guess([["username", "name", "minutes"]]) == (True, ["login", "name", "minutes"])


def test_columns_without_headings_are_guessed_by_what_stands_in_them() -> None:
    rows = [["87011234567", "sniper", "150"], ["87011234568", "ghost", "2"]]
    assert rules.guess(rows) == (False, ["phone", "login", ""])
    assert rules.guess([]) == (False, [])


def test_duplicates_are_told_by_line_in_the_file_and_in_the_club() -> None:
    rows = [
        ["логин", "телефон"],
        ["Sniper", "87011111111"],
        ["sniper", ""],
        ["ghost", "+7 701 111 11 11"],
        [" ", ""],
        ["Алёна", ""],
        ["other", "87012222222"],
        ["free", ""],
    ]
    plan = rules.plan(
        rows,
        ["login", "phone"],
        has_headings=True,
        known_logins=frozenset({"алена"}),
        known_phones=frozenset({"+77012222222"}),
    )
    assert [(entry.line, entry.login) for entry in plan.entries] == [(2, "Sniper"), (8, "free")]
    assert plan.left_out == (
        LeftOut(3, "moving_login_twice", "sniper"),
        LeftOut(4, "moving_phone_twice", "+77011111111"),
        LeftOut(6, "moving_login_known", "Алёна"),
        LeftOut(7, "moving_phone_known", "+77012222222"),
    )


CELLS = st.sampled_from(["", "a b", "sniper", "ghost", "87011234567", "8701", "5", "-1", "2:30"])
ROWS = st.lists(st.lists(CELLS | st.text(max_size=5), min_size=5, max_size=5), max_size=8)


@given(ROWS)
def test_every_line_is_made_or_left_out_and_no_login_or_phone_is_made_twice(
    rows: list[list[str]],
) -> None:
    plan = rules.plan(rows, COLUMNS, has_headings=False)
    lines = sorted([entry.line for entry in plan.entries] + [left.line for left in plan.left_out])
    assert lines == [
        number for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)
    ]
    logins = [entry.login_key for entry in plan.entries]
    phones = [entry.phone for entry in plan.entries if entry.phone]
    assert len(set(logins)) == len(logins)
    assert len(set(phones)) == len(phones)
    assert all(entry.balance_tiyn >= 0 and entry.seconds >= 0 for entry in plan.entries)
