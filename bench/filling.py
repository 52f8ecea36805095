"""A club with years behind it, written straight into its database: for measuring, not for use.

The real operations would take hours. What they would have written is written here row by row, with the same
postings (top-up, sale, seat, renewals, end), so that the books balance and `lovhub ledger check` finds nothing.
"""

import random

from sqlalchemy import select

from bench.filled import house
from bench.filled.desk import Desk, Goods, Kaspi
from bench.filled.rows import Books, Events, Rows
from bench.filled.sales import Counter, Sale, launches, sales
from bench.filled.scale import EMPTY, FULL, Samples, Scale, with_launches
from bench.filled.stores import store
from bench.filled.troubles import troubles
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.ledger.models import LedgerAccount
from lovhub.server.payments import bank_days
from lovhub.server.reports import service as reports
from lovhub.server.reports.models import SummedUntil
from lovhub.server.reports.rules import QUARTER, quarter_of
from lovhub.server.suspicious import days as suspicious_days
from lovhub.server.suspicious import service as suspicious

__all__ = ["EMPTY", "FULL", "Samples", "Scale", "fill", "with_launches"]


def fill(club: ClubContext, scale: Scale, *, staff_id: int, seed: int = 3) -> Samples:
    """Fill a founded club; customer 1 is a regular, and PC 1 as busy as all. `staff_id`: the owner, the last hired."""
    with club.read() as db:
        accounts = dict(iter(db.execute(select(LedgerAccount.kind, LedgerAccount.id))))
    with store(club.database) as writing:
        rows = Rows(writing)
        samples = _fill(
            house.Club(
                scale=scale,
                now=club.clock.now(),
                owner_id=staff_id,
                rows=rows,
                books=Books(rows, accounts),
                events=Events(rows),
                chance=random.Random(seed),
            )
        )
    # Prices and PCs were written as no operation writes them. First: what it accepts, days may have been kept of.
    journal.accept_rows(club)
    _sum_up(club, scale.days)
    return samples


def _fill(club: house.Club) -> Samples:
    house.hire(club)
    house.furnish(club)
    house.register(club)
    desk = Desk(club)
    kaspi, goods = Kaspi(club, desk), Goods(club, desk)
    counter = Counter(club, desk, kaspi, goods)
    played: list[Sale] = []
    for sale in sales(club):
        counter.serve(sale)
        if sale.session_id is not None:
            played.append(sale)
        club.rows.write_if_many()
    kaspi.finish()
    desk.finish()
    house.write_codes(club, counter.codes_used)
    launches(club, played)
    command_id = troubles(club)
    club.books.finish()
    club.rows.write()
    return Samples(
        free_computer_id=club.scale.computers,
        session_id=played[-1].session_id or 0,
        shift_id=(club.books.shift_id or 0) - 1,
        payment_id=kaspi.last_id,
        open_payment_id=kaspi.open_id,
        refunded_payment_id=kaspi.refunded_id,
        refund_id=kaspi.refund_id,
        receipt_id=counter.receipt_id,
        top_up_id=counter.top_up_id,
        goods_id=goods.last_id,
        bonus_id=counter.bonus_id,
        command_id=command_id,
        staff_id=club.cashiers[0],
        staff_session_id=desk.staff_session_id,
    )


def _sum_up(club: ClubContext, days: int) -> None:
    goal = quarter_of(club.clock.now()) - QUARTER
    while True:
        reports.sum_up(club)
        with club.read() as db:
            until = db.scalar(select(SummedUntil.until_at))
        if until is None or until >= goal:
            break
    for _ in range(1 + days // reports.CLOSED_AT_ONCE):
        reports.close_days(club)
        reports.close_book_days(club)
        suspicious.keep_leads(club)
        suspicious_days.keep_days(club)
        bank_days.keep_days(club)
