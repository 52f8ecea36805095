"""Closing a day, a month's report and comparing the books, each beside one SQL statement of the same sums.

The statement reads the rows themselves, as whoever has no sums of closed days would.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.filled.scale import DAY, Samples
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.ledger.check import check_books
from lovhub.server.payments import bank
from lovhub.server.reports import series
from lovhub.server.reports.rules import ClubDays, Period
from lovhub.server.shifts import figures, queries

RUNS = 5
MONTH_DAYS = 30

_MOVED = """
    SELECT p.kind, d.kind, c.kind, count(DISTINCT p.id), sum(t.amount)
    FROM {postings}
    JOIN ledger_transfer t ON t.posting_id = p.id AND t.unit = 'tiyn'
    JOIN ledger_account d ON d.id = t.debit_account_id
    JOIN ledger_account c ON c.id = t.credit_account_id
    WHERE {which} GROUP BY p.kind, d.kind, c.kind
"""
_OF_SHIFT_MOVED = _MOVED.format(
    postings="desk_posting k JOIN ledger_posting p ON p.id = k.posting_id",
    which="k.shift_id = :shift",
)
OF_MONTH = _MOVED.format(
    postings="ledger_posting p", which="p.club_id = 1 AND p.at >= :from_at AND p.at < :until_at"
)
OF_SHIFT = f"""
    SELECT * FROM ({_OF_SHIFT_MOVED})
    UNION ALL SELECT 'receipts', min(receipt_number), max(receipt_number), count(receipt_number), 0
        FROM desk_posting WHERE shift_id = :shift
    UNION ALL SELECT 'tariff', l.title, '', count(*), sum(l.price_tiyn) FROM desk_posting k
        JOIN lot l ON l.posting_id = k.posting_id
        WHERE k.shift_id = :shift AND l.price_tiyn + l.bonus_tiyn > 0 GROUP BY l.title
    UNION ALL SELECT 'good', g.title, '', sum(g.quantity), sum(g.price_tiyn * g.quantity)
        FROM desk_posting k JOIN good_sale g ON g.posting_id = k.posting_id
        WHERE k.shift_id = :shift GROUP BY g.title
    UNION ALL SELECT 'given', '', '', count(*), sum(t.amount) FROM desk_posting k
        JOIN ledger_posting p ON p.id = k.posting_id AND p.kind = 'time_granted'
        JOIN ledger_transfer t ON t.posting_id = p.id AND t.unit = 'second' WHERE k.shift_id = :shift
    UNION ALL SELECT p.kind, s.name, p.reason, p.at, t.amount FROM desk_posting k
        JOIN ledger_posting p ON p.id = k.posting_id AND p.kind IN ('shift_paid_in', 'shift_paid_out')
        JOIN ledger_transfer t ON t.posting_id = p.id JOIN staff s ON s.id = p.actor_id
        WHERE k.shift_id = :shift
"""  # noqa: S608
OF_BANK = """
    SELECT operation, sum(ours), sum(theirs) FROM (
        SELECT provider_ref AS operation, paid_tiyn AS ours, 0 AS theirs FROM payment
        WHERE club_id = 1 AND paid_at >= :from_at AND paid_at < :until_at AND paid_tiyn > 0
        UNION ALL SELECT operation, 0, amount_tiyn FROM bank_line
        WHERE club_id = 1 AND at >= :from_at AND at < :until_at AND amount_tiyn > 0
    ) GROUP BY operation HAVING sum(ours) <> sum(theirs)
"""
OF_BOOKS = """
    SELECT a.id, coalesce(b.balance, 0), coalesce(m.total, 0) FROM ledger_account a
    LEFT JOIN account_balance b ON b.account_id = a.id
    LEFT JOIN (
        SELECT account_id, sum(amount) AS total FROM (
            SELECT credit_account_id AS account_id, amount FROM ledger_transfer
            UNION ALL SELECT debit_account_id, -amount FROM ledger_transfer
        ) GROUP BY account_id
    ) m ON m.account_id = a.id
    WHERE coalesce(b.balance, 0) <> coalesce(m.total, 0)
"""


@dataclass(frozen=True)
class Sum:
    """What we read, and one statement of the same sums with its values, as SQLite words it."""

    name: str
    ours: Callable[[Session], Any]
    statement: str
    values: dict[str, int]
    runs: int = RUNS


@dataclass(frozen=True)
class SumsTaken:
    """Milliseconds of this process's own computing, run by run: ours, and the one statement."""

    name: str
    ours_ms: tuple[float, ...]
    statement_ms: tuple[float, ...]

    @property
    def times(self) -> float:
        """Ours beside the statement's."""
        return median(self.ours_ms) / median(self.statement_ms)


def sums_of(club: ClubContext, samples: Samples) -> list[Sum]:
    """Each; to read one raises RuntimeError where the books do not balance: then nothing else means anything."""
    now = club.clock.now()
    with club.read() as db:
        row = club_service.get(db, club.club_id)
        days = ClubDays(row.time_zone)
        last = days.day_of(now)
        shift = queries.row(db, club.club_id, samples.shift_id)
    month = Period(days, last - timedelta(days=MONTH_DAYS - 1), last)
    span = {"from_at": month.from_at, "until_at": month.until_at}

    def report(db: Session) -> None:
        stretch = series.Stretch.read(db, club.club_id, month)
        series.money(db, stretch)
        series.occupation(db, stretch, month.days, now)
        series.games(db, stretch, now)

    def balanced(db: Session) -> None:
        # Without the seals of single rows, which are no sums: docs/performance.md says what these take.
        differences = check_books(db)
        if differences:
            raise RuntimeError(f"the books do not balance: {differences[:5]}")

    def bank_compared(db: Session) -> None:
        bank.comparison(
            db, club.club_id, now - MONTH_DAYS * DAY, now, now=now, asked_at_night=("gateway",)
        )

    return [
        Sum(
            "Закрытие смены", lambda db: figures.read(db, shift, now), OF_SHIFT, {"shift": shift.id}
        ),
        Sum("Отчёт за 30 дней", report, OF_MONTH, span),
        Sum(
            "Сверка с банком, 30 дней", bank_compared,
            OF_BANK, {"from_at": now - MONTH_DAYS * DAY, "until_at": now},
        ),
        Sum("Сверка всех книг", balanced, OF_BOOKS, {}, runs=3),
    ]  # fmt: skip


def take_sums(club: ClubContext, samples: Samples) -> list[SumsTaken]:
    """Take each of a club in SQLite, ours and the statement by turns."""
    return [_take(club, one) for one in sums_of(club, samples)]


def _take(club: ClubContext, one: Sum) -> SumsTaken:
    def asked(db: Session) -> None:
        db.execute(text(one.statement), one.values).all()

    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(one.runs):
        for is_ours in (True, False):
            began = time.process_time()
            with club.read() as db:
                (one.ours if is_ours else asked)(db)
            taken[is_ours].append(round((time.process_time() - began) * 1000, 1))
    return SumsTaken(one.name, tuple(taken[True]), tuple(taken[False]))
