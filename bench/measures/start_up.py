"""From the start of the server's process to its first page: with years of business in the database, and with none."""

import http.client
import ssl
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from bench import hall
from bench.filling import EMPTY, FULL, Scale, fill
from bench.frame import Result, Run
from bench.processes import LOAD, START_SECONDS, Program, on_core
from lovhub.server.ledger.models import LedgerTransfer
from tests.evening.processes import free_port
from tests.support.staff import StaffMaker

GOAL = "≤ 1.5 × an empty club"
RUNS = 3
LOOK_SECONDS = 0.02


def furnish(folder: Path, scale: Scale) -> int:
    """A club with all that has gathered in it; returns how many transfers that are."""
    club = hall.found_bare(folder)
    fill(club, scale, staff_id=StaffMaker(club).make("owner").id)
    with club.read() as db:
        transfers = db.scalars(select(func.count()).select_from(LedgerTransfer)).one()
    club.database.close()
    return transfers


class Started(NamedTuple):
    """From the start of the process to its first page: seconds, and those of its own computing."""

    seconds: float
    computing_seconds: float


def first_answer(folder: Path) -> Started:
    """Start the server, and ask for the sign-in page until it is there."""
    port = free_port()
    tls = hall.trusting(folder)
    words = ("serve", "--data", str(folder), "--host", "127.0.0.1", "--port", str(port))
    began = time.perf_counter()
    with Program("lovhub", *words) as program:
        while not _answers(port, tls):
            if time.perf_counter() - began > START_SECONDS:
                program.said(
                    "Запуск сервера в режиме HTTPS..."
                )  # tells of a program that has ended
                raise RuntimeError(f"no page within {START_SECONDS:g} s")
            time.sleep(LOOK_SECONDS)
        return Started(time.perf_counter() - began, program.cpu_seconds())


def _answers(port: int, tls: ssl.SSLContext) -> bool:
    connection = http.client.HTTPSConnection("localhost", port, context=tls, timeout=START_SECONDS)
    try:
        connection.request("GET", "/admin/login")
        return connection.getresponse().status == http.HTTPStatus.OK
    except ConnectionError:
        return False
    finally:
        connection.close()


def measure(folder: Path, scale: Scale, *, runs: int = RUNS) -> Result:
    """The large club and the empty one, by turns, after a start of each that does not count."""
    large, empty = folder / "large", folder / "empty"
    transfers = furnish(large, scale)
    furnish(empty, EMPTY)
    for club in (large, empty):
        first_answer(club)
    taken = []
    for _ in range(runs):
        ours, beside = first_answer(large).seconds, first_answer(empty).seconds
        taken.append(
            Run(ours=ours, baseline=beside, limit=beside, details={"transfers": transfers})
        )
    return Result("start_up", "s from the start to the first page", GOAL, taken)


def take() -> list[Result]:
    """Measure."""
    with on_core(LOAD), tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        return [measure(Path(name), FULL)]
