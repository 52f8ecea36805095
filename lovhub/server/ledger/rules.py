"""The chain of sealed blocks, as pure values: what is hashed, and how.

Nothing of a customer's row is hashed, so that a customer's data may be erased and the chain still holds.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lovhub.server.ledger.accounts import CUSTOMER_BALANCE

FIRST_PREVIOUS = bytes(32)
"""What stands before the first block."""


@dataclass(frozen=True)
class SealedAccount:
    """As much of an account as makes a transfer mean what it means: what it holds, and whose it is.

    `owner_id`: the customer of a balance, of bonuses, of a debt, of a lot's time and money; the sitting of a hold, and
    `lot_id` the lot that is held; the payment of what a guest has paid for nothing. None: a guest's lot, or the club's.
    """

    id: int
    kind: str | None
    owner_id: int | None = None
    lot_id: int | None = None


@dataclass(frozen=True)
class SealedTransfer:
    """A transfer as it is hashed: its row, whole, and what its accounts are."""

    id: int
    unit: str
    debit: SealedAccount
    credit: SealedAccount
    amount: int


def drawn(parts: Sequence[int], amount: int) -> list[int]:
    """What each part gives towards an amount, the first ones first; ValueError if there is less in all."""
    taken, wanted = [], amount
    for part in parts:
        taken.append(min(part, wanted))
        wanted -= taken[-1]
    if wanted:
        raise ValueError("less than that")
    return taken


def receipt_numbers(last: int, has_receipt: Sequence[bool]) -> list[int | None]:
    """The numbers after `last`, without a gap, for those that get one; None for the others."""
    found: list[int | None] = []
    for wanted in has_receipt:
        last += wanted
        found.append(last if wanted else None)
    return found


@dataclass(frozen=True)
class SealedPosting:
    """A posting as it is hashed, with its transfers in the order of their ids.

    `desk`: its shift and receipt's number, if it has them. One without hashes to what it did before there were any.
    `beside`: rows of other tables that were written with it and say what it was for (`beside.py`).
    """

    id: int
    key: str
    kind: str
    at: int
    actor_kind: str
    actor_id: int | None
    transfers: tuple[SealedTransfer, ...]
    desk: tuple[int | None, int | None] | None = None
    beside: tuple[tuple[str | int | None, ...], ...] = ()
    reason: str = ""
    request_id: str | None = None


VERSIONS = (4, 3, 2, 1)
"""Ways in which a block may have been hashed, the newest first.

The first one left out what accounts are, the second one knew the owners of balances only and no rows beside postings,
the third one no reasons, no requests and no `TITLES`.
"""

TITLES = frozenset({"good_title", "lot_title", "refund_reason"})
"""Of rows beside postings, what is sealed since the fourth version."""


def block_hash(
    *,
    club_id: int,
    number: int,
    sealed_at: int,
    previous: bytes,
    postings: Sequence[SealedPosting],
    version: int = VERSIONS[0],
) -> bytes:
    """SHA-256 over the block before it and everything in this one; postings in ascending order of ids.

    Each field is written with its length, so that no two blocks are written alike. Nobody can find a block that hashes
    in one version to what another hashed to in another: a block may be believed in any of them.
    """
    parts = [f"lovhub ledger block {version}".encode()]
    _add(parts, previous, club_id, number, sealed_at, len(postings))
    for posting in postings:
        _add_posting(parts, posting, version)
    return hashlib.sha256(b"".join(parts)).digest()


def _add(parts: list[bytes], *fields: bytes | str | int | None) -> None:
    for field in fields:
        data = field if isinstance(field, bytes) else str(field).encode()
        parts.append(b"%d:%b" % (len(data), data))


def _add_posting(parts: list[bytes], posting: SealedPosting, version: int) -> None:
    _add(parts, posting.id, posting.key, posting.kind, posting.at)
    _add(parts, posting.actor_kind, posting.actor_id, len(posting.transfers))
    if version > 3:
        _add(parts, posting.reason, posting.request_id)
    for transfer in posting.transfers:
        _add(parts, transfer.id, transfer.unit, transfer.amount)
        _add(parts, transfer.debit.id, transfer.credit.id)
        if version > 1:
            for account in (transfer.debit, transfer.credit):
                _add(parts, account.kind, *_whose(account, version))
    if posting.desk is not None:
        # Never mistaken for the next posting, which begins with a number.
        _add(parts, "desk", *posting.desk)
    if version > 2:
        beside = [row for row in posting.beside if version > 3 or row[0] not in TITLES]
        _add(parts, "beside", len(beside))
        for row in beside:
            _add(parts, len(row), *row)


def _whose(account: SealedAccount, version: int) -> tuple[int | None, ...]:
    if version > 2:
        return account.owner_id, account.lot_id
    return (account.owner_id if account.kind == CUSTOMER_BALANCE.name else None,)
