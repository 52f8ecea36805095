"""What a customer may be called, how phone numbers are compared, and who may take a top-up back."""

import re
from dataclasses import dataclass

LOGIN_PATTERN = re.compile(r"[^\s\x00-\x1f]{2,40}")
SHORTEST_PASSWORD = 4
LONGEST_PASSWORD = 200
LARGEST_TOP_UP_TIYN = 1_000_000_00
"""A million tenge at once is a slip of the finger, not a top-up."""

LONGEST_GIVEN_SECONDS = 24 * 3600
"""A day given for nothing is already a lot."""

LONGEST_REASON = 200

TAKE_BACK_SECONDS = 120
"""How long the author of a top-up may take it back without asking anybody."""


def normal_phone(text: str) -> str | None:
    """`text` as «+77011234567»; "" if there is none; None if it is no phone number.

    An eight before ten digits is how people in Kazakhstan and Russia dial +7 at home.
    """
    if not text.strip():
        return ""
    if not re.fullmatch(r"\+?[\d\s()\-]+", text.strip()):
        return None
    digits = re.sub(r"\D", "", text)
    if len(digits) == 11 and digits[0] == "8":
        digits = "7" + digits[1:]
    if len(digits) == 10:
        digits = "7" + digits
    return "+" + digits if 11 <= len(digits) <= 15 else None


def registration_problems(login: str, name: str, phone: str, password: str) -> dict[str, str]:
    """What is wrong with a new customer's data: field → code; empty when all is well."""
    problems = {}
    if not LOGIN_PATTERN.fullmatch(login.strip()):
        problems["login"] = "login_malformed"
    if len(name.strip()) > 80:
        problems["name"] = "name_malformed"
    if normal_phone(phone) is None:
        problems["phone"] = "phone_malformed"
    if len(password) < SHORTEST_PASSWORD:
        problems["password"] = "customer_password_too_short"
    elif len(password) > LONGEST_PASSWORD:
        problems["password"] = "password_too_long"
    return problems


def given_time_problems(seconds: int, reason: str) -> dict[str, str]:
    """What is wrong with time to be given: field → code; empty when all is well."""
    problems = {}
    if not 60 <= seconds <= LONGEST_GIVEN_SECONDS:
        problems["seconds"] = "given_time_out_of_range"
    problem = reason_problem(reason)
    if problem:
        problems["reason"] = problem
    return problems


def reason_problem(reason: str) -> str:
    """What is wrong with a reason; "" when all is well."""
    if not reason.strip():
        return "reason_missing"
    return "reason_too_long" if len(reason.strip()) > LONGEST_REASON else ""


@dataclass(frozen=True)
class TopUpBooked:
    """A top-up somebody wants to take back. `balance_tiyn`: what the customer still has."""

    amount_tiyn: int
    balance_tiyn: int
    age_seconds: int


def own_seconds_left(age_seconds: int, *, by_author: bool) -> int:
    """How long whoever asks may still take the top-up back as its author; 0 for everybody else.

    A clock that was set back (a negative age) lengthens nobody's time.
    """
    if not by_author or not 0 <= age_seconds < TAKE_BACK_SECONDS:
        return 0
    return TAKE_BACK_SECONDS - age_seconds


def take_back_problem(
    top_up: TopUpBooked, *, by_author: bool, may_take_back_any: bool, reason: str
) -> str:
    """Why the top-up may not be taken back like this: a code; "" when it may.

    The author within two minutes needs no reason; who may take back any top-up, always.
    """
    if own_seconds_left(top_up.age_seconds, by_author=by_author) == 0:
        if not may_take_back_any:
            return "take_back_too_late" if by_author else "take_back_not_yours"
        problem = reason_problem(reason)
        if problem:
            return problem
    return "top_up_spent" if top_up.balance_tiyn < top_up.amount_tiyn else ""
