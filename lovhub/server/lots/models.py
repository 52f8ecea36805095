"""Bought time."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Lot(Base):
    """One purchase of time, with its rules as sold: later changes of the tariff never touch it.

    Its seconds and its money live in ledger accounts of its own: `available` (may still be reserved),
    one hold per session (`sessions.Hold`), `consumed`; and `unearned`, the money not yet played off.
    `customer_id` is None for a guest, whose lot belongs to `guest_session_id` or to an unused seat code.
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("granted_seconds > 0", name="granted_positive"),
        CheckConstraint("price_tiyn >= 0", name="price_not_negative"),
        Index("ix_lot_customer", "customer_id", "exhausted"),
        Index("ix_lot_guest", "guest_session_id"),
        Index(
            "ix_lot_with_time",
            "club_id",
            sqlite_where=text("exhausted = 0"),
            postgresql_where=text("NOT exhausted"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    guest_session_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariff.id"))
    title: Mapped[str]
    granted_seconds: Mapped[int]
    price_tiyn: Mapped[int]
    sold_at: Mapped[int]
    expires_at: Mapped[int | None]
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"), unique=True)
    available_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    consumed_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    unearned_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    exhausted: Mapped[bool] = mapped_column(default=False)
