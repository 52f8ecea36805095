"""The first evening's list follows the data, and asks little for it."""

from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from lovhub.server.backups import sealing, service
from lovhub.server.backups.keeper import Keeper, Restorations
from lovhub.server.club import demo, first_evening
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.staff import people as staff
from lovhub.server.tariffs import queries as tariffs
from tests.support.club import OWNER, People


@pytest.fixture
def keeper(club: ClubContext, tmp_path: Path) -> Keeper:
    data = tmp_path / "data"
    data.mkdir()
    return Keeper(club, data, Restorations())


def state(club: ClubContext, keeper: Keeper) -> dict[str, bool]:
    with club.read() as db:
        row = club_service.get(db, club.club_id)
        return {step.code: step.done for step in first_evening.steps(db, row, keeper)}


def customer_names(db: Session) -> set[str]:
    return set(db.scalars(select(Customer.name).where(Customer.deleted_at.is_(None))))


def test_each_step_is_done_by_doing_it(club: ClubContext, people: People, keeper: Keeper) -> None:
    assert not any(state(club, keeper).values())
    people.tariff()
    people.computer()
    people.customer()
    staff.create(club, login="dana", name="Дана", role="cashier", language="ru", actor=OWNER)
    done = {code for code, it_is in state(club, keeper).items() if it_is}
    assert done == {"tariffs", "computers", "staff", "customers"}
    sealing.write_key(keeper.data, sealing.derive("длинный пароль для копий"))
    service.make(club, keeper.data, kind="by_hand", actor=OWNER)
    done = {code for code, it_is in state(club, keeper).items() if it_is}
    assert done == {"tariffs", "computers", "staff", "customers", "passphrase", "backup"}


def test_it_asks_one_question(club: ClubContext, people: People, keeper: Keeper) -> None:
    for _ in range(5):
        people.customer()
        people.computer()
    with club.read() as db:
        row = club_service.get(db, club.club_id)
        asked: list[str] = []

        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(club.database.engine, "before_cursor_execute", note)
        first_evening.open_steps(db, row, keeper)
        event.remove(club.database.engine, "before_cursor_execute", note)
    assert len(asked) == 1


def test_it_can_be_put_away_and_brought_back(club: ClubContext, keeper: Keeper) -> None:
    def shown() -> int:
        with club.read() as db:
            return len(first_evening.open_steps(db, club_service.get(db, club.club_id), keeper))

    assert shown() > 5
    assert not club_service.put_checklist_away(club, actor=OWNER)
    assert shown() == 0
    assert club_service.put_checklist_away(club, actor=OWNER)
    assert shown() > 5


def test_examples_are_taken_away_as_long_as_nothing_was_sold(
    club: ClubContext, people: People
) -> None:
    kept = people.tariff(title="Мой тариф")
    demo.furnish(club, OWNER)
    with club.read() as db:
        assert demo.is_there(db, club.club_id)
        assert len(tariffs.on_sale(db, club.club_id)) == len(demo.TARIFFS) + 1
        assert customer_names(db) > {"Айдар Нурланов"}
        assert not club_service.money_was_booked(db, club.club_id)
        assert check_ledger(db) == []
    demo.remove(club, OWNER)
    with club.read() as db:
        assert customer_names(db) == set()
        assert not club_service.money_was_booked(db, club.club_id)
        assert check_ledger(db) == []
        assert not demo.is_there(db, club.club_id)
        assert [tariff.id for tariff in tariffs.on_sale(db, club.club_id)] == [kept]


def test_examples_stay_once_money_was_booked(club: ClubContext, people: People) -> None:
    demo.furnish(club, OWNER)
    people.customer(balance_tiyn=100)
    with club.read() as db:
        assert club_service.money_was_booked(db, club.club_id)
    with pytest.raises(OperationRefused, match="demo_in_use"):
        demo.remove(club, OWNER)
    with club.read() as db:
        assert len(tariffs.on_sale(db, club.club_id)) == len(demo.TARIFFS)
