"""What a PC is made of, and what it was asked to do."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class PcHardware(Base):
    """What the PC last told of itself. `data` is the frame `hardware` without its type."""

    __tablename__ = "pc_hardware"

    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"), primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    changed_at: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PcCommand(Base):
    """A command that was sent to a PC, and its answer. `took_ms`: from sending to the answer."""

    __tablename__ = "pc_command"
    __table_args__ = (
        CheckConstraint("state IN ('sent', 'done', 'failed', 'expired')", name="state"),
        Index("ix_pc_command_computer", "computer_id", "id"),
        Index("ix_pc_command_state", "club_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    command_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    actor_name: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[int]
    state: Mapped[str] = mapped_column(default="sent")
    answered_at: Mapped[int | None]
    took_ms: Mapped[int | None]
    detail: Mapped[str] = mapped_column(default="")
