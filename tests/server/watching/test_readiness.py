"""`/readyz` says why the server cannot work; whoever asks all the time costs next to nothing."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.watching import readiness
from lovhub.server.watching.readiness import FRESH_SECONDS, Readiness


@contextmanager
def somebody_writes(club: ClubContext) -> Iterator[None]:
    """For as long as the block lasts, another transaction has what a write needs."""
    begun, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with club.database.write() as db:
            db.execute(text("UPDATE alembic_version SET version_num = version_num"))
            begun.set()
            enough.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def run(club: ClubContext, statement: str) -> None:
    with club.database.write() as db:
        db.execute(text(statement))


def test_what_is_wrong_is_said_as_a_code(club: ClubContext, clock: ManualClock) -> None:
    async def ask() -> list[str]:
        ready, found = Readiness(club.database, clock), []
        for statement in (
            "UPDATE alembic_version SET version_num = version_num",
            "UPDATE alembic_version SET version_num = '0001'",
            "ALTER TABLE alembic_version RENAME TO elsewhere",
        ):
            await asyncio.to_thread(run, club, statement)
            clock.advance(FRESH_SECONDS)
            found.append(await ready.problem())
        return found

    assert asyncio.run(ask()) == ["", "database_version", "database_not_writable"]


def test_it_is_answered_in_time_and_asked_once(
    club: ClubContext, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 600)

    async def ask() -> tuple[list[str], int, str, str]:
        ready = Readiness(club.database, clock)
        before = club.database.told().commits
        with somebody_writes(club):
            slow = list(await asyncio.gather(*(ready.problem() for _ in range(20))))
        monkeypatch.setattr(readiness, "DEADLINE_SECONDS", 600)
        now = await ready.problem()
        for _ in range(20):
            await ready.problem()
        written = club.database.told().commits - before
        monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 0.01)
        clock.advance(FRESH_SECONDS)
        with somebody_writes(club):
            busy = await ready.problem()
        return slow, written, now, busy

    slow, written, now, busy = asyncio.run(ask())
    assert slow == ["database_slow"] * 20
    # That of whoever was in the way, and ours.
    assert (written, now, busy) == (2, "", "database_busy")
