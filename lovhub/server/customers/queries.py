"""Questions about customers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, not_, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.customers import rules, searching
from lovhub.server.customers.belonging import whose
from lovhub.server.customers.models import Customer
from lovhub.server.customers.rules import KNOWN_PLACE_SECONDS, Estate, normal_phone
from lovhub.server.customers.typed import PhoneSearch, Typed
from lovhub.server.database import keyset
from lovhub.server.database.engine import Database
from lovhub.server.database.keyset import AnyRow, Order, Part, Place, Sorts
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.lots.by_minute import reserved_of, reserved_tiyn
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty.models import CustomerGroup
from lovhub.server.search_key import search_key
from lovhub.server.throttle import place_of

PAGE_SIZE = 50


@dataclass(frozen=True)
class CustomerRow:
    """A customer as lists show them."""

    id: int
    login: str
    name: str
    phone: str
    created_at: int
    balance_tiyn: int
    seconds_available: int
    bonus_tiyn: int = 0
    group_id: int | None = None
    group: str = ""
    birth_date: str = ""
    age_document: str = ""
    age_confirmed_at: int | None = None
    debt_tiyn: int = 0
    debt_account_id: int | None = None

    @property
    def born(self) -> date | None:
        """The birth date, if there is one."""
        return date.fromisoformat(self.birth_date) if self.birth_date else None


_bonus = aliased(AccountBalance)
_debt = aliased(AccountBalance)


class _Read(NamedTuple):
    """What is read of a customer for a row: columns, since to make an object of each takes longer than to read fifty.

    `debt`: the account's balance, if there is one: below zero.
    """

    id: int
    login: str
    name: str
    phone: str
    created_at: int
    group_id: int | None
    birth_date: str
    age_document: str
    age_confirmed_at: int | None
    debt_account_id: int | None
    balance_tiyn: int
    bonus_tiyn: int | None
    group: str | None
    debt: int | None


def _customers(club_id: int) -> Select[*tuple[Any, ...]]:
    """Customers with what their rows show, as `_Read`; for some, who are known by their numbers."""
    return (
        select(
            Customer.id,
            Customer.login,
            Customer.name,
            Customer.phone,
            Customer.created_at,
            Customer.group_id,
            Customer.birth_date,
            Customer.age_document,
            Customer.age_confirmed_at,
            Customer.debt_account_id,
            AccountBalance.balance,
            _bonus.balance,
            CustomerGroup.name,
            _debt.balance,
        )
        .join(AccountBalance, AccountBalance.account_id == Customer.balance_account_id)
        .outerjoin(_bonus, _bonus.account_id == Customer.bonus_account_id)
        .outerjoin(_debt, _debt.account_id == Customer.debt_account_id)
        .outerjoin(
            CustomerGroup,
            and_(CustomerGroup.id == Customer.group_id, CustomerGroup.deleted_at.is_(None)),
        )
        # By their numbers: SQLite would rather go through all customers of the club.
        .where(Customer.club_id + 0 == whose(club_id), Customer.deleted_at.is_(None))
    )


def _row(read: _Read, has_tiyn: int, owes_tiyn: int, seconds: dict[int, int]) -> CustomerRow:
    return CustomerRow(
        id=read.id,
        login=read.login,
        name=read.name,
        phone=read.phone,
        created_at=read.created_at,
        balance_tiyn=has_tiyn,
        seconds_available=seconds.get(read.id, 0),
        bonus_tiyn=read.bonus_tiyn or 0,
        group_id=read.group_id,
        group=read.group or "",
        birth_date=read.birth_date,
        age_document=read.age_document,
        age_confirmed_at=read.age_confirmed_at,
        debt_tiyn=owes_tiyn,
        debt_account_id=read.debt_account_id,
    )


SORTS = Sorts(
    {
        "name": Customer.name_key,
        "login": Customer.login_key,
        "phone": Customer.phone,
        "balance": AccountBalance.balance,
        "registered": Customer.created_at,
    },
    Customer.id,
    default="name",
)
"""What the list may be sorted by."""

SORTS_WITHOUT_PHONES = replace(
    SORTS, keys={name: key for name, key in SORTS.keys.items() if name != "phone"}
)
"""The same for whoever sees no phones: who stands before whom would tell them, and so would the places in the list."""


_BY_LOGIN = Query(
    select(Customer).where(
        Customer.club_id == whose(bindparam("club")),
        Customer.login_key == bindparam("login"),
        Customer.deleted_at.is_(None),
    )
)
_SIGNS_IN = (
    Customer.id, Customer.login, Customer.login_key, Customer.phone, Customer.password_hash,
)  # fmt: skip
_SIGNS_IN_BY_LOGIN = Query(
    select(*_SIGNS_IN).where(
        Customer.club_id == whose(bindparam("club")),
        Customer.login_key == bindparam("login"),
        Customer.deleted_at.is_(None),
    )
)
_WITH_PHONE = (
    Customer.club_id == whose(bindparam("club")),
    Customer.phone == bindparam("phone"),
    Customer.deleted_at.is_(None),
)
_SIGNS_IN_BY_PHONE = Query(select(*_SIGNS_IN).where(*_WITH_PHONE).limit(2))
# Asked for the id alone, SQLite reads all that a search looks through, which holds both, instead of the phones' index.
_BY_PHONE = Query(select(Customer).where(*_WITH_PHONE).limit(2))
_KNOWN_HERE = Query(
    select(Event.id)
    .where(
        Event.customer_id == bindparam("customer"),
        Event.kind == "customer.signed_in",
        Event.address == bindparam("address"),
        Event.at > bindparam("since"),
    )
    .limit(1)
)


def by_login(db: Session, club_id: int, login: str) -> Customer | None:
    """The customer with this login, however it is spelled."""
    return _BY_LOGIN.value(db, club=club_id, login=search_key(login))


class SignsIn(NamedTuple):
    """Who may sign in, and with what: `password_hash` is the one that is stored."""

    customer_id: int
    login: str
    login_key: str
    phone: str
    password_hash: str


def by_login_or_phone(database: Database, club_id: int, typed: str) -> SignsIn | None:
    """Whose login or phone it is, however it is written. A phone that two customers have is nobody's."""
    found = database.ask(_SIGNS_IN_BY_LOGIN, club=club_id, login=search_key(typed))
    if not found and (phone := normal_phone(typed)):
        found = database.ask(_SIGNS_IN_BY_PHONE, club=club_id, phone=phone)
    return SignsIn(*found[0]) if len(found) == 1 else None


def throttle_keys(
    database: Database, customer: SignsIn | None, login: str, address: str, now: int
) -> tuple[str, str]:
    """Under which keys a failed sign-in counts: of the address, and of the login.

    At a PC where the customer has played the login is counted apart: whoever guesses it elsewhere locks nobody out
    there.
    """
    # Login and phone of one customer are no two ways to guess.
    key = f"customer {search_key(login) if customer is None else customer.login_key}"
    # The same work for a login that is nobody's.
    customer_id = 0 if customer is None else customer.customer_id
    since = now - KNOWN_PLACE_SECONDS
    found = database.ask(_KNOWN_HERE, customer=customer_id, address=address, since=since)
    is_known = bool(found)
    place = address if is_known else place_of(address)
    return f"customer {place}", f"{key} {address}" if is_known else key


def _seconds_available(db: Session, club_id: int, customer_ids: list[int]) -> dict[int, int]:
    rows = db.execute(
        select(Lot.customer_id, func.sum(AccountBalance.balance))
        .join(AccountBalance, AccountBalance.account_id == Lot.available_account_id)
        .where(Lot.customer_id.in_(customer_ids), Lot.club_id == club_id, not_(Lot.exhausted))
        .group_by(Lot.customer_id)
    )
    return {customer_id: int(seconds) for customer_id, seconds in rows if customer_id is not None}


def count(db: Session, club_id: int) -> int:
    """How many customers the club has."""
    return db.scalar(
        select(func.count()).where(Customer.club_id == whose(club_id), Customer.deleted_at.is_(None))
    ) or 0  # fmt: skip


@dataclass(frozen=True)
class Only:
    """Which customers a list is narrowed to: registered since an instant, with money, with time to play, in debt."""

    registered_since_at: int | None = None
    with_money: bool = False
    with_time: bool = False
    in_debt: bool = False

    def conditions(self, club_id: int) -> list[ColumnElement[bool]]:
        """What must be true of them at this club."""
        found: list[ColumnElement[bool]] = []
        if self.registered_since_at is not None:
            found.append(Customer.created_at >= self.registered_since_at)
        if self.with_money:
            found.append(AccountBalance.balance > 0)
        if self.in_debt:
            found += [Customer.debt_account_id.is_not(None), _debt.balance < 0]
        if self.with_time:
            available = aliased(AccountBalance)
            found.append(
                select(Lot.id)
                .join(available, available.account_id == Lot.available_account_id)
                .where(
                    Lot.customer_id == Customer.id,
                    Lot.club_id == club_id,
                    not_(Lot.exhausted),
                    available.balance > 0,
                )
                .exists()
            )
        return found


def page(
    db: Session,
    club_id: int,
    *,
    search: str = "",
    phones: PhoneSearch = "whole",
    only: Only | None = None,
    order: Order | None = None,
    place: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Part[CustomerRow]:
    """Customers, by name if not said otherwise; `search` being part of a name or login, or a phone (`phones`)."""
    # All of them may have to be put in order: only what the order needs, and the rows for those who are shown.
    order, only = order or SORTS.order(), only or Only()
    searched = _searched(db, club_id, search, phones) if search.strip() else None
    by_balance = order.name == "balance"
    is_whole = searched is None and only in (Only(), Only(with_money=True))
    statement = select(Customer.id).where(
        *_ours(
            club_id,
            from_balances=by_balance and is_whole,
            by_number=searched is not None and searched.numbers is not None,
        ),
        *only.conditions(club_id),
    )
    if by_balance:
        # Who have the same balance stand as their accounts do: the index of balances holds no more than that.
        order = replace(order, id=AccountBalance.account_id.expression)
    if by_balance or only.with_money:
        statement = statement.join(
            AccountBalance, AccountBalance.account_id == Customer.balance_account_id
        )
    if only.in_debt:
        statement = statement.join(_debt, _debt.account_id == Customer.debt_account_id)
    if searched is not None:
        statement = statement.where(*searched.conditions(club_id, by_name=order.name == "name"))
    # Last, as SQLite asks in this order: of those whom a search passes over, which are nearly all, it is not asked.
    statement = statement.where(Customer.deleted_at.is_(None))
    return keyset.part(db, statement, order, place, limit, partial(_load, db, club_id))


def _searched(db: Session, club_id: int, search: str, phones: PhoneSearch) -> Typed:
    """What somebody typed, and who alone can be meant."""
    typed = Typed.read(search, phones)
    if owners := _with_number(db, club_id, search):
        return replace(typed, numbers=owners, is_theirs=True)
    return replace(typed, numbers=searching.perhaps(db, club_id, typed.pieces()))


def _load(db: Session, club_id: int, found: Sequence[AnyRow]) -> list[CustomerRow]:
    ids = [row[0] for row in found]
    read = [_Read(*row) for row in db.execute(_customers(club_id).where(Customer.id.in_(ids)))]
    seconds = _seconds_available(db, club_id, ids)
    in_debt = [one.id for one in read if one.debt]
    reserved = reserved_of(db, in_debt) if in_debt else {}
    rows = {}
    for one in read:
        has, owes = one.balance_tiyn, 0
        if one.debt:
            has, owes = rules.has_and_owes(one.balance_tiyn, one.debt, reserved.get(one.id, 0))
        rows[one.id] = _row(one, has, owes, seconds)
    # Who was deleted between the two questions is gone.
    return list(filter(None, map(rows.get, ids)))


def _ours(club_id: int, *, from_balances: bool, by_number: bool) -> list[ColumnElement[bool]]:
    """Which customers are the club's. `from_balances`: those are read in order, and lead to their customers."""
    if not (from_balances or by_number):
        return [Customer.club_id == whose(club_id)]
    # By their numbers: SQLite would rather put all customers of the club in order.
    ours = Customer.club_id + 0 == whose(club_id)
    return [AccountBalance.of_customer.expression, ours] if from_balances else [ours]


def estate(db: Session, customer: Customer) -> Estate:
    """What the customer still has here."""
    available, unearned = aliased(AccountBalance), aliased(AccountBalance)
    seconds, unplayed_tiyn = db.execute(
        select(
            func.coalesce(func.sum(available.balance), 0),
            func.coalesce(func.sum(unearned.balance), 0),
        )
        .select_from(Lot)
        .join(available, available.account_id == Lot.available_account_id)
        .join(unearned, unearned.account_id == Lot.unearned_account_id)
        .where(Lot.customer_id == customer.id, not_(Lot.exhausted))
    ).one()
    balance_tiyn = db.scalars(
        select(AccountBalance.balance).where(
            AccountBalance.account_id == customer.balance_account_id
        )
    ).one()
    return Estate(balance_tiyn, int(unplayed_tiyn), int(seconds))


def _with_number(db: Session, club_id: int, search: str) -> list[int]:
    """Whose whole number is typed, if it is one customer's alone, and who has it as their login; else empty.

    Each is found by an index, and nobody is looked for in all names then.
    """
    number = normal_phone(search)
    owners = _BY_PHONE.values(db, club=club_id, phone=number) if number else []
    if len(owners) != 1:
        return []
    named = by_login(db, club_id, search)
    return [owners[0].id] if named is None else [owners[0].id, named.id]


def row(db: Session, club_id: int, customer_id: int) -> CustomerRow:
    """One customer as in the list; OperationRefused("customer_unknown")."""
    found = db.execute(_customers(club_id).where(Customer.id == customer_id)).one_or_none()
    if found is None:
        raise OperationRefused("customer_unknown")
    one = _Read(*found)
    has, owes = rules.has_and_owes(one.balance_tiyn, one.debt, reserved_tiyn(db, customer_id))
    return _row(one, has, owes, _seconds_available(db, club_id, [customer_id]))
