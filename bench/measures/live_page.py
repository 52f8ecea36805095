"""What the live page costs the server: 200 busy PCs and five open desks, beside pages that are loaded anew.

What desks cost is a few hundredths of what the hall costs by itself, which wanders by more: both are counted where they
are computed (`bench/counted.py`), and not told by what the whole process computes.
"""

import asyncio
import math
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import hall, wire
from bench.counted import Figures, make_file
from bench.frame import Result, Run
from bench.hall import Founded, ServedClub
from bench.processes import LOAD, on_core
from lovhub.protocol import HEARTBEAT_SECONDS
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.customers import service as customers_service
from lovhub.server.customers.models import Customer
from lovhub.server.sessions import service as sessions_service
from tests.support.club import OWNER, People

GOAL = "≤ 1/10 of a full reload each 5 s"
PCS = 200
PLAYED_ON = 120
DESKS = 5
RUNS = 2
SECONDS = 20.0
"""So often each connection is sent a ping, all within a few seconds: each turn has them once."""
LIVE_SECONDS = 30.0
"""In all a minute, in which each page is sent the whole picture once."""
SETTLE_SECONDS = 3.0
"""Until a desk has its first picture. All that came with the PCs is done when so long a time costs no less again."""
MOST_SETTLING = 8
SETTLED, CALM = 0.8, 2
"""As much as before, so many times in a row."""
RELOAD_SECONDS = 5.0
WARM_SECONDS, WARM_EVERY_SECONDS = 4.0, 0.5
"""The first loads cost a server twice as much as all that follow."""
NS_A_MS = 1_000_000
PROGRAM_BEATS = 6
"""After so many heartbeats the PC's program is another: about a minute."""


def play(founded: Founded, players: int) -> dict[int, ReportedSession]:
    """So many of the PCs are played on; what those will report when the server is there."""
    club, people = founded.club, People(founded.club)
    people.application()
    reports = {}
    for computer_id in range(1, players + 1):
        customer_id = people.customer()
        with club.write() as work:
            work.db.get_one(Customer, customer_id).birth_date = "1990-01-01"  # plays at night, too
        customers_service.give_time(
            club,
            customer_id=customer_id,
            seconds=4 * 3600,
            title="4 часа",
            reason="замер скорости",
            key=str(computer_id),
            actor=OWNER,
        )
        session_id = sessions_service.begin_for_customer(
            club,
            computer_id=computer_id,
            customer_id=customer_id,
            actor=Actor("customer", customer_id, "Ерлан"),
        )
        if session_id is None:
            raise RuntimeError("a player does not play")
        reports[computer_id] = ReportedSession(
            session_id=session_id,
            lease_serial=1,
            played_seconds=0,
            boot_id=f"boot-{computer_id}",
            last_tick_at=club.clock.now(),
        )
    return reports


async def keep_busy(pcs: Sequence[hall.Pc]) -> None:
    """Each beats every ten seconds; now and then its program is another."""
    turn = 0
    while True:
        for pc in pcs:
            if (turn + pc.computer_id) % PROGRAM_BEATS == 0:
                pc.application_id = None if pc.application_id else 1
            pc.beat()
            await asyncio.sleep(HEARTBEAT_SECONDS / len(pcs))
        turn += 1


async def computing_ms(
    club: ServedClub, seconds: float, look: Callable[[float], Awaitable[None]]
) -> float:
    """Milliseconds of the server's computing a minute, meanwhile."""
    before, began = club.program.cpu_seconds(), time.monotonic()
    await look(seconds)
    return 60_000 * club.program.computed_since(before) / (time.monotonic() - began)


async def _settle(club: ServedClub, seconds: float) -> None:
    """Wait until all that came with the PCs is done."""
    before, calm = math.inf, 0
    for _ in range(MOST_SETTLING):
        cost = await computing_ms(club, seconds, asyncio.sleep)
        calm = calm + 1 if cost > SETTLED * before else 0
        if calm == CALM:
            return
        before = cost


async def _open_desks(club: ServedClub, settle_seconds: float) -> list[wire.Socket]:
    headers = f"Origin: https://localhost\r\nCookie: lovhub_session={club.owner_token}\r\n"
    desks = [
        await wire.open_socket(club.port, club.tls, lambda: wire.Socket("/live", headers))
        for _ in range(DESKS)
    ]
    await asyncio.sleep(settle_seconds)
    return desks


def _bytes_heard(desks: Sequence[wire.Socket]) -> int:
    if any(desk.is_lost for desk in desks):
        raise RuntimeError("a live page was closed")
    return sum(desk.bytes_heard for desk in desks)


async def _reload(club: ServedClub, seconds: float, every_seconds: float) -> int:
    cookie = f"Cookie: lovhub_session={club.owner_token}\r\n"
    with ExitStack() as stack:
        desks = [stack.enter_context(closing(wire.Http(club.port, club.tls))) for _ in range(DESKS)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for desk in desks:
                status = await desk.ask("GET /admin/computers", cookie)
                if status != 200:
                    raise RuntimeError(f"the page was answered with {status}")
                await asyncio.sleep(every_seconds / DESKS)
        return sum(desk.bytes_heard for desk in desks)


@contextmanager
def counted(founded: Founded) -> Iterator[tuple[ServedClub, Callable[[], Figures]]]:
    """The server of the club, and what it has computed for its live pages so far."""
    path = founded.folder.with_name("counted")
    make_file(path)
    with hall.served(founded, "bench.counted", str(path)) as club:
        yield club, lambda: Figures.read(path)


async def measure(
    club: ServedClub,
    reports: dict[int, ReportedSession],
    figures: Callable[[], Figures],
    *,
    runs: int = RUNS,
    seconds: float = SECONDS,
    live_seconds: float = LIVE_SECONDS,
    every_seconds: float = RELOAD_SECONDS,
) -> Result:
    """Loading anew, before and after which nobody looks for a while, and then live pages, in the same busy hall."""
    pcs = await hall.link(club, reports)
    busy = asyncio.create_task(keep_busy(pcs))
    settle_seconds = min(SETTLE_SECONDS, seconds)

    async def turn(seconds: float, look: Callable[[float], Awaitable[int]]) -> _Turn:
        before, heard = figures(), 0

        async def looking(seconds: float) -> None:
            nonlocal heard
            heard = await look(seconds)

        ms = await computing_ms(club, seconds, looking)
        return _Turn(seconds, ms, heard, figures().since(before))

    async def reload(seconds: float) -> int:
        return await _reload(club, seconds, every_seconds)

    async def nobody_looks(seconds: float) -> int:
        await asyncio.sleep(seconds)
        return 0

    await _reload(club, min(WARM_SECONDS, seconds), min(WARM_EVERY_SECONDS, every_seconds))
    await _settle(club, settle_seconds)
    nobody = [await turn(seconds, nobody_looks)]
    anew = [await turn(seconds, reload) for _ in range(runs)]
    nobody.append(await turn(seconds, nobody_looks))
    desks = await _open_desks(club, settle_seconds)

    async def listen(seconds: float) -> int:
        before = _bytes_heard(desks)
        await asyncio.sleep(seconds)
        return _bytes_heard(desks) - before

    live = [await turn(live_seconds, listen) for _ in range(runs)]
    for desk in desks:
        desk.close()
    if busy.done():
        busy.result()
    busy.cancel()
    taken = [
        _run(of_live, of_anew, live, nobody) for of_live, of_anew in zip(live, anew, strict=True)
    ]
    return Result("live_page", "ms of computing a minute, five desks", GOAL, taken)


class _Turn(NamedTuple):
    """A while in which somebody looked, or nobody. `process_ms`: of the whole server, a minute."""

    seconds: float
    process_ms: float
    bytes_heard: int
    figures: Figures

    @property
    def desks_ms(self) -> float:
        """What desks have cost a minute, but for the whole pictures."""
        return (self.figures.all - self.figures.whole) / NS_A_MS * 60 / self.seconds

    @property
    def bytes_a_minute(self) -> float:
        """What came."""
        return self.bytes_heard * 60 / self.seconds


def _run(live: _Turn, anew: _Turn, all_live: Sequence[_Turn], nobody: Sequence[_Turn]) -> Run:
    """One whole picture goes to each page a minute; in which of the turns it came is chance."""
    wholes = max(1, sum(turn.figures.wholes for turn in all_live))
    whole_ms = sum(turn.figures.whole for turn in all_live) / NS_A_MS / wholes
    # The loop looks for pages to be told without any, too.
    without_desks = statistics.fmean(turn.desks_ms for turn in nobody)
    changes_ms, anew_ms = live.desks_ms - without_desks, anew.desks_ms - without_desks
    bytes_a_minute = statistics.fmean(turn.bytes_a_minute for turn in all_live)
    details = {
        "changes_ms_a_minute": changes_ms,
        "whole_picture_ms": whole_ms,
        "bytes_a_minute": bytes_a_minute,
        "reload_bytes_a_minute": anew.bytes_a_minute,
        "bytes_ratio": bytes_a_minute / anew.bytes_a_minute,
        "process_ms_a_minute_without_desks": statistics.fmean(turn.process_ms for turn in nobody),
        "process_ms_a_minute_live": live.process_ms,
        "process_ms_a_minute_reload": anew.process_ms,
    }
    return Run(changes_ms + whole_ms, anew_ms, anew_ms, details)


def take() -> list[Result]:
    """Measure."""
    with on_core(LOAD), tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        founded = hall.found(Path(name) / "club", PCS)
        reports = play(founded, PLAYED_ON)
        with counted(founded) as (club, figures):
            return [wire.run(measure(club, reports, figures))]
