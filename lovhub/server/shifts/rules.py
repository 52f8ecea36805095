"""What a count of the drawer means, and who may do what with a shift. Pure."""

from dataclasses import dataclass

LARGEST_COUNT_TIYN = 100_000_000_00
LARGEST_PAY_TIYN = 10_000_000_00
LONGEST_NOTE = 200

NOTES = (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5)
"""Notes and coins of the drawer, in tenge, the largest first: what the counting helper asks for."""


@dataclass(frozen=True)
class Opening:
    """What a count at the opening books. `from_safe_tiyn`: what nobody had counted before, put there by the owner."""

    expected_tiyn: int | None
    difference_tiyn: int
    from_safe_tiyn: int


def opening(*, in_books_tiyn: int, counted_tiyn: int, is_first: bool) -> Opening:
    """Before the club's first shift nobody counted: what was taken until then is taken to be in the safe."""
    if is_first:
        return Opening(None, 0, counted_tiyn - in_books_tiyn)
    return Opening(in_books_tiyn, counted_tiyn - in_books_tiyn, 0)


@dataclass(frozen=True)
class Closing:
    """What a count at the close books: too much or too little, and what goes to the safe."""

    difference_tiyn: int
    to_safe_tiyn: int
    left_tiyn: int


def closing(*, in_books_tiyn: int, counted_tiyn: int | None, left_tiyn: int | None) -> Closing:
    """Without a count all stays where it is, and the next opening finds the difference. `left_tiyn` None: all of it."""
    if counted_tiyn is None:
        return Closing(0, 0, in_books_tiyn)
    left = counted_tiyn if left_tiyn is None else left_tiyn
    return Closing(counted_tiyn - in_books_tiyn, counted_tiyn - left, left)


def count_problem(counted_tiyn: int) -> str:
    """Why this is no count; "" when it is one."""
    return "" if 0 <= counted_tiyn <= LARGEST_COUNT_TIYN else "count_out_of_range"


def opening_problems(counted_tiyn: int) -> dict[str, str]:
    """What is wrong with the form: field → code."""
    problem = count_problem(counted_tiyn)
    return {"counted": problem} if problem else {}


def closing_problems(
    *, counted_tiyn: int | None, left_tiyn: int | None, note: str, is_own: bool, may_force: bool
) -> dict[str, str]:
    """What is wrong with closing like this: field → code.

    Somebody else's shift is closed with a reason only, and only then without a count.
    """
    found: dict[str, str] = {}
    if counted_tiyn is None:
        if is_own or not may_force:
            found["counted"] = "count_missing"
        elif left_tiyn is not None:
            found["left"] = "left_without_count"
    else:
        problem = count_problem(counted_tiyn)
        if problem:
            found["counted"] = problem
        elif left_tiyn is not None and not 0 <= left_tiyn <= counted_tiyn:
            found["left"] = "left_out_of_range"
    if len(note.strip()) > LONGEST_NOTE:
        found["note"] = "reason_too_long"
    elif not is_own and not note.strip():
        found["note"] = "reason_missing"
    return found


def close_problem(*, is_own: bool, may_force: bool) -> str:
    """Why this person may not close the shift: a code; "" when they may."""
    return "" if is_own or may_force else "shift_not_yours"


def pay_problems(*, amount_tiyn: int, reason: str) -> dict[str, str]:
    """What is wrong with money put in or taken out: field → code.

    Not whether so much is there: a refusal would tell the cashier the sum that they are to count.
    """
    found = {}
    if not 0 < amount_tiyn <= LARGEST_PAY_TIYN:
        found["amount"] = "pay_out_of_range"
    if not reason.strip():
        found["reason"] = "reason_missing"
    elif len(reason.strip()) > LONGEST_NOTE:
        found["reason"] = "reason_too_long"
    return found


def may_see_figures(*, is_open: bool, is_own: bool, sees_revenue: bool) -> bool:
    """The count is blind: whoever must count learns what is expected only afterwards."""
    return sees_revenue or (is_own and not is_open)


def given_time_problem(*, given_seconds: int, seconds: int, limit_minutes: int) -> str:
    """Why so much more time may not be given without money in this shift: a code; "" when it may. 0: no limit."""
    if limit_minutes == 0 or given_seconds + seconds <= limit_minutes * 60:
        return ""
    return "given_time_limit"
