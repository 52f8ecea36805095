"""From the click at the desk to the PC: how long a command takes, with thousands of PCs connected.

Beside it a bare server that does the same for one connected socket: as people would write it, which notes the command
durably before it tells it (the baseline), and without even that (the limit).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial

from bench import hall, wire
from bench.beside import Beside
from bench.beside import bare as bare_server
from bench.frame import Result, Run, percentile
from bench.hall import ServedClub
from bench.processes import LOAD, on_core
from lovhub.protocol.channel import Command, CommandResult, ServerFrame

GOAL = "p99 < 2 × a bare push"
PCS = 2000
RUNS = 3
COMMANDS = 150
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


async def p99_ms(
    arrivals: Arrivals, click: Callable[[int], Awaitable[int]], pcs: int, commands: int
) -> tuple[float, float]:
    """Milliseconds that 99 of 100 commands took at most, and half of them."""
    took = []
    for number in range(commands):
        took.append(1000 * await arrivals.seconds_from(partial(click, number * 37 % pcs + 1)))
        await asyncio.sleep(BETWEEN_SECONDS)
    return percentile(took, 99), percentile(took, 50)


async def measure(
    club: ServedClub, bare: Beside, *, runs: int = RUNS, commands: int = COMMANDS
) -> Result:
    """Ours and the bare ones by turns."""
    pcs = await hall.link(club)
    with (
        closing(wire.Http(club.port, club.tls)) as desk,
        closing(wire.Http(bare.port, bare.tls)) as bare_desk,
    ):
        return await _measure(club, pcs, desk, bare, bare_desk, runs, commands)


async def _measure(
    club: ServedClub,
    pcs: Sequence[hall.Pc],
    desk: wire.Http,
    bare: Beside,
    bare_desk: wire.Http,
    runs: int,
    commands: int,
) -> Result:
    arrivals = Arrivals()
    for pc in pcs:
        pc.frame_heard = carried_out_by(pc, arrivals)
    listener = await wire.open_socket(bare.port, bare.tls, lambda: wire.Socket("/pc/1"))
    listener.heard = lambda _text: arrivals.came()
    headers = f"Authorization: Bearer {club.owner_token}\r\nContent-Type: application/json\r\n"
    body = json.dumps({"text": MESSAGE}).encode()

    def ours(computer_id: int) -> Awaitable[int]:
        return desk.ask(f"POST /api/v1/computers/{computer_id}/messages", headers, body)

    def noted(_number: int) -> Awaitable[int]:
        return bare_desk.ask("POST /noted/1", "", body)

    def pushed(_number: int) -> Awaitable[int]:
        return bare_desk.ask("POST /push/1", "", body)

    await p99_ms(arrivals, ours, len(pcs), 5)  # the first are slower: what was never used before
    taken = []
    for _ in range(runs):
        ours_p99, ours_median = await p99_ms(arrivals, ours, len(pcs), commands)
        noted_p99, noted_median = await p99_ms(arrivals, noted, 1, commands)
        pushed_p99, pushed_median = await p99_ms(arrivals, pushed, 1, commands)
        medians = {
            "ours_median": ours_median,
            "baseline_median": noted_median,
            "limit_median": pushed_median,
        }
        taken.append(Run(ours=ours_p99, baseline=noted_p99, limit=pushed_p99, details=medians))
    return Result("command_push", "ms to arrival, 99 of 100", GOAL, taken)


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
        hall.fresh_club(PCS) as club,
        bare_server(club.folder) as bare,
    ):
        return [wire.run(measure(club, bare))]
