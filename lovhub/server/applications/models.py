"""Games and programs."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Application(Base):
    """A program that players may start. `kind`: game or program. `exe_path` is absolute on the PC."""

    __tablename__ = "application"
    __table_args__ = (CheckConstraint("kind IN ('game', 'program')", name="kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    title: Mapped[str]
    kind: Mapped[str]
    exe_path: Mapped[str]
    arguments: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int]
    retired_at: Mapped[int | None]
