from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bench import hall as served_hall
from bench import wire
from bench.filling import EMPTY, FULL
from bench.growth import books, hall
from bench.growth.clubs import filled
from bench.growth.computing import WithPostgres, own
from bench.growth.costs import Costs, gathered, table
from bench.measures import start_up
from lovhub.server.customers.service import top_up
from lovhub.server.ledger.check import check_ledger
from tests.bench.conftest import WarmProgram
from tests.support.club import OWNER
from tests.support.postgres import PostgresServer

SMALL = replace(
    FULL, computers=12, customers=40, sales=300, launches=900, days=40, tariffs=3,
    applications=6, playing=5, alarms=20, commands_per_computer=2, moved=10, renewals=2, promos=3,
    codes_per_promo=4,
)  # fmt: skip


def test_what_costs_the_same_has_no_exponent_and_a_square_has_two() -> None:
    assert Costs("same", "ms", {10: 3.0, 100: 3.0}).exponents == [0]
    square = Costs("square", "ms", {100: 500.0, 10: 5.0})
    assert square.exponents == [pytest.approx(2)]
    assert square.is_too_steep


def test_n_log_n_is_not_too_steep() -> None:
    assert not Costs("sorted", "ms", {1_000: 3_000.0, 10_000: 40_000.0}).is_too_steep


def test_only_the_last_step_counts() -> None:
    assert not Costs("warmed up", "ms", {10: 1.0, 100: 1_000.0, 1_000: 1_100.0}).is_too_steep
    assert not Costs("once", "ms", {10: 1.0}).is_too_steep


def test_a_table_says_the_cost_at_each_size_and_the_way_to_the_next() -> None:
    taken = {10: {"page": 2.0}, 100: {"page": 20.0}}
    assert table(gathered(taken, {"page": "ms"}), "rows") == [
        "| rows | 10 | 100 | unit | to 100 |",
        "|---|--:|--:|---|--:|",
        "| page | 2 | 20 | ms | +1.00 |",
    ]


def test_all_of_a_clubs_books_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_up, "Program", WarmProgram)
    club = filled(tmp_path / "club", SMALL)
    try:
        seen = books.look(club, starts=1)
    finally:
        club.club.database.close()
    assert seen.keys() == books.UNITS.keys()
    assert min(seen.values()) >= 0


def test_a_club_is_filled_in_postgresql_as_it_is_in_a_file(
    tmp_path: Path, migrated_postgres_url: str
) -> None:
    in_file = filled(tmp_path / "file", EMPTY)
    there = filled(tmp_path / "there", EMPTY, migrated_postgres_url)
    try:
        assert there.transfers == in_file.transfers
        # New numbers are numbers that nobody has.
        top_up(there.club, customer_id=1, amount_tiyn=100, method="cash", key="new", actor=OWNER)
        with there.club.read() as db:
            assert check_ledger(db) == []
    finally:
        in_file.club.database.close()
        there.club.database.close()


def test_what_postgresql_computes_is_counted(postgres_server: PostgresServer) -> None:
    with postgres_server.connect() as connection:
        counted = WithPostgres(psutil.Process(connection.info.backend_pid).ppid())
    with postgres_server.connect() as connection:
        sums = "SELECT sum(i % 7) FROM generate_series(1, 300000) AS i"
        ours, seconds = 0.0, 0.0

        def ask() -> None:
            nonlocal ours
            ours = own(lambda: connection.execute(sums))

        seconds = counted(ask)
    assert seconds > 2 * ours


def test_all_of_a_hall_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_hall, "Program", WarmProgram)
    monkeypatch.setattr(hall, "CALM_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(hall, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(hall, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(hall, "COMMANDS", 2)
    founded, reports = hall.found(tmp_path / "club", 2)
    with served_hall.served(founded) as club:
        seen = wire.run(hall.look(founded, club, reports))
    founded.club.database.close()
    assert seen.keys() == hall.UNITS.keys()
