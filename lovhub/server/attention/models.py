"""What waits for somebody at the desk."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Call(Base):
    """A player calls the desk. A PC has one open call; calling again raises `count` and tells the newest words.

    `customer_id` and `session_id` tell who sat there at the first call, if anybody did.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "uq_call_open_computer",
            "computer_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_call_open", "club_id", "closed_at", "called_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    reason: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    count: Mapped[int] = mapped_column(default=1)
    called_at: Mapped[int]
    last_called_at: Mapped[int]
    taken_at: Mapped[int | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[int | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class EndingDismissal(Base):
    """Somebody has seen that the session is about to end at `ends_at`; one that ends later is news again."""

    __tablename__ = "ending_dismissal"

    session_id: Mapped[int] = mapped_column(ForeignKey("play_session.id"), primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    ends_at: Mapped[int]
    dismissed_at: Mapped[int]
    dismissed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
