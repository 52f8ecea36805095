"""The ledger's tables. Only `ledger/service.py` writes here; postings and transfers are never changed.

A transfer moves `amount` of one unit from the debit to the credit account, so every posting sums to zero by
construction; composite keys make the unit of both accounts the transfer's unit, on both databases. A
balance is credits minus debits.
"""

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class LedgerAccount(Base):
    """An account: `kind` says what it holds. Whose it is, its owner's row says, which names the account.

    `is_club`: one of the club's own, of which there is exactly one of each kind.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        Index(
            "uq_ledger_account_club_kind",
            "club_id",
            "kind",
            unique=True,
            # Written as it is asked: SQLite uses a partial index only where it sees the same words.
            sqlite_where=text("is_club = 1"),
            postgresql_where=text("is_club"),
        ),
        UniqueConstraint("id", "unit"),
        CheckConstraint("unit IN ('tiyn', 'second')", name="unit"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    kind: Mapped[str]
    is_club: Mapped[bool]
    unit: Mapped[str]


class AccountBalance(Base):
    """What is in the account now, kept in the posting's own transaction. `minimum` None: no limit.

    `of_customer`: the account is a customer's money (`CUSTOMER_BALANCE`). What is in those stands in an index, in
    order; on SQLite a posting that moves none of them pays nothing for it.
    """

    __tablename__ = "account_balance"
    __table_args__ = (
        CheckConstraint("minimum IS NULL OR balance >= minimum", name="above_minimum"),
        Index(
            "ix_account_balance_of_customer",
            "balance",
            "account_id",
            sqlite_where=text("of_customer = 1"),
            postgresql_where=text("of_customer"),
        ),
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_account.id"), primary_key=True, autoincrement=False
    )
    balance: Mapped[int] = mapped_column(default=0)
    minimum: Mapped[int | None]
    of_customer: Mapped[bool] = mapped_column(default=False, server_default=false())


class LedgerPosting(Base):
    """One operation in the books. `key` makes a repeated request harmless: it can be booked only once.

    `request_id`: of the page or call that it came from. It is not sealed: it leads to the log's lines, no more.
    """

    __tablename__ = "ledger_posting"
    __table_args__ = (
        UniqueConstraint("club_id", "key"),
        Index("ix_ledger_posting_time", "club_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    key: Mapped[str]
    kind: Mapped[str]
    at: Mapped[int]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str | None]


class LedgerTransfer(Base):
    """One movement inside a posting."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["debit_account_id", "unit"],
            ["ledger_account.id", "ledger_account.unit"],
            name="fk_ledger_transfer_debit",
        ),
        ForeignKeyConstraint(
            ["credit_account_id", "unit"],
            ["ledger_account.id", "ledger_account.unit"],
            name="fk_ledger_transfer_credit",
        ),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
        Index("ix_ledger_transfer_debit", "debit_account_id", "posting_id"),
        Index("ix_ledger_transfer_credit", "credit_account_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"), index=True)
    unit: Mapped[str]
    debit_account_id: Mapped[int]
    credit_account_id: Mapped[int]
    amount: Mapped[int]


class LedgerBlock(Base):
    """A link of the chain over sealed postings (`sealing.py`); `number` counts from 1 without gaps."""

    __tablename__ = "ledger_block"
    __table_args__ = (UniqueConstraint("club_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    number: Mapped[int]
    sealed_at: Mapped[int]
    hash: Mapped[bytes]


class LedgerSeal(Base):
    """Which block a posting is in: one, for ever."""

    __tablename__ = "ledger_seal"

    posting_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_posting.id"), primary_key=True, autoincrement=False
    )
    block_id: Mapped[int] = mapped_column(ForeignKey("ledger_block.id"), index=True)


class Desk(Base):
    """What every posting at the desk asks last, in one row: the shift under way and the newest receipt's number.

    Whoever counts a receipt changes this row, so that numbers have no gaps and no shift closes beside a sale.
    """

    __tablename__ = "desk"

    club_id: Mapped[int] = mapped_column(
        ForeignKey("club.id"), primary_key=True, autoincrement=False
    )
    last_receipt: Mapped[int] = mapped_column(default=0)
    open_shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))


class DeskPosting(Base):
    """A posting that a person made at the desk: in which shift, and under which receipt's number.

    Beside the posting, as `ledger_seal` is, so that postings keep their shape and hash to what they always did.
    `shift_id` None: no shift was open. `receipt_number` None: no money moved, or only within the shift's own count.
    """

    __tablename__ = "desk_posting"
    __table_args__ = (
        UniqueConstraint("club_id", "receipt_number"),
        CheckConstraint(
            "shift_id IS NOT NULL OR receipt_number IS NOT NULL", name="says_something"
        ),
        Index("ix_desk_posting_shift", "shift_id"),
    )

    posting_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_posting.id"), primary_key=True, autoincrement=False
    )
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    receipt_number: Mapped[int | None]
