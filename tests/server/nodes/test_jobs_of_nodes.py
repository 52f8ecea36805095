"""What one of several servers does for all: once, and when it is gone another does it, once as well."""

from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from lovhub.clock import ManualClock
from lovhub.server.backups.keeper import Keeper, Restorations
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Scheduler
from lovhub.server.jobs.work import server_jobs
from lovhub.server.ledger.check import check_ledger
from lovhub.server.live import Unattended
from lovhub.server.nodes import place as place_module
from lovhub.server.nodes.place import Place
from lovhub.server.payments import bank, bank_days
from lovhub.server.payments import rules as payment_rules
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.reconciling import Line
from lovhub.server.payments.settling import settle
from lovhub.server.sessions import service as sessions
from tests.server.payments.bank_month import kept_days
from tests.server.payments.scripted import OneByOne, ask, at_work, paid
from tests.support.club import OWNER, People
from tests.support.databases import only_postgres as database_url

__all__ = ["database_url"]

HOUR, DAY = 3600, 24 * 3600


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

    def hand_out_again(self, computer_ids: Iterable[int]) -> None:
        pass


@pytest.fixture
def places(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Place, Place]]:
    """Two servers, the first of which leads; both look when they are told to."""
    monkeypatch.setattr(place_module, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(place_module, "LEASE_SECONDS", 3600.0)
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


def die(place: Place, url: str) -> None:
    """PostgreSQL ends its connection, as if the server were gone; the server does not know yet."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as there:
        there.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s",
            [place._name],
        )


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
    die(places[0], migrated_postgres_url)
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


def test_a_night_has_one_backup_whoever_leads_and_dies(
    club: ClubContext, places: tuple[Place, Place], clock: ManualClock, migrated_postgres_url: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    keepers = [Keeper(club, tmp_path / name, Restorations()) for name in ("first", "second")]
    for keeper in keepers:
        keeper.data.mkdir()
    schedulers = [
        Scheduler(clock, keeper.jobs(place.leads_database), place.leads)
        for keeper, place in zip(keepers, places, strict=True)
    ]

    def look_all() -> list[int]:
        for keeper, scheduler in zip(keepers, schedulers, strict=True):
            scheduler.run_due()
            keeper.wait()
        return [len(keeper.backups()) for keeper in keepers]

    clock.advance(DAY)
    assert look_all() == [1, 0]
    clock.advance(HOUR)
    assert look_all() == [1, 0]
    die(places[0], migrated_postgres_url)
    places[1].look()
    assert look_all() == [1, 0], "the dead one has made tonight's"
    # The next one is due when nobody but the second is there.
    places[0].look()
    clock.advance(DAY)
    assert look_all() == [1, 1]
    clock.advance(HOUR)
    assert look_all() == [1, 1]


def test_registries_and_the_bank_s_days_are_kept_while_servers_are_there_and_one_leads(
    club: ClubContext, places: tuple[Place, Place], clock: ManualClock
) -> None:
    assert [place.leads() for place in places] == [True, False]
    lines = [Line(clock.now(), "42", 500_00)]
    clock.advance(3 * DAY)
    bank.keep_lines(club, file_name="registry.csv", lines=lines, actor=OWNER)
    bank_days.keep_days(club)
    assert len(kept_days(club)) == 3


def test_the_bank_is_asked_once_about_each_payment_whoever_asks_and_dies(
    club: ClubContext, places: tuple[Place, Place], clock: ManualClock, migrated_postgres_url: str
) -> None:
    bank, customer = OneByOne(), People(club).customer()
    for ref in ("42", "43"):
        ask(club, bank, customer, key=ref)
        settle(club, bank, paid(ref=ref))
        bank.answers[ref] = paid(ref=ref)
    pollers = [Poller(club, at_work(bank)) for _ in places]
    first, second = (
        Scheduler(clock, poller.night_jobs(), place.leads)
        for poller, place in zip(pollers, places, strict=True)
    )
    clock.advance(payment_rules.asked_again_at(clock.now()) - clock.now())
    for scheduler in (second, first, second):
        scheduler.run_due()
    assert bank.asked == ["42"]
    die(places[0], migrated_postgres_url)
    places[1].look()
    second.run_due()
    assert bank.asked == ["42", "43"]
    for _ in range(3):
        clock.advance(60)
        for scheduler in (first, second):  # the first does not know yet that it is dead
            scheduler.run_due()
    assert bank.asked == ["42", "43"]
    for poller in pollers:
        poller.close()
