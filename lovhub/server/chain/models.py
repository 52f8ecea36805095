"""What clubs of one database ask of each other."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class ShareRequest(Base):
    """A club (`club_id`) asks for the customers of another one (`of_club_id`), whose owner answers.

    `state`: waiting; granted; refused; withdrawn. One that waits is over at `expires_at`, and until then nobody asks
    again for what was refused; for what was withdrawn, not for a day. `asked_by`: an owner of the asking club;
    `answered_by`: of the other one, or of the asking club where it was withdrawn.
    """

    __tablename__ = "share_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'granted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("club_id <> of_club_id", name="another_club"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    of_club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[int]
    expires_at: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[int | None]
