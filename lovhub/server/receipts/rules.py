"""What belongs onto one receipt, and what stands there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lovhub.server.ledger.accounts import PAYMENT_METHODS

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
    """How it was paid: by way of paying (negative: given back), and from the `balance`; in all, what the lines say."""
    found: dict[str, int] = {}
    for one in moved:
        for kind, sign in ((one.debit, 1), (one.credit, -1)):
            if kind in _METHODS:
                name = _METHODS[kind]
            elif kind == "customer_balance" and sign > 0:
                name = "balance"
            else:
                continue
            found[name] = found.get(name, 0) + sign * one.amount_tiyn
    return {name: amount for name, amount in found.items() if amount}


def worth(moved: Sequence[Moved]) -> int:
    """What a posting is about: the sum of its money; negative where the club gives it back or takes it out."""
    total = sum(one.amount_tiyn for one in moved)
    given = any(one.credit in _METHODS for one in moved)
    return -total if given and not any(one.debit in _METHODS for one in moved) else total
