"""Tariffs."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Tariff(Base):
    """So much time for so much money. A retired tariff is no longer sold; what was sold keeps its rules.

    `position`: its place in the list, as the club has arranged it.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        CheckConstraint("seconds > 0", name="seconds_positive"),
        CheckConstraint("price_tiyn >= 0", name="price_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    title: Mapped[str]
    seconds: Mapped[int]
    price_tiyn: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int]
    retired_at: Mapped[int | None]
