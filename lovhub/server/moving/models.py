"""Moves into this club: the file, what its columns are, and who came in."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Move(Base):
    """A table of customers that somebody brought. `state`: draft, imported, taken_back.

    `content` is the table, kept until the customers are in; `columns` says what each column holds.
    `created_by` is a name. A draft that has parts is coming in.
    """

    __tablename__ = "move"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'imported', 'taken_back')", name="state"),
        Index("ix_move_club", "club_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    state: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes]
    has_headings: Mapped[bool]
    columns: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[int]
    created_by: Mapped[str]
    imported_at: Mapped[int | None]
    taken_back_at: Mapped[int | None]
    customers: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    balance_tiyn: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(default=0)


class MovePart(Base):
    """Some of the customers of a move that is coming in: gone once they are in. `content` is `rules.Part` as JSON."""

    __tablename__ = "move_part"

    move_id: Mapped[int] = mapped_column(
        ForeignKey("move.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customers: Mapped[int]
    content: Mapped[bytes]


class MovedCustomer(Base):
    """A customer who came in with a move, and what they brought."""

    __tablename__ = "moved_customer"
    __table_args__ = (Index("ix_moved_customer_move", "move_id"),)

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id"), primary_key=True, autoincrement=False
    )
    move_id: Mapped[int] = mapped_column(ForeignKey("move.id"))
    line: Mapped[int]
    balance_tiyn: Mapped[int]
    seconds: Mapped[int]
