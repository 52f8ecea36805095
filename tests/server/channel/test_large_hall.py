"""What is done for ever, several times in a few seconds, costs no more in a hall of many PCs in which nothing happens.

With ten thousand PCs a step for each takes milliseconds, in which nobody's heartbeat is answered.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from lovhub.server.channel.connection import Connection
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.live import Unattended
from lovhub.server.suspicious.pcs import Watch
from tests.support.club import People


class Nowhere:
    """As much of a WebSocket as a connection reads."""

    client = None


async def nothing(*_values: object) -> Any:
    return None


def come(hub: Hub, computer_id: int) -> None:
    connection = Connection(hub, Nowhere(), nothing, nothing)  # type: ignore[arg-type]
    connection.computer_id, connection.takes_updates = computer_id, True
    connection.agent_version = "0.2"
    hub.connections[computer_id] = connection
    hub.updates.came(computer_id, connection)
    hub.presence.link(computer_id, connection, "locked")


def steps_of(work: Callable[[], object]) -> int:
    """How many of Python's instructions it takes."""
    steps = 0

    def count(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def test_looks_at_a_hall_in_which_nothing_happens_do_not_grow_with_it(
    club: ClubContext, people: People
) -> None:
    hub, watch = Hub(club, b"certificate"), Watch()

    def look_for_idle() -> None:
        watch.look(hub.hall.unattended(), now=club.clock.monotonic(), idle_seconds=60)

    looks: dict[str, Callable[[], object]] = {
        "judge": hub._judge,
        "updates": lambda: hub.updates.linked_for_updates(lacking="0.2"),
        "unlinked": hub.hall.unlinked,
        "idle": look_for_idle,
    }

    def steps_with_more(pcs: int) -> dict[str, int]:
        came = [people.computer() for _ in range(pcs)]
        hub.hall.load()
        for computer_id in came:
            come(hub, computer_id)
        for look in looks.values():
            look()
        return {name: steps_of(look) for name, look in looks.items()}

    few = steps_with_more(3)
    assert steps_with_more(17) == few
    assert hub.hall.unattended() == Unattended(on=set(hub.connections), open=set())
