"""What it costs to serve a hall of so many PCs, each of them played on: a real server, and real connections."""

import asyncio
import http
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from bench import hall, wire
from bench.frame import LeftOut, percentile
from bench.growth.clubs import filled, full_hall
from bench.growth.costs import Costs, gathered
from bench.hall import Founded, Pc, ServedClub
from bench.measures.command_push import MESSAGE, Arrivals, carried_out_by, took_ms
from bench.measures.ten_thousand import Beats, as_many_as_fit, beat
from bench.processes import LOAD, TICK_SECONDS, Program, on_core
from lovhub.protocol.channel import ReportedSession
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import token_hash
from lovhub.server.sessions.models import PlaySession
from lovhub.server.staff import queries as staff_queries
from tests.support.staff import StaffMaker

SIZES = (100, 1_000, 10_000)
FEW_BEATS_A_SECOND = 1_000
MANY_BEATS_A_SECOND = 3_000
"""Enough that nobody in a hall of ten thousand needs to be kept alive beside them."""
BEAT_SECONDS = 5.0
BEAT_RUNS = 3
COMMANDS = 120
PAGE_RUNS = 10
DESKS = 5
CALM_SHARE = 0.6
"""Of a core: what came before is done. As long as it is not, the server hardly pauses."""
CALM_LOOKS = 2
"""So many in a row."""
CALM_LOOK_SECONDS = 1.0
MOST_LOOKS_UNTIL_CALM = 600
LOOK_SECONDS = 4.0
LOSS_SECONDS = 300.0
PICTURE_SECONDS = 30.0
UNITS = {
    "start of the server, until it listens": "s",
    "a PC comes back to its sitting": "ms",
    "memory of a PC": "KiB",
    "a second with nothing to do": "ms",
    "heartbeat": "µs",
    "command, to its arrival (by the clock)": "ms",
    "command": "ms",
    "page of the PCs": "ms",
    "live page, opened": "ms",
    "a PC is lost with all others": "ms",
    "until all losses are written (by the clock)": "s",
}


def found(folder: Path, computers: int) -> tuple[Founded, dict[int, ReportedSession]]:
    """A club with a sitting at each PC, and what the PCs will report."""
    made = filled(folder, full_hall(computers))
    tokens = {number: secrets.token_urlsafe(32) for number in range(1, computers + 1)}
    with made.club.read() as db:
        playing = db.execute(
            select(PlaySession.computer_id, PlaySession.id).where(PlaySession.state == "active")
        ).all()
        owner = staff_queries.by_login(db, made.club.club_id, "owner")
    if owner is None or len(playing) != computers:
        raise RuntimeError("the club was not filled as it should be")
    owner_token = StaffMaker(made.club).signed_in(owner.id)
    with made.club.write() as work:
        for computer in work.db.scalars(select(Computer)):
            computer.token_hash = token_hash(tokens[computer.id])
            for name, value in hall.seen_before(computer.id).items():
                setattr(computer, name, value)
    made.club.database.close()
    reports = {
        computer_id: ReportedSession(session_id, 1, 0, f"boot-{computer_id}", made.club.clock.now())
        for computer_id, session_id in playing
    }
    return Founded(folder, made.club, tokens, owner_token), reports


async def _calm(program: Program) -> None:
    """Wait until all that came before is done. Raises RuntimeError where that takes for ever."""
    calm_looks = 0
    for _ in range(MOST_LOOKS_UNTIL_CALM):
        before = program.cpu_seconds()
        await asyncio.sleep(CALM_LOOK_SECONDS)
        share = program.computed_since(before) / CALM_LOOK_SECONDS
        calm_looks = calm_looks + 1 if share < CALM_SHARE else 0
        if calm_looks == CALM_LOOKS:
            return
    raise RuntimeError("the server still computes at what came before")


async def _busy_share(program: Program) -> float:
    """Of a core, what the server computes by itself now: the clock, and PCs that beat so as not to be cut off."""
    before, began = program.cpu_seconds(), time.monotonic()
    await asyncio.sleep(LOOK_SECONDS)
    return (program.cpu_seconds() - before) / (time.monotonic() - began)


async def _computed_ms(program: Program, work: Awaitable[object], times: int) -> float:
    """Milliseconds of the server's computing for each of so many things that are done meanwhile, and nothing else."""
    share = await _busy_share(program)
    before, began = program.cpu_seconds(), time.monotonic()
    await work
    computed, took = program.computed_since(before), time.monotonic() - began
    share = (share + await _busy_share(program)) / 2
    return 1000 * max(TICK_SECONDS, computed - share * took) / times


async def _heartbeat_us(program: Program, pcs: Sequence[Pc]) -> float:
    """Microseconds of the server's computing for one more heartbeat a second: all else is in both, and goes out."""
    beats = Beats(pcs, len(pcs) / FEW_BEATS_A_SECOND)
    await beats.go_on(beats.every_seconds)  # once around: from now on nobody needs to be kept alive
    more_percent = []
    for _ in range(BEAT_RUNS):
        percents = []
        for a_second in (FEW_BEATS_A_SECOND, MANY_BEATS_A_SECOND):
            beats.every_seconds = len(pcs) / a_second
            percents.append((await beat(program, beats, BEAT_SECONDS))[1])
        more_percent.append(percents[1] - percents[0])
    more_beats = MANY_BEATS_A_SECOND - FEW_BEATS_A_SECOND
    at_least = 100 * TICK_SECONDS / BEAT_SECONDS
    return 1e6 * max(at_least, statistics.median(more_percent)) / 100 / more_beats


async def look(
    founded: Founded, club: ServedClub, reports: dict[int, ReportedSession]
) -> dict[str, float]:
    """All that UNITS names, of one hall."""
    program, count = club.program, len(reports)
    seen = {"start of the server, until it listens": program.cpu_seconds()}
    await _calm(program)
    memory, before = program.memory_bytes(), program.cpu_seconds()
    pcs = await hall.link(club, reports)
    await _calm(program)  # what their hellos have set going belongs to them
    computed = program.computed_since(before)
    seen["memory of a PC"] = (program.memory_bytes() - memory) / 1024 / count
    idle_share = await _busy_share(program)
    computed -= CALM_LOOKS * CALM_LOOK_SECONDS * idle_share
    seen["a PC comes back to its sitting"] = 1000 * computed / count
    seen["a second with nothing to do"] = 1000 * idle_share
    seen["heartbeat"] = await _heartbeat_us(program, pcs)
    with closing(wire.Http(club.port, club.tls)) as desk:
        seen |= await _commands(club, pcs, desk)
        pages = _pages(club, desk)
        await pages(1)
        seen["page of the PCs"] = await _computed_ms(program, pages(PAGE_RUNS), PAGE_RUNS)
    await _open_live(club, 1)
    seen["live page, opened"] = await _computed_ms(program, _open_live(club, DESKS), DESKS)
    await _calm(program)
    began, before = time.monotonic(), program.cpu_seconds()
    for pc in pcs:
        pc.close()
    await _until_silent(founded)
    seen["until all losses are written (by the clock)"] = time.monotonic() - began
    seen["a PC is lost with all others"] = 1000 * program.computed_since(before) / count
    return seen


async def _commands(club: ServedClub, pcs: Sequence[Pc], desk: wire.Http) -> dict[str, float]:
    arrivals = Arrivals()
    for pc in pcs:
        pc.frame_heard = carried_out_by(pc, arrivals)
    headers = f"Authorization: Bearer {club.owner_token}\r\nContent-Type: application/json\r\n"
    body = json.dumps({"text": MESSAGE}).encode()

    def click(computer_id: int) -> Awaitable[int]:
        return desk.ask(f"POST /api/v1/computers/{computer_id}/messages", headers, body)

    await took_ms(arrivals, click, len(pcs), 5)
    middle = 0.0

    async def all_of_them() -> None:
        nonlocal middle
        middle = percentile(await took_ms(arrivals, click, len(pcs), COMMANDS), 50)

    computed = await _computed_ms(club.program, all_of_them(), COMMANDS)
    return {"command, to its arrival (by the clock)": middle, "command": computed}


def _pages(club: ServedClub, desk: wire.Http) -> Callable[[int], Awaitable[None]]:
    async def ask(times: int) -> None:
        for _ in range(times):
            cookie = f"Cookie: lovhub_session={club.owner_token}\r\n"
            status = await desk.ask("GET /admin/computers", cookie)
            if status != http.HTTPStatus.OK:
                raise RuntimeError(f"the page was answered with {status}")

    return ask


async def _open_live(club: ServedClub, desks: int) -> None:
    """Open so many live pages, one after the other, until each has its first picture."""
    headers = f"Origin: https://localhost\r\nCookie: lovhub_session={club.owner_token}\r\n"
    for _ in range(desks):
        socket = await wire.open_socket(club.port, club.tls, lambda: wire.Socket("/live", headers))
        seen = asyncio.Event()
        socket.heard = lambda _text, seen=seen: seen.set()  # type: ignore[misc]
        await asyncio.wait_for(seen.wait(), PICTURE_SECONDS)
        socket.close()


async def _until_silent(founded: Founded) -> None:
    end = time.monotonic() + LOSS_SECONDS
    while time.monotonic() < end:
        with founded.club.read() as db:
            active = db.scalar(
                select(func.count()).where(PlaySession.state == "active").select_from(PlaySession)
            )
        if not active:
            return
        await asyncio.sleep(0.2)
    raise RuntimeError(f"{active} sittings are still held to be linked")


def take(sizes: Sequence[int] = SIZES) -> list[Costs]:
    """One hall after the other. Raises LeftOut where too few files may be open."""
    if as_many_as_fit(max((*SIZES, *sizes))) < max(sizes):
        raise LeftOut(f"fewer than {max(sizes)} files may be open here (ulimit -n)")
    taken = {}
    for size in sizes:
        with on_core(LOAD), tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
            founded, reports = found(Path(name) / "club", size)
            with hall.served(founded) as club:
                taken[size] = wire.run(look(founded, club, reports))
            founded.club.database.close()
        print(f"{size:,} PCs: done", flush=True)
    return gathered(taken, UNITS)
