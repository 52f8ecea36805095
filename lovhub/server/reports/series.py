"""The figures behind the charts. Each asks one or two statements, whatever the length of the history."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.applications.models import Application
from lovhub.server.computers.models import Computer
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.reports import rules
from lovhub.server.reports.models import MoneyFlow, SummedUntil
from lovhub.server.reports.rules import QUARTER, Edges, Flow, Occupation, Period
from lovhub.server.sessions.models import PlaySession

LONGEST_SITTING = 7 * 24 * 3600
"""A sitting that began longer before the period is not looked for."""


def summed_until(db: Session, club_id: int) -> int:
    """Up to which instant the sums are complete; 0: there are none."""
    return db.scalar(select(SummedUntil.until_at).where(SummedUntil.club_id == club_id)) or 0


def flows(db: Session, club_id: int, from_at: int, until_at: int) -> list[Flow]:
    """Movements of money by quarters of an hour: the sums that are kept, and the ledger since."""
    summed = summed_until(db, club_id)
    kept = select(
        MoneyFlow.quarter_at, MoneyFlow.debit_kind, MoneyFlow.credit_kind, MoneyFlow.amount_tiyn
    ).where(
        MoneyFlow.club_id == club_id,
        MoneyFlow.quarter_at >= from_at,
        MoneyFlow.quarter_at < min(until_at, summed),
    )
    since = ledger_flows(club_id, max(from_at, summed), until_at)
    rows = db.execute(union_all(kept, since)).all()
    return [Flow(at, debit, credit, int(amount)) for at, debit, credit, amount in rows]


def ledger_flows(club_id: int, from_at: int, until_at: int) -> Select[int, str, str, int]:
    """The statement that sums the ledger itself."""
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    quarter = _quarter(LedgerPosting.at)
    return (
        select(quarter, debit.kind, credit.kind, func.sum(LedgerTransfer.amount))
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(debit, debit.id == LedgerTransfer.debit_account_id)
        .join(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(
            LedgerPosting.club_id == club_id,
            LedgerPosting.at >= from_at,
            LedgerPosting.at < until_at,
            LedgerTransfer.unit == "tiyn",
        )
        .group_by(quarter, debit.kind, credit.kind)
    )


def _quarter(at: SQLColumnExpression[int]) -> ColumnElement[int]:
    return at - at % QUARTER


def occupation(
    db: Session, club_id: int, period: Period, now: int
) -> dict[tuple[int, int], Occupation]:
    """How much of the PCs' time was taken by sittings (pauses too: nobody else could sit there), by weekday and hour.

    A PC counts from its pairing on, and no hour counts before it has been.
    """
    from_at = period.from_at
    until_at = min(period.until_at, rules.quarter_of(now) + QUARTER)
    if until_at <= from_at:
        return rules.occupation_by_hour(period.days, {}, {})
    begun, ended = _sittings(db, club_id, from_at, until_at, now)
    taken = rules.seconds_by_quarter(from_at, until_at, begun, ended)
    lives = db.execute(
        select(Computer.paired_at, Computer.revoked_at).where(
            Computer.club_id == club_id, Computer.paired_at < until_at
        )
    ).all()
    ends = [now if revoked_at is None else min(revoked_at, now) for _, revoked_at in lives]
    alive = [(paired, end) for (paired, _), end in zip(lives, ends, strict=True) if end > from_at]
    there = rules.seconds_by_quarter(
        from_at,
        until_at,
        rules.edges(max(from_at, min(paired, end)) for paired, end in alive),
        rules.edges(end for _, end in alive if end < until_at),
    )
    return rules.occupation_by_hour(period.days, taken, there)


def _sittings(
    db: Session, club_id: int, from_at: int, until_at: int, now: int
) -> tuple[list[Edges], list[Edges]]:
    ended_at = func.coalesce(PlaySession.ended_at, now)
    begin = case((PlaySession.started_at < from_at, from_at), else_=PlaySession.started_at)
    of_the_period = (
        PlaySession.club_id == club_id,
        PlaySession.started_at >= from_at - LONGEST_SITTING,
        PlaySession.started_at < until_at,
        ended_at > from_at,
    )
    quarter_begun, quarter_ended = _quarter(begin), _quarter(ended_at)
    rows = db.execute(
        union_all(
            select(literal("begun"), quarter_begun, func.count(), func.sum(begin))
            .where(*of_the_period)
            .group_by(quarter_begun),
            select(literal("ended"), quarter_ended, func.count(), func.sum(ended_at))
            .where(*of_the_period, ended_at < until_at)
            .group_by(quarter_ended),
        )
    ).all()
    begun = [Edges(at, count, int(total)) for which, at, count, total in rows if which == "begun"]
    ended = [Edges(at, count, int(total)) for which, at, count, total in rows if which == "ended"]
    return begun, ended


@dataclass(frozen=True)
class GamePlayed:
    """How often a game or a program was started in a period, and how long it ran."""

    application_id: int
    title: str
    kind: str
    launches: int
    seconds: int


def games(db: Session, club_id: int, from_at: int, until_at: int, now: int) -> list[GamePlayed]:
    """What was started in the period, what ran longest first. What still runs counts up to now."""
    session_end = (
        select(PlaySession.ended_at).where(PlaySession.id == Launch.session_id).scalar_subquery()
    )
    # The session is looked up for what still runs only: for a month's launches that is a third of the time.
    running_until = func.coalesce(session_end, now)
    still = case((running_until > Launch.started_at, running_until - Launch.started_at), else_=0)
    played = (
        select(
            Launch.application_id,
            func.count().label("launches"),
            func.sum(func.coalesce(Launch.ran_seconds, still)).label("seconds"),
        )
        .where(
            Launch.club_id == club_id,
            Launch.started_at >= from_at,
            Launch.started_at < until_at,
        )
        .group_by(Launch.application_id)
        .subquery()
    )
    rows = db.execute(
        select(
            Application.id, Application.title, Application.kind, played.c.launches, played.c.seconds
        ).join(played, played.c.application_id == Application.id)
    )
    found = [
        GamePlayed(application_id, title, kind, launches, int(ran))
        for application_id, title, kind, launches, ran in rows
    ]
    return sorted(found, key=lambda game: (-game.seconds, -game.launches, game.title))
