"""Statements said by the driver itself do what SQLAlchemy's would have done, on both databases."""

import contextlib
from collections.abc import Iterator

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.database import known_rows, new_rows
from lovhub.server.database.prepared import Change, Query
from lovhub.server.halls.models import Zone
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE
from lovhub.server.ledger.models import LedgerAccount
from lovhub.server.staff.models import Staff
from tests.support.club import People, found_club
from tests.support.statements import asked

PC = Query(select(Computer).where(Computer.id == bindparam("pc")))
WITH_ZONE = Query(
    select(Computer.name, Zone, Computer.said_goodbye)
    .outerjoin(Zone, Zone.id == Computer.zone_id)
    .where(Computer.id == bindparam("pc"))
)
EVENT = Query(
    select(Event.data).where(Event.kind == bindparam("kind")).order_by(Event.id.desc()).limit(1)
)
RENAME = Change(update(Computer).where(Computer.id == bindparam("pc")).values(name=bindparam("to")))


@pytest.fixture
def club(each_database: str) -> Iterator[ClubContext]:
    club = found_club(each_database, ManualClock())
    yield club
    club.database.close()


@pytest.fixture
def pc(club: ClubContext) -> int:
    return People(club).computer()


def test_a_whole_row_is_the_sessions_own_object(club: ClubContext, pc: int) -> None:
    with club.write() as work:
        found = PC.value(work.db, pc=pc)
        assert found is not None
        assert found is work.db.get(Computer, pc) is PC.one(work.db, pc=pc)[0]
        found.name = "Новый"
        assert WITH_ZONE.all(work.db, pc=pc) == [("Новый", None, False)]  # written before it asks
    with club.read() as db:
        assert db.scalar(select(Computer.name).where(Computer.id == pc)) == "Новый"
        assert PC.value(db, pc=0) is None
        with pytest.raises(NoResultFound):
            PC.one(db, pc=0)


def test_a_reader_sees_one_picture(club: ClubContext, pc: int) -> None:
    with club.read() as db:
        before = PC.one(db, pc=pc)[0].name
        with club.write() as work:
            RENAME.run(work.db, pc=pc, to="Другой")
        assert WITH_ZONE.one(db, pc=pc)[0] == before
    with club.read() as db:
        assert WITH_ZONE.one(db, pc=pc)[0] == "Другой" != before


def test_values_are_given_and_taken_as_their_columns_mean_them(club: ClubContext, pc: int) -> None:
    with club.write() as work:
        journal.record(work, "probe", SYSTEM, computer_id=pc, list=[1, "два"])
        assert EVENT.value(work.db, kind="probe") is None  # all at the end, by one statement
        journal.record(work, "probe", SYSTEM, computer_id=pc, third=None)
    with asked(club) as said, club.read() as db:
        assert EVENT.value(db, kind="probe") == {"third": None}
        probes = select(Event.data).where(Event.kind == "probe").order_by(Event.id)
        assert db.scalars(probes).first() == {"list": [1, "два"]}
    assert len(said) == 2  # whoever listens hears both


def test_a_part_that_is_refused_takes_back_what_the_driver_was_told(
    club: ClubContext, pc: int
) -> None:
    def refused() -> None:
        with work.attempt() as part:
            RENAME.run(part.db, pc=pc, to="В части")
            journal.record(part, "probe", SYSTEM)
            raise KeyError

    with club.write() as work:
        before = PC.one(work.db, pc=pc)[0].name
        RENAME.run(work.db, pc=pc, to="До неё")
        with contextlib.suppress(KeyError):
            refused()
        RENAME.run_many(work.db, [{"pc": 0, "to": "никто"}, {"pc": -1, "to": "никто"}])
    with club.read() as db:
        assert before != PC.one(db, pc=pc)[0].name == "До неё"
        assert EVENT.first(db, kind="probe") is None


def test_an_error_is_sqlalchemys_and_leaves_a_writer_that_works(club: ClubContext, pc: int) -> None:
    account = Query(insert(LedgerAccount).returning(LedgerAccount.id))
    asked_of_it = {"club_id": 1, "kind": "cash", "is_club": True, "unit": "tiyn"}

    def refused() -> None:
        with club.write() as work:
            RENAME.run(work.db, pc=pc, to="Не будет")
            account.one(work.db, **asked_of_it)

    with pytest.raises(IntegrityError):
        refused()
    with club.write() as work:
        assert PC.one(work.db, pc=pc)[0].name != "Не будет"
        assert ledger.open_account(work, CUSTOMER_BALANCE).id > 0


def test_a_new_row_is_written_at_once_with_its_defaults(club: ClubContext) -> None:
    with club.write() as work:
        person = new_rows.write(
            work.db, Staff,
            club_id=1, login="aigul", login_key="aigul", name="Айгуль", password_hash="-",
            role="cashier", created_at=work.now,
        )  # fmt: skip
        assert person in work.db
        assert work.db.get(Staff, person.id) is person
        person.name = "Айгуль С."
    with club.read() as db:
        stored = db.get_one(Staff, person.id)
        assert (stored.name, stored.language) == ("Айгуль С.", person.language)


def test_a_row_that_is_made_first_is_written_as_it_is_then(club: ClubContext) -> None:
    with club.write() as work:
        person = new_rows.make(
            Staff,
            club_id=1, login="aigul", login_key="aigul", name="Айгуль", password_hash="-",
            role="cashier", created_at=work.now,
        )  # fmt: skip
        assert person.id is None
        assert person not in work.db
        new_rows.add(work.db, person, role="admin")
        assert work.db.get(Staff, person.id) is person
        person.name = "Айгуль С."
    with club.read() as db:
        stored = db.get_one(Staff, person.id)
        assert (stored.name, stored.role, person.role) == ("Айгуль С.", "admin", "admin")


def test_a_new_row_has_no_value_of_no_column_and_no_number_of_its_own(club: ClubContext) -> None:
    with club.write() as work:
        for wrong in ({"salary": 1}, {"id": 7}):
            with pytest.raises(TypeError, match="no columns"):
                new_rows.write(work.db, Staff, login="aigul", **wrong)
            with pytest.raises(TypeError, match="no columns"):
                new_rows.add(work.db, new_rows.make(Staff, login="aigul"), **wrong)


def test_a_row_that_the_session_has_is_not_asked_for(club: ClubContext, pc: int) -> None:
    with club.write() as work:
        (computer,) = PC.one(work.db, pc=pc)
        with asked(club) as questions:
            assert known_rows.get_one(work.db, Computer, pc) is computer
        assert questions == []
    with club.read() as db:
        assert known_rows.get_one(db, Computer, pc).id == pc
        with pytest.raises(NoResultFound):
            known_rows.get_one(db, Computer, pc + 1)


def test_a_text_that_depends_on_its_values_is_not_prepared(club: ClubContext) -> None:
    several = Query(select(Computer.id).where(Computer.id.in_(bindparam("pcs", expanding=True))))
    with club.read() as db, pytest.raises(TypeError, match="depends on its values"):
        several.all(db, pcs=[1, 2])
