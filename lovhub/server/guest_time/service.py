"""A guest comes for what they have paid: a code anew, or the money back; and an end when nobody can claim it any more.

Each operation is one transaction over all that belongs together: one purchase, or all that is left of a sitting.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.mistakes import check_mistake
from lovhub.server.errors import OperationRefused
from lovhub.server.guest_time import rules
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    LOT_AVAILABLE,
    LOT_UNEARNED,
    METHOD_OF,
    TIME_RETURNED,
)
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots.models import Lot
from lovhub.server.lots.rest import Rest, close_rest, free_rest
from lovhub.server.minors.rules import REST_CODE_SECONDS
from lovhub.server.sessions import codes
from lovhub.server.sessions.codes import SeatCodeSold
from lovhub.server.sessions.models import PlaySession, SeatCode
from lovhub.server.sessions.sale import desk_account


@dataclass(frozen=True)
class _Waiting:
    """What belongs together and is left, locked; `codes`: all that were ever given for it."""

    lots: Sequence[Lot]
    rests: Sequence[Rest]
    codes: Sequence[SeatCode]

    @property
    def seconds(self) -> int:
        return sum(rest.seconds for rest in self.rests)

    @property
    def amount_tiyn(self) -> int:
        return sum(rest.amount_tiyn for rest in self.rests)


def give_code(club: ClubContext, *, lot_id: int, actor: Actor, key: str) -> SeatCodeSold:
    """A code for what is left; an older one is void. The same `key` again shows the same code for ten minutes.

    Who it belongs to, the desk has asked. One that was sold for one PC stays one for that PC.
    Refused with `guest_time_unknown`.
    """
    with club.write() as work:
        waiting = _locked(work, lot_id)
        purpose = f"anew:{key}"
        for row in waiting.codes:
            if (again := codes.shown_again(club, row, purpose, work.now)) is not None:
                return again
        lot = waiting.lots[0]
        last = max(waiting.codes, key=lambda row: row.created_at, default=None)
        _void(work, waiting)
        name = "" if last is None else last.guest_name
        given = codes.issue(
            club,
            work,
            lot.id,
            purpose=purpose,
            lifetime_seconds=REST_CODE_SECONDS,
            computer_id=None
            if last is None or lot.guest_session_id is not None
            else last.computer_id,
            guest_name=name or _sat_there(work, lot),
        )
        journal.record(
            work,
            "guest_time.code_given",
            actor,
            lot_id=lot.id,
            title=lot.title,
            seconds=waiting.seconds,
        )
        return given


def pay_out(
    club: ClubContext, *, lot_id: int, expected_tiyn: int, reason: str, actor: Actor
) -> dict[str, int]:
    """Give back the money for what is left, by the rule for every mistake; returns how much in which way.

    Twice is once. `expected_tiyn`: the sum that was shown. Refused with `guest_time_unknown`, `guest_money_changed`,
    `take_back_not_yours`, `take_back_too_late`, `shift_needed`, `invalid_fields` (reason).
    """
    with club.write() as work:
        key = f"guest_paid_out:{_first_of(work, lot_id)}"
        done = ledger.find_posting(work.db, work.club_id, key)
        if done is not None:
            return _paid_out(work, done.id)
        waiting = _locked(work, lot_id)
        amount_tiyn = waiting.amount_tiyn
        if amount_tiyn != expected_tiyn:
            raise OperationRefused("guest_money_changed", amount_tiyn=amount_tiyn)
        _check_may_pay_out(work, waiting, reason, actor)
        ways = rules.ways_back(amount_tiyn, _paid(work, waiting.lots))
        ledger.post(
            work,
            key=key,
            kind="guest_paid_out",
            transfers=_money_back(work, waiting, ways),
            actor=actor,
            reason=reason.strip(),
        )
        for lot in waiting.lots:
            lot.exhausted = True
        _void(work, waiting)
        journal.record(
            work,
            "guest_time.paid_out",
            actor,
            lot_id=waiting.lots[0].id,
            title=waiting.lots[0].title,
            seconds=waiting.seconds,
            amount_tiyn=amount_tiyn,
            ways=[[way, tiyn] for way, tiyn in ways.items() if tiyn],
            reason=reason.strip(),
        )
        return ways


def end(club: ClubContext, *, lot_id: int, actor: Actor) -> None:
    """Nobody has come for it in three years: the time expires, and its money is earned.

    Refused with `guest_time_unknown`, `guest_time_claimable`.
    """
    with club.write() as work:
        waiting = _locked(work, lot_id)
        newest_at = max(lot.sold_at for lot in waiting.lots)
        problem = rules.end_problem(sold_at=newest_at, now=work.now)
        if problem:
            raise OperationRefused(problem)
        for lot in waiting.lots:
            close_rest(work, lot, refund_to=None, key=f"guest_time_ended:{lot.id}", actor=actor)
        _void(work, waiting)
        journal.record(
            work,
            "guest_time.ended",
            actor,
            lot_id=waiting.lots[0].id,
            title=waiting.lots[0].title,
            seconds=waiting.seconds,
            amount_tiyn=waiting.amount_tiyn,
        )


def _locked(work: Work, lot_id: int) -> _Waiting:
    """What the lot belongs to, with its codes first: whoever types one at this moment comes before or after."""
    lot = work.db.get(Lot, lot_id)
    if lot is None or lot.club_id != work.club_id or lot.customer_id is not None:
        raise OperationRefused("guest_time_unknown")
    session_id = lot.guest_session_id
    together = Lot.id == lot_id if session_id is None else Lot.guest_session_id == session_id
    given = work.db.scalars(
        select(SeatCode)
        .where(SeatCode.lot_id.in_(select(Lot.id).where(together)))
        .order_by(SeatCode.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if session_id is not None:
        sat = work.db.scalars(
            select(PlaySession).where(PlaySession.id == session_id).with_for_update(key_share=True)
        ).one()
        if sat.state != "ended":
            raise OperationRefused("guest_time_unknown")
    lots = work.db.scalars(
        select(Lot)
        .where(together)
        .order_by(Lot.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    free = [
        (one, *free_rest(work, one))
        for one in lots
        if not one.exhausted and one.guest_session_id == session_id
    ]
    if any(held for _lot, _rest, held in free):
        raise OperationRefused("guest_time_unknown")
    left = [(one, rest) for one, rest, _held in free if rest.seconds]
    if not left:
        raise OperationRefused("guest_time_unknown")
    return _Waiting([one for one, _ in left], [rest for _, rest in left], given)


def _first_of(work: Work, lot_id: int) -> int:
    lot = work.db.get(Lot, lot_id)
    if lot is None or lot.guest_session_id is None:
        return lot_id
    first = select(Lot.id).where(Lot.guest_session_id == lot.guest_session_id).order_by(Lot.id)
    return work.db.scalars(first.limit(1)).one()


def _check_may_pay_out(work: Work, waiting: _Waiting, reason: str, actor: Actor) -> None:
    """What was put beside it later gives nobody a right to the whole: the oldest of it counts, and all who sold."""
    sold = work.db.scalars(
        select(LedgerPosting).where(LedgerPosting.id.in_([lot.posting_id for lot in waiting.lots]))
    ).all()
    oldest_at = min(lot.sold_at for lot in waiting.lots)
    check_mistake(actor, sold, booked_at=oldest_at, now=work.now, reason=reason)


def _paid(work: Work, lots: Sequence[Lot]) -> dict[str, int]:
    """What was paid for them, by way of paying. Time that was taken along into another zone does not say."""
    rows = work.db.execute(
        select(LedgerAccount.kind, LedgerTransfer.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.debit_account_id)
        .where(
            LedgerTransfer.posting_id.in_([lot.posting_id for lot in lots]),
            LedgerTransfer.credit_account_id.in_([lot.unearned_account_id for lot in lots]),
            LedgerAccount.kind.in_(METHOD_OF),
        )
    )
    paid: dict[str, int] = {}
    for kind, amount_tiyn in rows:
        paid[METHOD_OF[kind]] = paid.get(METHOD_OF[kind], 0) + amount_tiyn
    return paid


def _money_back(work: Work, waiting: _Waiting, ways: dict[str, int]) -> list[Transfer]:
    returned = ledger.club_account(work, TIME_RETURNED)
    wallet = [(desk_account(work, way), tiyn) for way, tiyn in ways.items()]
    transfers = []
    for lot, rest in zip(waiting.lots, waiting.rests, strict=True):
        available = Account(lot.available_account_id, LOT_AVAILABLE.unit)
        unearned = Account(lot.unearned_account_id, LOT_UNEARNED.unit)
        transfers.append(Transfer(available, returned, rest.seconds))
        due = rest.amount_tiyn
        for number, (account, tiyn) in enumerate(wallet):
            taken = min(due, tiyn)
            due -= taken
            wallet[number] = (account, tiyn - taken)
            transfers.append(Transfer(unearned, account, taken))
    return transfers


def _paid_out(work: Work, posting_id: int) -> dict[str, int]:
    rows = work.db.execute(
        select(LedgerAccount.kind, LedgerTransfer.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.credit_account_id)
        .where(LedgerTransfer.posting_id == posting_id, LedgerAccount.kind.in_(METHOD_OF))
    )
    found = dict.fromkeys(rules.WAYS, 0)
    for kind, amount_tiyn in rows:
        found[METHOD_OF[kind]] += amount_tiyn
    return found


def _void(work: Work, waiting: _Waiting) -> None:
    for row in waiting.codes:
        row.used_at = row.used_at or work.now


def _sat_there(work: Work, lot: Lot) -> str:
    if lot.guest_session_id is None:
        return ""
    return work.db.get_one(PlaySession, lot.guest_session_id).guest_name
