"""A PC that is, or was, open for its upkeep."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Maintenance(Base):
    """One opening of a PC: by whom, why, until when at the latest, and when it really ended."""

    __tablename__ = "maintenance"
    __table_args__ = (
        CheckConstraint("until_at > begun_at", name="has_an_end"),
        Index(
            "uq_maintenance_open_computer",
            "computer_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_maintenance_computer", "computer_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    begun_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str]
    begun_at: Mapped[int]
    until_at: Mapped[int]
    ended_at: Mapped[int | None]
