"""Playing in debt up to a limit: what is owed, how it is paid, and that nobody ever owes more."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.club import service as clubs
from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, forgiving, owing, queries, reversal
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.ledger import export
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import DEBT_FORGIVEN
from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.reports import queries as dashboard
from lovhub.server.reports.books import of_ledger as book_days_of
from lovhub.server.sessions import link, moves, service
from lovhub.server.sessions.till import TopUp
from lovhub.server.shifts import rules as shifts
from lovhub.server.shifts.rules import Movement
from lovhub.server.tariffs.rules import Terms
from tests.server.sessions.sittings import PLAYER, assert_books_balance, report
from tests.server.sessions.test_by_minute import BY_MINUTE, HOUR, Visit
from tests.support.club import CASHIER, OWNER, People


class OnCredit(Visit):
    """Somebody whom the desk seats in debt; the owner allows 500 ₸."""

    def __init__(self, club: ClubContext, people: People, clock: ManualClock) -> None:
        super().__init__(club, people, clock)
        self.minutes = self.sold(BY_MINUTE)
        self.limit(500)

    def limit(self, tenge: int) -> None:
        with self.club.read() as db:
            before = clubs.settings_of(clubs.get(db, self.club.club_id))
        settings = replace(before, debt_limit_tiyn=tenge * 100)
        clubs.change_settings(self.club, settings=settings, actor=OWNER)

    def seat(self, *, at: int = 0, actor: Actor = CASHIER, tariff: int = 0, key: str = "") -> int:
        return service.buy(
            self.club,
            computer_id=at or self.computer,
            customer_id=self.customer,
            tariff_id=tariff or self.minutes,
            key=key or self.key(),
            actor=actor,
            in_debt=True,
        )

    def refused(self, *, at: int = 0, actor: Actor = CASHIER, tariff: int = 0) -> str:
        with pytest.raises(OperationRefused) as refusal:
            self.seat(at=at, actor=actor, tariff=tariff)
        return refusal.value.code

    def leave(self, session_id: int) -> None:
        service.end(self.club, session_id=session_id, actor=CASHIER, reason="ended_by_desk")

    def has_and_owes(self) -> tuple[int, int]:
        """As the desk sees it."""
        with self.club.read() as db:
            row = queries.row(db, self.club.club_id, self.customer)
        return row.balance_tiyn, row.debt_tiyn

    def in_debt(self) -> int:
        """What is put down, with what is reserved."""
        with self.club.read() as db:
            return owing.debt_tiyn(db, db.get_one(Customer, self.customer))

    def forgive(self, tenge: int, *, reason: str = "ошибка", key: str = "f") -> int:
        return forgiving.forgive(
            self.club,
            customer_id=self.customer,
            expected_tiyn=tenge * 100,
            reason=reason,
            key=key,
            actor=OWNER,
        )


@pytest.fixture
def visit(club: ClubContext, people: People, clock: ManualClock) -> OnCredit:
    return OnCredit(club, people, clock)


@pytest.fixture(autouse=True)
def _books_balance(club: ClubContext) -> Iterator[None]:
    yield
    assert_books_balance(club)


def alarms(club: ClubContext) -> list[str]:
    """What the desk still has to see to."""
    with club.read() as db:
        return list(db.scalars(select(Alarm.kind).where(Alarm.closed_at.is_(None))))


def test_the_balance_pays_first_and_the_debt_up_to_the_limit(
    visit: OnCredit, club: ClubContext
) -> None:
    visit.pay_in(100)
    session = visit.seat()
    assert visit.plan() == [("По минутам", 3600)]
    # A lease of 15 minutes: 100 of the balance, 50 in debt. Nothing is owed yet.
    assert (visit.balance(), visit.in_debt(), visit.has_and_owes()) == (0, 50_00, (100_00, 0))
    visit.play(1800)
    assert (visit.revenue(), visit.has_and_owes()) == (300_00, (0, 200_00))
    visit.play(1801)
    row = visit.people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "time_over", 3600)
    assert (visit.revenue(), visit.in_debt(), visit.has_and_owes()) == (600_00, 500_00, (0, 500_00))
    assert (visit.refused(), alarms(club)) == ("customer_owes", ["debt_left"])
    visit.pay_in(200)
    assert (visit.refused(), alarms(club)) == ("customer_owes", ["debt_left"])
    visit.pay_in(500)
    assert (visit.has_and_owes(), alarms(club)) == ((200_00, 0), [])
    visit.leave(visit.seat())
    assert alarms(club) == []  # nothing was owed


def test_what_is_let_go_is_taken_off_the_debt_first(visit: OnCredit) -> None:
    visit.pay_in(50)
    session = visit.seat()
    visit.play(300)  # 50 ₸: exactly the balance
    visit.leave(session)
    assert (visit.balance(), visit.in_debt()) == (0, 0)
    session = visit.seat()
    visit.play(180)
    visit.pay_in(100)  # 30 of it pay what was played, the rest pays for what comes
    assert visit.has_and_owes() == (70_00, 0)
    assert visit.plan() == [("По минутам", 420 + 3000)]
    visit.leave(session)
    assert (visit.balance(), visit.in_debt(), visit.revenue()) == (70_00, 0, 80_00)


def test_who_is_not_seated_in_debt(visit: OnCredit, club: ClubContext, clock: ManualClock) -> None:
    assert visit.refused(actor=PLAYER) == "debt_not_offered"
    assert visit.refused(actor=replace(CASHIER, role="technician")) == "debt_not_offered"
    package = visit.sold(Terms("Час", HOUR, 500_00))
    assert visit.refused(tariff=package) == "debt_by_minute_only"
    dear = visit.sold(replace(BY_MINUTE, title="Дорого", minimum_tiyn=600_00))
    assert visit.refused(tariff=dear) == "not_enough_money"
    with club.write() as work:
        work.db.get_one(Customer, visit.customer).birth_date = "2012-01-01"
    assert visit.refused() == "debt_not_for_minors"
    with club.write() as work:
        work.db.get_one(Customer, visit.customer).birth_date = ""
    visit.limit(0)
    assert visit.refused() == "debt_not_offered"
    assert (visit.in_debt(), visit.revenue()) == (0, 0)


def test_a_request_sent_twice_is_one_sitting(visit: OnCredit) -> None:
    assert visit.seat(key="once") == visit.seat(key="once")
    assert visit.in_debt() == 150_00


def test_two_pcs_owe_no_more_than_the_limit_together(
    visit: OnCredit, club: ClubContext, people: People
) -> None:
    first, other = visit.seat(), people.computer()
    visit.linked.add(other)
    visit.play(300)
    link.link_lost(club, computer_id=visit.computer)
    visit.linked.remove(visit.computer)
    # A silent PC may be playing: it holds what it holds, and that is in the debt.
    assert visit.refused(at=other) == "customer_owes"
    service.release(club, session_id=first, reason="унесли", actor=OWNER)
    assert visit.has_and_owes() == (0, 50_00)
    visit.pay_in(50)
    second = visit.seat(at=other)
    visit.play(2700)
    assert visit.in_debt() == 500_00
    # What the first one reports after all finds nothing left of the limit.
    returned = report(first, 900)
    link.link_returned(club, computer_id=visit.computer, boot_id="boot-1", report=returned)
    assert (visit.in_debt(), visit.has_and_owes()) == (500_00, (0, 350_00))  # settled so far
    visit.leave(second)
    assert visit.has_and_owes() == (0, 450_00)


def test_a_crash_and_a_silent_pc_owe_what_was_played(
    visit: OnCredit, club: ClubContext, clock: ManualClock
) -> None:
    session = visit.seat()
    visit.play(30)
    link.recover_after_start(club)
    clock.advance(100)
    link.link_returned(
        club, computer_id=visit.computer, boot_id="boot-1", report=report(session, 130)
    )
    visit.play(50)
    link.link_lost(club, computer_id=visit.computer)
    clock.advance(3000)
    link.link_returned(
        club, computer_id=visit.computer, boot_id="boot-2", report=report(session, 240)
    )
    assert visit.people.session(session).pause_reason == "power_cut"
    assert (visit.in_debt(), visit.has_and_owes()) == (40_00, (0, 40_00))


def test_a_lowered_limit_ends_the_sitting_at_the_next_settlement(visit: OnCredit) -> None:
    session = visit.seat()
    visit.play(600)
    visit.limit(60)
    visit.play(300)
    assert visit.people.session(session).state == "ended"
    assert visit.has_and_owes() == (0, 150_00)  # the settlement is five minutes later
    visit.limit(1000)
    visit.pay_in(150)
    visit.leave(visit.seat())


def test_a_raised_limit_is_for_later_sittings(visit: OnCredit) -> None:
    visit.seat()
    visit.limit(1000)
    assert visit.plan() == [("По минутам", 3000)]


def test_a_move_takes_the_limit_along(visit: OnCredit, club: ClubContext, people: People) -> None:
    there = people.computer()
    visit.linked.add(there)
    session = visit.seat()
    visit.play(1500)
    moves.move(club, session_id=session, to_computer_id=there, actor=CASHIER)
    visit.play(1500)
    assert (visit.revenue(), visit.has_and_owes()) == (500_00, (0, 500_00))


def test_whatever_comes_onto_the_balance_pays_the_debt(
    visit: OnCredit, club: ClubContext, clock: ManualClock
) -> None:
    bundle = Terms("На день", HOUR, 100_00, "bundle", rest_rule="refunded", valid_days=1)
    visit.pay_in(100)
    earlier = visit.buy(visit.sold(bundle))
    with club.read() as db:
        lot = db.scalars(select(Lot)).first()
    assert lot is not None
    service.end(club, session_id=earlier, actor=PLAYER, reason="moved")
    with club.write() as work:  # it lies in another zone, and waits
        work.db.get_one(Lot, lot.id).exhausted = True
    session = visit.seat()
    visit.play(1200)
    visit.leave(session)
    with club.write() as work:
        work.db.get_one(Lot, lot.id).exhausted = False
    assert visit.has_and_owes() == (0, 200_00)
    clock.advance(48 * HOUR)
    expiry.expire_due(club)
    assert visit.has_and_owes() == (0, 100_00)


def test_a_debt_is_paid_before_anything_is_bought(visit: OnCredit, club: ClubContext) -> None:
    session, package = visit.seat(), visit.sold(Terms("Час", HOUR, 500_00))
    visit.play(600)

    def more(top_up: int) -> None:
        service.sell_more(
            club,
            session_id=session,
            tariff_id=package,
            method="balance",
            actor=CASHIER,
            key=visit.key(),
            top_up=TopUp(top_up * 100, "cash"),
        )

    with pytest.raises(OperationRefused, match="customer_owes"):
        more(500)
    visit.pay_in(100)
    more(500)
    assert visit.plan() == [("Час", HOUR), ("По минутам", 3000)]
    assert visit.has_and_owes() == (0, 0)


def test_a_top_up_taken_back_is_owed_again(visit: OnCredit, club: ClubContext) -> None:
    session = visit.seat()
    visit.play(1200)
    visit.leave(session)
    by_mistake = visit.pay_in(5000)
    assert visit.has_and_owes() == (4800_00, 0)
    take_back = partial(
        reversal.take_back, club, customer_id=visit.customer, reason="", actor=CASHIER
    )
    assert take_back(posting_id=by_mistake) == take_back(posting_id=by_mistake)
    assert visit.has_and_owes() == (0, 200_00)
    # What was paid, spent again and would be owed beyond the limit, is spent.
    paid = visit.pay_in(200)
    session = visit.seat()
    visit.play(2400)
    visit.leave(session)
    with pytest.raises(OperationRefused, match="top_up_spent"):
        reversal.take_back(
            club, customer_id=visit.customer, posting_id=paid, reason="ошибка", actor=OWNER
        )
    assert visit.has_and_owes() == (0, 400_00)


def test_nobody_has_money_and_a_debt_at_once(visit: OnCredit, club: ClubContext) -> None:
    session = visit.seat()
    visit.play(1200)
    visit.leave(session)
    by_mistake = visit.pay_in(500)
    visit.pay_in(1000)
    reversal.take_back(
        club, customer_id=visit.customer, posting_id=by_mistake, reason="", actor=CASHIER
    )
    assert visit.has_and_owes() == (800_00, 0)


def test_a_debt_is_forgiven_whole_with_a_reason_and_a_name(
    visit: OnCredit, club: ClubContext
) -> None:
    session = visit.seat()
    visit.play(600)
    with pytest.raises(OperationRefused, match="customer_plays"):
        visit.forgive(100)
    visit.leave(session)
    assert alarms(club) == ["debt_left"]
    for tenge, reason, code in ((99, "друг", "debt_changed"), (100, " ", "invalid_fields")):
        with pytest.raises(OperationRefused, match=code):
            visit.forgive(tenge, reason=reason)
    with pytest.raises(OperationRefused, match="customer_owes"):
        forgetting.forget(
            club, customer_id=visit.customer, fate="", reason="", expected_tiyn=0, actor=OWNER
        )
    assert visit.forgive(100) == visit.forgive(100)
    with pytest.raises(OperationRefused, match="customer_owes_nothing"):
        visit.forgive(0, key="again")
    with club.write() as work:
        assert ledger.balance(work.db, ledger.club_account(work, DEBT_FORGIVEN).id) == -100_00
        event = work.db.scalars(select(Event).where(Event.kind == "debt.forgiven")).one()
    assert (event.actor_name, event.data["amount_tiyn"], event.data["reason"]) == (
        OWNER.name,
        100_00,
        "ошибка",
    )
    assert (visit.revenue(), visit.has_and_owes(), alarms(club)) == (100_00, (0, 0), [])


def test_the_books_tell_what_customers_owe_apart(visit: OnCredit, club: ClubContext) -> None:
    session = visit.seat()
    visit.play(1200)
    visit.leave(session)
    visit.pay_in(50)

    def books() -> Counter[str]:
        found: Counter[str] = Counter()
        with club.read() as db:
            for entry in book_days_of(db, club.club_id, 0, club.clock.now() + 1):
                if entry.cut in {"whole", "owed"}:
                    found[entry.value or entry.what] += entry.amount_tiyn
        return found

    wanted = {"sold": 200_00, "played": 200_00, "in:cash": 50_00, "customer_debt": 150_00}
    assert {name: tiyn for name, tiyn in books().items() if tiyn} == wanted
    with club.read() as db:
        seen = dashboard.owed(db, clubs.get(db, club.club_id))
        assert (seen.balances_tiyn, seen.unplayed_tiyn, seen.debts_tiyn) == (0, 0, 150_00)
        file = "\n".join(export.journal(db, club.club_id))
    assert f"assets:debts:c{visit.customer}  0.00 KZT = 150.00 KZT" in file
    visit.forgive(150)
    assert books()["customer_debt"] == 0
    assert books()["played"] == 200_00


def test_a_shift_tells_what_was_paid_and_forgiven_of_debts() -> None:
    found = shifts.totals(
        [
            Movement("top_up", "cash", "customer_balance", "А", 1, 500),
            Movement("debt_paid", "customer_balance", "customer_debt", "А", 1, 200),
            Movement("debt_forgiven", "debt_forgiven", "customer_debt", "Б", 1, 40),
        ]
    )
    assert (found.topped_up_tiyn, found.received_tiyn) == (500, 500)
    assert found.others == {"customer_debt": (0, 240), "debt_forgiven": (40, 0)}
