"""What a customer's PC may show of them."""

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session, aliased

from lovhub.protocol.views import CustomerView
from lovhub.server.club.models import Club
from lovhub.server.customers import rules, waiting
from lovhub.server.customers.models import Customer
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.lots.by_minute import reserved_tiyn
from lovhub.server.lots.models import Lot
from lovhub.server.lots.queries import playable
from lovhub.server.loyalty.models import BonusRules
from lovhub.server.loyalty.rules import ALL_PERCENT
from lovhub.server.sessions.models import MeterRow, PlaySession

_bonus = aliased(AccountBalance)
_debt = aliased(AccountBalance)


def customer_view(db: Session, club_id: int, customer_id: int, now: int) -> CustomerView:
    """What the customer's PC may show: name, balance, and time that no session holds and that can be played here."""
    name, balance_tiyn, debt, bonus_tiyn, share = db.execute(
        select(
            Customer.name,
            AccountBalance.balance,
            _debt.balance,
            _bonus.balance,
            func.coalesce(BonusRules.share_percent, ALL_PERCENT),
        )
        .join(AccountBalance, AccountBalance.account_id == Customer.balance_account_id)
        .outerjoin(_bonus, _bonus.account_id == Customer.bonus_account_id)
        .outerjoin(_debt, _debt.account_id == Customer.debt_account_id)
        .outerjoin(BonusRules, BonusRules.club_id == club_id)
        .where(Customer.id == customer_id)
    ).one()
    seconds, with_hours = db.execute(
        select(func.sum(playable(AccountBalance.balance, now)), func.count(Lot.play_hours))
        .select_from(Lot)
        .join(AccountBalance, AccountBalance.account_id == Lot.available_account_id)
        .where(Lot.customer_id == customer_id, Lot.club_id == club_id, not_(Lot.exhausted))
    ).one()
    # What a sitting by the minute reserves is theirs until it is played.
    has, owes = rules.has_and_owes(balance_tiyn, debt, reserved_tiyn(db, customer_id))
    return CustomerView(
        customer_id=customer_id,
        name=name,
        balance_tiyn=has,
        debt_tiyn=owes,
        debt_limit_tiyn=_limit_of(db, customer_id),
        seconds_available=int(seconds or 0),
        bonus_tiyn=bonus_tiyn or 0,
        bonus_share_percent=share,
        waiting=waiting.view(db, club_id, customer_id, now) if with_hours else None,
    )


def _limit_of(db: Session, customer_id: int) -> int:
    """Up to what the customer may owe for what they play now; 0 where they do not play in debt."""
    limit = (
        select(func.min(MeterRow.limit_tiyn), func.min(Club.debt_limit_tiyn))
        .select_from(PlaySession)
        .join(MeterRow, MeterRow.session_id == PlaySession.id)
        .join(Club, Club.id == PlaySession.club_id)
        .where(
            PlaySession.customer_id == customer_id,
            PlaySession.state.in_(("active", "paused")),
            MeterRow.limit_tiyn > 0,
        )
    )
    return min(tiyn or 0 for tiyn in db.execute(limit).one())
