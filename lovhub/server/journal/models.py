"""What happened. Rows are written in the transaction of the change they tell of."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId

FAVOURS = ("customer.topped_up", "time.given", "session.in_debt")
"""Kinds of events by which a customer has more than before."""

IS_FAVOUR = f"kind IN {FAVOURS} AND actor_kind = 'staff' AND customer_id IS NOT NULL"
"""Somebody of the staff puts money or time on a customer's account, or lets the customer play in debt.

Asked in these very words, it is read from an index of its own (`suspicious/favours.py`).
"""


class Event(Base):
    """A state change: who (in which role, from where), what (`kind`, such as `customer.topped_up`), when.

    `request_id`: of the page or call that it came from, as the log's lines have it.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_time", "club_id", "at"),
        Index("ix_event_kind", "club_id", "kind", "at", "id"),
        Index("ix_event_computer", "computer_id", "at", "id", "kind"),
        Index("ix_event_customer", "customer_id", "at", "id", "kind"),
        Index(
            "ix_event_favour",
            "club_id",
            "at",
            "id",
            "actor_id",
            "customer_id",
            "kind",
            "actor_kind",
            sqlite_where=text(IS_FAVOUR),
            postgresql_where=text(IS_FAVOUR),
        ),
        Index("ix_event_actor", "actor_kind", "actor_id", "at", "id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    at: Mapped[int]
    kind: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(default="")
    actor_role: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    computer_id: Mapped[int | None] = mapped_column(ForeignKey("computer.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str | None]


class Alarm(Base):
    """Something a person must look at: taken by one who sees to it, open until somebody closes it."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("ix_alarm_time", "club_id", "at"),
        Index("ix_alarm_open", "club_id", "closed_at", "at"),
        Index("ix_alarm_computer", "computer_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    at: Mapped[int]
    kind: Mapped[str]
    computer_id: Mapped[int | None] = mapped_column(ForeignKey("computer.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    closed_at: Mapped[int | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[int | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(default="", server_default="")


class Launch(Base):
    """A program that a player started."""

    __tablename__ = "launch"
    __table_args__ = (
        Index("ix_launch_time", "club_id", "started_at"),
        Index("ix_launch_computer", "computer_id", "id"),
        Index("ix_launch_computer_time", "computer_id", "started_at", "id"),
        Index("ix_launch_customer", "customer_id", "started_at", "id"),
        Index("ix_launch_application", "application_id", "started_at", "id"),
        Index("ix_launch_session", "session_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    started_at: Mapped[int]
    ended_at: Mapped[int | None]
    ran_seconds: Mapped[int | None]


class JournalBlock(Base):
    """A link of the chain over a log (`sealing.py`); `number` counts from 1 without gaps.

    It holds what lies beyond the block before it, up to the row `last_id`.
    """

    __tablename__ = "journal_block"

    journal: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int]
    sealed_at: Mapped[int]
    hash: Mapped[bytes]


class Standing(Base):
    """What an operation gave to the columns of one row that decides something (`standing.py`); never changed.

    `row_key`: the row's key as a JSON list. `told`: column → value, as JSON; None: the row was removed.
    """

    __tablename__ = "standing"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    table_name: Mapped[str]
    row_key: Mapped[str]
    told: Mapped[str | None]
