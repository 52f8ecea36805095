"""What an evening of one customer costs our server, PostgreSQL and its disk: played by the real operations.

Everybody comes at once and plays an hour on a PC of their own, so that what is measured is evenings and nothing else: a
top-up in cash, the sign-in (its password's hash apart), an hour bought and begun, the lease renewed by the session
clock, two programs, and the end with the time.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import psutil
import psycopg
from sqlalchemy import event, text

from lovhub.clock import ManualClock
from lovhub.protocol.entries import ApplicationExited, ApplicationStarted
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.database.engine import Database
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.intake import apply_entries
from lovhub.server.staff import passwords
from tests.support.club import OWNER, People, found_club
from tests.support.postgres import PostgresServer

PLAYED_SECONDS = 3600
PRICE_TIYN = 50_000
PROGRAMS = 2


@dataclass(frozen=True)
class EveningCosts:
    """Means of one evening. Seconds are of computing (one core); bytes are what the disk keeps or is told."""

    node_seconds: float
    postgres_seconds: float
    transactions: float
    statements: float
    wal_bytes: float
    kept_bytes: float
    """Tables and indexes, by what they have grown."""


def played(server: PostgresServer, url: str, evenings: int) -> EveningCosts:
    """Play so many evenings in the migrated database at `url`."""
    clock = ManualClock()
    club = found_club(url, clock)
    try:
        people = People(club)
        seats = [(people.computer(), people.customer()) for _ in range(evenings)]
        tariff_id = people.tariff(seconds=PLAYED_SECONDS, price_tiyn=PRICE_TIYN)
        application_id = people.application()
        _vacuum(club)
        before = _disk(club)
        with _counted(club.database) as said, _computing(server) as computed:
            _play(club, clock, seats, tariff_id, application_id)
        _vacuum(club)
        after = _disk(club)
    finally:
        club.database.close()
    each = 1 / evenings
    return EveningCosts(
        node_seconds=computed["node"] * each,
        postgres_seconds=computed["postgres"] * each,
        transactions=said["transactions"] * each,
        statements=said["statements"] * each,
        wal_bytes=computed["wal"] * each,
        kept_bytes=(after - before) * each,
    )


def _play(
    club: ClubContext,
    clock: ManualClock,
    seats: list[tuple[int, int]],
    tariff_id: int,
    application_id: int,
) -> None:
    playing: list[tuple[int, int]] = []
    with (
        mock.patch.object(passwords, "verify_password", return_value=True),
        mock.patch.object(passwords, "needs_rehash", return_value=False),
    ):
        for number, (computer_id, customer_id) in enumerate(seats):
            customers.top_up(
                club,
                customer_id=customer_id,
                amount_tiyn=PRICE_TIYN,
                method="cash",
                key=f"evening:{number}:paid",
                actor=OWNER,
            )
            with club.read() as db:
                login = db.get_one(Customer, customer_id).login
            customers.check_credentials(club, login=login, password="", address="127.0.0.1")
            actor = Actor("customer", customer_id, "Ерлан", address="127.0.0.1")
            customers.note_sign_in(club, computer_id=computer_id, actor=actor)
            session_id = sessions.buy(
                club,
                computer_id=computer_id,
                customer_id=customer_id,
                tariff_id=tariff_id,
                key=f"evening:{number}:bought",
                actor=actor,
            )
            playing.append((computer_id, session_id))
    linked = {computer_id for computer_id, _ in playing}
    for computer_id, session_id in playing:
        for program in range(PROGRAMS):
            started, exited = 2 * program + 1, 2 * program + 2
            now = clock.now()
            _report(club, computer_id, ApplicationStarted(started, now, application_id, session_id))
            _report(
                club, computer_id, ApplicationExited(exited, now, application_id, session_id, 60)
            )
    ends_at = clock.now() + PLAYED_SECONDS
    while clock.now() < ends_at:
        clock.advance(min(60, ends_at - clock.now()))
        link.run_due(club, linked)


def _report(
    club: ClubContext, computer_id: int, entry: ApplicationStarted | ApplicationExited
) -> None:
    apply_entries(club, computer_id=computer_id, entries=[entry])


@contextmanager
def _counted(database: Database) -> Iterator[dict[str, int]]:
    """How many transactions were committed meanwhile, and how many statements said."""
    counts = {"transactions": 0, "statements": 0}

    def say(*_: object) -> None:
        counts["statements"] += 1

    def commit(*_: object) -> None:
        counts["transactions"] += 1

    event.listen(database.engine, "before_cursor_execute", say)
    event.listen(database.engine, "commit", commit)
    try:
        yield counts
    finally:
        event.remove(database.engine, "before_cursor_execute", say)
        event.remove(database.engine, "commit", commit)


@contextmanager
def _computing(server: PostgresServer) -> Iterator[dict[str, float]]:
    """Seconds that this process and PostgreSQL computed meanwhile, and the bytes of WAL."""
    found: dict[str, float] = {}
    with server.connect() as asking:
        node, postgres, written = time.process_time(), _postgres_seconds(asking), _wal(asking)
        yield found
        found["node"] = time.process_time() - node
        found["postgres"] = _postgres_seconds(asking) - postgres
        found["wal"] = _wal(asking) - written


def _postgres_seconds(asking: "psycopg.Connection[tuple[object, ...]]") -> float:
    """Of all its processes, those that have ended included."""
    backend = psutil.Process(asking.info.backend_pid)
    postmaster = backend.parent()
    if postmaster is None:
        raise RuntimeError("PostgreSQL is gone")
    own = postmaster.cpu_times()
    seconds = own.user + own.system + own.children_user + own.children_system
    for process in postmaster.children():
        times = process.cpu_times()
        seconds += times.user + times.system
    return seconds


def _wal(asking: "psycopg.Connection[tuple[object, ...]]") -> float:
    row = asking.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()
    if row is None:
        raise RuntimeError("PostgreSQL did not say where its log is")
    return float(str(row[0]))


def _disk(club: ClubContext) -> int:
    with club.read() as db:
        return int(
            db.scalar(
                text(
                    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
                    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                )
            )
        )


def _vacuum(club: ClubContext) -> None:
    """What was only written over is free again, and is not counted as kept."""
    with club.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM"))
