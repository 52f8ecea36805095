"""A small club in which anything may happen: no second is played on two PCs, unless a person released it.

The PCs here are simulated to the second with what a PC really has: a lease, a count of its own, a journal
that may miss the last tick, a link that comes and goes. What they truly play is compared with the books.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from lovhub.clock import ManualClock
from lovhub.protocol import JOURNAL_TICK_SECONDS
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.database.engine import Database
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import link, moves, queries, service
from lovhub.server.sessions.models import Hold, PlaySession
from tests.support.club import CASHIER, People, found_another_club

CLUB_IDS = itertools.count(1)
EXPECTED_REFUSALS = {
    "already_elsewhere",
    "computer_busy",
    "no_time_left",
    "not_enough_money",
    "session_over",
    "session_unreachable",
    "session_not_paused",
    "session_not_unreachable",
}
WAIT = st.integers(0, 700)
PLAYER = Actor(kind="customer", id=0)


@dataclass
class Machine:
    """A PC with its agent: plays by its lease, whatever the server thinks."""

    computer_id: int
    linked: bool = True
    boot: int = 1
    session_id: int | None = None
    running: bool = False
    played: int = 0
    lease: int = 0
    truly_played: int = 0

    def pass_time(self, seconds: int) -> None:
        """Play on to the end of the lease, no further."""
        if self.running:
            step = min(seconds, max(0, self.lease - self.played))
            self.played += step
            self.truly_played += step


class WorldMachine(RuleBasedStateMachine):
    """Two customers, three PCs."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.club = found_another_club(self.database, self.clock, club_id=next(CLUB_IDS))
        people = People(self.club)
        self.customers = [people.customer(balance_tiyn=500_000) for _ in range(2)]
        self.machines = [Machine(people.computer()) for _ in range(3)]
        self.tariff = people.tariff(seconds=1500)
        self.keys = itertools.count()
        self.forgotten = 0  # seconds that a journal's last tick did not hold
        self.released = 0  # seconds that a person released
        for pc, who in ((0, 0), (1, 1)):
            self.buy(pc, who, 0)

    def _refresh(self, machine: Machine) -> None:
        """The server's news reach a linked PC."""
        if not machine.linked:
            return
        with self.club.read() as db:
            here = queries.pc_session(db, self.club.club_id, machine.computer_id, self.clock.now())
        if here is None or here.lease is None:
            machine.running = False
            machine.session_id = None
        else:
            machine.running = True
            machine.session_id = here.view.session_id
            machine.played = here.view.played_seconds
            machine.lease = here.lease.seconds

    def _refresh_all(self) -> None:
        for machine in self.machines:
            self._refresh(machine)

    def _wait(self, seconds: int) -> None:
        """Let time pass before something happens: in steps, as the session clock sees it."""
        while seconds > 0:
            step = min(seconds, 250)
            self._pass(step)
            seconds -= step

    def _pass(self, seconds: int) -> None:
        self.clock.advance(seconds)
        for machine in self.machines:
            machine.pass_time(seconds)
        link.run_due(self.club, {m.computer_id for m in self.machines if m.linked})
        self._refresh_all()

    @rule(pc=st.integers(0, 2), who=st.integers(0, 1), wait=WAIT)
    def sign_in(self, pc: int, who: int, wait: int) -> None:
        self._wait(wait)
        machine = self.machines[pc]
        if machine.linked:
            self._try(
                lambda: service.begin_for_customer(
                    self.club,
                    computer_id=machine.computer_id,
                    customer_id=self.customers[who],
                    actor=PLAYER,
                )
            )

    @rule(pc=st.integers(0, 2), who=st.integers(0, 1), wait=WAIT)
    def buy(self, pc: int, who: int, wait: int) -> None:
        self._wait(wait)
        machine = self.machines[pc]
        if machine.linked:
            self._try(
                lambda: service.buy(
                    self.club,
                    computer_id=machine.computer_id,
                    customer_id=self.customers[who],
                    tariff_id=self.tariff,
                    key=f"buy:{self.club.club_id}:{next(self.keys)}",
                    actor=PLAYER,
                )
            )

    @rule(pc=st.integers(0, 2), what=st.sampled_from(["pause", "resume", "end", "move"]), wait=WAIT)
    def desk_acts(self, pc: int, what: str, wait: int) -> None:
        self._wait(wait)
        session_id = self._session_on(self.machines[pc])
        if session_id is None:
            return
        if what == "pause":
            self._try(lambda: service.pause(self.club, session_id=session_id, actor=CASHIER))
        elif what == "resume":
            if self.machines[pc].linked:
                self._try(lambda: service.resume(self.club, session_id=session_id, actor=CASHIER))
        elif what == "end":
            self._try(
                lambda: service.end(
                    self.club, session_id=session_id, actor=CASHIER, reason="ended_by_desk"
                )
            )
        else:
            target = self.machines[(pc + 1) % 3]
            if target.linked:
                self._try(
                    lambda: moves.move(
                        self.club,
                        session_id=session_id,
                        to_computer_id=target.computer_id,
                        actor=CASHIER,
                    )
                )

    @rule(pc=st.integers(0, 2), wait=WAIT)
    def the_link_breaks(self, pc: int, wait: int) -> None:
        self._wait(wait)
        machine = self.machines[pc]
        if machine.linked:
            machine.linked = False
            link.link_lost(self.club, computer_id=machine.computer_id)

    @rule(pc=st.integers(0, 2), lost_tick=st.integers(0, JOURNAL_TICK_SECONDS), wait=WAIT)
    def the_power_goes(self, pc: int, lost_tick: int, wait: int) -> None:
        self._wait(wait)
        machine = self.machines[pc]
        if machine.linked:
            link.link_lost(self.club, computer_id=machine.computer_id)
        machine.linked = False
        machine.boot += 1
        if machine.running:
            forgotten = min(lost_tick, machine.played)
            machine.played -= forgotten
            self.forgotten += forgotten
        machine.running = False

    @rule(pc=st.integers(0, 2), wait=WAIT)
    def the_pc_returns(self, pc: int, wait: int) -> None:
        self._wait(wait)
        machine = self.machines[pc]
        if machine.linked:
            return
        report = None
        if machine.session_id is not None:
            boot = machine.boot if machine.running else machine.boot - 1
            report = ReportedSession(
                session_id=machine.session_id,
                lease_serial=0,
                played_seconds=machine.played,
                boot_id=str(boot),
                last_tick_at=self.clock.now(),
            )
        machine.linked = True
        link.link_returned(
            self.club, computer_id=machine.computer_id, boot_id=str(machine.boot), report=report
        )
        self._refresh(machine)

    @rule(wait=WAIT)
    def the_server_dies_and_returns(self, wait: int) -> None:
        self._wait(wait)
        for machine in self.machines:
            machine.linked = False
        link.recover_after_start(self.club)

    @precondition(lambda self: any(not machine.linked for machine in self.machines))
    @rule(pc=st.integers(0, 2), wait=WAIT)
    def the_desk_releases(self, pc: int, wait: int) -> None:
        self._wait(wait)
        session_id = self._session_on(self.machines[pc])
        if session_id is None or self.machines[pc].linked:
            return
        held = self._sum_of_holds(session_id)
        if self._try(
            lambda: service.release(
                self.club, session_id=session_id, reason="ПК не отвечает", actor=CASHIER
            )
        ):
            self.released += held

    def _try(self, operation) -> bool:  # noqa: ANN001 (a lambda of any result)
        try:
            operation()
        except OperationRefused as refusal:
            assert refusal.code in EXPECTED_REFUSALS, refusal.code  # noqa: PT017 (some attempts succeed)
            done = False
        else:
            done = True
        self._refresh_all()
        return done

    def _session_on(self, machine: Machine) -> int | None:
        with self.club.read() as db:
            return db.scalars(
                select(PlaySession.id).where(
                    PlaySession.computer_id == machine.computer_id,
                    PlaySession.state != "ended",
                )
            ).one_or_none()

    def _sum_of_holds(self, session_id: int) -> int:
        with self.club.read() as db:
            return db.scalars(
                select(func.coalesce(func.sum(AccountBalance.balance), 0))
                .join(Hold, Hold.account_id == AccountBalance.account_id)
                .where(Hold.session_id == session_id)
            ).one()

    def _totals(self) -> tuple[int, int]:
        """Seconds consumed and seconds held, over the whole club."""
        with self.club.read() as db:
            consumed = db.scalars(
                select(func.coalesce(func.sum(AccountBalance.balance), 0))
                .join(Lot, Lot.consumed_account_id == AccountBalance.account_id)
                .where(Lot.club_id == self.club.club_id)
            ).one()
            held = db.scalars(
                select(func.coalesce(func.sum(AccountBalance.balance), 0))
                .join(Hold, Hold.account_id == AccountBalance.account_id)
                .join(Lot, Lot.id == Hold.lot_id)
                .where(Lot.club_id == self.club.club_id)
            ).one()
        return int(consumed), int(held)

    @invariant()
    def no_second_is_played_twice(self) -> None:
        truly_played = sum(machine.truly_played for machine in self.machines)
        consumed, held = self._totals()
        assert truly_played <= consumed + held + self.forgotten + self.released

    @invariant()
    def nobody_pays_for_more_than_was_played(self) -> None:
        truly_played = sum(machine.truly_played for machine in self.machines)
        consumed, _ = self._totals()
        assert consumed <= truly_played

    def teardown(self) -> None:
        with self.club.read() as db:
            assert check_ledger(db) == []
            short = db.scalars(
                select(Alarm.id).where(
                    Alarm.club_id == self.club.club_id, Alarm.kind == "late_report"
                )
            ).all()
        assert self.released or not short


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_no_second_is_played_on_two_pcs(database: Database) -> None:
    run_state_machine_as_test(
        type("World", (WorldMachine,), {"database": database}),
        settings=settings(
            # PostgreSQL adds its locks to rules that are the same: fewer evenings find them.
            max_examples=15 if database.is_sqlite else 8,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
