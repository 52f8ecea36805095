"""Reading who is there and who has which PC."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.computers import queries as computers
from lovhub.server.computers.models import Computer
from lovhub.server.nodes.models import ComputerLink, Node


@dataclass(frozen=True)
class LinkRow:
    """A PC as the nodes see it together. `node_id`: who has its channel; None: nobody, and then the rest is old.

    `last_seen_at`: as it was last written down.
    """

    computer_id: int
    node_id: int | None
    address: str
    lock: str
    application_id: int | None
    commands: frozenset[str]
    takes_updates: bool
    agent_version: str
    last_seen_at: int | None
    said_goodbye: bool


def links(db: Session, club_id: int, only: Collection[int] | None = None) -> list[LinkRow]:
    """The club's PCs, or `only` these of them, each with its link, if it has one."""
    wanted = (
        select(
            Computer.id,
            ComputerLink.node_id,
            ComputerLink.address,
            ComputerLink.lock,
            ComputerLink.application_id,
            ComputerLink.commands,
            ComputerLink.takes_updates,
            Computer.agent_version,
            Computer.said_goodbye,
        )
        .outerjoin(ComputerLink, ComputerLink.computer_id == Computer.id)
        .where(Computer.club_id == club_id)
    )
    if only is not None:
        wanted = wanted.where(Computer.id.in_(only))
    seen = computers.last_seen(db, club_id, only)
    return [
        LinkRow(
            computer_id=row.id,
            node_id=row.node_id,
            address=row.address or "",
            lock=row.lock or "locked",
            application_id=row.application_id,
            commands=frozenset(row.commands or ()),
            takes_updates=bool(row.takes_updates),
            agent_version=row.agent_version,
            last_seen_at=seen.get(row.id),
            said_goodbye=row.said_goodbye,
        )
        for row in db.execute(wanted)
    ]


def nodes(db: Session, club_id: int) -> list[Node]:
    """The club's, all that are there or died a moment ago, in the order in which they came."""
    return list(db.scalars(select(Node).where(Node.club_id == club_id).order_by(Node.id)))


def linked_at(db: Session, node_id: int) -> list[int]:
    """PCs whose channels this node has, or had when it died."""
    return list(
        db.scalars(
            select(ComputerLink.computer_id)
            .where(ComputerLink.node_id == node_id)
            .order_by(ComputerLink.computer_id)
        )
    )


def has_link(db: Session, computer_id: int) -> bool:
    """Whether any node has the PC's channel."""
    found = select(ComputerLink.computer_id).where(ComputerLink.computer_id == computer_id)
    return db.scalar(found) is not None
