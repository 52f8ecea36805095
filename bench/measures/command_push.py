"""From the click at the desk to the PC: how long a command takes, with thousands of PCs connected.

Beside it a bare server with as many sockets, which beat as PCs do: as people would write it, which notes the command
durably before it tells it (the baseline), and without even that (the limit).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from functools import partial

from bench import hall, wire
from bench.beside import Beside
from bench.beside import bare as bare_server
from bench.frame import Result, Run, percentile
from bench.hall import ServedClub
from bench.measures.heartbeats import Echoed
from bench.measures.ten_thousand import as_many_as_fit
from bench.processes import LOAD, on_core
from lovhub.protocol.channel import Command, CommandResult, ServerFrame

GOAL = "p99 < 2 × a bare push"
PCS = 2000
RUNS = 5
COMMANDS = 300
AT_A_TIME = 25
"""So many at one server, then at the next: a moment in which the disk is slow, or others compute, meets all of them."""

WAIT_SECONDS = 30.0
BETWEEN_SECONDS = 0.01
"""A desk's next click comes when all is done that the one before has caused, the writing of the PC's answer too."""

MESSAGE = "Подойдите, пожалуйста, к стойке."


class Arrivals:
    """Waits for what is sent to one PC at a time."""

    def __init__(self) -> None:
        self._here: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def came(self) -> None:
        """It is there."""
        if not self._here.done():
            self._here.set_result(time.perf_counter())

    async def seconds_from(self, click: Callable[[], Awaitable[int]]) -> float:
        """From the click to its arrival; the click's own answer comes as well."""
        self._here = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        status = await click()
        if status not in {200, 201}:
            raise RuntimeError(f"the desk's request was answered with {status}")
        return await asyncio.wait_for(self._here, WAIT_SECONDS) - began


class Listening(Echoed):
    """A PC of the bare server. `pushed` is called with what it is told, apart from answers to its heartbeats."""

    def __init__(self, number: int) -> None:
        super().__init__(f"/pc/{number}")
        self.pushed: Callable[[], None] = lambda: None
        self.heard = self._hear

    def _hear(self, text: bytes) -> None:
        if text == self.said:
            self.acknowledged()
        else:
            self.pushed()


Click = Callable[[int], Awaitable[int]]
"""Asks for a command to the PC of this number; returns the answer's status."""


async def took_ms(
    arrivals: Arrivals, click: Click, pcs: int, commands: int, *, first: int = 0
) -> list[float]:
    """Milliseconds that each of so many commands took, each to another PC; `first`: how many there were before."""
    took = []
    for number in range(first, first + commands):
        took.append(1000 * await arrivals.seconds_from(partial(click, number * 37 % pcs + 1)))
        await asyncio.sleep(BETWEEN_SECONDS)
    return took


async def link_bare(bare: Beside, pcs: int) -> list[Listening]:
    """As many sockets to the bare server."""

    async def one(number: int) -> Listening:
        return await wire.open_socket(bare.port, bare.tls, lambda: Listening(number))

    return await hall.kept_alive([partial(one, number) for number in range(1, pcs + 1)])


async def measure(
    club: ServedClub, bare: Beside, *, runs: int = RUNS, commands: int = COMMANDS
) -> Result:
    """Ours and the bare ones by turns."""
    pcs = await hall.link(club)
    bare_pcs = await link_bare(bare, len(pcs))
    arrivals = Arrivals()
    for pc in pcs:
        pc.frame_heard = carried_out_by(pc, arrivals)
    for listening in bare_pcs:
        listening.pushed = arrivals.came
    headers = f"Authorization: Bearer {club.owner_token}\r\nContent-Type: application/json\r\n"
    body = json.dumps({"text": MESSAGE}).encode()
    with (
        closing(wire.Http(club.port, club.tls)) as desk,
        closing(wire.Http(bare.port, bare.tls)) as bare_desk,
    ):
        clicks: dict[str, Click] = {
            "ours": lambda number: desk.ask(
                f"POST /api/v1/computers/{number}/messages", headers, body
            ),
            "baseline": lambda number: bare_desk.ask(f"POST /noted/{number}", "", body),
            "limit": lambda number: bare_desk.ask(f"POST /push/{number}", "", body),
        }
        for click in clicks.values():  # the first are slower: what was never used before
            await took_ms(arrivals, click, len(pcs), min(5, commands))
        taken = [await _run(arrivals, clicks, len(pcs), commands) for _ in range(runs)]
    return Result("command_push", "ms to arrival, 99 of 100", GOAL, taken)


async def _run(arrivals: Arrivals, clicks: Mapping[str, Click], pcs: int, commands: int) -> Run:
    took: dict[str, list[float]] = {name: [] for name in clicks}
    for first in range(0, commands, AT_A_TIME):
        for name, click in clicks.items():
            few = min(AT_A_TIME, commands - first)
            took[name] += await took_ms(arrivals, click, pcs, few, first=first)
    medians = {f"{name}_median": percentile(times, 50) for name, times in took.items()}
    p99 = {name: percentile(times, 99) for name, times in took.items()}
    return Run(**p99, details={**medians, "pcs": pcs})


def carried_out_by(pc: hall.Pc, arrivals: Arrivals) -> Callable[[ServerFrame], None]:
    """What the PC does with what it hears: a command is there, and is answered."""

    def hear(frame: ServerFrame) -> None:
        if isinstance(frame, Command):
            arrivals.came()
            pc.tell(CommandResult(command_id=frame.command_id, ok=True))

    return hear


def take() -> list[Result]:
    """Measure."""
    with (
        on_core(LOAD),
        hall.fresh_club(as_many_as_fit(2 * PCS) // 2) as club,
        bare_server(club.folder) as bare,
    ):
        return [wire.run(measure(club, bare))]
