"""What a customer's PC may show of them."""

from sqlalchemy import Select, and_, bindparam, case, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from lovhub.protocol.views import CustomerView
from lovhub.server.club.models import Club
from lovhub.server.customers import rules, waiting
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.lots.models import Lot
from lovhub.server.lots.queries import playable
from lovhub.server.loyalty.models import BonusRules
from lovhub.server.loyalty.rules import ALL_PERCENT
from lovhub.server.sessions.models import IS_LIVE, MeterRow, PlaySession


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


def _metered() -> Select[int | None, int | None, int | None]:
    in_debt = and_(
        MeterRow.limit_tiyn > 0,
        or_(PlaySession.state == "active", PlaySession.state == "paused"),
    )
    return (
        select(
            func.sum(AccountBalance.balance),
            func.min(case((in_debt, MeterRow.limit_tiyn))),
            func.min(case((in_debt, Club.debt_limit_tiyn))),
        )
        .select_from(PlaySession)
        .join(MeterRow, MeterRow.session_id == PlaySession.id)
        .join(Club, Club.id == PlaySession.club_id)
        .join(Lot, Lot.id == MeterRow.lot_id)
        .join(AccountBalance, AccountBalance.account_id == Lot.unearned_account_id)
        .where(PlaySession.customer_id == bindparam("customer"), IS_LIVE)
    )


_METERED = Query(_metered())
"""Of all that they play by the minute: what is reserved, and what they and anybody may owe for it, where they may."""


def customer_view(db: Session, club_id: int, customer_id: int, now: int) -> CustomerView:
    """What the customer's PC may show: name, balance, and time that no session holds and that can be played here."""
    name, balance_tiyn, debt, bonus_tiyn, share = _PURSE.one(db, club=club_id, customer=customer_id)
    seconds, with_hours = _TIME.one(db, club=club_id, customer=customer_id, now=now)
    # What a sitting by the minute reserves is theirs until it is played, or not owed until then.
    reserved_tiyn, limit_tiyn, club_limit_tiyn = _METERED.one(db, customer=customer_id)
    has, owes = rules.has_and_owes(balance_tiyn, debt, int(reserved_tiyn or 0))
    return CustomerView(
        customer_id=customer_id,
        name=name,
        balance_tiyn=has,
        debt_tiyn=owes,
        # 0 where they do not play in debt now.
        debt_limit_tiyn=min(limit_tiyn or 0, club_limit_tiyn or 0),
        seconds_available=int(seconds or 0),
        bonus_tiyn=bonus_tiyn or 0,
        bonus_share_percent=share,
        waiting=waiting.view(db, club_id, customer_id, now) if with_hours else None,
    )
