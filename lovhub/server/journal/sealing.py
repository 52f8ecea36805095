"""Sealing the log: what was written down is chained into hashed blocks, as the books are (`ledger/sealing.py`).

The log of events, the stories of payments, and how settings stand (`standing.py`). One chain of each for the whole
database: whoever edits, removes or slips in a row is found by `lovhub ledger check`. Events that go after a time
(`retention/`) have chains of their own, of which only that time is compared.

A block takes everything beyond the block before it, up to a number below which nothing is still to come: it needs no
row for each row that it seals.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Event, JournalBlock, Standing
from lovhub.server.payments.models import PaymentStep
from lovhub.server.retention import rules

LARGEST_BLOCK = 5000
"""Rows in a block; they are read and hashed without a lock."""

FARTHEST = 20_000
"""Numbers through which a journal looks for rows of its own; beyond, a block without any says that there were none.

Else a club that calls and commands nobody for months would have all its events looked through every ten seconds.
"""

MOST_BLOCKS_A_TURN = 20
"""A log of years is sealed in the course of an hour, beside everything else."""

LATE_SECONDS = 600.0
"""No transaction is under way for longer: what goes on beyond it was left behind, and holds up nothing."""

SEALED_LATE_SECONDS = rules.DAY
"""What goes by age goes by its own, and is sealed later: after a power cut, once the server is on again."""

FIRST_PREVIOUS = bytes(32)


@dataclass(frozen=True)
class Journal:
    """A table to which rows are only added. `sealed`: which of them; `columns`: what of each, its number first.

    `kept_seconds`: they may be gone after so long (`retention`); None: never.
    """

    table: str
    columns: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]
    sealed: ColumnElement[bool]
    kept_seconds: int | None = None

    def rows(self, after: int, up_to: int) -> Select[*tuple[Any, ...]]:
        """What is sealed of the rows between two numbers, in their order."""
        number = self.columns[0]
        return (
            select(*self.columns)
            .where(number > after, number <= up_to, self.sealed)
            .order_by(number)
        )


_OF_AN_EVENT = (
    Event.id, Event.club_id, Event.at, Event.kind, Event.actor_kind, Event.actor_id, Event.actor_name,
    Event.actor_role, Event.address, Event.computer_id, Event.customer_id, Event.session_id,
    cast(Event.data, String), Event.request_id,
)  # fmt: skip

# Other lists of kinds than these would need other names of the journals.
JOURNALS = {
    "event": Journal("event", _OF_AN_EVENT, Event.kind.not_in(rules.KINDS_THAT_GO)),
    "sign_in": Journal(
        "event", _OF_AN_EVENT, Event.kind.in_(rules.SIGN_INS), rules.LEAST_SIGN_IN_DAYS * rules.DAY
    ),
    "message": Journal(
        "event", _OF_AN_EVENT, Event.kind.in_(rules.MESSAGES), rules.LEAST_DAYS * rules.DAY
    ),
    "payment_step": Journal(
        "payment_step",
        (
            PaymentStep.id, PaymentStep.payment_id, PaymentStep.at, PaymentStep.kind, PaymentStep.actor_name,
            cast(PaymentStep.data, String),
        ),
        true(),
    ),
    "standing": Journal(
        "standing",
        (Standing.id, Standing.event_id, Standing.table_name, Standing.row_key, Standing.told),
        true(),
    ),
}  # fmt: skip
"""Name, as the blocks have it → what is sealed."""


class Horizon:
    """Up to which number nothing is still to come.

    A number is given while its row is written, and whoever writes into a table holds a lock on it to the end: when all
    who held one just after the numbers were looked up have ended, nothing below those numbers is still to come.
    """

    def __init__(self, club: ClubContext) -> None:
        self._club = club
        self._waiting: _Seen | None = None

    def look(self) -> Mapping[str, int]:
        """Journal → number; empty until it is known, for which it may have to be asked again."""
        with self._club.read() as db:
            newest = {
                name: db.scalar(select(func.max(journal.columns[0]))) or 0
                for name, journal in JOURNALS.items()
            }
            if self._club.database.is_sqlite:
                return newest  # one writes at a time
            writers = frozenset(
                db.scalars(_WRITERS, {"names": [journal.table for journal in JOURNALS.values()]})
            )
        now = self._club.clock.monotonic()
        if not writers:
            self._waiting = None
            return newest
        before = self._waiting
        if before is not None and writers & before.writers and now < before.at + LATE_SECONDS:
            return {}
        self._waiting = _Seen(now, newest, writers)
        return {} if before is None else before.newest


@dataclass(frozen=True)
class _Seen:
    at: float
    newest: Mapping[str, int]
    writers: frozenset[str]


_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation IN (SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name)"
)
"""Transactions that have written into one of these tables and are under way; the locks of now, whatever is read."""


def seal(club: ClubContext, up_to: Mapping[str, int]) -> int:
    """Seal what is not sealed yet, up to these numbers, or as much as one turn may; returns how many rows."""
    sealed = 0
    left = dict(up_to)
    for _turn in range(MOST_BLOCKS_A_TURN):
        # Read and hashed without a lock; then all of it is one commit.
        ready = [found for name, number in left.items() if (found := _unsealed(club, name, number))]
        if not ready:
            break
        # Another server of the database may have sealed meanwhile: its block counts, and ours is not written.
        with contextlib.suppress(IntegrityError), club.write() as work:
            for found in ready:
                if _number(last_block(work.db, found.journal)) == _number(found.head):
                    work.db.add(_block(found, work.now))
        sealed += sum(found.rows for found in ready)
        left = {
            found.journal: left[found.journal] for found in ready if found.rows == LARGEST_BLOCK
        }
    return sealed


@dataclass(frozen=True)
class _Unsealed:
    """What the next block of a journal holds, and the block before it."""

    journal: str
    head: JournalBlock | None
    rows: int
    last_id: int
    digest: bytes


def _unsealed(club: ClubContext, name: str, up_to: int) -> _Unsealed | None:
    with club.read() as db:
        head = last_block(db, name)
        after = 0 if head is None else head.last_id
        found = db.execute(JOURNALS[name].rows(after, up_to).limit(LARGEST_BLOCK)).all()
    if not found and up_to - after < FARTHEST:
        return None
    last_id = found[-1][0] if found else up_to
    return _Unsealed(name, head, len(found), last_id, rows_digest(found))


def _number(block: JournalBlock | None) -> int:
    return 0 if block is None else block.number


def _block(found: _Unsealed, sealed_at: int) -> JournalBlock:
    number = _number(found.head) + 1
    previous = FIRST_PREVIOUS if found.head is None else found.head.hash
    return JournalBlock(
        journal=found.journal,
        number=number,
        last_id=found.last_id,
        sealed_at=sealed_at,
        hash=block_hash(found.journal, number, found.last_id, sealed_at, previous, found.digest),
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


# Made once: `json.dumps` and `json.loads` make another for each row, which takes as long as the row itself.
_written = json.JSONEncoder(default=repr, sort_keys=True, separators=(",", ":")).encode


def _told(value: Any) -> Any:
    """What a text says, where it is JSON: PostgreSQL and SQLite need not have kept it in the same words."""
    if isinstance(value, str) and value[:1] == "{":
        with contextlib.suppress(ValueError):
            return _decoder.decode(value)
    return value


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; ValueError where a name stands twice in it, which one reader takes for this and another for that."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_said_once)


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


@dataclass(frozen=True)
class Wrong:
    """A block that does not hold what was sealed, or before which one is missing: `expected` is its true number."""

    number: int
    last_id: int
    expected: int


def changed(db: Session, journal: str) -> Iterator[Wrong]:
    """All that is wrong with this chain.

    One walk through the log and its blocks, in bounded memory: they may be of years.
    """
    of_journal = JournalBlock.journal == journal
    compared_from = _compared_from(db, JOURNALS[journal])
    blocks = db.execute(
        select(JournalBlock.number, JournalBlock.last_id, JournalBlock.sealed_at, JournalBlock.hash)
        .where(of_journal)
        .order_by(JournalBlock.number)
        .execution_options(yield_per=LARGEST_BLOCK)
    )
    up_to = db.scalar(select(func.max(JournalBlock.last_id)).where(of_journal)) or 0
    sealed = JOURNALS[journal].rows(0, up_to).execution_options(yield_per=LARGEST_BLOCK)
    rows = iter(db.execute(sealed))
    row, previous, expected = next(rows, None), FIRST_PREVIOUS, 1
    gone_at, newest_gone = 0, None
    for number, last_id, sealed_at, kept in blocks:
        digest = hashlib.sha256()
        while row is not None and row[0] <= last_id:
            digest.update(_line(row))
            row = next(rows, None)
        held = [digest.digest()]
        if number == 1 and JOURNALS[journal].kept_seconds is not None:
            held.append(rows_digest([]))  # of what was there before there was such a chain
        is_as_kept = any(
            kept == block_hash(journal, number, last_id, sealed_at, previous, one) for one in held
        )
        if number != expected or not (is_as_kept or sealed_at < compared_from):
            yield Wrong(number, last_id, expected)
        elif not is_as_kept:
            gone_at, newest_gone = sealed_at, Wrong(number, last_id, expected)
        # Goes on from what is kept: one edit is told once, where it was made.
        previous, expected = kept, number + 1
    # Its own time is all that says that its rows may be gone, and is in a hash that cannot be made without them.
    if newest_gone is not None and gone_at < _last_event_at(db, newest_gone.last_id) - rules.DAY:
        yield newest_gone


def _last_event_at(db: Session, up_to: int) -> int:
    """When the last event up to this number happened that is still there."""
    events = select(Event.at).where(Event.id <= up_to).order_by(Event.id.desc()).limit(1)
    return db.scalar(events) or 0


def _compared_from(db: Session, journal: Journal) -> int:
    """What was sealed before may have gone by age; by the newest block's clock, which is sealed itself."""
    if journal.kept_seconds is None:
        return 0
    newest_at = db.scalar(select(func.max(JournalBlock.sealed_at))) or 0
    return newest_at - journal.kept_seconds + SEALED_LATE_SECONDS
