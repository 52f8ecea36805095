"""Postings of the ledger a second, each committed by itself and durable, beside the bare driver.

The bare driver says the very statements that ours said, with the same values, to a database like ours.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.frame import LeftOut, Result, Run
from bench.processes import LOAD, SERVER, on_core
from bench.statements import Transaction, raw, recorded
from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BALANCE
from lovhub.server.ledger.service import Account, Transfer
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.postgres import PostgresServer, running_postgres

GOAL = "≥ 0.6 × the bare driver with the same statements"
RUNS = 9
POSTINGS = 300

Make = Callable[[], str]
"""Makes a migrated database and gives its address; each is like the others."""


def post(club: ClubContext, cash: Account, balance: Account, count: int) -> float:
    """So many top-ups, each an operation of its own; returns how many a second."""
    began = time.perf_counter()
    for number in range(count):
        with club.write() as work:
            ledger.post(
                work,
                key=f"bench:{number}",
                kind="top_up",
                transfers=[Transfer(cash, balance, 50_000)],
                actor=SYSTEM,
            )
    return count / (time.perf_counter() - began)


def say_again(url: str, transactions: Sequence[Transaction]) -> float:
    """The same by the bare driver; returns how many a second."""
    with raw(url) as driver:
        began = time.perf_counter()
        for transaction in transactions:
            driver.say(transaction)
        return len(transactions) / (time.perf_counter() - began)


@contextmanager
def _club(url: str) -> Iterator[tuple[ClubContext, Account, Account]]:
    club = found_club(url, ManualClock())
    try:
        with club.write() as work:
            cash = ledger.club_account(work, CASH)
            balance = ledger.open_account(work, CUSTOMER_BALANCE)
        yield club, cash, balance
    finally:
        club.database.close()


def measure(name: str, make: Make, *, runs: int = RUNS, postings: int = POSTINGS) -> Result:
    """Ours and the bare driver by turns, on databases of their own."""
    with _club(make()) as (club, cash, balance), recorded(club.database) as said:
        post(club, cash, balance, postings)
    taken = []
    for _ in range(runs):
        with _club(make()) as (club, cash, balance):
            ours = post(club, cash, balance, postings)
        url = make()
        with _club(url):
            pass  # the same rows as the one before had
        bare = say_again(url, said)
        taken.append(Run(ours=ours, baseline=bare, limit=bare))
    return Result(name, "postings a second", GOAL, taken)


def take_sqlite() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder, on_core(LOAD):
        return [measure("postings_sqlite", sqlite_in(Path(folder)))]


def take_postgres() -> list[Result]:
    """Measure, on a PostgreSQL of our own that writes everything to the disk before it answers."""
    with on_core(LOAD), ExitStack() as stack:
        with on_core(SERVER):
            try:
                server = stack.enter_context(running_postgres(durable=True))
            except FileNotFoundError as error:
                raise LeftOut("no PostgreSQL is installed") from error
        return [measure("postings_postgres", postgres_on(server))]


def postgres_on(server: PostgresServer) -> Make:
    """Makes databases of this server, which go with it."""
    template = server.template("migrated", _migrate)
    return lambda: server.url(server.create_database(template))


def sqlite_in(folder: Path) -> Make:
    """Makes databases in files of this folder."""
    made = iter(range(1_000_000))
    return lambda: new_sqlite(folder / f"{next(made)}.sqlite3")


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()
