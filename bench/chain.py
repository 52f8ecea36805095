"""Several servers on one PostgreSQL, and what becomes of a hall when one of them, or the database, is lost.

    python -m bench.chain        three servers behind a balancer; each loss by itself; four minutes

Run by `make chain`. A loss fails the run if anything is billed twice, a command runs twice, or the books do not
balance, or the PCs come back as a stampede; what is printed is how long it takes until all is as before
(docs/scale.md).
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from bench import cable
from bench.cable import Cable
from bench.several_servers import COMPUTERS, Chain, by_proxy, chain, until
from tests.support.postgres import running_postgres

STALL_SECONDS = 25.0
MOST_TRIES = 6
"""Of a PC within a second, on the average of all: a back-off without its growing pauses makes dozens."""


async def lose(found: Chain, lost: Callable[[], Awaitable[list[int]]]) -> float:
    """A loss in a busy moment; `lost` returns the ports of the servers that are left.

    Returns the seconds until all is as before; raises AssertionError if anything came to harm.
    """
    over = False
    async with asyncio.TaskGroup() as busy:
        busy.create_task(asyncio.to_thread(found.top_up_until, lambda: over))
        for server in found.servers[1:]:
            busy.create_task(asyncio.to_thread(found.message_until, lambda: over, server.port))
        try:
            await asyncio.sleep(1)
            began = time.monotonic()
            ports = await lost()
            await until(lambda: found.is_as_before(ports))
            seconds = time.monotonic() - began
        finally:
            over = True  # also if it fails: the threads would go on for ever
    wrongs = await asyncio.to_thread(found.wrongs)
    if (most := found.most_in_a_second(began)) > MOST_TRIES * len(found.hall):
        wrongs.append(f"{most} connections of {len(found.hall)} PCs within a second")
    if wrongs:
        raise AssertionError("\n".join(wrongs))
    return seconds


async def kill_the_leader(found: Chain) -> list[int]:
    """`kill -9` of the server that came first, and leads."""
    first, *others = found.servers
    await asyncio.to_thread(first.program.kill)
    return [server.port for server in others]


async def kill_another(found: Chain) -> list[int]:
    """`kill -9` of a server that does not lead."""
    *others, last = found.servers
    await asyncio.to_thread(last.program.kill)
    return [server.port for server in others]


async def restart_the_database(found: Chain) -> list[int]:
    """PostgreSQL ends as by a crash, and is started again."""
    await asyncio.to_thread(found.postgres.restart)
    return [server.port for server in found.servers if server.program.process.poll() is None]


async def stall_the_leader(found: Chain) -> list[int]:
    """Between the server that leads and PostgreSQL nothing flows for a while, and nobody hears of it."""
    return await _cut(found, 0)


async def stall_another(found: Chain) -> list[int]:
    """The same with a server that does not lead."""
    return await _cut(found, len(found.servers) - 1)


async def unplug_the_leader(found: Chain) -> list[int]:
    """The cable between the server that leads and PostgreSQL is pulled out for a while."""
    return await _cut(found, 0)


async def unplug_another(found: Chain) -> list[int]:
    """The same with a server that does not lead."""
    return await _cut(found, len(found.servers) - 1)


async def _cut(found: Chain, number: int) -> list[int]:
    """In the worst moment: the server gets the lock of the customer whom all top up, and hears nothing of it."""
    way, lonely = found.to_database[number], found.servers[number]
    others = [server.port for server in found.servers if server is not lonely]
    async with found.customer_locked():
        caught = asyncio.create_task(asyncio.to_thread(found.top_up, lonely.port))
        await until(lambda: found.waits(number))
        await way.cut()
    try:
        key = found.new_key()
        took = await until(lambda: found.is_as_before(others) and found.tops_up(others[0], key))
        print(f"    the hall is with the other servers after {took:.1f} s")
        await asyncio.sleep(max(0.0, STALL_SECONDS - took))
    finally:
        await way.mend()
        await caught
    return [server.port for server in found.servers]


LOSSES = (kill_the_leader, kill_another, restart_the_database, stall_the_leader, stall_another)
BY_CABLE = (unplug_the_leader, unplug_another)
"""Losses of a real network between a server and PostgreSQL."""


async def _measure() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with running_postgres(durable=True) as postgres:
        why_not = cable.why_not()
        if why_not:
            print(f"{', '.join(one.__name__ for one in BY_CABLE)}: left out, since {why_not}")
        for loss in LOSSES if why_not else (*LOSSES, *BY_CABLE):
            way = Cable if loss in BY_CABLE else by_proxy
            with tempfile.TemporaryDirectory() as root:
                async with chain(Path(root), postgres, way_to_database=way) as found:
                    before, began = found.spread(), time.monotonic()
                    seconds = await lose(found, lambda loss=loss, found=found: loss(found))  # type: ignore[misc]
                    print(
                        f"{loss.__name__.replace('_', ' ')}: {COMPUTERS} PCs, all as before after {seconds:.1f} s;"
                        f" {len(found.topped_up)} top-ups booked once each, {found.unanswered} asked again,"
                        f" {len(found.commands)} commands carried out once each;"
                        f" PCs at each server {before} before, {found.spread()} after,"
                        f" {found.most_in_a_second(began)} connections in the busiest second",
                        flush=True,
                    )


if __name__ == "__main__":
    sys.exit(asyncio.run(_measure()))
