"""Groups of customers, the owner's rules for bonuses, and promotions. The bonuses themselves are in the ledger."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class CustomerGroup(Base):
    """Customers with a discount on time, and perhaps with tariffs of their own. `deleted_at`: nobody is in it."""

    __tablename__ = "customer_group"
    __table_args__ = (
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="percent"),
        Index(
            "uq_customer_group_name",
            "club_id",
            "name_key",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    discount_percent: Mapped[int]
    created_at: Mapped[int]
    deleted_at: Mapped[int | None]


class TariffGroup(Base):
    """A tariff that is sold only to customers of its groups."""

    __tablename__ = "tariff_group"

    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("customer_group.id"), primary_key=True, index=True
    )


class BonusRules(Base):
    """How the owner has set bonuses (`rules.BonusTerms`); a club without a row has none of it."""

    __tablename__ = "bonus_rules"

    club_id: Mapped[int] = mapped_column(
        ForeignKey("club.id"), primary_key=True, autoincrement=False
    )
    is_on: Mapped[bool]
    share_percent: Mapped[int]
    per_shift_tiyn: Mapped[int]


class BonusStep(Base):
    """From this amount on, a top-up brings so many percent."""

    __tablename__ = "bonus_step"

    club_id: Mapped[int] = mapped_column(
        ForeignKey("club.id"), primary_key=True, autoincrement=False
    )
    from_tiyn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    percent: Mapped[int]


class Promo(Base):
    """A promotion (`rules.PromoTerms`). `uses`: of each of its codes; 0: without limit."""

    __tablename__ = "promo"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), index=True)
    title: Mapped[str]
    kind: Mapped[str]
    amount_tiyn: Mapped[int]
    seconds: Mapped[int]
    from_at: Mapped[int]
    until_at: Mapped[int | None]
    uses: Mapped[int]
    created_at: Mapped[int]
    stopped_at: Mapped[int | None]


class PromoCode(Base):
    """A code of a promotion, and how often it was used. `code_key`: as it is compared (`rules.code_key`)."""

    __tablename__ = "promo_code"
    __table_args__ = (
        UniqueConstraint("club_id", "code_key"),
        CheckConstraint("used >= 0", name="used_not_negative"),
        Index("ix_promo_code_promo", "promo_id", "used"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    promo_id: Mapped[int] = mapped_column(ForeignKey("promo.id"))
    code: Mapped[str]
    code_key: Mapped[str]
    used: Mapped[int] = mapped_column(default=0)


class PromoUse(Base):
    """A customer has used a promotion; never changed. `key`: of the operation that asked."""

    __tablename__ = "promo_use"

    promo_id: Mapped[int] = mapped_column(ForeignKey("promo.id"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id"), primary_key=True, index=True
    )
    code_id: Mapped[int] = mapped_column(ForeignKey("promo_code.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"), unique=True)
    key: Mapped[str]
    at: Mapped[int]
