"""Counting what was printed. The only writer of `receipt_print`."""

from collections.abc import Callable

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.journal import service as journal
from lovhub.server.receipts import queries
from lovhub.server.receipts.models import ReceiptPrint
from lovhub.server.receipts.queries import Receipt


def print_receipt(
    club: ClubContext, posting_id: int, *, out: Callable[[Receipt], None], actor: Actor
) -> Receipt:
    """Print by `out`, and count it: what it is given knows by `times` whether it is a copy.

    Counted first, so that two who print at once never get two originals; a printer that refuses takes it back.
    Refused with `receipt_unknown`, and as `out` is.
    """
    with club.write() as work:
        receipt = queries.read(work.db, work.club_id, posting_id)
        _row(work, receipt.posting_id).times += 1
    try:
        out(receipt)
    except BaseException:
        with club.write() as work:
            _row(work, receipt.posting_id).times -= 1
        raise
    with club.write() as work:
        journal.record(
            work,
            "receipt.printed",
            actor,
            posting_id=receipt.posting_id,
            numbers=receipt.numbers,
            copy=receipt.times > 0,
        )
    return receipt


def _row(work: Work, posting_id: int) -> ReceiptPrint:
    """Locked until the commit, so that nobody else counts meanwhile."""
    row = work.db.get(ReceiptPrint, posting_id, with_for_update=True, populate_existing=True)
    if row is None:
        row = ReceiptPrint(posting_id=posting_id, club_id=work.club_id, times=0)
        work.db.add(row)
        work.db.flush()
    return row
