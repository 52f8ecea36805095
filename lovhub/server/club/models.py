"""The club."""

from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Club(Base):
    """One club (one hall). Everything else belongs to one by `club_id`.

    `lease_seconds`: how long a PC plays on by itself. `power_cut_rule`: what becomes of a session whose PC
    lost power: `pause` (where it was last seen), `run_on` or `end`. `silence_rule`: what becomes, when its
    lease has run out, of the seconds leased to a PC that never came back: `wait` (for its journal or the
    desk), `consume` or `return`.
    """

    __tablename__ = "club"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str] = mapped_column(default="KZT")
    language: Mapped[str] = mapped_column(default="ru")
    created_at: Mapped[int]
    lease_seconds: Mapped[int] = mapped_column(default=900)
    power_cut_rule: Mapped[str] = mapped_column(default="pause")
    silence_rule: Mapped[str] = mapped_column(default="wait")
