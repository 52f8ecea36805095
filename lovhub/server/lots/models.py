"""Bought time."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Lot(Base):
    """One purchase of time, with its rules as sold: later changes of the tariff never touch it.

    Its seconds and its money live in ledger accounts of its own: `available` (may still be reserved),
    one hold per session (`sessions.Hold`), `consumed`; and `unearned`, the money not yet played off.
    `price_tiyn` is what was paid in money, `bonus_tiyn` with bonuses, `discount_tiyn` what was taken off: each is in an
    account of its own, if there is any, and earned alike (`parts.py`).
    `customer_id` is None for a guest, whose lot belongs to `guest_session_id` or to an unused seat code.
    `kind`, `rest_rule` and `pause_allowed` are the tariff's when it was sold (see `tariffs.rules.Terms`); nothing
    is played after `expires_at`, and what is left then follows `rest_rule`. `zone_id`: where it was sold.
    `play_hours`: the days and hours in which alone it is played (`tariffs.hours`); None: at any time.
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
            "customer_id",
            sqlite_where=text("exhausted = 0"),
            postgresql_where=text("NOT exhausted"),
        ),
        # What all that is left is worth is summed: from this index, and the balances in the order in which they lie.
        Index(
            "ix_lot_accounts_with_time",
            "club_id",
            "available_account_id",
            "unearned_account_id",
            sqlite_where=text("exhausted = 0"),
            postgresql_where=text("NOT exhausted"),
        ),
        Index(
            "ix_lot_expiring",
            "club_id",
            "expires_at",
            sqlite_where=text("exhausted = 0 AND expires_at IS NOT NULL"),
            postgresql_where=text("NOT exhausted AND expires_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    guest_session_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariff.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(default="package")
    rest_rule: Mapped[str] = mapped_column(default="kept")
    pause_allowed: Mapped[bool] = mapped_column(default=True)
    play_hours: Mapped[str | None]
    granted_seconds: Mapped[int]
    price_tiyn: Mapped[int]
    sold_at: Mapped[int]
    expires_at: Mapped[int | None]
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"), unique=True)
    available_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    consumed_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    unearned_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    bonus_tiyn: Mapped[int] = mapped_column(default=0, server_default="0")
    bonus_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    discount_tiyn: Mapped[int] = mapped_column(default=0, server_default="0")
    discount_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    exhausted: Mapped[bool] = mapped_column(default=False)
