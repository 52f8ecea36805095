"""Sales at the desk that wait for Kaspi: paid in time, late, taken back, in the way of others; and guests' credit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select

from lovhub.server.goods.rules import Line
from lovhub.server.payments import orders, refunds, service
from lovhub.server.payments.models import PaymentOrder
from lovhub.server.payments.orders import Order
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till
from tests.oracle.selling import Selling, guest
from tests.oracle.shop import Asked, Share
from tests.oracle.terms import Offer
from tests.oracle.world import World
from tests.support.bank import Bank


@dataclass
class Waiting:
    """A sale that waits. `seats`: who sat where when it was made; `customer`: who buys, None where guests do.

    `number` is the bank's, `payment` the club's.
    """

    kind: str
    at: int
    seats: dict[int, int | None]
    offer: Offer | None
    asked: dict[int, Asked]
    ways: dict[str, int]
    customer: int | None = None
    quantity: int = 0
    payment: int = 0
    number: int = 0
    is_lost: bool = False


class WaitingSales:
    """Each is done by the services, and then told the oracle."""

    def __init__(self, world: World, selling: Selling) -> None:
        self.world = world
        self._selling = selling
        self._bank = Bank()
        self._bank.name = "gateway"  # what players pay at their PCs has another one
        self._payments = Payments("gateway", self._bank, {self._bank.name: self._bank})
        self._waiting: list[Waiting] = []
        self._kept: list[Waiting] = []
        self._turn = -1

    def do_something(self) -> None:
        """In turn: some wait, then they are paid, some of them late."""
        self._turn += 1
        acts = (self._guest, self._together, self._pay, self._buy, self._pay, self._goods, self._lose, self._pay,
                self._use_credit)  # fmt: skip
        acts[self._turn % len(acts)]()

    # --- asking -------------------------------------------------------------------------------------

    def _guest(self) -> None:
        free = self._free()
        if not free:
            return
        pc = free[0]
        tariff, offer = self._selling.choose(for_guests=True)
        asked = self.world.oracle.asked(self.world.clock.now(), offer, self.world.zones[pc])
        if asked is None or not self._selling.is_allowed(offer, asked, pc, None, ""):
            return
        self._place(
            Waiting("guest", self.world.clock.now(), {pc: None}, offer, {pc: asked}, {"kaspi": asked.money}),
            {
                "computer_id": pc, "tariff_id": tariff, "method": "kaspi", "guest_name": "",
                "till": Till(price_tiyn=asked.price),
            },
        )  # fmt: skip

    def _buy(self) -> None:
        """A customer who sits down pays all that bonuses do not."""
        free, oracle, now = self._free(), self.world.oracle, self.world.clock.now()
        playing = {oracle.sittings[session].player for session in self.world.at_pc.values()}
        fit = [one for one in self.world.customers if one not in playing and not oracle.owes(one)]
        if not free or not fit:
            return
        pc, customer = free[-1], self.world.chance.choice(fit)
        tariff, offer = self._selling.choose()
        asked = oracle.asked(now, offer, self.world.zones[pc], customer)
        if asked is None or not asked.money:
            return
        if not self._selling.is_allowed(offer, asked, pc, customer, ""):
            return
        self._place(
            Waiting("buy", now, {pc: None}, offer, {pc: asked}, {"kaspi": asked.money}, customer),
            {
                "computer_id": pc, "customer_id": customer, "tariff_id": tariff,
                "till": Till(price_tiyn=asked.price, bonus_tiyn=asked.bonus),
            },
        )  # fmt: skip

    def _together(self) -> None:
        """Two PCs, whoever sits there, by Kaspi and in cash."""
        world, now = self.world, self.world.clock.now()
        pcs = sorted(pc for pc in world.zones if pc not in world.silent)[:2]
        players = {pc: self._selling.player_at(pc) for pc in pcs}
        tariff, offer = self._selling.choose(for_guests=True)
        asked: dict[int, Asked] = {}
        for pc, one in players.items():
            found = world.oracle.asked(
                now, offer, world.zones[pc], one if isinstance(one, int) else None
            )
            if found is None or not self._selling.is_allowed(offer, found, pc, None, ""):
                return
            asked[pc] = found
        total = sum(one.money for one in asked.values())
        if total < 2:
            return
        kaspi = world.chance.randrange(1, total)
        parts = (Part("kaspi", kaspi), Part("cash", total - kaspi))
        self._place(
            Waiting("together", now, {pc: world.at_pc.get(pc) for pc in pcs}, offer, asked,
                    {"kaspi": kaspi, "cash": total - kaspi}),
            {
                "computer_ids": pcs, "tariff_id": tariff, "payer": Payer("split"),
                "till": Till(
                    total, None, parts, shares={pc: (one.price, one.bonus) for pc, one in asked.items()}
                ),
            },
        )  # fmt: skip

    def _goods(self) -> None:
        quantity = self.world.chance.randint(1, 5)
        price = quantity * 450_00
        self._place(
            Waiting(
                "goods", self.world.clock.now(), {}, None, {}, {"kaspi": price}, quantity=quantity
            ),
            {"lines": [Line(self.world.cola, quantity)], "method": "kaspi", "expected_tiyn": price},
        )

    def _place(self, sale: Waiting, arguments: dict[str, object]) -> None:
        order = Order(sale.kind, arguments, list(sale.seats))
        sale.payment = self.world.sent(
            lambda key: orders.place(
                self.world.club, self._payments, order, amount_tiyn=sale.ways["kaspi"],
                customer_id=sale.customer, phone="", key=key, actor=self.world.cashier(),
            ),
            "order",
        )  # fmt: skip
        sale.number = len(self._bank.made)
        self._waiting.append(sale)
        self.world.note("waits for kaspi")

    # --- what becomes of it -------------------------------------------------------------------------

    def _lose(self) -> None:
        """Taken back by the desk, or over: what is paid afterwards is late."""
        open_ones = [one for one in self._waiting if not one.is_lost]
        if not open_ones:
            return
        sale = self.world.chance.choice(open_ones)
        sale.is_lost = True
        if self.world.chance.random() < 0.5:
            service.cancel(
                self.world.club, self._payments, payment_id=sale.payment, actor=self.world.cashier()
            )
        else:
            settle(
                self.world.club,
                self._bank,
                Event("expired", f"{sale.number}:over", str(sale.number)),
            )
        self.world.note("order lost")

    def _pay(self) -> None:
        """One of them is paid: it is carried out, or the money waits."""
        # A silent PC plays what it holds: what is sold there meanwhile is played later, though it may come first.
        heard = [one for one in self._waiting if not set(one.seats) & set(self.world.silent)]
        if not heard:
            return
        sale = self.world.chance.choice(heard)
        self._waiting.remove(sale)
        now, oracle = self.world.clock.now(), self.world.oracle
        oracle.settle(now)
        can_be = self._can_be_done(sale, now)
        for _told in range(2 if self.world.troubles else 1):
            settle(
                self.world.club, self._bank,
                Event("paid", f"{sale.number}:paid", str(sale.number), amount_tiyn=sale.ways["kaspi"],
                      occurred_at=now),
            )  # fmt: skip
        done = self._was_done(sale)
        assert done is can_be, (sale, self._refusal(sale))
        self.world.note("order done" if done else "order failed")
        with oracle.operation():
            if sale.customer is not None:
                oracle.top_up(
                    now,
                    ("order", sale.payment),
                    sale.customer,
                    sale.ways["kaspi"],
                    "kaspi",
                    at_desk=False,
                )
            elif not done:
                oracle.keep_credit(now, ("order", sale.payment), sale.ways["kaspi"], "kaspi")
                self._kept.append(sale)
            if done:
                self._tell_done(sale, now)

    def _can_be_done(self, sale: Waiting, now: int) -> bool:
        """Paying 8: whether all is as it was shown."""
        oracle = self.world.oracle
        if sale.is_lost or self._who_sits(sale.seats) != sale.seats:
            return False
        if sale.customer is not None:
            if any(
                one.player == sale.customer and one.state != "over"
                for one in oracle.sittings.values()
            ):
                return False  # nobody plays at two PCs
            has = oracle.balances[sale.customer] + sale.ways["kaspi"] - oracle.debts[sale.customer]
            if has < sum(one.money for one in sale.asked.values()):
                return False  # its money has paid a debt
        spent: dict[object, int] = {}
        for pc, asked in sale.asked.items():
            whose = sale.customer or self._selling.player_at(pc)
            if sale.offer is None:
                return False
            sold = oracle.honoured(now, sale.offer, self.world.zones[pc], whose, asked.price)
            if sold is None or not self._selling.is_allowed(
                sale.offer, sold, pc, sale.customer, ""
            ):
                return False
            spent[whose] = spent.get(whose, 0) + asked.bonus
        return all(used <= oracle.bonuses[whose] for whose, used in spent.items())

    def _tell_done(self, sale: Waiting, now: int) -> None:
        oracle, offer = self.world.oracle, sale.offer
        if offer is None:
            oracle.sell_goods(now, ("order", sale.payment), sale.ways["kaspi"], "kaspi")
            return
        at = self._sessions_at(sale.seats)
        whose: dict[int, object] = {
            pc: sale.customer or self._selling.player_at(pc) or guest(at[pc]) for pc in sale.seats
        }
        shares = []
        for pc, shown in sale.asked.items():
            asked = oracle.honoured(now, offer, self.world.zones[pc], whose[pc], shown.price)
            assert asked is not None
            shares.append(Share(whose[pc], self.world.zones[pc], replace(asked, bonus=shown.bonus)))
        ways = sale.ways if sale.customer is None else {"balance": shares[0].asked.money}
        oracle.sell_together(now, offer, shares, ways)
        for pc, before in sale.seats.items():
            if before is None:
                self._selling.sat_down(pc, at[pc], whose[pc], lambda: None)

    def _use_credit(self) -> None:
        """What a guest has paid for nothing: put on a customer's balance, or given back by Kaspi."""
        if not self._kept:
            return
        sale, world = self._kept.pop(), self.world
        name, now = ("order", sale.payment), world.clock.now()
        if world.chance.random() < 0.5:
            silent = {self._selling.player_at(pc) for pc in world.silent}
            customer = next(one for one in world.customers if one not in silent)
            world.sent(
                lambda _key: orders.give_credit(
                    world.club, payment_id=sale.payment, customer_id=customer, actor=world.owner
                )
            )
            world.oracle.give_credit(now, name, customer)
        else:
            world.sent(
                lambda key: refunds.refund(
                    world.club, self._payments, payment_id=sale.payment, amount_tiyn=sale.ways["kaspi"],
                    reason="не вышло", key=key, actor=world.owner,
                ).id,
                "credit",
            )  # fmt: skip
            world.oracle.return_credit(now, name, "kaspi")
        world.note("credit used")

    # --- looking ------------------------------------------------------------------------------------

    def _free(self) -> list[int]:
        waited_for = {pc for sale in self._waiting for pc in sale.seats}
        return [
            pc for pc in self.world.zones
            if pc not in self.world.at_pc and pc not in self.world.silent and pc not in waited_for
        ]  # fmt: skip

    def _who_sits(self, seats: Iterable[int]) -> dict[int, int | None]:
        sittings = self.world.oracle.sittings
        at = {pc: self.world.at_pc.get(pc) for pc in seats}
        return {
            pc: None if one is None or sittings[one].state == "over" else one
            for pc, one in at.items()
        }

    def _sessions_at(self, pcs: Iterable[int]) -> dict[int, int]:
        with self.world.club.read() as db:
            rows = db.execute(
                select(PlaySession.computer_id, PlaySession.id).where(
                    PlaySession.computer_id.in_(list(pcs)), PlaySession.state != "ended"
                )
            )
            return dict(iter(rows))

    def _was_done(self, sale: Waiting) -> bool:
        return self._order(sale).state == "done"

    def _refusal(self, sale: Waiting) -> str:
        return self._order(sale).refusal

    def _order(self, sale: Waiting) -> PaymentOrder:
        with self.world.club.read() as db:
            return db.get_one(PaymentOrder, sale.payment)
