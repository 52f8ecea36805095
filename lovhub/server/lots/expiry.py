"""Time whose validity is over: what is left of it is taken, by the rule under which it was sold."""

from sqlalchemy import and_, not_, or_, select

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, CUSTOMER_BONUS
from lovhub.server.ledger.service import Account
from lovhub.server.lots.models import Lot
from lovhub.server.lots.rest import close_rest
from lovhub.server.sessions.models import IS_LIVE, Hold, PlaySession


def expire_due(club: ClubContext) -> None:
    """Take the rest of every lot that has expired. Each is an operation of its own."""
    now = club.clock.now()
    with club.read() as db:
        due = db.scalars(
            select(Lot.id)
            .where(Lot.club_id == club.club_id, not_(Lot.exhausted), Lot.expires_at <= now)
            .order_by(Lot.expires_at, Lot.id)
        ).all()
    for lot_id in due:
        with club.write() as work:
            _expire(work, lot_id)


def _expire(work: Work, lot_id: int) -> None:
    holders = select(Hold.session_id).where(Hold.lot_id == lot_id)
    owner = select(Lot.customer_id).where(Lot.id == lot_id).scalar_subquery()
    # Also what the customer plays now: a refund may pay a debt that it adds to.
    plays = and_(PlaySession.customer_id == owner, IS_LIVE)
    work.db.scalars(
        select(PlaySession.id)
        .where(or_(PlaySession.id.in_(holders), plays))
        .order_by(PlaySession.id)
        .with_for_update()
    ).all()
    lot = work.db.scalars(select(Lot).where(Lot.id == lot_id).with_for_update()).one()
    if not lot.exhausted:
        take_rest(work, lot, key=f"expiry:{lot.id}:{work.now}", actor=SYSTEM)


def take_rest(work: Work, lot: Lot, *, key: str, actor: Actor) -> None:
    """Take what is left of a lot, as its rule says, and write it down. A guest has no balance to refund to."""
    customer = None if lot.customer_id is None else work.db.get(Customer, lot.customer_id)
    refund_to = bonus_back = None
    if lot.rest_rule == "refunded" and customer is not None:
        refund_to = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
        if customer.bonus_account_id is not None:
            bonus_back = Account(customer.bonus_account_id, CUSTOMER_BONUS.unit)
    rest = close_rest(work, lot, refund_to=refund_to, bonus_back=bonus_back, key=key, actor=actor)
    if rest.seconds == 0:
        return
    if refund_to is not None and customer is not None:
        owing.pay_first(work, customer, key=key, actor=SYSTEM)
    journal.record(
        work,
        "time.expired" if refund_to is None else "time.refunded",
        actor,
        customer_id=lot.customer_id,
        lot_id=lot.id,
        title=lot.title,
        seconds=rest.seconds,
        amount_tiyn=rest.amount_tiyn,
        **({"bonus_tiyn": rest.bonus_tiyn} if rest.bonus_tiyn else {}),
    )
    if lot.customer_id is not None:
        work.tell(CustomerChanged(lot.customer_id))
