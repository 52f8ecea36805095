"""What the live page costs the server: 200 busy PCs and five open desks, beside pages that are loaded anew.

Computing is counted beyond what the same hall costs when no desk looks.
"""

import asyncio
import math
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from bench import hall, wire
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
SECONDS = 15.0
LIVE_SECONDS = 60.0
"""So often each page is sent the whole picture: one of them is in what is counted."""
SETTLE_SECONDS = 3.0
"""Until a desk has its first picture. All that came with the PCs is done when so long a time costs no less again."""
MOST_SETTLING = 8
SETTLED, CALM = 0.8, 2
"""As much as before, so many times in a row."""
RELOAD_SECONDS = 5.0
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


async def measure(
    club: ServedClub,
    reports: dict[int, ReportedSession],
    *,
    runs: int = RUNS,
    seconds: float = SECONDS,
    live_seconds: float = LIVE_SECONDS,
    every_seconds: float = RELOAD_SECONDS,
) -> Result:
    """Live pages and loading anew by turns in the same busy hall; before and after each nobody looks for a while."""
    pcs = await hall.link(club, reports)
    busy = asyncio.create_task(keep_busy(pcs))
    settle_seconds = min(SETTLE_SECONDS, seconds)
    reloaded = 0

    async def reload(seconds: float) -> None:
        nonlocal reloaded
        reloaded = await _reload(club, seconds, every_seconds)

    async def nobody_looks() -> float:
        await asyncio.sleep(settle_seconds)
        return await computing_ms(club, seconds, asyncio.sleep)

    taken = []
    await _settle(club, settle_seconds)
    for _ in range(runs):
        before = await nobody_looks()
        desks = await _open_desks(club, settle_seconds)
        heard = _bytes_heard(desks)
        live = await computing_ms(club, live_seconds, asyncio.sleep)
        heard = _bytes_heard(desks) - heard
        for desk in desks:
            desk.close()
        between = await nobody_looks()
        anew = await computing_ms(club, seconds, reload)
        after = await nobody_looks()
        bytes_a_minute, anew_a_minute = heard * 60 / live_seconds, reloaded * 60 / seconds
        details = {
            "bytes_a_minute": bytes_a_minute,
            "reload_bytes_a_minute": anew_a_minute,
            "bytes_ratio": bytes_a_minute / anew_a_minute,
            "ms_a_minute_without_desks": statistics.fmean((before, between, after)),
        }
        # What the hall costs by itself wanders: what it cost on both sides is taken off.
        beyond = max(1.0, live - (before + between) / 2)
        reloading = max(1.0, anew - (between + after) / 2)
        taken.append(Run(ours=beyond, baseline=reloading, limit=reloading, details=details))
    if busy.done():
        busy.result()
    busy.cancel()
    return Result("live_page", "ms of computing a minute, five desks", GOAL, taken)


def take() -> list[Result]:
    """Measure."""
    with on_core(LOAD), tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        founded = hall.found(Path(name) / "club", PCS)
        reports = play(founded, PLAYED_ON)
        with hall.served(founded) as club:
            return [wire.run(measure(club, reports))]
