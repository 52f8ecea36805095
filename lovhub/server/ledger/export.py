"""The books as a plain-text journal that hledger (and with it most plain-text accounting) reads.

One entry a posting, in the order in which they were booked, dated in the club's time zone; debits are positive, as
such tools have it, so that every figure has the opposite sign of our balances. At the end each account's balance as we
keep it is asserted: a tool that reads the file recomputes it from the entries and refuses it if it differs.
Customers stand in it by number, without names.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.customers.belonging import sharing
from lovhub.server.customers.models import Customer
from lovhub.server.ledger.accounts import ALL_KINDS
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)

AT_ONCE = 2000
"""Rows fetched at a time: a journal of years is never in memory."""

SECONDS = "SEC"
"""The commodity in which time is kept."""

PLACES = {
    "cash": "assets:cash",
    "card": "assets:card",
    "kaspi": "assets:kaspi",
    "safe": "assets:safe",
    "customer_debt": "assets:debts",
    "debt_forgiven": "expenses:debts forgiven",
    "customer_balance": "liabilities:customers",
    "lot_unearned": "liabilities:unplayed",
    "desk_credit": "liabilities:desk",
    "opening_balance": "equity:opening",
    "revenue": "revenues:time",
    "goods_revenue": "revenues:goods",
    "bonus_given": "equity:bonus:given",
    "customer_bonus": "equity:bonus:customers",
    "lot_bonus": "equity:bonus:unplayed",
    "bonus_used": "equity:bonus:used",
    "discount_given": "equity:discount:given",
    "lot_discount": "equity:discount:unplayed",
    "discount_used": "equity:discount:used",
    "written_off": "revenues:written off",
    "over_short": "expenses:over and short",
    "time_issued": "equity:time:issued",
    "time_returned": "equity:time:returned",
    "time_expired": "equity:time:expired",
    "lot_available": "liabilities:time:available",
    "lot_consumed": "liabilities:time:consumed",
    "hold": "liabilities:time:held",
}
"""Kind of account → where it stands in the journal; accounts of customers, lots and holds stand below it by number."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def journal(db: Session, club_id: int) -> Iterator[str]:
    """The lines of the journal, without line ends. Reads in one transaction: sales meanwhile are not in it.

    Clubs of a chain that share their customers are in it together: what is owed to them is one.
    """
    club = db.get_one(Club, club_id)
    clubs = list(db.scalars(sharing(club_id)))
    names = _account_names(db, clubs)
    yield f"; LoVHub, {_one_line(club.name)}"
    yield f"commodity 1000.00 {club.currency}"
    yield f"commodity 1000. {SECONDS}"
    for name in names.values():
        yield f"account {name}"
    zone = ZoneInfo(club.time_zone)
    last = datetime.fromtimestamp(club.created_at, zone)
    for posting, transfers in _entries(db, clubs):
        at = datetime.fromtimestamp(posting.at, zone)
        last = max(last, at)
        yield ""
        yield f"{at:%Y-%m-%d} * {posting.kind}  ; posting:{posting.id}, at:{at.isoformat()}"
        who = (
            posting.actor_kind
            if posting.actor_id is None
            else f"{posting.actor_kind} {posting.actor_id}"
        )
        yield f"    ; by:{who}"
        if posting.reason:
            yield f"    ; {_one_line(posting.reason)}"
        for transfer in transfers:
            yield _line(names[transfer.debit_account_id], transfer.amount, transfer.unit, club)
            yield _line(names[transfer.credit_account_id], -transfer.amount, transfer.unit, club)
    yield ""
    yield f"{last + timedelta(days=1):%Y-%m-%d} * balances"
    for account_id, unit, balance in db.execute(
        select(LedgerAccount.id, LedgerAccount.unit, AccountBalance.balance)
        .join(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.club_id.in_(clubs))
        .order_by(LedgerAccount.id)
    ):
        nothing = _amount(0, unit, club)
        yield f"    {names[account_id]}  {nothing} = {_amount(-balance, unit, club)}"


def _account_names(db: Session, clubs: list[int]) -> dict[int, str]:
    of_customers = {
        account_id: customer_id
        for customer_id, *accounts in db.execute(
            select(
                Customer.id,
                Customer.balance_account_id,
                Customer.bonus_account_id,
                Customer.debt_account_id,
            ).where(Customer.club_id.in_(clubs))
        )
        for account_id in accounts
    }
    names = {}
    for account_id, kind, is_club, club_id in db.execute(
        select(LedgerAccount.id, LedgerAccount.kind, LedgerAccount.is_club, LedgerAccount.club_id)
        .where(LedgerAccount.club_id.in_(clubs))
        .order_by(LedgerAccount.id)
    ):
        number = of_customers.get(account_id)
        below = f"c{number}" if number is not None else f"a{account_id}"
        if is_club:
            names[account_id] = PLACES[kind] if len(clubs) == 1 else f"{PLACES[kind]}:club{club_id}"
        else:
            names[account_id] = f"{PLACES[kind]}:{below}"
    return names


def _entries(db: Session, clubs: list[int]) -> Iterator[tuple[LedgerPosting, list[LedgerTransfer]]]:
    rows = db.execute(
        select(LedgerPosting, LedgerTransfer)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .where(LedgerPosting.club_id.in_(clubs))
        .order_by(LedgerPosting.id, LedgerTransfer.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for _posting_id, of_one in groupby(rows, key=lambda row: row[0].id):
        together = list(of_one)
        yield together[0][0], [transfer for _posting, transfer in together]


def _line(account: str, amount: int, unit: str, club: Club) -> str:
    return f"    {account}  {_amount(amount, unit, club)}"


def _amount(amount: int, unit: str, club: Club) -> str:
    if unit == ALL_KINDS["hold"].unit:
        return f"{amount} {SECONDS}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d} {club.currency}"


def _one_line(text: str) -> str:
    """What people typed must not become an entry of its own."""
    return _CONTROL.sub(" ", text).strip()
