"""The servers that work with one PostgreSQL, and which of them has which PC. Empty on an embedded database."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Node(Base):
    """A server that is there, or died a moment ago: whether it lives, its lock tells (`place.py`).

    `keys_hash`: of the club's keys, which all nodes must have; `ahead_ms`: its clock before PostgreSQL's when it came;
    `waiting`: PCs that wait at it for approval.
    """

    __tablename__ = "node"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    keys_hash: Mapped[bytes]
    ahead_ms: Mapped[int]
    waiting: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ComputerLink(Base):
    """A PC's channel, and the node that has it. A session on a PC without one is `unreachable`.

    What changes with it, and not with each heartbeat: its lock, its running program; `commands`: what it understands.
    """

    __tablename__ = "computer_link"

    computer_id: Mapped[int] = mapped_column(
        ForeignKey("computer.id"), primary_key=True, autoincrement=False
    )
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    address: Mapped[str]
    lock: Mapped[str]
    application_id: Mapped[int | None]
    commands: Mapped[list[str]] = mapped_column(JSON)
    takes_updates: Mapped[bool]


class NodeLetter(Base):
    """Something that one node asks of another; read once. `sealed` with a key made of the club's."""

    __tablename__ = "node_letter"
    __table_args__ = (Index("ix_node_letter_node", "node_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    sealed: Mapped[bytes]
