"""Moving in: a file is brought, looked at, imported as a whole, and taken back as a whole."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import bulk as customers
from lovhub.server.customers.bulk import Newcomer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, OPENING_BALANCE
from lovhub.server.ledger.service import Account, Posting, Transfer
from lovhub.server.lots import bulk as lots
from lovhub.server.lots.bulk import Brought
from lovhub.server.moving import queries, rules
from lovhub.server.moving.models import Move, MovedCustomer
from lovhub.server.moving.reading import packed, read_table

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
        move = queries.get(work.db, work.club_id, move_id, for_update=True)
        if move.state != "draft":
            raise OperationRefused("move_not_draft")
        width = len(move.columns)
        move.columns = (list(columns) + [""] * width)[:width]
        move.has_headings = has_headings


def bring_in(club: ClubContext, *, move_id: int, actor: Actor) -> int:
    """Make the customers of a draft, with opening postings for money and time; returns how many.

    One transaction: all of them, or none. A move that is imported already is not imported again.
    Raises OperationRefused: `move_unknown`, `move_not_draft` (taken back), `moving_nothing`, `login_taken`.
    """
    with club.write() as work:
        move = queries.get(work.db, work.club_id, move_id, for_update=True)
        if move.state == "imported":
            return move.customers
        if move.state != "draft":
            raise OperationRefused("move_not_draft")
        plan = queries.plan(work.db, move)
        if not plan.entries:
            raise OperationRefused("moving_nothing")
        made = customers.add(
            work, [Newcomer(entry.login, entry.name, entry.phone) for entry in plan.entries]
        )
        came = list(zip(plan.entries, made, strict=True))
        opening = ledger.club_account(work, OPENING_BALANCE)
        ledger.post_many(
            work,
            [
                Posting(
                    f"move:{move_id}:money:{entry.line}",
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
                Brought(customer.customer_id, entry.seconds, f"move:{move_id}:time:{entry.line}")
                for entry, customer in came
                if entry.seconds
            ],
            title=LOT_TITLE,
            reason=move.file_name,
            actor=actor,
        )
        work.db.execute(
            insert(MovedCustomer),
            [
                {
                    "customer_id": customer.customer_id,
                    "move_id": move_id,
                    "line": entry.line,
                    "balance_tiyn": entry.balance_tiyn,
                    "seconds": entry.seconds,
                }
                for entry, customer in came
            ],
        )
        move.state = "imported"
        move.imported_at = work.now
        move.content = b""
        move.customers = len(came)
        move.left_out = len(plan.left_out)
        move.balance_tiyn = plan.balance_tiyn
        move.seconds = plan.seconds
        journal.record(work, "move.imported", actor, **_told(move))
        return move.customers


def take_back(club: ClubContext, *, move_id: int, actor: Actor) -> None:
    """Undo an import as a whole: its money and time go back by new postings, its customers are deleted.

    Refused with `move_in_use` once anyone of them has played, spent or paid. Taking back twice is once.
    """
    with club.write() as work:
        move = queries.get(work.db, work.club_id, move_id, for_update=True)
        if move.state == "taken_back":
            return
        if move.state != "imported":
            raise OperationRefused("move_not_imported")
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
        move = queries.get(work.db, work.club_id, move_id, for_update=True)
        if move.state != "draft":
            raise OperationRefused("move_not_draft")
        work.db.delete(move)


def _told(move: Move) -> dict[str, Any]:
    return {
        "move_id": move.id,
        "title": move.file_name,
        "customers": move.customers,
        "balance_tiyn": move.balance_tiyn,
        "seconds": move.seconds,
    }
