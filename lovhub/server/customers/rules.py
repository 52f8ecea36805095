"""What a customer may be called, and how phone numbers are compared."""

import re

LOGIN_PATTERN = re.compile(r"[^\s\x00-\x1f]{2,40}")
SHORTEST_PASSWORD = 4
LONGEST_PASSWORD = 200
LARGEST_TOP_UP_TIYN = 1_000_000_00
"""A million tenge at once is a slip of the finger, not a top-up."""


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
