"""Which events and alarms belong into the suspicious report, and what they cost. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

GROUPS = (
    "difference",
    "void",
    "given_time",
    "bonus",
    "debt",
    "unpaid",
    "correction",
    "paid_out",
    "forced",
    "minor",
    "price",
    "unproven",
    "payment",
    "own_account",
    "same_account",
    "pin",
    "others_balance",
    "absent",
    "resumed",
    "maintenance",
    "no_agent",
    "no_session",
    "computer",
)
"""What is told apart, what costs most first.

`difference`: a count that did not match, or a terminal's sum of cards.
`void`: a top-up or a sale taken back, a payment given back by Kaspi.
`given_time`: time without money. `bonus`: bonuses without money, and promotions. `debt`: a debt forgiven.
`unpaid`: one that nobody has paid for long. `correction`: money or seconds of a customer's changed by hand or on a
person's word; a guest's time or money given to whoever asked for it.
`price`: what is sold for less from now on, to all or to one customer.
`paid_out`: money taken out of the drawer. `forced`: a shift closed by somebody else. `minor`: somebody let play at
night as accompanied. `unproven`: money written down as come through Kaspi without a payment. `payment`: an alarm about
one, such as money that went back past the books.
`own_account`: money or time put on an account of somebody of the staff; `same_account`: by one person on one account
again and again. `pin`: a PIN that opens a customer's account. `others_balance`: a customer's balance has paid for
several PCs, others' among them. `absent`: the desk has seated a customer who has not been
seen for long; `resumed`: it has ended a player's own pause, or one that had lasted an hour.
`maintenance`: a PC opened without a customer.
`no_agent`: a PC that was on while its agent was silent.
`no_session`: a PC that was on, or open, without a session. `computer`: an alarm about a PC or a clock.
"""

FROM_A_BALANCE = "time.sold_together"
"""One payment for several PCs: told where a customer's balance has paid."""

WITHOUT_AGENT = "computer.on_without_agent"
"""How long it went on stands in its stretch, and not in the event, which tells when it began."""

EVENTS = {
    "shift.opened": "difference",
    "shift.closed": "difference",
    "shift.cards_compared": "difference",
    "shift.forced": "forced",
    "shift.paid_out": "paid_out",
    "customer.top_up_taken_back": "void",
    "goods.taken_back": "void",
    "payment.refund_asked": "void",
    "payment.refund_decided": "correction",
    "payment.credit_given": "correction",
    "guest_time.paid_out": "void",
    "guest_time.code_given": "correction",
    "guest_time.ended": "correction",
    "time.given": "given_time",
    "tariff.changed": "price",
    "good.changed": "price",
    "group.changed": "price",
    "customer.group_changed": "price",
    "bonus.given": "bonus",
    "bonus.taken_back": "bonus",
    "promo.created": "bonus",
    "debt.forgiven": "debt",
    "customer.deleted": "correction",
    "session.released": "correction",
    "move.imported": "correction",
    "age.let_stay": "minor",
    "customer.pin_issued": "pin",
    FROM_A_BALANCE: "others_balance",
    "session.seated_absent": "absent",
    "session.resumed_for_player": "resumed",
    "computer.maintenance_begun": "maintenance",
    WITHOUT_AGENT: "no_agent",
    "computer.on_without_session": "no_session",
    "computer.open_without_session": "no_session",
}
"""Kind of event → its group. Whoever changes this, or how one is judged, lets a migration empty `suspicious_day`."""

_ALWAYS = frozenset(
    {
        "void",
        "given_time",
        "bonus",
        "debt",
        "paid_out",
        "forced",
        "pin",
        "others_balance",
        "absent",
        "resumed",
        "maintenance",
        "no_agent",
        "no_session",
    }
)
BY_WATCH = frozenset({"no_agent", "no_session", "computer", "payment"})
"""Groups of what no person did: they happened in somebody's shift."""

_NOT_OF_PEOPLE = frozenset(
    {
        "backup_failed",
        "backup_unsound",
        "backup_second_copy",
        "backup_store",
        "mass_loss",
        "overloaded",
        "update_rolled_back",
        "updates_stopped",
        "debt_left",
        "paused_long",
    }
)
_TOLD_AS_EVENTS = frozenset({"on_without_agent", "many_without_agent"})
"""Each PC of these has a line of its own."""


class Judged(NamedTuple):
    """Why a line is in the report. `amount_tiyn`: what it is about, negative where money is missing."""

    group: str
    amount_tiyn: int = 0
    seconds: int = 0


def judged_event(kind: str, data: Mapping[str, Any]) -> Judged | None:
    """What an event means for the report; None: nothing to look at."""
    group = EVENTS.get(kind)
    if group is None:
        return None
    if group == "minor":
        return Judged(group) if data.get("leave") == "accompanied" else None
    if group == "price":
        return _judged_price(kind, data)
    if kind == "promo.created":  # by itself it has given nobody anything
        return Judged(group)
    if kind == "payment.refund_decided":
        # Only on the word that nothing has arrived is there more on a balance than before.
        return None if data.get("was_done") else Judged(group, int(data.get("amount_tiyn") or 0))
    if kind == "payment.credit_given":
        return Judged(group, int(data.get("amount_tiyn") or 0))
    if group == "difference":
        difference = int(data.get("difference_tiyn") or 0)
        return Judged(group, difference) if difference else None
    amount_of = _AMOUNTS.get(group)
    seconds = int(data.get("seconds") or data.get("unplayed_seconds") or 0)
    found = Judged(group, amount_of(kind, data) if amount_of else 0, seconds)
    if group in _ALWAYS or kind in {"session.released", "move.imported"}:
        return found
    # A customer who had nothing was deleted: nobody gains.
    return found if found.amount_tiyn or found.seconds else None


def _amount(name: str) -> Callable[[str, Mapping[str, Any]], int]:
    return lambda _kind, data: int(data.get(name) or 0)


def _minus(*names: str) -> Callable[[str, Mapping[str, Any]], int]:
    return lambda _kind, data: -sum(int(data.get(name) or 0) for name in names)


_AMOUNTS: Mapping[str, Callable[[str, Mapping[str, Any]], int]] = {
    "void": lambda _kind, data: -int(data.get("amount_tiyn") or data.get("total_tiyn") or 0),
    "paid_out": _minus("amount_tiyn"),
    "forced": _amount("difference_tiyn"),
    "bonus": lambda kind, data: (
        int(data.get("amount_tiyn") or 0) * (-1 if kind == "bonus.taken_back" else 1)
    ),
    "debt": _minus("amount_tiyn"),
    "others_balance": _amount("total_tiyn"),
    "correction": _minus("paid_tiyn", "written_off_tiyn"),
}
"""Group → what an event of this kind is about, in money."""


def _judged_price(kind: str, data: Mapping[str, Any]) -> Judged | None:
    if kind == "customer.group_changed":
        return Judged("price") if data.get("group") else None
    if kind == "group.changed":
        is_more = int(data.get("percent") or 0) > int(data.get("before_percent") or 0)
        return Judged("price") if is_more else None
    return Judged("price") if price_cut_tiyn(data) > 0 else None


def price_cut_tiyn(data: Mapping[str, Any]) -> int:
    """By how much a changed tariff or good is cheaper: its price, that of a zone, or its minimum, whichever most."""
    before, after = {**data, **(data.get("before") or {})}, data
    zones = {*(before.get("zones") or {}), *(after.get("zones") or {})}
    cuts = [int(before.get("minimum_tiyn") or 0) - int(after.get("minimum_tiyn") or 0)]
    for zone in (None, *zones):
        was, is_now = _price_there(before, zone), _price_there(after, zone)
        if was is not None and is_now is not None:
            cuts.append(was - is_now)
    return max(cuts)


def _price_there(data: Mapping[str, Any], zone: str | None) -> int | None:
    """The price in a zone, or the common one; None where it is not sold."""
    there = (data.get("zones") or {}).get(zone)
    if isinstance(there, str):
        return None
    return int(data.get("price_tiyn") or 0) if there is None else int(there)


@cache
def judged_alarm(kind: str) -> Judged | None:
    """Alarms about PCs, locks and clocks, and about payments; not what only the machine did."""
    if kind in _NOT_OF_PEOPLE or kind in _TOLD_AS_EVENTS:
        return None
    return Judged("payment" if kind.startswith("payment_") else "computer")


class Watch(NamedTuple):
    """Who answered for the desk, from when until when (None: still): by a shift, or by having signed in."""

    person_id: int
    person: str
    from_at: int
    until_at: int | None
    is_shift: bool = True


class Roster:
    """Who answered for the desk when, of watches in the order of time."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches = watches
        self._begins = [watch.from_at for watch in watches]

    def at(self, at: int) -> Watch | None:
        """Whose watch it was: the last that had begun, if it had not ended; None: nobody's.

        Of two that meet at that second, the first. Those before these need not be known: watches lie over each other
        only where the clock has been set back.
        """
        begun = bisect_right(self._begins, at)
        last = self._watches[begun - 1] if begun else None
        if last is not None and last.from_at == at and begun > 1:
            before = self._watches[begun - 2]
            if _covers(before, at):
                return before
        return last if last is not None and _covers(last, at) else None


def _covers(watch: Watch, at: int) -> bool:
    return watch.until_at is None or at <= watch.until_at
