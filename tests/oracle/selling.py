"""Time that is sold: to guests and customers, at one PC or several, bought or by the minute, paid or in debt."""

from collections.abc import Callable

from lovhub.server.actor import Actor
from lovhub.server.sessions import group_sale
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp
from tests.oracle.desk import Desk
from tests.oracle.shop import Asked, Share
from tests.oracle.terms import Offer
from tests.oracle.world import HOUR, METHODS, World, refusal_of

NIGHT_REFUSALS = (
    "minor_at_night", "age_unconfirmed", "minor_past_night", "age_unconfirmed_past_night", "debt_not_for_minors",
)  # fmt: skip


def guest(session_id: int) -> tuple[str, int]:
    """A guest is whoever sits in this sitting."""
    return ("guest", session_id)


def player(customer: int) -> Actor:
    """Who acts at the PC."""
    return Actor("customer", customer, "Игрок")


class Selling:
    """Each sale is chosen from what the oracle believes, done by the services, and then told the oracle."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.world = world
        self._desk = desk

    # --- guests, and several PCs in one payment -----------------------------------------------------

    def seat_guest(self, pc: int) -> None:
        tariff, offer = self.choose(for_guests=True)
        asked = self.world.oracle.asked(self.world.clock.now(), offer, self.world.zones[pc])
        if asked is None:
            return
        ways, leave = self.ways(asked.full), self.some_leave(None)

        def seat(key: str) -> int:
            return sessions.seat_guest(
                self.world.club, computer_id=pc, tariff_id=tariff, method=method_of(ways), guest_name="",
                actor=self.world.cashier(), key=key, night_leave=leave,
                till=Till(price_tiyn=asked.full, parts=parts_of(ways)),
            )  # fmt: skip

        if not self.is_allowed(offer, asked, pc, None, leave):
            self.refused_for_night(lambda: seat(self.world.key("guest")))
            return
        session = self.world.sent(seat, "guest")
        self.sat_down(
            pc, session, guest(session), lambda: self.sold(offer, pc, guest(session), ways), leave
        )

    # --- the night ----------------------------------------------------------------------------------

    def some_leave(self, customer: object) -> str:
        """In the evening and at night staff let many stay."""
        oracle, now = self.world.oracle, self.world.clock.now()
        if oracle.next_night(now) - now < 12 * HOUR or self.world.chance.random() < 0.4:
            return ""
        is_minor = oracle.is_minor(now, customer)
        return "accompanied" if is_minor else self.world.chance.choice(("adult", "accompanied"))

    def is_allowed(self, offer: Offer, asked: Asked, pc: int, customer: object, leave: str) -> bool:
        """Whether the night lets this be sold at a PC, and its buyer play there."""
        oracle, now = self.world.oracle, self.world.clock.now()
        session = self.world.at_pc.get(pc)
        if session is not None:
            sitting = oracle.sittings[session]
            customer, leave = sitting.player, leave or sitting.leave
        if not oracle.is_sold_tonight(
            now, offer, asked.seconds, customer, self.world.zones[pc], leave
        ):
            return False
        return session is not None or oracle.may_be_there(now, customer, leave)

    def refused_for_night(self, act: Callable[[], object]) -> None:
        """Do what the night forbids, and see it refused."""
        refused = refusal_of(act)
        assert refused in {*NIGHT_REFUSALS, "not_enough_money"}, refused
        self.world.note(refused)

    def sell_together(self) -> None:
        """Up to three PCs: guests sit down at free ones, where somebody sits the time is theirs."""
        world, now = self.world, self.world.clock.now()
        pcs = [pc for pc in world.zones if pc not in world.silent]
        pcs = sorted(world.chance.sample(pcs, min(len(pcs), 3)))
        sitting = {pc: self.player_at(pc) for pc in pcs}
        tariff, offer = self.choose(
            for_guests=not all(isinstance(one, int) for one in sitting.values())
        )
        asked = {
            pc: world.oracle.asked(
                now, offer, world.zones[pc], one if isinstance(one, int) else None
            )
            for pc, one in sitting.items()
        }
        shown = {pc: one for pc, one in asked.items() if one is not None}
        if len(shown) < len(pcs):
            return
        leave = self.some_leave(None)
        total = sum(one.money for one in shown.values())
        payer = self._rich(total) if world.chance.random() < 0.3 else None
        ways = {"balance": total} if payer is not None else self.ways(total)

        def sell(key: str) -> group_sale.PaidTogether:
            return group_sale.sell_together(
                world.club, computer_ids=pcs, tariff_id=tariff, key=key, actor=world.cashier(),
                payer=group_sale.Payer(method_of(ways), payer), night_leave=leave,
                till=Till(
                    price_tiyn=total, parts=parts_of(ways),
                    shares={pc: (one.price, one.bonus) for pc, one in shown.items()},
                ),
            )  # fmt: skip

        if not all(
            self.is_allowed(offer, shown[pc], pc, None, "" if sitting[pc] else leave) for pc in pcs
        ):
            self.refused_for_night(lambda: sell(world.key("group")))
            return
        paid = world.sent(sell, "group")
        at = {one.computer_id: one.session_id for one in paid.outcomes}
        whose = {pc: one if one is not None else guest(at[pc] or 0) for pc, one in sitting.items()}
        shares = [Share(whose[pc], world.zones[pc], shown[pc]) for pc in pcs]
        world.oracle.sell_together(now, offer, shares, ways, payer)
        world.note("sold together")
        if any(one.bonus for one in shown.values()):
            world.note("bonuses in one payment")
        for pc in pcs:
            if sitting[pc] is None:
                self.sat_down(pc, at[pc] or 0, whose[pc], lambda: None, leave)

    def player_at(self, pc: int) -> object:
        session = self.world.at_pc.get(pc)
        return None if session is None else self.world.oracle.sittings[session].player

    def _rich(self, total: int) -> int | None:
        """Somebody who can pay so much, and plays nothing by the minute (which would reserve of it)."""
        busy = {self.player_at(pc) for pc in self.world.at_pc}
        fit = [one for one in self.world.customers if self.world.oracle.balances[one] >= total]
        return next((one for one in fit if one not in busy), None)

    # --- customers ----------------------------------------------------------------------------------

    def buy(self, pc: int, customer: int) -> None:
        """At the desk or at the PC, from the balance; or at the desk for money that is paid there and then."""
        tariff, offer = self.choose()
        oracle, chance, zone = self.world.oracle, self.world.chance, self.world.zones[pc]
        now = self.world.clock.now()
        asked = oracle.asked(now, offer, zone, customer)
        if asked is None:
            return
        at_desk = chance.random() < 0.7
        leave = self.some_leave(customer) if at_desk else ""
        if not self.is_allowed(offer, asked, pc, customer, leave):
            self.refused_for_night(lambda: sessions.buy(
                self.world.club, computer_id=pc, customer_id=customer, tariff_id=tariff,
                key=self.world.key("refused"), night_leave=leave,
                actor=self.world.cashier() if at_desk else player(customer),
            ))  # fmt: skip
            return
        short = asked.money - oracle.balances[customer] + oracle.debts[customer]
        is_paid_now = at_desk and chance.random() < 0.6 and asked.money > 1
        if short > 0 and (not is_paid_now or oracle.owes(customer)):
            is_paid_now = False
            self._desk.top_up(customer, short + chance.randrange(0, 3) * 100_00)
            asked = oracle.asked(now, offer, zone, customer)
            assert asked is not None
        ways = self.ways(asked.money) if is_paid_now else {}
        key = self.world.key("buy")
        session = self.world.sent(lambda _key: sessions.buy(
            self.world.club, computer_id=pc, customer_id=customer, tariff_id=tariff, key=key,
            actor=self.world.cashier() if at_desk else player(customer),
            top_up=TopUp(asked.money, method_of(ways)) if ways else None, night_leave=leave,
            till=Till(price_tiyn=asked.price, bonus_tiyn=asked.bonus, parts=parts_of(ways)),
        ))  # fmt: skip

        def sell() -> None:
            with oracle.operation():
                for way, amount in ways.items():
                    oracle.top_up(now, (key, way), customer, amount, way)
                    self.world.note("paid at once")
                self.sold(
                    offer, pc, customer, {"balance": asked.money}, at_desk=at_desk, asked=asked
                )

        if self.world.at_pc.get(pc) == session:
            sell()
            if leave:
                oracle.let_stay(now, session, leave)
        else:
            self.sat_down(pc, session, customer, sell, leave)

    def buy_more(self, pc: int) -> None:
        one = self.player_at(pc)
        if isinstance(one, int):
            self.buy(pc, one)

    def by_minute(self, pc: int, customer: int) -> None:
        """From the balance; or, by the desk, in debt: who may not is refused."""
        world, oracle = self.world, self.world.oracle
        tariff, chosen = world.chance.choice(list(world.minutes.items()))
        now, zone = world.clock.now(), world.zones[pc]
        in_debt = world.chance.random() < 0.7 or oracle.owes(customer)
        leave = self.some_leave(customer) if in_debt else ""
        allowed = oracle.may_start_minutes(now, customer, chosen, zone, in_debt=in_debt)
        if pc not in world.at_pc:
            allowed = allowed and oracle.may_be_there(now, customer, leave)
        if not allowed and not in_debt:
            return
        session = 0

        def start() -> None:
            nonlocal session
            session = sessions.buy(
                world.club, computer_id=pc, customer_id=customer, tariff_id=tariff, in_debt=in_debt,
                key=world.key("minutes"), night_leave=leave, actor=world.cashier() if in_debt else player(customer),
            )  # fmt: skip

        refused = refusal_of(start)
        assert (not refused) is allowed, (refused, customer, chosen, in_debt)
        if refused:
            world.note(refused if refused in NIGHT_REFUSALS else "not in debt")
            return
        world.note("in debt" if in_debt else "by the minute")
        if world.at_pc.get(pc) == session:
            oracle.start_minutes(now, session, chosen, in_debt=in_debt)
            if leave:
                oracle.let_stay(now, session, leave)
        else:
            world.note("sat down")
            oracle.sit_down(
                now, session, customer, zone, by_minute=chosen, in_debt=in_debt, leave=leave
            )
            world.at_pc[pc] = session

    def go_on_by_minute(self, pc: int) -> None:
        sitting = self.world.oracle.sittings[self.world.at_pc[pc]]
        if isinstance(sitting.player, int) and sitting.meter is None:
            self.by_minute(pc, sitting.player)

    # --- telling ------------------------------------------------------------------------------------

    def sold(
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
            self.world.clock.now(), offer, whose, zone=self.world.zones[pc], ways=ways, at_desk=at_desk,
            asked=asked,
        )  # fmt: skip

    def sat_down(
        self, pc: int, session: int, whose: object, buy: Callable[[], None], leave: str = ""
    ) -> None:
        self.world.note("sat down")
        buy()
        self.world.oracle.sit_down(
            self.world.clock.now(), session, whose, self.world.zones[pc], leave=leave
        )
        self.world.at_pc[pc] = session

    def choose(self, *, for_guests: bool = False) -> tuple[int, Offer]:
        fit = [
            (tariff, offer) for tariff, offer in self.world.offers.items()
            if not (for_guests and offer.rest == "refunded")
        ]  # fmt: skip
        return self.world.chance.choice(fit)

    def ways(self, total: int) -> dict[str, int]:
        """How so much is paid at the desk: in one way, or in two or three."""
        chance = self.world.chance
        ways = [chance.choice(METHODS)]
        if chance.random() < 0.3:
            ways = chance.sample(("cash", "card", "kaspi"), chance.choice((2, 3)))
        if total < len(ways):
            ways = ways[:1]
        borders = sorted(chance.sample(range(1, total), len(ways) - 1))
        sums = [end - begin for begin, end in zip([0, *borders], [*borders, total], strict=True)]
        return dict(zip(ways, sums, strict=True))


def method_of(ways: dict[str, int]) -> str:
    return "split" if len(ways) > 1 else next(iter(ways), "")


def parts_of(ways: dict[str, int]) -> tuple[Part, ...]:
    return tuple(Part(way, amount) for way, amount in ways.items()) if len(ways) > 1 else ()
