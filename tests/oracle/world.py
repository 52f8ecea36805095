"""The club in which a month is played: its PCs, people, tariffs, and who sits where."""

import random
from collections import Counter
from dataclasses import dataclass, field

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.goods import service as goods
from lovhub.server.halls import service as halls
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.oracle.club import Club
from tests.oracle.terms import Minutes, Offer
from tests.support.club import People
from tests.support.staff import hire

HOUR = 3600
METHODS = ("cash", "cash", "card", "kaspi")
"""Ways of paying, cash twice as often."""


@dataclass
class World:
    """The club, who works and plays there, what it sells; and who sits where by now. `clock` must be the club's."""

    club: ClubContext
    clock: ManualClock
    pcs: int
    seed: int
    lease_seconds: int = HOUR
    oracle: Club = field(init=False)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.people = People(self.club)
        self.owner = hire(self.club, "Айгуль", "owner")
        self.cashiers = [hire(self.club, name) for name in ("Данияр", "Аскар")]
        vip = self.people.zone("VIP").zone_id
        self.zones: dict[int, int | None] = {}
        for number in range(self.pcs):
            pc = self.people.computer()
            self.zones[pc] = vip if number % 3 == 2 else None
        halls.place(
            self.club, computer_ids=[pc for pc, zone in self.zones.items() if zone], zone_id=vip,
            actor=self.owner,
        )  # fmt: skip
        self.offers = {self._tariff(offer): offer for offer in _offers(vip)}
        self.minutes = {self._by_minute(one): one for one in _minutes(vip)}
        self.oracle = Club("Asia/Almaty", list(self.minutes.values()))
        self.customers = [
            self.people.customer(name=f"Игрок {number}") for number in range(self.pcs * 2)
        ]
        self.cola = goods.create(self.club, title="Кола", price_tiyn=450_00, actor=self.owner)
        with self.club.write() as work:
            club = club_service.get(work.db, work.club_id)
            club.lease_seconds, club.given_minutes_per_shift = self.lease_seconds, 0
            club.minors_rule = False
        self.at_pc: dict[int, int] = {}  # PC → the sitting there
        self.silent: dict[
            int, tuple[int, int]
        ] = {}  # PC → (when it comes back, what it will have played)
        self._number = 0

    def cashier(self) -> Actor:
        return self.cashiers[len(self.oracle.drawer.shifts) % 2]

    def key(self, what: str) -> str:
        self._number += 1
        return f"{what}-{self._number:08}"

    def note(self, what: str) -> None:
        self.happened[what] += 1

    def _by_minute(self, minutes: Minutes) -> int:
        return tariffs.create(
            self.club,
            terms=Terms(
                title=minutes.title,
                seconds=HOUR,
                price_tiyn=minutes.per_hour,
                kind="per_minute",
                sold_from=minutes.sold_from * 60,
                sold_until=minutes.sold_until * 60,
                zones={
                    zone: ZonePrice(price_tiyn=price) for zone, price in minutes.zone_prices.items()
                },
                minimum_tiyn=minutes.minimum,
            ),
            actor=self.owner,
        )

    def _tariff(self, offer: Offer) -> int:
        window = (offer.sold_from * 60, offer.sold_until * 60)
        has_window = offer.kind == "fixed_end"
        return tariffs.create(
            self.club,
            terms=Terms(
                title=offer.title,
                seconds=offer.seconds or HOUR,
                price_tiyn=offer.price,
                kind=offer.kind,
                sold_from=window[0] if has_window else None,
                sold_until=window[1] if has_window else None,
                zones={
                    zone: ZonePrice(price_tiyn=price) for zone, price in offer.zone_prices.items()
                },
                price_rule="share" if offer.by_share else "whole",
                minimum_tiyn=offer.minimum,
                valid_days=offer.valid_days or None,
                rest_rule=offer.rest,
            ),
            actor=self.owner,
        )


def _minutes(vip: int) -> list[Minutes]:
    return [
        Minutes("Минуты днём", 600_00, {vip: 777_77}, sold_from=8 * 60, sold_until=18 * 60),
        Minutes("Минуты ночью", 433_33, sold_from=18 * 60, sold_until=8 * 60, minimum=100_00),
    ]


def _offers(vip: int) -> list[Offer]:
    return [
        Offer("1 час", "package", 500_00, HOUR, {vip: 733_33}),
        Offer("3 часа", "package", 1_333_33, 3 * HOUR, rest="refunded"),
        Offer("40 минут", "package", 300_00, 40 * 60, rest="expires"),
        Offer("Ночь", "fixed_end", 3_000_00, sold_from=22 * 60, sold_until=8 * 60, by_share=True,
              minimum=500_00, rest="refunded"),
        Offer("День", "fixed_end", 2_000_00, sold_from=9 * 60, sold_until=17 * 60, rest="expires"),
        Offer("10 часов на 2 дня", "bundle", 4_000_07, 10 * HOUR, valid_days=2, rest="expires"),
        Offer("5 часов на день", "bundle", 2_000_00, 5 * HOUR, valid_days=1, rest="refunded"),
    ]  # fmt: skip
