"""Halls and zones."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Hall(Base):
    """A room of the club. `position` orders the halls; a deleted one stays for what was sold there."""

    __tablename__ = "hall"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    name: Mapped[str]
    position: Mapped[int]
    created_at: Mapped[int]
    deleted_at: Mapped[int | None]


class Zone(Base):
    """A part of a hall, such as «VIP»; `position` orders the zones of one hall. PCs name their zone."""

    __tablename__ = "zone"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), index=True)
    name: Mapped[str]
    position: Mapped[int]
    created_at: Mapped[int]
    deleted_at: Mapped[int | None]
