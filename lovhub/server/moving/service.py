"""Moving in: a file is brought, looked at, comes in as a whole (if it is long, part by part), and may be taken back."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import insert

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import bulk as customers
from lovhub.server.customers.bulk import Newcomer
from lovhub.server.database.engine import LONG_COMPUTING_SECONDS, limit_silence
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, OPENING_BALANCE
from lovhub.server.ledger.service import Account, Posting, Transfer
from lovhub.server.lots import bulk as lots
from lovhub.server.lots.bulk import Brought
from lovhub.server.moving import queries, rules
from lovhub.server.moving.models import Move, MovedCustomer, MovePart
from lovhub.server.moving.reading import packed, read_table
from lovhub.server.moving.rules import Entry, Part, Plan

LONGEST_FILE_NAME = 100
LOT_TITLE = "Остаток времени при переезде"
_MOST_NAMED = 5


def bring(club: ClubContext, *, file_name: str, content: bytes, actor: Actor) -> int:
    """Keep a file for a dry run, with a guess at its columns; nothing is made of it yet. Returns the move's id.

    Raises OperationRefused: `moving_file_empty`, `moving_file_unreadable`, `moving_file_too_long`.
    """
    table = read_table(content)
    has_headings, columns = rules.guess(table)
    width = max(len(row) for row in table)
    with club.write() as work:
        move = Move(
            club_id=work.club_id,
            state="draft",
            file_name=file_name.strip()[-LONGEST_FILE_NAME:] or "—",
            content=packed(table),
            has_headings=has_headings,
            columns=(columns + [""] * width)[:width],
            created_at=work.now,
            created_by=actor.name,
        )
        work.db.add(move)
        work.db.flush()
        return move.id


def choose_columns(
    club: ClubContext, *, move_id: int, columns: Sequence[str], has_headings: bool
) -> None:
    """Say what the columns of a draft hold. Refused: `move_not_draft`, `moving_columns_wrong`."""
    chosen = [column for column in columns if column]
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(rules.FIELDS):
        raise OperationRefused("moving_columns_wrong")
    with club.write() as work:
        move = _draft(work, move_id)
        width = len(move.columns)
        move.columns = (list(columns) + [""] * width)[:width]
        move.has_headings = has_headings


def bring_in(club: ClubContext, *, move_id: int, actor: Actor) -> int:
    """Let the customers of a draft come in, with opening postings for money and time; returns how many are in.

    A file of up to `PART_CUSTOMERS` is in when this returns. Of a longer one the first part is; a job brings in the
    others (`carry_on`), and goes on after a crash: in the end all are in, and may be taken back as a whole.
    A move that is coming in or is in is not brought in again.
    Raises OperationRefused: `move_unknown`, `move_not_draft` (taken back), `moving_nothing`.
    """
    with club.read() as db:
        move = queries.get(db, club.club_id, move_id)
        # Reading a hundred thousand lines takes seconds: not while others wait to write.
        plan = queries.plan(db, move) if move.state == "draft" else Plan((), ())
        looked_at = (move.columns, move.has_headings)
    with club.write() as work:
        move = queries.get(work.db, work.club_id, move_id, for_update=True)
        if move.state == "imported" or queries.under_way(work.db, move):
            return move.customers
        if move.state != "draft" or (move.columns, move.has_headings) != looked_at:
            raise OperationRefused("move_not_draft")
        if not plan.entries:
            raise OperationRefused("moving_nothing")
        for number, part in enumerate(rules.parts(plan, actor)):
            content = msgspec.json.encode(part)
            work.db.add(
                MovePart(
                    move_id=move_id, number=number, customers=len(part.entries), content=content
                )
            )
        move.left_out = len(plan.left_out)
        work.db.flush()
        _next_part(work, move)
        return move.customers


def carry_on(club: ClubContext) -> bool:
    """Bring in one part of each move that is coming in; returns whether one is.

    A part is a transaction; others write between two of them.
    """
    with club.read() as db:
        waiting = queries.waiting_moves(db, club.club_id)
    for move_id in waiting:
        with club.write() as work:
            _next_part(work, queries.get(work.db, work.club_id, move_id, for_update=True))
    return bool(waiting)


def _next_part(work: Work, move: Move) -> None:
    row = queries.next_part(work.db, move.id)
    if row is None:
        return  # another node was quicker
    part = msgspec.json.decode(row.content, type=Part)
    known = queries.known_logins(work.db, work.club_id, [entry.login_key for entry in part.entries])
    # Somebody registered under such a login since the file was looked at.
    entries = [entry for entry in part.entries if entry.login_key not in known]
    _make(work, move, entries, part.actor)
    move.customers += len(entries)
    move.left_out += len(part.entries) - len(entries)
    move.balance_tiyn += sum(entry.balance_tiyn for entry in entries)
    move.seconds += sum(entry.seconds for entry in entries)
    work.db.delete(row)
    work.db.flush()
    if queries.next_part(work.db, move.id) is None:
        move.state = "imported"
        move.imported_at = work.now
        move.content = b""
        journal.record(work, "move.imported", part.actor, **_told(move))


def _make(work: Work, move: Move, entries: Sequence[Entry], actor: Actor) -> None:
    made = customers.add(
        work,
        [
            Newcomer(
                entry.login,
                entry.name,
                entry.phone,
                birth_date=entry.birth_date,
                group_id=entry.group_id,
            )
            for entry in entries
        ],
    )
    came = list(zip(entries, made, strict=True))
    opening = ledger.club_account(work, OPENING_BALANCE)
    ledger.post_many(
        work,
        [
            Posting(
                f"move:{move.id}:money:{entry.line}",
                (Transfer(opening, customer.balance, entry.balance_tiyn),),
            )
            for entry, customer in came
            if entry.balance_tiyn
        ],
        kind=queries.OPENING_BALANCE,
        actor=actor,
        reason=move.file_name,
    )
    lots.bring_in(
        work,
        [
            Brought(customer.customer_id, entry.seconds, f"move:{move.id}:time:{entry.line}")
            for entry, customer in came
            if entry.seconds
        ],
        title=LOT_TITLE,
        reason=move.file_name,
        actor=actor,
    )
    if came:
        work.db.connection().execute(
            insert(MovedCustomer),
            [
                {
                    "customer_id": customer.customer_id,
                    "move_id": move.id,
                    "line": entry.line,
                    "balance_tiyn": entry.balance_tiyn,
                    "seconds": entry.seconds,
                }
                for entry, customer in came
            ],
        )


def take_back(club: ClubContext, *, move_id: int, actor: Actor) -> None:
    """Undo an import as a whole: its money and time go back by new postings, its customers are deleted.

    Refused with `move_in_use` once anyone of them has played, spent or paid. Taking back twice is once.
    """
    with club.write() as work:
        limit_silence(work.db.connection(), LONG_COMPUTING_SECONDS)
        move = queries.get(work.db, work.club_id, move_id, for_update=True)
        if move.state == "taken_back":
            return
        if move.state != "imported":
            raise OperationRefused("move_not_imported")
        queries.lock_newcomers(work.db, move_id)
        in_use = queries.in_use(work.db, move_id, _MOST_NAMED)
        if in_use:
            raise OperationRefused("move_in_use", logins=", ".join(in_use))
        newcomers = queries.newcomers(work.db, move_id)
        opening = ledger.club_account(work, OPENING_BALANCE)
        ledger.post_many(
            work,
            [
                Posting(
                    f"move:{move_id}:back:{customer_id}",
                    (Transfer(Account(account_id, CUSTOMER_BALANCE.unit), opening, tiyn),),
                )
                for customer_id, account_id, tiyn in newcomers
                if tiyn
            ],
            kind="opening_balance_back",
            actor=actor,
            reason=move.file_name,
        )
        lots.take_back(
            work,
            queries.lots(work.db, move_id),
            key=f"move:{move_id}:time_back",
            kind="opening_time_back",
            reason=move.file_name,
            actor=actor,
        )
        customers.forget(work, [customer_id for customer_id, *_ in newcomers])
        move.state = "taken_back"
        move.taken_back_at = work.now
        journal.record(work, "move.taken_back", actor, **_told(move))


def drop(club: ClubContext, *, move_id: int) -> None:
    """Throw a draft away. Refused: `move_unknown`, `move_not_draft`."""
    with club.write() as work:
        work.db.delete(_draft(work, move_id))


def _draft(work: Work, move_id: int) -> Move:
    move = queries.get(work.db, work.club_id, move_id, for_update=True)
    if move.state != "draft" or queries.under_way(work.db, move):
        raise OperationRefused("move_not_draft")
    return move


def _told(move: Move) -> dict[str, Any]:
    return {
        "move_id": move.id,
        "title": move.file_name,
        "customers": move.customers,
        "balance_tiyn": move.balance_tiyn,
        "seconds": move.seconds,
    }
