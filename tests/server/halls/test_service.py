"""Halls, zones, and where PCs stand: on both databases."""

import pytest
from sqlalchemy import select

from lovhub.server.bus import HallsChanged, News
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.halls import queries, service
from lovhub.server.journal.models import Event
from tests.support import statements
from tests.support.club import OWNER, People, found_another_club

Shown = dict[str, dict[str, list[str]]]


def shown(club: ClubContext) -> Shown:
    """Hall → zone → PCs («17 ПК-1» for one with a number)."""
    with club.read() as db:
        plan = queries.plan(db, club.club_id)

    def names(stands: list[queries.Stand]) -> list[str]:
        return [f"{stand.number} {stand.name}" if stand.number else stand.name for stand in stands]

    halls = {
        hall.name: {zone.name: names(zone.computers) for zone in hall.zones} for hall in plan.halls
    }
    return {**halls, "": {"": names(plan.without_zone)}}


def zone_ids(club: ClubContext) -> dict[str, int]:
    with club.read() as db:
        return {zone.name: zone.id for zone in queries.zones(db, club.club_id)}


def events(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(
            db.scalars(
                select(Event.kind)
                .where(Event.kind.not_like("club%"), Event.kind.not_like("staff%"))
                .order_by(Event.id)
            )
        )


@pytest.fixture
def first(club: ClubContext) -> int:
    """A hall with two zones."""
    return service.create_hall(club, name=" Первый  этаж ", zones=["Общий зал", "VIP"], actor=OWNER)


def test_a_hall_comes_with_its_zones(club: ClubContext, first: int, news: list[News]) -> None:
    second = service.create_hall(club, name="Подвал", zones=[], actor=OWNER)
    service.create_zone(club, hall_id=second, name="Bootcamp", actor=OWNER)
    assert shown(club) == {
        "Первый этаж": {"Общий зал": [], "VIP": []},
        "Подвал": {"Bootcamp": []},
        "": {"": []},
    }
    assert events(club)[-2:] == ["hall.created", "zone.created"]
    assert HallsChanged() in news


@pytest.mark.parametrize(
    ("name", "zones", "code"),
    [
        ("", [], "name_missing"),
        ("первый ЭТАЖ", [], "name_taken"),
        ("Подвал", ["VIP", "vip"], "zone_names_wrong"),
    ],
)
def test_a_hall_that_is_wrong_is_not_made_by_half(
    club: ClubContext, first: int, name: str, zones: list[str], code: str
) -> None:
    before = shown(club), events(club)
    with pytest.raises(OperationRefused, match=code):
        service.create_hall(club, name=name, zones=zones, actor=OWNER)
    assert (shown(club), events(club)) == before


def test_halls_and_zones_are_renamed_and_put_in_order(club: ClubContext, first: int) -> None:
    second = service.create_hall(club, name="Подвал", zones=["Bootcamp"], actor=OWNER)
    service.move_hall(club, hall_id=second, places=-1, actor=OWNER)
    service.rename_hall(club, hall_id=first, name="Зал", actor=OWNER)
    ids = zone_ids(club)
    service.move_zone(club, zone_id=ids["VIP"], places=-1, actor=OWNER)
    service.change_zone(club, zone_id=ids["Общий зал"], name="Общая", hall_id=second, actor=OWNER)
    assert shown(club) == {
        "Подвал": {"Bootcamp": [], "Общая": []},
        "Зал": {"VIP": []},
        "": {"": []},
    }
    assert list(shown(club)) == ["Подвал", "Зал", ""]


def test_a_zone_with_pcs_asks_where_they_go(club: ClubContext, people: People, first: int) -> None:
    ids = zone_ids(club)
    pcs = [people.computer("ПК-1"), people.computer("ПК-2")]
    service.place(club, computer_ids=pcs, zone_id=ids["VIP"], actor=OWNER)
    with pytest.raises(OperationRefused, match="zone_has_computers"):
        service.delete_zone(club, zone_id=ids["VIP"], to_zone_id=None, actor=OWNER)
    with pytest.raises(OperationRefused, match="zone_has_computers"):
        service.delete_zone(club, zone_id=ids["VIP"], to_zone_id=ids["VIP"], actor=OWNER)
    service.delete_zone(club, zone_id=ids["VIP"], to_zone_id=ids["Общий зал"], actor=OWNER)
    assert shown(club)["Первый этаж"] == {"Общий зал": ["ПК-1", "ПК-2"]}
    service.delete_zone(
        club, zone_id=ids["Общий зал"], to_zone_id=None, leave_without_zone=True, actor=OWNER
    )
    assert shown(club) == {"Первый этаж": {}, "": {"": ["ПК-1", "ПК-2"]}}
    with club.read() as db:
        placed = select(Event.computer_id).where(Event.kind == "computer.placed")
        assert db.scalars(placed.order_by(Event.id)).all() == pcs * 3
    with pytest.raises(OperationRefused, match="zone_unknown"):
        service.place(club, computer_ids=pcs, zone_id=ids["VIP"], actor=OWNER)


def test_a_hall_with_zones_asks_where_they_go(club: ClubContext, first: int) -> None:
    second = service.create_hall(club, name="Подвал", zones=["VIP"], actor=OWNER)
    with pytest.raises(OperationRefused, match="hall_has_zones"):
        service.delete_hall(club, hall_id=first, zones_to_hall_id=None, actor=OWNER)
    with pytest.raises(OperationRefused, match="hall_has_zones"):
        service.delete_hall(club, hall_id=first, zones_to_hall_id=first, actor=OWNER)
    service.delete_hall(club, hall_id=first, zones_to_hall_id=second, actor=OWNER)
    assert shown(club)["Подвал"] == {"VIP": [], "Общий зал": [], "VIP 2": []}
    with pytest.raises(OperationRefused, match="hall_unknown"):
        service.create_zone(club, hall_id=first, name="X", actor=OWNER)


def test_pcs_are_numbered_in_a_row_and_numbers_may_be_passed_round(
    club: ClubContext, people: People
) -> None:
    one, two, three = people.computer("ПК-1"), people.computer("ПК-2"), people.computer("ПК-3")
    service.number(club, computer_ids=[three, one, two], first=1, actor=OWNER)
    assert shown(club)[""][""] == ["1 ПК-1", "2 ПК-2", "3 ПК-3"]
    with pytest.raises(OperationRefused, match="number_taken"):
        service.number(club, computer_ids=[one], first=3, actor=OWNER)
    service.number(club, computer_ids=[one, two], first=None, actor=OWNER)
    service.number(club, computer_ids=[two, three], first=1, actor=OWNER)
    assert shown(club)[""][""] == ["1 ПК-3", "2 ПК-2", "ПК-1"]
    service.number(club, computer_ids=[three, two], first=2, actor=OWNER)
    assert shown(club)[""][""] == ["2 ПК-3", "3 ПК-2", "ПК-1"]
    computers.revoke(club, computer_id=three, actor=OWNER)
    service.number(club, computer_ids=[one], first=2, actor=OWNER)
    assert shown(club)[""][""] == ["2 ПК-1", "3 ПК-2"]


def test_ids_of_another_club_are_strangers(club: ClubContext, people: People, first: int) -> None:
    other = found_another_club(club.database, club.clock, club_id=2)
    theirs = service.create_hall(other, name="Чужой", zones=["Чужая"], actor=OWNER)
    their_zone = zone_ids(other)["Чужая"]
    pc, their_pc = people.computer(), People(other).computer()
    with pytest.raises(OperationRefused, match="hall_unknown"):
        service.rename_hall(club, hall_id=theirs, name="Мой", actor=OWNER)
    with pytest.raises(OperationRefused, match="zone_unknown"):
        service.place(club, computer_ids=[pc], zone_id=their_zone, actor=OWNER)
    for ids in ([pc, their_pc], [their_pc]):
        with pytest.raises(OperationRefused, match="computer_unknown"):
            service.place(club, computer_ids=ids, zone_id=None, actor=OWNER)
        with pytest.raises(OperationRefused, match="computer_unknown"):
            service.number(club, computer_ids=ids, first=1, actor=OWNER)
    assert "Чужой" not in shown(club)


def test_the_plan_takes_three_queries_however_many_pcs(
    club: ClubContext, people: People, first: int
) -> None:
    pcs = [people.computer() for _ in range(20)]
    service.place(club, computer_ids=pcs[:12], zone_id=zone_ids(club)["VIP"], actor=OWNER)
    with statements.asked(club) as told, club.read() as db:
        queries.plan(db, club.club_id)
    assert len(told) == 3
