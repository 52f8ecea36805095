"""The club in which a month is played: its PCs, people, tariffs, and who sits where."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.fiscal import outbox
from lovhub.server.fiscal.providers.contract import Document, Registered
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.goods import service as goods
from lovhub.server.halls import service as halls
from lovhub.server.loyalty import promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms, Step
from lovhub.server.minors import service as minors
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.oracle.carrying import ZoneRule
from tests.oracle.club import Club
from tests.oracle.loyalty import Bonuses
from tests.oracle.night import Age
from tests.oracle.papers import VAT_PERCENT
from tests.oracle.terms import Group, Minutes, Offer
from tests.support.club import People
from tests.support.staff import hire

HOUR = 3600
METHODS = ("cash", "cash", "card", "kaspi")
"""Ways of paying, cash twice as often."""
BONUSES = Bonuses(steps=((500_00, 5), (1_500_00, 12)), share=60)
PROMO_BONUS = 333_00
PROMO_SECONDS = 25 * 60


Answer = TypeVar("Answer")


def refusal_of(act: Callable[[], object]) -> str:
    """Why the operation was refused; "" if it was done."""
    try:
        act()
    except OperationRefused as refusal:
        return refusal.code
    return ""


class _Operator:
    """Is never asked: documents are written with the money, and sent by a job that does not run here."""

    name = "played"

    def send(self, document: Document) -> Registered:
        raise AssertionError(document)

    def find(self, key: str) -> Registered | None:
        raise AssertionError(key)


@dataclass
class World:
    """The club, who works and plays there, what it sells; and who sits where by now. `clock` must be the club's."""

    club: ClubContext
    clock: ManualClock
    pcs: int
    seed: int
    lease_seconds: int = HOUR
    zone_rule: ZoneRule = "nothing"
    troubles: bool = False
    oracle: Club = field(init=False)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.bad_luck = random.Random(-self.seed)
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
        self.groups = [
            Group(loyalty.create_group(self.club, name=name, percent=percent, actor=self.owner), percent)
            for name, percent in (("Свои", 7), ("Команда", 25), ("Друзья", 100))
        ]  # fmt: skip
        team = self.groups[1].name
        self.offers = {self._tariff(offer): offer for offer in _offers(vip, team)}
        self.minutes = {self._by_minute(one): one for one in _minutes(vip, team)}
        self.oracle = Club("Asia/Almaty", list(self.minutes.values()), BONUSES)
        self._bonuses_and_codes()
        self.customers = [
            self.people.customer(name=f"Игрок {number}") for number in range(self.pcs * 2)
        ]
        for customer in self.customers[::3]:
            self.put_in_group(customer, self.chance.choice(self.groups))
        self.cola = goods.create(self.club, title="Кола", price_tiyn=450_00, actor=self.owner)
        with self.club.write() as work:
            club = club_service.get(work.db, work.club_id)
            club.lease_seconds, club.given_minutes_per_shift = self.lease_seconds, 0
            club.minors_rule = club.cached_sign_ins = True
            club.zone_rule = "free" if self.zone_rule == "nothing" else self.zone_rule
        self.oracle.zone_rule, self.oracle.night_rule = self.zone_rule, True
        for number, customer in enumerate(self.customers):
            self.know_age(customer, self._some_age(number))
        self.set_debt_limit(500_00)
        outbox.install(self.club, Fiscal(_Operator(), VAT_PERCENT))
        self.at_pc: dict[int, int] = {}  # PC → the sitting there
        self.silent: dict[
            int, tuple[int, int]
        ] = {}  # PC → (when it comes back, what it will have played)
        self._number = 0

    def _bonuses_and_codes(self) -> None:
        loyalty.set_bonus_terms(
            self.club,
            terms=BonusTerms(
                is_on=True, share_percent=BONUSES.share, per_shift_tiyn=0,
                steps=tuple(Step(*step) for step in BONUSES.steps),
            ),
            actor=self.owner,
        )  # fmt: skip
        for code, kind in (("BONUS", "bonus"), ("TIME", "time")):
            terms = PromoTerms(
                title=code, kind=kind, amount_tiyn=PROMO_BONUS if kind == "bonus" else 0,
                seconds=PROMO_SECONDS if kind == "time" else 0,
                from_at=self.clock.now(), until_at=None, uses=0,
            )  # fmt: skip
            promos.create(self.club, terms=terms, codes=[code], actor=self.owner)

    def set_debt_limit(self, tiyn: int) -> None:
        with self.club.write() as work:
            club_service.get(work.db, work.club_id).debt_limit_tiyn = tiyn
        self.oracle.debt_limit = tiyn

    def _some_age(self, number: int) -> Age:
        """Half are adults who have shown a document; some of the others turn 18 within the month."""
        today = self.oracle.price_list.day(self.clock.now())
        soon = today + timedelta(days=1 + number % 28)
        return (
            Age(date(1990, 2, 28), confirmed=True),
            Age(today.replace(year=today.year - 16), confirmed=number % 4 == 1),
            Age(date(2008, 2, 29), confirmed=True),
            Age(),
            Age(date(2000, 3, 1), confirmed=True),
            Age(soon.replace(year=soon.year - 18), confirmed=True),
            Age(date(1985, 12, 31), confirmed=True),
            Age(date(2001, 1, 1)),
            Age(soon.replace(year=soon.year - 18)),
        )[number % 9]

    def know_age(self, customer: int, age: Age) -> None:
        """A birth date is entered, which makes it one that nobody has confirmed, or read in a document."""
        now, born = self.clock.now(), "" if age.born is None else age.born.isoformat()
        if age.confirmed:
            minors.confirm_age(
                self.club, customer_id=customer, birth_date=born, document="passport", actor=self.cashier()
            )  # fmt: skip
        elif self.oracle.ages.get(customer, Age()).born != age.born:
            customers.change_details(
                self.club, customer_id=customer, name=f"Игрок {customer}", phone="", birth_date=born,
                actor=self.cashier(),
            )  # fmt: skip
        self.oracle.know_age(now, customer, age)

    def set_night_rule(self, *, is_on: bool) -> None:
        with self.club.write() as work:
            club_service.get(work.db, work.club_id).minors_rule = is_on
        self.oracle.night_rule = is_on

    def put_in_group(self, customer: int, group: Group) -> None:
        loyalty.put_in_group(self.club, customer_id=customer, group_id=group.name, actor=self.owner)
        self.oracle.groups[customer] = group

    def cashier(self) -> Actor:
        return self.cashiers[len(self.oracle.drawer.shifts) % 2]

    def key(self, what: str) -> str:
        self._number += 1
        return f"{what}-{self._number:08}"

    def sent(self, act: Callable[[str], Answer], what: str = "") -> Answer:
        """Do what somebody asks for under one key; among troubles it may be asked twice, and is answered the same."""
        key = self.key(what)
        answer = act(key)
        if self.troubles and self.bad_luck.random() < 0.1:
            self.note("sent twice")
            assert act(key) == answer, "the same again is not the same"
        return answer

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
                groups=minutes.groups,
            ),
            actor=self.owner,
        )

    def _tariff(self, offer: Offer) -> int:
        window = (offer.sold_from * 60, offer.sold_until * 60)
        has_window = offer.kind == "fixed_end" or offer.has_hours
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
                groups=offer.groups,
                weekdays=offer.weekdays,
                play_rule="sale_hours" if offer.has_hours else "any_time",
            ),
            actor=self.owner,
        )


def _minutes(vip: int, team: object) -> list[Minutes]:
    only_team = frozenset((team,))
    return [
        Minutes(
            "Минуты команды",
            350_00,
            {vip: 401_50},
            sold_from=12 * 60,
            sold_until=20 * 60,
            groups=only_team,
        ),
        Minutes("Минуты днём", 600_00, {vip: 777_77}, sold_from=8 * 60, sold_until=18 * 60),
        Minutes("Минуты ночью", 433_33, sold_from=18 * 60, sold_until=8 * 60, minimum=100_00),
    ]


def _offers(vip: int, team: object) -> list[Offer]:
    return [
        Offer("2 часа команды", "package", 777_77, 2 * HOUR, rest="refunded", groups=frozenset((team,))),
        Offer("1 час", "package", 500_00, HOUR, {vip: 733_33}),
        Offer("3 часа", "package", 1_333_33, 3 * HOUR, {vip: 1_777_70}, rest="refunded"),
        Offer("40 минут", "package", 300_00, 40 * 60, {vip: 250_00}, rest="expires"),
        Offer("Ночь", "fixed_end", 3_000_00, sold_from=22 * 60, sold_until=8 * 60, by_share=True,
              minimum=500_00, rest="refunded"),
        Offer("День", "fixed_end", 2_000_00, sold_from=9 * 60, sold_until=17 * 60, rest="expires"),
        Offer("Вечер", "fixed_end", 1_500_00, sold_from=18 * 60, sold_until=23 * 60, rest="expires"),
        Offer("10 часов на 2 дня", "bundle", 4_000_07, 10 * HOUR, {vip: 5_000_00}, valid_days=2, rest="expires"),
        Offer("4 часа днём", "package", 800_00, 4 * HOUR, sold_from=9 * 60, sold_until=17 * 60 + 30,
              rest="refunded", has_hours=True, weekdays=frozenset({0, 1, 3, 4, 5})),
        Offer("6 часов утром на 2 дня", "bundle", 1_100_00, 6 * HOUR, {vip: 1_300_00}, sold_from=8 * 60,
              sold_until=14 * 60, valid_days=2, rest="refunded", has_hours=True),
        Offer("9 часов вечером на день", "bundle", 1_900_03, 9 * HOUR, sold_from=19 * 60, sold_until=2 * 60,
              valid_days=1, rest="expires", has_hours=True, weekdays=frozenset({0, 2, 3, 4, 6})),
        Offer("5 часов на день", "bundle", 2_000_00, 5 * HOUR, valid_days=1, rest="refunded"),
    ]  # fmt: skip
