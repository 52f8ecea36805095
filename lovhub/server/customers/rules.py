"""What a customer may be called, how phone numbers are compared, and who may take a top-up back."""

import re
from dataclasses import dataclass

from lovhub.server.common_passwords import is_common

LOGIN_PATTERN = re.compile(r"[^\s\x00-\x1f]{2,40}")
LONGEST_NAME = 80
SHORTEST_PASSWORD = 4
LONGEST_PASSWORD = 200
LARGEST_TOP_UP_TIYN = 1_000_000_00
"""A million tenge at once is a slip of the finger, not a top-up."""

PAYMENT_KEY = "payment:"
"""How the keys of top-ups begin that a provider of payments has confirmed (`server/payments`)."""

LONGEST_GIVEN_SECONDS = 24 * 3600
"""A day given for nothing is already a lot."""

LONGEST_REASON = 200

KNOWN_PLACE_SECONDS = 60 * 24 * 3600
"""So long a PC is one where the customer plays, after they have signed in there."""

TAKE_BACK_SECONDS = 120
"""How long the author of a top-up may take it back without asking anybody."""

PIN_DIGITS = 6
PIN_LIFETIME_SECONDS = 15 * 60
"""From the desk to the PC and the keyboard; whoever comes later asks again."""

PIN_TRIES = 5
"""One in two hundred thousand: so much luck does a guesser have."""


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


def masked_phone(phone: str) -> str:
    """«+77011234512» as «+7 70* *** ** 12»: enough to tell two people apart, and no number to call."""
    return f"{phone[:2]} {phone[2:4]}* *** ** {phone[-2:]}" if phone else ""


def registration_problems(login: str, name: str, phone: str, password: str) -> dict[str, str]:
    """What is wrong with a new customer's data: field → code; empty when all is well.

    No login is a telephone number: one signs in by either, and another's number would be taken for oneself.
    """
    problems = {}
    if not LOGIN_PATTERN.fullmatch(login.strip()):
        problems["login"] = "login_malformed"
    elif normal_phone(login):
        problems["login"] = "login_is_phone"
    if len(name.strip()) > LONGEST_NAME:
        problems["name"] = "name_malformed"
    if normal_phone(phone) is None:
        problems["phone"] = "phone_malformed"
    problem = password_problem(password, login, normal_phone(phone) or "")
    if problem:
        problems["password"] = problem
    return problems


def details_problems(name: str, phone: str | None) -> dict[str, str]:
    """What is wrong with a customer's changed data: field → code. `phone` None: it stays."""
    problems = {}
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        problems["name"] = "name_malformed"
    if phone is not None and normal_phone(phone) is None:
        problems["phone"] = "phone_malformed"
    return problems


def password_problem(password: str, login: str, phone: str) -> str:
    """What is wrong with a password; "" when all is well. Login and phone are no secret, forwards or in part."""
    if len(password) < SHORTEST_PASSWORD:
        return "customer_password_too_short"
    if len(password) > LONGEST_PASSWORD:
        return "password_too_long"
    small = password.strip().casefold()
    is_own = small in login.strip().casefold() or small.lstrip("+8") in phone
    return "password_common" if is_own or is_common(password) else ""


def looks_like_pin(text: str) -> bool:
    """Whether somebody may be typing a PIN; anything else is not held against one."""
    return len(text) == PIN_DIGITS and text.isascii() and text.isdecimal()


def pin_counts(*, now: int, issued_at: int, expires_at: int, tries_left: int) -> bool:
    """Whether a PIN still opens anything. A clock that was set back does not revive one."""
    return tries_left > 0 and issued_at <= now < expires_at


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


def has_and_owes(balance_tiyn: int, debt: int | None, reserved_tiyn: int) -> tuple[int, int]:
    """What somebody has, and what they owe: one of them is 0. `debt`: the account's balance, if there is one."""
    tiyn = balance_tiyn + (debt or 0) + reserved_tiyn
    return max(0, tiyn), max(0, -tiyn)


@dataclass(frozen=True)
class Estate:
    """What a customer who wants to be forgotten still has here.

    `unplayed_tiyn` is what they paid for time they have not played; given time has seconds and no money.
    """

    balance_tiyn: int
    unplayed_tiyn: int
    unplayed_seconds: int

    @property
    def total_tiyn(self) -> int:
        """All their money."""
        return self.balance_tiyn + self.unplayed_tiyn

    @property
    def is_empty(self) -> bool:
        """Nothing has to be decided."""
        return self.total_tiyn == 0 and self.unplayed_seconds == 0


def forgetting_problems(
    estate: Estate, *, fate: str, reason: str, expected_tiyn: int
) -> dict[str, str]:
    """What is wrong with forgetting a customer like this: field → code.

    `fate`: `pay_out` in cash, or `write_off`, which takes a reason. `expected_tiyn`: the sum that whoever decides
    has seen; another one must be seen first.
    """
    if expected_tiyn != estate.total_tiyn:
        return {"fate": "estate_changed"}
    if estate.is_empty:
        return {}
    if fate not in {"pay_out", "write_off"}:
        return {"fate": "estate_undecided"}
    problem = reason_problem(reason) if fate == "write_off" or estate.total_tiyn == 0 else ""
    return {"reason": problem} if problem else {}


def is_payment(posting_key: str) -> bool:
    """Whether a top-up booked under this key came from a provider of payments."""
    return posting_key.startswith(f"top_up:{PAYMENT_KEY}")
