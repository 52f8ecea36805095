"""A player signs in and begins to play: how many a second, the password's hash apart, beside SQL written by hand.

By hand means: the bare driver writes the same rows, in the same transactions, and asks for nothing but the login.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from sqlalchemy import select

from bench.frame import Result, Run
from bench.processes import LOAD, on_core
from bench.statements import Transaction, only_writing, raw, recorded
from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.bus import Bus
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers_service
from lovhub.server.customers.models import Customer
from lovhub.server.database.engine import Database
from lovhub.server.sessions import service as sessions_service
from lovhub.server.staff import passwords
from tests.support.club import OWNER, People, found_club
from tests.support.databases import new_sqlite

GOAL = "≥ 0.5 × SQL written by hand that writes the same rows"
RUNS = 15
"""Of nine, the ratio came out anywhere from 0.42 to 0.54 on one morning."""
PLAYERS = 100
LOGIN = "SELECT id, name, password_hash FROM customer WHERE club_id = 1 AND login_key = ?"


def prepare(path: Path, players: int) -> ClubContext:
    """A club with so many PCs and players, each of whom has an hour."""
    club = found_club(new_sqlite(path), ManualClock())
    people = People(club)
    for number in range(1, players + 1):
        customer_id = people.customer()
        people.computer()
        customers_service.give_time(
            club,
            customer_id=customer_id,
            seconds=3600,
            title="1 час",
            reason="замер скорости",
            key=str(number),
            actor=OWNER,
        )
    club.database.close()
    return club


def _is_right(_hash: str, _password: str) -> bool:
    return True


def _is_old(_hash: str) -> bool:
    return False


def begin_all(club: ClubContext, logins: Sequence[str]) -> float:
    """Each signs in at a PC of their own and plays; returns how many a second."""
    # Both connections are open before the clock runs, as the one is by hand.
    with club.read(), club.write():
        pass
    with (
        mock.patch.object(passwords, "verify_password", _is_right),
        mock.patch.object(passwords, "needs_rehash", _is_old),
    ):
        began = time.perf_counter()
        for computer_id, login in enumerate(logins, 1):
            customer_id = customers_service.check_credentials(
                club, login=login, password="", address="127.0.0.1"
            )
            actor = Actor("customer", customer_id, "Ерлан", address="127.0.0.1")
            customers_service.note_sign_in(club, computer_id=computer_id, actor=actor)
            session_id = sessions_service.begin_for_customer(
                club, computer_id=computer_id, customer_id=customer_id, actor=actor
            )
            if session_id is None:
                raise RuntimeError(f"{login} does not play")
        return len(logins) / (time.perf_counter() - began)


def begin_all_by_hand(
    url: str, transactions: Sequence[Transaction], logins: Sequence[str]
) -> float:
    """The same rows by the bare driver; returns how many sign-ins a second."""
    with raw(url) as driver:
        began = time.perf_counter()
        each = len(transactions) // len(logins)
        for number, login in enumerate(logins):
            driver.ask(LOGIN, (login,))
            for transaction in transactions[number * each : (number + 1) * each]:
                driver.say(transaction)
        return len(logins) / (time.perf_counter() - began)


@contextmanager
def _copy(prepared: Path, club: ClubContext, path: Path) -> Iterator[ClubContext]:
    shutil.copyfile(prepared, path)
    database = Database(f"sqlite:///{path}")
    try:
        yield ClubContext(database, club.clock, Bus(), club.identity, club.secret_key)
    finally:
        database.close()


def measure(folder: Path, *, runs: int = RUNS, players: int = PLAYERS) -> Result:
    """Ours and by hand by turns, on copies of one club."""
    prepared = folder / "prepared.sqlite3"
    club = prepare(prepared, players)
    with club.read() as db:
        logins = list(db.scalars(select(Customer.login).order_by(Customer.id)))
    club.database.close()
    with _copy(prepared, club, folder / "said.sqlite3") as copy, recorded(copy.database) as said:
        begin_all(copy, logins)
    written = only_writing(said)
    taken = []
    for number in range(runs):
        with _copy(prepared, club, folder / f"ours-{number}.sqlite3") as copy:
            ours = begin_all(copy, logins)
        path = folder / f"hand-{number}.sqlite3"
        shutil.copyfile(prepared, path)
        by_hand = begin_all_by_hand(f"sqlite:///{path}", written, logins)
        taken.append(Run(ours=ours, baseline=by_hand, limit=by_hand))
    return Result("session_start", "starts of a session a second", GOAL, taken)


def take() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder, on_core(LOAD):
        return [measure(Path(folder))]
