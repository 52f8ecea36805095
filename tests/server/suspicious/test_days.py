"""What is kept of whole days says what the events and alarms themselves say."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import delete, func, select, update

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm
from lovhub.server.journal.sentences import sentence
from lovhub.server.reports import service as reports
from lovhub.server.sessions.models import PlaySession
from lovhub.server.shifts import service as shifts
from lovhub.server.shifts.service import Count
from lovhub.server.staff import people as staff
from lovhub.server.suspicious import days
from lovhub.server.suspicious import service as suspicious
from lovhub.server.suspicious.models import SuspiciousDay
from lovhub.server.suspicious.queries import Counted, Report
from lovhub.server.suspicious.tally import tally
from lovhub.server.suspicious.telling import tell
from lovhub.server.without_agent import service as without_agent
from lovhub.server.without_agent.rules import Plan
from tests.server.nodes.test_bus import eventually
from tests.support.club import OWNER, People
from tests.support.databases import number_of_waiting
from tests.support.staff import hire
from tests.support.statements import asked
from tests.support.suspicious import told as suspicious_lines

HOUR = 3600
DAY = 24 * HOUR


def counted(club: ClubContext, from_at: int = 0, until_at: int | None = None) -> Counted:
    now = club.clock.now()
    with club.read() as db:
        until_at = now + 1 if until_at is None else until_at
        return Report(db, club.club_id, from_at, until_at, now).count()


def keep(club: ClubContext) -> None:
    """As the server's job does."""
    suspicious.keep_leads(club)
    days.keep_days(club)


def kept_days(club: ClubContext) -> int:
    with club.read() as db:
        return db.scalar(select(func.count()).select_from(SuspiciousDay)) or 0


def without_them(club: ClubContext, *period: int) -> Counted:
    """The same, had nothing been kept."""
    with club.write() as work:
        rows = work.db.execute(select(SuspiciousDay.day_at, SuspiciousDay.sums)).all()
        work.db.execute(delete(SuspiciousDay))
    found = counted(club, *period)
    with club.write() as work:
        work.db.add_all(
            SuspiciousDay(club_id=work.club_id, day_at=day_at, sums=sums) for day_at, sums in rows
        )
    return found


def give_bonus(club: ClubContext, customer_id: int, actor: Actor, amount_tiyn: int = 100) -> None:
    with club.write() as work:
        journal.record(work, "bonus.given", actor, customer_id=customer_id, amount_tiyn=amount_tiyn)


class Life:
    """A club in which everything happens that the report tells of, in whatever order `random` has it."""

    def __init__(self, club: ClubContext, people: People, clock: ManualClock, seed: int) -> None:
        self.club, self.clock, self.random = club, clock, Random(seed)
        self.staff = [hire(club, name) for name in ("Данияр", "Аскар")]
        self.customer, self.pcs = people.customer(), [people.computer(), people.computer()]
        self.began_at = clock.now()
        self.shift: int | None = None
        self.on: dict[int, int] = {}

    def step(self) -> None:
        """Something happens, and some time passes."""
        happenings: list[Callable[[], None]] = [
            self._gives, self._alarm, self._late_alarm, self._unattended, self._shift,
            self._without_agent, self._signs_in,
        ]  # fmt: skip
        self.random.choice(happenings)()
        self.clock.advance(self.random.choice([0, 60, HOUR, 5 * HOUR, 20 * HOUR]))

    def _gives(self) -> None:
        who = self.random.choice([*self.staff, SYSTEM])
        give_bonus(self.club, self.customer, who, self.random.randrange(1, 900))

    def _alarm(self, at: int | None = None) -> None:
        kind = self.random.choice(["launcher_killed", "payment_unmatched", "backup_failed"])
        with self.club.write() as work:
            journal.raise_alarm(work, kind, computer_id=self.pcs[0], at=at)

    def _late_alarm(self) -> None:
        """A PC had no link."""
        now = self.clock.now()
        self._alarm(self.random.randint(max(self.began_at, now - 5 * DAY), now))

    def _unattended(self) -> None:
        with self.club.write() as work:
            kind = "computer.on_without_session"
            journal.record(work, kind, SYSTEM, computer_id=self.pcs[0], seconds=60)

    def _shift(self) -> None:
        if self.shift is None:
            who = self.random.choice(self.staff)
            self.shift = shifts.open_shift(self.club, counted_tiyn=0, actor=who)
        else:
            count = Count(self.random.choice([0, 500]), note="забыли")
            shifts.close(self.club, shift_id=self.shift, count=count, actor=OWNER)
            self.shift = None

    def _signs_in(self) -> None:
        with self.club.write() as work:
            journal.record(work, "staff.signed_in", self.random.choice(self.staff))

    def _without_agent(self) -> None:
        """A PC is seen on, goes on being so, or is seen no more."""
        pc, now = self.random.choice(self.pcs), self.clock.now()
        if pc not in self.on:
            began_at = max(self.began_at, now - self.random.randrange(2 * DAY))
            self.on[pc] = now
            plan = Plan(begun={pc: (began_at, now)}, still={}, over=())
        elif self.random.random() < 0.5:
            self.on[pc] = max(now, self.on[pc])
            plan = Plan(begun={}, still={pc: self.on[pc]}, over=())
        else:
            del self.on[pc]
            plan = Plan(begun={}, still={}, over=(pc,))
        without_agent.note(self.club, plan)


@pytest.mark.parametrize("seed", range(4))
def test_days_that_are_kept_change_nothing(
    club: ClubContext, people: People, clock: ManualClock, seed: int
) -> None:
    life = Life(club, people, clock, seed)
    most_kept = 0
    for number in range(150):
        life.step()
        if number in (60, 100):  # the club's clock is set right, which the job finds within seconds
            clock.advance(-life.random.randrange(3 * DAY))
            keep(club)
        elif life.random.random() < 0.2:
            keep(club)
        if number % 10 == 9:
            most_kept = max(most_kept, kept_days(club))
            first, last = sorted(
                life.random.randint(life.began_at - DAY, clock.now() + DAY) for _ in range(2)
            )
            for period in ((0, clock.now() + 1), (first, last)):
                assert counted(club, *period) == without_them(club, *period), (number, period)
    assert most_kept > 14


def test_who_is_counted_is_who_is_in_the_lines(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    life = Life(club, people, clock, 99)
    for _ in range(120):
        life.step()
    keep(club)
    assert kept_days(club)
    with club.read() as db:
        report = Report(db, club.club_id, 0, clock.now() + 1, clock.now())
        lines = report.find()
        of_lines = tally((one.person_id, one.judged) for one in lines.findings)
        names = {one.id: one.name for one in life.staff if one.id is not None}
        assert (lines.whole_from_at, report.count().people) == (None, of_lines.people(names))
        for enough in (1, 5, 40):
            found = report.find(enough=enough)
            assert len(found.findings) >= min(enough, len(lines.findings))
            assert found.findings == lines.findings[: len(found.findings)]
        for person in (life.staff[0].id, None):
            for group in ("bonus", "computer", "no_agent", ""):
                wanted = [
                    one
                    for one in lines.findings
                    if group in ("", one.judged.group) and person in (None, one.person_id)
                ]
                assert report.find(group=group, person_id=person).findings == wanted


def test_more_lines_than_are_shown_are_counted(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer = people.customer()
    for _ in range(3):
        with club.write() as work:
            for _ in range(2_000):
                journal.record(work, "bonus.given", OWNER, customer_id=customer, amount_tiyn=1)
        clock.advance(DAY)
    told = counted(club)
    assert told.whole_from_at is not None, "nothing is kept yet"
    keep(club)
    assert kept_days(club) == 3
    assert counted(club).whole_from_at is None
    (everybody,) = counted(club).people
    assert (everybody.counts["bonus"], everybody.amount_tiyn) == (6_000, 6_000)


def test_a_pc_whose_clock_is_wrong_undoes_no_year_and_puts_nothing_where_nobody_looks(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, customer, pc = hire(club, "Данияр"), people.customer(), people.computer()
    give_bonus(club, customer, cashier)
    clock.advance(50 * DAY)
    for _ in range(5):
        keep(club)
    for at in (-(10**15), 0):
        with club.write() as work:
            journal.raise_alarm(work, "launcher_killed", computer_id=pc, at=at)
    assert kept_days(club) == 50
    with club.read() as db:
        lines = tell(db, suspicious_lines(club, clock.now()))
    assert [sentence(line.row) for line in lines] == [
        "Тревога: лаунчер остановлен, агент его вернул; когда, неизвестно: время на ПК неверно"
    ] * 2
    with club.write() as work:
        journal.raise_alarm(work, "launcher_killed", computer_id=pc, at=clock.now() - 29 * DAY)
    assert kept_days(club) == 21
    for _ in range(5):
        keep(club)
    assert counted(club) == without_them(club)


def test_what_is_dated_before_the_club_s_first_event_is_counted_from_itself(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """As an alarm of a PC with a wrong clock was, before such were set right."""
    cashier, customer = hire(club, "Данияр"), people.customer()
    with club.write() as work:
        work.db.add(Alarm(club_id=work.club_id, at=0, kind="launcher_killed", data={}))
    give_bonus(club, customer, cashier)
    clock.advance(3 * DAY)
    keep(club)
    assert kept_days(club) == 3
    for from_at in (0, DAY, clock.now() - 2 * DAY):
        assert counted(club, from_at) == without_them(club, from_at, clock.now() + 1)


def test_who_signed_in_as_a_cashier_answers_as_one_whatever_they_have_become_since(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, owner, pc = hire(club, "Данияр"), hire(club, "Айгуль", "owner"), people.computer()
    with club.write() as work:
        journal.record(work, "staff.signed_in", cashier)
    clock.advance(60)
    with club.write() as work:
        journal.raise_alarm(work, "launcher_killed", computer_id=pc)
    clock.advance(2 * DAY)
    keep(club)
    staff.change(
        club, staff_id=cashier.id or 0, name="Данияр", role="technician", language="ru", actor=owner
    )
    assert [one.name for one in counted(club).people] == ["Данияр"]
    assert counted(club) == without_them(club)


def test_what_somebody_has_put_into_the_file_is_not_taken_for_what_was_counted(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    give_bonus(club, people.customer(), hire(club, "Данияр"))
    clock.advance(3 * DAY)
    keep(club)
    told = counted(club)
    with club.write() as work:
        work.db.execute(update(SuspiciousDay).values(sums=b"[]"))
    assert counted(club) != told
    journal.accept_rows(club)
    assert (kept_days(club), counted(club)) == (0, told)
    keep(club)
    assert (kept_days(club), counted(club)) == (3, told)


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_accepts_what_stands_there_waits_in_no_ring_with_a_pc_that_hands_in_an_alarm(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc = people.computer()
    give_bonus(club, people.customer(), OWNER)
    clock.advance(3 * DAY)
    keep(club)
    with ThreadPoolExecutor() as pool:
        with club.write() as work:
            work.db.execute(update(PlaySession).values(revision=PlaySession.revision))
            accepts = pool.submit(journal.accept_rows, club)
            eventually(lambda: number_of_waiting(club) == 1)
            journal.raise_alarm(work, "launcher_killed", computer_id=pc, at=clock.now() - DAY)
        accepts.result()
    assert kept_days(club) == 0


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_pcs_that_hand_in_the_same_things_in_another_order_wait_in_no_ring(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pcs = [people.computer(), people.computer()]
    give_bonus(club, people.customer(), OWNER)
    clock.advance(3 * DAY)
    keep(club)
    reports.sum_up(club)
    yesterday = clock.now() - DAY
    halfway = Barrier(2, timeout=2)

    def hand_in(pc: int, first: str) -> None:
        with club.write() as work:
            for what in ("alarm", "program") if first == "alarm" else ("program", "alarm"):
                if what == "alarm":
                    journal.raise_alarm(work, "launcher_killed", computer_id=pc, at=yesterday)
                else:
                    reports.reopen(work, yesterday)
                with contextlib.suppress(BrokenBarrierError):  # one waits for the other
                    halfway.wait()

    with ThreadPoolExecutor() as pool:
        both = [
            pool.submit(hand_in, pc, first)
            for pc, first in zip(pcs, ("alarm", "program"), strict=True)
        ]
        for one in both:
            one.result()
    assert kept_days(club) == 2


def test_a_long_period_is_counted_with_no_more_statements_than_a_short_one(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, customer = hire(club, "Данияр"), people.customer()
    shifts.open_shift(club, counted_tiyn=0, actor=cashier)

    def statements() -> int:
        with asked(club) as said:
            counted(club, clock.now() - 365 * DAY)
        return len(said)

    def days_pass(count: int) -> None:
        for _ in range(count):
            give_bonus(club, customer, cashier)
            clock.advance(DAY)
        keep(club)

    days_pass(3)
    short = statements()
    days_pass(40)
    keep(club)
    keep(club)
    assert (kept_days(club), statements()) == (43, short)


def test_a_renamed_person_is_one_and_what_nobody_of_the_staff_did_is_one(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    cashier, customer = hire(club, "Данияр"), people.customer()
    give_bonus(club, customer, cashier)
    clock.advance(2 * DAY)
    keep(club)
    give_bonus(club, customer, Actor(kind="staff", id=cashier.id, name="Данияр А."))
    give_bonus(club, customer, SYSTEM)
    give_bonus(club, customer, Actor(kind="guest", name="Гость 3"))
    told = [(one.id, one.name, one.counts["bonus"]) for one in counted(club).people]
    assert told == [(None, "", 2), (cashier.id, "Данияр", 2)]
