"""What players do: they come, buy, play, pause, move, lose their link, leave."""

from lovhub.server.actor import Actor
from lovhub.server.sessions import moves, own_pause
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.zones import NO_CONSENT, Consent
from tests.oracle.carrying import Carried
from tests.oracle.claims import Claims
from tests.oracle.desk import Desk
from tests.oracle.links import Links
from tests.oracle.nights import Nights
from tests.oracle.selling import Selling, player
from tests.oracle.shop import is_guest
from tests.oracle.waiting import WaitingSales
from tests.oracle.world import World, refusal_of


class Players:
    """Each step is chosen from what the oracle believes, done by the services, and then told the oracle."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.world = world
        self._desk = desk
        self._selling = Selling(world, desk)
        self._waiting = WaitingSales(world, self._selling)
        self.links = Links(world)
        self._claims = Claims(world, self._selling)
        self._night = Nights(world, self._selling, self._claims)

    def do_something(self) -> None:
        chance = self.world.chance
        pc = chance.choice(list(self.world.zones))
        if pc in self.world.silent:
            if chance.random() < 0.3:
                self.links.release(pc)
            return
        if pc not in self.world.at_pc:
            self._arrive(pc)
            return
        sitting = self.world.oracle.sittings[self.world.at_pc[pc]]
        if sitting.state == "stands":
            if self._night.stands_for_it(pc):
                return
            if chance.random() < 0.7 and self._may_play(pc):
                self._resume(pc)
            elif not self._is_over(pc):
                self.leave(pc)
            return
        if self._night.comes_soon(pc) and chance.random() < 0.3:
            self.links.fall_silent(pc)
            return
        act = chance.choices(
            (
                self.leave,
                self._pause,
                self._move,
                self.links.fall_silent,
                self._selling.buy_more,
                lambda _pc: self._desk.aside(),
                self._selling.go_on_by_minute,
                lambda _pc: self._waiting.do_something(),
                self._night.at_a_pc,
                lambda _pc: self._claims.at_the_desk(),
            ),
            (4, 1, 3, 2, 2, 5, 2, 6, 2, 2),
        )[0]
        act(pc)

    def _arrive(self, pc: int) -> None:
        chance = self.world.chance
        playing = {
            self.world.oracle.sittings[session].player for session in self.world.at_pc.values()
        }
        free = [one for one in self.world.customers if one not in playing]
        draw = chance.random()
        if draw < 0.2 and self._claims.comes_back(pc):
            return
        if draw < 0.25:
            self._claims.sell_code(pc)
        elif draw < 0.32:
            self._selling.seat_guest(pc)
        elif draw < 0.42:
            self._selling.sell_together()
        elif free and draw < 0.95:
            customer = chance.choice(free)
            if (
                self.world.oracle.seconds_left(customer, self.world.clock.now())
                and chance.random() < 0.6
            ):
                self._sign_in(pc, customer)
            elif chance.random() < 0.4:
                self._selling.by_minute(pc, customer)
            else:
                self._selling.buy(pc, customer)
        else:
            self._desk.aside()

    def _sign_in(self, pc: int, customer: int) -> None:
        """At the PC, with what is played there as it is; or at the desk, which takes the rest along."""
        oracle, now, zone = self.world.oracle, self.world.clock.now(), self.world.zones[pc]
        may_play, at_desk = oracle.may_play(now, customer, zone), self.world.chance.random() < 0.5
        carried: list[Carried] = []
        leave = self._selling.some_leave(customer) if at_desk else ""
        if not oracle.may_be_there(now, customer, leave):
            self._night.refuses(pc, customer, leave if at_desk else None)
            return
        if at_desk and oracle.waits_for_hours(now, customer):
            refused = refusal_of(lambda: sessions.seat_customer(
                self.world.club, computer_id=pc, customer_id=customer,
                actor=self.world.cashier(), night_leave=leave,
            ))  # fmt: skip
            assert refused == "time_waits", (customer, refused)
            self.world.note("waits for its hours")
            return
        if at_desk:
            consent = NO_CONSENT
            if not may_play:
                carried, consent = self._taken_along(customer, zone)
            session: int | None = sessions.seat_customer(
                self.world.club, computer_id=pc, customer_id=customer,
                actor=self.world.cashier(), consent=consent, night_leave=leave,
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
            self._selling.sat_down(pc, session, customer, lambda: None, leave)

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
        session, now = self.world.at_pc[pc], self.world.clock.now()
        player = self.world.oracle.sittings[session].player
        if not is_guest(player) and now % 2:
            own_pause.pause(
                self.world.club, computer_id=pc, customer_id=player,
                actor=Actor("customer", player, "Игрок"),
            )  # fmt: skip
            self.world.note("paused by the player")
            self.world.oracle.pause_own(now, session)
            return
        sessions.pause(self.world.club, session_id=self.world.at_pc[pc], actor=self.world.cashier())
        self.world.note("paused")
        self.world.oracle.pause(self.world.clock.now(), self.world.at_pc[pc])

    def _resume(self, pc: int) -> None:
        sessions.resume(
            self.world.club, session_id=self.world.at_pc[pc], actor=self.world.cashier()
        )
        self.world.note("resumed")
        self.world.oracle.resume(self.world.clock.now(), self.world.at_pc[pc])

    def _is_over(self, pc: int) -> bool:
        """Where nothing may be played at this hour, the desk cannot go on; the player finds it over (Playing 3)."""
        oracle, now = self.world.oracle, self.world.clock.now()
        session = self.world.at_pc[pc]
        sitting = oracle.sittings[session]
        is_there = oracle.may_be_there(now, sitting.player, sitting.leave)
        if not is_there or not oracle.nothing_to_play(now, session):
            return False
        refused = refusal_of(
            lambda: sessions.resume(self.world.club, session_id=session, actor=self.world.cashier())
        )
        assert refused in {"time_waits", "no_time_left"}, (refused, sitting)
        self.world.note("nothing to go on with")
        if not isinstance(sitting.player, int):
            return False
        sessions.begin_for_customer(
            self.world.club, computer_id=pc, customer_id=sitting.player, actor=player(sitting.player)
        )  # fmt: skip
        oracle.resume(now, session)
        oracle.settle(now)
        assert sitting.state == "over"
        del self.world.at_pc[pc]
        return True

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

    def _may_play(self, pc: int) -> bool:
        oracle, now = self.world.oracle, self.world.clock.now()
        session = self.world.at_pc[pc]
        sitting = oracle.sittings[session]
        may_be = oracle.may_be_there(now, sitting.player, sitting.leave)
        return may_be and oracle.has_time_here(now, session)
