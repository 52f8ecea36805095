"""The operations on sessions: what the desk and the player ask for. What a PC's link does is in `link.py`.

Each operation is one transaction: load the session and its lots, let `rules` decide, book the moves, store
the session, tell the news.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, PAYMENT_METHODS
from lovhub.server.ledger.service import Account
from lovhub.server.lots import service as lots_service
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import rules
from lovhub.server.sessions.models import PlaySession, SeatCode
from lovhub.server.sessions.sitting import (
    begin_sitting,
    load_sitting,
    lock_computer,
    lock_customer,
    sitting_on,
)
from lovhub.server.tariffs.models import Tariff

Result = TypeVar("Result")

SEAT_CODE_DIGITS = 6
SEAT_CODE_LIFETIME_SECONDS = 12 * 3600
"""A guest who paid in the afternoon may come back in the evening; the next morning the desk is asked."""


@dataclass(frozen=True)
class SeatCodeSold:
    """A one-time code, shown to the cashier once and kept only as a keyed hash."""

    code: str
    expires_at: int


def begin_for_customer(
    club: ClubContext, *, computer_id: int, customer_id: int, actor: Actor
) -> int | None:
    """A signed-in customer sits down at a PC: begin or resume the session, and return its id.

    None: there is no time left to play, and nothing was begun. Refused with `computer_busy`,
    `computer_unknown`, or `already_elsewhere` while the customer plays on another PC.
    """
    with club.write() as work:
        return _sit_down(work, computer_id=computer_id, customer_id=customer_id, actor=actor)


def seat_customer(
    club: ClubContext,
    *,
    computer_id: int,
    customer_id: int,
    actor: Actor,
    despite_kept: bool = False,
) -> int:
    """The desk seats a registered customer. As above, but without time it is refused: `no_time_left`.

    `despite_kept`: on purpose, though the PC is kept for somebody else.
    """
    with club.write() as work:
        session_id = _sit_down(
            work,
            computer_id=computer_id,
            customer_id=customer_id,
            actor=actor,
            despite_kept=despite_kept,
        )
        if session_id is None:
            raise OperationRefused("no_time_left")
        return session_id


def buy(
    club: ClubContext,
    *,
    computer_id: int,
    customer_id: int,
    tariff_id: int,
    key: str,
    actor: Actor,
    despite_kept: bool = False,
) -> int:
    """The customer buys time from the balance and plays it here; returns the session's id.

    The same `key` again buys nothing more. Refused with `not_enough_money` or `tariff_not_available`.
    """

    def attempt() -> int:
        with club.write() as work:
            lock_computer(work, computer_id)
            customer = lock_customer(work, customer_id)
            if ledger.find_posting(work.db, work.club_id, key) is None:
                _sell_to_customer(work, customer, computer_id, tariff_id, key, actor)
            session_id = _sit_down(
                work,
                computer_id=computer_id,
                customer_id=customer_id,
                actor=actor,
                despite_kept=despite_kept,
            )
            if session_id is None:
                raise OperationRefused("no_time_left")
            return session_id

    return _once(attempt)


def seat_guest(
    club: ClubContext,
    *,
    computer_id: int,
    tariff_id: int,
    method: str,
    guest_name: str,
    actor: Actor,
    key: str,
    despite_kept: bool = False,
) -> int:
    """The desk takes a walk-in's money and seats them at once, without an account; returns the session's id.

    `method` is cash, card or kaspi. The same `key` again sells nothing more.
    """

    def attempt() -> int:
        with club.write() as work:
            done = ledger.find_posting(work.db, work.club_id, key)
            if done is not None:
                return _session_of_sale(work, done.id)
            lock_computer(work, computer_id)
            _make_room(work, computer_id, actor, customer_id=None, despite_kept=despite_kept)
            tariff = _tariff_for_sale(work, tariff_id)
            session = begin_sitting(
                work, computer_id, customer_id=None, guest_name=guest_name, actor=actor
            )
            lot = _sell_to_guest(work, tariff, computer_id, session.id, method, key, actor)
            sitting = load_sitting(work, session.id)
            sitting.begin(actor, event="session.guest_seated", lot_id=lot.id, method=method)
            return session.id

    return _once(attempt)


def sell_seat_code(
    club: ClubContext,
    *,
    tariff_id: int,
    method: str,
    computer_id: int | None,
    guest_name: str,
    actor: Actor,
    key: str,
    despite_kept: bool = False,
) -> SeatCodeSold:
    """The desk takes a walk-in's money and gives a one-time code to type at a PC.

    At `computer_id` only, or at any if that is None. Refused with `already_booked` for a repeated key: the
    code is shown only once.
    """
    with club.write() as work:
        if computer_id is not None:
            lock_computer(work, computer_id)
            conditions.check_seat(work, computer_id, customer_id=None, despite_kept=despite_kept)
        tariff = _tariff_for_sale(work, tariff_id)
        lot = _sell_to_guest(work, tariff, computer_id, None, method, key, actor)
        code = _unused_code(club, work)
        seat_code = SeatCode(
            club_id=work.club_id,
            code_hash=_code_hash(club, code),
            computer_id=computer_id,
            lot_id=lot.id,
            guest_name=guest_name,
            created_at=work.now,
            expires_at=work.now + SEAT_CODE_LIFETIME_SECONDS,
        )
        work.db.add(seat_code)
        journal.record(
            work, "session.code_sold", actor, computer_id=computer_id, lot_id=lot.id, method=method
        )
        return SeatCodeSold(code=code, expires_at=seat_code.expires_at)


def begin_with_code(club: ClubContext, *, computer_id: int, code: str) -> int:
    """A guest typed a code at a PC. Refused with `wrong_code` (unknown, used, expired, for another PC)."""
    digits = "".join(character for character in code if character.isdecimal())
    with club.write() as work:
        seat_code = work.db.scalars(
            select(SeatCode)
            .where(
                SeatCode.club_id == work.club_id,
                SeatCode.code_hash == _code_hash(club, digits),
                SeatCode.used_at.is_(None),
                SeatCode.expires_at > work.now,
            )
            .with_for_update()
        ).one_or_none()
        if seat_code is None or seat_code.computer_id not in {None, computer_id}:
            raise OperationRefused("wrong_code")
        actor = Actor(kind="guest", name=seat_code.guest_name)
        lock_computer(work, computer_id)
        _make_room(
            work,
            computer_id,
            actor,
            customer_id=None,
            code_sold_at=None if seat_code.computer_id is None else seat_code.created_at,
        )
        session = begin_sitting(
            work, computer_id, customer_id=None, guest_name=seat_code.guest_name, actor=actor
        )
        seat_code.used_at = work.now
        lot = work.db.get_one(Lot, seat_code.lot_id)
        lot.guest_session_id = session.id
        work.db.flush()
        load_sitting(work, session.id).begin(actor, event="session.begun_with_code")
        return session.id


def sell_more(
    club: ClubContext,
    *,
    session_id: int,
    tariff_id: int,
    method: str,
    actor: Actor,
    key: str,
) -> None:
    """Lengthen a session. `method`: `balance` for a customer's balance; cash, card or kaspi for a guest."""

    def attempt() -> None:
        with club.write() as work:
            if ledger.find_posting(work.db, work.club_id, key) is not None:
                return
            sitting = load_sitting(work, session_id, live=True)
            session = sitting.row
            if session.customer_id is not None:
                if method != "balance":
                    raise OperationRefused("payment_method_unknown")
                customer = lock_customer(work, session.customer_id)
                _sell_to_customer(work, customer, session.computer_id, tariff_id, key, actor)
            else:
                tariff = _tariff_for_sale(work, tariff_id)
                _sell_to_guest(work, tariff, session.computer_id, session.id, method, key, actor)
            work.db.flush()
            sitting = load_sitting(work, session_id)
            sitting.lengthened(actor)

    _once(attempt)


def pause(club: ClubContext, *, session_id: int, actor: Actor) -> None:
    """The desk stops the clock; refused with `session_unreachable` while the PC is silent."""
    with club.write() as work:
        sitting = load_sitting(work, session_id, live=True)
        if sitting.row.state == "unreachable":
            raise OperationRefused("session_unreachable")
        if sitting.row.state == "active":
            sitting.store(
                rules.pause(sitting.state, sitting.seconds, now=work.now, reason="desk"),
                actor,
                "session.paused",
            )


def resume(club: ClubContext, *, session_id: int, actor: Actor) -> None:
    """Go on after a pause; refused with `session_not_paused`."""
    with club.write() as work:
        sitting = load_sitting(work, session_id, live=True)
        if sitting.row.state != "paused":
            raise OperationRefused("session_not_paused")
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
            rules.release(sitting.state, sitting.seconds, now=work.now),
            actor,
            "session.released",
            reason=reason.strip(),
        )


def move(
    club: ClubContext,
    *,
    session_id: int,
    to_computer_id: int,
    actor: Actor,
    despite_kept: bool = False,
) -> int:
    """The player moves to another PC with the time that is left; returns the new session's id.

    From a silent PC only what that PC does not hold moves along: its held seconds stay where they are.
    """
    with club.write() as work:
        sitting = load_sitting(work, session_id, live=True)
        old = sitting.row
        if old.computer_id == to_computer_id:
            raise OperationRefused("computer_busy")
        lock_computer(work, to_computer_id)
        _make_room(
            work,
            to_computer_id,
            actor,
            customer_id=old.customer_id,
            despite_kept=despite_kept,
        )
        if old.state != "unreachable":
            sitting.end(actor, "moved")
        session = begin_sitting(
            work,
            to_computer_id,
            customer_id=old.customer_id,
            guest_name=old.guest_name,
            actor=actor,
        )
        if old.customer_id is None:
            for lot in sitting.lots:
                lot.row.guest_session_id = session.id
        work.db.flush()
        moved = load_sitting(work, session.id)
        if rules.seconds_left(moved.seconds) == 0:
            raise OperationRefused("no_time_left")
        moved.begin(actor, event="session.moved", from_session_id=session_id)
        return session.id


def _sit_down(
    work: Work, *, computer_id: int, customer_id: int, actor: Actor, despite_kept: bool = False
) -> int | None:
    lock_computer(work, computer_id)
    customer = lock_customer(work, customer_id)
    for session in work.db.scalars(
        select(PlaySession)
        .where(PlaySession.customer_id == customer.id, PlaySession.state != "ended")
        .with_for_update()
    ).all():
        here = session.computer_id == computer_id
        if session.state == "active":
            if not here:
                raise OperationRefused("already_elsewhere")
            load_sitting(work, session.id).lengthened(actor)
            return session.id
        if session.state == "paused":
            sitting = load_sitting(work, session.id)
            if here:
                conditions.check_seat(work, computer_id, customer_id=customer.id, despite_kept=True)
                sitting.resume(actor)
                return session.id
            sitting.end(actor, "moved")
        # What a silent PC holds stays there; the customer goes on here with the rest.
    _make_room(work, computer_id, actor, customer_id=customer.id, despite_kept=despite_kept)
    lots = lots_service.in_use(
        work, customer_id=customer.id, guest_session_id=None, session_id=None
    )
    if rules.seconds_left([lot.seconds() for lot in lots]) == 0:
        return None
    session = begin_sitting(work, computer_id, customer_id=customer.id, guest_name="", actor=actor)
    load_sitting(work, session.id).begin(actor, event="session.begun")
    return session.id


def _make_room(
    work: Work,
    computer_id: int,
    actor: Actor,
    *,
    customer_id: int | None,
    despite_kept: bool = False,
    code_sold_at: int | None = None,
) -> None:
    """Free a PC that only a power cut keeps taken; refused with `computer_busy` otherwise.

    Refused with `computer_broken`, and with `computer_kept` for whom it is not kept.

    A customer's time is safe in their lots, so the next player need not wait for the desk. A guest's time
    belongs to the sitting, which therefore stays until the desk moves, resumes or ends it.
    """
    conditions.check_seat(
        work,
        computer_id,
        customer_id=customer_id,
        despite_kept=despite_kept,
        code_sold_at=code_sold_at,
    )
    sitting = sitting_on(work, computer_id)
    if sitting is None:
        return
    row = sitting.row
    if row.state == "paused" and row.pause_reason == "power_cut" and row.customer_id is not None:
        sitting.end(actor, "power_cut")
        return
    raise OperationRefused("computer_busy")


def _tariff_for_sale(work: Work, tariff_id: int) -> Tariff:
    tariff = work.db.get(Tariff, tariff_id)
    if tariff is None or tariff.club_id != work.club_id or tariff.retired_at is not None:
        raise OperationRefused("tariff_not_available")
    return tariff


def _sell_to_customer(
    work: Work, customer: Customer, computer_id: int, tariff_id: int, key: str, actor: Actor
) -> Lot:
    tariff = _tariff_for_sale(work, tariff_id)
    lot = lots_service.sell(
        work,
        tariff=tariff,
        customer_id=customer.id,
        guest_session_id=None,
        paid_from=Account(customer.balance_account_id, CUSTOMER_BALANCE.unit),
        key=key,
        actor=actor,
    )
    journal.record(
        work,
        "time.sold",
        actor,
        computer_id=computer_id,
        customer_id=customer.id,
        lot_id=lot.id,
        title=lot.title,
        price_tiyn=lot.price_tiyn,
        seconds=lot.granted_seconds,
    )
    work.tell(CustomerChanged(customer.id))
    return lot


def _sell_to_guest(
    work: Work,
    tariff: Tariff,
    computer_id: int | None,
    session_id: int | None,
    method: str,
    key: str,
    actor: Actor,
) -> Lot:
    paid_from = PAYMENT_METHODS.get(method)
    if paid_from is None:
        raise OperationRefused("payment_method_unknown")
    lot = lots_service.sell(
        work,
        tariff=tariff,
        customer_id=None,
        guest_session_id=session_id,
        paid_from=ledger.club_account(work, paid_from),
        key=key,
        actor=actor,
    )
    journal.record(
        work,
        "time.sold",
        actor,
        computer_id=computer_id,
        session_id=session_id,
        lot_id=lot.id,
        title=lot.title,
        price_tiyn=lot.price_tiyn,
        seconds=lot.granted_seconds,
        method=method,
    )
    return lot


def _session_of_sale(work: Work, posting_id: int) -> int:
    lot = work.db.scalars(select(Lot).where(Lot.posting_id == posting_id)).one_or_none()
    if lot is None or lot.guest_session_id is None:
        raise OperationRefused("already_booked")
    return lot.guest_session_id


def _once(attempt: Callable[[], Result]) -> Result:
    """Two requests with one key at the same moment: the later one finds the key taken, and looks again."""
    try:
        return attempt()
    except OperationRefused as refusal:
        if refusal.code != "already_booked":
            raise
        return attempt()


def _code_hash(club: ClubContext, code: str) -> bytes:
    return hmac.digest(club.secret_key, b"seat code:" + code.encode(), "sha256")


def _unused_code(club: ClubContext, work: Work) -> str:
    while True:
        code = f"{secrets.randbelow(10**SEAT_CODE_DIGITS):0{SEAT_CODE_DIGITS}d}"
        taken = work.db.scalars(
            select(SeatCode.id).where(
                SeatCode.code_hash == _code_hash(club, code),
                SeatCode.used_at.is_(None),
                SeatCode.expires_at > work.now,
            )
        ).first()
        if taken is None:
            return code
