"""The session clock of several servers: one bills, and when it is gone another does, the same seconds once."""

from collections.abc import Container, Iterator
from contextlib import ExitStack, closing

import psycopg
import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Scheduler
from lovhub.server.jobs.work import server_jobs
from lovhub.server.ledger.check import check_ledger
from lovhub.server.live import Unattended
from lovhub.server.nodes import place as place_module
from lovhub.server.nodes.place import Place
from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People
from tests.support.databases import only_postgres as database_url

__all__ = ["database_url"]

HOUR = 3600


class AllLinked:
    """What the jobs need of the channel: here all PCs are linked."""

    def __init__(self, computer_ids: Container[int]) -> None:
        self._computer_ids = computer_ids

    def linked_computers(self) -> Container[int]:
        return self._computer_ids

    def unattended(self) -> Unattended:
        return Unattended(frozenset(), frozenset())

    def drain_last_seen(self) -> dict[int, int]:
        return {}


@pytest.fixture
def places(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Place, Place]]:
    """Two servers, the first of which leads; both look when they are told to."""
    monkeypatch.setattr(place_module, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(place_module, "SILENT_SECONDS", 3600)
    with ExitStack() as stack:
        first, second = (stack.enter_context(closing(Place())) for _ in range(2))
        for number, place in enumerate((first, second), start=1):
            place.enter(migrated_postgres_url)
            place.be_node(number)
            if number == 1:
                place.let_others_come()
            place.look()
        yield first, second


def test_what_is_done_once_is_done_by_the_one_that_leads_and_taken_over_when_it_dies(
    club: ClubContext, places: tuple[Place, Place], clock: ManualClock, migrated_postgres_url: str
) -> None:
    people = People(club)
    computer, customer = people.computer(), people.customer(balance_tiyn=1_000_00)
    session = sessions.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=people.tariff(seconds=HOUR),
        key="an hour", actor=OWNER,
    )  # fmt: skip
    jobs = [server_jobs(club, AllLinked({computer})) for _ in places]
    own = {job.name for job in jobs[0] if job.everywhere}
    assert not own & {"session_clock", "sums", "seal_ledger", "seal_logs", "expiry", "retention"}
    first, second = (
        Scheduler(clock, its_jobs, place.leads)
        for its_jobs, place in zip(jobs, places, strict=True)
    )
    for _ in range(5):
        clock.advance(600)
        for scheduler in (second, first, second):
            scheduler.run_due()
    clock.advance(601)
    second.run_due()
    assert people.session(session).state == "active", "not its turn while another leads"
    with psycopg.connect(migrated_postgres_url.replace("+psycopg", ""), autocommit=True) as there:
        there.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s",
            [places[0]._name],
        )
    places[1].look()
    second.run_due()
    assert (people.session(session).state, people.session(session).played_seconds) == (
        "ended",
        HOUR,
    )
    # The first one does not know yet that it is dead to the others.
    clock.advance(1)
    first.run_due()
    assert people.session(session).played_seconds == HOUR
    with club.read() as db:
        assert check_ledger(db) == []
