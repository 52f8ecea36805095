"""One-time codes for guests: paid at the desk now, typed at a PC later. Each operation is one transaction."""

import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.models import SeatCode
from lovhub.server.sessions.sale import NO_TILL, Buyer, Counter, Till, sell_to_guest
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
) -> SeatCodeSold:
    """The desk takes a walk-in's money and gives a one-time code to type at a PC.

    At `computer_id` only, or at any if that is None. Refused with `already_booked` for a repeated key: the
    code is shown only once.
    """
    with club.write() as work:
        counter = Counter(work)
        if computer_id is None:
            goods = counter.take_anywhere(tariff_id, till)
        else:
            computer = lock_computer(work, computer_id)
            goods = counter.take(tariff_id, computer.zone_id, till, guest=True)
            conditions.check_seat(work, computer_id, customer_id=None, despite_kept=despite_kept)
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
        make_room(
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
