"""The log: events, launches and alarms of the club as one list, in order of time.

Each of the three tables is read through an index that fits the filter, and never further than the part that is
asked for: see `_found_by` and `_of_kinds`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, not_, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.server.applications.models import Application
from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.database import keyset
from lovhub.server.database.keyset import Order, Part, Place, Sorts
from lovhub.server.journal.models import Alarm, Event, Launch
from lovhub.server.sessions.models import PlaySession

PAGE_SIZE = 50

KINDS: dict[str, tuple[str, ...]] = {
    "launch": ("launch",),
    "sign_in": ("customer.signed_in",),
    "customer": (
        "customer.registered",
        "customer.details_changed",
        "customer.pin_issued",
        "customer.password_set",
        "customer.group_changed",
        "customer.deleted",
        "customer.data_exported",
        "customer.contacts_seen",
        "age.",
    ),
    "session": ("session.",),
    "money": (
        "customer.topped_up",
        "customer.top_up_taken_back",
        "customer.deleted",
        "time.",
        "shift.",
        "goods.",
        "receipt.",
        "payment.",
        "fiscal.",
        "bonus.",
        "promo.",
    ),
    "computer": ("computer.", "command.", "hall.", "zone.", "updates."),
    "alarm": ("alarm",),
    "call": ("call.",),
    "staff": (
        "staff.",
        "club.",
        "tariff.",
        "group.",
        "application.",
        "good.",
        "customer.registered",
        "move.",
        "notice.",
        "rows.",
    ),
}
"""What the log may be narrowed to: the beginnings of the kinds that belong together."""

_OF_MONEY = (*KINDS["money"], "move.")
"""Events that tell of sums."""

EVENT, LAUNCH, ALARM = 0, 1, 2
"""Tables the log is read from, in the order of lines of the same second."""

_ID_BITS = 60

SORTS = Sorts({"at": Event.at}, Event.id, default="-at")
"""What the log may be sorted by."""


@dataclass(frozen=True)
class LogFilter:
    """What to show. Empty values show everything; instants in UTC epoch seconds, `until_at` exclusive.

    `staff_id`: only what this person did. `application_id`: only launches of it. `without_money`: for readers
    who are to see no sums.
    """

    kind: str = ""
    computer_id: int | None = None
    customer_id: int | None = None
    application_id: int | None = None
    staff_id: int | None = None
    from_at: int | None = None
    until_at: int | None = None
    without_money: bool = False


@dataclass(frozen=True)
class LogRow:
    """One line of the log. `guest_name` None: not about a guest's session; "" is a guest without a name."""

    at: int
    source: int
    id: int
    kind: str
    actor_name: str = ""
    address: str = ""
    computer_name: str = ""
    customer_login: str = ""
    customer_name: str = ""
    guest_name: str | None = None
    application_title: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ran_seconds(self) -> int | None:
        """How long a program ran; None if it is not known to have ended, or if the line is about no program."""
        ran: int | None = self.data.get("ran_seconds") if self.source == LAUNCH else None
        return ran


def place(at: int, source: int, row_id: int) -> Place:
    """Behind this line. A line's number is its row's, with its table in the highest bits."""
    return Place(at, source << _ID_BITS | row_id)


def row_id(place: Place) -> int:
    """The row's number within its own table."""
    return place.id & ((1 << _ID_BITS) - 1)


def page(
    db: Session,
    club_id: int,
    wanted: LogFilter,
    *,
    order: Order | None = None,
    place: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Part[LogRow]:
    """Lines of the log, the newest first if not said otherwise. Four statements at most, however long the log is."""
    return keyset.cut(
        partial(_read, db, club_id, wanted),
        lambda row: (row.at, row.source << _ID_BITS | row.id),
        order or SORTS.order(),
        place,
        limit,
    )


def _read(
    db: Session, club_id: int, wanted: LogFilter, place: Place | None, *, falling: bool, most: int
) -> list[LogRow]:
    rows: list[LogRow] = []
    launches_only = wanted.application_id is not None
    if wanted.kind not in {"launch", "alarm"} and not launches_only:
        rows += _events(
            db, club_id, wanted, _Stretch(EVENT, Event.at, Event.id, place, falling, most)
        )
    if wanted.kind in {"", "launch"} and wanted.staff_id is None:
        stretch = _Stretch(LAUNCH, Launch.started_at, Launch.id, place, falling, most)
        rows += _launches(db, club_id, wanted, stretch)
    theirs = wanted.customer_id is not None or wanted.staff_id is not None
    if wanted.kind in {"", "alarm"} and not launches_only and not theirs:
        rows += _alarms(
            db, club_id, wanted, _Stretch(ALARM, Alarm.at, Alarm.id, place, falling, most)
        )
    rows.sort(key=lambda row: (row.at, row.source, row.id), reverse=falling)
    return rows[:most]


@dataclass(frozen=True)
class _Stretch:
    """The rows of one table that are asked for: beside the place, so many, in the order of time."""

    source: int
    at: InstrumentedAttribute[int]
    id: InstrumentedAttribute[int]
    place: Place | None
    falling: bool
    most: int

    def of(
        self, statement: Select[*tuple[Any, ...]], wanted: LogFilter
    ) -> Select[*tuple[Any, ...]]:
        """The statement's rows within the filter's time and beside the place."""
        if wanted.from_at is not None:
            statement = statement.where(self.at >= wanted.from_at)
        if wanted.until_at is not None:
            statement = statement.where(self.at < wanted.until_at)
        return self.ordered(statement.where(*self._beside()))

    def ordered(self, statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """The first of them, in order."""
        ways = (self.at.desc(), self.id.desc()) if self.falling else (self.at, self.id)
        return statement.order_by(*ways).limit(self.most)

    def _beside(self) -> list[ColumnElement[bool]]:
        if self.place is None:
            return []
        at, source, number = int(self.place.key), self.place.id >> _ID_BITS, row_id(self.place)
        # Lines of the same second stand by (table, row); `<=` beside the rest lets the index skip what was passed.
        if self.falling:
            if self.source > source:
                return [self.at < at]
            same = self.id < number
            rest = [or_(self.at < at, same)] if self.source == source else []
            return [self.at <= at, *rest]
        if self.source < source:
            return [self.at > at]
        same = self.id > number
        rest = [or_(self.at > at, same)] if self.source == source else []
        return [self.at >= at, *rest]


_Equal = Sequence[tuple[InstrumentedAttribute[Any], object]]


def _found_by(db: Session, *narrow: _Equal) -> list[ColumnElement[bool]]:
    """Equalities, the narrowest first: the first that is asked for finds the rows, the others are only compared.

    Which is the narrowest SQLite cannot know, having gathered no statistics: `coalesce` keeps the others from its
    choice. PostgreSQL knows, and would take what it cannot look into for rare.
    """
    first, *others = [equal for equal in narrow if all(value is not None for _, value in equal)]
    hide = db.get_bind().dialect.name == "sqlite"
    return [
        *(column == value for column, value in first),
        *(
            (func.coalesce(column, column) if hide else column) == value
            for equal in others
            for column, value in equal
        ),
    ]


_GUEST_NAME = case((PlaySession.customer_id.is_(None), PlaySession.guest_name))


def _events(db: Session, club_id: int, wanted: LogFilter, stretch: _Stretch) -> list[LogRow]:
    statement = (
        select(Event, Computer.name, Customer.login, Customer.name, _GUEST_NAME)
        .outerjoin(Computer, Computer.id == Event.computer_id)
        .outerjoin(Customer, Customer.id == Event.customer_id)
        .outerjoin(PlaySession, PlaySession.id == Event.session_id)
    )
    people = (wanted.customer_id, wanted.staff_id, wanted.computer_id)
    if wanted.kind and not any(value is not None for value in people):
        ids = _of_kinds(db, club_id, wanted, stretch)
        if ids is None:
            return []
        statement = stretch.ordered(statement.where(Event.id.in_(ids)))
    else:
        conditions = _found_by(
            db,
            [(Event.customer_id, wanted.customer_id)],
            [(Event.actor_kind, "staff"), (Event.actor_id, wanted.staff_id)],
            [(Event.computer_id, wanted.computer_id)],
            [(Event.club_id, club_id)],
        )
        if wanted.kind:
            kinds = _wanted_kinds(db, club_id, wanted)
            if not kinds:
                return []
            # Named one by one they are compared in the index, which holds the kind: no row is fetched in vain.
            conditions.append(Event.kind.in_(kinds))
        if wanted.without_money:
            conditions.append(not_(_starts_with(_OF_MONEY)))
        statement = stretch.of(statement.where(*conditions), wanted)
    return [
        LogRow(
            at=event.at,
            source=EVENT,
            id=event.id,
            kind=event.kind,
            actor_name=event.actor_name or (name or "" if event.actor_kind == "customer" else ""),
            address=event.address,
            computer_name=computer or "",
            customer_login=login or "",
            customer_name=name or "",
            guest_name=guest,
            data=event.data,
        )
        for event, computer, login, name, guest in db.execute(statement)
    ]


def _starts_with(kinds: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Event.kind.startswith(kind, autoescape=True) for kind in kinds))


def _of_kinds(db: Session, club_id: int, wanted: LogFilter, stretch: _Stretch) -> Any:
    """The ids of the stretch's events of the wanted kinds, some of each; None if there are no such kinds.

    Kinds that belong together may be rare: each kind's newest are taken from an index, not looked for among all.
    """
    kinds = _wanted_kinds(db, club_id, wanted)
    if not kinds:
        return None
    each = (
        stretch.of(select(Event.id).where(Event.club_id == club_id, Event.kind == kind), wanted)
        for kind in kinds
    )
    return union_all(*(select(some.subquery().c.id) for some in each))


def _wanted_kinds(db: Session, club_id: int, wanted: LogFilter) -> list[str]:
    hidden = _OF_MONEY if wanted.without_money else ()
    return [
        kind
        for kind in _kinds(db, club_id)
        if kind.startswith(KINDS[wanted.kind]) and not kind.startswith(hidden)
    ]


def _kinds(db: Session, club_id: int) -> list[str]:
    """Kinds of events that have happened: one step in the index for each, not one for each event."""
    first = select(func.min(Event.kind).label("kind")).where(Event.club_id == club_id)
    found = first.cte("kinds", recursive=True)
    following = select(func.min(Event.kind)).where(
        Event.club_id == club_id, Event.kind > found.c.kind
    )
    found = found.union_all(select(following.scalar_subquery()).where(found.c.kind.is_not(None)))
    return list(db.scalars(select(found.c.kind).where(found.c.kind.is_not(None))))


def _launches(db: Session, club_id: int, wanted: LogFilter, stretch: _Stretch) -> list[LogRow]:
    statement = (
        select(Launch, Computer.name, Customer.login, Customer.name, _GUEST_NAME, Application.title)
        .outerjoin(Computer, Computer.id == Launch.computer_id)
        .outerjoin(Application, Application.id == Launch.application_id)
        .outerjoin(Customer, Customer.id == Launch.customer_id)
        .outerjoin(PlaySession, PlaySession.id == Launch.session_id)
        .where(
            *_found_by(
                db,
                [(Launch.customer_id, wanted.customer_id)],
                [(Launch.computer_id, wanted.computer_id)],
                [(Launch.application_id, wanted.application_id)],
                [(Launch.club_id, club_id)],
            )
        )
    )
    return [
        LogRow(
            at=launch.started_at,
            source=LAUNCH,
            id=launch.id,
            kind="launch",
            computer_name=computer or "",
            customer_login=login or "",
            customer_name=name or "",
            guest_name=guest,
            application_title=title or "",
            data={"ran_seconds": launch.ran_seconds},
        )
        for launch, computer, login, name, guest, title in db.execute(stretch.of(statement, wanted))
    ]


def _alarms(db: Session, club_id: int, wanted: LogFilter, stretch: _Stretch) -> list[LogRow]:
    statement = (
        select(Alarm, Computer.name)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .where(
            *_found_by(db, [(Alarm.computer_id, wanted.computer_id)], [(Alarm.club_id, club_id)])
        )
    )
    return [
        LogRow(
            at=alarm.at,
            source=ALARM,
            id=alarm.id,
            kind="alarm",
            computer_name=computer or "",
            data={**alarm.data, "alarm": alarm.kind, "closed": alarm.closed_at is not None},
        )
        for alarm, computer in db.execute(stretch.of(statement, wanted))
    ]
