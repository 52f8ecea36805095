"""What belongs onto one receipt, and what stands there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lovhub.server.ledger.accounts import (
    BONUS_GIVEN,
    CUSTOMER_BALANCE,
    CUSTOMER_BONUS,
    DISCOUNT_GIVEN,
    LOT_BONUS,
    METHOD_OF,
)


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
    """How it was paid: by way of paying (negative: given back), from the `balance`, by `bonus`; in all the lines."""
    found: dict[str, int] = {}
    for one in moved:
        for kind, sign in ((one.debit, 1), (one.credit, -1)):
            if kind in METHOD_OF:
                name = METHOD_OF[kind]
            elif kind == CUSTOMER_BALANCE.name and sign > 0:
                name = "balance"
            elif kind == CUSTOMER_BONUS.name and one.credit == LOT_BONUS.name:
                name = "bonus"
            else:
                continue
            found[name] = found.get(name, 0) + sign * one.amount_tiyn
    return {name: amount for name, amount in found.items() if amount}


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
    """What a posting is about: what was paid at the desk, or from what the customer has; negative where given back."""
    paid_now = paid(moved)
    methods = [amount for name, amount in paid_now.items() if name not in {"balance", "bonus"}]
    return sum(methods or paid_now.values())
