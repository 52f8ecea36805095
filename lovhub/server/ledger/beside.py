"""Rows of other tables that are written with a posting and say what it was for: they are sealed together with it.

Only what never changes after that. What is played off, refunded, or kept for after a night goes on changing; where
that can be recomputed, `check.py` does.
"""

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.goods.models import GoodSale
from lovhub.server.ledger.models import DeskPosting
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty.models import PromoUse
from lovhub.server.payments.models import Payment, Refund
from lovhub.server.sessions.models import MeterRow

Row = tuple[str | int | None, ...]
"""The name of its table, and what is sealed of it."""

Rows = dict[int, list[Row]]
"""By posting."""

_IS_PACKAGE = MeterRow.lot_id.is_(None)

_SEALED: dict[str, Select[*tuple[Any, ...]]] = {
    # What else it says is sealed with the posting since the first block.
    "desk_posting": select(DeskPosting.posting_id, DeskPosting.club_id).order_by(
        DeskPosting.posting_id
    ),
    "lot": select(
        Lot.posting_id,
        Lot.id,
        Lot.club_id,
        Lot.customer_id,
        Lot.tariff_id,
        Lot.zone_id,
        Lot.sold_at,
        Lot.pause_allowed,
        # A sitting by the minute is granted and pays as it goes.
        case((_IS_PACKAGE, Lot.granted_seconds)),
        case((_IS_PACKAGE, Lot.price_tiyn)),
        Lot.bonus_tiyn,
        Lot.discount_tiyn,
        Lot.available_account_id,
        Lot.consumed_account_id,
        Lot.unearned_account_id,
        Lot.bonus_account_id,
        Lot.discount_account_id,
        MeterRow.session_id,
        MeterRow.minimum_tiyn,
        MeterRow.limit_tiyn,
        MeterRow.carried,
        MeterRow.stretches,
    )
    .outerjoin(MeterRow, MeterRow.lot_id == Lot.id)
    .order_by(Lot.posting_id),
    # Apart, and only where there are any: what was sealed before there were hours stays as it was.
    "lot_hours": select(Lot.posting_id, Lot.play_hours)
    .where(Lot.play_hours.is_not(None))
    .order_by(Lot.posting_id),
    "lot_title": select(Lot.posting_id, Lot.title).order_by(Lot.posting_id),
    "good_sale": select(
        GoodSale.posting_id, GoodSale.id, GoodSale.good_id, GoodSale.price_tiyn, GoodSale.quantity
    ).order_by(GoodSale.posting_id, GoodSale.id),
    "good_title": select(GoodSale.posting_id, GoodSale.title).order_by(
        GoodSale.posting_id, GoodSale.id
    ),
    "promo_use": select(
        PromoUse.posting_id,
        PromoUse.promo_id,
        PromoUse.customer_id,
        PromoUse.code_id,
        PromoUse.key,
        PromoUse.at,
    ).order_by(PromoUse.posting_id),
    "payment": select(
        Payment.posting_id,
        Payment.id,
        Payment.club_id,
        Payment.provider,
        Payment.merchant_ref,
        Payment.key,
        Payment.created_at,
        Payment.amount_tiyn,
        Payment.paid_tiyn,
        Payment.paid_at,
        Payment.credit_account_id,
        # A guest's money that paid for nothing becomes a customer's later.
        case((Payment.credit_account_id.is_(None), Payment.customer_id)),
    ).order_by(Payment.posting_id, Payment.id),
    "payment_refund": select(
        Refund.posting_id,
        Refund.id,
        Refund.club_id,
        Refund.payment_id,
        Refund.key,
        Refund.amount_tiyn,
        Refund.bonus_tiyn,
        Refund.asked_at,
    ).order_by(Refund.posting_id, Refund.id),
    "refund_reason": select(Refund.posting_id, Refund.reason).order_by(
        Refund.posting_id, Refund.id
    ),
    "fiscal_document": select(
        FiscalDocument.posting_id,
        FiscalDocument.id,
        FiscalDocument.club_id,
        FiscalDocument.key,
        FiscalDocument.kind,
        FiscalDocument.original_key,
        FiscalDocument.receipt_number,
        FiscalDocument.made_at,
        FiscalDocument.total_tiyn,
        FiscalDocument.cash_tiyn,
        FiscalDocument.card_tiyn,
        FiscalDocument.kaspi_tiyn,
        FiscalDocument.vat_percent,
        FiscalDocument.vat_tiyn,
        FiscalDocument.lines,
    ).order_by(FiscalDocument.posting_id, FiscalDocument.id),
}
"""What is asked for of each table: the posting first."""


def rows_of(db: Session, postings: Select[int]) -> Rows:
    """What stands beside these postings, in an order that is always the same."""
    found: Rows = defaultdict(list)
    for table, rows in _SEALED.items():
        posting_id = rows.selected_columns[0]
        for row in db.execute(rows.where(posting_id.in_(postings))):
            found[row[0]].append((table, *map(_written, row[1:])))
    return found


def _written(value: str | int | list[Any] | None) -> str | int | None:
    match value:
        case bool():
            return int(value)
        case list():
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        case _:
            return value
