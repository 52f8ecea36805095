"""Bought time in a zone where its tariff costs something else: «Into another zone» of `docs/billing.md`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.oracle.memory import Lot
from tests.oracle.terms import TENGE

ZoneRule = Literal["nothing", "difference", "convert"]


@dataclass(frozen=True)
class Carried:
    """A lot that is taken along: so many seconds become of its rest, and so much is to be paid."""

    lot: Lot
    seconds: int
    difference: int = 0


def prices(rule: ZoneRule, lot: Lot, zone: int | None) -> tuple[int, int] | None:
    """The whole prices there and here, if it is not played here as it is (1 and 2); None: it is."""
    if rule == "nothing" or lot.offer is None or not lot.money.given + lot.bonus.given:
        return None
    there, here = lot.offer.price_in(lot.zone), lot.offer.price_in(zone)
    if lot.zone == zone or here == there or not here or not there:
        return None
    if rule == "difference" and here < there:
        return None
    return there, here


def taken_along(rule: ZoneRule, lots: Sequence[Lot], zone: int | None) -> list[Carried]:
    """3–5: what becomes of all that is not played here as it is, in the order in which it was sold."""
    found: list[Carried] = []
    for lot in sorted(lots, key=lambda lot: lot.order):
        compared = prices(rule, lot, zone)
        if compared is None or not lot.left:
            continue
        there, here = compared
        if rule == "convert":
            found.append(Carried(lot, max(1, lot.left * there // here)))
        else:
            rest = lot.money.owed + lot.bonus.owed
            found.append(Carried(lot, lot.left, rest * (here - there) // there))
    off = sum(one.difference for one in found) % TENGE  # 4: down to a whole tenge
    for number in reversed(range(len(found))):  # 6: off the last ones
        one = found[number]
        less = min(off, one.difference)
        found[number] = Carried(one.lot, one.seconds, one.difference - less)
        off -= less
    return found
