"""Customers."""

import secrets

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


def new_salt() -> bytes:
    """What makes the hashes of one customer's name and phone unlike anybody else's."""
    return secrets.token_bytes(16)


class Customer(Base):
    """A registered customer. Money lives in the ledger, in the account `balance_account_id`.

    Bonuses are in `bonus_account_id`, opened with the first one; what they owe, in `debt_account_id`, opened when they
    first play in debt. `group_id`: see `loyalty/`.
    `deleted_at`: the customer asked to be forgotten; the name is gone, the history stays.
    `birth_date`: «2009-01-16», or "". `age_document`: the kind of document by which staff have confirmed it ("" while
    nobody has); no number of a document is kept. `age_confirmed_by`: the number of whoever has, without a key, since
    a person of the staff may refer to a customer. `salt`: see `journal/told_values.py`; None when they were forgotten.
    """

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("club_id", "login_key"),
        Index("ix_customer_name", "club_id", "name_key"),
        Index("ix_customer_group", "club_id", "group_id"),
        Index(
            "ix_customer_debt",
            "club_id",
            "name_key",
            "id",
            sqlite_where=text("debt_account_id IS NOT NULL"),
            postgresql_where=text("debt_account_id IS NOT NULL"),
        ),
        Index(
            "ix_customer_bonus_account",
            "bonus_account_id",
            sqlite_where=text("bonus_account_id IS NOT NULL"),
            postgresql_where=text("bonus_account_id IS NOT NULL"),
        ),
        Index(
            "ix_customer_debt_account",
            "debt_account_id",
            "club_id",
            sqlite_where=text("debt_account_id IS NOT NULL"),
            postgresql_where=text("debt_account_id IS NOT NULL"),
        ),
        Index("ix_customer_phone", "club_id", "phone"),
        Index("ix_customer_created", "club_id", "created_at", "deleted_at"),
        # Some of them are put in order by balance: from this index and the balances, without the rows.
        Index("ix_customer_balance", "club_id", "deleted_at", "balance_account_id", "id"),
        # Part of a word is searched by reading all of them: from this index alone, without the rows.
        Index(
            "ix_customer_search",
            "club_id",
            "name_key",
            "id",
            "login_key",
            "phone",
            "deleted_at",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    login: Mapped[str]
    login_key: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    balance_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), unique=True)
    bonus_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    debt_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    created_at: Mapped[int]
    deleted_at: Mapped[int | None]
    birth_date: Mapped[str] = mapped_column(default="")
    age_document: Mapped[str] = mapped_column(default="")
    age_confirmed_at: Mapped[int | None]
    age_confirmed_by: Mapped[int | None]
    salt: Mapped[bytes | None] = mapped_column(default=new_salt)


class CustomerPin(Base):
    """A one-time PIN for somebody who forgot the password: the newest one only, as a keyed hash.

    `tries_left` falls with every wrong guess; at 0 it opens nothing any more.
    """

    __tablename__ = "customer_pin"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id"), primary_key=True, autoincrement=False
    )
    pin_hash: Mapped[bytes]
    issued_at: Mapped[int]
    expires_at: Mapped[int]
    tries_left: Mapped[int]
