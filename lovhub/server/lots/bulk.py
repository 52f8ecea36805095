"""Time of many customers at once: brought from another system, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, update

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    LOT_AVAILABLE,
    LOT_CONSUMED,
    LOT_UNEARNED,
    TIME_ISSUED,
    TIME_RETURNED,
)
from lovhub.server.ledger.service import Account, Posting, Transfer
from lovhub.server.lots.models import Lot

OPENING_TIME = "opening_time"
"""The kind of posting that brings time in."""


@dataclass(frozen=True)
class Brought:
    """A customer's time from elsewhere. `key` is the posting's."""

    customer_id: int
    seconds: int
    key: str


def bring_in(
    work: Work, brought: Sequence[Brought], *, title: str, reason: str, actor: Actor
) -> None:
    """A lot for each, called `title` and paid for elsewhere: playing it earns this club nothing."""
    if not brought:
        return
    available = ledger.open_accounts(work, LOT_AVAILABLE, len(brought))
    consumed = ledger.open_accounts(work, LOT_CONSUMED, len(brought))
    unearned = ledger.open_accounts(work, LOT_UNEARNED, len(brought))
    issued = ledger.club_account(work, TIME_ISSUED)
    postings = [
        Posting(lot.key, (Transfer(debit=issued, credit=account, amount=lot.seconds),))
        for lot, account in zip(brought, available, strict=True)
    ]
    posting_ids = ledger.post_many(work, postings, kind=OPENING_TIME, actor=actor, reason=reason)
    work.db.connection().execute(
        insert(Lot),
        [
            {
                "club_id": work.club_id,
                "customer_id": lot.customer_id,
                "title": title,
                "granted_seconds": lot.seconds,
                "price_tiyn": 0,
                "sold_at": work.now,
                "posting_id": posting_id,
                "available_account_id": here.id,
                "consumed_account_id": gone.id,
                "unearned_account_id": owed.id,
                "exhausted": False,
            }
            for lot, posting_id, here, gone, owed in zip(
                brought, posting_ids, available, consumed, unearned, strict=True
            )
        ],
    )


def take_back(
    work: Work, lots: Sequence[Lot], *, key: str, kind: str, reason: str, actor: Actor
) -> None:
    """Return all seconds of lots of which nothing has been played or reserved; `key` and the lot's id name each."""
    returned = ledger.club_account(work, TIME_RETURNED)
    postings = [
        Posting(
            f"{key}:{lot.id}",
            (
                Transfer(
                    debit=Account(lot.available_account_id, LOT_AVAILABLE.unit),
                    credit=returned,
                    amount=lot.granted_seconds,
                ),
            ),
        )
        for lot in lots
    ]
    ledger.post_many(work, postings, kind=kind, actor=actor, reason=reason)
    if lots:
        work.db.execute(update(Lot), [{"id": lot.id, "exhausted": True} for lot in lots])
