"""For how long a PC may be opened without a customer, and when not: pure decisions."""

LEAST_MINUTES = 5
MOST_MINUTES = 120
"""Longer work is opened again: each time counts, with a reason of its own."""

USUAL_MINUTES = 30
LONGEST_REASON = 120

CODE_MINUTES = (15, 30, 60, 120)
"""For how long a code may open a PC."""


def problem(*, minutes: int, reason: str) -> str:
    """What is wrong with what was asked for; "" if nothing is."""
    if not reason:
        return "reason_missing"
    if len(reason) > LONGEST_REASON:
        return "text_too_long"
    return "" if LEAST_MINUTES <= minutes <= MOST_MINUTES else "maintenance_minutes"


def code_problem(*, minutes: int, reason: str) -> str:
    """What is wrong with what a code was asked for; "" if nothing is."""
    if minutes not in CODE_MINUTES:
        return "code_minutes"
    return problem(minutes=minutes, reason=reason)


def refusal(*, is_taken: bool, is_open: bool, is_linked: bool) -> str:
    """Why the PC cannot be opened now; "" if it can."""
    if is_open:
        return "maintenance_open"
    if is_taken:
        return "computer_busy"
    return "" if is_linked else "computer_silent"


def is_over(until_at: int, now: int) -> bool:
    """Whether it has ended by itself."""
    return until_at <= now
