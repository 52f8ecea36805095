"""Playing by the minute from the balance: what is taken, what is reserved, and how it ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import event, select

from lovhub.clock import ManualClock
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers_service
from lovhub.server.customers import view as customers_view
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import REVENUE
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import codes, group_sale, link, moves, queries, service
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.till import NO_TILL, Till, TopUp
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.server.sessions.sittings import (
    PLAYER,
    assert_books_balance,
    lease_seconds,
    report,
    seconds_left,
)
from tests.support.club import CASHIER, OWNER, People

HOUR = 3600
BY_MINUTE = Terms("По минутам", HOUR, 600_00, "per_minute")
"""16⅔ tiyn a second: hardly any number of seconds costs whole tiyn."""
EVENING = replace(BY_MINUTE, title="Вечер", price_tiyn=900_00, sold_from=14 * HOUR, sold_until=8 * HOUR)  # fmt: skip
DAYTIME = replace(BY_MINUTE, title="День", sold_from=8 * HOUR, sold_until=14 * HOUR)
"""The clock of these tests begins at 13:00 of the club's time."""


class Visit:
    """Somebody with money at a PC."""

    def __init__(self, club: ClubContext, people: People, clock: ManualClock) -> None:
        self.club, self.people, self.clock = club, people, clock
        self.customer, self.computer = people.customer(), people.computer()
        self.linked = {self.computer}
        self._keys = 0

    def key(self) -> str:
        self._keys += 1
        return f"visit:{self._keys}"

    def pay_in(self, tenge: int) -> int:
        return customers_service.top_up(
            self.club,
            customer_id=self.customer,
            amount_tiyn=tenge * 100,
            method="cash",
            key=self.key(),
            actor=CASHIER,
        )

    def sold(self, terms: Terms) -> int:
        return tariffs.create(self.club, terms=terms, actor=OWNER)

    def buy(self, tariff_id: int, *, at: int = 0, till: Till = NO_TILL, key: str = "") -> int:
        return service.buy(
            self.club,
            computer_id=at or self.computer,
            customer_id=self.customer,
            tariff_id=tariff_id,
            key=key or self.key(),
            actor=PLAYER,
            till=till,
        )

    def play(self, seconds: int, *, step: int = 100) -> None:
        """Time passes, and the session clock runs."""
        for passed in range(0, seconds, step):
            self.clock.advance(min(step, seconds - passed))
            link.run_due(self.club, self.linked)

    def balance(self) -> int:
        return self.people.balance_tiyn(self.customer)

    def revenue(self) -> int:
        with self.club.write() as work:
            return ledger.balance(work.db, ledger.club_account(work, REVENUE).id)

    def plan(self) -> list[tuple[str, int]]:
        with self.club.read() as db:
            live = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        return [(time.title, time.seconds) for time in live[self.computer].plan]


@pytest.fixture
def visit(club: ClubContext, people: People, clock: ManualClock) -> Visit:
    return Visit(club, people, clock)


@pytest.fixture(autouse=True)
def _books_balance(club: ClubContext) -> Iterator[None]:
    yield
    assert_books_balance(club)


def test_the_balance_pays_to_its_last_second(visit: Visit, club: ClubContext) -> None:
    visit.pay_in(200)
    session = visit.buy(visit.sold(BY_MINUTE), till=Till(price_tiyn=600_00))
    assert visit.plan() == [("По минутам", 1200)]
    # A lease of 15 minutes is reserved, and no more; what is reserved is still theirs.
    assert (lease_seconds(club, visit.computer), visit.balance()) == (900, 50_00)
    with club.read() as db:
        seen = customers_view.customer_view(db, 1, visit.customer, club.clock.now())
    assert (seen.balance_tiyn, seen.seconds_available) == (200_00, 0)
    visit.play(250)
    assert seconds_left(club, visit.computer) == 950
    visit.play(350)
    assert seconds_left(club, visit.computer) == 600
    assert (visit.balance(), visit.revenue()) == (0, 58_33)  # all is reserved: nothing to renew
    visit.play(601)
    row = visit.people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "time_over", 1200)
    assert (visit.balance(), visit.revenue()) == (0, 200_00)


def test_bought_time_comes_first_and_money_lengthens_at_once(
    visit: Visit, club: ClubContext
) -> None:
    visit.pay_in(200)
    minutes = visit.sold(BY_MINUTE)
    package = visit.sold(Terms("Десять минут", 600, 100_00))
    visit.buy(minutes)
    visit.play(130)  # 2 166⅔ tiyn
    # All but what is played is there to be spent, though a lease reserves it.
    visit.buy(package)
    assert visit.plan() == [("Десять минут", 600), ("По минутам", 470)]
    visit.play(50)
    visit.pay_in(50)
    assert visit.plan() == [("Десять минут", 550), ("По минутам", 770)]
    visit.play(550)
    assert visit.plan() == [("По минутам", 770)]
    posting = visit.pay_in(1000)
    assert seconds_left(club, visit.computer) == 6770
    reversal.take_back(
        club, customer_id=visit.customer, posting_id=posting, reason="ошибка", actor=CASHIER
    )
    assert seconds_left(club, visit.computer) == 770
    visit.play(771)
    assert (visit.balance(), visit.revenue()) == (0, 250_00)


def test_a_sitting_keeps_its_prices_across_a_border_whatever_the_owner_does(visit: Visit) -> None:
    visit.pay_in(1000)
    daytime = visit.sold(DAYTIME)
    evening = visit.sold(EVENING)
    session = visit.buy(daytime)
    visit.play(HOUR - 61)
    tariffs.change(visit.club, tariff_id=daytime, terms=replace(DAYTIME, price_tiyn=9_999_00), actor=OWNER)  # fmt: skip
    tariffs.retire(visit.club, tariff_id=evening, actor=OWNER)
    visit.play(122)
    service.end(visit.club, session_id=session, actor=PLAYER, reason="signed_out")
    assert visit.revenue() == (600_00 * 3600 + 900_00 * 61) // 3600
    assert visit.balance() == 1000_00 - visit.revenue()


def test_pauses_power_cuts_and_lost_links_cost_nothing_and_lose_nothing(
    visit: Visit, club: ClubContext, clock: ManualClock
) -> None:
    visit.pay_in(1000)
    session = visit.buy(visit.sold(replace(BY_MINUTE, minimum_tiyn=30_00)))
    visit.play(7)
    service.pause(club, session_id=session, actor=CASHIER)
    assert (visit.revenue(), visit.balance()) == (30_00, 970_00)
    visit.play(500)
    service.resume(club, session_id=session, actor=CASHIER)
    visit.play(100)
    link.link_lost(club, computer_id=visit.computer)
    clock.advance(100)
    link.link_returned(
        club, computer_id=visit.computer, boot_id="boot-1", report=report(session, 207)
    )
    visit.play(300)
    link.link_lost(club, computer_id=visit.computer)
    clock.advance(3000)
    link.link_returned(
        club, computer_id=visit.computer, boot_id="boot-2", report=report(session, 519)
    )
    assert visit.people.session(session).pause_reason == "power_cut"
    assert (visit.revenue(), visit.balance()) == (519 * 600_00 // 3600, 1000_00 - visit.revenue())
    service.begin_for_customer(
        club, computer_id=visit.computer, customer_id=visit.customer, actor=PLAYER
    )
    visit.play(12)
    service.end(club, session_id=session, actor=PLAYER, reason="signed_out")
    assert visit.revenue() == 531 * 600_00 // 3600
    assert visit.balance() == 1000_00 - visit.revenue()


def test_a_silent_pc_keeps_what_it_may_play_and_is_charged_late_never_below_zero(
    visit: Visit, club: ClubContext, people: People, clock: ManualClock
) -> None:
    visit.pay_in(100)
    minutes = visit.sold(BY_MINUTE)
    session = visit.buy(minutes)
    visit.play(60)
    link.link_lost(club, computer_id=visit.computer)
    clock.advance(2000)
    link.run_due(club, set())
    with pytest.raises(OperationRefused, match="not_enough_money"):
        visit.buy(minutes, at=people.computer())
    service.release(club, session_id=session, reason="сгорел", actor=CASHIER)
    assert visit.balance() == 100_00
    other = people.computer()
    visit.linked.add(other)
    visit.buy(minutes, at=other)  # all but nothing is reserved there
    assert visit.balance() == 0
    link.link_returned(
        club, computer_id=visit.computer, boot_id="boot-1", report=report(session, 600)
    )
    assert (visit.balance(), visit.revenue()) == (0, 0)
    visit.play(600)
    assert (visit.balance(), visit.revenue()) == (0, 100_00)
    with club.read() as db:
        alarms = [alarm.kind for alarm in db.scalars(select(Alarm))]
    assert alarms == ["late_report"]


def test_played_after_a_release_is_charged_from_the_balance(
    visit: Visit, club: ClubContext, clock: ManualClock
) -> None:
    visit.pay_in(100)
    session = visit.buy(visit.sold(BY_MINUTE))
    link.link_lost(club, computer_id=visit.computer)
    clock.advance(300)
    service.release(club, session_id=session, reason="сгорел", actor=CASHIER)
    link.link_returned(
        club, computer_id=visit.computer, boot_id="boot-1", report=report(session, 250)
    )
    assert visit.revenue() == 250 * 600_00 // 3600
    assert visit.balance() == 100_00 - visit.revenue()


def test_a_move_goes_on_with_the_same_sitting(
    visit: Visit, club: ClubContext, people: People
) -> None:
    vip, closed = people.zone("VIP"), people.zone("Bootcamp")
    there, dear, without = people.computer(), people.computer(), people.computer()
    with club.write() as work:
        work.db.get_one(Computer, dear).zone_id = vip.zone_id
        work.db.get_one(Computer, without).zone_id = closed.zone_id
    zones = {vip.zone_id: ZonePrice(True, 1200_00), closed.zone_id: ZonePrice(sold=False)}
    visit.linked |= {there, dear, without}
    visit.pay_in(1000)
    minutes = visit.sold(replace(BY_MINUTE, zones=zones, minimum_tiyn=50_00))
    session = visit.buy(minutes)
    visit.play(100)
    tariffs.change(
        club, tariff_id=minutes, terms=replace(BY_MINUTE, price_tiyn=700_00, zones=zones), actor=OWNER
    )  # fmt: skip
    session = moves.move(club, session_id=session, to_computer_id=there, actor=CASHIER)
    visit.play(301)
    session = moves.move(club, session_id=session, to_computer_id=dear, actor=CASHIER)
    visit.play(101)
    assert visit.people.session(session).state == "active"
    with pytest.raises(OperationRefused, match="no_time_left"):
        moves.move(club, session_id=session, to_computer_id=without, actor=CASHIER)
    service.end(club, session_id=session, actor=PLAYER, reason="signed_out")
    assert visit.revenue() == (401 * 600_00 + 101 * 1200_00) // 3600
    assert visit.balance() == 1000_00 - visit.revenue()


def test_what_is_refused_moves_nothing(visit: Visit, club: ClubContext, people: People) -> None:
    minutes = visit.sold(replace(BY_MINUTE, minimum_tiyn=30_00))
    visit.pay_in(29)
    attempts: dict[str, Callable[[], int]] = {
        "not_enough_money": lambda: visit.buy(minutes),
        "price_changed": lambda: visit.buy(minutes, till=Till(price_tiyn=1)),
        "tariff_by_minute": lambda: service.seat_guest(
            club,
            computer_id=visit.computer,
            tariff_id=minutes,
            method="cash",
            guest_name="",
            actor=CASHIER,
            key=visit.key(),
        ),
    }
    for code, attempt in attempts.items():
        with pytest.raises(OperationRefused, match=code):
            attempt()
    with pytest.raises(OperationRefused, match="tariff_by_minute"):
        codes.sell_seat_code(
            club,
            tariff_id=minutes,
            method="cash",
            computer_id=None,
            guest_name="",
            actor=CASHIER,
            key=visit.key(),
        )
    with pytest.raises(OperationRefused, match="tariff_by_minute"):
        group_sale.sell_together(
            club,
            computer_ids=[visit.computer, people.computer()],
            tariff_id=minutes,
            payer=Payer("balance", visit.customer),
            key=visit.key(),
            actor=CASHIER,
        )
    with club.read() as db:
        assert db.scalars(select(Lot)).all() == []
    # Paid in at the desk it is enough; and the same request again starts nothing more.
    key = visit.key()
    sessions = {
        service.buy(
            club,
            computer_id=visit.computer,
            customer_id=visit.customer,
            tariff_id=minutes,
            key=key,
            actor=CASHIER,
            top_up=TopUp(10_00, "cash"),
        )
        for _ in range(2)
    }
    assert len(sessions) == 1
    with pytest.raises(OperationRefused, match="already_by_minute"):
        visit.buy(minutes)
    assert visit.plan() == [("По минутам", 234)]


def test_it_goes_on_by_the_minute_after_bought_time(visit: Visit, club: ClubContext) -> None:
    visit.pay_in(200)
    minutes = visit.sold(BY_MINUTE)
    session = visit.buy(visit.sold(Terms("Час", HOUR, 100_00)))
    service.sell_more(
        club,
        session_id=session,
        tariff_id=minutes,
        method="balance",
        actor=CASHIER,
        key=visit.key(),
    )
    assert visit.plan() == [("Час", 3600), ("По минутам", 600)]
    assert visit.balance() == 100_00  # nothing is reserved while an hour is there
    service.end(club, session_id=session, actor=PLAYER, reason="signed_out")
    assert (visit.balance(), visit.revenue()) == (100_00, 0)


class PowerCutError(Exception):
    """The server dies here."""


def test_who_has_played_too_much_of_the_balance_keeps_nobody_else_from_buying(
    visit: Visit, club: ClubContext, people: People
) -> None:
    package = people.tariff(price_tiyn=200_00)
    minutes = visit.sold(BY_MINUTE)
    visit.pay_in(200)
    visit.buy(minutes)
    other = Visit(club, people, visit.clock)
    other.key = lambda: f"other:{visit.key()}"  # type: ignore[method-assign]
    other.pay_in(400)
    other.buy(minutes)
    visit.clock.advance(100)  # not settled yet: all of the 200 is still reserved, or on the balance

    def each(key: str) -> list[str]:
        outcomes = group_sale.sell_to_each(
            club, computer_ids=None, tariff_id=package, key=key, actor=CASHIER
        )
        return [one.refusal for one in outcomes]

    assert each("e") == ["not_enough_money", ""]
    assert visit.plan() == [("По минутам", 1100)]  # and plays on as before
    # What a silent PC holds is not there to be spent.
    visit.pay_in(60)
    link.link_lost(club, computer_id=visit.computer)
    assert each("silent") == ["not_enough_money", "not_enough_money"]


def test_who_plays_by_the_minute_pays_for_friends_with_all_of_the_balance(
    visit: Visit, club: ClubContext, people: People
) -> None:
    short = visit.sold(Terms("Пять минут", 300, 100_00))
    visit.pay_in(300)
    visit.buy(visit.sold(BY_MINUTE))
    group_sale.sell_together(
        club,
        computer_ids=[visit.computer, people.computer(), people.computer()],
        tariff_id=short,
        payer=Payer("balance", visit.customer),
        key="all",
        actor=CASHIER,
    )
    assert (visit.balance(), visit.plan()) == (0, [("Пять минут", 300)])


def test_a_crash_at_any_statement_bills_each_second_once(visit: Visit, club: ClubContext) -> None:
    visit.pay_in(1000)
    session = visit.buy(visit.sold(BY_MINUTE))
    engine, died, statement = club.database.engine, 0, 1
    while True:
        visit.clock.advance(301)
        reached = 0

        def die(*_: object, here: int = statement) -> None:
            nonlocal reached
            reached += 1
            if reached == here:
                raise PowerCutError

        event.listen(engine, "before_cursor_execute", die)
        try:
            link.run_due(club, visit.linked)
        except PowerCutError:
            died += 1
        finally:
            event.remove(engine, "before_cursor_execute", die)
        if reached < statement:
            break
        link.run_due(club, visit.linked)
        statement += 1
        if visit.people.session(session).state != "active":
            visit.pay_in(10_000)
            break
        if visit.balance() < 200_00:
            visit.pay_in(1000)
    assert died > 10
    service.end(club, session_id=session, actor=PLAYER, reason="signed_out")
    played = visit.people.session(session).played_seconds
    assert played == 301 * statement
    assert visit.revenue() == played * 600_00 // 3600


def test_between_settlements_nothing_is_written(visit: Visit, club: ClubContext) -> None:
    visit.pay_in(1000)
    visit.buy(visit.sold(BY_MINUTE))
    with club.read() as db:
        before = len(db.scalars(select(LedgerPosting.id)).all())
    visit.play(HOUR, step=10)
    with club.read() as db:
        assert len(db.scalars(select(LedgerPosting.id)).all()) == before + HOUR // 300
