"""A registry of the bank's, uploaded and kept, to be compared with the books."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.advisory_locks import REGISTRIES
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.moving.reading import read_table
from lovhub.server.payments import comparing
from lovhub.server.payments.comparing import ANSWERS, ASKED, ASKED_WHAT_CAME
from lovhub.server.payments.models import BankLine
from lovhub.server.payments.reconciling import Comparison, Line, Told, compare, read_registry
from lovhub.server.payments.rules import DAY_SECONDS

LONGEST_NAME = 200


@dataclass(frozen=True)
class Taken:
    """What an upload brought: lines in the file, and how many of them were new."""

    lines: int
    new: int
    sum_tiyn: int


def take_registry(club: ClubContext, *, file_name: str, content: bytes, actor: Actor) -> Taken:
    """Keep the registry's lines; a line that is known is not kept twice.

    Raises OperationRefused: `registry_unreadable`, and what `read_table` refuses.
    """
    lines = read_registry(read_table(content))
    if not lines:
        raise OperationRefused("registry_unreadable")
    return keep_lines(club, file_name=file_name, lines=lines, actor=actor)


def keep_lines(club: ClubContext, *, file_name: str, lines: list[Line], actor: Actor) -> Taken:
    """Keep lines of a registry, of which there is at least one; one that is known is not kept twice."""
    with club.write() as work:
        wait_for_other_registries(work)
        _forget_what_was_asked(work, lines)
        known = _known(work.db, club.club_id, lines)
        fresh = list(
            {
                (line.operation, line.amount_tiyn, line.at): line
                for line in lines
                if (line.operation, line.amount_tiyn, line.at) not in known
            }.values()
        )
        kept = {
            "club_id": work.club_id,
            # None passes for what a provider has answered.
            "file_name": file_name[:LONGEST_NAME].strip("".join(ANSWERS)) or "registry",
            "uploaded_at": work.now,
        }
        if fresh:
            # Not by the session, which computes ten seconds for a hundred thousand lines while others wait.
            work.db.connection().execute(
                insert(BankLine),
                [
                    {
                        **kept,
                        "operation": line.operation,
                        "amount_tiyn": line.amount_tiyn,
                        "at": line.at,
                    }
                    for line in fresh
                ],
            )
        total_tiyn = sum(line.amount_tiyn for line in lines)
        journal.record(
            work,
            "payment.registry_taken",
            actor,
            amount_tiyn=total_tiyn,
            lines=len(lines),
            new=len(fresh),
        )
    return Taken(len(lines), len(fresh), total_tiyn)


def keep_answer(
    work: Work, operation: str, lines: list[tuple[int, int]], *, tells_what_went: bool
) -> None:
    """What a provider has answered of one payment: when, and how much; instead of what it answered before.

    A line of 0 says that it knows of no money.
    Where a registry has told of the operation, nothing is kept; the caller has waited for those that are being kept.
    """
    told = work.db.scalars(
        select(BankLine).where(BankLine.club_id == work.club_id, BankLine.operation == operation)
    ).all()
    if any(line.file_name not in ANSWERS for line in told):
        return
    for line in told:
        work.db.delete(line)
    work.db.flush()
    sums: dict[tuple[int, bool], int] = {}
    for at, amount_tiyn in lines:
        key = at, amount_tiyn < 0
        sums[key] = sums.get(key, 0) + amount_tiyn
    work.db.add_all(
        BankLine(
            club_id=work.club_id,
            operation=operation,
            amount_tiyn=amount_tiyn,
            at=at,
            file_name=ASKED if tells_what_went else ASKED_WHAT_CAME,
            uploaded_at=work.now,
        )
        for (at, _went), amount_tiyn in sums.items()
    )


def wait_for_other_registries(work: Work) -> None:
    """Until this operation ends, no registry and no answer of this club is kept by another; to be asked for first.

    Else the two might each wait for a day that the other has thrown away (`bank_days.py`), or keep one line twice.
    """
    if work.db.get_bind().dialect.name == "postgresql":
        work.db.execute(select(func.pg_advisory_xact_lock(REGISTRIES, work.club_id)))


def _forget_what_was_asked(work: Work, lines: list[Line]) -> None:
    """Of the operations of these lines; their times and ours may differ by a day."""
    operations = {line.operation for line in lines}
    at = [line.at for line in lines]
    asked = work.db.scalars(
        select(BankLine).where(
            BankLine.club_id == work.club_id,
            BankLine.at >= min(at) - DAY_SECONDS,
            BankLine.at <= max(at) + DAY_SECONDS,
            BankLine.file_name.in_(ANSWERS),
        )
    )
    for line in asked:
        if line.operation in operations:
            work.db.delete(line)
    work.db.flush()


def _known(db: Session, club_id: int, lines: list[Line]) -> set[tuple[str, int, int]]:
    at = [line.at for line in lines]
    rows = db.execute(
        select(BankLine.operation, BankLine.amount_tiyn, BankLine.at).where(
            BankLine.club_id == club_id, BankLine.at >= min(at), BankLine.at <= max(at)
        )
    )
    return {(operation, amount, when) for operation, amount, when in rows}


def comparison(
    db: Session,
    club_id: int,
    from_at: int,
    until_at: int,
    *,
    now: int,
    asked_at_night: Collection[str],
) -> Comparison:
    """Ours and theirs of a period. What does not fit as it stands is looked at by the number's normal form.

    `asked_at_night`: the names of the providers that are asked how payments stand once their day is over.
    """
    sides = comparing.both_sides(db, club_id, from_at, until_at, asked_at_night)
    days = comparing.registry_days(db, club_id, [line.at for line in sides.ours], now)
    told = Told(sides.by_registry, sides.by_answer, sides.to_ask, days)
    found = compare(sides.ours, sides.theirs, told)
    return replace(
        found,
        ours_tiyn=sides.ours_tiyn,
        theirs_tiyn=sides.theirs_tiyn,
        matched=sides.matched + found.matched,
    )
