"""Heartbeats for a second of the server's computing, beside the first sketch, a bare echo and a bare picows server."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable, Sequence
from functools import partial

from bench import hall, wire
from bench.beside import Beside, first_sketch
from bench.beside import bare as bare_server
from bench.beside import picows as picows_server
from bench.frame import Result, Run
from bench.hall import ServedClub
from bench.processes import LOAD, Program, on_core
from lovhub.protocol.channel import Heartbeat, client_codec

GOAL = "≥ 60 × the first sketch, ≥ 0.85 × a bare echo"
PCS = 200
RUNS = 9
SECONDS = 1.0
WARM_SECONDS = 0.2


class Echoed(wire.Socket):
    """A connection to the bare echo that says the same as a PC does."""

    def __init__(self, path: str = "/echo") -> None:
        super().__init__(path)
        self.acknowledged: Callable[[], None] = lambda: None
        self.heard = lambda _text: self.acknowledged()
        self.beat_at = 0.0
        self.said = b""
        self._seq = 0

    def beat(self) -> None:
        """«I am here»."""
        self._seq += 1
        self.beat_at = asyncio.get_running_loop().time()
        self.said = client_codec.encode(Heartbeat(seq=self._seq, lock="locked"))
        self.say(self.said)


async def keep_beating(pcs: Sequence[hall.Pc | Echoed], seconds: float) -> int:
    """Each PC beats again as soon as it is answered; returns how many answers there were."""
    answers = 0
    goes_on = True

    def answered(pc: hall.Pc | Echoed) -> None:
        nonlocal answers
        answers += 1
        if goes_on:
            pc.beat()

    for pc in pcs:
        pc.acknowledged = partial(answered, pc)
        pc.beat()
    await asyncio.sleep(seconds)
    goes_on = False
    sent = answers + len(pcs)
    while answers < sent:
        if any(pc.is_lost for pc in pcs):
            raise RuntimeError("a connection was lost under way")
        await asyncio.sleep(0.01)
    return answers


async def per_cpu_second(
    program: Program, pcs: Sequence[hall.Pc | Echoed], seconds: float
) -> float:
    """Answers for each second of the server's computing."""
    await keep_beating(pcs, WARM_SECONDS)
    before = program.cpu_seconds()
    answers = await keep_beating(pcs, seconds)
    return answers / program.computed_since(before)


def sketch_per_cpu_second(sketch: Beside, pcs: int, seconds: float) -> float:
    """The first sketch: every heartbeat is a connection, as `requests.post` makes one."""

    def beat(number: int) -> None:
        connection = http.client.HTTPSConnection(
            "localhost", sketch.port, context=sketch.tls, timeout=30
        )
        body = json.dumps({"computer_id": number % pcs + 1, "status": "locked"})
        connection.request("POST", "/heartbeat", body, {"Content-Type": "application/json"})
        if connection.getresponse().status != 200:
            raise RuntimeError("the first sketch has refused a heartbeat")
        connection.close()

    beat(0)
    before, end, answers = sketch.program.cpu_seconds(), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        beat(answers)
        answers += 1
    return answers / sketch.program.computed_since(before)


async def measure(
    club: ServedClub,
    sketch: Beside,
    bare: Beside,
    picows: Beside,
    *,
    runs: int = RUNS,
    seconds: float = SECONDS,
) -> Result:
    """Ours and the three beside it, by turns."""
    ours = await hall.link(club)
    echoes, compiled = [
        await wire.few_at_a_time(
            [partial(wire.open_socket, beside.port, beside.tls, Echoed)] * len(ours)
        )
        for beside in (bare, picows)
    ]
    taken = [
        Run(
            ours=await per_cpu_second(club.program, ours, seconds),
            baseline=sketch_per_cpu_second(sketch, len(ours), seconds),
            limit=await per_cpu_second(bare.program, echoes, seconds),
            details={"picows": await per_cpu_second(picows.program, compiled, seconds)},
        )
        for _ in range(runs)
    ]
    return Result("heartbeats", "heartbeats per second of the server's core", GOAL, taken)


def take() -> list[Result]:
    """Measure."""
    with (
        on_core(LOAD),
        hall.fresh_club(PCS) as club,
        first_sketch(club.folder) as sketch,
        bare_server(club.folder) as bare,
        picows_server(club.folder) as picows,
    ):
        return [wire.run(measure(club, sketch, bare, picows))]
