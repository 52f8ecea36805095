"""Sessions: who plays where."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    literal_column,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class PlaySession(Base):
    """A sitting at a PC.

    `state`: active; paused; unreachable (the PC is silent, its leased seconds stay reserved); ended.
    `played_seconds`: settled so far, cumulative; `settled_at`: the instant up to which it is settled while
    active. `leased_seconds`: cumulative seconds the PC may play by its newest lease (`lease_serial`,
    `lease_not_after`). `due_at`: when the session clock must look at it next (renewal or end); only while
    active. `pause_reason`: desk, player, power_cut or night. `revision` counts the changes, and makes the keys of the
    session's postings. `night_leave`: why they may stay at night, as staff said ("" if nobody did; see `minors`).
    `zone_id`: the PC's zone when it began. `zone_bound`: bought time of other zones is played only if
    there is a hold for it, be it of nothing (see `zones.py`). `continues_id`: the sitting that this one goes on with
    (see `grace.py`); its games are still open.
    """

    __tablename__ = "play_session"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'paused', 'unreachable', 'ended')", name="state"),
        CheckConstraint("played_seconds <= leased_seconds", name="within_lease"),
        Index(
            "uq_play_session_live_computer",
            "computer_id",
            unique=True,
            sqlite_where=text("state <> 'ended'"),
            postgresql_where=text("state <> 'ended'"),
        ),
        Index("ix_play_session_due", "state", "due_at"),
        Index("ix_play_session_state", "club_id", "state"),
        Index("ix_play_session_customer", "customer_id", "state"),
        Index("ix_play_session_started", "club_id", "started_at", "ended_at"),
        Index("ix_play_session_computer", "computer_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    computer_id: Mapped[int] = mapped_column(ForeignKey("computer.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    zone_bound: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    guest_name: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    started_at: Mapped[int]
    settled_at: Mapped[int]
    played_seconds: Mapped[int] = mapped_column(default=0)
    leased_seconds: Mapped[int] = mapped_column(default=0)
    lease_serial: Mapped[int] = mapped_column(default=0)
    lease_issued_at: Mapped[int | None]
    lease_not_after: Mapped[int | None]
    due_at: Mapped[int | None]
    unreachable_since_at: Mapped[int | None]
    pause_reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[int | None]
    end_reason: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=0)
    night_leave: Mapped[str] = mapped_column(default="")
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("play_session.id"))


LIVE_STATES = ("active", "paused", "unreachable")

IS_LIVE = and_(
    PlaySession.state != literal_column("'ended'"),
    or_(*(PlaySession.state == state for state in LIVE_STATES)),
)
"""A sitting that is not over, said twice, since SQLite finds what is asked for by what it is, not by what it is not.

By its states those of a club or a customer are found; in the very words of the index `uq_play_session_live_computer`,
the one on a PC. Asked with `state <> ?`, every sitting that the club has ever had was looked at.
"""


class Hold(Base):
    """Seconds of a lot reserved for a session, in the ledger account `account_id`."""

    __tablename__ = "hold"
    __table_args__ = (UniqueConstraint("session_id", "lot_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("play_session.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)


class MeterRow(Base):
    """A sitting by the minute: by which prices the balance pays for it (`tariffs.metering`), and what was played.

    `stretches`: [from, until, tiyn per hour], written down when it began. `used` and `carried` are in
    tiyn × seconds per hour; `carried` of it was played on another PC before. `limit_tiyn`: up to what the customer may
    owe for it, as it was when it began; 0: only the balance pays.
    """

    __tablename__ = "meter"

    session_id: Mapped[int] = mapped_column(ForeignKey("play_session.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), unique=True)
    minimum_tiyn: Mapped[int]
    stretches: Mapped[list[list[int]]] = mapped_column(JSON)
    used: Mapped[int]
    carried: Mapped[int]
    limit_tiyn: Mapped[int] = mapped_column(default=0)


class SeatCode(Base):
    """A one-time code that lets a guest begin the lot sold to them. Only a keyed hash is kept."""

    __tablename__ = "seat_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    code_hash: Mapped[bytes] = mapped_column(index=True)
    computer_id: Mapped[int | None] = mapped_column(ForeignKey("computer.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), unique=True)
    guest_name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int]
    expires_at: Mapped[int]
    used_at: Mapped[int | None]
    night_leave: Mapped[str] = mapped_column(default="")
