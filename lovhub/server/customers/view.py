"""What a customer's PC may show of them."""

from sqlalchemy import Select, bindparam, func, not_, select
from sqlalchemy.orm import Session, aliased

from lovhub.protocol.views import CustomerView
from lovhub.server.customers import rules, waiting
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.lots.by_minute import reserved_and_limit
from lovhub.server.lots.models import Lot
from lovhub.server.lots.queries import playable
from lovhub.server.loyalty.models import BonusRules
from lovhub.server.loyalty.rules import ALL_PERCENT


def _purse() -> Select[str, int, int | None, int | None, int]:
    bonus, debt = aliased(AccountBalance), aliased(AccountBalance)
    return (
        select(
            Customer.name,
            AccountBalance.balance,
            debt.balance,
            bonus.balance,
            func.coalesce(BonusRules.share_percent, ALL_PERCENT),
        )
        .join(AccountBalance, AccountBalance.account_id == Customer.balance_account_id)
        .outerjoin(bonus, bonus.account_id == Customer.bonus_account_id)
        .outerjoin(debt, debt.account_id == Customer.debt_account_id)
        .outerjoin(BonusRules, BonusRules.club_id == bindparam("club"))
        .where(Customer.id == bindparam("customer"))
    )


_PURSE = Query(_purse())

_TIME = Query(
    select(func.sum(playable(AccountBalance.balance, bindparam("now"))), func.count(Lot.play_hours))
    .select_from(Lot)
    .join(AccountBalance, AccountBalance.account_id == Lot.available_account_id)
    .where(
        Lot.customer_id == bindparam("customer"),
        Lot.club_id == bindparam("club"),
        not_(Lot.exhausted),
    )
)


def customer_view(db: Session, club_id: int, customer_id: int, now: int) -> CustomerView:
    """What the customer's PC may show: name, balance, and time that no session holds and that can be played here."""
    name, balance_tiyn, debt, bonus_tiyn, share = _PURSE.one(db, club=club_id, customer=customer_id)
    seconds, with_hours = _TIME.one(db, club=club_id, customer=customer_id, now=now)
    # What a sitting by the minute reserves is theirs until it is played, or not owed until then.
    reserved_tiyn, limit_tiyn = reserved_and_limit(db, customer_id)
    has, owes = rules.has_and_owes(balance_tiyn, debt, reserved_tiyn)
    return CustomerView(
        customer_id=customer_id,
        name=name,
        balance_tiyn=has,
        debt_tiyn=owes,
        debt_limit_tiyn=limit_tiyn,
        seconds_available=int(seconds or 0),
        bonus_tiyn=bonus_tiyn or 0,
        bonus_share_percent=share,
        waiting=waiting.view(db, club_id, customer_id, now) if with_hours else None,
    )
