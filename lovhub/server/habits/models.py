"""What a customer has chosen at a PC, so that the next PC is as they like it."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base


class CustomerHabits(Base):
    """How a PC is set while this customer plays. None and "": as the PC is by itself."""

    __tablename__ = "customer_habits"
    __table_args__ = (
        CheckConstraint("volume IS NULL OR (volume >= 0 AND volume <= 100)", name="volume"),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id"), primary_key=True, autoincrement=False
    )
    volume: Mapped[int | None]
    layout: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")


class FavouriteApplication(Base):
    """A program that this customer has given a star."""

    __tablename__ = "favourite_application"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id"), primary_key=True, index=True
    )
