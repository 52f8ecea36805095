"""Reading a receipt: what was booked under its number, and under those of the same operation beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.goods.models import GoodSale
from lovhub.server.ledger.models import (
    DeskPosting,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.lots.models import Lot
from lovhub.server.receipts import rules
from lovhub.server.receipts.models import ReceiptPrint
from lovhub.server.receipts.rules import Moved
from lovhub.server.shifts.models import Shift
from lovhub.server.staff.models import Staff

NEAR = 50
"""An operation takes its numbers one after the other; nobody sells at more PCs at once."""


@dataclass(frozen=True)
class Line:
    """What was sold, given or given back. `title` "": `kind`, the posting's, says what it is."""

    kind: str
    title: str
    quantity: int
    amount_tiyn: int


@dataclass(frozen=True)
class Receipt:
    """A receipt. `numbers`: more than one where an operation was booked in parts. `times`: how often it was printed.

    `bonus_tiyn`: the bonus that it brought (negative: that was taken back), which is no money.
    """

    posting_id: int
    numbers: list[int]
    at: int
    person: str
    shift_number: int | None
    customer: str
    lines: list[Line]
    paid: dict[str, int]
    reason: str
    times: int
    bonus_tiyn: int = 0

    @property
    def total_tiyn(self) -> int:
        """All lines together."""
        return sum(line.amount_tiyn for line in self.lines)


def find(db: Session, club_id: int, key: str) -> int | None:
    """The receipt of an operation by the key of the form that asked for it; None where nothing was booked."""
    return db.scalar(
        select(LedgerPosting.id)
        .join(DeskPosting, DeskPosting.posting_id == LedgerPosting.id)
        .where(
            LedgerPosting.club_id == club_id,
            LedgerPosting.key.in_((key, f"top_up:{key}", f"goods:{key}")),
            DeskPosting.receipt_number.is_not(None),
        )
        .order_by(LedgerPosting.id)
        .limit(1)
    )


def read(db: Session, club_id: int, posting_id: int) -> Receipt:
    """The receipt on which a posting stands; six statements. Refused with `receipt_unknown`."""
    number = db.scalar(
        select(DeskPosting.receipt_number).where(
            DeskPosting.posting_id == posting_id, DeskPosting.club_id == club_id
        )
    )
    if number is None:
        raise OperationRefused("receipt_unknown")
    rows = db.execute(
        select(LedgerPosting, DeskPosting.receipt_number, Shift.number, Staff.name)
        .join(DeskPosting, DeskPosting.posting_id == LedgerPosting.id)
        .outerjoin(Shift, Shift.id == DeskPosting.shift_id)
        .outerjoin(
            Staff, and_(Staff.id == LedgerPosting.actor_id, LedgerPosting.actor_kind == "staff")
        )
        .where(
            DeskPosting.club_id == club_id,
            DeskPosting.receipt_number.between(number - NEAR, number + NEAR),
        )
        .order_by(DeskPosting.receipt_number)
    ).all()
    asked = next(row[0] for row in rows if row[0].id == posting_id)
    together = [
        row
        for row in rows
        if rules.operation_of(row[0].key) == rules.operation_of(asked.key)
        and (row[0].at, row[0].actor_id) == (asked.at, asked.actor_id)
    ]
    ids = [row[0].id for row in together]
    moved, customer_ids = _moved(db, ids)
    first, _number, shift_number, person = together[0]
    return Receipt(
        posting_id=first.id,
        numbers=[number for _posting, number, *_rest in together if number is not None],
        at=first.at,
        person=person or "",
        shift_number=shift_number,
        customer=_customer(db, customer_ids),
        lines=_lines(db, [row[0] for row in together], moved),
        paid=rules.paid([one for posting_id in ids for one in moved[posting_id]]),
        reason=asked.reason,
        times=db.scalar(select(ReceiptPrint.times).where(ReceiptPrint.posting_id == first.id)) or 0,
        bonus_tiyn=sum(rules.bonus_given(moved[posting_id]) for posting_id in ids),
    )


def _moved(db: Session, posting_ids: Sequence[int]) -> tuple[dict[int, list[Moved]], set[int]]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    found: dict[int, list[Moved]] = {posting_id: [] for posting_id in posting_ids}
    balances = set()
    for transfer, from_, to in db.execute(
        select(LedgerTransfer, debit.kind, credit.kind)
        .join(debit, debit.id == LedgerTransfer.debit_account_id)
        .join(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(LedgerTransfer.posting_id.in_(posting_ids), LedgerTransfer.unit == "tiyn")
        .order_by(LedgerTransfer.id)
    ):
        found[transfer.posting_id].append(Moved(from_, to, transfer.amount))
        if from_ == "customer_balance":
            balances.add(transfer.debit_account_id)
        if to == "customer_balance":
            balances.add(transfer.credit_account_id)
    return found, balances


def _customer(db: Session, balance_account_ids: set[int]) -> str:
    if not balance_account_ids:
        return ""
    logins = db.scalars(
        select(Customer.login).where(Customer.balance_account_id.in_(balance_account_ids)).limit(2)
    ).all()
    return logins[0] if len(logins) == 1 else ""


def _lines(
    db: Session, postings: Sequence[LedgerPosting], moved: dict[int, list[Moved]]
) -> list[Line]:
    ids = [posting.id for posting in postings]
    lots = dict(iter(db.execute(select(Lot.posting_id, Lot.title).where(Lot.posting_id.in_(ids)))))
    goods: dict[int, list[Line]] = {}
    for sale in db.scalars(
        select(GoodSale).where(GoodSale.posting_id.in_(ids)).order_by(GoodSale.id)
    ):
        line = Line("goods_sold", sale.title, sale.quantity, sale.price_tiyn * sale.quantity)
        goods.setdefault(sale.posting_id, []).append(line)
    found = []
    for posting in postings:
        worth = rules.worth(moved[posting.id])
        title = lots.get(posting.id, "")
        discount = rules.discount(moved[posting.id])
        found += goods.get(posting.id) or [Line(posting.kind, title, 1, worth + discount)]
        if discount:
            found.append(Line("discount", "", 1, -discount))
    return found
