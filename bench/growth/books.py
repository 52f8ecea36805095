"""What it costs to work in a club whose books have gathered so many transfers, and all else that gathers with them."""

import http
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import psutil
from sqlalchemy import delete, func, select

from bench.frame import LeftOut
from bench.growth.clubs import Filled, filled, long_in_business
from bench.growth.computing import Computing, WithPostgres, own
from bench.growth.costs import Costs, gathered, median_ms
from bench.measures.start_up import first_answer
from bench.sums import Sum, sums_of
from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server import memory
from lovhub.server.actor import SYSTEM
from lovhub.server.backups import service as backups_service
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers_service
from lovhub.server.customers.models import Customer
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from lovhub.server.reports import service as reports_service
from lovhub.server.reports.models import ClosedDay
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions_service
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from tests.support.club import OWNER
from tests.support.postgres import PostgresServer, running_postgres
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
BYTES_PER_TRANSFER_IN_POSTGRES = 1_600


@dataclass
class Desk:
    """The club at work: a browser of its owner, a clock that is moved by hand, PCs that count as linked."""

    filled: Filled
    club: ClubContext
    clock: ManualClock
    hub: Hub
    web: WebAdmin
    computing: Computing

    @classmethod
    def of(cls, filled: Filled, computing: Computing) -> "Desk":
        """With all that a server knows by heart."""
        clock = ManualClock(filled.club.clock.now())
        club = replace(filled.club, clock=clock)
        hub = Hub(club, b"")
        hub.hall.load()
        for computer_id in range(1, filled.scale.computers + 1):
            hub.presence.link(computer_id, object(), "locked")
        return cls(filled, club, clock, hub, WebAdmin(club, hall=hub.hall), computing)

    def come_back(self) -> float:
        """Milliseconds of a hello, as far as the books are asked: the PC's sitting goes on."""
        with self.club.read() as db:
            waiting = db.execute(
                select(PlaySession.id, PlaySession.computer_id, PlaySession.played_seconds).where(
                    PlaySession.state == "unreachable"
                )
            ).all()
        hellos = [
            partial(
                link.link_returned,
                self.club,
                computer_id=computer_id,
                boot_id="boot",
                report=ReportedSession(session_id, 1, played, "boot", self.clock.now()),
            )
            for session_id, computer_id, played in waiting
        ]
        return median_ms(hellos, self.computing)

    def take_sums(self) -> dict[str, float]:
        """Milliseconds of each of SUMS."""

        def read(one: Sum) -> None:
            with self.club.read() as db:
                one.ours(db)

        return {
            SUMS[one.name]: statistics.median(
                1000 * self.computing(partial(read, one)) for _ in range(one.runs)
            )
            for one in sums_of(self.club, self.filled.samples)
        }

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
        top_ups = [
            partial(
                customers_service.top_up, self.club, customer_id=customer_id, amount_tiyn=300_000,
                method="cash", key=f"growth-top-up-{customer_id}", actor=OWNER,
            )
            for _, customer_id in pairs
        ]  # fmt: skip
        sales = [
            partial(
                sessions_service.buy, self.club, computer_id=computer_id, customer_id=customer_id,
                tariff_id=1, key=f"growth-sale-{customer_id}", actor=OWNER, night_leave="adult",
            )
            for computer_id, customer_id in pairs
        ]  # fmt: skip
        return median_ms(top_ups, self.computing), median_ms(sales, self.computing)

    def settle(self) -> float:
        """Milliseconds of the clock's work for a sitting that is due."""
        linked = range(1, self.filled.scale.computers + 1)
        took = []
        for _ in range(SETTLINGS):
            self.clock.advance(SETTLE_SECONDS)
            touched: list[int] = []
            seconds = self.computing(lambda: touched.append(link.run_due(self.club, linked)))  # noqa: B023
            if touched[0]:
                took.append(1000 * seconds / touched[0])
        return statistics.median(took)

    def look(self, path: str) -> float:
        """Milliseconds of a page."""
        browser = self.web.owner()

        def ask() -> None:
            answer = browser.get(path)
            if answer.status_code != http.HTTPStatus.OK:
                raise RuntimeError(f"{path}: {answer.status}")

        return median_ms([ask] * PAGE_RUNS, self.computing)

    def close_the_day(self) -> float:
        """Milliseconds of summing up the last day that is over."""

        def again() -> None:
            reports_service.close_days(self.club)

        took = []
        for _ in range(SETTLINGS):
            with self.club.write() as work:
                last = select(func.max(ClosedDay.day_at)).scalar_subquery()
                work.db.execute(delete(ClosedDay).where(ClosedDay.day_at == last))
            took.append(1000 * self.computing(again))
        return statistics.median(took)

    def back_up(self) -> float:
        """Seconds of a backup, checked."""
        return self.computing(
            partial(
                backups_service.make, self.club, self.filled.folder, kind="by_hand", actor=SYSTEM
            )
        )


def look(filled: Filled, *, starts: int = STARTS, computing: Computing = own) -> dict[str, float]:
    """All that UNITS names, of one club. First the real server's starts: after them its sittings wait for their PCs."""
    filled.club.database.close()
    began = [_start(filled, computing) for _ in range(starts)]
    desk = Desk.of(filled, computing)
    memory.settle()
    seen = {"start of the server": statistics.median(began), "PC comes back": desk.come_back()}
    seen |= desk.take_sums()
    seen |= {name: desk.look(path) for name, path in PAGES.items()}
    seen["closing a day"] = desk.close_the_day()
    seen["top-up"], seen["sale and seat"] = desk.sell()
    seen["settling a sitting"] = desk.settle()
    seen["backup"] = desk.back_up()
    return seen


def _start(filled: Filled, computing: Computing) -> float:
    """Seconds of the server's own until its first answer, and of PostgreSQL's.

    Looking whether it answers is not counted: a server that has been waited for is a child of this process, too.
    """
    if computing is own:
        return first_answer(filled.folder).computing_seconds
    return computing(partial(first_answer, filled.folder))


def take(sizes: Sequence[int] = SIZES) -> list[Costs]:
    """One club in SQLite after the other."""
    _room(sizes, BYTES_PER_TRANSFER)
    taken: dict[int, dict[str, float]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
            _take(taken, filled(Path(name) / "club", long_in_business(size)), own)
    return gathered(taken, UNITS)


def take_on_postgres(sizes: Sequence[int] = SIZES) -> list[Costs]:
    """One club after the other in a PostgreSQL of its own. Raises LeftOut where none is installed."""
    _room(sizes, BYTES_PER_TRANSFER_IN_POSTGRES)
    taken: dict[int, dict[str, float]] = {}
    for size in sizes:
        with (
            ExitStack() as stack,
            tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name,
        ):
            try:
                server = stack.enter_context(running_postgres())
            except FileNotFoundError as error:
                raise LeftOut(str(error)) from error
            computing, url = _alone(server)
            club = filled(Path(name) / "club", long_in_business(size), url)
            _take(taken, club, computing)
    return gathered(taken, UNITS)


def _alone(server: PostgresServer) -> tuple[Computing, str]:
    """A migrated database, and what counts; its own vacuum, which comes when it likes, would be counted as ours."""
    with server.connect() as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")
        postmaster = psutil.Process(connection.info.backend_pid).ppid()
    url = server.url(server.create_database())
    database = Database(url)
    migrate(database)
    database.close()
    return WithPostgres(postmaster), url


def _take(taken: dict[int, dict[str, float]], club: Filled, computing: Computing) -> None:
    try:
        taken[club.transfers] = look(club, computing=computing)
    finally:
        club.club.database.close()
    print(f"{club.transfers:,} transfers: done", flush=True)


def _room(sizes: Sequence[int], bytes_per_transfer: int) -> None:
    """Raises LeftOut where the disk is too small for the largest, before an hour is spent."""
    most = max(sizes) * bytes_per_transfer
    if shutil.disk_usage(tempfile.gettempdir()).free < most:
        raise LeftOut(f"the disk has no {most / 1e9:.0f} GB for {max(sizes)} transfers")
