"""What a member of staff may be called, who may manage whom, and how long they stay signed in."""

import re
from collections.abc import Iterable
from typing import Literal

from lovhub.server.common_passwords import is_common
from lovhub.server.languages import LANGUAGES

ROLES = ("owner", "manager", "cashier", "technician")

MANAGED: dict[str, tuple[str, ...]] = {"owner": ROLES, "manager": ("cashier", "technician")}
"""Role → the roles of those it may make, change and disable."""

LOGIN_PATTERN = re.compile(r"[^\s\x00-\x1f]{2,40}")
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
"""Longer ones are refused before hashing: hashing a megabyte is work an attacker would get for free."""

SIGNED_IN_SECONDS = 12 * 3600
"""A staff session ends after so much idleness: a shift and no more."""

SIGNED_IN_AT_MOST_SECONDS = 7 * 24 * 3600
"""However busy: after so long the password is asked again, or a copied cookie would be good for ever."""

OVERDUE_SECONDS = 3600
"""For so long after that, an open page is still told what is new, so that nobody is thrown out of a sale."""

TOUCH_SECONDS = 300
"""How often use of a session is written down; until then it costs no write."""

KNOWN_PLACE_SECONDS = 60 * 24 * 3600
"""So long an address is one of the person's, after they have signed in there."""

CONFIRMED_SECONDS = 600
"""For so long after giving their password a person is not asked again before what hurts most."""

TICKET_SECONDS = 300
"""How long one may look for the telephone between the password and the code."""

Duty = Literal["password", "second_factor"]
"""What somebody who has signed in must do before anything else."""


def owner_problems(login: str, name: str, password: str) -> dict[str, str]:
    """What is wrong with a new owner's data: field → code; empty when all is well."""
    problems = person_problems(login, name, role="owner", language="ru")
    wrong_password = password_problem(password)
    if wrong_password:
        problems["password"] = wrong_password
    return problems


def person_problems(login: str, name: str, *, role: str, language: str) -> dict[str, str]:
    """What is wrong with a person's data: field → code; empty when all is well."""
    problems = {}
    if not LOGIN_PATTERN.fullmatch(login):
        problems["login"] = "login_malformed"
    if not 1 <= len(name.strip()) <= 80:
        problems["name"] = "name_malformed"
    if role not in ROLES:
        problems["role"] = "role_unknown"
    if language not in LANGUAGES:
        problems["language"] = "language_unknown"
    return problems


def password_problem(password: str) -> str | None:
    """What is wrong with a password that somebody has chosen."""
    if len(password) < SHORTEST_PASSWORD:
        return "password_too_short"
    if len(password) > LONGEST_PASSWORD:
        return "password_too_long"
    return "password_common" if is_common(password) else None


def signed_in_until(now: int, since: int) -> int:
    """When a session that is used now, and was opened at `since`, is over."""
    return min(now + SIGNED_IN_SECONDS, since + SIGNED_IN_AT_MOST_SECONDS + OVERDUE_SECONDS)


def is_overdue(now: int, since: int) -> bool:
    """Whether whoever signed in at `since` must give the password again before they go on."""
    return now - since >= SIGNED_IN_AT_MOST_SECONDS


def may_manage(role: str, other: str) -> bool:
    """Whether somebody of this role may make, change and disable people of the other."""
    return other in MANAGED.get(role, ())


def written_roles(roles: Iterable[str]) -> str:
    """Roles as the club's row keeps them, in the order of the ranks."""
    wanted = set(roles)
    return " ".join(role for role in ROLES if role in wanted)


def asks_second_factor(role: str, required_roles: str) -> bool:
    """Whether the club asks a second factor of this role."""
    return role in required_roles.split()


def duty(
    *, password_must_change: bool, has_second_factor: bool, role: str, required_roles: str
) -> Duty | None:
    """What comes before anything else; None for almost everybody, almost always."""
    if password_must_change:
        return "password"
    if not has_second_factor and asks_second_factor(role, required_roles):
        return "second_factor"
    return None
