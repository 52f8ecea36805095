"""Twice as much as the club can bear: what it lets go, and what it keeps.

First the greatest load of pages and reports is looked for that is answered, all of it and soon; then twice that is
offered, while PCs beat, guests are seated and money comes in. Part of `make siege` (bench/siege.py).
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import wire
from bench.hall import Pc, ServedClub

LOOKED_AT: tuple[tuple[str, str], ...] = (
    ("report", "/admin/reports?period=30"),
    ("page", "/admin/tariffs"),
    ("page", "/admin/applications"),
    ("page", "/admin/customers"),
    ("desk", "/admin/computers"),
)
"""In turn: so much of each as people look at; by their rank."""

FIRST_A_SECOND = 8.0
STEP = 1.4
MOST_A_SECOND = 400.0
TRY_SECONDS = 4.0
SETTLE_SECONDS = 6.0
SOON_SECONDS = 1.0
TWICE_SECONDS = 30.0
"""Longer than it takes until people are told (`pressure/rules.py`)."""

BROWSERS = 20
"""From so many addresses pages are looked at: of one of them only ten would be let wait."""

DEED_SECONDS = 0.5
GIVE_UP_SECONDS = 30.0
TOP_UP_TIYN = 10_000

Beats = Callable[[list[Pc], float], Awaitable[list[float]]]
"""Has PCs beat for so many seconds; gives the milliseconds until each was answered."""


Said = Mapping[str, object]


@dataclass
class Answers:
    """What came of what was asked: seconds by rank, of those that were answered; statuses by rank."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    first_away: dict[str, float] = field(default_factory=dict)
    """By rank, when the first of it was turned away, in seconds from the beginning."""

    began: float = field(default_factory=time.monotonic)

    def note(self, rank: str, status: int, seconds: float) -> None:
        """One of them."""
        self.statuses[rank, status] += 1
        if status < 400:
            self.seconds.setdefault(rank, []).append(seconds)
        else:
            self.first_away.setdefault(rank, time.monotonic() - self.began)

    def turned_away(self, rank: str) -> int:
        """How many of this rank."""
        return sum(n for (of, status), n in self.statuses.items() if of == rank and status >= 400)

    def all_are_answered_soon(self) -> bool:
        """Nobody is turned away, and of a hundred ninety-five wait no longer than SOON_SECONDS."""
        waits = sorted(second for seconds in self.seconds.values() for second in seconds)
        return (
            bool(waits)
            and all(status < 400 for _rank, status in self.statuses)
            and waits[int(len(waits) * 0.95) - 1] <= SOON_SECONDS
        )

    def said(self, rank: str) -> str:
        """For people."""
        waits = self.seconds.get(rank, [])
        away = self.turned_away(rank)
        middle = f"median {median(waits) * 1000:.0f} ms" if waits else "none answered"
        first = f", the first after {self.first_away[rank]:.1f} s" if away else ""
        return f"{rank} {len(waits)} answered ({middle}), {away} turned away{first}"


class Browsers:
    """Ask for pages at a pace, whether the ones before have been answered or not."""

    def __init__(self, club: ServedClub) -> None:
        self._club = club
        self._idle: list[list[wire.Http]] = [[] for _ in range(BROWSERS)]
        self._headers = f"Cookie: lovhub_session={club.owner_token}\r\n"

    async def look(self, a_second: float, seconds: float) -> Answers:
        """So many a second, for so long; what has not been answered then is waited for."""
        answers = Answers()
        began = time.monotonic()
        asked: set[asyncio.Task[None]] = set()
        number = 0
        while (now := time.monotonic() - began) < seconds:
            while number < now * a_second:
                task = asyncio.create_task(self._one(number, answers))
                asked.add(task)
                task.add_done_callback(asked.discard)
                number += 1
            await asyncio.sleep(0.005)
        if asked:
            await asyncio.wait(asked)
        return answers

    async def _one(self, number: int, answers: Answers) -> None:
        rank, path = LOOKED_AT[number % len(LOOKED_AT)]
        browser = number % BROWSERS
        idle = self._idle[browser]
        http = idle.pop() if idle else wire.Http(
            self._club.port, self._club.tls, from_address=f"127.0.3.{1 + browser}"
        )  # fmt: skip
        began = time.monotonic()
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                status = await http.ask(f"GET {path}", self._headers)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            http.close()
            answers.note(rank, 599, time.monotonic() - began)
            return
        answers.note(rank, status, time.monotonic() - began)
        idle.append(http)


class Desk:
    """Sells and looks after the club, as a program with the owner's token."""

    def __init__(self, club: ServedClub) -> None:
        self._http = wire.Http(club.port, club.tls)
        self._token = club.owner_token
        self._number = 0
        self.waits: list[float] = []
        self.refused: list[int] = []

    async def set_up(self) -> None:
        """Something to sell, and somebody to sell to."""
        await self._told(
            "POST", "/tariffs", {"title": "Час", "seconds": 3600, "price_tiyn": 50_000}
        )
        await self._told("POST", "/customers", {"login": "sniper", "password": "домбыра-7"})

    async def work(self, computers: Sequence[int], seconds: float) -> None:
        """Seat a guest at one PC after the other, and take a customer's money in between."""
        free = list(computers)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._number += 1
            began = time.monotonic()
            said: Said = {"method": "cash", "key": f"deed-{self._number:08}"}
            if free and self._number % 2:
                path, said = f"/computers/{free.pop()}/guests", {**said, "tariff_id": 1}
            else:
                path, said = "/customers/1/top-ups", {**said, "amount_tiyn": TOP_UP_TIYN}
            status, _ = await self._ask("POST", path, said)
            self.waits.append(time.monotonic() - began)
            if status >= 400:
                self.refused.append(status)
            await asyncio.sleep(max(0.0, began + DEED_SECONDS - time.monotonic()))

    async def told(self) -> tuple[bool, bool]:
        """Whether the page of the server's condition tells of it, and whether an alarm does."""
        status, alarms = await self._told("GET", "/status"), await self._told("GET", "/alarms")
        return "LV-W017" in status, '"overloaded"' in alarms

    async def _told(self, method: str, path: str, said: Said | None = None) -> str:
        status, body = await self._ask(method, path, said)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {body}")
        return body

    async def _ask(self, method: str, path: str, said: Said | None = None) -> tuple[int, str]:
        body = json.dumps(said).encode() if said else b""
        headers = f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
        status = await self._http.ask(f"{method} /api/v1{path}", headers, body)
        return status, self._http.body.decode()


class Metrics:
    """What a program that watches the server is told meanwhile, each second."""

    def __init__(self, club: ServedClub) -> None:
        self._http = wire.Http(club.port, club.tls)
        self.levels: list[int] = []
        self.turned_away: dict[str, int] = {}

    async def watch(self, seconds: float) -> None:
        """Look for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if await self._http.ask("GET /metrics") == 200:
                text = self._http.body.decode()
                level = re.search(r"^lovhub_overload_level (\S+)$", text, re.MULTILINE)
                self.levels.append(int(float(level[1])) if level else 0)
                found = re.findall(
                    r'^lovhub_turned_away_total\{rank="(\w+)"\} (\S+)$', text, re.MULTILINE
                )
                self.turned_away = {rank: int(float(count)) for rank, count in found}
            await asyncio.sleep(1)


async def sustainable(browsers: Browsers) -> float:
    """The greatest load, in pages a second, that is answered wholly and soon."""
    a_second, best = FIRST_A_SECOND, 0.0
    while a_second <= MOST_A_SECOND:
        answers = await browsers.look(a_second, TRY_SECONDS)
        if not answers.all_are_answered_soon():
            break
        best, a_second = a_second, a_second * STEP
    await asyncio.sleep(SETTLE_SECONDS)
    return best


async def hold(club: ServedClub, pcs: list[Pc], beats: Beats) -> bool:
    """All of it, printed; whether everything that matters was kept, and said where it is looked for."""
    browsers, desk, metrics = Browsers(club), Desk(club), Metrics(club)
    await desk.set_up()
    best = await sustainable(browsers)
    answers, waits, _, _ = await asyncio.gather(
        browsers.look(2 * best, TWICE_SECONDS),
        beats(pcs, TWICE_SECONDS),
        desk.work([pc.computer_id for pc in pcs], TWICE_SECONDS),
        metrics.watch(TWICE_SECONDS),
    )
    waits = sorted(waits)
    lost = sum(wait == float("inf") for wait in waits) + sum(pc.is_lost for pc in pcs)
    on_the_page, by_alarm = await desk.told()
    print(f"sustainable: {best:.0f} pages a second; offered: {2 * best:.0f}")
    for rank in ("report", "page", "desk"):
        print(f"  {answers.said(rank)}")
    print(f"  heartbeats {len(waits)}, p99 {waits[int(len(waits) * 0.99) - 1]:.1f} ms, lost {lost}")
    print(
        f"  guests and money: {len(desk.waits)} done, {len(desk.refused)} refused {desk.refused[:5]},"
        f" median {median(desk.waits) * 1000:.0f} ms, longest {max(desk.waits) * 1000:.0f} ms"
    )
    print(
        f"  metrics: level {max(metrics.levels, default=0)}, turned away {metrics.turned_away};"
        f" on the server's page: {on_the_page}; an alarm: {by_alarm}",
        flush=True,
    )
    says_so = max(metrics.levels, default=0) > 0 and on_the_page and by_alarm
    return not lost and not desk.refused and not answers.turned_away("desk") and says_so
