"""All clubs of one owner side by side. Each question is asked once, of all clubs together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.chain.models import ShareRequest
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Alarm
from lovhub.server.ledger.accounts import CASH, NOT_MONEY
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.lots.models import Lot
from lovhub.server.nodes.models import ComputerLink
from lovhub.server.payments.models import Payment
from lovhub.server.reports.models import MoneyFlow, SummedUntil
from lovhub.server.reports.rules import ClubDays, Flow, Money
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.shifts.models import Shift
from lovhub.server.staff.models import Staff


@dataclass(frozen=True)
class ClubFigures:
    """How a club stands now.

    `customers_of`: whose customers it has, by that club's number. `held_tiyn`: paid in to balances here, less what
    was spent from balances here and what is owed for play here; where clubs share their customers, one that is below
    zero is owed it by the others.
    """

    id: int
    name: str
    customers_of: int
    playing: int
    linked: int
    computers: int
    alarms: int
    shift_of: str
    shift_since_at: int | None
    drawer_tiyn: int
    held_tiyn: int
    today: Money
    month: Money


def clubs_of(db: Session, staff_id: int) -> list[int]:
    """The clubs of which the person is an owner who may sign in, under whichever of their accounts."""
    own, account = aliased(Staff), aliased(Staff)
    person = func.coalesce(own.same_as, own.id)
    return list(
        db.scalars(
            select(account.club_id)
            .select_from(own)
            .join(account, or_(account.id == person, account.same_as == person))
            .where(own.id == staff_id, account.role == "owner", account.disabled_at.is_(None))
            .order_by(account.club_id)
        )
    )


def account_at(db: Session, staff_id: int, club_id: int) -> Staff:
    """The account of the same person as an owner of another of `clubs_of`."""
    own, account = aliased(Staff), aliased(Staff)
    person = func.coalesce(own.same_as, own.id)
    return db.scalars(
        select(account)
        .select_from(own)
        .join(account, or_(account.id == person, account.same_as == person))
        .where(
            own.id == staff_id,
            account.club_id == club_id,
            account.role == "owner",
            account.disabled_at.is_(None),
        )
        .order_by(account.id)
        .limit(1)
    ).one()


def figures(db: Session, club_ids: Sequence[int], now: int) -> list[ClubFigures]:
    """Of these clubs, in the order of their numbers; nine statements, however many there are."""
    clubs = list(db.scalars(select(Club).where(Club.id.in_(club_ids)).order_by(Club.id)))
    playing = _counts(db, PlaySession.club_id, PlaySession.club_id.in_(club_ids), IS_LIVE)
    linked = _counts_of_links(db, club_ids)
    computers = _counts(
        db, Computer.club_id, Computer.club_id.in_(club_ids), Computer.revoked_at.is_(None)
    )
    alarms = _counts(db, Alarm.club_id, Alarm.club_id.in_(club_ids), Alarm.closed_at.is_(None))
    shifts = {
        club_id: (name or "", opened_at)
        for club_id, name, opened_at in db.execute(
            select(Shift.club_id, Staff.name, Shift.opened_at)
            .outerjoin(Staff, Staff.id == Shift.opened_by)
            .where(Shift.club_id.in_(club_ids), Shift.closed_at.is_(None))
        )
    }
    drawers, held = _balances(db, club_ids)
    today, month = _money(db, clubs, now)
    return [
        ClubFigures(
            id=club.id,
            name=club.name,
            customers_of=club.customers_of or club.id,
            playing=playing.get(club.id, 0),
            linked=linked.get(club.id, 0),
            computers=computers.get(club.id, 0),
            alarms=alarms.get(club.id, 0),
            shift_of=shifts.get(club.id, ("", None))[0],
            shift_since_at=shifts.get(club.id, ("", None))[1],
            drawer_tiyn=drawers.get(club.id, 0),
            held_tiyn=held.get(club.id, 0),
            today=today[club.id],
            month=month[club.id],
        )
        for club in clubs
    ]


def is_same_person(db: Session, staff_id: int, other_id: int) -> bool:
    """Whether two accounts are proven to be one person's."""
    known = {db.get_one(Staff, one).same_as or one for one in (staff_id, other_id)}
    return len(known) == 1


def has_other_owners(db: Session, club_id: int, staff_id: int) -> bool:
    """Whether anybody but this person is an owner of the club who may sign in."""
    return club_id in with_other_owners(db, [club_id], staff_id)


def with_other_owners(db: Session, club_ids: Sequence[int], staff_id: int) -> set[int]:
    """Those of these clubs of which somebody else than this person, too, is an owner who may sign in."""
    person = db.get_one(Staff, staff_id).same_as or staff_id
    others = select(Staff.club_id).where(
        Staff.club_id.in_(club_ids),
        Staff.role == "owner",
        Staff.disabled_at.is_(None),
        func.coalesce(Staff.same_as, Staff.id) != person,
    )
    return set(db.scalars(others))


@dataclass(frozen=True)
class Wanted:
    """A club asks for this one's customers. `asked_by`: the name of its owner who does."""

    id: int
    club_id: int
    club_name: str
    asked_by: str
    asked_at: int
    expires_at: int


def wanted(db: Session, club_id: int, now: int) -> list[Wanted]:
    """Who waits for this club's answer, the oldest first."""
    rows = db.execute(
        select(ShareRequest, Club.name, Staff.name)
        .join(Club, Club.id == ShareRequest.club_id)
        .join(Staff, Staff.id == ShareRequest.asked_by)
        .where(
            ShareRequest.of_club_id == club_id,
            ShareRequest.state == "waiting",
            ShareRequest.expires_at > now,
        )
        .order_by(ShareRequest.id)
    )
    return [
        Wanted(row.id, row.club_id, club_name, asked_by, row.asked_at, row.expires_at)
        for row, club_name, asked_by in rows
    ]


def asked(db: Session, club_id: int, now: int) -> ShareRequest | None:
    """What this club has asked and is not answered yet."""
    return db.scalars(
        select(ShareRequest)
        .where(
            ShareRequest.club_id == club_id,
            ShareRequest.state == "waiting",
            ShareRequest.expires_at > now,
        )
        .limit(1)
    ).one_or_none()


def may_share(db: Session, club_id: int) -> bool:
    """Whether the club could take up another one's customers: it has none, shares none, and is not the only one."""
    of = dict(iter(db.execute(select(Club.id, Club.customers_of))))
    shares = of[club_id] is not None or club_id in of.values()
    return len(of) > 1 and not shares and not has_customers(db, club_id)


def with_own_customers(db: Session, club_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Those of these clubs that have customers of their own, or will: number and name."""
    rows = db.execute(
        select(Club.id, Club.name)
        .where(Club.id.in_(club_ids), Club.customers_of.is_(None))
        .order_by(Club.id)
    )
    return [(club_id, name) for club_id, name in rows]


def has_customers(db: Session, club_id: int) -> bool:
    """Whether anybody is a customer of this club's own. Who was deleted, as examples are, has nothing any more."""
    there = select(Customer.id).where(Customer.club_id == club_id, Customer.deleted_at.is_(None))
    return db.scalar(there.limit(1)) is not None


def _counts(
    db: Session, club: SQLColumnExpression[int], *which: ColumnElement[bool]
) -> dict[int, int]:
    return dict(iter(db.execute(select(club, func.count()).where(*which).group_by(club))))


def _counts_of_links(db: Session, club_ids: Sequence[int]) -> dict[int, int]:
    rows = db.execute(
        select(Computer.club_id, func.count())
        .join(ComputerLink, ComputerLink.computer_id == Computer.id)
        .where(Computer.club_id.in_(club_ids), Computer.revoked_at.is_(None))
        .group_by(Computer.club_id)
    )
    return dict(iter(rows))


def _balances(db: Session, club_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """What is in the drawer, and what of money is held for balances."""
    drawers: dict[int, int] = {}
    held: dict[int, int] = dict.fromkeys(club_ids, 0)
    for club_id, kind, balance in db.execute(
        select(LedgerAccount.club_id, LedgerAccount.kind, AccountBalance.balance)
        .join(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
        .where(
            LedgerAccount.club_id.in_(club_ids),
            LedgerAccount.is_club,
            LedgerAccount.unit == "tiyn",
            LedgerAccount.kind.not_in(NOT_MONEY),
        )
    ):
        # All that moved money sums to zero: what is not the club's own is somebody's balance, time not played,
        # or a guest's money that waits.
        held[club_id] -= balance
        if kind == CASH.name:
            drawers[club_id] = -balance
    for club_id, unplayed_tiyn in db.execute(
        select(Lot.club_id, func.sum(AccountBalance.balance))
        .join(AccountBalance, AccountBalance.account_id == Lot.unearned_account_id)
        .where(Lot.club_id.in_(club_ids), not_(Lot.exhausted))
        .group_by(Lot.club_id)
    ):
        held[club_id] -= int(unplayed_tiyn)
    for club_id, waiting_tiyn in db.execute(
        select(Payment.club_id, func.sum(AccountBalance.balance))
        .join(AccountBalance, AccountBalance.account_id == Payment.credit_account_id)
        .where(Payment.club_id.in_(club_ids), Payment.credit_account_id.is_not(None))
        .group_by(Payment.club_id)
    ):
        held[club_id] -= int(waiting_tiyn)
    return drawers, held


def _money(
    db: Session, clubs: Sequence[Club], now: int
) -> tuple[Mapping[int, Money], Mapping[int, Money]]:
    """Of today, and of this month so far, each by its club's own days."""
    begins = {club.id: _begins(club, now) for club in clubs}
    asked = select(SummedUntil.club_id, SummedUntil.until_at)
    summed = dict(iter(db.execute(asked.where(SummedUntil.club_id.in_(list(begins))))))
    today, month = ({club.id: Money() for club in clubs} for _ in range(2))
    for club_id, is_today, debit, credit, amount in db.execute(_flows(begins, summed)):
        flow = Flow(0, debit, credit, int(amount))
        month[club_id].add(flow)
        if is_today:
            today[club_id].add(flow)
    return today, month


def _begins(club: Club, now: int) -> tuple[int, int]:
    """When the club's day began, and its month."""
    days = ClubDays(club.time_zone)
    day = days.day_of(now)
    return days.begin(day), days.begin(day.replace(day=1))


def _flows(
    begins: Mapping[int, tuple[int, int]], summed: Mapping[int, int]
) -> Select[int, int, str, str, int]:
    """What is summed up of the month, and the postings since."""
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)

    def today(club: SQLColumnExpression[int], at: SQLColumnExpression[int]) -> ColumnElement[bool]:
        return or_(*(and_(club == one, at >= day_at) for one, (day_at, _) in begins.items()))

    of_sums = or_(
        *(
            and_(MoneyFlow.club_id == one, MoneyFlow.quarter_at >= month_at)
            for one, (_, month_at) in begins.items()
        )
    )
    since = or_(
        *(
            and_(
                LedgerPosting.club_id == one, LedgerPosting.at >= max(month_at, summed.get(one, 0))
            )
            for one, (_, month_at) in begins.items()
        )
    )
    moved = union_all(
        select(
            MoneyFlow.club_id.label("club_id"),
            case((today(MoneyFlow.club_id, MoneyFlow.quarter_at), 1), else_=0).label("is_today"),
            MoneyFlow.debit_kind.label("debit"),
            MoneyFlow.credit_kind.label("credit"),
            MoneyFlow.amount_tiyn.label("tiyn"),
        ).where(of_sums),
        select(
            LedgerPosting.club_id,
            case((today(LedgerPosting.club_id, LedgerPosting.at), 1), else_=0),
            debit.kind,
            credit.kind,
            LedgerTransfer.amount,
        )
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(debit, debit.id == LedgerTransfer.debit_account_id)
        .join(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(since, LedgerTransfer.unit == "tiyn"),
    ).subquery()
    kinds = (moved.c.club_id, moved.c.is_today, moved.c.debit, moved.c.credit)
    return select(*kinds, func.sum(moved.c.tiyn)).group_by(*kinds)
