"""One payment for several PCs, and more time for several who each pay from the own balance.

Each is one transaction under one key, however many PCs it is for; the same key again gives the first answer
again.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.purse import Purse
from lovhub.server.ledger.service import Account
from lovhub.server.loyalty import bonuses
from lovhub.server.minors import night
from lovhub.server.sessions.locks import lock_computer, lock_customer, lock_sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.parts import posting_key
from lovhub.server.sessions.reserve import balance_changed, free_reserve_of
from lovhub.server.sessions.sale import (
    Buyer,
    Counter,
    balance_account,
    once,
    paid_at_desk,
    sell_lot,
)
from lovhub.server.sessions.seating import begin_sitting, make_room
from lovhub.server.sessions.shares import about, check_same_buyer, lock_buyers, shares
from lovhub.server.sessions.sitting import Sitting, sitting_of, sitting_on
from lovhub.server.sessions.till import NO_TILL, Till
from lovhub.server.sessions.together import (
    Outcome,
    done_before,
    events_of,
    in_one_order,
    lengthen,
    who_sits_at,
)
from lovhub.server.sessions.tonight import check_sale_to_sitting
from lovhub.server.tariffs.rules import Goods


@dataclass(frozen=True)
class PaidTogether:
    """One payment for several PCs. `change_tiyn` is None where no cash was counted.

    `prices_tiyn`: each PC's own, in money, in the order of `outcomes`; `bonuses_tiyn`: what its customer's bonuses paid
    besides. `parts`: in which ways it was paid, if in several.
    """

    outcomes: tuple[Outcome, ...]
    title: str
    seconds: int
    prices_tiyn: tuple[int, ...]
    total_tiyn: int
    received_tiyn: int | None = None
    change_tiyn: int | None = None
    parts: tuple[tuple[str, int], ...] = ()
    bonuses_tiyn: tuple[int, ...] = ()


@dataclass(frozen=True)
class Payer:
    """Who pays for all: somebody at the desk (cash, card, kaspi, or in parts), or a customer from the balance."""

    method: str
    customer_id: int | None = None
    guest_name: str = ""


def sell_together(  # noqa: PLR0913 - what the desk says of a sale is much
    club: ClubContext,
    *,
    computer_ids: Sequence[int],
    tariff_id: int,
    payer: Payer,
    key: str,
    actor: Actor,
    till: Till = NO_TILL,
    despite_kept: bool = False,
    night_leave: str = "",
) -> PaidTogether:
    """Sell one of a tariff for each PC, at its own price, in one payment: all of them, or nothing.

    At a free PC a guest sits down; where somebody plays, the time is theirs, and a customer's own discount and bonuses
    count. A refusal names the PC it is
    about in its value `computer`. `despite_kept`: on purpose, though PCs among them are kept for others.
    `night_leave`: why those who sit down anew may stay at night.
    """
    asked = in_one_order(computer_ids)

    def attempt() -> PaidTogether:
        with club.write() as work:
            computers = [
                about(work, computer_id, partial(lock_computer, work, computer_id))
                for computer_id in asked
            ]
            if ledger.find_posting(work.db, work.club_id, key) is not None:
                return _paid_before(work, key, asked, payer, till)
            buyers = lock_buyers(work, asked, payer.customer_id)
            sold = shares(work, tariff_id, computers, buyers, till)
            total_tiyn = sum(share.due_tiyn for share in sold)
            account = _paid_from(work, payer, till, total_tiyn)
            counted = till.counted(payer.method, total_tiyn)
            night.check_leave(work, night_leave, None, actor)
            there = PlaySession.computer_id.in_(asked)
            if payer.customer_id is None:
                lock_sessions(work, there)
            else:
                lock_sessions(work, there, PlaySession.customer_id == payer.customer_id)
                free_reserve_of(work, payer.customer_id, actor)
            seats = [
                about(
                    work,
                    computer_id,
                    partial(
                        _seat,
                        work,
                        computer_id,
                        payer,
                        actor,
                        despite_kept=despite_kept,
                        night_leave=night_leave,
                    ),
                )
                for computer_id in asked
            ]
            lots = []
            for number, ((sitting, _is_new), share) in enumerate(
                zip(seats, sold, strict=True), start=1
            ):
                row = sitting.row
                check = partial(check_same_buyer, row.computer_id, row.customer_id, buyers)
                about(work, row.computer_id, check)
                customer = buyers.get(row.computer_id)
                about(
                    work,
                    row.computer_id,
                    partial(check_sale_to_sitting, work, share.goods, customer, sitting),
                )
                lot = sell_lot(
                    work,
                    share.goods,
                    Buyer(row.computer_id, row.id, row.customer_id),
                    paid_from=account,
                    key=posting_key(key, number),
                    actor=actor,
                    with_bonuses=share.bonuses,
                    method=payer.method,
                    operation=key,
                )
                lots.append(lot)
            # Once all is paid: who plays by the minute reserves of what is left then.
            for (sitting, is_new), lot in zip(seats, lots, strict=True):
                about(
                    work,
                    sitting.row.computer_id,
                    partial(
                        _start_or_lengthen,
                        work,
                        sitting,
                        actor,
                        is_new=is_new,
                        lot_id=lot.id,
                        method=payer.method,
                    ),
                )
            outcomes = [Outcome(sitting.row.computer_id, sitting.row.id) for sitting, _ in seats]
            if payer.customer_id is not None:
                balance_changed(work, payer.customer_id, actor)
            paid = PaidTogether(
                outcomes=tuple(outcomes),
                title=sold[0].goods.terms.title,
                seconds=sold[0].goods.offer.seconds,
                prices_tiyn=tuple(share.due_tiyn for share in sold),
                total_tiyn=total_tiyn,
                bonuses_tiyn=tuple(share.bonus_tiyn for share in sold),
                **counted,
            )
            journal.record(
                work,
                "time.sold_together",
                actor,
                customer_id=payer.customer_id,
                **_as_data(paid),
                method=payer.method,
                operation=key,
            )
            return paid

    return once(attempt)


def sell_to_each(
    club: ClubContext,
    *,
    computer_ids: Collection[int] | None,
    tariff_id: int,
    key: str,
    actor: Actor,
    till: Till = NO_TILL,
) -> tuple[Outcome, ...]:
    """Lengthen sessions, each customer paying from the own balance. None: for all that play now.

    Who cannot pay so is left as they are, and named: guests (`no_balance`), the poor (`not_enough_money`), and
    those in a zone with another price than the one that was shown (`price_changed`), those of groups to which it is not
    sold (`tariff_not_for_group`), and those who may not play it at
    night (`minor_past_night`, `age_unconfirmed_past_night`).
    """

    def attempt() -> tuple[Outcome, ...]:
        with club.write() as work:
            if ledger.find_posting(work.db, work.club_id, key) is not None:
                return done_before(work, key, "time.sold")
            counter = Counter(work)
            sold: set[int] = set()
            outcomes = []
            for computer_id, sitting in who_sits_at(work, computer_ids):
                refusal, goods = _for_own_money(
                    work, counter, tariff_id, till, sitting, sold, actor
                )
                if sitting is None or sitting.row.customer_id is None or goods is None:
                    outcomes.append(Outcome(computer_id, refusal=refusal))
                    continue
                customer = lock_customer(work, sitting.row.customer_id)
                sold.add(customer.id)
                sell_lot(
                    work,
                    goods,
                    Buyer(computer_id, sitting.row.id, customer.id),
                    paid_from=balance_account(customer),
                    key=posting_key(key, len(sold)),
                    actor=actor,
                    with_bonuses=bonuses.paying(work, customer, goods.price_tiyn),
                    operation=key,
                )
                lengthen(work, sitting, actor)
                outcomes.append(Outcome(computer_id, sitting.row.id))
            if not sold and any(outcome.refusal == "price_changed" for outcome in outcomes):
                raise OperationRefused("price_changed")
            return tuple(outcomes)

    return once(attempt)


def _seat(
    work: Work,
    computer_id: int,
    payer: Payer,
    actor: Actor,
    *,
    despite_kept: bool,
    night_leave: str,
) -> tuple[Sitting, bool]:
    """Who sits at the PC, or a new guest there; and whether it is a new one."""
    sitting = sitting_on(work, computer_id)
    if sitting is not None:
        return sitting, False
    room = make_room(work, computer_id, actor, customer_id=None, despite_kept=despite_kept)
    night.admit(work, None, night_leave)
    session = begin_sitting(
        work,
        room,
        customer_id=None,
        guest_name=payer.guest_name,
        actor=actor,
        night_leave=night_leave,
    )
    return sitting_of(work, session), True


def _paid_from(work: Work, payer: Payer, till: Till, total_tiyn: int) -> Account | Purse:
    if payer.customer_id is None:
        return paid_at_desk(work, payer.method, till, total_tiyn)
    if payer.method != "balance":
        raise OperationRefused("payment_method_unknown")
    work.tell(CustomerChanged(payer.customer_id))
    return balance_account(lock_customer(work, payer.customer_id))


def _start_or_lengthen(
    work: Work, sitting: Sitting, actor: Actor, *, is_new: bool, lot_id: int, method: str
) -> None:
    work.db.flush()
    loaded = sitting_of(work, sitting.row)
    if is_new:
        loaded.begin(actor, event="session.guest_seated", lot_id=lot_id, method=method)
    else:
        loaded.lengthened(actor)


def _for_own_money(
    work: Work,
    counter: Counter,
    tariff_id: int,
    till: Till,
    sitting: Sitting | None,
    served: Collection[int],
    actor: Actor,
) -> tuple[str, Goods | None]:
    """What the one who sits there buys from the own balance, all of which is there then; or why they do not."""
    if sitting is None:
        return "nobody_plays", None
    if sitting.row.customer_id is None:
        return "no_balance", None
    if sitting.row.customer_id in served:
        return "already_elsewhere", None
    zone_id = work.db.get_one(Computer, sitting.row.computer_id).zone_id
    customer = lock_customer(work, sitting.row.customer_id)
    try:
        # The button named the full price; each customer's own is no higher.
        counter.take(
            tariff_id,
            zone_id,
            till.there(zone_id),
            guest=False,
            customer=customer,
            at_full_price=True,
        )
        goods = counter.take(tariff_id, zone_id, NO_TILL, guest=False, customer=customer)
    except OperationRefused as refused:
        if refused.code not in {"tariff_not_sold_here", "tariff_not_for_group", "price_changed"}:
            raise
        # Another zone sells it otherwise than the button said, or not to the group of whoever sits there.
        return refused.code, None
    try:
        check_sale_to_sitting(work, goods, customer, sitting)
    except OperationRefused as refused:
        return refused.code, None
    with_bonuses = bonuses.paying(work, customer, goods.price_tiyn)
    # What is reserved by the minute is there to be spent, but what was played of it, or is held by a silent PC.
    free_reserve_of(work, customer.id, actor)
    has_tiyn = ledger.balance(work.db, customer.balance_account_id)
    has_tiyn += 0 if with_bonuses is None else with_bonuses.amount_tiyn
    if has_tiyn >= goods.price_tiyn:
        return "", goods
    balance_changed(work, customer.id, actor)
    return "not_enough_money", None


def _as_data(paid: PaidTogether) -> dict[str, Any]:
    data = asdict(paid)
    data["outcomes"] = [[outcome.computer_id, outcome.session_id] for outcome in paid.outcomes]
    return data


def _paid_before(work: Work, key: str, asked: list[int], payer: Payer, till: Till) -> PaidTogether:
    """The first answer again; refused with `key_reused` if that payment was for other PCs, or another payment."""
    events = events_of(work, key, "time.sold_together")
    if not events:
        raise OperationRefused("key_reused")
    first = events[0]
    if (first.data.get("method"), first.customer_id) != (payer.method, payer.customer_id):
        raise OperationRefused("key_reused")
    if till.price_tiyn not in {None, first.data["total_tiyn"]}:
        raise OperationRefused("key_reused")
    names = {field.name for field in fields(PaidTogether)}
    data = {name: value for name, value in events[0].data.items() if name in names}
    if "prices_tiyn" not in data:  # booked when all PCs had one price
        data["prices_tiyn"] = [events[0].data["price_tiyn"]] * len(data["outcomes"])
    data["prices_tiyn"] = tuple(data["prices_tiyn"])
    data["bonuses_tiyn"] = tuple(data.get("bonuses_tiyn") or [0] * len(data["outcomes"]))
    data["parts"] = tuple((method, amount) for method, amount in data.get("parts", ()))
    outcomes = tuple(
        Outcome(computer_id, session_id) for computer_id, session_id in data["outcomes"]
    )
    if [outcome.computer_id for outcome in outcomes] != asked:
        raise OperationRefused("key_reused")
    return PaidTogether(**{**data, "outcomes": outcomes})
