"""What became of the version that the server carries, PC by PC, and whether PCs are to have it at all."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base


class UpdatePlan(Base):
    """Whether PCs are offered the new version; no row: they are. `why`: `by_hand`, or `rolled_back` by itself."""

    __tablename__ = "update_plan"

    club_id: Mapped[int] = mapped_column(
        ForeignKey("club.id"), primary_key=True, autoincrement=False
    )
    held: Mapped[bool]
    why: Mapped[str]
    changed_at: Mapped[int]


class ComputerUpdate(Base):
    """The last version that a PC was offered, and what became of it: a state and a code of `rules.py`."""

    __tablename__ = "computer_update"

    computer_id: Mapped[int] = mapped_column(
        ForeignKey("computer.id"), primary_key=True, autoincrement=False
    )
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    version: Mapped[str]
    state: Mapped[str]
    why: Mapped[str]
    changed_at: Mapped[int]
