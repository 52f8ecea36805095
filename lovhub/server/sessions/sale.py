"""Selling inside an operation: what `service.py`, `codes.py` and `group.py` share. Opens no transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.computers.models import Computer
from lovhub.server.context import Work
from lovhub.server.customers import owing
from lovhub.server.customers import service as customers_service
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, PAYMENT_METHODS
from lovhub.server.ledger.purse import Purse
from lovhub.server.ledger.service import Account
from lovhub.server.lots import service as lots_service
from lovhub.server.lots.models import Lot
from lovhub.server.lots.parts import WithBonuses
from lovhub.server.loyalty import bonuses
from lovhub.server.loyalty import queries as groups
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.parts import (
    IN_PARTS,
    posting_key,
)
from lovhub.server.sessions.reserve import free_reserve_of
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.by_minute import stretches
from lovhub.server.tariffs.metering import Stretch
from lovhub.server.tariffs.rules import Goods

Result = TypeVar("Result")


@dataclass(frozen=True)
class Buyer:
    """Whose the sold time is, and where: a customer's, or the guest's who sits in `session_id`."""

    computer_id: int | None
    session_id: int | None = None
    customer_id: int | None = None


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
        at_full_price: bool = False,
    ) -> Goods:
        """One of a tariff in a zone, at the price that was shown, paid for now; `customer`: as their group gets it.

        `at_full_price`: without the group's discount.
        Refused with `tariff_not_available`, `tariff_not_sold_here`, `tariff_not_sold_now`, `tariff_not_for_group`,
        `price_changed`; with `tariff_for_customers`, since a guest has no balance for a refunded rest; and with
        `tariff_by_minute`, since of that nothing is bought.
        """
        goods = self.show(
            tariff_id,
            zone_id,
            till,
            guest=guest,
            count=count,
            customer=customer,
            at_full_price=at_full_price,
        )
        if goods.terms.kind == "per_minute":
            raise OperationRefused("tariff_by_minute")
        return goods

    def show(
        self,
        tariff_id: int,
        zone_id: int | None,
        till: Till,
        *,
        guest: bool,
        count: int = 1,
        customer: Customer | None = None,
        at_full_price: bool = False,
    ) -> Goods:
        """As `take`, also what is played by the minute and paid for later."""
        group = None
        if customer is not None and customer.group_id is not None:
            group = groups.of_customer(self._work.db, self._work.club_id, customer.id)
        if group is not None and at_full_price:
            group = replace(group, discount_percent=0)
        goods = self._shelf.take(tariff_id, zone_id, group)
        if guest and goods.terms.kind == "per_minute":
            raise OperationRefused("tariff_by_minute")
        if guest and goods.terms.rest_rule == "refunded":
            raise OperationRefused("tariff_for_customers")
        return till.agreed(goods, count)

    def by_minute(
        self, tariff_id: int | None, zone_id: int | None, customer_id: int | None
    ) -> tuple[Stretch, ...]:
        """The prices of playing by the minute in a zone from now on, as they are written down for this customer."""
        shelf, group = self._shelf, None
        if customer_id is not None:
            group = groups.of_customer(self._work.db, self._work.club_id, customer_id)
        return stretches(shelf.tariffs, tariff_id, shelf.calendar, zone_id, shelf.now, group)

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


def paid_at_desk(work: Work, method: str, till: Till, amount_tiyn: int) -> Account | Purse:
    """What pays an amount at the desk, in one way or in parts; refused as `Till.paid` is."""
    parts = till.paid(method, amount_tiyn)
    if method != IN_PARTS:
        return desk_account(work, method)
    return Purse([(desk_account(work, part.method), part.amount_tiyn) for part in parts])


def balance_account(customer: Customer) -> Account:
    """The customer's money."""
    return Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)


def sell_lot(
    work: Work,
    goods: Goods,
    buyer: Buyer,
    *,
    paid_from: Account | Purse,
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
        zone_id=_zone_of(work, buyer.computer_id),
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


def pay_in_first(
    work: Work, customer: Customer, top_up: TopUp | None, *, till: Till, key: str, actor: Actor
) -> None:
    """Put what a customer pays at the desk on the balance, before it is spent; None: nothing is paid.

    Refused with `customer_owes`: the money would pay the debt, and not what it was taken for.
    """
    if top_up is None:
        return
    owing.check_owes_nothing(work, customer)
    counted = till.counted(top_up.method, top_up.amount_tiyn)
    paid = till.paid(top_up.method, top_up.amount_tiyn)
    for number, part in enumerate(paid, start=1):
        customers_service.put_on_balance(
            work,
            customer,
            amount_tiyn=part.amount_tiyn,
            method=part.method,
            key=posting_key(key, number),
            actor=actor,
            **(counted if part.method == "cash" else {}),
        )


def _zone_of(work: Work, computer_id: int | None) -> int | None:
    return None if computer_id is None else work.db.get_one(Computer, computer_id).zone_id


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

    Bonuses are spent first, but none that the top-up itself brings. The caller lengthens whatever the customer plays:
    what is reserved there by the minute was let go for this.
    """
    free_reserve_of(work, customer.id, actor)
    with_bonuses = till.agreed_bonuses(
        bonuses.paying(work, customer, goods.price_tiyn, most_tiyn=till.most_bonus_tiyn)
    )
    pay_in_first(work, customer, top_up, till=till, key=key, actor=actor)
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
        paid_from=paid_at_desk(work, method, till, goods.price_tiyn),
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


def check_same_sale(
    work: Work,
    posting_id: int,
    tariff_id: int,
    *,
    customer_id: int | None,
    session_id: int | None = None,
) -> None:
    """Refuse with `key_reused` a key that was another sale's: to somebody else, or of another tariff."""
    lot = work.db.scalars(select(Lot).where(Lot.posting_id == posting_id)).one_or_none()
    same = lot is not None and (lot.customer_id, lot.tariff_id) == (customer_id, tariff_id)
    if same and lot is not None and customer_id is None and lot.guest_session_id != session_id:
        # A guest who has moved to another PC since then took the time along.
        sitting = work.db.get(PlaySession, session_id)
        same = sitting is not None and sitting.state == "ended"
    if not same:
        raise OperationRefused("key_reused")


def once(attempt: Callable[[], Result]) -> Result:
    """Two requests with one key at the same moment: the later one finds the key taken, and looks again."""
    try:
        return attempt()
    except OperationRefused as refusal:
        if refusal.code != "already_booked":
            raise
        return attempt()
