"""Sealing the log: what was written down is chained into hashed blocks, as the books are (`ledger/sealing.py`).

The log of events and the stories of payments. One chain of each for the whole database: whoever edits, removes or slips
in a row is found by `lovhub ledger check`. Events that go after a time (`retention/`) are in no block.

A block takes everything beyond the block before it, up to a number below which nothing is still to come: it needs no
row for each row that it seals.
"""

import contextlib
import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Event, JournalBlock, Standing
from lovhub.server.payments.models import PaymentStep

LARGEST_BLOCK = 5000
"""Rows in a block; they are read and hashed without a lock."""

MOST_BLOCKS_A_TURN = 20
"""A log of years is sealed in the course of an hour, beside everything else."""

LATE_SECONDS = 600.0
"""On PostgreSQL a row may be committed after one with a higher number; no transaction is under way for longer."""

FIRST_PREVIOUS = bytes(32)

UNSEALED_KINDS = (
    "customer.signed_in", "staff.signed_in", "staff.signed_out", "staff.signed_in_at_pc", "staff.sign_in_failed",
    "staff.second_factor_failed",
    "call.made", "call.repeated", "call.taken", "call.closed",
    "command.sent", "command.done", "command.failed", "command.expired",
)  # fmt: skip
"""Events that the database lets go of. Another list would need another version of the hash."""


@dataclass(frozen=True)
class Journal:
    """A table to which rows are only added. `sealed`: which of them; `columns`: what of each, its number first."""

    columns: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]
    sealed: ColumnElement[bool]

    def rows(self, after: int, up_to: int) -> Select[*tuple[Any, ...]]:
        """What is sealed of the rows between two numbers, in their order."""
        number = self.columns[0]
        return (
            select(*self.columns)
            .where(number > after, number <= up_to, self.sealed)
            .order_by(number)
        )


JOURNALS = {
    "event": Journal(
        (
            Event.id, Event.club_id, Event.at, Event.kind, Event.actor_kind, Event.actor_id, Event.actor_name,
            Event.actor_role, Event.address, Event.computer_id, Event.customer_id, Event.session_id,
            cast(Event.data, String), Event.request_id,
        ),
        Event.kind.not_in(UNSEALED_KINDS),
    ),
    "payment_step": Journal(
        (
            PaymentStep.id, PaymentStep.payment_id, PaymentStep.at, PaymentStep.kind, PaymentStep.actor_name,
            cast(PaymentStep.data, String),
        ),
        true(),
    ),
    "standing": Journal(
        (
            Standing.id, Standing.event_id, Standing.table_name, Standing.row_key, Standing.told,
        ),
        true(),
    ),
}  # fmt: skip
"""Name, as the blocks have it → what is sealed."""


class Horizon:
    """Up to which number nothing is still to come, told by a clock that nobody can set."""

    def __init__(self, club: ClubContext) -> None:
        self._club = club
        self._seen: deque[tuple[float, dict[str, int]]] = deque()

    def look(self) -> Mapping[str, int]:
        """Journal → number; empty until it is known, for which it must have been asked before."""
        with self._club.read() as db:
            newest = {
                name: db.scalar(select(func.max(journal.columns[0]))) or 0
                for name, journal in JOURNALS.items()
            }
        if self._club.database.is_sqlite:
            return newest  # one writes at a time, and numbers are given while writing
        now = self._club.clock.monotonic()
        self._seen.append((now, newest))
        while len(self._seen) > 1 and self._seen[1][0] <= now - LATE_SECONDS:
            self._seen.popleft()
        at, numbers = self._seen[0]
        return numbers if at <= now - LATE_SECONDS else {}


def seal(club: ClubContext, up_to: Mapping[str, int]) -> int:
    """Seal what is not sealed yet, up to these numbers, or as much as one turn may; returns how many rows."""
    return sum(
        sealed for name, number in up_to.items() for sealed in _seal_journal(club, name, number)
    )


def _seal_journal(club: ClubContext, name: str, up_to: int) -> Iterator[int]:
    for _turn in range(MOST_BLOCKS_A_TURN):
        with club.read() as db:
            head = last_block(db, name)
            after = 0 if head is None else head.last_id
            found = db.execute(JOURNALS[name].rows(after, up_to).limit(LARGEST_BLOCK)).all()
        if not found:
            return
        digest = rows_digest(found)
        # Another server of the database may have sealed meanwhile: its block counts, and ours is not written.
        with contextlib.suppress(IntegrityError), club.write() as work:
            now_head = last_block(work.db, name)
            if _number(now_head) == _number(head):
                work.db.add(_block(name, head, found[-1][0], work.now, digest))
        yield len(found)
        if len(found) < LARGEST_BLOCK:
            return


def _number(block: JournalBlock | None) -> int:
    return 0 if block is None else block.number


def _block(
    name: str, head: JournalBlock | None, last_id: int, sealed_at: int, digest: bytes
) -> JournalBlock:
    number = _number(head) + 1
    previous = FIRST_PREVIOUS if head is None else head.hash
    return JournalBlock(
        journal=name,
        number=number,
        last_id=last_id,
        sealed_at=sealed_at,
        hash=block_hash(name, number, last_id, sealed_at, previous, digest),
    )


def block_hash(
    journal: str, number: int, last_id: int, sealed_at: int, previous: bytes, digest: bytes
) -> bytes:
    """SHA-256 over the block before it and everything in this one (`rows_digest`)."""
    head = f"lovhub journal block 1 {journal} {number} {last_id} {sealed_at} "
    return hashlib.sha256(head.encode() + previous + digest).digest()


def rows_digest(rows: Sequence[Sequence[Any]]) -> bytes:
    """SHA-256 over the rows, each written as JSON on a line of its own, so that no two are written alike."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(_line(row))
    return digest.digest()


def _line(row: Sequence[Any]) -> bytes:
    try:
        line = _written([*map(_told, row)])
    except RecursionError:
        # Nothing of ours is nested so deeply, and it must not keep the rest from being sealed.
        line = _written([*row])
    return line.encode() + b"\n"


def _written(values: list[Any]) -> str:
    return json.dumps(values, default=repr, sort_keys=True, separators=(",", ":"))


def _told(value: Any) -> Any:
    """What a text says, where it is JSON: PostgreSQL and SQLite need not have kept it in the same words."""
    if isinstance(value, str) and value[:1] == "{":
        with contextlib.suppress(ValueError):
            return json.loads(value, object_pairs_hook=_said_once)
    return value


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; ValueError where a name stands twice in it, which one reader takes for this and another for that."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def last_block(db: Session, journal: str) -> JournalBlock | None:
    """The chain's head: whoever keeps a copy of its hash elsewhere can tell whether the log was rewritten."""
    return db.scalars(
        select(JournalBlock)
        .where(JournalBlock.journal == journal)
        .order_by(JournalBlock.number.desc())
        .limit(1)
    ).one_or_none()


def find_block(db: Session, head: bytes) -> JournalBlock | None:
    """The block with this hash; None if no chain holds one."""
    return db.scalars(select(JournalBlock).where(JournalBlock.hash == head).limit(1)).one_or_none()


def unknown(db: Session) -> list[int]:
    """Blocks of no journal that there is: up to which row each says that it goes."""
    is_unknown = JournalBlock.journal.not_in(JOURNALS)
    return list(db.scalars(select(JournalBlock.last_id).where(is_unknown)))


def changed(db: Session, journal: str) -> Iterator[tuple[JournalBlock, int]]:
    """Blocks that do not hold what was sealed, or before which one is missing; with the number that was expected.

    One walk through the log, in bounded memory: it may be of years.
    """
    there = (
        select(JournalBlock).where(JournalBlock.journal == journal).order_by(JournalBlock.number)
    )
    blocks = db.scalars(there).all()
    up_to = max((block.last_id for block in blocks), default=0)
    sealed = JOURNALS[journal].rows(0, up_to).execution_options(yield_per=LARGEST_BLOCK)
    rows = iter(db.execute(sealed))
    row, previous, expected = next(rows, None), FIRST_PREVIOUS, 1
    for block in blocks:
        digest = hashlib.sha256()
        while row is not None and row[0] <= block.last_id:
            digest.update(_line(row))
            row = next(rows, None)
        recomputed = block_hash(
            journal, block.number, block.last_id, block.sealed_at, previous, digest.digest()
        )
        if block.number != expected or block.hash != recomputed:
            yield block, expected
        # Goes on from what is kept: one edit is told once, where it was made.
        previous, expected = block.hash, block.number + 1
