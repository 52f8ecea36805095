"""What a fiscal document says and when it is sent again. Pure; `docs/billing.md` says it in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["sale", "refund"]
State = Literal["queued", "sent", "confirmed", "failed"]

WAYS = ("cash", "card", "kaspi")

FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 3600

WARN_SECONDS = 3600
"""The self-check speaks of a document that is not confirmed after so long."""


@dataclass(frozen=True)
class Moved:
    """Money of a customer that came by a way of paying (positive) or went back by it (negative), in one posting."""

    posting_id: int
    way: str
    amount_tiyn: int


@dataclass(frozen=True)
class Totals:
    """What one document is about, by way of paying."""

    kind: Kind
    posting_id: int
    cash_tiyn: int = 0
    card_tiyn: int = 0
    kaspi_tiyn: int = 0

    @property
    def total_tiyn(self) -> int:
        """All of it."""
        return self.cash_tiyn + self.card_tiyn + self.kaspi_tiyn


def documents(moved: Sequence[Moved]) -> list[Totals]:
    """The documents of one operation: one of what came in, one of what went back, if there is any."""
    kinds: tuple[tuple[Kind, int], ...] = (("sale", 1), ("refund", -1))
    found = []
    for kind, sign in kinds:
        mine = [one for one in moved if one.amount_tiyn * sign > 0]
        if mine:
            sums = {
                f"{way}_tiyn": sum(abs(one.amount_tiyn) for one in mine if one.way == way)
                for way in WAYS
            }
            found.append(Totals(kind, min(one.posting_id for one in mine), **sums))
    return found


def vat_tiyn(total_tiyn: int, percent: int | None) -> int:
    """The tax that a total contains, to the nearest tiyn."""
    if not percent:
        return 0
    whole = 100 + percent
    return (total_tiyn * percent * 2 + whole) // (whole * 2)


def pause_seconds(attempts: int) -> int:
    """How long to wait after so many attempts."""
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS << min(max(attempts - 1, 0), 20))


def may_be_sent_again(state: str) -> bool:
    """Whether a person may ask for another attempt at once."""
    return state != "confirmed"
