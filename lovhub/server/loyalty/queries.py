"""Questions about groups, bonuses and promotions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.customers.belonging import club_of_customers, whose
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.database.remembering import Remembered
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Standing
from lovhub.server.ledger.accounts import CUSTOMER_BONUS
from lovhub.server.ledger.models import AccountBalance, LedgerAccount, LedgerTransfer
from lovhub.server.loyalty.models import (
    BonusRules,
    BonusStep,
    CustomerGroup,
    Promo,
    PromoCode,
    TariffGroup,
)
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.tariffs.models import Tariff
from lovhub.server.tariffs.rules import Group

MOST_PROMOS = 100


def groups(db: Session, club_id: int) -> list[CustomerGroup]:
    """The club's groups, by name."""
    return list(
        db.scalars(
            select(CustomerGroup)
            .where(CustomerGroup.club_id == whose(club_id), CustomerGroup.deleted_at.is_(None))
            .order_by(CustomerGroup.name_key)
        )
    )


def group(db: Session, club_id: int, group_id: int) -> CustomerGroup:
    """A group that is there; OperationRefused("group_unknown")."""
    found = db.get(CustomerGroup, group_id)
    if found is None or found.deleted_at is not None:
        raise OperationRefused("group_unknown")
    if found.club_id != club_of_customers(db, club_id):
        raise OperationRefused("group_unknown")
    return found


_OF_CUSTOMER = Query(
    select(CustomerGroup.id, CustomerGroup.discount_percent)
    .join(Customer, Customer.group_id == CustomerGroup.id)
    .where(
        Customer.id == bindparam("customer"),
        Customer.club_id == whose(bindparam("club")),
        CustomerGroup.deleted_at.is_(None),
    )
)


def of_customer(db: Session, club_id: int, customer_id: int) -> Group | None:
    """The customer's group, as prices know it; None for one who is in none, or is not there."""
    found = _OF_CUSTOMER.first(db, club=club_id, customer=customer_id)
    return None if found is None else Group(*found)


@dataclass(frozen=True)
class Member:
    """What a customer gets off and has to spend: their group, and their bonuses."""

    group: Group | None
    bonus_tiyn: int


def of_customers(db: Session, club_id: int, customer_ids: Collection[int]) -> dict[int, Member]:
    """Groups and bonuses of these customers; one query."""
    rows = db.execute(
        select(
            Customer.id,
            func.coalesce(CustomerGroup.id, 0),
            func.coalesce(CustomerGroup.discount_percent, 0),
            func.coalesce(AccountBalance.balance, 0),
        )
        .outerjoin(
            CustomerGroup,
            and_(CustomerGroup.id == Customer.group_id, CustomerGroup.deleted_at.is_(None)),
        )
        .outerjoin(AccountBalance, AccountBalance.account_id == Customer.bonus_account_id)
        # By their numbers: SQLite would rather go through all customers of the club.
        .where(Customer.id.in_(customer_ids), Customer.club_id + 0 == whose(club_id))
    )
    return {
        customer_id: Member(Group(group_id, percent) if group_id else None, int(bonus))
        for customer_id, group_id, percent, bonus in rows
    }


# Group by group, by the index: to sort all of them by their groups takes twice as long.
_IN_GROUP = (
    select(func.count())
    .where(Customer.club_id == CustomerGroup.club_id, Customer.group_id == CustomerGroup.id)
    .scalar_subquery()
)
_IN_GROUPS = Query(
    select(CustomerGroup.id, _IN_GROUP).where(CustomerGroup.club_id == bindparam("home"))
)
_IN_THIS_ONE = Query(
    select(_IN_GROUP).where(
        CustomerGroup.club_id == bindparam("home"), CustomerGroup.id == bindparam("group")
    )
)

MEMBERS_KEPT: Remembered[int, Mapping[int, int]] = Remembered(
    Standing.id, Standing.event_id, Standing.table_name, Standing.row_key, most_since=5_000
)
"""Who is put into a group or out of it is told beside the event (`journal/standing.py`): only then is counted anew.

A group that was put into SQLite's file past the program shows with the next change that is told (`ledger check` finds
it).
"""

_SOMEBODY_CHANGED = Query(
    select(Standing.id)
    .where(
        Standing.id > bindparam("after"),
        Standing.table_name == Customer.__tablename__,
        or_(Standing.told.is_(None), Standing.told.contains(f'"{Customer.group_id.key}"')),
    )
    .limit(1)
)


def members(db: Session, club_id: int) -> Mapping[int, int]:
    """How many customers are in each group that has any. `db` has written nothing itself."""
    home = club_of_customers(db, club_id)

    def counted() -> Mapping[int, int]:
        return MappingProxyType(
            {group_id: count for group_id, count in _IN_GROUPS.all(db, home=home) if count}
        )

    def carry_on(known: Mapping[int, int], after: int) -> Mapping[int, int]:
        return known if _SOMEBODY_CHANGED.value(db, after=after) is None else counted()

    return MEMBERS_KEPT.get(db, home, counted, carry_on)


def members_of(db: Session, club_id: int, group_id: int) -> int:
    """How many customers are in this group."""
    return _IN_THIS_ONE.value(db, home=club_of_customers(db, club_id), group=group_id) or 0


def tariffs_of(db: Session, club_id: int, group_id: int) -> list[str]:
    """Titles of the tariffs on sale that name the group, with the club where that is another one than `club_id`."""
    rows = db.execute(
        select(Tariff.title, Tariff.club_id, Club.name)
        .join(TariffGroup, TariffGroup.tariff_id == Tariff.id)
        .join(Club, Club.id == Tariff.club_id)
        .where(TariffGroup.group_id == group_id, Tariff.retired_at.is_(None))
        .order_by(Tariff.title, Tariff.id)
    )
    return [title if club == club_id else f"{title} ({name})" for title, club, name in rows]


def bonus_terms(db: Session, club_id: int) -> BonusTerms:
    """How the owner has set bonuses."""
    row = db.get(BonusRules, club_id)
    if row is None:
        return BonusTerms()
    steps = db.scalars(
        select(BonusStep).where(BonusStep.club_id == club_id).order_by(BonusStep.from_tiyn)
    )
    return BonusTerms(
        is_on=row.is_on,
        share_percent=row.share_percent,
        per_shift_tiyn=row.per_shift_tiyn,
        steps=tuple(Step(step.from_tiyn, step.percent) for step in steps),
    )


def bonus_of(db: Session, customer: Customer) -> int:
    """What the customer has in bonuses."""
    if customer.bonus_account_id is None:
        return 0
    return db.scalars(
        select(AccountBalance.balance).where(AccountBalance.account_id == customer.bonus_account_id)
    ).one()


def bonus_of_posting(db: Session, posting_id: int) -> int:
    """How much of a bonus a posting gave."""
    given = db.scalar(
        select(func.sum(LedgerTransfer.amount))
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.credit_account_id)
        .where(LedgerTransfer.posting_id == posting_id, LedgerAccount.kind == CUSTOMER_BONUS.name)
    )
    return int(given or 0)


@dataclass(frozen=True)
class AtWork:
    """What of all this the club uses: what is not used, the desk is not shown."""

    groups: bool
    bonuses: bool
    promos: bool


def at_work(db: Session, club_id: int) -> AtWork:
    """One query."""
    found = db.execute(
        select(
            exists().where(
                CustomerGroup.club_id == whose(club_id), CustomerGroup.deleted_at.is_(None)
            ),
            exists().where(BonusRules.club_id == club_id, BonusRules.is_on),
            exists().where(Promo.club_id == club_id, Promo.stopped_at.is_(None)),
        )
    ).one()
    return AtWork(*map(bool, found))


@dataclass(frozen=True)
class PromoRow:
    """A promotion in the list: how many codes it has, one of them if it is the only one, and how often it was used."""

    promo: Promo
    codes: int
    code: str
    used: int


def _promos() -> Query[Promo, int, str | None, int]:
    of_promo = PromoCode.promo_id == Promo.id
    # One after the other by the index that holds how often each was used: most were not, and are not gone through.
    codes = select(func.count()).where(of_promo).scalar_subquery()
    some_code = select(PromoCode.code).where(of_promo).limit(1).scalar_subquery()
    used = (
        select(func.coalesce(func.sum(PromoCode.used), 0))
        .where(of_promo, PromoCode.used > 0)
        .scalar_subquery()
    )
    return Query(
        select(Promo, codes, some_code, used)
        .where(Promo.club_id == bindparam("club"))
        .order_by(Promo.id.desc())
        .limit(MOST_PROMOS)
    )


_PROMOS = _promos()


def promos(db: Session, club_id: int) -> list[PromoRow]:
    """The newest promotions."""
    return [
        PromoRow(promo, codes, (code or "") if codes == 1 else "", int(used))
        for promo, codes, code, used in _PROMOS.all(db, club=club_id)
    ]


def promo(db: Session, club_id: int, promo_id: int) -> Promo:
    """A promotion; OperationRefused("promo_unknown")."""
    found = db.get(Promo, promo_id)
    if found is None or found.club_id != club_id:
        raise OperationRefused("promo_unknown")
    return found


def codes(db: Session, promo_id: int) -> Sequence[PromoCode]:
    """The codes of a promotion, in the order in which they were made."""
    return db.scalars(
        select(PromoCode).where(PromoCode.promo_id == promo_id).order_by(PromoCode.id)
    ).all()
