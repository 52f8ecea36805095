"""Sealing: committed postings are chained into hashed blocks, so that editing the database file shows.

A job seals every few seconds, after the fact: whoever books never waits for the chain. A block takes every
committed posting that is in none yet, never "ids beyond the last": a transaction with a lower id may commit
later. Together with `check.py` this is design idea 2.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, case, func, insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.models import Customer
from lovhub.server.ledger import beside
from lovhub.server.ledger.accounts import (
    CUSTOMER_BALANCE,
    CUSTOMER_BONUS,
    CUSTOMER_DEBT,
    DESK_CREDIT,
    HOLD,
    LOT_AVAILABLE,
    LOT_CONSUMED,
    LOT_UNEARNED,
)
from lovhub.server.ledger.models import (
    DeskPosting,
    LedgerAccount,
    LedgerBlock,
    LedgerPosting,
    LedgerSeal,
    LedgerTransfer,
)
from lovhub.server.ledger.rules import (
    FIRST_PREVIOUS,
    SealedAccount,
    SealedPosting,
    SealedTransfer,
    block_hash,
)
from lovhub.server.lots.models import Lot
from lovhub.server.payments.models import Payment
from lovhub.server.sessions.models import Hold

LARGEST_BLOCK = 1000
"""Postings in a block: the write lock is held for a few milliseconds, however much has piled up."""

LATE_SECONDS = 600
"""How far back the job looks each time: no transaction is under way for longer."""


def seal(club: ClubContext, *, everything: bool = False) -> int:
    """Seal what is committed and not yet sealed; returns how many postings.

    `everything` looks through the whole history, at the server's start and by command; otherwise only as far
    back as a posting may have come late.
    """
    with club.read() as db:
        since = 0 if everything else _last_sealed_at(db, club.club_id) - LATE_SECONDS
    sealed = looked_up_to = 0
    while True:
        with club.read() as db:
            # Beyond what this call has seen already: a long history is walked through once.
            waiting = list(
                db.scalars(
                    _unsealed(club.club_id, since)
                    .where(LedgerPosting.id > looked_up_to)
                    .limit(LARGEST_BLOCK)
                )
            )
        if not waiting:
            return sealed
        looked_up_to = waiting[-1]
        with club.write() as work:
            sealed += _add_block(work, waiting)


def head_now(club: ClubContext) -> LedgerBlock | None:
    """The chain's head over what is booked by now; None while nothing was ever booked."""
    # Another node may be sealing at this moment: its block counts as well as ours.
    with contextlib.suppress(DatabaseError):
        seal(club)
    with club.read() as db:
        return last_block(db, club.club_id)


def find_block(db: Session, club_id: int, head: bytes) -> LedgerBlock | None:
    """The block with this hash; None if the chain holds none."""
    return db.scalars(
        select(LedgerBlock).where(LedgerBlock.club_id == club_id, LedgerBlock.hash == head).limit(1)
    ).one_or_none()


def last_block(db: Session, club_id: int) -> LedgerBlock | None:
    """The chain's head: whoever keeps a copy of its hash elsewhere can tell whether history was rewritten."""
    return db.scalars(
        select(LedgerBlock)
        .where(LedgerBlock.club_id == club_id)
        .order_by(LedgerBlock.number.desc())
        .limit(1)
    ).one_or_none()


def blocks(db: Session, club_id: int) -> Iterator[tuple[LedgerBlock, list[SealedPosting]]]:
    """Every block of the chain with its postings as they stand now, in order, in bounded memory."""
    found = db.scalars(
        select(LedgerBlock)
        .where(LedgerBlock.club_id == club_id)
        .order_by(LedgerBlock.number)
        .execution_options(yield_per=500)
    )
    for chunk in found.partitions():
        by_block = _postings_of(db, [block.id for block in chunk])
        for block in chunk:
            yield block, by_block[block.id]


def _last_sealed_at(db: Session, club_id: int) -> int:
    block = last_block(db, club_id)
    return 0 if block is None else block.sealed_at


def _unsealed(club_id: int, since: int) -> Select[int]:
    return (
        select(LedgerPosting.id)
        .outerjoin(LedgerSeal, LedgerSeal.posting_id == LedgerPosting.id)
        .where(
            LedgerPosting.club_id == club_id,
            LedgerPosting.at >= since,
            LedgerSeal.posting_id.is_(None),
        )
        .order_by(LedgerPosting.id)
    )


def _add_block(work: Work, posting_ids: list[int]) -> int:
    """Chain these postings, less those that another node has sealed meanwhile; returns how many."""
    taken = work.db.scalars(
        select(LedgerSeal.posting_id).where(LedgerSeal.posting_id.in_(posting_ids))
    )
    wanted = sorted(set(posting_ids) - set(taken))
    if not wanted:
        return 0
    head = last_block(work.db, work.club_id)
    number = 1 if head is None else head.number + 1
    previous = FIRST_PREVIOUS if head is None else head.hash
    postings = _postings(work.db, wanted)
    block = LedgerBlock(
        club_id=work.club_id,
        number=number,
        sealed_at=work.now,
        hash=block_hash(
            club_id=work.club_id,
            number=number,
            sealed_at=work.now,
            previous=previous,
            postings=postings,
        ),
    )
    work.db.add(block)
    work.db.flush()
    work.db.execute(
        insert(LedgerSeal), [{"posting_id": id_, "block_id": block.id} for id_ in wanted]
    )
    return len(wanted)


_debit, _credit = aliased(LedgerAccount), aliased(LedgerAccount)


def _owner(
    account: type[LedgerAccount],
) -> tuple[ColumnElement[int | None], ColumnElement[int | None]]:
    """Whose an account is (`SealedAccount`), by one look into the table that names accounts of its kind."""

    def found(
        wanted: InstrumentedAttribute[Any], named_in: InstrumentedAttribute[Any]
    ) -> ColumnElement[int | None]:
        # Where two rows name one account the check tells of it (`check.py`), and must not fall over it.
        first = select(func.min(wanted)).where(named_in == account.id)
        return first.correlate(account).scalar_subquery()

    owner_id = {
        CUSTOMER_BALANCE: found(Customer.id, Customer.balance_account_id),
        CUSTOMER_BONUS: found(Customer.id, Customer.bonus_account_id),
        CUSTOMER_DEBT: found(Customer.id, Customer.debt_account_id),
        LOT_AVAILABLE: found(Lot.customer_id, Lot.available_account_id),
        LOT_CONSUMED: found(Lot.customer_id, Lot.consumed_account_id),
        LOT_UNEARNED: found(Lot.customer_id, Lot.unearned_account_id),
        HOLD: found(Hold.session_id, Hold.account_id),
        DESK_CREDIT: found(Payment.id, Payment.credit_account_id),
    }
    return (
        case({kind.name: id_ for kind, id_ in owner_id.items()}, value=account.kind),
        case({HOLD.name: found(Hold.lot_id, Hold.account_id)}, value=account.kind),
    )


_Columns = TypeVarTuple("_Columns")


def _whole(rows: Select[*_Columns]) -> Select[*_Columns]:
    """Beside each posting all that is sealed of it; what somebody removed is None, and so hashes to something else."""
    return (
        rows.outerjoin(DeskPosting, DeskPosting.posting_id == LedgerPosting.id)
        .outerjoin(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .outerjoin(_debit, _debit.id == LedgerTransfer.debit_account_id)
        .outerjoin(_credit, _credit.id == LedgerTransfer.credit_account_id)
    )


# Columns and no objects: in a check of years most of the time would go into making them.
_COLUMNS = (
    LedgerPosting.id, LedgerPosting.key, LedgerPosting.kind, LedgerPosting.at, LedgerPosting.actor_kind,
    LedgerPosting.actor_id, LedgerPosting.reason, LedgerPosting.request_id, DeskPosting.posting_id,
    DeskPosting.shift_id, DeskPosting.receipt_number,
    LedgerTransfer.id, LedgerTransfer.unit, LedgerTransfer.amount,
    LedgerTransfer.debit_account_id, _debit.kind, *_owner(_debit),
    LedgerTransfer.credit_account_id, _credit.kind, *_owner(_credit),
)  # fmt: skip


def _postings(db: Session, posting_ids: list[int]) -> list[SealedPosting]:
    rows = db.execute(
        _whole(select(*_COLUMNS).select_from(LedgerPosting))
        .where(LedgerPosting.id.in_(posting_ids))
        .order_by(LedgerPosting.id, LedgerTransfer.id)
    )
    wanted = select(LedgerPosting.id).where(LedgerPosting.id.in_(posting_ids))
    return _gather(map(tuple, rows), beside.rows_of(db, wanted))


def _postings_of(db: Session, block_ids: list[int]) -> defaultdict[int, list[SealedPosting]]:
    sealed = select(LedgerSeal.block_id, *_COLUMNS).select_from(LedgerSeal)
    rows = db.execute(
        _whole(sealed.join(LedgerPosting, LedgerPosting.id == LedgerSeal.posting_id))
        .where(LedgerSeal.block_id.in_(block_ids))
        .order_by(LedgerSeal.block_id, LedgerPosting.id, LedgerTransfer.id)
    )
    wanted = select(LedgerSeal.posting_id).where(LedgerSeal.block_id.in_(block_ids))
    there = beside.rows_of(db, wanted)
    found: defaultdict[int, list[SealedPosting]] = defaultdict(list)
    for block_id, group in groupby(rows, key=lambda row: row[0]):
        found[block_id] = _gather((tuple(row)[1:] for row in group), there)
    return found


def _gather(rows: Iterable[tuple[Any, ...]], there: beside.Rows) -> list[SealedPosting]:
    """Postings of rows as `_COLUMNS` has them."""
    return [
        _sealed([*group], tuple(there.get(posting_id, ())))
        for posting_id, group in groupby(rows, key=itemgetter(0))
    ]


def _sealed(rows: list[tuple[Any, ...]], besides: tuple[beside.Row, ...]) -> SealedPosting:
    id_, key, kind, at, actor_kind, actor_id, reason, request_id, *of_desk = rows[0][:11]
    at_desk, shift_id, receipt_number = of_desk
    return SealedPosting(
        id=id_,
        key=key,
        kind=kind,
        at=at,
        actor_kind=actor_kind,
        actor_id=actor_id,
        # One whose transfers somebody removed has a row without any.
        transfers=tuple(_transfer(*row[11:]) for row in rows if row[11] is not None),
        desk=None if at_desk is None else (shift_id, receipt_number),
        beside=besides,
        reason=reason,
        request_id=request_id,
    )


def _transfer(id_: int, unit: str, amount: int, *accounts: Any) -> SealedTransfer:
    debit, credit = SealedAccount(*accounts[:4]), SealedAccount(*accounts[4:])
    return SealedTransfer(id=id_, unit=unit, debit=debit, credit=credit, amount=amount)
