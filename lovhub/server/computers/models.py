"""Gaming PCs."""

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Computer(Base):
    """A paired PC.

    `name` is what people call it («ПК-1»; the hostname at first). `journal_id` and `journal_number` tell
    which of the PC's journal entries are already applied. `said_goodbye` is true when the PC went off in an
    orderly way; when it was last heard is in `SignsOfLife`. `number` is the PC's number in the hall («17»), if the
    club has given it one, and orders the PCs of a zone. `memory_lasts`: its key and journal are still there after a
    restart; one that forgets gets short leases. `is_guarded`: its agent is none that the player could end.
    """

    __tablename__ = "computer"
    __table_args__ = (
        Index("ix_computer_club", "club_id", "name"),
        Index(
            "uq_computer_number",
            "club_id",
            "number",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    name: Mapped[str]
    number: Mapped[int | None]
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    hostname: Mapped[str]
    public_key: Mapped[bytes]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    paired_at: Mapped[int]
    revoked_at: Mapped[int | None]
    journal_id: Mapped[str] = mapped_column(default="")
    journal_number: Mapped[int] = mapped_column(default=0)
    boot_id: Mapped[str] = mapped_column(default="")
    agent_version: Mapped[str] = mapped_column(default="")
    operating_system: Mapped[str] = mapped_column(default="")
    last_address: Mapped[str] = mapped_column(default="")
    said_goodbye: Mapped[bool] = mapped_column(default=False)
    memory_lasts: Mapped[bool] = mapped_column(default=True)
    is_guarded: Mapped[bool] = mapped_column(default=True)


class SignsOfLife(Base):
    """When PCs were last heard, as it is flushed from presence: `seen`, the instant by the PC's number.

    In one row those of the club whose number divided by `COMPUTERS_IN_A_ROW` is `part`: each row that is written costs
    its seal, and all of a hall is written every few seconds. Of revoked PCs what was last written stays.
    """

    __tablename__ = "signs_of_life"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen: Mapped[dict[str, int]] = mapped_column(JSON)


COMPUTERS_IN_A_ROW = 256
"""Of `SignsOfLife`. In one row for all, each PC's sign would be looked for among all others."""


class PairingToken(Base):
    """A token with which many PCs are installed; kept as its hash. `used`: how many PCs were taken in with it."""

    __tablename__ = "pairing_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    made_by: Mapped[str]
    made_at: Mapped[int]
    expires_at: Mapped[int]
    revoked_at: Mapped[int | None]
    most_computers: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
