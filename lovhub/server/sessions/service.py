"""The operations on one session: what the desk and the player ask for.

Beside it, by subject: `codes.py` (guests' codes), `group.py` and `group_sale.py` (several PCs at once),
`link.py` (what a PC's link does), `moves.py` (to another PC), `own_pause.py` (the player's own).

Each operation is one transaction: load the session and its lots, let `rules` decide, book the moves, store
the session, tell the news.
"""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import waiting
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.minors import night
from lovhub.server.sessions import absent, minutes, rules
from lovhub.server.sessions.in_debt import limit_for
from lovhub.server.sessions.locks import lock_computer, lock_customer
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.reserve import lock_sittings_of
from lovhub.server.sessions.sale import (
    Buyer,
    Counter,
    check_same_sale,
    once,
    pay_in_first,
    sell_from_balance,
    sell_to_guest,
    session_of_sale,
)
from lovhub.server.sessions.seating import begin_sitting, make_room
from lovhub.server.sessions.sit_down import sit_down
from lovhub.server.sessions.sitting import load_sitting, sitting_of
from lovhub.server.sessions.till import NO_TILL, Till, TopUp
from lovhub.server.sessions.tonight import (
    check_sale_at,
    check_sale_to_guest,
    check_sale_to_sitting,
)
from lovhub.server.sessions.zones import NO_CONSENT, Consent


def begin_for_customer(
    club: ClubContext, *, computer_id: int, customer_id: int, actor: Actor
) -> int | None:
    """A signed-in customer sits down at a PC: begin or resume the session, and return its id.

    None: there is no time left to play, and nothing was begun. Refused with `computer_busy`,
    `computer_unknown`, or `already_elsewhere` while the customer plays on another PC.
    """
    with club.write() as work:
        return sit_down(work, computer_id=computer_id, customer_id=customer_id, actor=actor)


def seat_customer(
    club: ClubContext,
    *,
    computer_id: int,
    customer_id: int,
    actor: Actor,
    despite_kept: bool = False,
    night_leave: str = "",
    consent: Consent = NO_CONSENT,
) -> int:
    """The desk seats a registered customer. As above, but without time it is refused: `no_time_left`, `time_waits`.

    `despite_kept`: on purpose, though the PC is kept for somebody else. `night_leave`: why they may stay at night, as
    whoever seats them says (`minors`). `consent`: to taking time of another zone along (`zones.take_along`).
    """
    with club.write() as work:
        session_id = sit_down(
            work,
            computer_id=computer_id,
            customer_id=customer_id,
            actor=actor,
            despite_kept=despite_kept,
            night_leave=night_leave,
            consent=consent,
        )
        if session_id is None:
            waits = waiting.waits(work.db, work.club_id, customer_id, work.now)
            raise OperationRefused("no_time_left" if waits is None else "time_waits")
        return session_id


def buy(  # noqa: PLR0913 - what the desk says of a sale is much
    club: ClubContext,
    *,
    computer_id: int,
    customer_id: int,
    tariff_id: int,
    key: str,
    actor: Actor,
    top_up: TopUp | None = None,
    till: Till = NO_TILL,
    despite_kept: bool = False,
    night_leave: str = "",
    in_debt: bool = False,
) -> int:
    """The customer buys time from the balance and plays it here; returns the session's id.

    With `top_up`, what is paid at the desk goes onto the balance first, in the same transaction. The same
    `key` again buys nothing more. Of a tariff by the minute nothing is bought: the balance pays as it is played, and
    `in_debt` what the customer then owes. Refused with `not_enough_money`, `already_by_minute`, as `Counter.show` is,
    and in debt as `in_debt.limit_for` is.
    """

    def attempt() -> int:
        with club.write() as work:
            computer = lock_computer(work, computer_id)
            customer = lock_customer(work, customer_id)
            night.check_leave(work, night_leave, customer, actor)
            lock_sittings_of(work, customer_id)
            start = None
            done = ledger.find_posting(work.db, work.club_id, key)
            if done is not None:
                check_same_sale(work, done.id, tariff_id, customer_id=customer_id)
            else:
                counter = Counter(work)
                goods = counter.show(
                    tariff_id, computer.zone_id, till, guest=False, customer=customer
                )
                check_sale_at(work, goods, customer, computer, night_leave)
                if goods.terms.kind == "per_minute":
                    pay_in_first(work, customer, top_up, till=till, key=key, actor=actor)
                    limit_tiyn = limit_for(work, customer, actor) if in_debt else 0
                    start = minutes.start_of(
                        counter, goods, key, customer.id, limit_tiyn=limit_tiyn
                    )
                elif in_debt:
                    raise OperationRefused("debt_by_minute_only")
                else:
                    sell_from_balance(
                        work,
                        goods,
                        customer,
                        computer_id,
                        top_up=top_up,
                        till=till,
                        key=key,
                        actor=actor,
                    )
            session_id = sit_down(
                work,
                computer_id=computer_id,
                customer_id=customer_id,
                actor=actor,
                despite_kept=despite_kept,
                start=start,
                night_leave=night_leave,
            )
            if session_id is None:
                raise OperationRefused("no_time_left")
            return session_id

    return once(attempt)


def seat_guest(  # noqa: PLR0913 - what the desk says of a sale is much
    club: ClubContext,
    *,
    computer_id: int,
    tariff_id: int,
    method: str,
    guest_name: str,
    actor: Actor,
    key: str,
    till: Till = NO_TILL,
    despite_kept: bool = False,
    night_leave: str = "",
) -> int:
    """The desk takes a walk-in's money and seats them at once, without an account; returns the session's id.

    `method` is cash, card or kaspi. The same `key` again sells nothing more.
    """

    def attempt() -> int:
        with club.write() as work:
            computer = lock_computer(work, computer_id)
            done = ledger.find_posting(work.db, work.club_id, key)
            if done is not None:
                return session_of_sale(work, done.id)
            room = make_room(work, computer_id, actor, customer_id=None, despite_kept=despite_kept)
            goods = Counter(work).take(tariff_id, computer.zone_id, till, guest=True)
            night.check_leave(work, night_leave, None, actor)
            night.admit(work, None, night_leave)
            check_sale_to_guest(work, goods, night_leave)
            session = begin_sitting(
                work,
                room,
                customer_id=None,
                guest_name=guest_name,
                actor=actor,
                night_leave=night_leave,
            )
            lot = sell_to_guest(
                work,
                goods,
                Buyer(computer_id, session_id=session.id),
                method=method,
                till=till,
                key=key,
                actor=actor,
            )
            sitting = sitting_of(work, session)
            sitting.begin(actor, event="session.guest_seated", lot_id=lot.id, method=method)
            return session.id

    return once(attempt)


def sell_more(  # noqa: PLR0913 - what the desk says of a sale is much
    club: ClubContext,
    *,
    session_id: int,
    tariff_id: int,
    method: str,
    actor: Actor,
    key: str,
    top_up: TopUp | None = None,
    till: Till = NO_TILL,
    in_debt: bool = False,
) -> None:
    """Lengthen a session, or let it go on by the minute, `in_debt` as at `buy`.

    `method`: `balance` for a customer's balance; cash, card or kaspi for a guest.

    With `top_up`, a customer pays at the desk first, in the same transaction.
    """

    def attempt() -> None:
        with club.write() as work:
            customer = _customer_of(work, session_id)
            done = ledger.find_posting(work.db, work.club_id, key)
            if done is not None:
                payer_id = None if customer is None else customer.id
                check_same_sale(
                    work, done.id, tariff_id, customer_id=payer_id, session_id=session_id
                )
                return
            sitting = load_sitting(work, session_id, live=True)
            session = sitting.row
            computer = work.db.get_one(Computer, session.computer_id)
            counter = Counter(work)
            goods = counter.show(
                tariff_id, computer.zone_id, till, guest=customer is None, customer=customer
            )
            check_sale_to_sitting(work, goods, customer, sitting)
            if customer is not None and method != "balance":
                raise OperationRefused("payment_method_unknown")
            if in_debt and (customer is None or goods.terms.kind != "per_minute"):
                raise OperationRefused("debt_by_minute_only")
            if customer is not None and goods.terms.kind == "per_minute":
                pay_in_first(work, customer, top_up, till=till, key=key, actor=actor)
                limit_tiyn = limit_for(work, customer, actor) if in_debt else 0
                start = minutes.start_of(counter, goods, key, customer.id, limit_tiyn=limit_tiyn)
                minutes.start(work, session, start, actor)
            elif customer is not None:
                sell_from_balance(
                    work,
                    goods,
                    customer,
                    session.computer_id,
                    top_up=top_up,
                    till=till,
                    key=key,
                    actor=actor,
                )
            else:
                sell_to_guest(
                    work,
                    goods,
                    Buyer(session.computer_id, session_id=session.id),
                    method=method,
                    till=till,
                    key=key,
                    actor=actor,
                )
            work.db.flush()
            sitting = load_sitting(work, session_id)
            sitting.lengthened(actor)

    once(attempt)


def pause(club: ClubContext, *, session_id: int, actor: Actor) -> None:
    """The desk stops the clock; refused as `Sitting.pause` is. A player's own pause is in `own_pause`."""
    with club.write() as work:
        load_sitting(work, session_id, live=True).pause(actor, "desk")


def resume(club: ClubContext, *, session_id: int, actor: Actor) -> None:
    """Go on after a pause; refused with `session_not_paused`, and as `Sitting.resume` is."""
    with club.write() as work:
        sitting = load_sitting(work, session_id, live=True)
        if sitting.row.state != "paused":
            raise OperationRefused("session_not_paused")
        absent.tell_going_on(work, sitting.row, actor)
        sitting.resume(actor)


def end(club: ClubContext, *, session_id: int, actor: Actor, reason: str) -> None:
    """End a session; what is left stays with the customer. Ending an ended session changes nothing.

    Refused with `session_unreachable` while the PC is silent: that takes a `release`, with a reason.
    """
    with club.write() as work:
        sitting = load_sitting(work, session_id)
        if sitting.row.state == "ended":
            return
        if sitting.row.state == "unreachable":
            raise OperationRefused("session_unreachable")
        sitting.end(actor, reason)


def release(club: ClubContext, *, session_id: int, reason: str, actor: Actor) -> None:
    """The desk gives back what a silent PC holds, and says why; a later report beyond that is an alarm."""
    if not reason.strip():
        raise OperationRefused("reason_missing")
    with club.write() as work:
        sitting = load_sitting(work, session_id, live=True)
        if sitting.row.state != "unreachable":
            raise OperationRefused("session_not_unreachable")
        sitting.store(
            rules.release(
                sitting.state,
                sitting.seconds,
                now=work.now,
                seen_seconds=sitting.played_when_seen(),
            ),
            actor,
            "session.released",
            reason=reason.strip(),
        )


def _customer_of(work: Work, session_id: int) -> Customer | None:
    """The customer who plays, locked; None for a guest or for a session that does not exist."""
    customer_id = work.db.scalar(
        select(PlaySession.customer_id).where(
            PlaySession.id == session_id, PlaySession.club_id == work.club_id
        )
    )
    return None if customer_id is None else lock_customer(work, customer_id)
