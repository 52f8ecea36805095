"""How often a receipt was printed: whatever comes after the first time is a copy, and says so."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base


class ReceiptPrint(Base):
    """A receipt that was printed, by its (first) posting."""

    __tablename__ = "receipt_print"
    __table_args__ = (CheckConstraint("times >= 0", name="times_not_negative"),)

    posting_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_posting.id"), primary_key=True, autoincrement=False
    )
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    times: Mapped[int] = mapped_column(default=0)
