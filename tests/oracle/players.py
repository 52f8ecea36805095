"""What players do: they come, buy, play, pause, move, lose their link, leave."""

from collections.abc import Callable

from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.computers import service as computers
from lovhub.server.sessions import group_sale, link, moves
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.sale import Till, TopUp
from lovhub.server.sessions.zones import NO_CONSENT, Consent
from tests.oracle.carrying import Carried
from tests.oracle.club import Asked
from tests.oracle.desk import Desk
from tests.oracle.terms import Offer
from tests.oracle.world import METHODS, World

LONGEST_SILENCE = 20 * 60


def guest(session_id: int) -> tuple[str, int]:
    """A guest is whoever sits in this sitting."""
    return ("guest", session_id)


class Players:
    """Each step is chosen from what the oracle believes, done by the services, and then told the oracle."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.world = world
        self._desk = desk

    def do_something(self) -> None:
        chance = self.world.chance
        pc = chance.choice(list(self.world.zones))
        if pc in self.world.silent:
            if chance.random() < 0.5:
                self._release(pc)
            return
        if pc not in self.world.at_pc:
            self._arrive(pc)
            return
        state = self.world.oracle.sittings[self.world.at_pc[pc]].state
        if state == "stands":
            if chance.random() < 0.7 and self._may_play(pc):
                self._resume(pc)
            else:
                self.leave(pc)
            return
        act = chance.choices(
            (
                self.leave,
                self._pause,
                self._move,
                self._fall_silent,
                self._buy_more,
                lambda _pc: self._desk.aside(),
                self._go_on_by_minute,
            ),
            (4, 1, 3, 2, 2, 4, 2),
        )[0]
        act(pc)

    def _arrive(self, pc: int) -> None:
        chance = self.world.chance
        playing = {
            self.world.oracle.sittings[session].player for session in self.world.at_pc.values()
        }
        free = [one for one in self.world.customers if one not in playing]
        draw = chance.random()
        if draw < 0.25:
            self._seat_guest(pc)
        elif draw < 0.35:
            self._seat_guests()
        elif free and draw < 0.95:
            customer = chance.choice(free)
            if (
                self.world.oracle.seconds_left(customer, self.world.clock.now())
                and chance.random() < 0.6
            ):
                self._sign_in(pc, customer)
            elif chance.random() < 0.3:
                self._by_minute_from_the_balance(pc, customer)
            else:
                self._buy(pc, customer)
        else:
            self._desk.aside()

    def _seat_guest(self, pc: int) -> None:
        tariff, offer = self._choose(pc, for_guests=True)
        asked = self.world.oracle.asked(self.world.clock.now(), offer, self.world.zones[pc])
        if asked is None:
            return
        price = asked.full
        card = (
            self.world.chance.randrange(0, price)
            if price > 1 and self.world.chance.random() < 0.2
            else 0
        )
        parts = (Part("card", card), Part("cash", price - card)) if card else ()
        method = "split" if card else self.world.chance.choice(METHODS)
        session = sessions.seat_guest(
            self.world.club, computer_id=pc, tariff_id=tariff, method=method, guest_name="",
            actor=self.world.cashier(), key=self.world.key("guest"), till=Till(price_tiyn=price, parts=parts),
        )  # fmt: skip
        ways = {"card": card, "cash": price - card} if card else {method: price}
        self._sat_down(
            pc, session, guest(session), lambda: self._sold(offer, pc, guest(session), ways)
        )

    def _seat_guests(self) -> None:
        free = [
            pc
            for pc in self.world.zones
            if pc not in self.world.at_pc and pc not in self.world.silent
        ][:3]
        tariff, offer = self._choose(free[0], for_guests=True)
        quotes = {
            pc: self.world.oracle.asked(self.world.clock.now(), offer, self.world.zones[pc])
            for pc in free
        }
        if any(quote is None for quote in quotes.values()):
            return
        paid = group_sale.sell_together(
            self.world.club, computer_ids=free, tariff_id=tariff, key=self.world.key("group"),
            payer=group_sale.Payer(method="cash"), actor=self.world.cashier(),
        )  # fmt: skip
        for outcome in paid.outcomes:
            pc, session = outcome.computer_id, outcome.session_id
            quote = quotes[pc]
            assert quote is not None
            assert session is not None
            self._sat_down(
                pc, session, guest(session),
                lambda pc=pc, session=session, quote=quote: self._sold(  # type: ignore[misc]
                    offer, pc, guest(session), {"cash": quote.full}
                ),
            )  # fmt: skip

    def _buy(self, pc: int, customer: int) -> None:
        """At the desk or at the PC, from the balance; or at the desk for money that is paid there and then."""
        tariff, offer = self._choose(pc)
        oracle, chance, zone = self.world.oracle, self.world.chance, self.world.zones[pc]
        now = self.world.clock.now()
        asked = oracle.asked(now, offer, zone, customer)
        if asked is None:
            return
        short = asked.money - oracle.balances[customer]
        is_paid_now = chance.random() < 0.4 and asked.money > 1
        if short > 0 and not is_paid_now:
            self._desk.top_up(customer, short + chance.randrange(0, 3) * 100_00)
            asked = oracle.asked(now, offer, zone, customer)
            assert asked is not None
        ways = {}
        if is_paid_now:
            card = chance.randrange(1, asked.money) if chance.random() < 0.4 else 0
            ways = {"card": card, "cash": asked.money - card} if card else {"kaspi": asked.money}
        at_desk = is_paid_now or chance.random() < 0.5
        player, key = Actor("customer", customer, "Игрок"), self.world.key("buy")
        parts = tuple(Part(way, amount) for way, amount in ways.items()) if len(ways) > 1 else ()
        session = sessions.buy(
            self.world.club, computer_id=pc, customer_id=customer, tariff_id=tariff, key=key,
            actor=self.world.cashier() if at_desk else player,
            top_up=TopUp(asked.money, "split" if parts else "kaspi") if ways else None,
            till=Till(price_tiyn=asked.price, bonus_tiyn=asked.bonus, parts=parts),
        )  # fmt: skip

        def sell() -> None:
            for way, amount in ways.items():
                oracle.top_up(now, (key, way), customer, amount, way)
                self.world.note("paid at once")
            self._sold(offer, pc, customer, {"balance": asked.money}, at_desk=at_desk, asked=asked)

        if self.world.at_pc.get(pc) == session:
            sell()
        else:
            self._sat_down(pc, session, customer, sell)

    def _by_minute_from_the_balance(self, pc: int, customer: int) -> None:
        tariff, chosen = self.world.chance.choice(list(self.world.minutes.items()))
        now, zone = self.world.clock.now(), self.world.zones[pc]
        if not self.world.oracle.may_start_minutes(now, customer, chosen, zone):
            return
        session = sessions.buy(
            self.world.club, computer_id=pc, customer_id=customer, tariff_id=tariff,
            key=self.world.key("minutes"), actor=Actor("customer", customer, "Игрок"),
        )  # fmt: skip
        self.world.note("by the minute")
        if self.world.at_pc.get(pc) == session:
            self.world.oracle.start_minutes(now, session, chosen)
        else:
            self.world.note("sat down")
            self.world.oracle.sit_down(now, session, customer, zone, by_minute=chosen)
            self.world.at_pc[pc] = session

    def _go_on_by_minute(self, pc: int) -> None:
        sitting = self.world.oracle.sittings[self.world.at_pc[pc]]
        if isinstance(sitting.player, int) and sitting.meter is None:
            self._by_minute_from_the_balance(pc, sitting.player)

    def _buy_more(self, pc: int) -> None:
        player = self.world.oracle.sittings[self.world.at_pc[pc]].player
        if isinstance(player, int):
            self._buy(pc, player)

    def _sign_in(self, pc: int, customer: int) -> None:
        """At the PC, with what is played there as it is; or at the desk, which takes the rest along."""
        oracle, now, zone = self.world.oracle, self.world.clock.now(), self.world.zones[pc]
        may_play, at_desk = oracle.may_play(now, customer, zone), self.world.chance.random() < 0.5
        carried: list[Carried] = []
        if at_desk:
            consent = NO_CONSENT
            if not may_play:
                carried, consent = self._taken_along(customer, zone)
            session: int | None = sessions.seat_customer(
                self.world.club, computer_id=pc, customer_id=customer,
                actor=self.world.cashier(), consent=consent,
            )  # fmt: skip
            oracle.take_along(now, carried, zone, consent.method)
        else:
            session = sessions.begin_for_customer(
                self.world.club, computer_id=pc, customer_id=customer,
                actor=Actor("customer", customer, "Игрок"),
            )  # fmt: skip
            assert (session is not None) is may_play, (customer, zone)
        if session is None:
            self.world.note("waits for another zone")
        else:
            self._sat_down(pc, session, customer, lambda: None)

    def leave(self, pc: int) -> None:
        session = self.world.at_pc.pop(pc)
        by_desk = self.world.chance.random() < 0.5
        sessions.end(
            self.world.club, session_id=session, actor=self.world.cashier(),
            reason="ended_by_desk" if by_desk else "signed_out",
        )  # fmt: skip
        self.world.note("left")
        self.world.oracle.leave(self.world.clock.now(), session)

    def _pause(self, pc: int) -> None:
        sessions.pause(self.world.club, session_id=self.world.at_pc[pc], actor=self.world.cashier())
        self.world.note("paused")
        self.world.oracle.pause(self.world.clock.now(), self.world.at_pc[pc])

    def _resume(self, pc: int) -> None:
        sessions.resume(
            self.world.club, session_id=self.world.at_pc[pc], actor=self.world.cashier()
        )
        self.world.note("resumed")
        self.world.oracle.resume(self.world.clock.now(), self.world.at_pc[pc])

    def _move(self, pc: int) -> None:
        free = [
            other
            for other in self.world.zones
            if other not in self.world.at_pc and other not in self.world.silent
        ]
        if not free:
            return
        to, session = self.world.chance.choice(free), self.world.at_pc.pop(pc)
        oracle, now, zone = self.world.oracle, self.world.clock.now(), self.world.zones[to]
        player = oracle.sittings[session].player
        carried, consent = self._taken_along(player, zone)
        new = moves.move(
            self.world.club, session_id=session, to_computer_id=to, actor=self.world.cashier(),
            consent=consent,
        )  # fmt: skip
        self.world.note("moved")
        oracle.take_along(now, carried, zone, consent.method)
        oracle.move(now, session, new, zone)
        self.world.at_pc[to] = new

    def _taken_along(self, player: object, zone: int | None) -> tuple[list[Carried], Consent]:
        """What is taken into this zone, and the desk's yes to what it comes to."""
        oracle = self.world.oracle
        carried = oracle.asked_to_take_along(self.world.clock.now(), player, zone)
        if not carried:
            return [], NO_CONSENT
        self.world.note("taken along")
        total = sum(one.difference for one in carried)
        way = self.world.chance.choice(("cash", "card"))
        if isinstance(player, int) and oracle.balances[player] >= total:
            way = "balance"
        is_paid = self.world.zone_rule == "difference"
        return carried, Consent(total if is_paid else sum(one.seconds for one in carried), way)

    def _fall_silent(self, pc: int) -> None:
        """The cable is pulled, or the power goes: the PC comes back later and tells what was played."""
        session, now = self.world.at_pc[pc], self.world.clock.now()
        computers.flush_last_seen(self.world.club, {pc: now})
        link.link_lost(self.world.club, computer_id=pc)
        self.world.note("silent")
        self.world.oracle.fall_silent(now, session)
        row = self.world.people.session(session)
        may_play = row.leased_seconds - self.world.oracle.sittings[session].played
        away = self.world.chance.randint(1, LONGEST_SILENCE)
        has_power = self.world.chance.random() < 0.5
        plays = min(may_play, away) if has_power else min(may_play, self.world.chance.randint(0, 4))
        if has_power and may_play <= away:
            away, has_power = max(1, may_play - 1), True
            plays = min(away, may_play)
        self.world.silent[pc] = now + away, plays if has_power else -1 - plays

    def come_back(self, pc: int) -> None:
        """Or it never does, and the desk gives up on it."""
        if self.world.chance.random() < 0.25:
            self._release(pc)
            return
        _back, plays = self.world.silent.pop(pc)
        session, lost_power = self.world.at_pc[pc], plays < 0
        played = self.world.oracle.sittings[session].played + (-1 - plays if lost_power else plays)
        row = self.world.people.session(session)
        link.link_returned(
            self.world.club, computer_id=pc, boot_id="boot-2" if lost_power else "boot-1",
            report=ReportedSession(session, row.lease_serial, played, "boot-1", self.world.clock.now()),
        )  # fmt: skip
        self.world.note("power cut" if lost_power else "back")
        self.world.oracle.report(
            self.world.clock.now(), session, played=played, lost_power=lost_power
        )

    def _release(self, pc: int) -> None:
        self.world.silent.pop(pc)
        session = self.world.at_pc.pop(pc)
        sessions.release(
            self.world.club, session_id=session, reason="сгорел", actor=self.world.cashier()
        )
        self.world.note("released")
        self.world.oracle.release(self.world.clock.now(), session)

    def _sold(
        self,
        offer: Offer,
        pc: int,
        whose: object,
        ways: dict[str, int],
        *,
        at_desk: bool = True,
        asked: Asked | None = None,
    ) -> None:
        self.world.note("sold")
        self.world.oracle.sell(
            self.world.clock.now(),
            offer,
            whose,
            zone=self.world.zones[pc],
            ways=ways,
            at_desk=at_desk,
            asked=asked,
        )

    def _sat_down(self, pc: int, session: int, player: object, buy: Callable[[], None]) -> None:
        self.world.note("sat down")
        buy()
        self.world.oracle.sit_down(self.world.clock.now(), session, player, self.world.zones[pc])
        self.world.at_pc[pc] = session

    def _choose(self, pc: int, *, for_guests: bool = False) -> tuple[int, Offer]:
        fit = [
            (tariff, offer) for tariff, offer in self.world.offers.items()
            if not (for_guests and offer.rest == "refunded")
        ]  # fmt: skip
        return self.world.chance.choice(fit)

    def _may_play(self, pc: int) -> bool:
        oracle, now = self.world.oracle, self.world.clock.now()
        return oracle.has_time_here(now, self.world.at_pc[pc])
