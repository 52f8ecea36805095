"""The table of scenarios: what is tried, and what is asked of it."""

from collections.abc import Callable
from dataclasses import dataclass

from lovhub.server.context import ClubContext
from tests.server.crashes.scene import Scene

Operation = Callable[[ClubContext], object]
"""What a client asks the server to do; the answer is what is compared. Asked again, it is the same request."""


@dataclass(frozen=True)
class Scenario:
    """One operation, tried.

    `covers`: the functions of the code whose transactions it commits. `again`: with what the repetition is refused,
    where an operation has no key and what it did shows that it was done; "": the first answer comes again.
    `steps`: how many transactions it takes. `open_end`: only answer, books and what accounts hold are compared:
    between its transactions somebody else is asked (what they said can be lost, and a person or the poller then
    looks), or each request leaves a line in the log, or what a job has not come to is left to its next turn.
    `other_way`: as many rows, of other words: what the job has not come to is booked by the PC that comes back.
    """

    name: str
    covers: frozenset[str]
    prepare: Callable[[Scene], Operation]
    again: str = ""
    steps: int = 1
    open_end: bool = False
    other_way: bool = False


SCENARIOS: list[Scenario] = []


def tries(
    *covers: str, again: str = "", steps: int = 1, open_end: bool = False, other_way: bool = False
) -> Callable[[Callable[[Scene], Operation]], Callable[[Scene], Operation]]:
    """Put a scenario into the table."""

    def add(prepare: Callable[[Scene], Operation]) -> Callable[[Scene], Operation]:
        name = prepare.__name__.strip("_")
        SCENARIOS.append(
            Scenario(name, frozenset(covers), prepare, again, steps, open_end, other_way)
        )
        return prepare

    return add
