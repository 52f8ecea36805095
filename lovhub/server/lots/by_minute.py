"""Playing by the minute: the lot of a sitting that the balance pays for as it is played.

Such a lot is never a stock of time. Its seconds are issued as they are leased and returned if they are not played; its
money is reserved from the balance for what is leased, and goes back as the reserve is let go.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.context import Work
from lovhub.server.customers import owing
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    CUSTOMER_BALANCE,
    HOLD,
    LOT_AVAILABLE,
    LOT_CONSUMED,
    LOT_UNEARNED,
    REVENUE,
    TIME_ISSUED,
    TIME_RETURNED,
)
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.lot_seconds import Move
from lovhub.server.sessions.models import IS_LIVE, Hold, MeterRow, PlaySession
from lovhub.server.tariffs.metering import Meter, Stretch

KIND = "per_minute"


@dataclass(frozen=True)
class Beginning:
    """By what a sitting by the minute begins: the tariff as it is now, or what it was on another PC."""

    tariff_id: int
    title: str
    pause_allowed: bool
    minimum_tiyn: int
    stretches: tuple[Stretch, ...]
    carried: int = 0
    limit_tiyn: int = 0


def open_lot(
    work: Work, session: PlaySession, beginning: Beginning, *, key: str, actor: Actor
) -> Lot:
    """The lot and the meter of a sitting; no money moves before something is leased.

    One second is issued at once: a lot has at least one. It belongs to no shift, since nothing was sold.
    """
    available = ledger.open_account(work, LOT_AVAILABLE)
    issued = Transfer(ledger.club_account(work, TIME_ISSUED), available, 1)
    posting_id = ledger.post(
        work, key=key, kind="meter_opened", transfers=[issued], actor=actor, at_desk=False
    )
    lot = Lot(
        club_id=work.club_id,
        customer_id=session.customer_id,
        tariff_id=beginning.tariff_id,
        zone_id=session.zone_id,
        title=beginning.title,
        kind=KIND,
        pause_allowed=beginning.pause_allowed,
        granted_seconds=1,
        price_tiyn=0,
        sold_at=work.now,
        posting_id=posting_id,
        available_account_id=available.id,
        consumed_account_id=ledger.open_account(work, LOT_CONSUMED).id,
        unearned_account_id=ledger.open_account(work, LOT_UNEARNED).id,
        exhausted=True,
    )
    work.db.add(lot)
    work.db.flush()
    work.db.add(
        MeterRow(
            session_id=session.id,
            lot_id=lot.id,
            minimum_tiyn=beginning.minimum_tiyn,
            stretches=[[one.from_at, one.until_at, one.hour_tiyn] for one in beginning.stretches],
            used=beginning.carried,
            carried=beginning.carried,
            limit_tiyn=beginning.limit_tiyn,
        )
    )
    work.db.add(
        Hold(session_id=session.id, lot_id=lot.id, account_id=ledger.open_account(work, HOLD).id)
    )
    work.db.flush()
    return lot


def stretches_of(row: MeterRow) -> tuple[Stretch, ...]:
    """The prices that were written down."""
    return tuple(Stretch(*one) for one in row.stretches)


@dataclass(frozen=True)
class Means:
    """What a sitting may still spend: what lies in the lot's `lot_unearned`, the balance, and a debt.

    `in_debt_tiyn`: what the customer owes by now, reserves included; `club_limit_tiyn`: what anybody may owe now.
    """

    reserved_tiyn: int
    balance_tiyn: int
    in_debt_tiyn: int = 0
    club_limit_tiyn: int = 0

    def of(self, limit_tiyn: int) -> int:
        """All of it, for a sitting that began with this limit; of one that began without, a debt is no concern."""
        money_tiyn = self.reserved_tiyn + self.balance_tiyn
        if limit_tiyn:
            # Below zero where the owner has lowered the limit: then less than what is reserved may be played.
            money_tiyn += min(limit_tiyn, self.club_limit_tiyn) - self.in_debt_tiyn
        return money_tiyn


def meter_of(row: MeterRow, lot: Lot, means: Means, *, now: int) -> Meter:
    """What the rules need to know of it."""
    return Meter(
        stretches=stretches_of(row),
        minimum_tiyn=row.minimum_tiyn,
        money_tiyn=lot.price_tiyn + means.of(row.limit_tiyn),
        now=now,
        used=row.used,
        carried=row.carried,
    )


def _metered() -> Select[MeterRow, Lot, int, int, int, int]:
    reserved, wallet, debt = (
        aliased(AccountBalance),
        aliased(AccountBalance),
        aliased(AccountBalance),
    )
    return (
        select(
            MeterRow,
            Lot,
            reserved.balance,
            wallet.balance,
            func.coalesce(-debt.balance, 0),
            Club.debt_limit_tiyn,
        )
        .join(Lot, Lot.id == MeterRow.lot_id)
        .join(Club, Club.id == Lot.club_id)
        .join(reserved, reserved.account_id == Lot.unearned_account_id)
        .join(Customer, Customer.id == Lot.customer_id)
        .join(wallet, wallet.account_id == Customer.balance_account_id)
        .outerjoin(debt, debt.account_id == Customer.debt_account_id)
        .where(MeterRow.session_id == bindparam("session"))
    )


_METERED = Query(_metered())


def meter_now(db: Session, session_id: int, now: int) -> tuple[int, Meter] | None:
    """The meter of a session and the id of its lot, if it has one."""
    found = _METERED.first(db, session=session_id)
    if found is None:
        return None
    row, lot, *means = found
    return lot.id, meter_of(row, lot, Means(*means), now=now)


def reserved_tiyn(db: Session, customer_id: int) -> int:
    """What is reserved for a customer's playing by the minute: theirs until it is played, or not owed until then."""
    return reserved_and_limit(db, customer_id)[0]


def _played_by() -> Select[int | None, int | None, int | None]:
    in_debt = and_(
        MeterRow.limit_tiyn > 0,
        or_(PlaySession.state == "active", PlaySession.state == "paused"),
    )
    return (
        select(
            func.sum(AccountBalance.balance),
            func.min(case((in_debt, MeterRow.limit_tiyn))),
            func.min(case((in_debt, Club.debt_limit_tiyn))),
        )
        .select_from(PlaySession)
        .join(MeterRow, MeterRow.session_id == PlaySession.id)
        .join(Club, Club.id == PlaySession.club_id)
        .join(Lot, Lot.id == MeterRow.lot_id)
        .join(AccountBalance, AccountBalance.account_id == Lot.unearned_account_id)
        .where(PlaySession.customer_id == bindparam("customer"), IS_LIVE)
    )


_PLAYED_BY = Query(_played_by())


def reserved_and_limit(db: Session, customer_id: int) -> tuple[int, int]:
    """The same, and up to what the customer may owe for what they play now (0: they do not play in debt)."""
    reserved, limit, club_limit = _PLAYED_BY.one(db, customer=customer_id)
    return int(reserved or 0), min(limit or 0, club_limit or 0)


def reserved_of(db: Session, customer_ids: Collection[int]) -> dict[int, int]:
    """The same of several, in one statement."""
    rows = db.execute(
        select(PlaySession.customer_id, func.sum(AccountBalance.balance))
        .select_from(PlaySession)
        .join(MeterRow, MeterRow.session_id == PlaySession.id)
        .join(Lot, Lot.id == MeterRow.lot_id)
        .join(AccountBalance, AccountBalance.account_id == Lot.unearned_account_id)
        .where(PlaySession.customer_id.in_(customer_ids), IS_LIVE)
        .group_by(PlaySession.customer_id)
    )
    return {customer_id: int(tiyn) for customer_id, tiyn in rows if customer_id is not None}


def transfers(
    work: Work,
    lot: Lot,
    moves: Sequence[Move],
    meter: Meter,
    *,
    session_id: int,
    hold_account_id: int,
    closing: bool,
) -> list[Transfer]:
    """What a decision moves: seconds as they are leased, played and let go, and the money for them."""
    available = Account(lot.available_account_id, LOT_AVAILABLE.unit)
    held = Account(hold_account_id, HOLD.unit)
    free_seconds = ledger.balance(work.db, available.id)
    returned = ledger.club_account(work, TIME_RETURNED)
    found: list[Transfer] = []
    for move in moves:
        if move.kind == "reserve":
            missing = max(0, move.seconds - free_seconds)
            lot.granted_seconds += missing
            free_seconds += missing - move.seconds
            found.append(Transfer(ledger.club_account(work, TIME_ISSUED), available, missing))
            found.append(Transfer(available, held, move.seconds))
        elif move.kind == "give_back":
            found.append(Transfer(held, available, move.seconds))
            found.append(Transfer(available, returned, move.seconds))
        else:
            consumed = Account(lot.consumed_account_id, LOT_CONSUMED.unit)
            found.append(Transfer(held, consumed, move.seconds))
    if closing:
        found.append(Transfer(available, returned, free_seconds))
    return found + _money(work, lot, meter, session_id)


def _money(work: Work, lot: Lot, meter: Meter, session_id: int) -> list[Transfer]:
    customer = work.db.get_one(Customer, lot.customer_id)
    wallet = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    unearned = Account(lot.unearned_account_id, LOT_UNEARNED.unit)
    taken_tiyn = lot.price_tiyn + ledger.balance(work.db, unearned.id)
    more_tiyn = meter.paid_tiyn - taken_tiyn
    earned_tiyn = meter.earned_tiyn - lot.price_tiyn
    lot.price_tiyn = meter.earned_tiyn
    row = work.db.get_one(MeterRow, session_id)
    row.used = meter.used
    found, debt = [], owing.account_of(customer)
    if debt is not None:
        # The balance pays first; what is let go is taken off the debt first. Another PC of theirs may be settled now.
        ledger.hold_still(work.db, [wallet, debt])
        in_debt_tiyn = 0
        if more_tiyn < 0:
            in_debt_tiyn = max(more_tiyn, -owing.debt_tiyn(work.db, customer))
        elif row.limit_tiyn:
            in_debt_tiyn = max(0, more_tiyn - ledger.balance(work.db, wallet.id))
        more_tiyn -= in_debt_tiyn
        found = _both_ways(debt, unearned, in_debt_tiyn)
    return [
        *found,
        *_both_ways(wallet, unearned, more_tiyn),
        Transfer(unearned, ledger.club_account(work, REVENUE), earned_tiyn),
    ]


def _both_ways(account: Account, unearned: Account, tiyn: int) -> list[Transfer]:
    """So much more is taken from an account, or (below zero) let go to it."""
    return [Transfer(account, unearned, max(0, tiyn)), Transfer(unearned, account, max(0, -tiyn))]
