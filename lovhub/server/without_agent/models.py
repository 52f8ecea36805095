"""A PC that is, or was, on without its agent."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class WithoutAgent(Base):
    """One stretch of time: from when, when the network last saw the PC, and when it ended (None: it goes on).

    It is written once it has been told, so a PC that is only starting has no row.
    """

    __tablename__ = "without_agent"
    __table_args__ = (
        CheckConstraint("seen_at >= began_at", name="in_order"),
        Index(
            "uq_without_agent_open_computer",
            "computer_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_without_agent_club", "club_id", "began_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    began_at: Mapped[int]
    seen_at: Mapped[int]
    ended_at: Mapped[int | None]
