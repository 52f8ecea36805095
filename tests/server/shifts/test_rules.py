"""What counts mean, as a table and as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.ledger.rules import SealedPosting, block_hash, receipt_numbers
from lovhub.server.shifts import rules

SUM = st.integers(-(10**9), 10**9)
COUNT = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("in_books", "counted", "is_first", "expected", "difference", "from_safe"),
    [
        (0, 0, True, None, 0, 0),
        (50_000_00, 10_000_00, True, None, 0, -40_000_00),  # years without shifts: taken to be in the safe
        (10_000_00, 10_000_00, False, 10_000_00, 0, 0),
        (10_000_00, 9_500_00, False, 10_000_00, -500_00, 0),
        (10_000_00, 12_000_00, False, 10_000_00, 2_000_00, 0),
    ],
)  # fmt: skip
def test_openings(
    in_books: int,
    counted: int,
    is_first: bool,
    expected: int | None,
    difference: int,
    from_safe: int,
) -> None:
    assert rules.opening(
        in_books_tiyn=in_books, counted_tiyn=counted, is_first=is_first
    ) == rules.Opening(expected, difference, from_safe)


@pytest.mark.parametrize(
    ("in_books", "counted", "left", "outcome"),
    [
        (30_000_00, 30_000_00, None, (0, 0, 30_000_00)),
        (30_000_00, 30_000_00, 5_000_00, (0, 25_000_00, 5_000_00)),
        (30_000_00, 29_000_00, 5_000_00, (-1_000_00, 24_000_00, 5_000_00)),
        (30_000_00, 31_500_00, 0, (1_500_00, 31_500_00, 0)),
        (30_000_00, None, None, (0, 0, 30_000_00)),
    ],
)
def test_closings(
    in_books: int, counted: int | None, left: int | None, outcome: tuple[int, int, int]
) -> None:
    assert rules.closing(
        in_books_tiyn=in_books, counted_tiyn=counted, left_tiyn=left
    ) == rules.Closing(*outcome)


@given(SUM, COUNT, st.booleans())
def test_after_an_opening_the_books_say_what_was_counted(
    in_books: int, counted: int, is_first: bool
) -> None:
    outcome = rules.opening(in_books_tiyn=in_books, counted_tiyn=counted, is_first=is_first)
    assert in_books + outcome.difference_tiyn + outcome.from_safe_tiyn == counted


@given(SUM, COUNT, st.integers(0, 10**9))
def test_after_a_close_the_books_say_what_was_left(in_books: int, counted: int, left: int) -> None:
    left = min(left, counted)
    outcome = rules.closing(in_books_tiyn=in_books, counted_tiyn=counted, left_tiyn=left)
    assert in_books + outcome.difference_tiyn - outcome.to_safe_tiyn == left == outcome.left_tiyn


@pytest.mark.parametrize(
    ("counted", "left", "note", "is_own", "may_force", "problems"),
    [
        (100, None, "", True, False, {}),
        (100, 100, "", True, False, {}),
        (100, 101, "", True, False, {"left": "left_out_of_range"}),
        (-1, None, "", True, False, {"counted": "count_out_of_range"}),
        (None, None, "", True, True, {"counted": "count_missing"}),
        (None, None, "ушёл", False, True, {}),
        (None, 5, "ушёл", False, True, {"left": "left_without_count"}),
        (100, None, " ", False, True, {"note": "reason_missing"}),
        (100, None, "x" * 201, True, False, {"note": "reason_too_long"}),
    ],
)
def test_what_a_close_needs(
    counted: int | None,
    left: int | None,
    note: str,
    is_own: bool,
    may_force: bool,
    problems: dict[str, str],
) -> None:
    found = rules.closing_problems(
        counted_tiyn=counted, left_tiyn=left, note=note, is_own=is_own, may_force=may_force
    )
    assert found == problems


def test_the_count_is_blind() -> None:
    own = {"is_own": True, "sees_revenue": False}
    assert not rules.may_see_figures(is_open=True, **own)
    assert rules.may_see_figures(is_open=False, **own)
    assert not rules.may_see_figures(is_open=False, is_own=False, sees_revenue=False)
    assert rules.may_see_figures(is_open=True, is_own=False, sees_revenue=True)


@pytest.mark.parametrize(
    ("given_minutes", "minutes", "limit", "problem"),
    [(0, 120, 120, ""), (100, 21, 120, "given_time_limit"), (500, 60, 0, ""), (119, 1, 120, "")],
)
def test_time_without_money_has_a_limit(
    given_minutes: int, minutes: int, limit: int, problem: str
) -> None:
    found = rules.given_time_problem(
        given_seconds=given_minutes * 60, seconds=minutes * 60, limit_minutes=limit
    )
    assert found == problem


@given(st.integers(0, 10**6), st.lists(st.booleans()))
def test_receipts_have_no_gaps(last: int, wanted: list[bool]) -> None:
    numbers = receipt_numbers(last, wanted)
    assert [number is not None for number in numbers] == wanted
    found = [number for number in numbers if number is not None]
    assert found == list(range(last + 1, last + 1 + len(found)))


def test_a_posting_of_no_shift_hashes_as_it_always_did() -> None:
    """The value is what the chain of a club without shifts holds: it must never change."""
    chain = {"club_id": 1, "number": 1, "sealed_at": 5, "previous": bytes(32), "version": 1}
    plain = SealedPosting(1, "key", "top_up", 5, "staff", 1, ())
    old = block_hash(**chain, postings=[plain]).hex()  # type: ignore[arg-type]
    assert old == "361176c6f8272b7d289a4bfa171b70dd8b81fae7d1e611ba7cfa198480b37d74"
    for desk in ((3, 7), (3, None), (None, 7)):
        sealed = SealedPosting(1, "key", "top_up", 5, "staff", 1, (), desk=desk)
        assert block_hash(**chain, postings=[sealed]).hex() != old  # type: ignore[arg-type]
