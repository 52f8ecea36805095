"""What the report would look for in a whole year, found once."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base


class Lead(Base):
    """Where to look. `again`: the customer `ref_id`, for whom one person had just done it often within a day.

    `unproven`: the posting `ref_id`, money through Kaspi that no payment stands behind.

    A copy of what the journal and the ledger say, made by `service.keep_leads`, and never the truth: the report looks
    at what it leads to. It may be deleted, with `LeadsUntil`, and is made again.
    """

    __tablename__ = "suspicious_lead"
    __table_args__ = (CheckConstraint("kind IN ('again', 'unproven')", name="kind_known"),)

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(primary_key=True)
    ref_id: Mapped[int] = mapped_column(primary_key=True)


class LeadsUntil(Base):
    """Up to which instant there are leads; what came since is looked for when it is asked for."""

    __tablename__ = "suspicious_lead_until"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    until_at: Mapped[int]


class SuspiciousDay(Base):
    """A day (by UTC: from `day_at`, 24 hours) that is over, and who had stood in the report how often up to its end.

    `sums`: a `tally.Tally` of all events and alarms since the club began, so that of any period two rows tell: what
    was at its end but for what was at its beginning. What the report looks for elsewhere is not in it.

    Days follow each other without a gap. A copy made by `days.keep_days`, and never the truth: they may be deleted and
    are made again (which another meaning of an event in `rules.py` asks for). Made again, they do not know who had
    signed in where that is no longer kept (`retention/`): what happened then in nobody's shift is nobody's.
    """

    __tablename__ = "suspicious_day"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    day_at: Mapped[int] = mapped_column(primary_key=True)
    sums: Mapped[bytes]
