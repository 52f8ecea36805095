"""What went through a shift: the numbers of its X and Z reports. Read from the ledger; nothing is kept twice."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.goods.models import GoodSale
from lovhub.server.ledger.models import DeskPosting, LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.lots.models import Lot
from lovhub.server.shifts import queries, rules
from lovhub.server.shifts.queries import Payment, ShiftRow
from lovhub.server.shifts.rules import Movement, Totals
from lovhub.server.staff.models import Staff


@dataclass(frozen=True)
class Sold:
    """How many of a tariff or a good were sold, and for how much."""

    title: str
    count: int
    amount_tiyn: int


@dataclass(frozen=True)
class Receipts:
    """The receipts of a shift: from the first number to the last. None: there was none."""

    first: int | None
    last: int | None
    count: int


@dataclass(frozen=True)
class Figures:
    """A shift, whole. `is_final`: a Z report; else an X report, of a shift that goes on."""

    shift: ShiftRow
    at: int
    totals: Totals
    receipts: Receipts
    tariffs: list[Sold]
    goods: list[Sold]
    given_seconds: int
    payments: list[Payment]

    @property
    def is_final(self) -> bool:
        """Whether the shift is over."""
        return not self.shift.is_open

    @property
    def expected_tiyn(self) -> int:
        """What the drawer must hold, reckoned from the movements themselves; a count's difference is left out."""
        cash = self.totals.methods["cash"]
        return (
            self.shift.float_tiyn
            + cash.left_tiyn
            + self.totals.paid_in_tiyn
            - self.totals.paid_out_tiyn
        )


def read(db: Session, shift: ShiftRow, now: int) -> Figures:
    """Seven statements, however long the shift was."""
    tariffs = _tariffs(db, shift.id)
    return Figures(
        shift=shift,
        at=now if shift.closed_at is None else shift.closed_at,
        totals=rules.totals(_movements(db, shift.id)),
        receipts=_receipts(db, shift.id),
        tariffs=tariffs,
        goods=_goods(db, shift.id),
        given_seconds=_given_seconds(db, shift.id),
        payments=queries.payments(db, shift.id),
    )


def card_tiyn(db: Session, shift_id: int) -> int:
    """What came by card in the shift, less what went back so."""
    return rules.totals(_movements(db, shift_id)).methods["card"].left_tiyn


_of_shift = DeskPosting.shift_id == bindparam("shift_id")
_debit, _credit = aliased(LedgerAccount), aliased(LedgerAccount)

# Put together once: that takes longer than asking.
_MOVEMENTS = (
    select(
        LedgerPosting.kind,
        _debit.kind,
        _credit.kind,
        func.coalesce(Staff.name, ""),
        func.count(LedgerPosting.id.distinct()),
        func.sum(LedgerTransfer.amount),
    )
    .select_from(DeskPosting)
    .join(LedgerPosting, LedgerPosting.id == DeskPosting.posting_id)
    .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
    .join(_debit, _debit.id == LedgerTransfer.debit_account_id)
    .join(_credit, _credit.id == LedgerTransfer.credit_account_id)
    .outerjoin(Staff, Staff.id == LedgerPosting.actor_id)
    .where(_of_shift, LedgerTransfer.unit == "tiyn")
    .group_by(LedgerPosting.kind, _debit.kind, _credit.kind, Staff.name)
)
_RECEIPTS = select(
    func.min(DeskPosting.receipt_number),
    func.max(DeskPosting.receipt_number),
    func.count(DeskPosting.receipt_number),
).where(_of_shift)
_TARIFFS = (
    select(Lot.title, func.count(), func.sum(Lot.price_tiyn))
    .join(DeskPosting, DeskPosting.posting_id == Lot.posting_id)
    .where(_of_shift, Lot.price_tiyn + Lot.bonus_tiyn > 0)
    .group_by(Lot.title)
    .order_by(func.sum(Lot.price_tiyn).desc(), Lot.title)
)
_paid_for_goods = func.sum(GoodSale.price_tiyn * GoodSale.quantity)
_GOODS = (
    select(GoodSale.title, func.sum(GoodSale.quantity), _paid_for_goods)
    .join(DeskPosting, DeskPosting.posting_id == GoodSale.posting_id)
    .where(_of_shift)
    .group_by(GoodSale.title)
    .order_by(_paid_for_goods.desc(), GoodSale.title)
)
_GIVEN_SECONDS = (
    select(func.sum(LedgerTransfer.amount))
    .select_from(DeskPosting)
    .join(LedgerPosting, LedgerPosting.id == DeskPosting.posting_id)
    .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
    .where(_of_shift, LedgerPosting.kind == "time_granted", LedgerTransfer.unit == "second")
)


def _movements(db: Session, shift_id: int) -> list[Movement]:
    rows = db.execute(_MOVEMENTS, {"shift_id": shift_id})
    return [
        Movement(kind, from_, to, person, postings, int(amount))
        for kind, from_, to, person, postings, amount in rows
    ]


def _receipts(db: Session, shift_id: int) -> Receipts:
    first, last, count = db.execute(_RECEIPTS, {"shift_id": shift_id}).one()
    return Receipts(first, last, count)


def _tariffs(db: Session, shift_id: int) -> list[Sold]:
    rows = db.execute(_TARIFFS, {"shift_id": shift_id})
    return [Sold(title, count, int(amount)) for title, count, amount in rows]


def _goods(db: Session, shift_id: int) -> list[Sold]:
    rows = db.execute(_GOODS, {"shift_id": shift_id})
    return [Sold(title, int(count), int(total)) for title, count, total in rows]


def _given_seconds(db: Session, shift_id: int) -> int:
    return int(db.scalar(_GIVEN_SECONDS, {"shift_id": shift_id}) or 0)
