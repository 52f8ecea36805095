"""What every operation needs: the club's database, clock, bus and identity, in one object."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert
from sqlalchemy.orm import Session

from lovhub.clock import Clock
from lovhub.server import request_id
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.bus import Bus, News
from lovhub.server.database.engine import Database
from lovhub.server.database.prepared import Change, Query
from lovhub.server.journal import standing
from lovhub.server.journal.models import Event, Standing
from lovhub.server.retention.rules import KINDS_THAT_GO
from lovhub.server.throttle import Throttle

_NEW_EVENT = Change(insert(Event))
_NUMBERED_EVENT = Query(insert(Event).returning(Event.id))
_NEW_STANDING = Change(insert(Standing))


class Links:
    """Which PCs are linked now. The channel says; without a channel (a command, a test) all count as linked."""

    def __init__(self) -> None:
        self.is_linked: Callable[[int], bool] = lambda _computer_id: True


class KaspiDesk:
    """What is asked of a person who books money from `kaspi`: `payments` says; without it, nothing is."""

    def __init__(self) -> None:
        self.check: Callable[[Work], None] = lambda _work: None


class FiscalDesk:
    """Queues the fiscal document of an operation's money: `fiscal` says how; without it, there is none."""

    def __init__(self) -> None:
        self.write: Callable[[Work], None] = lambda _work: None


@dataclass
class KaspiBooked:
    """What people have booked from `kaspi` in one operation, and by what it is known to have come.

    `number`: of Kaspi's operation, as the desk typed it. `known`: a payment vouches for it already.
    """

    number: str = ""
    known: bool = False
    postings: list[tuple[int, int, Actor]] = field(default_factory=list)


@dataclass
class Work:
    """One operation under way: its transaction, its one instant, and the news to tell after the commit."""

    db: Session
    now: int
    club_id: int
    links: Links
    kaspi_desk: KaspiDesk = field(default_factory=KaspiDesk)
    kaspi: KaspiBooked = field(default_factory=KaspiBooked)
    money_postings: list[int] = field(default_factory=list)
    """What was booked that moved money, whoever did it."""
    club_accounts: dict[str, int] = field(default_factory=dict)
    """The club's own accounts by kind, as far as they were looked up in this operation."""
    _news: dict[News, None] = field(default_factory=dict)
    """In their order, each once: an operation on a whole hall tells thousands."""
    _at_last: list[Callable[["Work"], None]] = field(default_factory=list)
    desk_postings: list[tuple[int, bool]] = field(default_factory=list)
    """What people have booked so far, and whether it gets a receipt; see `ledger/desk.py`."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """What the journal records of the operation (`journal.record`) and has not written yet."""
    touched: list[standing.Touched] = field(default_factory=list)
    """Rows that decide something and may have been changed, of which the journal has not told yet."""

    def __post_init__(self) -> None:
        standing.listen(self.db, self.touched)

    def tell(self, news: News) -> None:
        """Publish `news` once the transaction is committed; the same piece is told once."""
        self._news[news] = None

    def at_last(self, act: Callable[["Work"], None]) -> None:
        """Do this as the operation's last act, before the commit; the same act once."""
        if act not in self._at_last:
            self._at_last.append(act)

    def finish(self) -> None:
        """The last acts of the operation, or of a part of it. A refusal among them undoes it."""
        self.kaspi_desk.check(self)
        self.write_events()
        for act in self._at_last:
            act(self)

    def write_events(self) -> None:
        """Write what the journal has recorded: all by one statement, when all that they tell of is there.

        How rows that decide something stand from now on is told beside it.
        """
        self.db.flush()
        told = standing.changes(self.db, self.touched) if self.touched else []
        if told:
            event_id = self._write_lasting_event(told)
            _NEW_STANDING.run_many(self.db, [{**row, "event_id": event_id} for row in told])
        elif self.events:
            _NEW_EVENT.run_many(self.db, self.events)
        self.events.clear()

    def _write_lasting_event(self, told: Sequence[Mapping[str, str | None]]) -> int:
        """Write the events; the number of one that stays, of one about these tables if there is no other.

        It vouches for these lines and no others, which nobody can say of it later: it is sealed.
        """
        if not any(event["kind"] not in KINDS_THAT_GO for event in self.events):
            by = self.events[-1] if self.events else self._by_itself()
            tables = sorted({str(row["table_name"]) for row in told})
            self.events.append({**by, "kind": "rows.changed", "data": {"tables": tables}})
        lasting = next(event for event in self.events if event["kind"] not in KINDS_THAT_GO)
        lasting["data"] = {**lasting["data"], standing.VOUCHED: standing.digest(told)}
        numbers = [_NUMBERED_EVENT.one(self.db, **event)[0] for event in self.events]
        return numbers[self.events.index(lasting)]

    def _by_itself(self) -> dict[str, Any]:
        return {
            "club_id": self.club_id,
            "at": self.now,
            "actor_kind": SYSTEM.kind,
            "actor_id": SYSTEM.id,
            "actor_name": SYSTEM.name,
            "actor_role": SYSTEM.role,
            "address": SYSTEM.address,
            "computer_id": None,
            "customer_id": None,
            "session_id": None,
            "request_id": request_id.current(),
        }

    @contextmanager
    def attempt(self) -> Iterator["Work"]:
        """A part of the operation that is undone by itself, if it is refused: as if it had not been tried."""
        self.db.flush()  # what was changed before is no part of it, and is noted as that
        news_before = dict(self._news)
        kept = (
            self._at_last,
            self.desk_postings,
            self.money_postings,
            self.kaspi.postings,
            self.events,
            self.touched,
        )
        before = [list(one) for one in kept]
        try:
            with self.db.begin_nested():
                yield self
                self.finish()
        except BaseException:
            for one, was in zip(kept, before, strict=True):
                one[:] = was  # type: ignore[index]  # each holds what it held
            self._news = news_before
            raise

    @property
    def news(self) -> tuple[News, ...]:
        """What will be told."""
        return tuple(self._news)


@dataclass(frozen=True)
class ClubContext:
    """A running club. `secret_key` keys the hashes of short codes; `identity` signs leases.

    Failed sign-ins are counted twice: per address (somebody tries many names) and per login (somebody tries
    from many addresses). Calls for the desk are counted per PC: a bored player must not drown the others.
    Codes of a second factor are counted per person: six digits bear few guesses. So are phones that are opened one by
    one: a desk needs a few an evening.
    """

    database: Database
    clock: Clock
    bus: Bus
    identity: Ed25519PrivateKey
    secret_key: bytes
    club_id: int = 1
    links: Links = field(default_factory=Links)
    kaspi_desk: KaspiDesk = field(default_factory=KaspiDesk)
    fiscal_desk: FiscalDesk = field(default_factory=FiscalDesk)
    kaspi_number: str = ""
    outer: Work | None = field(default=None, repr=False, compare=False)
    failures_by_address: Throttle = field(init=False, repr=False, compare=False)
    failures_by_login: Throttle = field(init=False, repr=False, compare=False)
    registrations_by_pc: Throttle = field(init=False, repr=False, compare=False)
    calls_by_computer: Throttle = field(init=False, repr=False, compare=False)
    failures_by_code: Throttle = field(init=False, repr=False, compare=False)
    contacts_by_person: Throttle = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "failures_by_address", Throttle(self.clock, 10, 60))
        object.__setattr__(self, "failures_by_login", Throttle(self.clock, 30, 600))
        object.__setattr__(self, "registrations_by_pc", Throttle(self.clock, 10, 600))
        object.__setattr__(self, "calls_by_computer", Throttle(self.clock, 5, 60))
        object.__setattr__(self, "failures_by_code", Throttle(self.clock, 5, 300))
        object.__setattr__(self, "contacts_by_person", Throttle(self.clock, 30, 3600))

    @contextmanager
    def write(self, patience_seconds: float | None = None) -> Iterator[Work]:
        """One operation: committed whole, or not at all; news is told only after the commit.

        Raises DatabaseBusy if it cannot begin within `patience_seconds`.
        """
        if self.outer is not None:
            with self.outer.attempt() as inside:
                yield inside
            return
        with self.database.write(patience_seconds) as session:
            work = Work(
                db=session,
                now=self.clock.now(),
                club_id=self.club_id,
                links=self.links,
                kaspi_desk=self.kaspi_desk,
                kaspi=KaspiBooked(self.kaspi_number),
            )
            yield work
            work.finish()
            # Of the whole operation there is one document, whatever parts it had.
            self.fiscal_desk.write(work)
            work.write_events()
        for news in work.news:
            self.bus.publish(news)

    def paid_by_kaspi(self, number: str | None) -> "ClubContext":
        """The same club, for one operation that is paid under this number of Kaspi's."""
        return replace(self, kaspi_number=number or "")

    def within(self, work: Work) -> "ClubContext":
        """The same club, whose operations are each a part of this one: committed with it, undone by themselves."""
        return replace(self, outer=work)

    def read(self) -> AbstractContextManager[Session]:
        """One consistent picture of the database."""
        return self.database.read()
