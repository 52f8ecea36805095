"""What belongs onto one receipt, and what stands there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lovhub.server.ledger.accounts import (
    BONUS_GIVEN,
    CUSTOMER_BONUS,
    DISCOUNT_GIVEN,
    LOT_BONUS,
    NOT_MONEY,
    PAYMENT_METHODS,
    REVENUE,
)

_METHODS = {kind.name: method for method, kind in PAYMENT_METHODS.items()}


def operation_of(key: str) -> str:
    """What the keys of one operation's postings have in common: a top-up and what is bought with it, several PCs."""
    return re.sub(r":\d{1,3}$", "", key.removeprefix("top_up:"))


@dataclass(frozen=True)
class Moved:
    """Money of a receipt that moved between accounts of two kinds."""

    debit: str
    credit: str
    amount_tiyn: int


def paid(moved: Sequence[Moved]) -> dict[str, int]:
    """How it was paid: by way of paying (negative: given back), from the `balance`, with `bonus`; in all, the lines."""
    found: dict[str, int] = {}
    for one in moved:
        if one.debit == CUSTOMER_BONUS.name and one.credit == LOT_BONUS.name:
            found["bonus"] = found.get("bonus", 0) + one.amount_tiyn
        if not _is_paid(one):
            continue
        for kind, sign in ((one.debit, 1), (one.credit, -1)):
            if kind in _METHODS:
                name = _METHODS[kind]
            elif kind == "customer_balance" and sign > 0:
                name = "balance"
            else:
                continue
            found[name] = found.get(name, 0) + sign * one.amount_tiyn
    return {name: amount for name, amount in found.items() if amount}


def _is_paid(one: Moved) -> bool:
    """Not of money are bonuses and discounts; and what pays for bonuses already spent is nobody's purchase."""
    return one.debit not in NOT_MONEY and one.credit != REVENUE.name


def discount(moved: Sequence[Moved]) -> int:
    """What a discount took off the price."""
    return sum(one.amount_tiyn for one in moved if one.debit == DISCOUNT_GIVEN.name)


def bonus_given(moved: Sequence[Moved]) -> int:
    """The bonus that a top-up brought; negative where it was taken back."""
    return sum(
        one.amount_tiyn * ((one.debit == BONUS_GIVEN.name) - (one.credit == BONUS_GIVEN.name))
        for one in moved
    )


def worth(moved: Sequence[Moved]) -> int:
    """What a posting is about: the sum of its money; negative where the club gives it back or takes it out."""
    total = sum(one.amount_tiyn for one in moved if _is_paid(one) or one.credit == LOT_BONUS.name)
    given = any(one.credit in _METHODS for one in moved)
    return -total if given and not any(one.debit in _METHODS for one in moved) else total
