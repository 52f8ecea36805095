"""Moving bought time into a dearer zone and back: the difference, the conversion, and what waits."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, REVENUE, AccountKind
from lovhub.server.sessions import link, moves, service
from lovhub.server.sessions.zones import NO_CONSENT, Consent
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.server.sessions.sittings import PLAYER, assert_books_balance, seconds_left
from tests.support.club import CASHIER, OWNER, People

HOUR = 3600


class Zones:
    """Three hours for 900 ₸ in the hall, 1 500 ₸ in VIP, not sold in Bootcamp; somebody with 1 500 ₸."""

    def __init__(self, club: ClubContext, people: People, clock: ManualClock) -> None:
        self.club, self.people, self.clock = club, people, clock
        self.hall, self.vip, self.bootcamp = (
            self._computer(name) for name in ("Зал", "VIP", "Bootcamp")
        )
        zones = {
            self.zone(self.vip): ZonePrice(True, 1500_00),
            self.zone(self.bootcamp): ZonePrice(sold=False),
        }
        self.terms = Terms("3 часа", 3 * HOUR, 900_00, zones=zones)
        self.tariff = tariffs.create(club, terms=self.terms, actor=OWNER)
        self.customer = people.customer(balance_tiyn=1500_00)

    def _computer(self, name: str) -> int:
        computer, zone = self.people.computer(name), self.people.zone(name)
        with self.club.write() as work:
            work.db.get_one(Computer, computer).zone_id = zone.zone_id
        return computer

    def zone(self, computer: int) -> int:
        with self.club.read() as db:
            return db.get_one(Computer, computer).zone_id or 0

    def rule(self, rule: str) -> None:
        with self.club.write() as work:
            work.db.execute(update(Club).values(zone_rule=rule))

    def buy(self, at: int) -> int:
        return service.buy(
            self.club, computer_id=at, customer_id=self.customer, tariff_id=self.tariff,
            key=f"buy {at}", actor=PLAYER,
        )  # fmt: skip

    def move(self, session: int, to: int, shown: int | None = None, method: str = "balance") -> int:
        return moves.move(
            self.club, session_id=session, to_computer_id=to, actor=CASHIER, consent=Consent(shown, method)
        )  # fmt: skip

    def play(self, seconds: int) -> None:
        for _ in range(0, seconds, 300):
            self.clock.advance(300)
            link.run_due(self.club, {self.hall, self.vip, self.bootcamp})

    def end(self, session: int) -> None:
        service.end(self.club, session_id=session, actor=PLAYER, reason="signed_out")

    def balance(self) -> int:
        return self.people.balance_tiyn(self.customer)

    def account(self, kind: AccountKind) -> int:
        with self.club.write() as work:
            return ledger.balance(work.db, ledger.club_account(work, kind).id)


@pytest.fixture
def zones(club: ClubContext, people: People, clock: ManualClock) -> Zones:
    return Zones(club, people, clock)


@pytest.fixture(autouse=True)
def _books_balance(club: ClubContext) -> Iterator[None]:
    yield
    assert_books_balance(club)


def asked(code: str, **values: int) -> Callable[[OperationRefused], bool]:
    return lambda refused: (refused.code, refused.values) == (code, values)


def test_the_difference_is_asked_for_and_a_sold_hour_keeps_its_price(
    zones: Zones, club: ClubContext
) -> None:
    zones.rule("difference")
    session = zones.buy(zones.hall)
    zones.play(HOUR)
    with pytest.raises(OperationRefused, check=asked("zone_difference", amount_tiyn=400_00)):
        zones.move(session, zones.vip)
    with pytest.raises(OperationRefused, check=asked("zone_difference", amount_tiyn=400_00)):
        zones.move(session, zones.vip, 399_00)
    with pytest.raises(OperationRefused, match="payment_method_unknown"):
        zones.move(session, zones.vip, 400_00, "kaspi")
    assert zones.balance() == 600_00
    session = zones.move(session, zones.vip, 400_00)
    assert (zones.balance(), seconds_left(club, zones.vip)) == (200_00, 2 * HOUR)
    assert zones.account(REVENUE) == 300_00
    # In the cheaper zone it is played as it is, and is still good for the dearer one.
    session = zones.move(session, zones.hall)
    session = zones.move(session, zones.vip)
    zones.play(HOUR)
    zones.end(session)
    assert zones.account(REVENUE) == 300_00 + 500_00
    with pytest.raises(OperationRefused, match="time_not_sold_there"):
        service.seat_customer(
            club, computer_id=zones.bootcamp, customer_id=zones.customer, actor=CASHIER
        )


def test_time_is_converted_by_the_prices(zones: Zones, club: ClubContext) -> None:
    session = zones.buy(zones.hall)
    zones.rule("convert")  # the session began before: it plays on as it did
    zones.play(HOUR)
    assert seconds_left(club, zones.hall) == 2 * HOUR
    becomes = {"seconds": 2 * HOUR, "becomes": 72 * 60}
    with pytest.raises(OperationRefused, check=asked("zone_convert", **becomes)):
        zones.move(session, zones.vip)
    session = zones.move(session, zones.vip, 72 * 60)
    assert (zones.balance(), seconds_left(club, zones.vip)) == (600_00, 72 * 60)
    session = zones.move(session, zones.hall, 2 * HOUR)
    assert seconds_left(club, zones.hall) == 2 * HOUR
    zones.play(2 * HOUR)
    zones.end(session)


def test_at_the_pc_time_of_a_cheaper_zone_waits_for_the_desk(
    zones: Zones, club: ClubContext
) -> None:
    zones.rule("difference")
    zones.end(zones.buy(zones.hall))

    def sign_in(at: int) -> int | None:
        return service.begin_for_customer(
            club, computer_id=at, customer_id=zones.customer, actor=PLAYER
        )

    def seat(consent: Consent = NO_CONSENT) -> int:
        return service.seat_customer(
            club,
            computer_id=zones.vip,
            customer_id=zones.customer,
            actor=CASHIER,
            consent=consent,
        )

    assert sign_in(zones.vip) is None
    with pytest.raises(OperationRefused, check=asked("zone_difference", amount_tiyn=600_00)):
        seat()
    before = zones.account(CASH)
    session = seat(Consent(600_00, "cash"))
    assert (zones.balance(), before - zones.account(CASH)) == (600_00, 600_00)
    # Bought at the PC itself it is played there, whatever becomes of prices.
    dearer = replace(zones.terms, zones={}, price_tiyn=1)
    tariffs.change(club, tariff_id=zones.tariff, terms=dearer, actor=OWNER)
    assert seconds_left(club, zones.vip) == 3 * HOUR
    zones.end(session)
    assert sign_in(zones.hall) is not None


def test_a_guest_pays_at_the_desk_or_stays(zones: Zones, club: ClubContext) -> None:
    zones.rule("difference")
    session = service.seat_guest(
        club, computer_id=zones.hall, tariff_id=zones.tariff, method="cash", guest_name="", actor=CASHIER, key="g",
    )  # fmt: skip
    with pytest.raises(OperationRefused, match="time_not_sold_there"):
        zones.move(session, zones.bootcamp)
    with pytest.raises(OperationRefused, match="no_balance"):
        zones.move(session, zones.vip, 600_00)
    session = zones.move(session, zones.vip, 600_00, "card")
    assert seconds_left(club, zones.vip) == 3 * HOUR
    zones.end(session)
