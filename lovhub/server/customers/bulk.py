"""Many customers at once: thousands come in from another system, and may have to go again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from lovhub.server.context import Work
from lovhub.server.customers.belonging import club_for_new
from lovhub.server.customers.models import Customer
from lovhub.server.database import ids
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import standing
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE
from lovhub.server.ledger.service import Account
from lovhub.server.search_key import search_key

NO_PASSWORD = ""
"""No password fits this hash: the customer cannot sign in until the desk has given a one-time PIN."""


@dataclass(frozen=True)
class Newcomer:
    """Who is to be made a customer; checked already."""

    login: str
    name: str
    phone: str
    group_id: int | None = None
    birth_date: str = ""


@dataclass(frozen=True)
class Made:
    """The customer made, and the account of the balance."""

    customer_id: int
    balance: Account


def add(work: Work, newcomers: Sequence[Newcomer]) -> list[Made]:
    """Customers without a password and with an empty balance, in the order given.

    Raises OperationRefused("login_taken") if a login has come into use meanwhile.
    """
    if not newcomers:
        return []
    accounts = ledger.open_accounts(work, CUSTOMER_BALANCE, len(newcomers))
    club_id = club_for_new(work.db, work.club_id)
    numbers = ids.reserve(work.db, Customer, len(newcomers))
    values = [
        {
            "id": customer_id,
            "club_id": club_id,
            "login": newcomer.login,
            "login_key": search_key(newcomer.login),
            "name": newcomer.name,
            "name_key": search_key(newcomer.name),
            "phone": newcomer.phone,
            "group_id": newcomer.group_id,
            "birth_date": newcomer.birth_date,
            "password_hash": NO_PASSWORD,
            "balance_account_id": account.id,
            "created_at": work.now,
        }
        for customer_id, newcomer, account in zip(numbers, newcomers, accounts, strict=True)
    ]
    try:
        work.db.connection().execute(insert(Customer), values)
    except IntegrityError as error:
        raise OperationRefused("login_taken") from error
    _tell(work, numbers)
    return [Made(row_id, account) for row_id, account in zip(numbers, accounts, strict=True)]


def forget(work: Work, customer_ids: Sequence[int]) -> None:
    """Their names, phones and birth dates go, and their logins are free again; what they did stays as history."""
    rows = [
        {"customer": customer_id, "free_login": f"№ {customer_id}"} for customer_id in customer_ids
    ]
    if not rows:
        return
    # A login with a space in it nobody can have: the numbers meet no living customer.
    work.db.connection().execute(
        update(Customer)
        .where(Customer.id == bindparam("customer"))
        .values(
            login=bindparam("free_login"),
            login_key=bindparam("free_login"),
            name=bindparam("free_login"),
            name_key=bindparam("free_login"),
            phone="",
            birth_date="",
            age_document="",
            age_confirmed_at=None,
            age_confirmed_by=None,
            password_hash=NO_PASSWORD,
            salt=None,
            group_id=None,
            deleted_at=work.now,
        ),
        rows,
    )
    _tell(work, customer_ids)


def _tell(work: Work, customer_ids: Sequence[int]) -> None:
    """Have the journal tell how each stands: no session has heard of what was written."""
    work.touched.extend(
        standing.written_apart(Customer.__tablename__, customer_id) for customer_id in customer_ids
    )
