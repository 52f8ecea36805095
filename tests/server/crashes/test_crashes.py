"""The server is killed at every commit of every operation of money and sittings: nothing is lost, nothing is doubled.

A real process with a real database file (or PostgreSQL) gets SIGKILL before a commit, or after it and before anybody
was answered. Then another process opens the club as a start of the server does, the PCs come back, and the client asks
again: what is to be seen then must be what is to be seen after an operation that nothing disturbed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import link
from lovhub.server.sessions.models import PlaySession
from tests.server.crashes import at_desk, at_pcs, by_kaspi  # noqa: F401 (they fill the table)
from tests.server.crashes.alike import LEASES, Told, differences, told
from tests.server.crashes.dying import Commits, killed
from tests.server.crashes.operations import harmless, operations
from tests.server.crashes.places import PostgresPlace, SqlitePlace
from tests.server.crashes.scene import Scene, made
from tests.server.crashes.table import SCENARIOS, Operation, Scenario
from tests.support.postgres import Emptied


def test_every_operation_is_tried() -> None:
    tried = {name for scenario in SCENARIOS for name in scenario.covers}
    needed = operations() - harmless()
    assert needed - tried == set(), "operations of money or sittings without a scenario"
    assert harmless() - operations() == set(), "gone, or no longer near money"


BALANCES = "SELECT balance FROM account_balance ORDER BY account_id"
MOMENTS = [(moment, step) for step in (1, 2, 3) for moment in ("before", "after")]


@dataclass(frozen=True)
class Left:
    """What a client and an auditor see in the end: the answer, every row of every table, what accounts hold."""

    answer: object
    tables: Told
    balances: list[int]
    asked_of_bank: list[str]

    def of(self, scenario: Scenario) -> tuple[object, ...]:
        """What must be the same, whatever happened between."""
        must = (self.answer, self.balances)
        if scenario.open_end:
            return must
        counts = {name: len(rows) for name, rows in self.tables.items()}
        return (*must, counts, self.asked_of_bank)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, SqlitePlace]]:
    folder = tmp_path_factory.mktemp("crashes")
    scene = made(folder)
    yield scene, SqlitePlace(scene.club.database, folder / "club.sqlite3")
    scene.club.database.close()


@pytest.fixture(scope="module")
def postgres(migrated_postgres: Emptied) -> Iterator[Database]:
    with migrated_postgres.database() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_it_has_happened_wholly_or_not_at_all(
    evening: tuple[Scene, SqlitePlace], postgres: Database, scenario: Scenario
) -> None:
    base, file = evening
    file.put_back()
    scene = base.again()
    operation = scenario.prepare(scene)
    asked = scene.bank.asked()
    here = SqlitePlace(scene.club.database, file.path)
    wanted = _undisturbed(replace(scene.club, database=here.database), scene, scenario, operation)
    for place in (here, PostgresPlace(postgres, here)):
        club = replace(scene.club, database=place.database)
        for moment, step in MOMENTS[: 2 * scenario.steps]:
            where = f"{place.database.engine.dialect.name}, killed {moment} commit {step}"
            place.put_back()
            scene.bank.remember(asked)
            if (moment, step) == ("before", 1):
                before = place.rows()
                killed(club, operation, **{moment: step})
                assert place.rows() == before, where
                continue
            killed(club, operation, **{moment: step})
            left = _seen_after_the_start(club, scene, scenario, operation)
            assert len(left.asked_of_bank) <= len(wanted.asked_of_bank), where
            assert left.of(scenario) == wanted.of(scenario), where
            if not (scenario.open_end or scenario.other_way):
                assert differences(wanted.tables, left.tables) == [], where


def _undisturbed(club: ClubContext, scene: Scene, scenario: Scenario, operation: Operation) -> Left:
    """What is to be seen after an operation that nothing disturbed, a start, and the same request once more."""
    with Commits().watched(club) as commits:
        first = operation(club)
    assert commits.by >= scenario.covers
    assert commits.count == scenario.steps
    left = _seen_after_the_start(club, scene, scenario, operation)
    if not scenario.again:
        assert left.answer == first
    return left


def _seen_after_the_start(
    club: ClubContext, scene: Scene, scenario: Scenario, operation: Operation
) -> Left:
    """The server starts, its PCs come back, the client asks again, twice."""
    club.database.close()
    link.recover_after_start(club)
    _assert_balanced(club)
    for session in _live(club):
        link.link_returned(
            club,
            computer_id=session.computer_id,
            boot_id="boot",
            report=scene.report(session.id, session.played_seconds),
            last_seen_at=club.clock.now(),
        )
    left = _left(club, scene, _answer(club, operation))
    if scenario.again:
        assert left.answer == scenario.again
    again = _left(club, scene, _answer(club, operation))
    assert again.of(scenario) == left.of(scenario)
    if not scenario.open_end:
        assert differences(left.tables, again.tables, but=LEASES) == []
    return left


def _answer(club: ClubContext, operation: Operation) -> object:
    try:
        return operation(club)
    except OperationRefused as refused:
        return refused.code


def _left(club: ClubContext, scene: Scene, answer: object) -> Left:
    with club.database.engine.connect() as connection:
        balances = connection.exec_driver_sql(BALANCES).scalars().all()
    return Left(answer, told(club.database), list(balances), scene.bank.asked())


def _live(club: ClubContext) -> list[PlaySession]:
    with club.read() as db:
        return list(
            db.scalars(
                select(PlaySession).where(PlaySession.state != "ended").order_by(PlaySession.id)
            )
        )


def _assert_balanced(club: ClubContext) -> None:
    with club.read() as db:
        assert check_ledger(db) == []
