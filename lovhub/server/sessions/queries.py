"""Reading sessions, for the live page and for the PCs. Seconds are told, never deadlines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from lovhub.protocol.lease import Lease
from lovhub.protocol.views import SessionView, TimeView
from lovhub.server.club import service as club_service
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.live import HallSession
from lovhub.server.lots.by_minute import Means, meter_of
from lovhub.server.lots.hours import border, bounds
from lovhub.server.lots.models import Lot
from lovhub.server.lots.queries import playable
from lovhub.server.lots.rules import when_leaving
from lovhub.server.lots.service import order_of_lot
from lovhub.server.minors.night import Watch, age_of
from lovhub.server.minors.rules import NIGHT, Stop, bounded
from lovhub.server.sessions import lot_seconds
from lovhub.server.sessions.lot_seconds import LotSeconds
from lovhub.server.sessions.models import IS_LIVE, Hold, MeterRow, PlaySession
from lovhub.server.sessions.sitting import GONE, is_of_zone
from lovhub.server.tariffs.metering import Meter

_Owner = tuple[int | None, int | None]
"""Whose a lot is: the customer's id, or the guest's session's."""


_LiveLot = tuple[Lot, int, Meter | None]
"""A lot, its seconds that nobody holds, and the meter of one that is played by the minute."""


@dataclass(frozen=True)
class PcSession:
    """The session on a PC as its agent gets it; `lease` is None unless it is active."""

    view: SessionView
    lease: Lease | None
    customer_id: int | None


@dataclass(frozen=True)
class _LiveSession:
    """A session, and its lots as they are now. `plan`: what is played one after another, in this order."""

    row: PlaySession
    customer_name: str | None
    elapsed: int
    held: int
    plan: tuple[TimeView, ...]
    title: str
    night_stop: Stop
    pause_allowed: bool

    @classmethod
    def of(
        cls,
        row: PlaySession,
        customer: Customer | None,
        lots: Sequence[_LiveLot],
        holds: dict[tuple[int, int], int],
        watch: Watch,
    ) -> "_LiveSession":
        now, age = watch.now, age_of(customer)
        limits = [bounds(lot, watch.calendar.time_zone, now) for lot, _, _ in lots]
        whole = [
            LotSeconds(
                lot.id,
                available=available,
                held=holds.get((row.id, lot.id), 0),
                expires_in=ends.expires_in,
                opens_in=ends.opens_in,
                meter=meter,
            )
            for (lot, available, meter), ends in zip(lots, limits, strict=True)
        ]
        held = lot_seconds.held_seconds(whole)
        # Seconds run since the last settlement, by the server's clock.
        elapsed = min(max(0, now - row.settled_at), held) if row.state == "active" else 0
        after = lot_seconds.after_running(whole, elapsed, row.settled_at)
        # Where the time stands still, all of it is still there.
        night_in = watch.seconds_allowed(age, row.night_leave)
        allowed = None if row.state == "paused" else night_in
        left = lot_seconds.playable(bounded(after, allowed))
        plan: list[TimeView] = []
        pause_allowed = True
        begins_at = now
        for (lot, _, meter), ends, after_now, seconds in zip(
            lots, limits, after, left, strict=True
        ):
            if seconds:
                # What is played now is begun, though nothing of it may be settled yet.
                begun = not plan or seconds < lot.granted_seconds
                pause_allowed = pause_allowed if plan else lot.pause_allowed
                fate = when_leaving(lot.kind, lot.rest_rule, begun=begun)
                hour_tiyn = None if meter is None else meter.hour_tiyn(begins_at)
                later = 0
                if lot.play_hours is not None:
                    later = after_now.available + after_now.held - seconds
                stands = border(lot, ends, now, night_in)
                plan.append(
                    TimeView(
                        lot.title,
                        lot.kind,
                        seconds,
                        fate,
                        hour_tiyn,
                        later,
                        until="" if stands is None else watch.calendar.clock(stands.at),
                        then="" if stands is None else stands.then,
                    )
                )
                begins_at += seconds
        # At its last second there is nothing to come, and yet it has a name.
        title = plan[0].title if plan else lots[-1][0].title if lots else ""
        return cls(
            row,
            None if customer is None else customer.name,
            elapsed,
            held,
            tuple(plan),
            title,
            watch.stop(age, row.night_leave, after),
            pause_allowed,
        )

    @property
    def seconds_left(self) -> int:
        return sum(time.seconds for time in self.plan)

    def who(self) -> str:
        return self.customer_name or self.row.guest_name


def hall_sessions(
    db: Session, club_id: int, now: int, computer_id: int | None = None
) -> dict[int, HallSession]:
    """The sessions that are not ended, by PC; of one PC only, if `computer_id` is given."""
    return {
        live.row.computer_id: HallSession(
            session_id=live.row.id,
            state=_live_state(live.row),
            who=live.who(),
            customer_id=live.row.customer_id,
            title=live.title,
            seconds_left=live.seconds_left,
            held_seconds=_still_held(live, now),
            pause_reason=live.row.pause_reason,
            plan=live.plan,
            night_stop=live.night_stop,
        )
        for live in _live_sessions(db, club_id, now, computer_id)
    }


def customers_at(db: Session, computer_ids: Collection[int]) -> dict[int, int]:
    """Which customers sit at these PCs; guests are in none."""
    rows = db.execute(
        select(PlaySession.computer_id, PlaySession.customer_id).where(
            PlaySession.computer_id.in_(computer_ids), IS_LIVE
        )
    )
    return {
        computer_id: customer_id for computer_id, customer_id in rows if customer_id is not None
    }


def pc_session(db: Session, club_id: int, computer_id: int, now: int) -> PcSession | None:
    """The session on one PC, with the lease it may run by.

    One that a power cut or the night has paused is not the PC's concern: it shows the sign-in, and the player who
    signs in again (or the desk) resumes it.
    """
    for live in _live_sessions(db, club_id, now, computer_id):
        row = live.row
        if row.state == "paused" and row.pause_reason in GONE:
            return None
        return PcSession(
            view=SessionView(
                session_id=row.id,
                state="paused" if row.state == "paused" else "active",
                title=live.title,
                customer_name=live.who(),
                seconds_left=live.seconds_left,
                played_seconds=row.played_seconds + live.elapsed,
                plan=live.plan,
                stops=NIGHT if live.night_stop else "",
                grace_seconds=club_service.get(db, club_id).grace_seconds,
                continues=row.continues_id,
                pause_allowed=_may_pause(live),
                paused_by=row.pause_reason if row.state == "paused" else "",
            ),
            lease=_lease(row) if row.state == "active" else None,
            customer_id=row.customer_id,
        )
    return None


def _may_pause(live: _LiveSession) -> bool:
    """Whether the player is offered a pause: who has an account to come back with, where the time allows it."""
    return live.row.customer_id is not None and live.row.state != "paused" and live.pause_allowed


def end_of(db: Session, session_id: int) -> tuple[str, int, int | None]:
    """Why a session ended, or stands still with its PC closed ("": it goes on), and what was left to whom.

    As seconds and the customer's id.
    """
    row = db.get_one(PlaySession, session_id)
    if row.state == "paused" and row.pause_reason == NIGHT:
        return NIGHT, 0, row.customer_id
    left = db.scalars(
        select(func.coalesce(func.sum(playable(AccountBalance.balance, row.ended_at or 0)), 0))
        .join(Lot, Lot.available_account_id == AccountBalance.account_id)
        .where(_owned_by(row.club_id, row.customer_id, row.id))
    ).one()
    return row.end_reason, int(left), row.customer_id


def _live_state(row: PlaySession) -> Literal["active", "paused", "unreachable"]:
    if row.state == "active":
        return "active"
    return "paused" if row.state == "paused" else "unreachable"


def _lease(row: PlaySession) -> Lease:
    return Lease(
        session_id=row.id,
        computer_id=row.computer_id,
        serial=row.lease_serial,
        seconds=row.leased_seconds,
        issued_at=row.lease_issued_at or row.started_at,
        not_after=row.lease_not_after or row.started_at,
    )


def _still_held(live: _LiveSession, now: int) -> int:
    """How long a silent PC may still be playing, at the most; 0 for any other."""
    if live.row.state != "unreachable" or live.row.lease_issued_at is None:
        return 0
    return max(0, live.held - (now - live.row.settled_at))


def _owned_by(club_id: int, customer_id: int | None, session_id: int) -> ColumnElement[bool]:
    if not customer_id:
        return Lot.guest_session_id == session_id
    return and_(Lot.customer_id == customer_id, Lot.club_id == club_id)


def _live_rows() -> Select[*tuple[Any, ...]]:
    """The sessions of a club that are not ended, with what they hold."""
    held, reserved, wallet, debt = (
        aliased(AccountBalance),
        aliased(AccountBalance),
        aliased(AccountBalance),
        aliased(AccountBalance),
    )
    metered = aliased(Lot)
    return (
        select(
            PlaySession,
            Customer,
            Hold.lot_id,
            held.balance,
            MeterRow,
            metered,
            reserved.balance,
            wallet.balance,
            func.coalesce(-debt.balance, 0),
        )
        .outerjoin(Customer, Customer.id == PlaySession.customer_id)
        .outerjoin(Hold, Hold.session_id == PlaySession.id)
        .outerjoin(held, held.account_id == Hold.account_id)
        .outerjoin(MeterRow, MeterRow.session_id == PlaySession.id)
        .outerjoin(metered, metered.id == MeterRow.lot_id)
        .outerjoin(reserved, reserved.account_id == metered.unearned_account_id)
        .outerjoin(wallet, wallet.account_id == Customer.balance_account_id)
        .outerjoin(debt, debt.account_id == Customer.debt_account_id)
        .where(PlaySession.club_id == bindparam("club"), IS_LIVE)
        .order_by(PlaySession.id)
    )


_LIVE_ROWS: Query[*tuple[Any, ...]] = Query(_live_rows())
_LIVE_ROWS_OF_PC: Query[*tuple[Any, ...]] = Query(
    _live_rows().where(PlaySession.computer_id == bindparam("computer"))
)


def _lots(of_customers: ColumnElement[bool], of_guests: ColumnElement[bool]) -> Select[Lot, int]:
    """What owners still have, with the seconds that nobody holds."""
    return (
        select(Lot, AccountBalance.balance)
        .join(AccountBalance, AccountBalance.account_id == Lot.available_account_id)
        .where(or_(and_(of_customers, not_(Lot.exhausted)), of_guests))
    )


_LOTS_OF_ONE = Query(
    _lots(
        and_(Lot.customer_id == bindparam("customer"), Lot.club_id == bindparam("club")),
        Lot.guest_session_id == bindparam("guest"),
    )
)


def _lots_of(db: Session, rows: Sequence[PlaySession]) -> Sequence[tuple[Lot, int]]:
    """What may be played in these sessions."""
    if len(rows) == 1:  # all day, of one PC or another
        (row,) = rows
        guest = row.id if row.customer_id is None else None
        return _LOTS_OF_ONE.all(db, customer=row.customer_id, club=row.club_id, guest=guest)
    customers = [row.customer_id for row in rows if row.customer_id is not None]
    guests = [row.id for row in rows if row.customer_id is None]
    here = and_(Lot.customer_id.in_(customers), Lot.club_id == rows[0].club_id)
    asked = _lots(here, Lot.guest_session_id.in_(guests))
    return [(lot, balance) for lot, balance in db.execute(asked)]


def _live_sessions(
    db: Session, club_id: int, now: int, computer_id: int | None
) -> list[_LiveSession]:
    """Three queries, however many sessions: the rows with what they hold, what their owners still have, the club."""
    if computer_id is None:
        asked = _LIVE_ROWS.all(db, club=club_id)
    else:
        asked = _LIVE_ROWS_OF_PC.all(db, club=club_id, computer=computer_id)
    if not asked:
        return []
    rows: dict[int, tuple[PlaySession, Customer | None]] = {}
    holds: dict[tuple[int, int], int] = {}
    meters: dict[int, _LiveLot] = {}
    club = club_service.get(db, club_id)
    for row, customer, lot_id, balance, meter, lot, reserved_tiyn, has, owes in asked:
        rows[row.id] = (row, customer)
        if meter is not None:
            means = Means(reserved_tiyn, has, owes, club.debt_limit_tiyn)
            meters[row.id] = (lot, 0, meter_of(meter, lot, means, now=now))
        if lot_id is not None:
            holds[row.id, lot_id] = balance
    lots: dict[_Owner, list[_LiveLot]] = {}
    for lot, balance in _lots_of(db, [row for row, _ in rows.values()]):
        owner = (lot.customer_id, None if lot.customer_id else lot.guest_session_id)
        lots.setdefault(owner, []).append((lot, balance, None))
    watch = Watch(club, now)
    live = []
    for row, who in rows.values():
        mine = [*lots.get((row.customer_id, None if row.customer_id else row.id), [])]
        if row.zone_bound and row.customer_id is not None:
            mine = [
                one
                for one in mine
                if (row.id, one[0].id) in holds or is_of_zone(one[0], row.zone_id)
            ]
        if row.id in meters:
            mine.append(meters[row.id])
        mine.sort(key=lambda found: order_of_lot(found[0]))
        live.append(_LiveSession.of(row, who, mine, holds, watch))
    return live
