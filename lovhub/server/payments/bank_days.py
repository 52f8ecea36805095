"""Days of the comparison with the bank that are over, kept, so that a month is not put together line by line each time.

What is kept of a day holds as long as nothing of it is written: the database's triggers throw it away with the
operation that writes (`database/triggers.py`), and it is made again here. Who asks meanwhile compares that day's lines.
"""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext, Work
from lovhub.server.database.advisory_locks import BANK_DAYS
from lovhub.server.database.watermark import keep_one_by_one
from lovhub.server.payments import comparing, rules
from lovhub.server.payments.models import BankDay, BankDayOperation, BankLine, Payment
from lovhub.server.payments.rules import DAY_SECONDS

KEPT_AT_ONCE = 7
"""How many days are kept in a row."""

KEPT_DAYS = 731
"""So far back days are kept. A registry may name any year: of the days between nobody asks."""


def keep_days(club: ClubContext) -> None:
    """Keep the newest days that are over and not kept."""

    def find(db: Session, club_id: int) -> int | None:
        return _missing_day(db, club_id, club.clock.now())

    keep_one_by_one(club, KEPT_AT_ONCE, find=find, lock=_nobody_writes, keep=_keep)


def forget_all(work: Work) -> None:
    """Keep nothing: all days are put together again from their lines."""
    work.db.execute(delete(BankDay))


def _nobody_writes(work: Work) -> bool:
    """Whether no transaction is under way that has written of any day; none does until this one ends.

    What it wrote is not seen yet, and what it threw away was not there. SQLite has one writer at a time by itself.
    """
    if work.db.get_bind().dialect.name == "sqlite":
        return True
    # Not waited for: who writes may hold what others wait for.
    asked = select(func.pg_try_advisory_xact_lock(BANK_DAYS, work.club_id))
    return bool(work.db.scalar(asked))


def _missing_day(db: Session, club_id: int, now: int) -> int | None:
    last = rules.kept_day(now) - DAY_SECONDS
    first = _first_day(db, club_id)
    if first is None:
        return None
    first = max(first, last - (KEPT_DAYS - 1) * DAY_SECONDS)
    kept = db.scalars(
        select(BankDay.day_at).where(
            BankDay.club_id == club_id, BankDay.day_at >= first, BankDay.day_at <= last
        )
    )
    missing = {*range(first, last + 1, DAY_SECONDS)}.difference(kept)
    return max(missing, default=None)


def _first_day(db: Session, club_id: int) -> int | None:
    """The first day of which there is a payment or a line; a refund comes after its payment."""
    firsts = (
        select(func.min(Payment.paid_at)).where(
            Payment.club_id == club_id, Payment.paid_at.is_not(None)
        ),
        select(func.min(BankLine.at)).where(BankLine.club_id == club_id),
    )
    found = [at for at in map(db.scalar, firsts) if at is not None]
    return rules.kept_day(min(found)) if found else None


def _keep(work: Work, day_at: int) -> None:
    club_id = work.club_id
    ours_tiyn = theirs_tiyn = matched = 0
    apart = []
    for row in comparing.operations_of_day(work.db, club_id, day_at):
        if row.is_apart:
            apart.append(row)
        else:
            ours_tiyn += int(row.ours)
            theirs_tiyn += int(row.theirs)
            matched += 1
    work.db.execute(
        insert(BankDay).values(
            club_id=club_id,
            day_at=day_at,
            ours_tiyn=ours_tiyn,
            theirs_tiyn=theirs_tiyn,
            matched=matched,
        )
    )
    if apart:
        work.db.execute(
            insert(BankDayOperation),
            [
                {
                    "club_id": club_id,
                    "day_at": day_at,
                    "operation": row.operation,
                    "went": row.went,
                    "ours_tiyn": int(row.ours),
                    "theirs_tiyn": int(row.theirs),
                    "our_at": row.our_at,
                    "their_at": row.their_at,
                    "payment_id": row.row_id,
                }
                for row in apart
            ],
        )
