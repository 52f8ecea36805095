"""Who does something: carried into every operation, so that every change has a name beside it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """A person, a PC or the server itself. `address` is where the request came from."""

    kind: Literal["staff", "customer", "guest", "computer", "system"]
    id: int | None = None
    name: str = ""
    role: str = ""
    address: str = ""


SYSTEM = Actor(kind="system", name="LoVHub")
"""The server by itself: session clock, recovery after a start, nightly jobs."""
