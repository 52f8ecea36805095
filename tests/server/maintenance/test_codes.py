"""Codes for PCs that have no link: whose they are, what becomes of them, and of whoever loses the right."""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.entries import Entry, MaintenanceEntered, MaintenanceLeft
from lovhub.protocol.upkeep_code import UpkeepKeys, new_number, read_code
from lovhub.server.actor import Actor
from lovhub.server.bus import MaintenanceChanged, News, UpkeepKeysChanged
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.maintenance import codes, keys, queries
from lovhub.server.maintenance.models import Maintenance
from lovhub.server.sessions import intake
from lovhub.server.sessions import service as sessions
from lovhub.server.staff import people as staff_service
from tests.support.club import CASHIER, People
from tests.support.staff import hire
from tests.support.suspicious import told_by_whom


class Lock:
    """A PC's lock as far as it counts here: the keys it was told, and its journal."""

    def __init__(self, club: ClubContext, pc: int) -> None:
        self.club, self.pc = club, pc
        self.keys = UpkeepKeys()
        self.entries = 0
        self.link()

    def link(self) -> None:
        """It hears from the server."""
        with self.club.read() as db:
            self.keys = keys.keys_for(db, self.club, db.get_one(Computer, self.pc))

    def number(self) -> str:
        return new_number(self.keys.generation)

    def opens_to(self, code: str, number: str, now: int | None = None) -> str:
        """Whose code it is, "" for nobody's."""
        read = read_code(code, self.keys.people, computer_id=self.pc, numbers=[number], now=now)
        return "" if read is None else read[0].person.name

    def entered(self, number: str, actor: Actor, *, at: int = 0, minutes: int = 30) -> Entry:
        self.entries += 1
        return MaintenanceEntered(
            self.entries, at or self.club.clock.now(),
            lock_number=number, person_id=actor.id or 0, minutes=minutes,
        )  # fmt: skip

    def left(self, number: str, seconds: int) -> Entry:
        self.entries += 1
        return MaintenanceLeft(
            self.entries, self.club.clock.now(), lock_number=number, seconds=seconds
        )

    def hand_over(self, *entries: Entry) -> None:
        for _ in range(2):  # delivered at least once
            intake.apply_entries(self.club, computer_id=self.pc, entries=entries)


@pytest.fixture
def technician(club: ClubContext) -> Actor:
    return hire(club, "Тимур", "technician")


@pytest.fixture
def owner(club: ClubContext) -> Actor:
    return hire(club, "Айгуль", "owner")


@pytest.fixture
def lock(club: ClubContext, people: People, technician: Actor, owner: Actor) -> Lock:
    return Lock(club, people.computer())


def give(
    lock: Lock, number: str, actor: Actor, minutes: int = 30, reason: str = "новый драйвер"
) -> codes.Given:
    return codes.give(
        lock.club, computer_id=lock.pc, number=number, minutes=minutes, reason=reason, actor=actor
    )


def refusal(lock: Lock, actor: Actor, **asked: object) -> str:
    with pytest.raises(OperationRefused) as refused:
        codes.give(
            lock.club,
            **{
                "computer_id": lock.pc, "number": lock.number(), "minutes": 30,
                "reason": "драйвер", "actor": actor,
            }
            | asked,
        )  # type: ignore[arg-type]  # fmt: skip
    return refused.value.code


def told(club: ClubContext) -> list[tuple[str, str, int]]:
    with club.read() as db:
        events = db.scalars(
            select(Event)
            .where(Event.kind.in_(["computer.code_given"]) | Event.kind.like("%maintenance%"))
            .order_by(Event.id)
        )
        return [(one.kind[9:], one.actor_name, one.data["seconds"]) for one in events]


def openings(club: ClubContext) -> list[tuple[int, int | None]]:
    """How long each was, None while it goes on, by when it was to be over."""
    with club.read() as db:
        rows = db.scalars(select(Maintenance).order_by(Maintenance.id)).all()
        return [
            (one.until_at - one.begun_at, one.ended_at and one.ended_at - one.begun_at)
            for one in rows
        ]


def alarms(club: ClubContext) -> list[tuple[str, str]]:
    with club.read() as db:
        return [(one.kind, one.data["detail"]) for one in db.scalars(select(Alarm))]


def test_a_silent_pc_knows_whose_the_code_is(
    club: ClubContext, lock: Lock, technician: Actor, owner: Actor, clock: ManualClock
) -> None:
    club.links.is_linked = lambda _computer_id: False
    number = lock.number()
    given = give(lock, f" {number[:3]} {number[3:]} ", technician)
    assert lock.opens_to(given.code, number, clock.now()) == "Тимур"
    assert lock.opens_to(give(lock, number, owner).code, number) == "Айгуль"
    assert lock.opens_to(given.code, number, given.until_at - 1) == "Тимур"
    assert lock.opens_to(given.code, number, given.until_at) == ""
    assert [one.name for one in lock.keys.people] == ["Тимур", "Айгуль"], "no cashier"


def test_no_pc_has_keys_of_another(
    club: ClubContext, people: People, lock: Lock, technician: Actor
) -> None:
    other = Lock(club, people.computer())
    assert not {one.key for one in lock.keys.people} & {one.key for one in other.keys.people}
    number = lock.number()
    assert other.opens_to(give(lock, number, technician).code, number) == ""
    with club.write() as work:  # the same PC, paired anew
        work.db.get_one(Computer, lock.pc).token_hash = b"another"
    before = lock.keys
    lock.link()
    assert not {one.key for one in lock.keys.people} & {one.key for one in before.people}


def test_what_is_asked_for(club: ClubContext, lock: Lock, technician: Actor) -> None:
    number = lock.number()
    slip = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert refusal(lock, technician, number=slip) == "lock_number_wrong"
    assert refusal(lock, technician, number="") == "lock_number_wrong"
    assert refusal(lock, technician, number=new_number(7)) == "lock_number_wrong"
    assert refusal(lock, technician, reason=" ") == "reason_missing"
    assert refusal(lock, technician, minutes=20) == "code_minutes"
    assert refusal(lock, technician, computer_id=lock.pc + 9) == "computer_unknown"
    assert refusal(lock, hire(club, "Данияр")) == "forbidden"
    assert told(club) == []


def test_whoever_loses_the_right_gets_no_code_and_every_key_is_another_once_linked(
    club: ClubContext, lock: Lock, technician: Actor, owner: Actor
) -> None:
    news = list[News]()
    club.bus.listen(news.append)
    number, before = lock.number(), lock.keys
    staff_service.disable(club, staff_id=technician.id or 0, actor=owner)
    assert UpkeepKeysChanged() in news
    assert refusal(lock, technician) == "forbidden"
    # A PC that has not been linked since is opened by others all the same, with the keys that it has.
    assert lock.opens_to(give(lock, number, owner).code, number) == "Айгуль"

    lock.link()
    assert lock.keys.generation == before.generation + 1
    assert [one.name for one in lock.keys.people] == ["Айгуль"]
    assert not {one.key for one in lock.keys.people} & {one.key for one in before.people}
    number = lock.number()
    assert lock.opens_to(give(lock, number, owner).code, number) == "Айгуль"


@pytest.mark.parametrize(
    ("role", "generations"), [("cashier", 1), ("manager", 0)], ids=["loses it", "keeps it"]
)
def test_another_role_makes_new_keys_only_if_it_takes_the_right_away(
    club: ClubContext, lock: Lock, technician: Actor, owner: Actor, role: str, generations: int
) -> None:
    before = lock.keys.generation
    staff_service.change(
        club, staff_id=technician.id or 0, name="Тимур", role=role, language="ru", actor=owner
    )
    lock.link()
    assert lock.keys.generation == before + generations


def test_of_a_cashier_no_pc_hears(club: ClubContext, lock: Lock, owner: Actor) -> None:
    news = list[News]()
    club.bus.listen(news.append)
    as_cashier = {"name": "Ия", "role": "cashier", "language": "ru"}
    cashier_id, _password = staff_service.create(club, login="iya", actor=owner, **as_cashier)
    staff_service.disable(club, staff_id=cashier_id, actor=owner)
    staff_service.enable(club, staff_id=cashier_id, actor=owner)
    assert UpkeepKeysChanged() not in news
    staff_service.change(club, staff_id=cashier_id, actor=owner, **as_cashier | {"role": "manager"})
    assert UpkeepKeysChanged() in news


def test_what_a_code_opens_goes_on_until_its_end(
    club: ClubContext, lock: Lock, technician: Actor, clock: ManualClock
) -> None:
    number = lock.number()
    give(lock, number, technician)
    news = list[News]()
    club.bus.listen(news.append)
    clock.advance(60)
    lock.hand_over(lock.entered(number, technician, at=clock.now() - 10))
    assert MaintenanceChanged(lock.pc) in news
    with club.read() as db:
        (here,) = queries.in_force(db, club.club_id, clock.now())
    assert (here.who, here.reason) == ("Тимур", "новый драйвер")
    assert here.until_at == clock.now() - 10 + 1800
    assert openings(club) == [(1800, None)]
    assert told(club) == [("code_given", "Тимур", 1800), ("maintenance_begun", "Тимур", 1800)]
    found = told_by_whom(club)
    assert found == [("maintenance", "Тимур", 1800)]


def test_a_day_later_it_is_told_as_it_was(
    club: ClubContext, lock: Lock, technician: Actor, clock: ManualClock
) -> None:
    number = lock.number()
    give(lock, number, technician)
    at = clock.now()
    clock.advance(86_400)
    lock.hand_over(lock.entered(number, technician, at=at), lock.left(number, 61))
    assert openings(club) == [(1800, 61)]
    assert [kind for kind, *_ in told(club)] == [
        "code_given", "maintenance_begun", "maintenance_ended",
    ]  # fmt: skip
    assert alarms(club) == []


def test_a_wrong_clock_puts_nothing_before_the_code_was_given(
    club: ClubContext, lock: Lock, technician: Actor, clock: ManualClock
) -> None:
    number = lock.number()
    give(lock, number, technician)
    given_at = clock.now()
    clock.advance(300)
    lock.hand_over(lock.entered(number, technician, at=1_000_000_000))
    with club.read() as db:
        assert db.scalars(select(Maintenance.begun_at)).all() == [given_at]


@pytest.mark.parametrize("what", ["number", "person", "minutes", "twice", "nobody"])
def test_a_code_that_nobody_gave_is_an_alarm(
    club: ClubContext, lock: Lock, technician: Actor, owner: Actor, what: str
) -> None:
    number = lock.number()
    give(lock, number, technician)
    news = list[News]()
    club.bus.listen(news.append)
    nobody = Actor("staff", 999)
    if what == "twice":
        lock.hand_over(lock.entered(number, technician))
    forged = {
        "number": lambda: lock.entered(new_number(0, {number}), technician),
        "person": lambda: lock.entered(number, owner),
        "minutes": lambda: lock.entered(number, technician, minutes=120),
        "twice": lambda: lock.entered(number, technician),
        "nobody": lambda: lock.entered(number, nobody),
    }[what]()
    lock.hand_over(forged)
    name = {"person": "Айгуль", "nobody": ""}.get(what, "Тимур")
    assert alarms(club) == [("code_unknown", name)]
    assert len(openings(club)) == (what == "twice")
    assert MaintenanceChanged(lock.pc) in news, "the PC is told to lock"


def test_no_opening_is_made_over_another_or_over_a_player(
    club: ClubContext, people: People, lock: Lock, technician: Actor
) -> None:
    sessions.seat_guest(
        club, computer_id=lock.pc, tariff_id=people.tariff(), method="cash", guest_name="",
        actor=CASHIER, key="guest",
    )  # fmt: skip
    number = lock.number()
    give(lock, number, technician)
    lock.hand_over(lock.entered(number, technician))
    assert openings(club) == []
    assert ("maintenance_begun", "Тимур", 1800) in told(club), "said all the same"
