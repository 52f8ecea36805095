"""The dashboard's figures. Each asks for the day's rows, or for what is open now, however long the history."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.customers.belonging import sharing, whose
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.ledger.accounts import BONUS_GIVEN, BONUS_USED, NOT_MONEY
from lovhub.server.ledger.models import AccountBalance, LedgerAccount
from lovhub.server.lots import by_minute
from lovhub.server.lots.models import Lot
from lovhub.server.reports import remembered, rules, series
from lovhub.server.reports.rules import QUARTER, ClubDays, Money
from lovhub.server.reports.series import GamePlayed, Stretch
from lovhub.server.sessions.models import IS_LIVE, Hold, PlaySession
from lovhub.server.shifts import queries as shifts


@dataclass(frozen=True)
class MoneySince:
    """Money from an instant on."""

    since_at: int
    money: Money


@dataclass(frozen=True)
class Today:
    """A day so far: `since_at` is 00:00 of the club's time zone. `games`: what was started, the longest first."""

    since_at: int
    sessions: int
    games: list[GamePlayed]

    @property
    def launches(self) -> int:
        """How often something was started."""
        return sum(game.launches for game in self.games)


@dataclass(frozen=True)
class Customers:
    """How many there are, and how many of them came today."""

    total: int
    new_today: int


@dataclass(frozen=True)
class Owed:
    """What the club owes its customers: money on balances, and time that was paid for but not played.

    `bonuses_tiyn` is owed in play, never in money: bonuses not spent, and those in time not played.
    `debts_tiyn` is what customers owe the club, and in no other figure.
    """

    balances_tiyn: int
    unplayed_tiyn: int
    unplayed_seconds: int
    bonuses_tiyn: int = 0
    debts_tiyn: int = 0


def day_start(club: Club, now: int) -> int:
    """The last midnight in the club's time zone."""
    days = ClubDays(club.time_zone)
    return days.begin(days.day_of(now))


def shift_start(db: Session, club: Club, now: int) -> int:
    """When the shift that is open began; without one, when the club's working day began."""
    under_way = shifts.open_now(db, club.id)
    if under_way is not None:
        return under_way.opened_at
    days = ClubDays(club.time_zone, club.day_starts_at)
    return days.begin(days.day_of(now))


def today(db: Session, club: Club, now: int) -> Today:
    """What was played since midnight; three queries."""
    since = day_start(club, now)
    sessions = db.scalars(
        select(func.count()).where(PlaySession.club_id == club.id, PlaySession.started_at >= since)
    ).one()
    return Today(since, sessions, series.games(db, Stretch(club.id, since, now + 1), now))


def money_today(db: Session, club: Club, now: int) -> tuple[MoneySince, MoneySince]:
    """Since midnight, and since the shift began; four queries at most for both.

    A shift is opened at any second: its first part of a quarter of an hour is read from the ledger itself.
    """
    midnight, shift_at = day_start(club, now), shift_start(db, club, now)
    whole_quarters_at = -(-shift_at // QUARTER) * QUARTER
    flows = series.flows(db, club.id, min(midnight, whole_quarters_at), now + 1)
    since_shift = [flow for flow in flows if flow.at >= whole_quarters_at]
    if shift_at < whole_quarters_at:
        since_shift += series.flows_from_ledger(
            db, club.id, shift_at, min(whole_quarters_at, now + 1)
        )
    return (
        MoneySince(midnight, rules.money(flow for flow in flows if flow.at >= midnight)),
        MoneySince(shift_at, rules.money(since_shift)),
    )


def _count(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(Customer).where(*which).scalar_subquery()


def _counted(*, by_pages: bool) -> Query[int, int]:
    """How many there are, and how many of them came since. `by_pages`: a whole table is counted by its pages."""
    home = whose(bindparam("club"))
    is_ours, is_there = Customer.club_id == home, Customer.deleted_at.is_(None)
    total: ColumnElement[int] = _count(is_ours, is_there)
    if by_pages:
        # Those who are not meant are fewer to go through than all the others.
        of_others = _count(or_(Customer.club_id < home, Customer.club_id > home))
        total = _count() - of_others - _count(is_ours, ~is_there)
    # Counted apart, each by its index: counted in one go, all would be asked when they came.
    return Query(
        select(total, _count(is_ours, is_there, Customer.created_at >= bindparam("since")))
    )


_COUNTED = {"sqlite": _counted(by_pages=True), "postgresql": _counted(by_pages=False)}


def customers(db: Session, club: Club, now: int) -> Customers:
    """One query."""
    counted = _COUNTED[db.get_bind().dialect.name]
    return Customers(*counted.one(db, club=club.id, since=day_start(club, now)))


_OF_CLUBS = Query(
    select(LedgerAccount.kind, func.sum(AccountBalance.balance))
    .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
    .where(
        LedgerAccount.club_id.in_(sharing(bindparam("club"))),
        LedgerAccount.is_club,
        LedgerAccount.unit == "tiyn",
    )
    .group_by(LedgerAccount.kind)
)
_HELD = Query(
    select(func.sum(AccountBalance.balance))
    .select_from(PlaySession)
    .join(Hold, Hold.session_id == PlaySession.id)
    .join(AccountBalance, AccountBalance.account_id == Hold.account_id)
    .join(Lot, Lot.id == Hold.lot_id)
    .where(
        # What is leased by the minute is not owed as time: its money still counts to the balances.
        Lot.kind != by_minute.KIND,
        PlaySession.club_id.in_(sharing(bindparam("club"))),
        IS_LIVE,
    )
)


def owed(db: Session, club: Club) -> Owed:
    """From the club's own accounts, the seconds that sessions hold, and what is left in lots and debts (`remembered`).

    Clubs of a chain that share their customers owe them together: what was paid in at one may be played at another.

    All accounts of money sum to zero, and so do those of bonuses: what is not the club's own belongs to its
    customers, and nobody's balance has to be looked at.
    """
    ours = {kind: int(tiyn) for kind, tiyn in _OF_CLUBS.all(db, club=club.id)}
    not_ours = -sum(tiyn for kind, tiyn in ours.items() if kind not in NOT_MONEY)
    held_seconds = int(_HELD.value(db, club=club.id) or 0)
    left = remembered.left(db, club.id)
    return Owed(
        balances_tiyn=not_ours - left.unplayed_tiyn + left.debts_tiyn,
        unplayed_tiyn=left.unplayed_tiyn,
        unplayed_seconds=left.seconds + held_seconds,
        bonuses_tiyn=-(ours[BONUS_GIVEN.name] + ours[BONUS_USED.name]),
        debts_tiyn=left.debts_tiyn,
    )
