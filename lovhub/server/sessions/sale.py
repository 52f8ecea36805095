"""Selling inside an operation: what `service.py`, `codes.py` and `group.py` share. Opens no transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import Work
from lovhub.server.customers import service as customers_service
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, PAYMENT_METHODS
from lovhub.server.ledger.service import Account
from lovhub.server.lots import service as lots_service
from lovhub.server.lots.models import Lot
from lovhub.server.lots.parts import WithBonuses
from lovhub.server.loyalty import bonuses
from lovhub.server.loyalty import queries as groups
from lovhub.server.sessions import rules
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.rules import Goods

Result = TypeVar("Result")


@dataclass(frozen=True)
class Till:
    """What the buyer saw and the cashier took: the price that stood in the button, and the cash handed over.

    A price that is no longer right is refused: what the button says is what moves. None: nobody said.
    `bonus_tiyn`: what of the price was to be paid with bonuses.
    """

    price_tiyn: int | None = None
    received_tiyn: int | None = None
    bonus_tiyn: int | None = None

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

    def counted(self, method: str, amount_tiyn: int) -> dict[str, int]:
        """Cash handed over for an amount, and the change, for the journal. Refused with `received_too_little`."""
        if method != "cash" or self.received_tiyn is None:
            return {}
        change_tiyn = rules.change_due(amount_tiyn, self.received_tiyn)
        if change_tiyn is None:
            raise OperationRefused("received_too_little")
        return {"received_tiyn": self.received_tiyn, "change_tiyn": change_tiyn}


@dataclass(frozen=True)
class TopUp:
    """Money that a customer pays at the desk before buying from the balance, in the same operation."""

    amount_tiyn: int
    method: str


@dataclass(frozen=True)
class Buyer:
    """Whose the sold time is, and where: a customer's, or the guest's who sits in `session_id`."""

    computer_id: int | None
    session_id: int | None = None
    customer_id: int | None = None


NO_TILL = Till()


class Counter:
    """What is sold in this operation, zone by zone, at its one instant."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._shelf = tariffs.shelf(work.db, work.club_id, work.now)

    def take(
        self,
        tariff_id: int,
        zone_id: int | None,
        till: Till,
        *,
        guest: bool,
        count: int = 1,
        customer: Customer | None = None,
    ) -> Goods:
        """One of a tariff in a zone, at the price that was shown; `customer`: as their group gets it.

        Refused with `tariff_not_available`, `tariff_not_sold_here`, `tariff_not_sold_now`, `tariff_not_for_group`,
        `price_changed`; and with `tariff_for_customers`, since a guest has no balance for a refunded rest.
        """
        group = None
        if customer is not None and customer.group_id is not None:
            group = groups.of_customer(self._work.db, self._work.club_id, customer.id)
        goods = self._shelf.take(tariff_id, zone_id, group)
        if guest and goods.terms.rest_rule == "refunded":
            raise OperationRefused("tariff_for_customers")
        return till.agreed(goods, count)

    def take_anywhere(self, tariff_id: int, till: Till) -> Goods:
        """One for a guest who has not yet chosen a PC; refused with `computer_not_chosen` if zones differ in price."""
        goods = self.take(tariff_id, None, till, guest=True)
        if goods.terms.zones:
            raise OperationRefused("computer_not_chosen")
        return goods


def desk_account(work: Work, method: str) -> Account:
    """Where money that is paid at the desk comes from; refused with `payment_method_unknown`."""
    kind = PAYMENT_METHODS.get(method)
    if kind is None:
        raise OperationRefused("payment_method_unknown")
    return ledger.club_account(work, kind)


def balance_account(customer: Customer) -> Account:
    """The customer's money."""
    return Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)


def sell_lot(
    work: Work,
    goods: Goods,
    buyer: Buyer,
    *,
    paid_from: Account,
    key: str,
    actor: Actor,
    with_bonuses: WithBonuses | None = None,
    **noted: Any,
) -> Lot:
    """Sell what lies on the counter and write it down; `noted` joins the event. Refused with `not_enough_money`."""
    lot = lots_service.sell(
        work,
        goods=goods,
        customer_id=buyer.customer_id,
        guest_session_id=None if buyer.customer_id is not None else buyer.session_id,
        paid_from=paid_from,
        key=key,
        actor=actor,
        bonuses=with_bonuses,
    )
    besides = {"bonus_tiyn": lot.bonus_tiyn, "discount_tiyn": lot.discount_tiyn}
    journal.record(
        work,
        "time.sold",
        actor,
        computer_id=buyer.computer_id,
        customer_id=buyer.customer_id,
        session_id=buyer.session_id,
        lot_id=lot.id,
        title=lot.title,
        price_tiyn=lot.price_tiyn,
        seconds=lot.granted_seconds,
        **{name: tiyn for name, tiyn in besides.items() if tiyn},
        **noted,
    )
    if buyer.customer_id is not None:
        work.tell(CustomerChanged(buyer.customer_id))
    return lot


def sell_from_balance(
    work: Work,
    goods: Goods,
    customer: Customer,
    computer_id: int,
    *,
    top_up: TopUp | None,
    till: Till,
    key: str,
    actor: Actor,
) -> Lot:
    """Sell to a customer, who may pay at the desk for it first: a top-up and a sale, both or neither.

    Bonuses are spent first, but none that the top-up itself brings.
    """
    with_bonuses = till.agreed_bonuses(bonuses.paying(work, customer, goods.price_tiyn))
    if top_up is not None:
        customers_service.put_on_balance(
            work,
            customer,
            amount_tiyn=top_up.amount_tiyn,
            method=top_up.method,
            key=key,
            actor=actor,
            **till.counted(top_up.method, top_up.amount_tiyn),
        )
    return sell_lot(
        work,
        goods,
        Buyer(computer_id, customer_id=customer.id),
        paid_from=balance_account(customer),
        key=key,
        actor=actor,
        with_bonuses=with_bonuses,
    )


def sell_to_guest(
    work: Work,
    goods: Goods,
    buyer: Buyer,
    *,
    method: str,
    till: Till,
    key: str,
    actor: Actor,
) -> Lot:
    """Sell to somebody who pays at the desk."""
    cash: dict[str, Any] = till.counted(method, goods.price_tiyn)
    return sell_lot(
        work,
        goods,
        buyer,
        paid_from=desk_account(work, method),
        key=key,
        actor=actor,
        method=method,
        **cash,
    )


def session_of_sale(work: Work, posting_id: int) -> int:
    """The session of the guest to whom a posting sold; refused with `already_booked` if it sold none."""
    lot = work.db.scalars(select(Lot).where(Lot.posting_id == posting_id)).one_or_none()
    if lot is None or lot.guest_session_id is None:
        raise OperationRefused("already_booked")
    return lot.guest_session_id


def once(attempt: Callable[[], Result]) -> Result:
    """Two requests with one key at the same moment: the later one finds the key taken, and looks again."""
    try:
        return attempt()
    except OperationRefused as refusal:
        if refusal.code != "already_booked":
            raise
        return attempt()
