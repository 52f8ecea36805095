"""What is free of a lot: ended for good by its rule, or taken along into another zone. Inside an operation's `Work`."""

from dataclasses import dataclass

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    LOT_AVAILABLE,
    LOT_CONSUMED,
    LOT_UNEARNED,
    TIME_EXPIRED,
    TIME_ISSUED,
    TIME_RETURNED,
)
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots.models import Lot
from lovhub.server.lots.parts import Parts
from lovhub.server.sessions.lot_seconds import earned_tiyn
from lovhub.server.sessions.models import Hold


@dataclass(frozen=True)
class Rest:
    """Seconds of a lot, and the money that goes with them; and what of bonuses and of a discount does."""

    seconds: int
    amount_tiyn: int
    bonus_tiyn: int = 0
    discount_tiyn: int = 0


def free_rest(work: Work, lot: Lot) -> tuple[Rest, int]:
    """What nobody holds of a lot, and how many seconds are held.

    What a silent PC still holds keeps its part of the money. The caller has locked the sessions that hold any of it.
    """
    held = int(
        work.db.scalar(
            select(func.coalesce(func.sum(AccountBalance.balance), 0))
            .join(Hold, Hold.account_id == AccountBalance.account_id)
            .where(Hold.lot_id == lot.id)
        )
        or 0
    )
    parts = Parts(work).of(lot)
    balances = ledger.balances(
        work.db,
        [
            lot.available_account_id,
            lot.consumed_account_id,
            *(part.unplayed.id for part in parts),
        ],
    )
    consumed, seconds = balances[lot.consumed_account_id], balances[lot.available_account_id]
    free = {}
    for part in parts:
        still_owed = earned_tiyn(
            part.amount_tiyn, lot.granted_seconds, consumed + held
        ) - earned_tiyn(part.amount_tiyn, lot.granted_seconds, consumed)
        free[part.unplayed.id] = balances[part.unplayed.id] - still_owed if seconds else 0
    rest = Rest(
        seconds,
        free[lot.unearned_account_id],
        free.get(lot.bonus_account_id or 0, 0),
        free.get(lot.discount_account_id or 0, 0),
    )
    return rest, held


def close_rest(
    work: Work,
    lot: Lot,
    *,
    refund_to: Account | None,
    bonus_back: Account | None = None,
    key: str,
    actor: Actor,
) -> Rest:
    """Take what is free of a lot for good: its money to `refund_to`, or earned if that is None.

    Bonuses go with the money: to `bonus_back`, or used.
    """
    rest, held = free_rest(work, lot)
    lot.exhausted = held == 0
    if rest.seconds == 0:
        return rest
    gone = TIME_EXPIRED if refund_to is None else TIME_RETURNED
    available = Account(lot.available_account_id, LOT_AVAILABLE.unit)
    transfers = [Transfer(available, ledger.club_account(work, gone), rest.seconds)]
    amounts = {
        lot.unearned_account_id: rest.amount_tiyn,
        lot.bonus_account_id: rest.bonus_tiyn,
        lot.discount_account_id: rest.discount_tiyn,
    }
    for part in Parts(work).of(lot, bonus_back=bonus_back):
        to = part.earned_to if refund_to is None else part.returns_to or refund_to
        transfers.append(Transfer(part.unplayed, to, amounts[part.unplayed.id]))
    ledger.post(
        work,
        key=key,
        kind="time.expired" if refund_to is None else "time.refunded",
        transfers=transfers,
        actor=actor,
        # The tariff's rule, and nobody's decision at the desk: a session ends without a shift too.
        at_desk=False,
    )
    return rest


def carry_over(
    work: Work,
    lot: Lot,
    *,
    zone_id: int | None,
    seconds: int,
    difference_tiyn: int,
    actor: Actor,
) -> Lot:
    """What is free of a lot becomes one of its own in another zone, so long and with its money; returns that.

    Its rules are those of the old one. `difference_tiyn` is a part of its price that the caller books.
    """
    rest, held = free_rest(work, lot)
    lot.exhausted = held == 0
    available = ledger.open_account(work, LOT_AVAILABLE)
    consumed = ledger.open_account(work, LOT_CONSUMED)
    unearned = ledger.open_account(work, LOT_UNEARNED)
    old = Account(lot.available_account_id, LOT_AVAILABLE.unit)
    bonus, discount, besides = Parts(work).carry(lot, rest.bonus_tiyn, rest.discount_tiyn)
    posting_id = ledger.post(
        work,
        key=f"zone_carried:{lot.id}:{work.now}",
        kind="zone_carried",
        transfers=[
            Transfer(old, ledger.club_account(work, TIME_RETURNED), rest.seconds),
            Transfer(ledger.club_account(work, TIME_ISSUED), available, seconds),
            Transfer(
                Account(lot.unearned_account_id, LOT_UNEARNED.unit), unearned, rest.amount_tiyn
            ),
            *besides,
        ],
        actor=actor,
        at_desk=False,
    )
    there = Lot(
        club_id=lot.club_id,
        customer_id=lot.customer_id,
        guest_session_id=lot.guest_session_id,
        tariff_id=lot.tariff_id,
        zone_id=zone_id,
        title=lot.title,
        kind=lot.kind,
        rest_rule=lot.rest_rule,
        pause_allowed=lot.pause_allowed,
        granted_seconds=seconds,
        price_tiyn=rest.amount_tiyn + difference_tiyn,
        sold_at=lot.sold_at,
        expires_at=lot.expires_at,
        play_hours=lot.play_hours,
        posting_id=posting_id,
        available_account_id=available.id,
        consumed_account_id=consumed.id,
        unearned_account_id=unearned.id,
        bonus_tiyn=rest.bonus_tiyn,
        bonus_account_id=None if bonus is None else bonus.id,
        discount_tiyn=rest.discount_tiyn,
        discount_account_id=None if discount is None else discount.id,
    )
    work.db.add(there)
    work.db.flush()
    return there
