"""What customers owe for time played in debt (docs/billing.md, "In debt"). Inside operations; opens no transaction.

A debt is an account of its own beside the balance: a balance never goes below zero, and what the club owes a customer
is never mixed with what the customer owes the club. The caller has locked the customer, or what they play.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, CUSTOMER_DEBT
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.ledger.service import Account, Transfer

LEFT = "debt_left"
"""The alarm that somebody who played in debt has got up and owes: over when nothing is owed any more."""


def account_of(customer: Customer) -> Account | None:
    """The customer's debt; None for whoever never played in debt."""
    if customer.debt_account_id is None:
        return None
    return Account(customer.debt_account_id, CUSTOMER_DEBT.unit)


def debt_tiyn(db: Session, customer: Customer) -> int:
    """What is put down as debt, with what is reserved of it for a sitting under way."""
    account = account_of(customer)
    return 0 if account is None else -ledger.balance(db, account.id)


def allow(work: Work, customer: Customer, limit_tiyn: int) -> None:
    """From now on the customer may owe so much in all; the database holds it, whatever else is forgotten."""
    if customer.debt_account_id is None:
        customer.debt_account_id = ledger.open_account(work, CUSTOMER_DEBT).id
    ledger.allow_below_zero(work, Account(customer.debt_account_id, CUSTOMER_DEBT.unit), limit_tiyn)


def pay_first(work: Work, customer: Customer, *, key: str, actor: Actor) -> int:
    """What has come onto the balance pays the debt, as far as it reaches; returns how much that was.

    `key`: of what has come.
    """
    account = account_of(customer)
    if account is None:
        return 0
    owed_tiyn = debt_tiyn(work.db, customer)
    amount_tiyn = min(owed_tiyn, ledger.balance(work.db, customer.balance_account_id))
    if amount_tiyn <= 0:
        return 0
    balance = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    ledger.post(
        work,
        key=_paid_key(key),
        kind="debt_paid",
        transfers=[Transfer(balance, account, amount_tiyn)],
        actor=actor,
    )
    journal.record(work, "debt.paid", actor, customer_id=customer.id, amount_tiyn=amount_tiyn)
    if amount_tiyn == owed_tiyn:
        journal.alarms_over(work, LEFT, customer.id)
    return amount_tiyn


def reopen(work: Work, customer: Customer, *, key: str, actor: Actor) -> int:
    """What came under `key` is taken back: what it paid of a debt is owed again, on the balance; returns how much.

    Refused with `balance_too_low` beyond what the customer may owe.
    """
    account, paid = account_of(customer), ledger.find_posting(work.db, work.club_id, _paid_key(key))
    if account is None or paid is None:
        return 0
    amount_tiyn = work.db.scalars(
        select(LedgerTransfer.amount).where(LedgerTransfer.posting_id == paid.id)
    ).one()
    balance = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    ledger.post(
        work,
        key=f"debt_reopened:{key}",
        kind="debt_reopened",
        transfers=[Transfer(account, balance, amount_tiyn)],
        actor=actor,
    )
    return amount_tiyn


def check_owes_nothing(work: Work, customer: Customer) -> None:
    """Refused with `customer_owes` (and how much)."""
    owed_tiyn = debt_tiyn(work.db, customer)
    if owed_tiyn > 0:
        raise OperationRefused("customer_owes", amount_tiyn=owed_tiyn)


def _paid_key(key: str) -> str:
    return f"debt_paid:{key}"
