"""Messages on their way to the owner, and where they go."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class NoticeTarget(Base):
    """Where messages go; "" where that way is not wanted. Secrets stand in `config.ini`, never here.

    `apprise`: whether they go there, too; the service and whom it tells are one address, a secret.
    `troubles`, `daily_head`: whether troubles, and each day the head of the books' chain, are told of, too.
    """

    __tablename__ = "notice_target"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    email: Mapped[str] = mapped_column(default="")
    telegram: Mapped[str] = mapped_column(default="")
    apprise: Mapped[bool] = mapped_column(default=False)
    troubles: Mapped[bool] = mapped_column(default=True)
    daily_head: Mapped[bool] = mapped_column(default=True)


class Trouble(Base):
    """A trouble that the owner was told of and that is not over. `gone_at`: since when it is seen no more."""

    __tablename__ = "trouble"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[int]
    gone_at: Mapped[int | None]


class Notice(Base):
    """A message by one way, written in the transaction that it tells of; its words are made when it is sent.

    `kind`: shift_closed (of `shift_id`), test, ledger_head, trouble, trouble_over (what it is: `data`).
    `state`: waiting; sent; given_up. `due_at`: when to try (again). `problem`: a code for why it did not work last.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name="state"),
        CheckConstraint("way IN ('email', 'telegram', 'apprise')", name="way"),
        Index("ix_notice_state", "club_id", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    kind: Mapped[str]
    way: Mapped[str]
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    created_at: Mapped[int]
    due_at: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="waiting")
    ended_at: Mapped[int | None]
    problem: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
