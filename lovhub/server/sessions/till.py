"""What a buyer saw and the cashier took: the price in the button, the ways of paying, the cash and its change. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lovhub.server.errors import OperationRefused
from lovhub.server.lots.parts import WithBonuses
from lovhub.server.sessions.parts import IN_PARTS, Part, cash_of, in_order, parts_problem
from lovhub.server.tariffs.rules import Goods


@dataclass(frozen=True)
class Till:
    """What the buyer saw and the cashier took: the price that stood in the button, and the cash handed over.

    A price that is no longer right is refused: what the button says is what moves. None: nobody said. `parts`: it is
    paid in several ways at once. `zones`: the price that was shown for each zone. `bonus_tiyn`: what of the price was
    to be paid with bonuses. `most_bonus_tiyn`: more are not spent, though there are more by now: of a sale that waited
    for its payment, those that the payment brought. `shares`: of one payment for several PCs, the price and the bonuses
    that were shown for each.
    """

    price_tiyn: int | None = None
    received_tiyn: int | None = None
    parts: tuple[Part, ...] = ()
    zones: Mapping[int | None, int] | None = None
    bonus_tiyn: int | None = None
    most_bonus_tiyn: int | None = None
    shares: Mapping[int, tuple[int, int]] | None = None

    def agreed(self, goods: Goods, count: int = 1) -> Goods:
        """The goods at the price that stood in the button for `count` of them; refused with `price_changed`."""
        if self.price_tiyn is None:
            return goods
        shown_tiyn, rest = divmod(self.price_tiyn, count)
        agreed = None if rest else goods.at_price(shown_tiyn)
        if agreed is None:
            raise OperationRefused("price_changed")
        return agreed

    def agreed_bonuses(self, found: WithBonuses | None) -> WithBonuses | None:
        """The bonuses, if they are as many as were shown; refused with `price_changed`."""
        if self.bonus_tiyn not in {None, 0 if found is None else found.amount_tiyn}:
            raise OperationRefused("price_changed")
        return found

    def there(self, zone_id: int | None) -> "Till":
        """What was shown for one PC in this zone, where it was shown zone by zone."""
        if self.zones is None:
            return self
        return Till(price_tiyn=self.zones.get(zone_id, -1))

    def shown_at(self, computer_id: int, zone_id: int | None) -> tuple["Till", int | None]:
        """What was shown of one of several PCs: its price, and what of it bonuses were to pay (None: nobody said)."""
        if self.shares is not None:
            price_tiyn, bonus_tiyn = self.shares.get(computer_id, (-1, 0))
            return Till(price_tiyn=price_tiyn), bonus_tiyn
        return (NO_TILL if self.zones is None else self.there(zone_id)), None

    def counted(self, method: str, amount_tiyn: int) -> dict[str, Any]:
        """Cash handed over for an amount, and the change, for the journal; and the parts, if there are some.

        Refused with `received_too_little`.
        """
        noted: dict[str, Any] = {}
        cash_tiyn = amount_tiyn if method == "cash" else 0
        if method == IN_PARTS:
            cash_tiyn = cash_of(self.parts)
            noted["parts"] = tuple((part.method, part.amount_tiyn) for part in in_order(self.parts))
        if not cash_tiyn or self.received_tiyn is None:
            return noted
        change_tiyn = change_due(cash_tiyn, self.received_tiyn)
        if change_tiyn is None:
            raise OperationRefused("received_too_little")
        return {**noted, "received_tiyn": self.received_tiyn, "change_tiyn": change_tiyn}

    def paid(self, method: str, amount_tiyn: int) -> tuple[Part, ...]:
        """In which ways an amount is paid, in the order in which they are used up.

        Refused with `parts_differ`, `payment_method_unknown`.
        """
        if method != IN_PARTS:
            return (Part(method, amount_tiyn),)
        if problem := parts_problem(self.parts, amount_tiyn):
            raise OperationRefused(problem)
        return in_order(self.parts)


@dataclass(frozen=True)
class TopUp:
    """Money that a customer pays at the desk before buying from the balance, in the same operation."""

    amount_tiyn: int
    method: str


NO_TILL = Till()


def change_due(amount_tiyn: int, received_tiyn: int) -> int | None:
    """What is given back of the cash handed over; None if that is too little."""
    return received_tiyn - amount_tiyn if received_tiyn >= amount_tiyn else None
