"""The transfers of one account, for statements that ask for the newest of them."""

from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from lovhub.server.ledger.models import LedgerTransfer


def transfers_of(account_id: int, side: Literal["debit", "credit"]) -> type[LedgerTransfer]:
    """`LedgerTransfer`, but only of those that debit, or credit, this account.

    PostgreSQL finds them by the account, and then the newest. Left to itself it goes back through all transfers of all
    clubs until it has enough: for who comes rarely, to the first.
    """
    account = {"debit": LedgerTransfer.debit_account_id, "credit": LedgerTransfer.credit_account_id}
    found = select(LedgerTransfer).where(account[side] == account_id).cte("of_account")
    return aliased(LedgerTransfer, found.prefix_with("MATERIALIZED", dialect="postgresql"))


def newest_of(
    account_id: int, side: Literal["debit", "credit"], *, before: int | None, most: int
) -> Select[int]:
    """The numbers of the newest transfers that debit, or credit, this account: from an index alone."""
    account = {"debit": LedgerTransfer.debit_account_id, "credit": LedgerTransfer.credit_account_id}
    found = select(LedgerTransfer.id).where(account[side] == account_id).cte("of_account")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    newest = select(found.c.id).order_by(found.c.id.desc()).limit(most)
    return newest if before is None else newest.where(found.c.id < before)
