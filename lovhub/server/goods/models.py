"""Goods, and what was sold of them. The money is in the ledger."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Good(Base):
    """Something with a price. Retired, it is no longer sold; what was sold keeps its name and price."""

    __tablename__ = "good"
    __table_args__ = (CheckConstraint("price_tiyn > 0", name="price_positive"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    title: Mapped[str]
    price_tiyn: Mapped[int]
    created_at: Mapped[int]
    retired_at: Mapped[int | None]


class GoodSale(Base):
    """One line of a sale: so many of a good at the price of that moment. Never changed."""

    __tablename__ = "good_sale"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_good_sale_posting", "posting_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"))
    good_id: Mapped[int] = mapped_column(ForeignKey("good.id"))
    title: Mapped[str]
    price_tiyn: Mapped[int]
    quantity: Mapped[int]
