"""Booking. The only code that writes postings, transfers and balances; always inside an operation's `Work`.

Idempotency: a posting's key is unique in the club. An operation first asks `find_posting(key)` and gives its
first answer again when there is one; two at the same moment meet at the unique key, and the second fails as
a whole and is safe to repeat.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lovhub.server import request_id
from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.database import ids
from lovhub.server.database.prepared import Change, Query
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import desk
from lovhub.server.ledger.accounts import CLUB_KINDS, CUSTOMER_BALANCE, KASPI, AccountKind
from lovhub.server.ledger.models import (
    AccountBalance,
    Desk,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)

# Said at each booking.
_CLUB_ACCOUNT = Query(
    select(LedgerAccount.id).where(
        LedgerAccount.club_id == bindparam("club"),
        LedgerAccount.kind == bindparam("kind"),
        LedgerAccount.is_club,
    )
)
_NEW_ACCOUNT = Query(insert(LedgerAccount).returning(LedgerAccount.id))
_NEW_BALANCE = Change(insert(AccountBalance))
_NEW_POSTING = Query(insert(LedgerPosting).returning(LedgerPosting.id))
_NEW_TRANSFER = Change(insert(LedgerTransfer))
_POSTING = select(LedgerPosting).where(
    LedgerPosting.club_id == bindparam("club"), LedgerPosting.key == bindparam("key")
)
_BALANCE = Query(
    select(AccountBalance.balance).where(AccountBalance.account_id == bindparam("account"))
)
_MOVE = Change(
    update(AccountBalance)
    .where(AccountBalance.account_id == bindparam("account"))
    .values(balance=AccountBalance.balance + bindparam("change"))
)


@dataclass(frozen=True)
class Account:
    """An account to book on: its id, and its unit for the composite key."""

    id: int
    unit: str

    def pay(self, to: "Account", amount: int) -> "list[Transfer]":
        """The transfer of so much from here."""
        return [Transfer(self, to, amount)]


@dataclass(frozen=True)
class Transfer:
    """`amount` moves from `debit` to `credit`, both in the same unit; an amount of 0 is left out."""

    debit: Account
    credit: Account
    amount: int


def backwards(booked: LedgerTransfer) -> Transfer:
    """What undoes a transfer: a new one the other way round, since nothing booked is ever changed."""
    return Transfer(
        debit=Account(booked.credit_account_id, booked.unit),
        credit=Account(booked.debit_account_id, booked.unit),
        amount=booked.amount,
    )


def open_account(work: Work, kind: AccountKind) -> Account:
    """A new account with balance 0; its owner's row must keep its id."""
    (account_id,) = _NEW_ACCOUNT.one(
        work.db,
        club_id=work.club_id,
        kind=kind.name,
        is_club=kind in CLUB_KINDS,
        unit=kind.unit,
    )
    _NEW_BALANCE.run(work.db, account_id=account_id, **_nothing_in(kind))
    return Account(account_id, kind.unit)


def open_accounts(work: Work, kind: AccountKind, count: int) -> list[Account]:
    """So many new accounts with balance 0; their owners' rows must keep their ids."""
    if count == 0:
        return []
    account = {"club_id": work.club_id, "kind": kind.name, "unit": kind.unit, "is_club": False}
    numbers = ids.reserve(work.db, LedgerAccount, count)
    connection = work.db.connection()
    connection.execute(
        insert(LedgerAccount), [{**account, "id": account_id} for account_id in numbers]
    )
    connection.execute(
        insert(AccountBalance),
        [{"account_id": account_id, **_nothing_in(kind)} for account_id in numbers],
    )
    return [Account(account_id, kind.unit) for account_id in numbers]


def _nothing_in(kind: AccountKind) -> dict[str, object]:
    return {"balance": 0, "minimum": kind.minimum, "of_customer": kind == CUSTOMER_BALANCE}


def club_account(work: Work, kind: AccountKind) -> Account:
    """The club's own account of a kind. They are opened with the club (`open_club_accounts`)."""
    known = work.club_accounts.get(kind.name)
    if known is None:
        (known,) = _CLUB_ACCOUNT.one(work.db, club=work.club_id, kind=kind.name)
        work.club_accounts[kind.name] = known
    return Account(known, kind.unit)


def find_posting(db: Session, club_id: int, key: str) -> LedgerPosting | None:
    """The posting already made under `key`, if any."""
    return db.scalars(_POSTING, {"club": club_id, "key": key}).one_or_none()


def moves(db: Session, posting_id: int, account: Account) -> bool:
    """Whether a posting moves anything on an account."""
    found = select(LedgerTransfer.id).where(
        LedgerTransfer.posting_id == posting_id,
        or_(
            LedgerTransfer.debit_account_id == account.id,
            LedgerTransfer.credit_account_id == account.id,
        ),
    )
    return db.scalar(found.limit(1)) is not None


def post(
    work: Work,
    *,
    key: str,
    kind: str,
    transfers: list[Transfer],
    actor: Actor,
    reason: str = "",
    at_desk: bool = True,
) -> int:
    """Book `transfers` under `key` and return the posting's id.

    What a person books belongs to the open shift and gets a receipt's number (see `desk.py`), unless it is not
    `at_desk`: seconds that are settled because somebody pressed «Пауза».

    Raises OperationRefused("balance_too_low") when an account would fall below its minimum and
    OperationRefused("already_booked") when the key is taken; the caller's transaction is then lost as a
    whole, as it must be.
    """
    if any(transfer.amount < 0 for transfer in transfers):
        raise ValueError("a transfer never runs backwards: swap debit and credit")
    moving = [transfer for transfer in transfers if transfer.amount != 0]
    try:
        (posting_id,) = _NEW_POSTING.one(
            work.db,
            club_id=work.club_id,
            key=key,
            kind=kind,
            at=work.now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            reason=reason,
            request_id=request_id.current(),
        )
    except IntegrityError as error:
        raise OperationRefused("already_booked") from error
    if not moving:
        return posting_id
    money = any(transfer.debit.unit == KASPI.unit for transfer in moving)
    if money:
        work.money_postings.append(posting_id)
    if at_desk and actor.kind == "staff":
        desk.note(work, posting_id, kind, money=money)
        if money:
            _note_kaspi(work, posting_id, moving, actor)
    _NEW_TRANSFER.run_many(work.db, [_transfer_row(posting_id, transfer) for transfer in moving])
    _move_balances(work, moving)
    return posting_id


def _note_kaspi(work: Work, posting_id: int, moving: list[Transfer], actor: Actor) -> None:
    """Money that a person says came by Kaspi: `payments` asks by what it is known (`context.KaspiDesk`)."""
    source = club_account(work, KASPI)
    amount = sum(transfer.amount for transfer in moving if transfer.debit == source)
    if amount:
        work.kaspi.postings.append((posting_id, amount, actor))


@dataclass(frozen=True)
class Posting:
    """One of many postings that are booked together."""

    key: str
    transfers: tuple[Transfer, ...]


def post_many(
    work: Work, postings: Sequence[Posting], *, kind: str, actor: Actor, reason: str = ""
) -> list[int]:
    """Book many postings of one kind; their ids, in the order given. Refused as `post` is, all of them."""
    if not postings:
        return []
    shared = {
        "club_id": work.club_id, "kind": kind, "at": work.now,
        "actor_kind": actor.kind, "actor_id": actor.id, "reason": reason,
        "request_id": request_id.current(),
    }  # fmt: skip
    numbers = ids.reserve(work.db, LedgerPosting, len(postings))
    connection = work.db.connection()
    try:
        connection.execute(
            insert(LedgerPosting),
            [
                {**shared, "id": posting_id, "key": posting.key}
                for posting_id, posting in zip(numbers, postings, strict=True)
            ],
        )
    except IntegrityError as error:
        raise OperationRefused("already_booked") from error
    moving = [
        (posting_id, transfer)
        for posting_id, posting in zip(numbers, postings, strict=True)
        for transfer in posting.transfers
        if transfer.amount != 0
    ]
    if any(transfer.amount < 0 for _, transfer in moving):
        raise ValueError("a transfer never runs backwards: swap debit and credit")
    if moving:
        _NEW_TRANSFER.run_many(work.db, [_transfer_row(*found) for found in moving])
        _move_balances(work, [transfer for _, transfer in moving])
    return numbers


def _transfer_row(posting_id: int, transfer: Transfer) -> dict[str, object]:
    return {
        "posting_id": posting_id,
        "unit": transfer.debit.unit,
        "debit_account_id": transfer.debit.id,
        "credit_account_id": transfer.credit.id,
        "amount": transfer.amount,
    }


def _move_balances(work: Work, transfers: list[Transfer]) -> None:
    changes: defaultdict[int, int] = defaultdict(int)
    for transfer in transfers:
        changes[transfer.debit.id] -= transfer.amount
        changes[transfer.credit.id] += transfer.amount
    # In the order of ids: two postings that touch the same accounts then wait for each other, never in a ring.
    rows = [
        {"account": account_id, "change": change}
        for account_id, change in sorted(changes.items())
        if change != 0
    ]
    if not rows:
        return
    try:
        _MOVE.run_many(work.db, rows)
    except IntegrityError as error:
        raise OperationRefused("balance_too_low") from error


def balance(db: Session, account_id: int) -> int:
    """What is in the account now, in its unit."""
    (found,) = _BALANCE.one(db, account=account_id)
    return found


def hold_still(db: Session, accounts: Sequence[Account]) -> None:
    """Lock what is in these accounts until the commit: what is read of them next is still so when it is booked."""
    db.execute(
        select(AccountBalance.account_id)
        .where(AccountBalance.account_id.in_([account.id for account in accounts]))
        .order_by(AccountBalance.account_id)
        .with_for_update()
    )


def allow_below_zero(work: Work, account: Account, limit_tiyn: int) -> None:
    """How far an account may fall below zero from now on. Refused with `balance_too_low` where it is lower already."""
    try:
        work.db.connection().execute(
            update(AccountBalance)
            .where(AccountBalance.account_id == account.id)
            .values(minimum=-limit_tiyn)
        )
    except IntegrityError as error:
        raise OperationRefused("balance_too_low") from error


def balances(db: Session, account_ids: list[int]) -> dict[int, int]:
    """What is in each of the accounts, in one query."""
    rows = db.execute(
        select(AccountBalance.account_id, AccountBalance.balance).where(
            AccountBalance.account_id.in_(account_ids)
        )
    )
    return dict(iter(rows))


def open_club_accounts(work: Work) -> None:
    """Open the club's own accounts and its desk, once, in the set-up's transaction."""
    for kind in CLUB_KINDS:
        open_account(work, kind)
    work.db.add(Desk(club_id=work.club_id))
    work.db.flush()
