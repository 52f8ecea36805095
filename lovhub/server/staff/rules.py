"""What a member of staff may be called and how long they stay signed in."""

import re

LOGIN_PATTERN = re.compile(r"[^\s\x00-\x1f]{2,40}")
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
"""Longer ones are refused before hashing: hashing a megabyte is work an attacker would get for free."""

SIGNED_IN_SECONDS = 12 * 3600
"""A staff session ends after so much idleness: a shift and no more."""

TOUCH_SECONDS = 300
"""How often use of a session is written down; until then it costs no write."""


def owner_problems(login: str, name: str, password: str) -> dict[str, str]:
    """What is wrong with a new owner's data: field → code; empty when all is well."""
    problems = {}
    if not LOGIN_PATTERN.fullmatch(login):
        problems["login"] = "login_malformed"
    if not 1 <= len(name.strip()) <= 80:
        problems["name"] = "name_malformed"
    if len(password) < SHORTEST_PASSWORD:
        problems["password"] = "password_too_short"
    elif len(password) > LONGEST_PASSWORD:
        problems["password"] = "password_too_long"
    return problems
