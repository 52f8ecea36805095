"""What is the matter with a PC, as people say."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base


class Condition(Base):
    """A PC with a row here is not simply free. `kind`: broken («сломан») or kept («отложен»).

    `text` says why it is broken, or for whom it is kept if that is not the customer `customer_id`. Only a kept
    one ends by itself, at `until_at`.
    """

    __tablename__ = "computer_condition"
    __table_args__ = (
        CheckConstraint("kind IN ('broken', 'kept')", name="kind"),
        CheckConstraint("(kind = 'kept') = (until_at IS NOT NULL)", name="until"),
    )

    computer_id: Mapped[int] = mapped_column(
        ForeignKey("computer.id"), primary_key=True, autoincrement=False
    )
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    since_at: Mapped[int]
    until_at: Mapped[int | None]
