"""What is done at the desk beside who plays: money, goods, time without money, the drawer."""

from datetime import date

from lovhub.server.customers import forgiving, reversal
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.loyalty import promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.shifts import service as shifts
from tests.oracle.kaspi import Kaspi
from tests.oracle.night import DAY, Age
from tests.oracle.terms import NO_GROUP
from tests.oracle.world import HOUR, METHODS, PROMO_BONUS, PROMO_SECONDS, World, refusal_of


class Desk:
    """Each is done by the services, and then told the oracle."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._top_ups: list[tuple[int, int, int]] = []
        self._limits = 0
        self._sales: list[tuple[int, int]] = []
        self._kaspi = Kaspi(world)
        self._turn = -1
        self._used: set[tuple[int, str]] = set()
        self._shift: int | None = None
        self._switched_at = world.clock.now()

    def aside(self) -> None:
        """The next of the things that are done beside, in turn, that can be done now."""
        acts = (
            self._just_top_up, self._kaspi.ask, self._pay_debt, self._goods, self._kaspi.pay, self._take_back,
            self._forgive, self._give_bonus, self._kaspi.pay, self._kaspi.refund, self._pay_debt, self._goods_back,
            self._use_code, self._take_back, self._forgive, self._cash, self._kaspi.refund, self._pay_debt,
            self._know_age, self._switch_night_rule, self._give, self._put_in_group, self._forgive, self._change_limit,
        )  # fmt: skip
        before = self.world.happened.total()
        for _act in acts:
            self._turn += 1
            acts[self._turn % len(acts)]()
            if self.world.happened.total() > before:
                return

    def _just_top_up(self) -> None:
        self.top_up(
            self.world.chance.choice(self.world.customers),
            self.world.chance.randrange(1, 60) * 50_00,
        )

    def top_up(self, customer: int, amount: int) -> None:
        method = self.world.chance.choice(METHODS)
        posting = self.world.sent(lambda key: customers.top_up(
            self.world.club, customer_id=customer, amount_tiyn=amount, method=method,
            key=key, actor=self.world.cashier(),
        ), "top-up")  # fmt: skip
        self.world.note("topped up")
        self.world.oracle.top_up(self.world.clock.now(), posting, customer, amount, method)
        # What it pays of a debt that is being played, only the lease could tell (In debt 3): it is not taken back.
        if not self._plays_in_debt(customer):
            self._top_ups.append((posting, customer, amount))

    def _plays_in_debt(self, customer: int) -> bool:
        sittings = (self.world.oracle.sittings[one] for one in self.world.at_pc.values())
        return any(one.player == customer and one.meter and one.meter.limit for one in sittings)

    # --- debts --------------------------------------------------------------------------------------

    def _pay_debt(self) -> None:
        """Of a debt more than is owed, or a part."""
        owe = [one for one in self.world.customers if self.world.oracle.owes(one)]
        if owe:
            customer = self.world.chance.choice(owe)
            self.top_up(
                customer, self.world.chance.randint(1, 2 * self.world.oracle.debts[customer])
            )
            self.world.note("debt paid")

    def _forgive(self) -> None:
        oracle = self.world.oracle
        owe = [one for one in self.world.customers if oracle.owes(one)]
        if not owe:
            return
        customer = self.world.chance.choice(owe)
        plays = any(oracle.sittings[one].player == customer for one in self.world.at_pc.values())
        refused = refusal_of(
            lambda: forgiving.forgive(
                self.world.club, customer_id=customer, expected_tiyn=oracle.debts[customer], reason="ошибка",
                key=self.world.key("forgiven"), actor=self.world.owner,
            )
        )  # fmt: skip
        assert refused == ("customer_plays" if plays else "")
        if not plays:
            self.world.note("forgiven")
            oracle.forgive(self.world.clock.now(), customer)

    def _change_limit(self) -> None:
        """While nobody plays in debt: a lowered one counts from the next settlement, which only the server knows."""
        if any(self._plays_in_debt(one) for one in self.world.customers):
            return
        self._limits += 1
        self.world.set_debt_limit((300_00, 1_000_00, 150_01)[self._limits % 3])
        self.world.note("limit changed")

    def _take_back(self) -> None:
        oracle, now = self.world.oracle, self.world.clock.now()
        silent = {oracle.sittings[self.world.at_pc[pc]].player for pc in self.world.silent}
        left = [one for one in self._top_ups[-20:] if one[1] not in silent]
        if not left:
            return
        self.world.chance.shuffle(left)
        # Rather one that is there yet: most are spent.
        unspent = [one for one in left if oracle.may_give_back(now, one[0])]
        top_up = (unspent if unspent and self.world.chance.random() < 0.7 else left)[0]
        allowed = oracle.may_give_back(now, top_up[0])
        refused = refusal_of(
            lambda: reversal.take_back(
                self.world.club, customer_id=top_up[1], posting_id=top_up[0], reason="ошибка",
                actor=self.world.owner,
            )
        )  # fmt: skip
        assert (refused in {"top_up_spent", "top_up_bonus_spent"}) is not allowed, (refused, top_up)
        if not allowed:
            self.world.note("not taken back")
            return
        self._top_ups.remove(top_up)
        self.world.note("taken back")
        oracle.give_back(now, top_up[0])

    def _goods(self) -> None:
        quantity, method = self.world.chance.randint(1, 5), self.world.chance.choice(METHODS)
        posting = self.world.sent(lambda key: goods.sell(
            self.world.club, lines=[Line(self.world.cola, quantity)], method=method,
            expected_tiyn=quantity * 450_00, key=key, actor=self.world.cashier(),
        ), "goods")  # fmt: skip
        self.world.note("goods")
        self.world.oracle.sell_goods(self.world.clock.now(), posting, quantity * 450_00, method)
        self._sales.append((posting, quantity))

    def _goods_back(self) -> None:
        if not self._sales:
            return
        posting, _quantity = self._sales.pop()
        self.world.sent(
            lambda _key: goods.take_back(
                self.world.club, posting_id=posting, reason="вернули", actor=self.world.owner
            )
        )
        self.world.note("goods back")
        self.world.oracle.take_back_goods(self.world.clock.now(), posting)

    def _cash(self) -> None:
        amount = self.world.chance.randint(1, 2000) * 100
        is_out = self.world.oracle.drawer.cash >= amount and self.world.chance.random() < 0.6
        self.world.sent(lambda key: shifts.pay(
            self.world.club, is_out=is_out, amount_tiyn=amount, reason="вода", key=key,
            actor=self.world.cashier(),
        ), "cash")  # fmt: skip
        self.world.note("paid")
        self.world.oracle.pay_in(-amount if is_out else amount)

    def _give(self) -> None:
        customer, minutes = (
            self.world.chance.choice(self.world.customers),
            self.world.chance.randint(1, 30),
        )
        self.world.sent(lambda key: customers.give_time(
            self.world.club, customer_id=customer, seconds=minutes * 60, title="+", reason="сбой",
            key=key, actor=self.world.cashier(),
        ), "given")  # fmt: skip
        self.world.note("given")
        self.world.oracle.give(self.world.clock.now(), customer, minutes * 60)

    def _give_bonus(self) -> None:
        customer = self.world.chance.choice(self.world.customers)
        amount = self.world.chance.randint(1, 500_00)
        self.world.sent(lambda key: loyalty.give_bonus(
            self.world.club, customer_id=customer, amount_tiyn=amount, reason="сбой",
            key=key, actor=self.world.cashier(),
        ), "bonus")  # fmt: skip
        self.world.note("bonus given")
        self.world.oracle.give_bonus(customer, amount)

    def _use_code(self) -> None:
        customer, code = (
            self.world.chance.choice(self.world.customers),
            self.world.chance.choice(("BONUS", "TIME")),
        )
        fresh = (customer, code) not in self._used
        refused = refusal_of(
            lambda: promos.use(
                self.world.club, customer_id=customer, code=code, key=self.world.key("code"),
                actor=self.world.cashier(),
            )
        )  # fmt: skip
        assert refused == ("" if fresh else "promo_used_by_customer")
        if not fresh:
            return
        self._used.add((customer, code))
        self.world.note("code used")
        if code == "BONUS":
            self.world.oracle.give_bonus(customer, PROMO_BONUS)
        else:
            self.world.oracle.give(self.world.clock.now(), customer, PROMO_SECONDS)

    def _put_in_group(self) -> None:
        customer = self.world.chance.choice(self.world.customers)
        group = self.world.chance.choice((NO_GROUP, *self.world.groups))
        self.world.put_in_group(customer, group)
        self.world.note("put in a group")

    def _know_age(self) -> None:
        """A document is shown; or a customer who plays nothing tells another birth date, which is to be confirmed."""
        world, chance = self.world, self.world.chance
        customer = chance.choice(world.customers)
        age = world.oracle.ages[customer]
        plays = any(world.oracle.sittings[one].player == customer for one in world.at_pc.values())
        if age.born is not None and not age.confirmed:
            age = Age(age.born, confirmed=True)
        elif not plays and chance.random() < 0.8:
            age = Age(date(1999, 1, chance.randint(1, 28)))
        world.know_age(customer, age)
        world.note("age confirmed" if age.confirmed else "age told")

    def _switch_night_rule(self) -> None:
        """Off for a day every few days; by day, when every lease is made anew before the night."""
        world, now = self.world, self.world.clock.now()
        days = (now - self._switched_at) / DAY
        if (
            world.oracle.next_night(now) - now > 15 * HOUR
            or world.oracle.next_night(now) - now < 3 * HOUR
        ):
            return
        if days > (4 if world.oracle.night_rule else 0.5):
            self._switched_at = now
            world.set_night_rule(is_on=not world.oracle.night_rule)
            world.note("night rule switched")

    def change_shift(self) -> None:
        self.close_shift()
        counted = max(
            0, self.world.oracle.drawer.cash + self.world.chance.choice((0, 0, -200_00, 50_00))
        )
        self._shift = shifts.open_shift(
            self.world.club, counted_tiyn=counted, actor=self.world.cashier()
        )
        self.world.oracle.drawer.open_shift(counted)

    def close_shift(self) -> None:
        if self._shift is None:
            return
        shift, self._shift = self._shift, None
        if self.world.chance.random() < 0.1:
            shifts.close(
                self.world.club,
                shift_id=shift,
                count=shifts.Count(None, note="ушёл"),
                actor=self.world.owner,
            )
            self.world.oracle.drawer.close_without_count()
            return
        counted = max(
            0, self.world.oracle.drawer.cash + self.world.chance.choice((0, 0, 0, -100_00, 300_00))
        )
        left = min(counted, 10_000_00)
        with self.world.club.read() as db:
            opener = db.get_one(shifts.Shift, shift).opened_by
        by = next(one for one in self.world.cashiers if one.id == opener)
        shifts.close(self.world.club, shift_id=shift, count=shifts.Count(counted, left), actor=by)
        self.world.oracle.drawer.close_shift(counted, left)
