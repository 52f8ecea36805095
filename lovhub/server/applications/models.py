"""Games and programs."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Application(Base):
    """A program that players may start. `kind`: game or program.

    `exe_path` is absolute on the PC, or an address of Steam, Epic or Battle.net; `other_paths` are tried after it, in
    this order. `watch`: the processes that are the game, where a launcher starts it.
    `picture` is the digest of its picture, "" for none.
    """

    __tablename__ = "application"
    __table_args__ = (CheckConstraint("kind IN ('game', 'program')", name="kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    title: Mapped[str]
    kind: Mapped[str]
    exe_path: Mapped[str]
    arguments: Mapped[list[str]] = mapped_column(JSON, default=list)
    other_paths: Mapped[list[str]] = mapped_column(JSON, default=list)
    watch: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(default=0)
    picture: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int]
    retired_at: Mapped[int | None]


class ApplicationPicture(Base):
    """A picture as it is shown: small, and drawn anew from what was sent. `digest` is that of `png`."""

    __tablename__ = "application_picture"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    png: Mapped[bytes]


class ApplicationZone(Base):
    """A zone in which the application is offered. An application without any is offered everywhere."""

    __tablename__ = "application_zone"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True, index=True)
