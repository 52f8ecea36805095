"""Writing a document of an operation's money, as an act of the operation itself: both, or neither.

Every posting comes past here (`ClubContext.write`), whoever made it and from whichever page, so that no way of taking
money can be forgotten.
"""

import secrets
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from lovhub.server.context import ClubContext, Work
from lovhub.server.fiscal import rules
from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.fiscal.rules import Moved, Totals
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.goods.models import GoodSale
from lovhub.server.ledger.accounts import METHOD_OF, WITHIN_THE_HOUSE
from lovhub.server.ledger.models import (
    DeskPosting,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.lots.models import Lot
from lovhub.server.payments.models import Payment, Refund

TITLES = {
    "top_up": "Пополнение баланса",
    "top_up_taken_back": "Отмена пополнения",
    "goods_taken_back": "Возврат товара",
    "payment_refunded": "Возврат платежа",
    "payment_refund_rejected": "Возврат не прошёл",
    "payment_kept": "Оплата услуг клуба",
    "customer_paid_out": "Выдача остатка",
    "guest_paid_out": "Возврат за время",
    "zone_difference": "Доплата за зону",
}
"""What stands on a receipt that has no goods and no time on it. Receipts are not in the language of whoever works."""

_OTHER_TITLE = "Услуги клуба"
_IN_THE_HOUSE = {kind.name for kind in WITHIN_THE_HOUSE}


def install(club: ClubContext, fiscal: Fiscal) -> None:
    """From now on every operation that moves a customer's money queues its document, if there is an operator."""
    if fiscal.provider is not None:
        club.fiscal_desk.write = partial(_write, fiscal.vat_percent)


def _write(vat_percent: int | None, work: Work) -> None:
    if not work.money_postings:
        return
    kinds, moved = _moved(work, work.money_postings)
    for totals in rules.documents(moved):
        work.db.add(_document(work, totals, kinds, moved, vat_percent))
    work.db.flush()


@cache
def _movements() -> Select[int, str, str, str, int]:
    """Asked at each operation that moves money, also at each settlement, so it is put together once."""
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    return (
        select(
            LedgerTransfer.posting_id, LedgerPosting.kind, debit.kind, credit.kind, LedgerTransfer.amount
        )
        .join(LedgerPosting, LedgerPosting.id == LedgerTransfer.posting_id)
        .join(debit, debit.id == LedgerTransfer.debit_account_id)
        .join(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(
            LedgerTransfer.posting_id.in_(bindparam("postings", expanding=True)),
            LedgerTransfer.unit == "tiyn",
        )
        .order_by(LedgerTransfer.posting_id, LedgerTransfer.id)
    )  # fmt: skip


def _moved(work: Work, posting_ids: Sequence[int]) -> tuple[dict[int, str], list[Moved]]:
    """The kinds of the postings, and what they moved between customers and the ways of paying."""
    work.db.flush()
    rows = work.db.execute(_movements(), {"postings": posting_ids}).all()
    moved = []
    for posting_id, _kind, source, goal, amount in rows:
        if {source, goal} & _IN_THE_HOUSE or (source in METHOD_OF and goal in METHOD_OF):
            continue
        if source in METHOD_OF:
            moved.append(Moved(posting_id, METHOD_OF[source], amount))
        elif goal in METHOD_OF:
            moved.append(Moved(posting_id, METHOD_OF[goal], -amount))
    return {posting_id: kind for posting_id, kind, *_ in rows}, moved


def _document(
    work: Work,
    totals: Totals,
    kinds: dict[int, str],
    moved: Sequence[Moved],
    vat_percent: int | None,
) -> FiscalDocument:
    sign = 1 if totals.kind == "sale" else -1
    sums: dict[int, int] = {}
    for one in moved:
        if one.amount_tiyn * sign > 0:
            sums[one.posting_id] = sums.get(one.posting_id, 0) + abs(one.amount_tiyn)
    receipt = work.db.scalar(
        select(DeskPosting.receipt_number).where(DeskPosting.posting_id == totals.posting_id)
    )
    return FiscalDocument(
        club_id=work.club_id,
        key=secrets.token_hex(16),
        kind=totals.kind,
        posting_id=totals.posting_id,
        original_key=_original(work, totals.posting_id, kinds[totals.posting_id]),
        receipt_number=receipt,
        made_at=work.now,
        total_tiyn=totals.total_tiyn,
        cash_tiyn=totals.cash_tiyn,
        card_tiyn=totals.card_tiyn,
        kaspi_tiyn=totals.kaspi_tiyn,
        vat_percent=vat_percent,
        vat_tiyn=rules.vat_tiyn(totals.total_tiyn, vat_percent),
        lines=[
            line
            for posting_id, amount in sums.items()
            for line in _lines(work, posting_id, kinds[posting_id], amount)
        ],
        next_try_at=work.now,
    )


def _lines(work: Work, posting_id: int, kind: str, amount_tiyn: int) -> list[dict[str, Any]]:
    """What was sold under a posting; its sum is the money that moved."""
    goods = work.db.scalars(
        select(GoodSale).where(GoodSale.posting_id == posting_id).order_by(GoodSale.id)
    ).all()
    if goods:
        return [_line(good.title, good.price_tiyn, good.quantity) for good in goods]
    lot = work.db.scalar(select(Lot.title).where(Lot.posting_id == posting_id))
    return [_line(lot or TITLES.get(kind, _OTHER_TITLE), amount_tiyn)]


def _line(title: str, price_tiyn: int, quantity: int = 1) -> dict[str, Any]:
    return {"title": title, "quantity": quantity, "price_tiyn": price_tiyn}


def _original(work: Work, posting_id: int, kind: str) -> str:
    """The key of the document that a refund takes back; "" where there is none."""
    original: int | None = None
    if kind in {"top_up_taken_back", "goods_taken_back"}:
        # Both are booked under a key that ends with the number of what they take back.
        key = work.db.scalar(select(LedgerPosting.key).where(LedgerPosting.id == posting_id)) or ""
        number = key.rpartition(":")[2]
        original = int(number) if number.isdecimal() else None
    elif kind == "payment_refunded":
        original = work.db.scalar(
            select(Payment.posting_id)
            .join(Refund, Refund.payment_id == Payment.id)
            .where(Refund.posting_id == posting_id)
        )
    if original is None:
        return ""
    found = work.db.scalar(
        select(FiscalDocument.key).where(
            FiscalDocument.posting_id == original, FiscalDocument.kind == "sale"
        )
    )
    return found or ""
