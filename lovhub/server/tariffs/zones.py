"""Bought time in a zone where its tariff costs something else. Pure.

`rule` is the club's: `free` (it is played anywhere), `difference` (what is dearer there is paid for), `convert` (the
time becomes so much longer or shorter).
"""

from dataclasses import dataclass
from typing import Literal

from lovhub.server.loyalty.rules import WHOLE_UNIT_TIYN
from lovhub.server.tariffs.rules import Terms, price_there

Rule = Literal["free", "difference", "convert"]
RULES: tuple[Rule, ...] = ("free", "difference", "convert")

SHOWN_SECONDS = 600
"""So long what was shown is still taken, though time is played meanwhile."""


@dataclass(frozen=True)
class Prices:
    """What the tariff of a lot costs where it was bought, and where it is to be played."""

    bought_tiyn: int
    there_tiyn: int


def fate(
    rule: str, terms: Terms | None, bought_in: int | None, zone_id: int | None, *, price_tiyn: int
) -> Prices | Literal["as_it_is", "not_there"]:
    """Whether time is played in a zone as it is, not at all, or only once it is taken along at these prices.

    `terms` are None of time that is of no tariff; `price_tiyn` is the lot's.
    """
    if rule == "free" or terms is None or price_tiyn == 0 or bought_in == zone_id:
        return "as_it_is"
    bought, there = price_there(terms, bought_in), price_there(terms, zone_id)
    if there is None:
        return "not_there"
    if not bought or not there or bought == there:
        return "as_it_is"
    if rule == "difference" and there < bought:
        return "as_it_is"
    return Prices(bought, there)


@dataclass(frozen=True)
class Rest:
    """What is free of a lot: its seconds, their money, and the price and the seconds of the whole lot."""

    seconds: int
    money_tiyn: int
    price_tiyn: int
    granted_seconds: int


@dataclass(frozen=True)
class Taken:
    """What taking some time along comes to: what is paid for each, or how long each becomes."""

    differences_tiyn: tuple[int, ...]
    seconds: tuple[int, ...]

    @property
    def difference_tiyn(self) -> int:
        """To pay for all of it."""
        return sum(self.differences_tiyn)


def taken_along(rule: str, rests: list[tuple[Rest, Prices]]) -> Taken:
    """What it comes to at this moment."""
    if rule == "convert":
        seconds = [
            max(1, rest.seconds * prices.bought_tiyn // prices.there_tiyn) for rest, prices in rests
        ]
        return Taken((0,) * len(rests), tuple(seconds))
    exact = [
        rest.money_tiyn * (prices.there_tiyn - prices.bought_tiyn) // prices.bought_tiyn
        for rest, prices in rests
    ]
    return Taken(
        _less(exact, sum(exact) % WHOLE_UNIT_TIYN), tuple(rest.seconds for rest, _ in rests)
    )


def agreed(rule: str, rests: list[tuple[Rest, Prices]], shown: int) -> Taken | None:
    """The same as it was shown, in tiyn or, of a conversion, in seconds; None if it is not that any more."""
    now = taken_along(rule, rests)
    before = taken_along(rule, [(_earlier(rest), prices) for rest, prices in rests])
    if rule == "convert":
        return now if sum(now.seconds) <= shown <= sum(before.seconds) else None
    if not now.difference_tiyn <= shown <= before.difference_tiyn:
        return None
    first, *others = now.differences_tiyn
    return Taken((first + shown - now.difference_tiyn, *others), now.seconds)


def _earlier(rest: Rest) -> Rest:
    """As it was ten minutes of play ago."""
    seconds = min(SHOWN_SECONDS, rest.granted_seconds - rest.seconds)
    money = -(-rest.price_tiyn * seconds // rest.granted_seconds)
    return Rest(
        rest.seconds + seconds, rest.money_tiyn + money, rest.price_tiyn, rest.granted_seconds
    )


def _less(amounts: list[int], too_much: int) -> tuple[int, ...]:
    """The amounts with so much taken off, from the last one on."""
    left = []
    for amount in reversed(amounts):
        off = min(amount, too_much)
        too_much -= off
        left.append(amount - off)
    return tuple(reversed(left))
