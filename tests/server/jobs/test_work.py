"""What the server does by itself, on a real database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from structlog.testing import capture_logs

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM
from lovhub.server.bus import Bus, ConditionsChanged, News
from lovhub.server.club import service as club_service
from lovhub.server.computers import queries as computers
from lovhub.server.computers import service as computers_service
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.jobs.scheduler import Scheduler
from lovhub.server.jobs.work import server_jobs
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.live import Unattended
from lovhub.server.moving import rules as moving_rules
from lovhub.server.moving import service as moving
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People


@dataclass
class Links:
    linked: set[int] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)
    pcs: Unattended = field(default_factory=lambda: Unattended(frozenset(), frozenset()))

    def linked_computers(self) -> set[int]:
        return self.linked

    def unattended(self) -> Unattended:
        return self.pcs

    def drain_last_seen(self) -> dict[int, int]:
        seen, self.taken, self.seen = self.seen, self.seen, {}
        return seen

    def hand_out_again(self, computer_ids: Iterable[int]) -> None:
        self.seen |= {number: self.taken[number] for number in computer_ids}


@pytest.fixture
def links() -> Links:
    return Links()


@pytest.fixture
def scheduler(club: ClubContext, links: Links) -> Scheduler:
    return Scheduler(club.clock, server_jobs(club, links))


def alarms(club: ClubContext) -> list[tuple[str, int]]:
    with club.read() as db:
        return [(alarm.kind, alarm.data["moved_seconds"]) for alarm in db.scalars(select(Alarm))]


def pass_time(clock: ManualClock, scheduler: Scheduler, seconds: int) -> None:
    for _ in range(seconds):
        clock.advance(1)
        scheduler.run_due()


def test_a_pc_that_is_on_for_too_long_is_one_row_however_often_one_looks(
    club: ClubContext, people: People, clock: ManualClock, links: Links, scheduler: Scheduler
) -> None:
    links.pcs = Unattended(on={people.computer()}, open=frozenset())
    with club.write() as work:
        club_service.get(work.db, club.club_id).on_without_session_minutes = 10
    scheduler.run_due()
    for _ in range(3):
        clock.advance(700)
        scheduler.run_due()
    with club.read() as db:
        noted = db.scalars(select(Event).where(Event.kind == "computer.on_without_session")).all()
    assert [(event.computer_id, event.data) for event in noted] == [(1, {"seconds": 600})]


def test_the_session_clock_bills_linked_pcs_and_ends_what_is_over(
    club: ClubContext, clock: ManualClock, people: People, links: Links, scheduler: Scheduler
) -> None:
    computer_id = people.computer()
    links.linked.add(computer_id)
    customer_id = people.customer(balance_tiyn=200_000)
    session_id = sessions.buy(
        club,
        computer_id=computer_id,
        customer_id=customer_id,
        tariff_id=people.tariff(seconds=3600),
        key="hour",
        actor=CASHIER,
    )
    for _ in range(13):  # a lease is settled at each renewal, so the hour passes in steps
        scheduler.run_due()
        clock.advance(300)
    scheduler.run_due()
    assert people.session(session_id).state == "ended"
    assert people.session(session_id).played_seconds == 3600


def test_a_silent_pc_is_not_billed_by_the_clock(
    club: ClubContext, clock: ManualClock, people: People, scheduler: Scheduler
) -> None:
    session_id = sessions.buy(
        club,
        computer_id=people.computer(),
        customer_id=people.customer(balance_tiyn=200_000),
        tariff_id=people.tariff(seconds=3600),
        key="hour",
        actor=CASHIER,
    )
    clock.advance(600)
    scheduler.run_due()
    assert people.session(session_id).played_seconds == 0


def test_nothing_runs_before_there_is_a_club(
    database_url: str, clock: ManualClock, links: Links
) -> None:
    database = Database(database_url)
    club = ClubContext(
        database=database,
        clock=clock,
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),
        secret_key=bytes(32),
    )
    scheduler = Scheduler(clock, server_jobs(club, links))
    clock.wall_shift_seconds = 60
    with capture_logs() as logs:
        pass_time(clock, scheduler, 3)
    assert logs == []
    assert alarms(club) == []
    with club.write() as work:
        club_service.found_if_missing(work)
    clock.advance(1)
    with capture_logs() as logs:
        scheduler.run_due()
    assert logs == []
    assert alarms(club) == [("clock_moved", 60)]
    database.close()


def test_signs_of_life_are_written_down_in_batches(
    club: ClubContext, clock: ManualClock, people: People, links: Links, scheduler: Scheduler
) -> None:
    computer_id = people.computer()
    scheduler.run_due()
    links.seen[computer_id] = clock.now()
    seen_at = clock.now()
    pass_time(clock, scheduler, 5)
    with club.read() as db:
        assert computers.last_seen(db, club.club_id) == {computer_id: seen_at}


def test_a_sign_of_life_that_cannot_be_written_is_written_later(
    club: ClubContext,
    people: People,
    clock: ManualClock,
    links: Links,
    scheduler: Scheduler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def disk_is_full(*_given: object) -> None:
        raise OSError

    links.seen = {people.computer(): clock.now()}
    seen = dict(links.seen)
    with monkeypatch.context() as patch, capture_logs():
        patch.setattr(computers_service, "flush_last_seen", disk_is_full)
        pass_time(clock, scheduler, 6)
    with club.read() as db:
        assert computers.last_seen(db, club.club_id) == {}
    pass_time(clock, scheduler, 6)
    with club.read() as db:
        assert computers.last_seen(db, club.club_id) == seen


def test_a_kept_pc_is_let_go_when_its_time_has_come(
    club: ClubContext, clock: ManualClock, people: People, scheduler: Scheduler, news: list[News]
) -> None:
    conditions.keep(
        club, computer_ids=[people.computer()], for_whom="Аскар", customer_id=None,
        until_at=clock.now() + 20, actor=CASHIER,
    )  # fmt: skip
    news.clear()
    pass_time(clock, scheduler, 19)
    assert ConditionsChanged() not in news
    pass_time(clock, scheduler, 6)
    assert ConditionsChanged() in news


@pytest.mark.parametrize("moved", [-3600, 60])
def test_a_moved_clock_is_one_alarm(
    club: ClubContext, clock: ManualClock, scheduler: Scheduler, moved: int
) -> None:
    scheduler.run_due()
    clock.wall_shift_seconds = moved
    pass_time(clock, scheduler, 10)
    assert alarms(club) == [("clock_moved", moved)]


def test_drift_is_no_alarm(club: ClubContext, clock: ManualClock, scheduler: Scheduler) -> None:
    for _ in range(20):
        clock.wall_shift_seconds += 1
        pass_time(clock, scheduler, 1)
    assert alarms(club) == []


def test_an_alarm_that_could_not_be_written_is_written_later(
    club: ClubContext,
    clock: ManualClock,
    scheduler: Scheduler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheduler.run_due()
    clock.wall_shift_seconds = -3600
    with monkeypatch.context() as full_disk:

        def no_space(*_args: object, **_data: object) -> int:
            raise OSError("no space left")

        full_disk.setattr(journal, "raise_alarm", no_space)
        pass_time(clock, scheduler, 3)
    assert alarms(club) == []
    pass_time(clock, scheduler, 3)
    assert alarms(club) == [("clock_moved", -3600)]


def test_a_clock_set_back_while_no_server_ran_is_an_alarm(
    club: ClubContext, clock: ManualClock, links: Links
) -> None:
    with club.write() as work:
        journal.record(work, "tariff.created", SYSTEM)
    set_back = ManualClock(now=clock.now() - 7200)
    scheduler = Scheduler(set_back, server_jobs(replace(club, clock=set_back), links))
    scheduler.run_due()
    pass_time(set_back, scheduler, 3)
    assert alarms(club) == [("clock_moved", -7200)]


def test_an_ordinary_start_is_no_alarm(
    club: ClubContext, clock: ManualClock, scheduler: Scheduler
) -> None:
    with club.write() as work:
        journal.record(work, "tariff.created", SYSTEM)
    pass_time(clock, scheduler, 3)
    assert alarms(club) == []


def test_a_move_that_begins_when_nobody_has_moved_in_for_long_is_carried_on_soon(
    club: ClubContext, clock: ManualClock, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving_rules, "PART_CUSTOMERS", 1)
    pass_time(clock, scheduler, 60)
    content = b"login;balance\nsniper;100\nghost;0\nzerg;0\n"
    move_id = moving.bring(club, file_name="old.csv", content=content, actor=CASHIER)
    assert moving.bring_in(club, move_id=move_id, actor=CASHIER) == 1
    pass_time(clock, scheduler, 3)
    assert moving.bring_in(club, move_id=move_id, actor=CASHIER) == 3, "it is in by itself"


def test_what_is_written_is_sealed_and_where_nothing_came_the_blocks_are_not_read(
    club: ClubContext, clock: ManualClock, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    seal = journal_sealing.seal

    def noted(sealed: ClubContext, up_to: Mapping[str, int]) -> int:
        rows = seal(sealed, up_to)
        looks.append(rows)
        return rows

    monkeypatch.setattr(journal_sealing, "seal", noted)

    def sealed_in_half_a_minute() -> list[int]:
        looks.clear()
        for _ in range(6):
            clock.advance(5)
            scheduler.run_due()
        return list(looks)

    sealed_in_half_a_minute()
    assert sealed_in_half_a_minute() == []
    with club.write() as work:
        journal.record(work, "good.created", CASHIER, title="Кола", price_tiyn=100)
    assert sealed_in_half_a_minute() == [1, 0]
