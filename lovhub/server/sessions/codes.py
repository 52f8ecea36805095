"""One-time codes for guests: paid at the desk now, typed at a PC later. Each operation is one transaction."""

import hmac
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.lots.models import Lot
from lovhub.server.minors import night
from lovhub.server.minors.rules import NIGHT, REST_CODE_SECONDS
from lovhub.server.sessions import zones
from lovhub.server.sessions.locks import lock_computer
from lovhub.server.sessions.lot_seconds import opening_in, seconds_left
from lovhub.server.sessions.models import PlaySession, SeatCode
from lovhub.server.sessions.sale import Buyer, Counter, once, sell_to_guest
from lovhub.server.sessions.seating import begin_sitting, make_room
from lovhub.server.sessions.sitting import load_sitting, sitting_of
from lovhub.server.sessions.till import NO_TILL, Till
from lovhub.server.sessions.tonight import check_sale_to_guest

SEAT_CODE_DIGITS = 6
SEAT_CODE_LIFETIME_SECONDS = 12 * 3600
"""A guest who paid in the afternoon may come back in the evening; the next morning the desk is asked."""
SHOWN_AGAIN_SECONDS = 600
"""So long after it was made a client that has not heard the answer may ask for the same code again."""

MOST_CODES_TRIED = 50
"""Of a million codes some hundred are in use: so many in a row are never all taken."""


@dataclass(frozen=True)
class SeatCodeSold:
    """A one-time code, kept only as a keyed hash."""

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

    At `computer_id` only, or at any if that is None. `night_leave` goes with the code. The same `key` again shows the
    same code for ten minutes, while nobody has typed it; afterwards it is refused with `already_booked`, and for
    anything else with `key_reused`.
    """

    def attempt() -> SeatCodeSold:
        with club.write() as work:
            done = ledger.find_posting(work.db, work.club_id, key)
            if done is not None:
                return _sold_before(club, work, done.id, tariff_id, computer_id, key)
            night.check_leave(work, night_leave, None, actor)
            night.admit(work, None, night_leave)
            counter = Counter(work)
            if computer_id is None:
                goods = counter.take_anywhere(tariff_id, till)
            else:
                computer = lock_computer(work, computer_id)
                goods = counter.take(tariff_id, computer.zone_id, till, guest=True)
                conditions.check_seat(
                    work, computer_id, customer_id=None, despite_kept=despite_kept
                )
            check_sale_to_guest(work, goods, night_leave)
            lot = sell_to_guest(
                work,
                goods,
                Buyer(computer_id),
                method=method,
                till=till,
                key=key,
                actor=actor,
            )
            sold = issue(
                club,
                work,
                lot.id,
                purpose=key,
                lifetime_seconds=SEAT_CODE_LIFETIME_SECONDS,
                computer_id=computer_id,
                guest_name=guest_name,
                night_leave=night_leave,
            )
            journal.record(
                work,
                "session.code_sold",
                actor,
                computer_id=computer_id,
                lot_id=lot.id,
                method=method,
                leave=night_leave,
            )
            return sold

    return once(attempt)


def begin_with_code(club: ClubContext, *, computer_id: int, code: str) -> int:
    """A guest typed a code at a PC. Refused with `wrong_code` (unknown, used, expired, for another PC, no time left).

    With `age_unconfirmed` at night, unless the desk has let them stay: they sit there, their time stands still,
    and the desk is told. With `time_not_sold_there` where the rest of an earlier sitting costs something else than
    where it was bought (`zones`), and with `time_waits` where it may not be played at this hour: the code is as good as
    before.
    """
    with club.write() as work:
        seat_code = work.db.scalars(
            select(SeatCode)
            .where(
                SeatCode.club_id == work.club_id,
                SeatCode.code_hash == code_hash(club, code),
                SeatCode.used_at.is_(None),
                SeatCode.expires_at > work.now,
            )
            .with_for_update()
        ).one_or_none()
        if seat_code is None or seat_code.computer_id not in {None, computer_id}:
            raise OperationRefused("wrong_code")
        actor = Actor(kind="guest", name=seat_code.guest_name)
        lock_computer(work, computer_id)
        room = make_room(
            work,
            computer_id,
            actor,
            customer_id=None,
            code_sold_at=None if seat_code.computer_id is None else seat_code.created_at,
        )
        session = begin_sitting(
            work,
            room,
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
        sitting = sitting_of(work, session)
        left = [lot for lot in sitting.lots if lot.available]
        seconds = [lot.seconds(work.now) for lot in left]
        if seconds_left(seconds) == 0:
            raise OperationRefused("time_waits" if opening_in(seconds) else "wrong_code")
        if len(zones.played_here(work, left, session.zone_id)) < len(left):
            raise OperationRefused("time_not_sold_there")
        waits = sitting.wait_for_leave(actor)
        if not waits:
            sitting.begin(actor, event="session.begun_with_code")
    if waits:
        raise OperationRefused("age_unconfirmed")
    return session.id


def send_home(club: ClubContext, *, session_id: int, actor: Actor) -> SeatCodeSold:
    """A guest whom the night has stopped leaves, and gets a code for all that is left.

    Asked for again within ten minutes, it is the same code. Raises OperationRefused: `session_unknown`,
    `session_over`, `not_stopped_for_night`, `no_time_left`.
    """
    with club.write() as work:
        again = _rest_code_again(club, work, session_id)
        if again is not None:
            return again
        sitting = load_sitting(work, session_id, live=True)
        row = sitting.row
        if row.customer_id is not None or (row.state, row.pause_reason) != ("paused", NIGHT):
            raise OperationRefused("not_stopped_for_night")
        left = [lot.row for lot in sitting.lots if lot.available]
        if not left:
            raise OperationRefused("no_time_left")
        sitting.end(actor, NIGHT)
        sent = issue(
            club,
            work,
            left[0].id,
            purpose=_rest_of(session_id),
            lifetime_seconds=REST_CODE_SECONDS,
            guest_name=row.guest_name,
        )
        journal.record(
            work,
            "session.rest_code_given",
            actor,
            computer_id=row.computer_id,
            session_id=row.id,
            seconds=sum(lot.available for lot in sitting.lots),
        )
        return sent


def issue(
    club: ClubContext,
    work: Work,
    lot_id: int,
    *,
    purpose: str,
    lifetime_seconds: int,
    computer_id: int | None = None,
    guest_name: str = "",
    night_leave: str = "",
) -> SeatCodeSold:
    """A code with which a guest plays a lot, inside an operation. A lot has one at a time: an older one is void.

    `purpose`: what the code follows from (`shown_again`).
    """
    code = _unused_code(club, work, purpose)
    given = {
        "code_hash": code_hash(club, code),
        "computer_id": computer_id,
        "guest_name": guest_name,
        "created_at": work.now,
        "expires_at": work.now + lifetime_seconds,
        "used_at": None,
        "night_leave": night_leave,
    }
    known = work.db.scalars(select(SeatCode).where(SeatCode.lot_id == lot_id)).one_or_none()
    if known is None:
        known = SeatCode(club_id=work.club_id, lot_id=lot_id)
        work.db.add(known)
    for name, value in given.items():
        setattr(known, name, value)
    work.db.flush()
    return SeatCodeSold(code, known.expires_at)


def code_hash(club: ClubContext, typed: str) -> bytes:
    """What is kept of a code; only its digits count, however it is typed."""
    digits = "".join(filter(str.isdecimal, typed))
    return hmac.digest(club.secret_key, b"seat code:" + digits.encode(), "sha256")


def _nth_code(club: ClubContext, purpose: str, nth: int) -> str:
    """The codes that one sale may get, one after the other: nobody without the club's key can tell them.

    They follow from the sale's key, so that a client that has not heard the answer can be given it again.
    """
    made = hmac.digest(club.secret_key, f"code {nth} for {purpose}".encode(), "sha256")
    number = int.from_bytes(made, "big") % 10**SEAT_CODE_DIGITS
    return f"{number:0{SEAT_CODE_DIGITS}d}"


def _unused_code(club: ClubContext, work: Work, purpose: str) -> str:
    for nth in range(MOST_CODES_TRIED):
        code = _nth_code(club, purpose, nth)
        taken = work.db.scalars(
            select(SeatCode.id).where(
                SeatCode.code_hash == code_hash(club, code),
                SeatCode.used_at.is_(None),
                SeatCode.expires_at > work.now,
            )
        ).first()
        if taken is None:
            return code
    raise RuntimeError("nearly all codes are in use")


def shown_again(club: ClubContext, row: SeatCode, purpose: str, now: int) -> SeatCodeSold | None:
    """The code that was shown for this purpose, while it is fresh and nobody has typed it."""
    if row.used_at is not None or now > row.created_at + SHOWN_AGAIN_SECONDS:
        return None
    for nth in range(MOST_CODES_TRIED):
        code = _nth_code(club, purpose, nth)
        if hmac.compare_digest(code_hash(club, code), row.code_hash):
            return SeatCodeSold(code, row.expires_at)
    return None


def sold_as(club: ClubContext, db: Session, key: str) -> SeatCodeSold | None:
    """The code that was sold under this key, while it may be shown again; None after that, and where none was sold."""
    row = db.scalars(
        select(SeatCode)
        .join(Lot, Lot.id == SeatCode.lot_id)
        .join(LedgerPosting, LedgerPosting.id == Lot.posting_id)
        .where(LedgerPosting.club_id == club.club_id, LedgerPosting.key == key)
    ).one_or_none()
    return None if row is None else shown_again(club, row, key, club.clock.now())


def _sold_before(
    club: ClubContext,
    work: Work,
    posting_id: int,
    tariff_id: int,
    computer_id: int | None,
    key: str,
) -> SeatCodeSold:
    found = work.db.execute(
        select(SeatCode, Lot.tariff_id)
        .join(Lot, Lot.id == SeatCode.lot_id)
        .where(Lot.posting_id == posting_id)
    ).one_or_none()
    if found is None or (found[0].computer_id, found[1]) != (computer_id, tariff_id):
        raise OperationRefused("key_reused")
    again = shown_again(club, found[0], key, work.now)
    if again is None:
        raise OperationRefused("already_booked")
    return again


def _rest_of(session_id: int) -> str:
    return f"rest of session {session_id}"


def _rest_code_again(club: ClubContext, work: Work, session_id: int) -> SeatCodeSold | None:
    """The code that the guest of this session went home with; None if there is none to show."""
    rows = work.db.scalars(
        select(SeatCode)
        .join(Lot, Lot.id == SeatCode.lot_id)
        .join(PlaySession, PlaySession.id == Lot.guest_session_id)
        .where(
            PlaySession.id == session_id,
            PlaySession.club_id == work.club_id,
            PlaySession.end_reason == NIGHT,
            SeatCode.used_at.is_(None),
        )
    )
    shown = (shown_again(club, row, _rest_of(session_id), work.now) for row in rows)
    return next((again for again in shown if again is not None), None)
