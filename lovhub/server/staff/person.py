"""Who is signed in, as requests ask for it: a few columns, no rows of a session."""

from typing import NamedTuple


class Person(NamedTuple):
    """A member of staff."""

    id: int
    login: str
    name: str
    role: str
    language: str
    password_must_change: bool
    has_second_factor: bool
    second_factor_since: int | None


class SignIn(NamedTuple):
    """The session in which they are signed in."""

    id: int
    created_at: int
    last_seen_at: int
    confirmed_at: int
