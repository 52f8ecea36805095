"""A PC that is, or was, open for its upkeep, and the codes that open one without a link."""

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


class MaintenanceCode(Base):
    """A code that was given to a member of staff for the number on a PC's lock. The code itself is kept nowhere.

    `used_at`: when the PC says that it was opened by it; `maintenance_id`: the opening, if there was none already.
    """

    __tablename__ = "maintenance_code"
    __table_args__ = (Index("ix_maintenance_code_computer", "computer_id", "lock_number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    lock_number: Mapped[str]
    minutes: Mapped[int]
    reason: Mapped[str]
    given_at: Mapped[int]
    used_at: Mapped[int | None]
    maintenance_id: Mapped[int | None] = mapped_column(ForeignKey("maintenance.id"), index=True)
