"""Our books beside the bank's registries and answers: what fits, and the few operations that do not.

Days that are over are kept (`bank_days.py`), and not put together from their lines again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Exists,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.database.prepared import Query
from lovhub.server.payments import rules
from lovhub.server.payments.models import BankDay, BankDayOperation, BankLine, Payment, Refund
from lovhub.server.payments.reconciling import Line, normal_operation
from lovhub.server.payments.rules import DAY_SECONDS, PAID_STATES

ASKED = "?"
"""In the place of a registry's name: none says so, the provider was asked. A registry knows it better."""
ASKED_WHAT_CAME = "?+"
"""The same of a provider that says nothing of what went back."""
ANSWERS = (ASKED, ASKED_WHAT_CAME)

MOST_SPANS_APART = 10
"""With more gaps between the days that are kept, the whole period is compared line by line: it is said in one go."""

SPANS_AT_ONCE = (1, 4, 16, 100)
"""For so many days there are statements, put into words once; SQLite joins no more than 500 parts."""


@dataclass
class BothSides:
    """A period by our books and by the bank's side: sums, how much fits, and the lines of what does not.

    Of the latter's operations: which a registry names; which came (False) or went (True) by a provider's answer, or did
    not; and about which it is asked at night.
    """

    ours_tiyn: int
    theirs_tiyn: int
    matched: int
    ours: list[Line] = field(default_factory=list)
    theirs: list[Line] = field(default_factory=list)
    by_registry: set[str] = field(default_factory=set)
    by_answer: set[tuple[str, bool]] = field(default_factory=set)
    to_ask: set[str] = field(default_factory=set)


def both_sides(
    db: Session, club_id: int, from_at: int, until_at: int, asked_at_night: Collection[str]
) -> BothSides:
    """Payments by the bank's date, refunds by ours, the registries by theirs. Two statements, and few rows.

    Of the days that are kept (`bank_days.py`) the first tells; all other lines are put together by the second. Nearly
    every operation fits: those are counted where they are. Each row tells of all.
    """
    kept = _kept_days(db, club_id, from_at, until_at)
    rows = db.execute(
        _compared(len(kept.others)),
        {
            "club": club_id,
            "asked_at_night": list(asked_at_night),
            "kept_from_at": kept.from_at,
            "kept_until_at": kept.until_at,
            **{f"from_at_{number}": span[0] for number, span in enumerate(kept.others)},
            **{f"until_at_{number}": span[1] for number, span in enumerate(kept.others)},
        },
    ).all()
    first = rows[0]
    sides = BothSides(
        kept.ours_tiyn + int(first.all_ours),
        kept.theirs_tiyn + int(first.all_theirs),
        kept.matched + int(first.matched),
    )
    for row in rows:
        if row.operation is None:
            continue  # everything fits: the row tells of all, and of nothing else
        operation = normal_operation(row.operation)
        if row.ours:
            sides.ours.append(Line(row.our_at, operation, int(row.ours), row.row_id))
        if row.theirs:
            sides.theirs.append(Line(row.their_at, operation, int(row.theirs)))
        if row.to_ask:
            sides.to_ask.add(operation)
        if row.told_by in ANSWERS:
            sides.by_answer.add((operation, False))
            if row.told_by == ASKED:
                sides.by_answer.add((operation, True))
        elif row.told_by is not None:
            sides.by_registry.add(operation)
    return sides


@dataclass
class _KeptDays:
    """The kept days of a period, added up; they lie from one instant up to another. `others`: the spans beside them."""

    from_at: int
    until_at: int
    others: list[tuple[int, int]]
    ours_tiyn: int = 0
    theirs_tiyn: int = 0
    matched: int = 0


def _kept_days(db: Session, club_id: int, from_at: int, until_at: int) -> _KeptDays:
    kept = _KeptDays(from_at, until_at, [])
    begin = from_at
    for day_at, ours_tiyn, theirs_tiyn, matched in _KEPT.all(
        db, club=club_id, from_at=from_at, last_at=until_at - DAY_SECONDS
    ):
        if begin < day_at:
            kept.others.append((begin, day_at))
        begin = day_at + DAY_SECONDS
        kept.ours_tiyn += ours_tiyn
        kept.theirs_tiyn += theirs_tiyn
        kept.matched += matched
    if begin < until_at or not kept.others:
        kept.others.append((begin, until_at))
    if len(kept.others) > MOST_SPANS_APART:
        return _KeptDays(0, 0, [(from_at, until_at)])
    return kept


_KEPT = Query(
    select(BankDay.day_at, BankDay.ours_tiyn, BankDay.theirs_tiyn, BankDay.matched)
    .where(
        BankDay.club_id == bindparam("club"),
        BankDay.day_at >= bindparam("from_at"),
        BankDay.day_at <= bindparam("last_at"),
    )
    .order_by(BankDay.day_at)
)


@cache
def _compared(spans: int) -> Select[Any]:
    """The question for so many spans of time that are not kept, put together once."""
    club_id = bindparam("club", type_=BigInteger)
    sums = _operations(club_id, spans)
    # Gone through twice: sums beside each row of what fits (`OVER`) would take the database twice as long in all.
    whole = select(
        func.coalesce(func.sum(sums.c.ours), 0).label("all_ours"),
        func.coalesce(func.sum(sums.c.theirs), 0).label("all_theirs"),
        func.coalesce(func.sum(case((sums.c.ours == sums.c.theirs, 1), else_=0)), 0).label(
            "matched"
        ),
    ).subquery()
    told_by, to_ask = _told_by(club_id, sums.c.operation), _to_ask(sums.c.row_id)
    return select(whole, sums, told_by.label("told_by"), to_ask.label("to_ask")).select_from(
        whole.outerjoin(sums, sums.c.ours != sums.c.theirs)
    )


def operations_of_day(db: Session, club_id: int, day_at: int) -> Sequence[Row[Any]]:
    """Each operation's sums in a day. `is_apart`: they do not fit, or may not be all: it has lines on other days."""
    return db.execute(
        _OPERATIONS_OF_DAY,
        {
            "club": club_id,
            "kept_from_at": 0,
            "kept_until_at": 0,
            "from_at_0": day_at,
            "until_at_0": day_at + DAY_SECONDS,
        },
    ).all()


def _told_by(club_id: ColumnElement[int], operation: ColumnElement[str]) -> ScalarSelect[str]:
    """Whose word there is of the operation, whenever it was said: a registry's name, or one of `ANSWERS`."""
    forms = (
        operation,
        func.upper(operation),
        func.ltrim(operation, "0"),
    )  # as `normal_operation` may write it
    return (
        select(BankLine.file_name)
        .where(BankLine.club_id == club_id, BankLine.operation.in_(forms))
        .order_by(BankLine.file_name.in_(ANSWERS), BankLine.id)  # a registry's word goes first
        .limit(1)
        .scalar_subquery()
    )


def _to_ask(payment_id: ColumnElement[int]) -> Exists:
    """Whether the provider is still asked about the payment at night: only of what does not fit, which is little."""
    return exists().where(
        Payment.id == payment_id,
        Payment.next_poll_at.is_not(None),
        Payment.state.in_(PAID_STATES),
        Payment.provider.in_(bindparam("asked_at_night", expanding=True)),
    )


def registry_days(db: Session, club_id: int, moments: Collection[int], now: int) -> dict[date, int]:
    """The bank's days, of those in which the moments lie, that have a registry; each with how far it tells of it.

    Of a day that is not over, up to the last line there is: who uploads at noon has not seen the evening.
    """
    days = sorted({rules.bank_day(at) for at in moments})
    ends = [rules.bank_day_over_at(day) for day in days]
    last: dict[int, int] = {}
    most = SPANS_AT_ONCE[-1]
    for first in range(0, len(ends), most):
        last |= _last_lines(db, club_id, ends[first : first + most])
    return {
        day: over_at if over_at <= now else last[over_at]
        for day, over_at in zip(days, ends, strict=True)
        if over_at in last
    }


def _last_lines(db: Session, club_id: int, ends: Sequence[int]) -> dict[int, int]:
    """The last line that a registry has of the day up to each of these ends; none for a day without one."""
    at_once = next(size for size in SPANS_AT_ONCE if len(ends) <= size)
    # Said for as many as there are words for; the last day asked for again is the same day.
    asked = [*ends, *[ends[-1]] * (at_once - len(ends))]
    found = _of_last_lines(at_once).all(
        db, club=club_id, **{f"over_at_{number}": end for number, end in enumerate(asked)}
    )
    return {end: at for end, at in found if at is not None}


@cache
def _of_last_lines(days: int) -> Query[int, int | None]:
    of_days = union_all(
        *(
            select(bindparam(f"over_at_{number}", type_=BigInteger).label("over_at"))
            for number in range(days)
        )
    ).subquery()
    line = aliased(BankLine)
    last_at = (
        select(line.at)
        .where(
            line.club_id == bindparam("club", type_=BigInteger),
            line.at >= of_days.c.over_at - literal_column(str(DAY_SECONDS)),
            line.at < of_days.c.over_at,
            line.file_name.not_in([literal_column(f"'{answer}'") for answer in ANSWERS]),
        )
        .order_by(line.at.desc())
        .limit(literal_column("1"))
        .correlate(of_days)
        .scalar_subquery()
    )
    return Query(select(of_days.c.over_at, last_at))


def _operations(club_id: ColumnElement[int], spans: int) -> CTE:
    """Each operation's sums on both sides, money that came apart from money that went.

    Of so many spans of time, and of what the days that are kept between two instants do not count themselves.
    """
    parts = [_kept_apart(club_id)]
    for number in range(spans):
        parts += _lines(
            club_id,
            bindparam(f"from_at_{number}", type_=BigInteger),
            bindparam(f"until_at_{number}", type_=BigInteger),
        )
    lines = union_all(*parts).subquery()
    return (
        select(
            lines.c.operation,
            lines.c.went,
            func.sum(lines.c.ours).label("ours"),
            func.sum(lines.c.theirs).label("theirs"),
            func.min(lines.c.our_at).label("our_at"),
            func.min(lines.c.their_at).label("their_at"),
            func.min(lines.c.row_id).label("row_id"),
        )
        .group_by(lines.c.operation, lines.c.went)
        .cte("operation_sums")
    )


def _kept_apart(club_id: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return select(
        BankDayOperation.operation,
        BankDayOperation.went,
        BankDayOperation.ours_tiyn.label("ours"),
        BankDayOperation.theirs_tiyn.label("theirs"),
        BankDayOperation.our_at,
        BankDayOperation.their_at,
        BankDayOperation.payment_id.label("row_id"),
    ).where(
        BankDayOperation.club_id == club_id,
        BankDayOperation.day_at >= bindparam("kept_from_at", type_=BigInteger),
        BankDayOperation.day_at
        <= bindparam("kept_until_at", type_=BigInteger) - literal_column(str(DAY_SECONDS)),
    )


def _lines(
    club_id: ColumnElement[int], from_at: ColumnElement[int], until_at: ColumnElement[int]
) -> list[Select[Any]]:
    """Payments, refunds and the bank's lines of a span of time, each as `_kept_apart` tells of operations."""
    none = null()
    nothing: ColumnElement[int] = literal_column("0")
    one: ColumnElement[int] = literal_column("1")
    came = select(
        Payment.provider_ref, nothing, Payment.paid_tiyn, nothing, Payment.paid_at, none, Payment.id
    ).where(
        Payment.club_id == club_id,
        Payment.paid_at >= from_at,
        Payment.paid_at < until_at,
        Payment.paid_tiyn > 0,
    )
    went = (
        select(Payment.provider_ref, one, -Refund.amount_tiyn, nothing,
               Refund.asked_at, none, Payment.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.club_id == club_id,
            Refund.asked_at >= from_at,
            Refund.asked_at < until_at,
            Refund.state != "rejected",
        )
    )  # fmt: skip
    bank = select(
        BankLine.operation,
        case((BankLine.amount_tiyn < 0, one), else_=nothing),
        nothing,
        BankLine.amount_tiyn,
        none,
        BankLine.at,
        none,
    ).where(BankLine.club_id == club_id, BankLine.at >= from_at, BankLine.at < until_at)
    return [came, went, bank]


def _of_day() -> Select[Any]:
    club_id = bindparam("club", type_=BigInteger)
    from_at = bindparam("from_at_0", type_=BigInteger)
    until_at = bindparam("until_at_0", type_=BigInteger)
    sums = _operations(club_id, 1)
    payment, of_refund, line = aliased(Payment), aliased(Payment), aliased(BankLine)
    elsewhere = (
        exists().where(
            payment.club_id == club_id,
            payment.provider_ref == sums.c.operation,
            or_(payment.paid_at < from_at, payment.paid_at >= until_at),
        ),
        exists()
        .where(
            of_refund.club_id == club_id,
            of_refund.provider_ref == sums.c.operation,
            Refund.payment_id == of_refund.id,
            or_(Refund.asked_at < from_at, Refund.asked_at >= until_at),
        ),
        exists().where(
            line.club_id == club_id,
            line.operation == sums.c.operation,
            or_(line.at < from_at, line.at >= until_at),
        ),
    )  # fmt: skip
    # Nobody looks for the other lines of what has no number.
    is_apart = or_(sums.c.operation == "", sums.c.ours != sums.c.theirs, *elsewhere)
    return select(sums, is_apart.label("is_apart"))


_OPERATIONS_OF_DAY = _of_day()
