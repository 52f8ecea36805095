"""One payment for several PCs: what each PC costs whoever sits there. Inside an operation; opens no transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from lovhub.server.computers.models import Computer
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.lots.parts import WithBonuses
from lovhub.server.loyalty import bonuses
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.sessions import queries
from lovhub.server.sessions.sale import Counter
from lovhub.server.sessions.till import Till
from lovhub.server.tariffs.rules import Goods


@dataclass(frozen=True)
class Share:
    """What is sold at one PC, and what of its price is paid with the bonuses of the customer who sits there."""

    goods: Goods
    bonuses: WithBonuses | None = None

    @property
    def bonus_tiyn(self) -> int:
        """So much in bonuses."""
        return 0 if self.bonuses is None else self.bonuses.amount_tiyn

    @property
    def due_tiyn(self) -> int:
        """So much in money."""
        return self.goods.price_tiyn - self.bonus_tiyn


def lock_buyers(
    work: Work, computer_ids: Sequence[int], payer_id: int | None
) -> dict[int, Customer]:
    """The customers who sit at these PCs, locked together with the payer in the one order; the PCs are locked already.

    Who sits there may still leave until the sessions are locked as well: look again then.
    """
    seats = queries.customers_at(work.db, computer_ids)
    locked = {
        row.id: row
        for row in work.db.scalars(
            select(Customer)
            .where(Customer.id.in_({*seats.values(), payer_id} - {None}))
            .order_by(Customer.id)
            .with_for_update(key_share=True)
        )
    }
    return {
        computer_id: locked[customer_id]
        for computer_id, customer_id in seats.items()
        if customer_id in locked
    }


def shares(
    work: Work,
    tariff_id: int,
    computers: Sequence[Computer],
    buyers: Mapping[int, Customer],
    till: Till,
) -> list[Share]:
    """What is sold at each PC: at the price of its zone, as the group of the customer there gets it, bonuses first.

    The sum that stood in the button is what moves: where only the sum is known, and one price makes it up, the rules
    for a price that falls by the minute hold. Refused with `price_changed`.
    """
    counter, spent, found = Counter(work), dict[int, int](), []
    for computer in computers:
        customer = buyers.get(computer.id)
        take = partial(_share, work, counter, tariff_id, computer, customer, till, spent)
        found.append(about(work, computer.id, take))
    if till.price_tiyn in {None, sum(share.due_tiyn for share in found)}:
        return found
    one_price = len({share.goods.offer for share in found}) == 1 and not spent
    if till.zones is None and till.shares is None and one_price:
        return [Share(till.agreed(share.goods, len(found))) for share in found]
    raise OperationRefused("price_changed")


def _share(
    work: Work,
    counter: Counter,
    tariff_id: int,
    computer: Computer,
    customer: Customer | None,
    till: Till,
    spent: dict[int, int],
) -> Share:
    """`spent`: bonuses of customers who sit at one of the PCs before."""
    shown, most_tiyn = till.shown_at(computer.id, computer.zone_id)
    # Whose time it is says whether it is a guest's, not who pays: a guest has no balance for a refunded rest.
    goods = counter.take(
        tariff_id, computer.zone_id, shown, guest=customer is None, customer=customer
    )
    paid = None
    if customer is not None:
        left_tiyn = loyalty.bonus_of(work.db, customer) - spent.get(customer.id, 0)
        paid = bonuses.paying(
            work,
            customer,
            goods.price_tiyn,
            most_tiyn=left_tiyn if most_tiyn is None else max(0, min(left_tiyn, most_tiyn)),
        )
    share = Share(goods, paid)
    if most_tiyn not in {None, share.bonus_tiyn}:
        raise OperationRefused("price_changed")
    if customer is not None and share.bonus_tiyn:
        spent[customer.id] = spent.get(customer.id, 0) + share.bonus_tiyn
    return share


def check_same_buyer(computer_id: int, sits: int | None, buyers: Mapping[int, Customer]) -> None:
    """Refused with `price_changed` where somebody else sits than the price was made for."""
    expected = buyers[computer_id].id if computer_id in buyers else None
    if sits != expected:
        raise OperationRefused("price_changed")


def about(work: Work, computer_id: int, step: Callable[[], Any]) -> Any:
    """Do the step; a refusal says which PC it is about."""
    try:
        return step()
    except OperationRefused as refused:
        raise _named(work, computer_id, refused) from refused


def _named(work: Work, computer_id: int, refused: OperationRefused) -> OperationRefused:
    computer = work.db.get(Computer, computer_id)
    if computer is None or computer.club_id != work.club_id:
        return refused
    return OperationRefused(refused.code, **{**refused.values, "computer": computer.name})
