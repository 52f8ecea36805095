"""One-time codes for guests: paid at the desk now, typed at a PC later. Each operation is one transaction."""

import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from lovhub.server.actor import Actor
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.lots.models import Lot
from lovhub.server.minors import night
from lovhub.server.minors.rules import NIGHT, REST_CODE_SECONDS
from lovhub.server.sessions.models import SeatCode
from lovhub.server.sessions.sale import NO_TILL, Buyer, Counter, Till, check_night, sell_to_guest
from lovhub.server.sessions.sitting import begin_sitting, load_sitting, lock_computer, make_room

SEAT_CODE_DIGITS = 6
SEAT_CODE_LIFETIME_SECONDS = 12 * 3600
"""A guest who paid in the afternoon may come back in the evening; the next morning the desk is asked."""


@dataclass(frozen=True)
class SeatCodeSold:
    """A one-time code, shown to the cashier once and kept only as a keyed hash."""

    code: str
    expires_at: int


def sell_seat_code(  # noqa: PLR0913 - what the desk says of a sale is much
    club: ClubContext,
    *,
    tariff_id: int,
    method: str,
    computer_id: int | None,
    guest_name: str,
    actor: Actor,
    key: str,
    till: Till = NO_TILL,
    despite_kept: bool = False,
    night_leave: str = "",
) -> SeatCodeSold:
    """The desk takes a walk-in's money and gives a one-time code to type at a PC.

    At `computer_id` only, or at any if that is None. `night_leave` goes with the code. Refused with
    `already_booked` for a repeated key: the code is shown only once.
    """
    with club.write() as work:
        night.check_leave(work, night_leave, None, actor)
        night.admit(work, None, night_leave)
        counter = Counter(work)
        if computer_id is None:
            goods = counter.take_anywhere(tariff_id, till)
        else:
            computer = lock_computer(work, computer_id)
            goods = counter.take(tariff_id, computer.zone_id, till, guest=True)
            conditions.check_seat(work, computer_id, customer_id=None, despite_kept=despite_kept)
        check_night(work, goods, customer=None, night_leave=night_leave)
        lot = sell_to_guest(
            work,
            goods,
            Buyer(computer_id),
            method=method,
            till=till,
            key=key,
            actor=actor,
        )
        code = _unused_code(club, work)
        seat_code = SeatCode(
            club_id=work.club_id,
            code_hash=_code_hash(club, code),
            computer_id=computer_id,
            lot_id=lot.id,
            guest_name=guest_name,
            created_at=work.now,
            expires_at=work.now + SEAT_CODE_LIFETIME_SECONDS,
            night_leave=night_leave,
        )
        work.db.add(seat_code)
        journal.record(
            work,
            "session.code_sold",
            actor,
            computer_id=computer_id,
            lot_id=lot.id,
            method=method,
            leave=night_leave,
        )
        return SeatCodeSold(code=code, expires_at=seat_code.expires_at)


def begin_with_code(club: ClubContext, *, computer_id: int, code: str) -> int:
    """A guest typed a code at a PC. Refused with `wrong_code` (unknown, used, expired, for another PC).

    With `age_unconfirmed` at night, unless the desk has let them stay: they sit there, their time stands still,
    and the desk is told.
    """
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
        make_room(
            work,
            computer_id,
            actor,
            customer_id=None,
            code_sold_at=None if seat_code.computer_id is None else seat_code.created_at,
        )
        session = begin_sitting(
            work,
            computer_id,
            customer_id=None,
            guest_name=seat_code.guest_name,
            actor=actor,
            night_leave=seat_code.night_leave,
        )
        seat_code.used_at = work.now
        lot = work.db.get_one(Lot, seat_code.lot_id)
        if lot.guest_session_id is not None:  # sent home from there, with all that was left
            work.db.execute(
                update(Lot)
                .where(Lot.guest_session_id == lot.guest_session_id)
                .values(guest_session_id=session.id)
            )
        lot.guest_session_id = session.id
        work.db.flush()
        sitting = load_sitting(work, session.id)
        waits = sitting.wait_for_leave(actor)
        if not waits:
            sitting.begin(actor, event="session.begun_with_code")
    if waits:
        raise OperationRefused("age_unconfirmed")
    return session.id


def send_home(club: ClubContext, *, session_id: int, actor: Actor) -> SeatCodeSold:
    """A guest whom the night has stopped leaves, and gets a code for all that is left.

    Raises OperationRefused: `session_unknown`, `session_over`, `not_stopped_for_night`, `no_time_left`.
    """
    with club.write() as work:
        sitting = load_sitting(work, session_id, live=True)
        row = sitting.row
        if row.customer_id is not None or (row.state, row.pause_reason) != ("paused", NIGHT):
            raise OperationRefused("not_stopped_for_night")
        left = [lot.row for lot in sitting.lots if lot.available]
        if not left:
            raise OperationRefused("no_time_left")
        sitting.end(actor, NIGHT)
        code = _unused_code(club, work)
        given = {
            "code_hash": _code_hash(club, code),
            "computer_id": None,
            "created_at": work.now,
            "expires_at": work.now + REST_CODE_SECONDS,
            "used_at": None,
            "night_leave": "",
        }
        # A lot has one code in its life at a time: one that brought the guest here is made new.
        known = work.db.scalars(select(SeatCode).where(SeatCode.lot_id == left[0].id)).one_or_none()
        if known is None:
            known = SeatCode(club_id=work.club_id, lot_id=left[0].id, guest_name=row.guest_name)
            work.db.add(known)
        for name, value in given.items():
            setattr(known, name, value)
        journal.record(
            work,
            "session.rest_code_given",
            actor,
            computer_id=row.computer_id,
            session_id=row.id,
            seconds=sum(lot.available for lot in sitting.lots),
        )
        return SeatCodeSold(code=code, expires_at=work.now + REST_CODE_SECONDS)


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
