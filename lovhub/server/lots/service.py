"""Selling time, and moving a lot's seconds about for sessions. Always inside an operation's `Work`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, bindparam, insert, not_, select
from sqlalchemy.orm import aliased

from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.context import Work
from lovhub.server.database import new_rows
from lovhub.server.database.prepared import Change, Query
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    HOLD,
    LOT_AVAILABLE,
    LOT_CONSUMED,
    LOT_UNEARNED,
    TIME_ISSUED,
    TIME_RETURNED,
)
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.ledger.purse import Purse
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots import by_minute
from lovhub.server.lots.hours import bounds
from lovhub.server.lots.models import Lot
from lovhub.server.lots.parts import Parts, WithBonuses
from lovhub.server.lots.rules import order_of_use
from lovhub.server.sessions.lot_seconds import LotSeconds
from lovhub.server.sessions.models import Hold
from lovhub.server.sessions.rules import Decision
from lovhub.server.shifts import limits
from lovhub.server.tariffs.hours import sold_hours, written
from lovhub.server.tariffs.metering import Meter
from lovhub.server.tariffs.rules import Goods

_NEW_HOLD = Change(insert(Hold))


@dataclass(frozen=True)
class LotInUse:
    """A lot with its seconds, as one session sees it. `hold` is that session's, if it has one already."""

    row: Lot
    available: int
    consumed: int
    hold: Hold | None
    held: int
    meter: Meter | None = None
    time_zone: str = ""
    """The club's, where the lot has hours of its own."""

    def seconds(self, now: int) -> LotSeconds:
        """What the rules need of it."""
        limits = bounds(self.row, self.time_zone, now)
        return LotSeconds(
            lot_id=self.row.id,
            # By the minute nothing is kept ready: what may be reserved, the money says.
            available=0 if self.meter is not None else self.available,
            meter=self.meter,
            held=self.held,
            expires_in=limits.expires_in,
            opens_in=limits.opens_in,
        )


@dataclass(frozen=True)
class _Terms:
    """What is issued: the posting's kind, and the lot's title, time and price."""

    kind: str
    title: str
    seconds: int
    price_tiyn: int
    tariff_id: int | None = None
    lot_kind: str = "package"
    rest_rule: str = "kept"
    pause_allowed: bool = True
    expires_at: int | None = None
    discount_tiyn: int = 0
    bonuses: WithBonuses | None = None
    zone_id: int | None = None
    play_hours: str | None = None


def sell(  # noqa: PLR0913 - how a purchase is paid is much
    work: Work,
    *,
    goods: Goods,
    customer_id: int | None,
    guest_session_id: int | None,
    paid_from: Account | Purse,
    key: str,
    actor: Actor,
    bonuses: WithBonuses | None = None,
    zone_id: int | None = None,
) -> Lot:
    """Sell what lies on the counter, paid from an account (a customer's balance, or cash at the desk for a guest).

    `bonuses`: what of the price is paid with them. Refused with `not_enough_money` when the balance does not reach.
    """
    hours = sold_hours(goods.terms, goods.calendar, goods.now)
    try:
        return _issue(
            work,
            _Terms(
                "sale",
                goods.terms.title,
                goods.offer.seconds,
                goods.price_tiyn - (0 if bonuses is None else bonuses.amount_tiyn),
                tariff_id=goods.tariff_id,
                lot_kind=goods.terms.kind,
                rest_rule=goods.terms.rest_rule,
                pause_allowed=goods.terms.pause_allowed,
                expires_at=goods.offer.expires_at,
                discount_tiyn=goods.offer.discount_tiyn,
                bonuses=bonuses,
                zone_id=zone_id,
                play_hours=None if hours is None else written(hours),
            ),
            paid_from=paid_from,
            customer_id=customer_id,
            guest_session_id=guest_session_id,
            key=key,
            actor=actor,
        )
    except OperationRefused as refusal:
        if refusal.code == "balance_too_low":
            raise OperationRefused("not_enough_money", price_tiyn=goods.price_tiyn) from refusal
        raise


def grant(
    work: Work,
    *,
    title: str,
    seconds: int,
    customer_id: int | None,
    guest_session_id: int | None,
    key: str,
    reason: str,
    actor: Actor,
) -> Lot:
    """Give time without money, for a `reason` that stands in the books («Добавить время»).

    Refused with `reason_missing`, and with `given_time_limit` beyond what a cashier may give in a shift.
    """
    if not reason.strip():
        raise OperationRefused("reason_missing")
    limits.check_given_time(work, seconds, actor)
    return _issue(
        work,
        _Terms("time_granted", title, seconds, price_tiyn=0),
        paid_from=None,
        customer_id=customer_id,
        guest_session_id=guest_session_id,
        key=key,
        actor=actor,
        reason=reason.strip(),
    )


def give_for_code(
    work: Work, *, title: str, seconds: int, customer_id: int, key: str, actor: Actor
) -> Lot:
    """Give the time that a promo code promises: the owner's doing, which counts against nobody's limit."""
    return _issue(
        work,
        _Terms("promo_time", title, seconds, price_tiyn=0),
        paid_from=None,
        customer_id=customer_id,
        guest_session_id=None,
        key=key,
        actor=actor,
        reason=title,
    )


def _issue(
    work: Work,
    terms: _Terms,
    *,
    paid_from: Account | Purse | None,
    customer_id: int | None,
    guest_session_id: int | None,
    key: str,
    actor: Actor,
    reason: str = "",
) -> Lot:
    available = ledger.open_account(work, LOT_AVAILABLE)
    consumed = ledger.open_account(work, LOT_CONSUMED)
    unearned = ledger.open_account(work, LOT_UNEARNED)
    issued = Transfer(
        debit=ledger.club_account(work, TIME_ISSUED), credit=available, amount=terms.seconds
    )
    paid = [] if paid_from is None else paid_from.pay(unearned, terms.price_tiyn)
    bonus, discount, besides = Parts(work).pay(terms.bonuses, terms.discount_tiyn)
    posting_id = ledger.post(
        work,
        key=key,
        kind=terms.kind,
        transfers=[*paid, *besides, issued],
        actor=actor,
        reason=reason,
    )
    return new_rows.write(
        work.db,
        Lot,
        club_id=work.club_id,
        customer_id=customer_id,
        guest_session_id=guest_session_id,
        tariff_id=terms.tariff_id,
        zone_id=terms.zone_id,
        title=terms.title,
        kind=terms.lot_kind,
        rest_rule=terms.rest_rule,
        pause_allowed=terms.pause_allowed,
        expires_at=terms.expires_at,
        play_hours=terms.play_hours,
        granted_seconds=terms.seconds,
        price_tiyn=terms.price_tiyn,
        sold_at=work.now,
        posting_id=posting_id,
        available_account_id=available.id,
        consumed_account_id=consumed.id,
        unearned_account_id=unearned.id,
        bonus_tiyn=0 if terms.bonuses is None else terms.bonuses.amount_tiyn,
        bonus_account_id=None if bonus is None else bonus.id,
        discount_tiyn=terms.discount_tiyn,
        discount_account_id=None if discount is None else discount.id,
    )


def _in_use(
    *, of_customer: bool, of_all_clubs: bool = False
) -> Query[Lot, int, int, Hold | None, int | None]:
    available, consumed, held = (
        aliased(AccountBalance),
        aliased(AccountBalance),
        aliased(AccountBalance),
    )
    owned = select(Lot.id).where(Lot.guest_session_id == bindparam("owner"))
    if of_customer:
        owned = select(Lot.id).where(Lot.customer_id == bindparam("owner"), not_(Lot.exhausted))
        if not of_all_clubs:
            # A customer of a chain plays at each club what was bought there.
            owned = owned.where(Lot.club_id == bindparam("club"))
    # Each half by an index of its own: asked with OR, every lot that the club has sold was looked at.
    wanted = owned.union(select(Hold.lot_id).where(Hold.session_id == bindparam("session")))
    return Query(
        select(Lot, available.balance, consumed.balance, Hold, held.balance)
        .join(available, available.account_id == Lot.available_account_id)
        .join(consumed, consumed.account_id == Lot.consumed_account_id)
        .outerjoin(Hold, and_(Hold.lot_id == Lot.id, Hold.session_id == bindparam("session")))
        .outerjoin(held, held.account_id == Hold.account_id)
        .where(Lot.id.in_(wanted))
    )


_OF_CUSTOMER, _OF_GUEST = _in_use(of_customer=True), _in_use(of_customer=False)
_OF_CUSTOMER_EVERYWHERE = _in_use(of_customer=True, of_all_clubs=True)


def in_use(
    work: Work, *, customer_id: int | None, guest_session_id: int | None, session_id: int | None
) -> list[LotInUse]:
    """The lots that a session may draw on, with its holds, in the order they are played (`rules.order_of_use`).

    These are the unexhausted lots of the customer (or guest), and any other lot the session holds seconds of.
    """
    if customer_id is None:
        rows = _OF_GUEST.all(work.db, owner=guest_session_id, session=session_id)
    else:
        rows = _OF_CUSTOMER.all(work.db, owner=customer_id, session=session_id, club=work.club_id)
    lots = _seen(rows)
    if session_id is not None and any(lot.row.kind == by_minute.KIND for lot in lots):
        found = by_minute.meter_now(work.db, session_id, work.now)
        if found is not None:
            lots = [replace(lot, meter=found[1]) if lot.row.id == found[0] else lot for lot in lots]
    if any(lot.row.play_hours is not None for lot in lots):
        time_zone = club_service.get(work.db, work.club_id).time_zone
        lots = [replace(lot, time_zone=time_zone) for lot in lots]
    return sorted(lots, key=lambda lot: order_of_lot(lot.row))


def _seen(rows: Iterable[tuple[Lot, int, int, Hold | None, int | None]]) -> list[LotInUse]:
    return [
        LotInUse(row=lot, available=left, consumed=gone, hold=hold, held=reserved or 0)
        for lot, left, gone, hold, reserved in rows
    ]


def order_of_lot(lot: Lot) -> tuple[int, bool, int, int, int]:
    """Where a lot stands among those that are played."""
    return order_of_use(lot.kind, lot.expires_at, lot.sold_at, lot.id)


def give_up(work: Work, customer_id: int, money_to: Account) -> list[Transfer]:
    """What takes all the time the customer has not played away, and its money to `money_to`; the caller posts it.

    Bonuses and discounts return to where they come from. Only where no session is under way: nothing may be held.
    """
    returned = ledger.club_account(work, TIME_RETURNED)
    transfers = []
    parts = Parts(work)
    everywhere = _OF_CUSTOMER_EVERYWHERE.all(work.db, owner=customer_id, session=None)
    for lot in sorted(_seen(everywhere), key=lambda lot: order_of_lot(lot.row)):
        available = Account(lot.row.available_account_id, LOT_AVAILABLE.unit)
        transfers.append(Transfer(debit=available, credit=returned, amount=lot.available))
        for part in parts.of(lot.row):
            left = ledger.balance(work.db, part.unplayed.id)
            transfers.append(Transfer(part.unplayed, part.returns_to or money_to, left))
        lot.row.exhausted = True
    return transfers


def apply(
    work: Work,
    lots: Sequence[LotInUse],
    decision: Decision,
    *,
    session_id: int,
    key: str,
    kind: str,
    actor: Actor,
    reason: str = "",
) -> None:
    """Book the moves that the rules decided, and the revenue that the consumed seconds earn."""
    moves, meter = decision.moves, decision.meter
    closing = decision.session.state == "ended"
    metered = next((lot for lot in lots if lot.meter is not None), None)
    if not moves and (metered is None or not closing):
        return
    by_id = {lot.row.id: lot for lot in lots}
    holds = {lot.row.id: None if lot.hold is None else lot.hold.account_id for lot in lots}
    consumed = {lot.row.id: lot.consumed for lot in lots}
    transfers: list[Transfer] = []
    parts = Parts(work)
    if metered is not None and metered.hold is not None and meter is not None:
        mine = [move for move in moves if move.lot_id == metered.row.id]
        moves = tuple(move for move in moves if move.lot_id != metered.row.id)
        transfers += by_minute.transfers(
            work,
            metered.row,
            mine,
            meter,
            session_id=session_id,
            hold_account_id=metered.hold.account_id,
            closing=closing,
        )
    for move in moves:
        lot = by_id[move.lot_id].row
        held_on = holds[lot.id]
        if held_on is None:
            held_on = holds[lot.id] = open_hold(work, session_id, lot.id)
        held = Account(held_on, HOLD.unit)
        available = Account(lot.available_account_id, LOT_AVAILABLE.unit)
        if move.kind == "reserve":
            transfers.append(Transfer(debit=available, credit=held, amount=move.seconds))
        elif move.kind == "give_back":
            transfers.append(Transfer(debit=held, credit=available, amount=move.seconds))
        else:
            before = consumed[lot.id]
            consumed[lot.id] = before + move.seconds
            transfers.append(
                Transfer(
                    debit=held,
                    credit=Account(lot.consumed_account_id, LOT_CONSUMED.unit),
                    amount=move.seconds,
                )
            )
            transfers += parts.earn(lot, before, before + move.seconds)
    for lot_id, seconds in consumed.items():
        lot = by_id[lot_id].row
        if seconds == lot.granted_seconds and not lot.exhausted:
            lot.exhausted = True
    if not any(transfer.amount for transfer in transfers):
        return
    ledger.post(
        work,
        key=key,
        kind=kind,
        transfers=transfers,
        actor=actor,
        reason=reason,
        at_desk=False,
    )


def open_hold(work: Work, session_id: int, lot_id: int) -> int:
    """Where a session's seconds of a lot will be held; returns the account's id."""
    account_id = ledger.open_account(work, HOLD).id
    _NEW_HOLD.run(work.db, session_id=session_id, lot_id=lot_id, account_id=account_id)
    return account_id
