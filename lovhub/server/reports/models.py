"""Sums kept so that a chart over a month reads dozens of rows, not half a million."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base


class MoneyFlow(Base):
    """How much money moved in a quarter of an hour from accounts of one kind to accounts of another.

    A copy of the ledger made by `service.sum_up`, and never the truth: it may be deleted and is made again.
    """

    __tablename__ = "money_flow"
    __table_args__ = (CheckConstraint("amount_tiyn > 0", name="amount_positive"),)

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    quarter_at: Mapped[int] = mapped_column(primary_key=True)
    debit_kind: Mapped[str] = mapped_column(primary_key=True)
    credit_kind: Mapped[str] = mapped_column(primary_key=True)
    amount_tiyn: Mapped[int]


class SummedUntil(Base):
    """Up to which instant `money_flow` is complete; what comes after is read from the ledger itself."""

    __tablename__ = "summed_until"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    until_at: Mapped[int]


class ClosedDay(Base):
    """A day (by UTC: from `day_at`, 24 hours) in which nothing can change any more, with all that reports count of it.

    `hours` and `quarters` are a `folding.Parts`, `programs` a `folding.Programs`, as JSON. Closed days follow each
    other without a gap. Like `money_flow` they are a copy made by `service.close_days`, and never the truth: they may
    be deleted and are made again (which a new `rules.meaning` of money asks for, as it is kept by what it means), but
    for days of which launches are no longer kept (`retention/`): these are counted here only, and stay.
    """

    __tablename__ = "closed_day"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    day_at: Mapped[int] = mapped_column(primary_key=True)
    hours: Mapped[bytes]
    quarters: Mapped[bytes]
    programs: Mapped[bytes]


class ClosedFortnight(Base):
    """Fourteen closed days from `from_at` on, added up (`folding.Whole`, as MessagePack), for reports of a long period.

    A copy of `closed_day`, made by `service.close_days` when the last of them is closed, and gone with any of them.
    """

    __tablename__ = "closed_fortnight"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    from_at: Mapped[int] = mapped_column(primary_key=True)
    sums: Mapped[bytes]


class BookDay(Base):
    """A day (by UTC) of the books, summed up by one cut (zone, tariff, person…): see `book_days.py`.

    A posting is never dated back, so a day may be summed up as soon as its money is in `money_flow`, whoever still
    plays. Days follow each other without a gap from the club's first posting on. A copy, as the others are.
    """

    __tablename__ = "book_day"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    cut: Mapped[str] = mapped_column(primary_key=True)
    day_at: Mapped[int] = mapped_column(primary_key=True)
    hours: Mapped[bytes]
    quarters: Mapped[bytes]
