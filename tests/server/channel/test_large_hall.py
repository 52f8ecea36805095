"""What is done for ever, several times in a few seconds, costs no more in a hall of many PCs in which nothing happens.

With ten thousand PCs a step for each takes milliseconds, in which nobody's heartbeat is answered.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

import pytest

from lovhub.server.channel import push
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


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """All of it, if it waits for nothing."""
    with pytest.raises(StopIteration):
        work.send(None)


def test_news_of_a_customer_who_sits_nowhere_cost_no_more_in_a_hall_full_of_others(
    club: ClubContext, people: People
) -> None:
    hub, stranger = Hub(club, b"certificate"), people.customer()

    def steps_with_more(pcs: int) -> int:
        for _ in range(pcs):
            computer_id = people.computer()
            come(hub, computer_id)
            hub.connections[computer_id].customer_id = people.customer()
        return steps_of(lambda: at_once(push.customer(hub, stranger, 1)))

    steps_with_more(1)
    assert steps_with_more(3) == steps_with_more(17)
    assert stranger not in hub.whereabouts.customers()
    assert len(hub.whereabouts.customers()) == len(hub.connections)


def test_a_customer_is_found_where_they_are_signed_in_and_nowhere_else(
    club: ClubContext, people: People
) -> None:
    hub = Hub(club, b"certificate")
    here, there = people.computer(), people.computer()
    come(hub, here)
    come(hub, there)
    first, second = people.customer(), people.customer()
    hub.connections[here].customer_id = first
    hub.connections[there].customer_id = first
    assert {connection.computer_id for connection in hub.whereabouts.of(first)} == {here, there}
    hub.connections[here].customer_id = second
    hub.connections[there].customer_id = None
    assert hub.whereabouts.of(first) == []
    assert hub.whereabouts.customers() == [second]
    asyncio.run(hub.closed(hub.connections[here]))
    assert hub.whereabouts.customers() == []
