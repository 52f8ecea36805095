"""A busy small club, and what is kept of its days."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.halls import service as halls
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, KASPI
from lovhub.server.ledger.models import (
    LedgerPosting,
)
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots import expiry
from lovhub.server.reports import service
from lovhub.server.reports.models import BookDay
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import CASHIER, OWNER, People
from tests.support.month import DAY

ALMATY = ZoneInfo("Asia/Almaty")
FIRST = date(2027, 3, 28)
DAYS = 5
"""Over the end of a week and of a month."""


@dataclass
class Busy:
    """A club of four PCs in two zones and none, and where each PC has stood since when."""

    club: ClubContext
    clock: ManualClock
    people: People
    chance: random.Random = field(default_factory=lambda: random.Random(11))
    stood: list[tuple[int, int, int | None]] = field(default_factory=list)
    number: int = 0

    def play(self) -> None:
        """Sales at the desk and at the PC, guests, goods, refunds, expiry, Kaspi, a PC that changes its zone."""
        zones = [self.people.zone("Зал").zone_id, self.people.zone("VIP").zone_id, None]
        pcs = [self.people.computer() for _ in range(4)]
        for pc, zone in zip(pcs, [*zones, zones[1]], strict=True):
            self.place(pc, zone)
        offered = [
            tariffs.create(self.club, terms=terms, actor=OWNER)
            for terms in (
                Terms("1 час", 3600, 333_33),
                Terms("3 часа", 3 * 3600, 1_000_01, rest_rule="refunded"),
                Terms("Пакет", 2 * 3600, 700_00, rest_rule="expires"),
                Terms("По минутам", 3600, 600_00, "per_minute"),
                Terms(
                    "Неделя", 5 * 3600, 1_500_00, kind="bundle", valid_days=2, rest_rule="expires"
                ),
            )
        ]
        water = goods.create(self.club, title="Вода", price_tiyn=300_00, actor=OWNER)
        players = [self.people.customer(balance_tiyn=500_00) for _ in range(3)]
        end = self.clock.now() + DAYS * DAY - 12 * 3600
        while self.clock.now() < end:
            self.number += 1
            pc, player = self.chance.choice(pcs), self.chance.choice(players)
            with suppress(OperationRefused):  # somebody sits there, or plays elsewhere
                self.act(self.chance.randrange(10), pc, player, self.chance.choice(offered), water)
            self.clock.advance(self.chance.randint(300, 5 * 3600))
            expiry.expire_due(self.club)
            for _ in range(3):
                link.run_due(self.club, pcs)
            if self.number == 20:
                self.place(pcs[0], zones[1])
            if self.chance.random() < 0.3:
                self.sum_up()

    def act(self, what: int, pc: int, player: int, tariff: int, water: int) -> None:
        key, method = f"operation-{self.number}", self.chance.choice(["cash", "card", "kaspi"])
        who = self.chance.choice([CASHIER, OWNER])
        if what <= 1:
            sessions.seat_guest(
                self.club, computer_id=pc, tariff_id=tariff, method=method, guest_name="",
                actor=who, key=key,
            )  # fmt: skip
        elif what <= 5:
            customers.top_up(
                self.club, customer_id=player, amount_tiyn=1_700_50, method=method, key=f"{key}:t",
                actor=who,
            )  # fmt: skip
            himself = Actor("customer", player, "Игрок")
            sessions.buy(
                self.club, computer_id=pc, customer_id=player, tariff_id=tariff, key=key,
                actor=self.chance.choice([who, himself]),
            )  # fmt: skip
        elif what == 6:
            posting_id = goods.sell(
                self.club, lines=[Line(water, 2)], method=method, expected_tiyn=600_00, key=key,
                actor=who,
            )  # fmt: skip
            if self.chance.random() < 0.3:
                goods.take_back(self.club, posting_id=posting_id, reason="Ошибка", actor=OWNER)
        elif what == 7:
            self.told_by_the_bank(player, key)
        elif what == 8:
            customers.top_up(
                self.club, customer_id=player, amount_tiyn=900_00, method=method, key=key, actor=who
            )
            with self.club.read() as db:
                posting_id = db.scalars(select(func.max(LedgerPosting.id))).one()
            reversal.take_back(
                self.club, customer_id=player, posting_id=posting_id, reason="Ошибка", actor=OWNER
            )
        else:
            with self.club.read() as db:
                on = db.scalars(
                    select(PlaySession.id).where(
                        PlaySession.computer_id == pc, PlaySession.state == "active"
                    )
                ).first()
            if on is not None:
                sessions.end(self.club, session_id=on, actor=who, reason="ended_by_desk")

    def told_by_the_bank(self, player: int, key: str) -> None:
        with self.club.write() as work:
            account = work.db.get_one(Customer, player).balance_account_id
            ledger.post(
                work, key=key, kind="top_up", actor=SYSTEM,
                transfers=[
                    Transfer(
                        ledger.club_account(work, KASPI),
                        Account(account, CUSTOMER_BALANCE.unit),
                        400_00,
                    )
                ],
            )  # fmt: skip

    def place(self, pc: int, zone: int | None) -> None:
        halls.place(self.club, computer_ids=[pc], zone_id=zone, actor=OWNER)
        self.stood.append((self.clock.now(), pc, zone))

    def zone(self, pc: int, at: int) -> str:
        zone = [where for since, which, where in self.stood if which == pc and since <= at][-1]
        return "" if zone is None else str(zone)

    def sum_up(self) -> None:
        service.sum_up(self.club)
        service.close_days(self.club)
        service.close_book_days(self.club)


def kept(club: ClubContext) -> list[tuple[int, bytes]]:
    with club.read() as db:
        rows = db.execute(
            select(BookDay.day_at, BookDay.cut, BookDay.quarters).order_by(
                BookDay.day_at, BookDay.cut
            )
        )
        by_day: dict[int, bytes] = {}
        for at, cut, kept in rows:
            by_day[at] = by_day.get(at, b"") + cut.encode() + kept
    return sorted(by_day.items())
