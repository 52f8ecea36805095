"""What a count of the drawer means, and who may do what with a shift. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lovhub.server.ledger.accounts import (
    BONUS_GIVEN,
    CASH,
    CUSTOMER_BALANCE,
    CUSTOMER_BONUS,
    CUSTOMER_DEBT,
    GOODS_REVENUE,
    LOT_BONUS,
    LOT_DISCOUNT,
    LOT_UNEARNED,
    METHOD_OF,
    NOT_MONEY,
    OVER_SHORT,
    PAYMENT_METHODS,
    SAFE,
)

LARGEST_COUNT_TIYN = 100_000_000_00
LARGEST_PAY_TIYN = 10_000_000_00
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Opening:
    """What a count at the opening books. `from_safe_tiyn`: what nobody had counted before, put there by the owner."""

    expected_tiyn: int | None
    difference_tiyn: int
    from_safe_tiyn: int


def opening(*, in_books_tiyn: int, counted_tiyn: int, is_first: bool) -> Opening:
    """Before the club's first shift nobody counted: what was taken until then is taken to be in the safe."""
    if is_first:
        return Opening(None, 0, counted_tiyn - in_books_tiyn)
    return Opening(in_books_tiyn, counted_tiyn - in_books_tiyn, 0)


@dataclass(frozen=True)
class Closing:
    """What a count at the close books: too much or too little, and what goes to the safe."""

    difference_tiyn: int
    to_safe_tiyn: int
    left_tiyn: int


def closing(*, in_books_tiyn: int, counted_tiyn: int | None, left_tiyn: int | None) -> Closing:
    """Without a count all stays where it is, and the next opening finds the difference. `left_tiyn` None: all of it."""
    if counted_tiyn is None:
        return Closing(0, 0, in_books_tiyn)
    left = counted_tiyn if left_tiyn is None else left_tiyn
    return Closing(counted_tiyn - in_books_tiyn, counted_tiyn - left, left)


def count_problem(counted_tiyn: int) -> str:
    """Why this is no count; "" when it is one."""
    return "" if 0 <= counted_tiyn <= LARGEST_COUNT_TIYN else "count_out_of_range"


def opening_problems(counted_tiyn: int) -> dict[str, str]:
    """What is wrong with the form: field → code."""
    problem = count_problem(counted_tiyn)
    return {"counted": problem} if problem else {}


def closing_problems(
    *,
    counted_tiyn: int | None,
    left_tiyn: int | None,
    note: str,
    is_own: bool,
    may_force: bool,
    card_tiyn: int | None = None,
) -> dict[str, str]:
    """What is wrong with closing like this: field → code.

    Somebody else's shift is closed with a reason only, and only then without a count.
    """
    found: dict[str, str] = {}
    if counted_tiyn is None:
        if is_own or not may_force:
            found["counted"] = "count_missing"
        elif left_tiyn is not None:
            found["left"] = "left_without_count"
    else:
        problem = count_problem(counted_tiyn)
        if problem:
            found["counted"] = problem
        elif left_tiyn is not None and not 0 <= left_tiyn <= counted_tiyn:
            found["left"] = "left_out_of_range"
    if card_tiyn is not None and count_problem(card_tiyn):
        found["card"] = "card_total_out_of_range"
    if len(note.strip()) > LONGEST_NOTE:
        found["note"] = "reason_too_long"
    elif not is_own and not note.strip():
        found["note"] = "reason_missing"
    return found


def close_problem(*, is_own: bool, may_force: bool) -> str:
    """Why this person may not close the shift: a code; "" when they may."""
    return "" if is_own or may_force else "shift_not_yours"


def pay_problems(*, amount_tiyn: int, reason: str) -> dict[str, str]:
    """What is wrong with money put in or taken out: field → code.

    Not whether so much is there: a refusal would tell the cashier the sum that they are to count.
    """
    found = {}
    if not 0 < amount_tiyn <= LARGEST_PAY_TIYN:
        found["amount"] = "pay_out_of_range"
    if not reason.strip():
        found["reason"] = "reason_missing"
    elif len(reason.strip()) > LONGEST_NOTE:
        found["reason"] = "reason_too_long"
    return found


def may_see_figures(*, is_open: bool, is_own: bool, sees_revenue: bool) -> bool:
    """The count is blind: whoever must count learns what is expected only afterwards."""
    return sees_revenue or (is_own and not is_open)


def given_time_problem(*, given_seconds: int, seconds: int, limit_minutes: int) -> str:
    """Why so much more time may not be given without money in this shift: a code; "" when it may. 0: no limit."""
    if limit_minutes == 0 or given_seconds + seconds <= limit_minutes * 60:
        return ""
    return "given_time_limit"


@dataclass(frozen=True)
class Movement:
    """Money of a shift that moved between accounts of two kinds, by the posting's kind and by who booked it."""

    kind: str
    debit: str
    credit: str
    person: str
    postings: int
    amount_tiyn: int


@dataclass
class ByMethod:
    """What one way of paying brought: received, and given back."""

    received_tiyn: int = 0
    returned_tiyn: int = 0

    @property
    def left_tiyn(self) -> int:
        """What it comes to."""
        return self.received_tiyn - self.returned_tiyn


@dataclass
class Totals:
    """All money of a shift, told apart.

    `methods`: cash, card, Kaspi. `sold_for_tiyn`: time sold, however it was paid. `from_balance_tiyn`: of that, what
    was paid from balances, which brought no money. `topped_up_tiyn`: put on balances. `others`: what went to or came
    from any other account (what was written off), by the account's kind: (out of it, into it). `bonuses_…` and
    `discounts_tiyn`: what is no money, and is in no other sum.
    """

    methods: dict[str, ByMethod]
    sold_for_tiyn: int = 0
    from_balance_tiyn: int = 0
    topped_up_tiyn: int = 0
    goods_tiyn: int = 0
    paid_in_tiyn: int = 0
    paid_out_tiyn: int = 0
    difference_tiyn: int = 0
    bonuses_given_tiyn: int = 0
    bonuses_spent_tiyn: int = 0
    discounts_tiyn: int = 0
    returns: int = 0
    others: dict[str, tuple[int, int]] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    @property
    def received_tiyn(self) -> int:
        """By all ways of paying, less what was given back."""
        return sum(method.left_tiyn for method in self.methods.values())


_KNOWN = frozenset(
    kind.name for kind in (CUSTOMER_BALANCE, LOT_UNEARNED, GOODS_REVENUE, SAFE, OVER_SHORT)
)


def totals(movements: Iterable[Movement]) -> Totals:
    """Add up a shift."""
    found = Totals({method: ByMethod() for method in PAYMENT_METHODS})
    for one in movements:
        if one.debit in NOT_MONEY:
            _add_not_money(found, one)
            continue
        _add_within_the_house(found, one)
        if {one.debit, one.credit} & {SAFE.name, OVER_SHORT.name}:
            continue
        came, went = METHOD_OF.get(one.debit), METHOD_OF.get(one.credit)
        if came is not None:
            found.methods[came].received_tiyn += one.amount_tiyn
        if went is not None:
            found.methods[went].returned_tiyn += one.amount_tiyn
            found.returns += one.postings
        signed = (one.amount_tiyn if came else 0) - (one.amount_tiyn if went else 0)
        if signed:
            found.people[one.person] = found.people.get(one.person, 0) + signed
        _add_sales(found, one)
        for kind, is_into in ((one.debit, False), (one.credit, True)):
            if kind not in METHOD_OF and kind not in _KNOWN:
                out, into = found.others.get(kind, (0, 0))
                change = one.amount_tiyn
                found.others[kind] = (out, into + change) if is_into else (out + change, into)
    return found


def _add_not_money(found: Totals, one: Movement) -> None:
    if one.credit == CUSTOMER_BONUS.name and one.debit == BONUS_GIVEN.name:
        found.bonuses_given_tiyn += one.amount_tiyn
    elif one.credit == BONUS_GIVEN.name:
        found.bonuses_given_tiyn -= one.amount_tiyn
    elif one.credit == LOT_BONUS.name:
        found.bonuses_spent_tiyn += one.amount_tiyn
    elif one.credit == LOT_DISCOUNT.name:
        found.discounts_tiyn += one.amount_tiyn


def _add_within_the_house(found: Totals, one: Movement) -> None:
    into_drawer = one.amount_tiyn if one.debit == CASH.name else -one.amount_tiyn
    if OVER_SHORT.name in {one.debit, one.credit}:
        found.difference_tiyn += into_drawer
    elif one.kind == "shift_paid_in":
        found.paid_in_tiyn += one.amount_tiyn
    elif one.kind == "shift_paid_out":
        found.paid_out_tiyn += one.amount_tiyn


def _add_sales(found: Totals, one: Movement) -> None:
    for kind, sign in ((one.credit, 1), (one.debit, -1)):
        amount = sign * one.amount_tiyn
        if kind == LOT_UNEARNED.name:
            found.sold_for_tiyn += amount
            if CUSTOMER_BALANCE.name in {one.debit, one.credit}:
                found.from_balance_tiyn += amount
        elif kind == GOODS_REVENUE.name:
            found.goods_tiyn += amount
    if CUSTOMER_DEBT.name in {one.debit, one.credit}:
        return  # the top-up that pays a debt is counted whole
    if one.credit == CUSTOMER_BALANCE.name and one.debit != LOT_UNEARNED.name:
        found.topped_up_tiyn += one.amount_tiyn
    elif one.debit == CUSTOMER_BALANCE.name and one.credit != LOT_UNEARNED.name:
        found.topped_up_tiyn -= one.amount_tiyn
