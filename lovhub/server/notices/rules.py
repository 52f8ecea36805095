"""When a message is sent again, when it is late, and when it is given up."""

import re

WAYS = ("email", "telegram", "apprise")

FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 3600
LATE_SECONDS = 15 * 60
"""A message older than that says so."""
GIVE_UP_HOURS = 48
"""After that the figures are no news any more: they stand in the admin."""

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]]{1,64}@[^@\s<>,;:\"()\[\]]{1,200}")
_TELEGRAM = re.compile(r"-?\d{1,20}|@[A-Za-z]\w{3,40}", re.ASCII)


def pause_after(attempts: int) -> int:
    """How many seconds to wait after so many attempts: half a minute, twice as long each time, an hour at most."""
    return min(FIRST_PAUSE_SECONDS << min(attempts - 1, 20), LONGEST_PAUSE_SECONDS)


def is_late(age_seconds: int) -> bool:
    """Whether a message must say that it comes late."""
    return age_seconds > LATE_SECONDS


def is_over(age_seconds: int) -> bool:
    """Whether nobody should get it any more."""
    return age_seconds >= GIVE_UP_HOURS * 3600


def target_problems(*, email: str, telegram: str) -> dict[str, str]:
    """What is wrong with where messages are to go: field → code. Both may be empty."""
    found = {}
    if email and not (_EMAIL.fullmatch(email) and email.isascii()):
        found["email"] = "email_malformed"
    if telegram and not _TELEGRAM.fullmatch(telegram):
        found["telegram"] = "telegram_malformed"
    return found
