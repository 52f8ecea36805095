"""A small club in the middle of its evening, in which each operation is tried."""

import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.bus import Bus
from lovhub.server.club import service as clubs
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.fiscal import outbox
from lovhub.server.fiscal.providers.fake import FakeProvider
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.goods import service as goods
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import (
    Caps,
    Created,
    OutcomeUnknown,
    Refunded,
    Wanted,
)
from lovhub.server.payments.providers.http import HttpClient
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import service as shifts
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.support.bank import Bank
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite
from tests.support.staff import StaffMaker

EVENING = datetime(2027, 1, 15, 19, 0, tzinfo=ZoneInfo("Asia/Almaty"))


class LastingBank(Bank):
    """A bank outlives the club's server: what it was asked for stands in a file."""

    caps = Caps(create=True, link=True, poll=True, refund=True, cancel=True)

    def __init__(self, asked: Path) -> None:
        super().__init__()
        self.file = asked
        self.is_mute = False

    def create(self, wanted: Wanted) -> Created:
        self._note("create")
        return super().create(wanted)

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        self._note("refund")
        return Refunded("done", "r1")

    def cancel(self, provider_ref: str) -> None:
        self._note("cancel")

    def _note(self, what: str) -> None:
        with self.file.open("a") as file:
            file.write(f"{what}\n")
        if self.is_mute:
            raise OutcomeUnknown

    def remember(self, asked: list[str]) -> None:
        """So much was it asked for, and no more."""
        self.file.write_text("".join(f"{what}\n" for what in asked))

    def asked(self) -> list[str]:
        """What it was asked for, in order."""
        return self.file.read_text().split() if self.file.exists() else []


@dataclass
class Scene:
    """Five PCs, of which two stand in VIP; tariffs; two customers with money; an open shift."""

    club: ClubContext
    clock: ManualClock
    bank: LastingBank
    people: People = field(init=False)
    payments: Payments = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.club)
        self.payments = Payments("qr_r3", self.bank, {self.bank.name: self.bank})

    owner: Actor = field(init=False)
    cashier: Actor = field(init=False)
    pcs: list[int] = field(init=False)
    hour: int = field(init=False)
    minutes: int = field(init=False)
    aya: int = field(init=False)
    erlan: int = field(init=False)
    cola: int = field(init=False)
    shift: int = field(init=False)

    def furnish(self) -> None:
        """Everything that each operation finds there."""
        club, people, staff = self.club, self.people, StaffMaker(self.club)
        self.owner = staff.make("owner")
        self.cashier = staff.make("cashier")
        self.pcs = [people.computer() for _ in range(5)]
        vip = people.zone("VIP")
        with club.write() as work:
            for computer in self.pcs[3:]:
                work.db.get_one(Computer, computer).zone_id = vip.zone_id
            work.db.execute(update(Club).values(zone_rule="difference"))
            settings = replace(
                clubs.settings_of(clubs.get(work.db, work.club_id)), debt_limit_tiyn=500_00
            )
        clubs.change_settings(club, settings=settings, actor=self.owner)
        terms = Terms("1 час", 3600, 500_00, zones={vip.zone_id: ZonePrice(True, 900_00)})
        self.hour = tariffs.create(club, terms=terms, actor=self.owner)
        self.minutes = tariffs.create(
            club, terms=Terms("По минутам", 3600, 600_00, "per_minute"), actor=self.owner
        )
        bonus = BonusTerms(is_on=True, share_percent=50, steps=(Step(1_000_00, 10),))
        loyalty.set_bonus_terms(club, terms=bonus, actor=self.owner)
        self.aya = people.customer(balance_tiyn=9_000_00, name="Ая")
        self.erlan = people.customer(balance_tiyn=2_000_00)
        self.cola = goods.create(club, title="Кола", price_tiyn=500_00, actor=self.owner)
        self.shift = shifts.open_shift(club, counted_tiyn=10_000_00, actor=self.cashier)

    # --- what scenes have in common ------------------------------------------------------------------

    def plays(self, computer: int = 0, tariff: int = 0) -> int:
        """Aya plays at the first PC, or at another; the session's id."""
        return sessions.buy(
            self.club, computer_id=computer or self.pcs[0], customer_id=self.aya,
            tariff_id=tariff or self.hour, key=f"plays {computer}", actor=self.cashier,
        )  # fmt: skip

    def guest_plays(self) -> int:
        """A guest plays at the second PC."""
        return sessions.seat_guest(
            self.club, computer_id=self.pcs[1], tariff_id=self.hour, method="cash",
            guest_name="Гость", key="guest", actor=self.cashier,
        )  # fmt: skip

    def birth_date(self, customer: int, date: str) -> None:
        with self.club.write() as work:
            work.db.get_one(Customer, customer).birth_date = date

    def report(self, session: int, played: int) -> ReportedSession:
        """What a PC says of a session."""
        return ReportedSession(
            session_id=session,
            lease_serial=1,
            played_seconds=played,
            boot_id="boot",
            last_tick_at=0,
        )

    @property
    def manual(self) -> ManualProvider:
        return ManualProvider()

    @property
    def biller(self) -> BillerProvider:
        return BillerProvider(allowed=(), proxies=(), path_secret="secret-0123456789")

    def again(self) -> "Scene":
        """The same club with its first instant, for one scenario."""
        clock = ManualClock(int(EVENING.timestamp()))
        other = copy.copy(self)
        other.clock, other.club = clock, replace(self.club, clock=clock, bus=Bus())
        other.people = copy.copy(self.people)
        other.people.club = other.club
        other.bank = LastingBank(self.bank.file)
        other.bank.remember([])
        other.payments = Payments("qr_r3", other.bank, {other.bank.name: other.bank})
        return other


def made(folder: Path) -> Scene:
    """The scene in a new SQLite file of this folder."""
    clock = ManualClock(int(EVENING.timestamp()))
    club = found_club(new_sqlite(folder / "club.sqlite3"), clock)
    # Each operation of money also queues a document for the tax office's operator: with it, or not at all.
    outbox.install(club, Fiscal(FakeProvider(HttpClient("http://127.0.0.1:1"), "token"), 12))
    scene = Scene(club, clock, LastingBank(folder / "bank"))
    scene.furnish()
    return scene
