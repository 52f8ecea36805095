"""Time as it was sold: for how much and where, in which order it is played, and what becomes of the rest."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.bus import CatalogChanged, News
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import REVENUE
from lovhub.server.ledger.check import check_ledger
from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import codes, link, queries, service
from lovhub.server.sessions.till import Till
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from lovhub.server.tariffs.watch import OfferWatch
from tests.support.club import CASHIER, OWNER, People

HOUR = 3600
NOW = 13 * HOUR
"""The clock of these tests begins on a Friday at 13:00 of the club's time."""

PACKAGE = Terms("3 часа", 3 * HOUR, 900_00)
UNTIL_EIGHT = Terms(
    "До восьми", HOUR, 1000_00, "fixed_end", sold_from=8 * HOUR, sold_until=20 * HOUR, rest_rule="expires"
)  # fmt: skip
BUNDLE = Terms("10 часов", 10 * HOUR, 2000_00, "bundle", valid_days=1, rest_rule="expires")


class Evening:
    """A customer with 10,000 ₸ at a PC, and what the books say of it."""

    def __init__(self, club: ClubContext, people: People, clock: ManualClock) -> None:
        self.club, self.people, self.clock = club, people, clock
        self.customer, self.computer = people.customer(balance_tiyn=10_000_00), people.computer()
        self.player = Actor(kind="customer", id=self.customer, name="Ерлан")
        self._sales = 0

    def sold(self, terms: Terms) -> int:
        return tariffs.create(self.club, terms=terms, actor=OWNER)

    def buy(self, tariff_id: int, *, price_tiyn: int | None = None) -> int:
        self._sales += 1
        return service.buy(
            self.club,
            computer_id=self.computer,
            customer_id=self.customer,
            tariff_id=tariff_id,
            key=f"k{self._sales}",
            actor=self.player,
            till=Till(price_tiyn=price_tiyn),
        )

    def pass_hours(self, hours: float) -> None:
        """The session clock and the expiry run all the while."""
        for _ in range(int(hours * HOUR) // 300):
            self.clock.advance(300)
            link.run_due(self.club, {self.computer})
            expiry.expire_due(self.club)

    def plan(self) -> list[tuple[str, int]]:
        with self.club.read() as db:
            live = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        return [(time.title, time.seconds) for time in live[self.computer].plan]

    def fates(self) -> list[str]:
        with self.club.read() as db:
            live = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        return [time.when_leaving for time in live[self.computer].plan]

    def lots(self) -> list[Lot]:
        with self.club.read() as db:
            return list(db.scalars(select(Lot).order_by(Lot.id)))

    def balance_tiyn(self) -> int:
        return self.people.balance_tiyn(self.customer)

    def revenue_tiyn(self) -> int:
        with self.club.write() as work:
            return ledger.balance(work.db, ledger.club_account(work, REVENUE).id)

    def leave(self, session_id: int, reason: str = "signed_out") -> None:
        service.end(self.club, session_id=session_id, actor=self.player, reason=reason)

    def put_into(self, zone_id: int) -> None:
        with self.club.write() as work:
            work.db.execute(
                update(Computer).where(Computer.id == self.computer).values(zone_id=zone_id)
            )


@pytest.fixture
def evening(club: ClubContext, people: People, clock: ManualClock) -> Evening:
    return Evening(club, people, clock)


@pytest.fixture(autouse=True)
def _books_balance(club: ClubContext) -> Iterator[None]:
    yield
    with club.read() as db:
        assert check_ledger(db) == []


def test_changing_a_tariff_never_changes_a_sold_hour(evening: Evening) -> None:
    tariff_id = evening.sold(replace(PACKAGE, pause_allowed=False))
    session_id = evening.buy(tariff_id)
    changed = replace(BUNDLE, title="Другой", seconds=60, rest_rule="refunded")
    tariffs.change(evening.club, tariff_id=tariff_id, terms=changed, actor=OWNER)
    tariffs.retire(evening.club, tariff_id=tariff_id, actor=OWNER)
    (lot,) = evening.lots()
    assert (lot.title, lot.kind, lot.granted_seconds, lot.price_tiyn) == (
        "3 часа", "package", 3 * HOUR, 900_00,
    )  # fmt: skip
    assert (lot.rest_rule, lot.pause_allowed, lot.expires_at) == ("kept", False, None)
    with pytest.raises(OperationRefused, match="pause_not_allowed"):
        service.pause(evening.club, session_id=session_id, actor=CASHIER)
    evening.pass_hours(3)
    assert evening.people.session(session_id).end_reason == "time_over"
    assert evening.revenue_tiyn() == 900_00


def test_a_fixed_end_ends_on_the_second_whatever_happens_before(evening: Evening) -> None:
    session_id = evening.buy(evening.sold(UNTIL_EIGHT))
    assert evening.plan() == [("До восьми", 7 * HOUR)]
    evening.pass_hours(1)
    service.pause(evening.club, session_id=session_id, actor=CASHIER)
    evening.pass_hours(2)
    assert evening.plan() == [("До восьми", 4 * HOUR)], "the clock on the wall goes on"
    service.resume(evening.club, session_id=session_id, actor=CASHIER)
    evening.pass_hours(4)
    row = evening.people.session(session_id)
    assert (row.end_reason, row.played_seconds) == ("time_over", 5 * HOUR)
    assert row.ended_at == evening.clock.now()
    evening.pass_hours(0.1)
    assert (evening.revenue_tiyn(), evening.lots()[0].exhausted) == (1000_00, True)


def test_what_ends_by_itself_is_played_first_then_packages_then_bundles(evening: Evening) -> None:
    tariff_ids = [evening.sold(terms) for terms in (BUNDLE, PACKAGE, UNTIL_EIGHT)]
    session_id = evening.buy(tariff_ids[0])
    evening.pass_hours(0.5)
    evening.buy(tariff_ids[1])
    assert evening.plan() == [("3 часа", 3 * HOUR), ("10 часов", int(9.5 * HOUR))]
    evening.buy(tariff_ids[2])
    evening.pass_hours(0.5)
    assert evening.plan() == [
        ("До восьми", 6 * HOUR), ("3 часа", 3 * HOUR), ("10 часов", int(9.5 * HOUR)),
    ]  # fmt: skip
    evening.pass_hours(6 + 3)
    assert evening.plan() == [("10 часов", int(9.5 * HOUR))]
    assert evening.people.session(session_id).state == "active"


@pytest.mark.parametrize(
    ("rest_rule", "reason", "balance_tiyn", "revenue_tiyn", "is_over"),
    [
        ("kept", "signed_out", 9100_00, 300_00, False),
        ("expires", "signed_out", 9100_00, 900_00, True),
        ("refunded", "ended_by_desk", 9700_00, 300_00, True),
        ("expires", "power_cut", 9100_00, 300_00, False),
        ("refunded", "moved", 9100_00, 300_00, False),
    ],
)
def test_the_rest_of_a_package_follows_its_rule_when_the_player_leaves(
    evening: Evening,
    rest_rule: str,
    reason: str,
    balance_tiyn: int,
    revenue_tiyn: int,
    is_over: bool,
) -> None:
    terms = replace(PACKAGE, rest_rule=rest_rule)
    session_id = evening.buy(evening.sold(terms))
    assert evening.fates() == [rest_rule], "the player is told before"
    evening.pass_hours(1)
    evening.leave(session_id, reason)
    assert (evening.balance_tiyn(), evening.revenue_tiyn()) == (balance_tiyn, revenue_tiyn)
    assert evening.lots()[0].exhausted is is_over


def test_a_package_that_was_not_begun_is_kept(evening: Evening) -> None:
    tariff_id = evening.sold(replace(PACKAGE, rest_rule="expires"))
    session_id = evening.buy(tariff_id)
    evening.buy(tariff_id)
    evening.pass_hours(1)
    evening.leave(session_id)
    assert [lot.exhausted for lot in evening.lots()] == [True, False]


@pytest.mark.parametrize(
    ("rest_rule", "balance_tiyn", "revenue_tiyn"),
    [("expires", 8000_00, 2000_00), ("refunded", 9800_00, 200_00)],
)
def test_a_bundle_is_over_at_the_end_of_its_last_day(
    evening: Evening, rest_rule: str, balance_tiyn: int, revenue_tiyn: int
) -> None:
    session_id = evening.buy(evening.sold(replace(BUNDLE, rest_rule=rest_rule)))
    evening.pass_hours(1)
    evening.leave(session_id)
    evening.clock.advance(24 * HOUR + 10 * HOUR - 1)
    expiry.expire_due(evening.club)
    assert evening.revenue_tiyn() == 200_00
    evening.clock.advance(1)
    for _ in range(2):
        expiry.expire_due(evening.club)
    assert (evening.balance_tiyn(), evening.revenue_tiyn()) == (balance_tiyn, revenue_tiyn)


def test_what_a_silent_pc_holds_expires_only_when_it_is_given_back(evening: Evening) -> None:
    session_id = evening.buy(evening.sold(BUNDLE))
    evening.clock.advance(34 * HOUR + 50 * 60)
    link.run_due(evening.club, {evening.computer})
    link.link_lost(evening.club, computer_id=evening.computer)
    evening.clock.advance(HOUR)
    expiry.expire_due(evening.club)
    assert not evening.lots()[0].exhausted
    service.release(evening.club, session_id=session_id, reason="Сгорел", actor=CASHIER)
    evening.clock.advance(1)
    expiry.expire_due(evening.club)
    assert (evening.lots()[0].exhausted, evening.revenue_tiyn()) == (True, 2000_00)


def test_each_zone_sells_at_its_price_and_only_what_was_shown(
    evening: Evening, people: People
) -> None:
    vip, hall = people.zone("VIP"), people.zone("Общий")
    terms = replace(
        PACKAGE,
        zones={vip.zone_id: ZonePrice(price_tiyn=1500_00), hall.zone_id: ZonePrice(sold=False)},
    )
    tariff_id = evening.sold(terms)
    evening.put_into(vip.zone_id)
    with pytest.raises(OperationRefused, match="price_changed"):
        evening.buy(tariff_id, price_tiyn=900_00)
    evening.buy(tariff_id, price_tiyn=1500_00)
    assert evening.balance_tiyn() == 8500_00
    evening.put_into(hall.zone_id)
    with pytest.raises(OperationRefused, match="tariff_not_sold_here"):
        evening.buy(tariff_id)
    with pytest.raises(OperationRefused, match="computer_not_chosen"):
        codes.sell_seat_code(
            evening.club, tariff_id=tariff_id, method="cash", computer_id=None, guest_name="",
            actor=CASHIER, key="code",
        )  # fmt: skip


def test_a_tariff_is_sold_only_while_its_window_is_open(evening: Evening, news: list[News]) -> None:
    tariff_id = evening.sold(replace(PACKAGE, sold_from=8 * HOUR, sold_until=14 * HOUR))
    watch = OfferWatch()
    watch.look(evening.club)
    news.clear()
    evening.clock.advance(HOUR - 1)
    watch.look(evening.club)
    assert news == []
    evening.clock.advance(1)
    watch.look(evening.club)
    assert news == [CatalogChanged()]
    with pytest.raises(OperationRefused, match="tariff_not_sold_now"):
        evening.buy(tariff_id)


def test_a_falling_price_is_sold_as_it_was_shown(evening: Evening) -> None:
    tariff_id = evening.sold(replace(UNTIL_EIGHT, price_rule="share"))
    shown_tiyn = 584_00  # 7 of 12 hours, up to whole tenge
    evening.clock.advance(300)
    evening.buy(tariff_id, price_tiyn=shown_tiyn)
    assert evening.balance_tiyn() == 10_000_00 - shown_tiyn
    evening.clock.advance(600)
    with pytest.raises(OperationRefused, match="price_changed"):
        evening.buy(tariff_id, price_tiyn=shown_tiyn)


def test_what_refunds_to_a_balance_is_not_sold_to_a_guest(evening: Evening) -> None:
    tariff_id = evening.sold(replace(PACKAGE, rest_rule="refunded"))
    with pytest.raises(OperationRefused, match="tariff_for_customers"):
        service.seat_guest(
            evening.club, computer_id=evening.computer, tariff_id=tariff_id, method="cash",
            guest_name="", actor=CASHIER, key="guest",
        )  # fmt: skip
