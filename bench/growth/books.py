"""What it costs to work in a club whose books have gathered so many transfers, and all else that gathers with them."""

import http
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import delete, func, select

from bench.frame import LeftOut
from bench.growth.clubs import Filled, filled, long_in_business
from bench.growth.costs import Costs, gathered, median_ms
from bench.measures.start_up import first_answer
from bench.sums import take_sums
from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server import memory
from lovhub.server.actor import SYSTEM
from lovhub.server.backups import service as backups_service
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers_service
from lovhub.server.customers.models import Customer
from lovhub.server.reports import service as reports_service
from lovhub.server.reports.models import ClosedDay
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions_service
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from tests.support.club import OWNER
from tests.support.web import WebAdmin

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
RUNS = 21
PAGE_RUNS = 6
STARTS = 3
SETTLE_SECONDS = 600
SETTLINGS = 5
BESET = 20
PAGES = {
    "page of a customer": "/admin/customers/1",
    "page of the PCs": "/admin/computers",
    "page of the journal": "/admin/logs",
    "suspicious, a week": "/admin/suspicious",
}
UNITS = {
    "start of the server": "s",
    "PC comes back": "ms",
    "top-up": "ms",
    "sale and seat": "ms",
    "settling a sitting": "ms",
    **dict.fromkeys(PAGES, "ms"),
    "closing a shift": "ms",
    "closing a day": "ms",
    "report of a month": "ms",
    "a month beside the bank": "ms",
    "comparing all books": "ms",
    "backup": "s",
}
SUMS = {
    "Закрытие смены": "closing a shift",
    "Отчёт за 30 дней": "report of a month",
    "Сверка с банком, 30 дней": "a month beside the bank",
    "Сверка всех книг": "comparing all books",
}
BYTES_PER_TRANSFER = 900
"""Of the disk, roughly: the database, its copy and what is between."""


@dataclass
class Desk:
    """The club at work: a browser of its owner, a clock that is moved by hand, PCs that count as linked."""

    filled: Filled
    club: ClubContext
    clock: ManualClock
    hub: Hub
    web: WebAdmin

    @classmethod
    def of(cls, filled: Filled) -> "Desk":
        """With all that a server knows by heart."""
        clock = ManualClock(filled.club.clock.now())
        club = replace(filled.club, clock=clock)
        hub = Hub(club, b"")
        hub.hall.load()
        for computer_id in range(1, filled.scale.computers + 1):
            hub.presence.link(computer_id, object(), "locked")
        return cls(filled, club, clock, hub, WebAdmin(club, hall=hub.hall))

    def come_back(self) -> float:
        """Milliseconds of a hello, as far as the books are asked: the PC's sitting goes on."""
        with self.club.read() as db:
            waiting = db.execute(
                select(PlaySession.id, PlaySession.computer_id, PlaySession.played_seconds).where(
                    PlaySession.state == "unreachable"
                )
            ).all()
        return median_ms(
            partial(
                link.link_returned,
                self.club,
                computer_id=computer_id,
                boot_id="boot",
                report=ReportedSession(session_id, 1, played, "boot", self.clock.now()),
            )
            for session_id, computer_id, played in waiting
        )

    def sell(self) -> tuple[float, float]:
        """Milliseconds of a top-up, and of a sale with the seat that follows."""
        scale = self.filled.scale
        free = [
            number
            for number in range(scale.playing + 1, scale.computers + 1)
            if number % BESET  # somebody says of every twentieth PC that it is broken, or kept
        ]
        with self.club.read() as db:
            playing = select(PlaySession.customer_id).where(IS_LIVE, PlaySession.customer_id > 0)
            people = db.scalars(
                select(Customer.id)
                .where(Customer.debt_account_id.is_(None), Customer.id.not_in(playing))
                .order_by(Customer.id)
                .limit(RUNS)
            ).all()
        pairs = list(zip(free, people, strict=False))
        top_up = median_ms(
            partial(
                customers_service.top_up, self.club, customer_id=customer_id, amount_tiyn=300_000,
                method="cash", key=f"growth-top-up-{customer_id}", actor=OWNER,
            )
            for _, customer_id in pairs
        )  # fmt: skip
        sale = median_ms(
            partial(
                sessions_service.buy, self.club, computer_id=computer_id, customer_id=customer_id,
                tariff_id=1, key=f"growth-sale-{customer_id}", actor=OWNER, night_leave="adult",
            )
            for computer_id, customer_id in pairs
        )  # fmt: skip
        return top_up, sale

    def settle(self) -> float:
        """Milliseconds of the clock's work for a sitting that is due."""
        linked = range(1, self.filled.scale.computers + 1)
        took = []
        for _ in range(SETTLINGS):
            self.clock.advance(SETTLE_SECONDS)
            began = time.process_time()
            touched = link.run_due(self.club, linked)
            if touched:
                took.append(1000 * (time.process_time() - began) / touched)
        return statistics.median(took)

    def look(self, path: str) -> float:
        """Milliseconds of a page."""
        browser = self.web.owner()

        def ask() -> None:
            answer = browser.get(path)
            if answer.status_code != http.HTTPStatus.OK:
                raise RuntimeError(f"{path}: {answer.status}")

        return median_ms([ask] * PAGE_RUNS)

    def close_the_day(self) -> float:
        """Milliseconds of summing up the last day that is over."""

        def again() -> None:
            reports_service.close_days(self.club)

        took = []
        for _ in range(SETTLINGS):
            with self.club.write() as work:
                last = select(func.max(ClosedDay.day_at)).scalar_subquery()
                work.db.execute(delete(ClosedDay).where(ClosedDay.day_at == last))
            took.append(median_ms([lambda: None, again]))
        return statistics.median(took)

    def back_up(self) -> float:
        """Seconds of a backup, checked."""
        began = time.process_time()
        backups_service.make(self.club, self.filled.folder, kind="by_hand", actor=SYSTEM)
        return time.process_time() - began


def look(filled: Filled, *, starts: int = STARTS) -> dict[str, float]:
    """All that UNITS names, of one club. First the real server's starts: after them its sittings wait for their PCs."""
    filled.club.database.close()
    began = [first_answer(filled.folder).computing_seconds for _ in range(starts)]
    desk = Desk.of(filled)
    memory.settle()
    seen = {"start of the server": statistics.median(began), "PC comes back": desk.come_back()}
    sums = take_sums(desk.club, filled.samples)
    seen |= {SUMS[one.name]: statistics.median(one.ours_ms) for one in sums}
    seen |= {name: desk.look(path) for name, path in PAGES.items()}
    seen["closing a day"] = desk.close_the_day()
    seen["top-up"], seen["sale and seat"] = desk.sell()
    seen["settling a sitting"] = desk.settle()
    seen["backup"] = desk.back_up()
    return seen


def take(sizes: Sequence[int] = SIZES) -> list[Costs]:
    """One club after the other. Raises LeftOut where the disk is too small for the largest, before an hour is spent."""
    most = max(sizes)
    if shutil.disk_usage(tempfile.gettempdir()).free < most * BYTES_PER_TRANSFER:
        raise LeftOut(
            f"the disk has no {most * BYTES_PER_TRANSFER / 1e9:.0f} GB for {most} transfers"
        )
    taken = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
            club = filled(Path(name) / "club", long_in_business(size))
            try:
                taken[club.transfers] = look(club)
            finally:
                club.club.database.close()
        print(f"{club.transfers:,} transfers: done", flush=True)
    return gathered(taken, UNITS)
