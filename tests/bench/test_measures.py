import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench import beside, wire
from bench.beside import Beside
from bench.filling import EMPTY
from bench.frame import Result
from bench.hall import ServedClub, found, link
from bench.measures import (
    command_push,
    heartbeats,
    live_page,
    postings,
    session_start,
    start_up,
    ten_thousand,
)
from lovhub.server.database.engine import Database
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerPosting
from tests.bench.conftest import WarmProgram


def assert_taken(result: Result) -> None:
    assert result.runs
    for run in result.runs:
        assert min(run.ours, run.baseline, run.limit) > 0


def test_heartbeats_are_answered_by_all_four(served: ServedClub, bare: Beside) -> None:
    with (
        beside.first_sketch(served.folder) as sketch,
        beside.picows(served.folder) as picows,
    ):
        result = wire.run(heartbeats.measure(served, sketch, bare, picows, runs=1, seconds=0.05))
    assert_taken(result)
    assert result.runs[0].details["picows"] > 0


def test_a_command_arrives_from_all_three(served: ServedClub, bare: Beside) -> None:
    assert_taken(wire.run(command_push.measure(served, bare, runs=1, commands=2)))


def test_all_that_are_linked_are_answered(served: ServedClub, bare: Beside) -> None:
    few = {"runs": 1, "seconds": 0.06, "every_seconds": 0.04, "rounds": 3}
    ours = wire.run(ten_thousand.look(served.program, lambda: link(served), **few))
    beside = wire.run(
        ten_thousand.look(bare.program, lambda: ten_thousand.link_bare(bare, 2), **few)
    )
    waits, memory, hour = ten_thousand.results(ours, beside)
    assert_taken(waits)
    assert_taken(hour)
    assert hour.runs[0].details["answered"] == 3 * ours.pcs
    assert "more_than_bare" in memory.written()["runs"][0]


def test_an_hour_is_pressed_together_for_no_longer_than_it_may(served: ServedClub) -> None:
    async def pressed() -> ten_thousand.Hour:
        pcs = await link(served)
        return await ten_thousand.press(served.program, pcs, rounds=1_000_000, seconds=0.3)

    hour = wire.run(pressed())
    assert 0 < hour.answered < 1_000_000
    # Two PCs beat 720 times in an hour.
    assert hour.took_seconds * hour.answered / 720 >= 0.3
    assert hour.computed_seconds > 0


def test_live_pages_hear_of_a_busy_hall(tmp_path: Path) -> None:
    founded = found(tmp_path / "club", 2)
    playing = live_page.play(founded, 1)
    few = {"runs": 1, "seconds": 0.3, "live_seconds": 0.3, "every_seconds": 0.1}
    with live_page.counted(founded) as (club, figures):
        (run,) = wire.run(live_page.measure(club, playing, figures, **few)).runs
        assert figures().loop > 0
        assert figures().threads > 0
        # In so short a time nothing need change: what live pages cost may be nothing, and less than that by chance.
        assert run.ours < run.baseline
        assert run.baseline > 0
        assert run.details["reload_bytes_a_minute"] > 0


def test_a_server_is_started_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_up, "Program", WarmProgram)
    assert start_up.furnish(tmp_path / "club", EMPTY) > 0
    assert min(start_up.first_answer(tmp_path / "club")) > 0
    assert list((tmp_path / "club" / "logs").iterdir())  # it has run on this club


def test_a_session_begins_by_hand_as_it_does_by_ours(tmp_path: Path) -> None:
    result = session_start.measure(tmp_path, runs=1, players=2)
    assert_taken(result)
    # By hand, the same rows are there.
    assert rows_of(tmp_path / "hand-0.sqlite3") == rows_of(tmp_path / "ours-0.sqlite3")
    assert rows_of(tmp_path / "ours-0.sqlite3")["play_session"] == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_bare_driver_books_the_same_postings(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    urls: list[str] = []
    if kind == "sqlite":
        make = postings.sqlite_in(tmp_path)
    else:
        make = postings.postgres_on(request.getfixturevalue("postgres_server"))

    def make_and_note() -> str:
        urls.append(make())
        return urls[-1]

    assert_taken(postings.measure("postings", make_and_note, runs=1, postings=3))
    assert len(urls) == 3  # said, ours, bare
    for url in urls:
        database = Database(url)
        with database.read() as db:
            assert check_ledger(db) == []
            assert db.scalar(select(func.count()).select_from(LedgerPosting)) == 3
        database.close()


def rows_of(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as file:
        names = [
            name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {name: file.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608
