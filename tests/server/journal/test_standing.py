"""Prices, rights and settings, held against the log: whoever edits them in the database is found."""

import pytest
from sqlalchemy import delete, insert, select, update

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event, Standing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.models import BonusStep
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms, Step
from lovhub.server.staff.models import Staff
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.models import Tariff
from lovhub.server.tariffs.rules import Terms
from tests.support.club import OWNER, People
from tests.support.staff import StaffMaker
from tests.support.tampering import edit


def found(club: ClubContext) -> list[tuple[str, str]]:
    """But for the seal that a row itself bears: here it is seen what the lines tell."""
    with club.read() as db:
        return [
            (row.kind, row.detail) for row in check_ledger(db) if not row.kind.startswith("seal_")
        ]


def lines(club: ClubContext) -> int:
    with club.read() as db:
        return len(db.scalars(select(Standing.id)).all())


@pytest.fixture
def tariff(club: ClubContext) -> int:
    """An hour for 500 ₸."""
    return tariffs.create(club, terms=Terms("Час", 3600, 500_00), actor=OWNER)


def test_a_price_that_was_edited_is_found_until_the_program_sets_it(
    club: ClubContext, tariff: int
) -> None:
    assert found(club) == []
    edit(club, "UPDATE tariff SET price_tiyn = 100")
    edited = [("standing_tariff", "price_tiyn: 50000 → 100")]
    assert found(club) == edited
    # Whoever corrects something else does not vouch for the price.
    tariffs.change(club, tariff_id=tariff, terms=Terms("Один час", 3600, 1_00), actor=OWNER)
    assert found(club) == edited
    tariffs.change(club, tariff_id=tariff, terms=Terms("Один час", 3600, 500_00), actor=OWNER)
    assert found(club) == []


@pytest.mark.usefixtures("tariff")
def test_what_is_slipped_in_or_taken_out_is_found(club: ClubContext) -> None:
    StaffMaker(club).make("owner")
    edit(
        club,
        "INSERT INTO staff (club_id, login, login_key, name, role, password_hash, language, created_at,"
        " password_must_change, totp_last_step)"
        " SELECT club_id, 'x', 'x', 'X', role, password_hash, language, created_at, password_must_change, 0"
        " FROM staff",
    )  # fmt: skip
    edit(club, "DELETE FROM tariff")
    assert found(club) == [("standing_staff", "+"), ("standing_tariff", "-")]
    # To disable an account is not to have made it.
    with club.write() as work:
        work.db.execute(update(Staff).where(Staff.login == "x").values(disabled_at=work.now))
    assert found(club) == [("standing_staff", "+"), ("standing_tariff", "-")]


def test_of_a_secret_neither_value_is_told(club: ClubContext) -> None:
    StaffMaker(club).make("owner")
    edit(club, "UPDATE staff SET password_hash = 'theirs'")
    assert found(club) == [("standing_staff", "password_hash")]
    with club.read() as db:
        assert not any("$argon2" in (told or "") for told in db.scalars(select(Standing.told)))


def test_who_looked_may_take_the_rows_for_what_they_are_and_the_log_says_so(
    club: ClubContext, tariff: int
) -> None:
    tariffs.create(club, terms=Terms("Ночь", 3600, 900_00), actor=OWNER)
    edit(club, "UPDATE tariff SET price_tiyn = 100 WHERE id = :id", id=tariff)
    edit(club, "DELETE FROM tariff WHERE id > :id", id=tariff)
    edit(club, "INSERT INTO holiday (club_id, day) VALUES (1, '2027-03-21')")
    assert len(found(club)) == 3
    assert journal.accept_rows(club) == 3
    assert found(club) == []
    assert journal.accept_rows(club) == 0
    with club.read() as db:
        last = db.scalars(select(Event).order_by(Event.id.desc())).first()
    assert last is not None
    assert (last.kind, last.data["rows"]) == ("rows.taken_up", 3)


@pytest.mark.parametrize(
    "key",
    [
        "garbage", '{"a":1}', "[1,2]", "[]", "[ 1]", "[true]", '["1"]', '[{"a":1}]', "[18446744073709551616]",
    ],
)  # fmt: skip
def test_whatever_somebody_leaves_for_a_key_may_be_taken_for_what_it_is(
    club: ClubContext, tariff: int, key: str
) -> None:
    edit(
        club,
        "INSERT INTO standing (event_id, table_name, row_key, told)"
        " SELECT min(id), 'tariff', :key, '{}' FROM event",
        key=key,
    )
    assert ("standing_tariff", "-") in found(club)
    assert journal.accept_rows(club) == 1
    # That nothing vouches for the line stays.
    assert {kind for kind, _what in found(club)} == {"standing"}
    edit(club, "UPDATE tariff SET price_tiyn = 100 WHERE id = :id", id=tariff)
    assert "standing_tariff" in {kind for kind, _what in found(club)}


def test_a_day_that_no_database_can_hold_may_be_taken_for_what_it_is(club: ClubContext) -> None:
    edit(
        club,
        "INSERT INTO standing (event_id, table_name, row_key, told)"
        " SELECT min(id), 'holiday', :key, '{}' FROM event",
        key='[1,"\\u0000"]',
    )
    assert ("standing_holiday", "-") in found(club)
    assert journal.accept_rows(club) == 1


@pytest.mark.parametrize("kind", ["staff.signed_in", "tariff.created"])
def test_a_line_without_an_event_of_its_own_is_found(
    club: ClubContext, tariff: int, kind: str
) -> None:
    """Whoever adds a line for an edit must tell the log of it, where the owner reads it."""
    edit(club, "UPDATE tariff SET price_tiyn = 100")
    with club.write() as work:
        journal.record(work, "staff.signed_in", OWNER)
    edit(
        club,
        "INSERT INTO standing (event_id, table_name, row_key, told)"
        " SELECT max(id), 'tariff', :key, :told FROM event WHERE kind = :kind",
        key=f"[{tariff}]",
        told='{"price_tiyn":100}',
        kind=kind,
    )
    assert found(club) == [("standing", "")]


def test_many_rows_changed_at_once_are_each_told(club: ClubContext) -> None:
    terms = BonusTerms(is_on=True, share_percent=50, steps=(Step(1_000_00, 10), Step(2_000_00, 20)))
    loyalty.set_bonus_terms(club, terms=terms, actor=OWNER)
    fewer = BonusTerms(is_on=True, share_percent=50, steps=(Step(1_000_00, 12),))
    loyalty.set_bonus_terms(club, terms=fewer, actor=OWNER)
    assert found(club) == []
    with club.write() as work:
        work.db.execute(update(BonusStep).values(percent=BonusStep.percent + 1))
    assert found(club) == []
    with club.write() as work:
        work.db.execute(delete(BonusStep))
    assert found(club) == []
    step = {"club_id": 1, "from_tiyn": 1, "percent": 1}
    with club.write() as work, pytest.raises(TypeError, match="one by one"):
        work.db.execute(insert(BonusStep), [step])


def cheapen_and_refuse(club: ClubContext, tariff: int) -> None:
    with club.write() as work:
        work.db.get_one(Tariff, tariff).price_tiyn = 1
        work.db.flush()
        raise OperationRefused("whatever")


def test_what_is_undone_is_not_told_and_what_changes_nothing_neither(
    club: ClubContext, tariff: int
) -> None:
    before = lines(club)
    with pytest.raises(OperationRefused):
        cheapen_and_refuse(club, tariff)
    with club.write() as work, pytest.raises(OperationRefused):
        cheapen_and_refuse(club.within(work), tariff)
    with club.write() as work:
        work.db.get_one(Tariff, tariff).price_tiyn = 500_00
        work.db.execute(update(Tariff).values(title=Tariff.title))
    assert (lines(club), found(club)) == (before, [])


def test_what_was_changed_before_a_part_that_is_refused_is_told(
    club: ClubContext, tariff: int
) -> None:
    with club.write() as work:
        work.db.get_one(Tariff, tariff).price_tiyn = 400_00
        with pytest.raises(OperationRefused):
            cheapen_and_refuse(club.within(work), tariff)
    assert found(club) == []


def test_who_changes_a_setting_at_once_keeps_nobody_from_booking(club: ClubContext) -> None:
    if club.database.is_sqlite:
        return  # one writes at a time
    with club.write() as work:
        work.db.execute(update(Club).values(upkeep_generation=Club.upkeep_generation + 1))
        with club.write(patience_seconds=1) as another:
            journal.record(another, "staff.signed_in", OWNER)
    assert found(club) == []


def test_a_code_that_is_used_is_no_change_of_the_promotion(
    club: ClubContext, clock: ManualClock
) -> None:
    customer = People(club).customer()
    terms = PromoTerms("Открытие", "bonus", 100_00, 0, clock.now(), None)
    promos.create(club, terms=terms, codes=["OPENING"], actor=OWNER)
    before = lines(club)
    promos.use(club, customer_id=customer, code="opening", key="k", actor=OWNER)
    assert (lines(club), found(club)) == (before, [])
