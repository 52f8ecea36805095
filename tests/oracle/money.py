"""The club's money: balances, debts, bonuses, ways of paying, goods, the drawer; from `docs/billing.md` alone."""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.drawer import Drawer
from tests.oracle.loyalty import Bonuses, TopUp
from tests.oracle.papers import Papers
from tests.oracle.terms import PriceList


@dataclass
class Day:
    """What counts on one day of the club (Books 1–5)."""

    sold: int = 0
    goods: int = 0
    received: Counter[str] = field(default_factory=Counter)
    given_back: Counter[str] = field(default_factory=Counter)


class Money(ABC):
    """Who has what, and what came and went by which way. Playing takes from it too: `metered.py`."""

    def __init__(self, price_list: PriceList, bonus_rules: Bonuses) -> None:
        self.price_list = price_list
        self.bonus_rules = bonus_rules
        self.balances: Counter[object] = Counter()
        self.debts: Counter[object] = Counter()
        self.debts_forgiven = 0
        self.credits: Counter[object] = Counter()
        self.bonuses: Counter[object] = Counter()
        self.bonuses_given = 0
        self.earned_by_no_time = 0
        self.days: defaultdict[date, Day] = defaultdict(Day)
        self.drawer = Drawer()
        self.papers = Papers()
        self.receipts = 0
        self._may_owe: Counter[object] = Counter()
        self._top_ups: dict[object, TopUp] = {}
        self._goods: dict[object, tuple[int, str]] = {}

    @abstractmethod
    def settle(self, at: int) -> None:
        """Let the time up to `at` have its effect."""

    @contextmanager
    def operation(self) -> Iterator[None]:
        """What is told within is one operation of the club's: it has one fiscal document of what it took."""
        with self.papers.operation():
            yield

    def pay_in(self, amount: int) -> None:
        """Shifts 3: has a receipt of its own; below zero it is paid out."""
        self.drawer.pay_in(amount)
        self.receipts += 1

    # --- balances and debts -------------------------------------------------------------------------

    def _come(self, customer: object, amount: int) -> int:
        """In debt 4: what comes onto a balance pays the debt first; returns how much that was."""
        self.balances[customer] += amount
        paid = min(self.debts[customer], self.balances[customer])
        self.balances[customer] -= paid
        self.debts[customer] -= paid
        return paid

    def forgive(self, at: int, customer: object) -> None:
        """In debt 7: all of it; there is no receipt."""
        self.settle(at)
        self.debts_forgiven += self.debts.pop(customer)

    def top_up(
        self,
        at: int,
        name: object,
        customer: object,
        amount: int,
        method: str,
        *,
        at_desk: bool = True,
    ) -> None:
        """A top-up, by whichever way; `name` is what it can be given back by. What the bank tells has no receipt."""
        self.settle(at)
        with self.operation():
            self._take(at, method, amount)
            paid = self._come(customer, amount)
            bonus = self.bonus_rules.for_top_up(amount)
            self.give_bonus(customer, bonus)
            self._top_ups[name] = TopUp(customer, amount, method, bonus, paid_of_debt=paid)
            self.receipts += at_desk

    def may_give_back(self, at: int, name: object, amount: int | None = None) -> bool:
        """Whether the balance reaches for it, and for what is spent of its bonus (Bonuses 6).

        The whole of a top-up by mistake makes the debt anew that it paid (In debt 6).
        """
        self.settle(at)
        top_up = self._top_ups[name]
        back = top_up.paid - top_up.back if amount is None else amount
        pays = max(0, top_up.missing(back) - self.bonuses[top_up.customer])
        again = top_up.paid_of_debt if amount is None else 0
        if again and self.debts[top_up.customer] + again > self._may_owe[top_up.customer]:
            return False
        return 0 < back <= top_up.paid - top_up.back and (
            back + pays <= self.balances[top_up.customer] + again
        )

    def give_back(self, at: int, name: object, amount: int | None = None) -> None:
        """So much of a top-up (None: the whole) goes back the way it came, by a person of the desk."""
        assert self.may_give_back(at, name, amount), "what is spent is not given back"
        top_up = self._top_ups[name]
        back = top_up.paid - top_up.back if amount is None else amount
        missing = top_up.missing(back)
        bonus = min(missing, self.bonuses[top_up.customer])
        with self.operation():
            self.give_bonus(top_up.customer, -bonus)
            if amount is None:
                self.debts[top_up.customer] += top_up.paid_of_debt
                self.balances[top_up.customer] += top_up.paid_of_debt
            self.balances[top_up.customer] -= back + missing - bonus
            self._come(top_up.customer, 0)
            self.earned_by_no_time += missing - bonus
            top_up.back += back
            top_up.bonus_back += missing
            self._take(at, top_up.method, -back)
            self.receipts += 1

    def give_bonus(self, customer: object, amount: int) -> None:
        """A bonus by staff or by a promo code, for nothing: no money, no receipt (Bonuses 7, Promo 4)."""
        self.bonuses[customer] += amount
        self.bonuses_given += amount

    # --- what guests have paid for nothing ----------------------------------------------------------

    def keep_credit(self, at: int, name: object, amount: int, method: str) -> None:
        """Paying 8: money for a sale that could not be carried out, under its payment's name; told by the bank."""
        with self.operation():
            self._take(at, method, amount)
        self.credits[name] += amount

    def give_credit(self, at: int, name: object, customer: object) -> None:
        """Paying 8: a manager puts it on a customer's balance, whole."""
        self.settle(at)
        self._come(customer, self.credits.pop(name))
        self.receipts += 1

    def return_credit(self, at: int, name: object, method: str) -> None:
        """Paying 8: or gives it back."""
        with self.operation():
            self._take(at, method, -self.credits.pop(name))
        self.receipts += 1

    # --- goods, and the ways of paying --------------------------------------------------------------

    def sell_goods(self, at: int, name: object, total: int, method: str) -> None:
        """Shifts, «Goods»: earned at once."""
        with self.operation():
            self._take(at, method, total)
            self._day(at).goods += total
            self._goods[name] = total, method
            self.receipts += 1

    def take_back_goods(self, at: int, name: object) -> None:
        """The whole sale, on the day on which it is taken back."""
        total, method = self._goods.pop(name)
        with self.operation():
            self._take(at, method, -total)
            self._day(at).goods -= total
            self.receipts += 1

    def _take(self, at: int, method: str, amount: int) -> None:
        day = self._day(at)
        self.papers.moved(method, amount)
        if amount > 0:
            day.received[method] += amount
        else:
            day.given_back[method] -= amount
        if method == "cash":
            self.drawer.cash += amount

    def _day(self, at: int) -> Day:
        return self.days[self.price_list.day(at)]
