"""A club's month through the real services on a moved clock; everything that happens is told to the oracle as well.

What is done is chosen from what the oracle believes, so a service that thinks otherwise refuses, and that is a finding.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.halls import service as halls
from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.reports import service as reports
from lovhub.server.sessions import group_sale, link, moves
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.sale import Till
from lovhub.server.shifts import service as shifts
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.oracle.club import FOREVER, Club, Minutes, Offer
from tests.support.club import People
from tests.support.staff import hire

HOUR = 3600
DAY = 24 * HOUR
METHODS = ("cash", "cash", "card", "kaspi")
LONGEST_SILENCE = 20 * 60


def guest(session_id: int) -> tuple[str, int]:
    """A guest is whoever sits in this sitting."""
    return ("guest", session_id)


@dataclass
class Month:
    """Plays; `oracle` is told. `clock` must be the club's."""

    club: ClubContext
    clock: ManualClock
    pcs: int
    seed: int
    ops_per_pc_day: float = 16
    oracle: Club = field(init=False)
    happened: Counter[str] = field(default_factory=Counter)
    tell: Callable[[str], None] = lambda _line: None

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
            club.lease_seconds, club.given_minutes_per_shift = HOUR, 0
            club.minors_rule = False
        self.begun_at = self.clock.now()
        self.at_pc: dict[int, int] = {}  # PC → the sitting there
        self.silent: dict[
            int, tuple[int, int]
        ] = {}  # PC → (when it comes back, what it will have played)
        self._number = 0
        self._top_ups: list[tuple[int, int, int]] = []
        self._sales: list[tuple[int, int]] = []
        self._shift: int | None = None
        self._looked_at = 0

    # --- time ---------------------------------------------------------------------------------------

    def play(self, days: int) -> None:
        """So many days; then everybody leaves and the drawer is counted."""
        end = self.begun_at + days * DAY
        pause = DAY / (self.pcs * self.ops_per_pc_day)
        shift_at = self.begun_at
        while self.clock.now() < end:
            if self.clock.now() >= shift_at:
                self.tell(f"day {(self.clock.now() - self.begun_at) / DAY:.1f}")
                self._change_shift()
                shift_at += DAY // 2
            self._do_something()
            self._pass_time(min(end, self.clock.now() + self.chance.randint(1, int(2 * pause))))
        self._pass_time(max([end, *(back for back, _played in self.silent.values())]))
        for pc in list(self.at_pc):
            self._leave(pc)
        self._close_shift()
        self.oracle.settle(self.clock.now())

    def _pass_time(self, until: int) -> None:
        """Go from one instant at which the server has something to do to the next."""
        while True:
            due = min(
                self._due_at(), until, *(back for back, _played in self.silent.values()), until
            )
            self.clock.advance(max(0, due - self.clock.now()))
            for pc in [pc for pc, (back, _played) in self.silent.items() if back <= due]:
                self._come_back(pc)
            while link.run_due(self.club, self._linked()):
                pass
            expiry.expire_due(self.club)
            if due >= until:
                break
        self._compare_sittings()
        if self.clock.now() - self._looked_at > DAY:
            self._looked_at = self.clock.now()
            reports.sum_up(self.club)
            reports.close_days(self.club)

    def _due_at(self) -> int:
        now = self.clock.now()
        with self.club.read() as db:
            sitting = db.scalar(
                select(func.min(PlaySession.due_at)).where(
                    PlaySession.state == "active", PlaySession.computer_id.in_(self._linked())
                )
            )
            lot = db.scalar(
                select(func.min(Lot.expires_at)).where(
                    Lot.exhausted.is_(False), Lot.expires_at > now
                )
            )
        return min(max(now + 1, at) for at in (sitting or FOREVER, lot or FOREVER))

    def _linked(self) -> frozenset[int]:
        return frozenset(self.zones) - frozenset(self.silent)

    def _compare_sittings(self) -> None:
        """Whoever's time is over is known to be so by both."""
        self.oracle.settle(self.clock.now())
        with self.club.read() as db:
            states = dict(
                db.execute(
                    select(PlaySession.id, PlaySession.state).where(
                        PlaySession.id.in_(self.at_pc.values())
                    )
                ).all()
            )
        words = {"active": "runs", "paused": "stands", "unreachable": "silent", "ended": "over"}
        ours = {session: words[state] for session, state in states.items()}
        theirs = {session: self.oracle.sittings[session].state for session in ours}
        assert ours == theirs, (self.clock.now(), {
            session: (ours[session], theirs[session], self.oracle.sittings[session])
            for session in ours if ours[session] != theirs[session]
        })  # fmt: skip
        self.at_pc = {
            pc: session for pc, session in self.at_pc.items() if theirs[session] != "over"
        }

    # --- what people do -----------------------------------------------------------------------------

    def _do_something(self) -> None:
        chance = self.chance
        pc = chance.choice(list(self.zones))
        if pc in self.silent:
            if chance.random() < 0.3:
                self._release(pc)
            return
        if pc not in self.at_pc:
            self._arrive(pc)
            return
        state = self.oracle.sittings[self.at_pc[pc]].state
        if state == "stands":
            if chance.random() < 0.7 and self._may_play(pc):
                self._resume(pc)
            else:
                self._leave(pc)
            return
        act = chance.choices(
            (
                self._leave,
                self._pause,
                self._move,
                self._fall_silent,
                self._buy_more,
                self._aside,
                self._go_on_by_minute,
            ),
            (4, 1, 1, 2, 2, 4, 2),
        )[0]
        act(pc)

    def _arrive(self, pc: int) -> None:
        chance = self.chance
        playing = {self.oracle.sittings[session].player for session in self.at_pc.values()}
        free = [one for one in self.customers if one not in playing]
        draw = chance.random()
        if draw < 0.25:
            self._seat_guest(pc)
        elif draw < 0.35:
            self._seat_guests()
        elif free and draw < 0.95:
            customer = chance.choice(free)
            if self.oracle.seconds_left(customer) and chance.random() < 0.6:
                self._sign_in(pc, customer)
            elif chance.random() < 0.3:
                self._by_minute_from_the_balance(pc, customer)
            else:
                self._buy(pc, customer)
        else:
            self._aside(pc)

    def _seat_guest(self, pc: int) -> None:
        tariff, offer = self._choose(pc, for_guests=True)
        found = self.oracle.quote(self.clock.now(), offer, self.zones[pc])
        if found is None:
            return
        price = found[1]
        card = self.chance.randrange(0, price) if price > 1 and self.chance.random() < 0.2 else 0
        parts = (Part("card", card), Part("cash", price - card)) if card else ()
        method = "split" if card else self.chance.choice(METHODS)
        session = sessions.seat_guest(
            self.club, computer_id=pc, tariff_id=tariff, method=method, guest_name="",
            actor=self._cashier(), key=self._key("guest"), till=Till(price_tiyn=price, parts=parts),
        )  # fmt: skip
        ways = {"card": card, "cash": price - card} if card else {method: price}
        self._sat_down(
            pc, session, guest(session), lambda: self._sold(offer, pc, guest(session), ways)
        )

    def _seat_guests(self) -> None:
        free = [pc for pc in self.zones if pc not in self.at_pc and pc not in self.silent][:3]
        tariff, offer = self._choose(free[0], for_guests=True)
        quotes = {pc: self.oracle.quote(self.clock.now(), offer, self.zones[pc]) for pc in free}
        if any(quote is None for quote in quotes.values()):
            return
        paid = group_sale.sell_together(
            self.club, computer_ids=free, tariff_id=tariff, key=self._key("group"),
            payer=group_sale.Payer(method="cash"), actor=self._cashier(),
        )  # fmt: skip
        for outcome in paid.outcomes:
            pc, session = outcome.computer_id, outcome.session_id
            quote = quotes[pc]
            assert quote is not None
            assert session is not None
            self._sat_down(
                pc, session, guest(session),
                lambda pc=pc, session=session, quote=quote: self._sold(  # type: ignore[misc]
                    offer, pc, guest(session), {"cash": quote[1]}
                ),
            )  # fmt: skip

    def _buy(self, pc: int, customer: int) -> None:
        """At the desk or at the PC; at the desk it may be paid at once."""
        tariff, offer = self._choose(pc)
        found = self.oracle.quote(self.clock.now(), offer, self.zones[pc])
        if found is None:
            return
        short = found[1] - self.oracle.balances[customer]
        if short > 0:
            self._top_up(customer, short + self.chance.randrange(0, 3) * 100_00)
        at_desk = self.chance.random() < 0.5
        player = Actor("customer", customer, "Игрок")
        session = sessions.buy(
            self.club, computer_id=pc, customer_id=customer, tariff_id=tariff, key=self._key("buy"),
            actor=self._cashier() if at_desk else player, till=Till(price_tiyn=found[1]),
        )  # fmt: skip
        sell = lambda: self._sold(offer, pc, customer, {"balance": found[1]}, at_desk=at_desk)  # noqa: E731
        if self.at_pc.get(pc) == session:
            sell()
        else:
            self._sat_down(pc, session, customer, sell)

    def _by_minute_from_the_balance(self, pc: int, customer: int) -> None:
        tariff, chosen = self.chance.choice(list(self.minutes.items()))
        now, zone = self.clock.now(), self.zones[pc]
        if not self.oracle.may_start_minutes(now, customer, chosen, zone):
            return
        session = sessions.buy(
            self.club, computer_id=pc, customer_id=customer, tariff_id=tariff,
            key=self._key("minutes"), actor=Actor("customer", customer, "Игрок"),
        )  # fmt: skip
        self._note("by the minute")
        if self.at_pc.get(pc) == session:
            self.oracle.start_minutes(now, session, chosen)
        else:
            self._note("sat down")
            self.oracle.sit_down(now, session, customer, zone, by_minute=chosen)
            self.at_pc[pc] = session

    def _go_on_by_minute(self, pc: int) -> None:
        sitting = self.oracle.sittings[self.at_pc[pc]]
        if isinstance(sitting.player, int) and sitting.meter is None:
            self._by_minute_from_the_balance(pc, sitting.player)

    def _buy_more(self, pc: int) -> None:
        player = self.oracle.sittings[self.at_pc[pc]].player
        if isinstance(player, int):
            self._buy(pc, player)

    def _sign_in(self, pc: int, customer: int) -> None:
        session = sessions.begin_for_customer(
            self.club, computer_id=pc, customer_id=customer,
            actor=Actor("customer", customer, "Игрок"),
        )  # fmt: skip
        assert session is not None
        self._sat_down(pc, session, customer, lambda: None)

    def _leave(self, pc: int) -> None:
        session = self.at_pc.pop(pc)
        by_desk = self.chance.random() < 0.5
        sessions.end(
            self.club, session_id=session, actor=self._cashier(),
            reason="ended_by_desk" if by_desk else "signed_out",
        )  # fmt: skip
        self._note("left")
        self.oracle.leave(self.clock.now(), session)

    def _pause(self, pc: int) -> None:
        sessions.pause(self.club, session_id=self.at_pc[pc], actor=self._cashier())
        self._note("paused")
        self.oracle.pause(self.clock.now(), self.at_pc[pc])

    def _resume(self, pc: int) -> None:
        sessions.resume(self.club, session_id=self.at_pc[pc], actor=self._cashier())
        self._note("resumed")
        self.oracle.resume(self.clock.now(), self.at_pc[pc])

    def _move(self, pc: int) -> None:
        free = [
            other for other in self.zones if other not in self.at_pc and other not in self.silent
        ]
        if not free:
            return
        to, session = self.chance.choice(free), self.at_pc.pop(pc)
        new = moves.move(self.club, session_id=session, to_computer_id=to, actor=self._cashier())
        self._note("moved")
        self.oracle.move(self.clock.now(), session, new, self.zones[to])
        self.at_pc[to] = new

    def _fall_silent(self, pc: int) -> None:
        """The cable is pulled, or the power goes: the PC comes back later and tells what was played."""
        session, now = self.at_pc[pc], self.clock.now()
        computers.flush_last_seen(self.club, {pc: now})
        link.link_lost(self.club, computer_id=pc)
        self._note("silent")
        self.oracle.fall_silent(now, session)
        row = self.people.session(session)
        may_play = row.leased_seconds - self.oracle.sittings[session].played
        away = self.chance.randint(1, LONGEST_SILENCE)
        has_power = self.chance.random() < 0.5
        plays = min(may_play, away) if has_power else min(may_play, self.chance.randint(0, 4))
        if has_power and may_play <= away:
            away, has_power = max(1, may_play - 1), True
            plays = min(away, may_play)
        self.silent[pc] = now + away, plays if has_power else -1 - plays

    def _come_back(self, pc: int) -> None:
        _back, plays = self.silent.pop(pc)
        session, lost_power = self.at_pc[pc], plays < 0
        played = self.oracle.sittings[session].played + (-1 - plays if lost_power else plays)
        row = self.people.session(session)
        link.link_returned(
            self.club, computer_id=pc, boot_id="boot-2" if lost_power else "boot-1",
            report=ReportedSession(session, row.lease_serial, played, "boot-1", self.clock.now()),
        )  # fmt: skip
        self._note("power cut" if lost_power else "back")
        self.oracle.report(self.clock.now(), session, played=played, lost_power=lost_power)

    def _release(self, pc: int) -> None:
        self.silent.pop(pc)
        session = self.at_pc.pop(pc)
        sessions.release(self.club, session_id=session, reason="сгорел", actor=self._cashier())
        self._note("released")
        self.oracle.release(self.clock.now(), session)

    # --- money beside -------------------------------------------------------------------------------

    def _aside(self, _pc: int) -> None:
        act = self.chance.choice(
            (
                self._just_top_up,
                self._take_back,
                self._goods,
                self._goods_back,
                self._cash,
                self._give,
            )
        )
        act()

    def _just_top_up(self) -> None:
        self._top_up(self.chance.choice(self.customers), self.chance.randrange(1, 60) * 50_00)

    def _top_up(self, customer: int, amount: int) -> None:
        method = self.chance.choice(METHODS)
        posting = customers.top_up(
            self.club, customer_id=customer, amount_tiyn=amount, method=method,
            key=self._key("top-up"), actor=self._cashier(),
        )  # fmt: skip
        self._note("topped up")
        self.oracle.top_up(self.clock.now(), posting, customer, amount, method)
        self._top_ups.append((posting, customer, amount))

    def _take_back(self) -> None:
        silent = {self.oracle.sittings[self.at_pc[pc]].player for pc in self.silent}
        left = [
            one for one in self._top_ups[-20:]
            if self.oracle.balances[one[1]] >= one[2] and one[1] not in silent
        ]  # fmt: skip
        if not left:
            return
        top_up = self.chance.choice(left)
        self._top_ups.remove(top_up)
        reversal.take_back(
            self.club,
            customer_id=top_up[1],
            posting_id=top_up[0],
            reason="ошибка",
            actor=self.owner,
        )
        self._note("taken back")
        self.oracle.take_back(self.clock.now(), top_up[0])

    def _goods(self) -> None:
        quantity, method = self.chance.randint(1, 5), self.chance.choice(METHODS)
        posting = goods.sell(
            self.club, lines=[Line(self.cola, quantity)], method=method,
            expected_tiyn=quantity * 450_00, key=self._key("goods"), actor=self._cashier(),
        )  # fmt: skip
        self._note("goods")
        self.oracle.sell_goods(self.clock.now(), posting, quantity * 450_00, method)
        self._sales.append((posting, quantity))

    def _goods_back(self) -> None:
        if not self._sales or self.chance.random() < 0.5:
            return
        posting, _quantity = self._sales.pop()
        goods.take_back(self.club, posting_id=posting, reason="вернули", actor=self.owner)
        self._note("goods back")
        self.oracle.take_back_goods(self.clock.now(), posting)

    def _cash(self) -> None:
        amount = self.chance.randint(1, 2000) * 100
        is_out = self.oracle.drawer >= amount and self.chance.random() < 0.6
        shifts.pay(
            self.club, is_out=is_out, amount_tiyn=amount, reason="вода", key=self._key("cash"),
            actor=self._cashier(),
        )  # fmt: skip
        self._note("paid")
        self.oracle.pay_in(-amount if is_out else amount)

    def _give(self) -> None:
        customer, minutes = self.chance.choice(self.customers), self.chance.randint(1, 30)
        customers.give_time(
            self.club, customer_id=customer, seconds=minutes * 60, title="+", reason="сбой",
            key=self._key("given"), actor=self._cashier(),
        )  # fmt: skip
        self._note("given")
        self.oracle.give(self.clock.now(), customer, minutes * 60)

    def _change_shift(self) -> None:
        self._close_shift()
        counted = max(0, self.oracle.drawer + self.chance.choice((0, 0, -200_00, 50_00)))
        self._shift = shifts.open_shift(self.club, counted_tiyn=counted, actor=self._cashier())
        self.oracle.open_shift(counted)

    def _close_shift(self) -> None:
        if self._shift is None:
            return
        shift, self._shift = self._shift, None
        if self.chance.random() < 0.1:
            shifts.close(
                self.club, shift_id=shift, count=shifts.Count(None, note="ушёл"), actor=self.owner
            )
            self.oracle.close_without_count()
            return
        counted = max(0, self.oracle.drawer + self.chance.choice((0, 0, 0, -100_00, 300_00)))
        left = min(counted, 10_000_00)
        with self.club.read() as db:
            opener = db.get_one(shifts.Shift, shift).opened_by
        by = next(one for one in self.cashiers if one.id == opener)
        shifts.close(self.club, shift_id=shift, count=shifts.Count(counted, left), actor=by)
        self.oracle.close_shift(counted, left)

    # --- inside -------------------------------------------------------------------------------------

    def _sold(
        self, offer: Offer, pc: int, whose: object, ways: dict[str, int], *, at_desk: bool = True
    ) -> None:
        self._note("sold")
        self.oracle.sell(
            self.clock.now(), offer, whose, zone=self.zones[pc], ways=ways, at_desk=at_desk
        )

    def _sat_down(self, pc: int, session: int, player: object, buy: Callable[[], None]) -> None:
        self._note("sat down")
        buy()
        self.oracle.sit_down(self.clock.now(), session, player, self.zones[pc])
        self.at_pc[pc] = session

    def _choose(self, pc: int, *, for_guests: bool = False) -> tuple[int, Offer]:
        fit = [
            (tariff, offer) for tariff, offer in self.offers.items()
            if not (for_guests and offer.rest == "refunded")
        ]  # fmt: skip
        return self.chance.choice(fit)

    def _may_play(self, pc: int) -> bool:
        sitting = self.oracle.sittings[self.at_pc[pc]]
        return bool(self.oracle.seconds_left(sitting.player))

    def _cashier(self) -> Actor:
        return self.cashiers[len(self.oracle.shifts) % 2]

    def _key(self, what: str) -> str:
        self._number += 1
        return f"{what}-{self._number:08}"

    def _note(self, what: str) -> None:
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
