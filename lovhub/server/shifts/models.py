"""Shifts. Their money lives in the ledger: the drawer is the account `cash`."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Shift(Base):
    """From one count of the drawer to the next, and whose it is. A club has one drawer, so one open shift.

    `float_tiyn`: what was counted at the opening; `float_expected_tiyn`: what the books said, None where nobody had
    counted before. At the close `counted_tiyn` (None: closed by a manager without a count), `expected_tiyn`,
    and `left_tiyn`, what stays in the drawer; the rest went to the safe. `handed_to`: who takes over.
    """

    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("club_id", "number"),
        Index(
            "uq_shift_open",
            "club_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_shift_person", "opened_by", "id"),
        Index("ix_shift_opened", "club_id", "opened_at"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    number: Mapped[int]
    opened_at: Mapped[int]
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    float_tiyn: Mapped[int]
    float_expected_tiyn: Mapped[int | None]
    closed_at: Mapped[int | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    counted_tiyn: Mapped[int | None]
    expected_tiyn: Mapped[int | None]
    left_tiyn: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    handed_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
