"""Tariffs, where they are sold, and the dates that the club calls holidays."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Tariff(Base):
    """Time for money. A retired tariff is no longer sold; what was sold keeps its rules.

    What the fields mean stands at `rules.Terms`; `weekdays` has a bit for each day, Monday's is 1. `seconds` of
    a fixed end is how long its window usually is. `position`: its place in the list, as the club has arranged it.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        CheckConstraint("seconds > 0", name="seconds_positive"),
        CheckConstraint("price_tiyn >= 0", name="price_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    title: Mapped[str]
    seconds: Mapped[int]
    price_tiyn: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(default="package")
    weekdays: Mapped[int] = mapped_column(default=127)
    sold_from: Mapped[int | None]
    sold_until: Mapped[int | None]
    holiday_rule: Mapped[str] = mapped_column(default="as_weekday")
    sold_elsewhere: Mapped[bool] = mapped_column(default=True)
    price_rule: Mapped[str] = mapped_column(default="whole")
    minimum_tiyn: Mapped[int] = mapped_column(default=0)
    valid_days: Mapped[int | None]
    rest_rule: Mapped[str] = mapped_column(default="kept")
    pause_allowed: Mapped[bool] = mapped_column(default=True)
    play_rule: Mapped[str] = mapped_column(default="any_time", server_default="any_time")
    created_at: Mapped[int]
    retired_at: Mapped[int | None]


class TariffZone(Base):
    """How a tariff is sold in one zone: not at all, or at a price of its own (None: the tariff's)."""

    __tablename__ = "tariff_zone"

    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True, index=True)
    sold: Mapped[bool]
    price_tiyn: Mapped[int | None]


class Holiday(Base):
    """A date that the club calls a holiday, as `YYYY-MM-DD`."""

    __tablename__ = "holiday"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
