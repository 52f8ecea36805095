"""Documents for the operator of fiscal data: an outbox, written with the money itself."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class FiscalDocument(Base):
    """What one operation took from a customer (`sale`) or gave back (`refund`).

    `key` is ours, random, and the same however often it is sent. `posting_id`: the operation's first posting that
    moved money; `receipt_number`: its number at the desk, if a person booked it. `original_key`: the document of what a
    refund takes back. `lines`: title, quantity and price each. `state`: queued, sent (it may have arrived), confirmed,
    failed. `next_try_at`: when the job looks at it again; None: not any more. `problem`: why it did not work last.
    """

    __tablename__ = "fiscal_document"
    __table_args__ = (
        UniqueConstraint("club_id", "key"),
        UniqueConstraint("posting_id", "kind"),
        CheckConstraint("kind IN ('sale', 'refund')", name="kind"),
        CheckConstraint("state IN ('queued', 'sent', 'confirmed', 'failed')", name="state"),
        CheckConstraint("total_tiyn > 0", name="total_positive"),
        CheckConstraint("cash_tiyn + card_tiyn + kaspi_tiyn = total_tiyn", name="ways_add_up"),
        Index(
            "ix_fiscal_document_open",
            "club_id",
            "next_try_at",
            "state",
            "made_at",
            sqlite_where=text("state <> 'confirmed'"),
            postgresql_where=text("state <> 'confirmed'"),
        ),
        Index("ix_fiscal_document_newest", "club_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    key: Mapped[str]
    kind: Mapped[str]
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"))
    original_key: Mapped[str] = mapped_column(default="")
    receipt_number: Mapped[int | None]
    made_at: Mapped[int]
    total_tiyn: Mapped[int]
    cash_tiyn: Mapped[int]
    card_tiyn: Mapped[int]
    kaspi_tiyn: Mapped[int]
    vat_percent: Mapped[int | None]
    vat_tiyn: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[int | None]
    sent_at: Mapped[int | None]
    confirmed_at: Mapped[int | None]
    fiscal_number: Mapped[str] = mapped_column(default="")
    check_url: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
