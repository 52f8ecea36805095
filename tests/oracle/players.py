"""What players do: they come, buy, play, pause, move, lose their link, leave."""

from collections.abc import Callable

from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.computers import service as computers
from lovhub.server.sessions import group_sale, link, moves
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.sale import Till
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
            if chance.random() < 0.3:
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
            (4, 1, 1, 2, 2, 4, 2),
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
            if self.world.oracle.seconds_left(customer) and chance.random() < 0.6:
                self._sign_in(pc, customer)
            elif chance.random() < 0.3:
                self._by_minute_from_the_balance(pc, customer)
            else:
                self._buy(pc, customer)
        else:
            self._desk.aside()

    def _seat_guest(self, pc: int) -> None:
        tariff, offer = self._choose(pc, for_guests=True)
        found = self.world.oracle.price_list.quote(
            self.world.clock.now(), offer, self.world.zones[pc]
        )
        if found is None:
            return
        price = found[1]
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
            pc: self.world.oracle.price_list.quote(
                self.world.clock.now(), offer, self.world.zones[pc]
            )
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
                    offer, pc, guest(session), {"cash": quote[1]}
                ),
            )  # fmt: skip

    def _buy(self, pc: int, customer: int) -> None:
        """At the desk or at the PC; at the desk it may be paid at once."""
        tariff, offer = self._choose(pc)
        found = self.world.oracle.price_list.quote(
            self.world.clock.now(), offer, self.world.zones[pc]
        )
        if found is None:
            return
        short = found[1] - self.world.oracle.balances[customer]
        if short > 0:
            self._desk.top_up(customer, short + self.world.chance.randrange(0, 3) * 100_00)
        at_desk = self.world.chance.random() < 0.5
        player = Actor("customer", customer, "Игрок")
        session = sessions.buy(
            self.world.club, computer_id=pc, customer_id=customer, tariff_id=tariff, key=self.world.key("buy"),
            actor=self.world.cashier() if at_desk else player, till=Till(price_tiyn=found[1]),
        )  # fmt: skip
        sell = lambda: self._sold(offer, pc, customer, {"balance": found[1]}, at_desk=at_desk)  # noqa: E731
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
        session = sessions.begin_for_customer(
            self.world.club, computer_id=pc, customer_id=customer,
            actor=Actor("customer", customer, "Игрок"),
        )  # fmt: skip
        assert session is not None
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
        new = moves.move(
            self.world.club, session_id=session, to_computer_id=to, actor=self.world.cashier()
        )
        self.world.note("moved")
        self.world.oracle.move(self.world.clock.now(), session, new, self.world.zones[to])
        self.world.at_pc[to] = new

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
        self, offer: Offer, pc: int, whose: object, ways: dict[str, int], *, at_desk: bool = True
    ) -> None:
        self.world.note("sold")
        self.world.oracle.sell(
            self.world.clock.now(),
            offer,
            whose,
            zone=self.world.zones[pc],
            ways=ways,
            at_desk=at_desk,
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
        sitting = self.world.oracle.sittings[self.world.at_pc[pc]]
        return bool(self.world.oracle.seconds_left(sitting.player))
