import pytest
from sqlalchemy import select

from lovhub.protocol.views import TariffView
from lovhub.server.bus import CatalogChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.tariffs import queries, service
from lovhub.server.tariffs.rules import Terms
from tests.support.club import OWNER


def create(club: ClubContext, title: str = "1 час") -> int:
    return service.create(club, terms=Terms(title, 3600, 500_00), actor=OWNER)


def for_sale(club: ClubContext) -> list[TariffView]:
    with club.read() as db:
        return list(queries.views(queries.shelf(db, club.club_id, club.clock.now()).goods(None)))


def test_a_new_tariff_is_for_sale_and_pcs_are_told(club: ClubContext, news: list[News]) -> None:
    tariff_id = create(club)
    assert for_sale(club) == [
        TariffView(tariff_id=tariff_id, title="1 час", seconds=3600, price_tiyn=500_00)
    ]
    assert news == [CatalogChanged()]


def test_a_change_is_written_down_with_what_was_before(club: ClubContext) -> None:
    tariff_id = create(club)
    service.change(club, tariff_id=tariff_id, terms=Terms("Час", 3600, 600_00), actor=OWNER)
    assert for_sale(club)[0].price_tiyn == 600_00
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "tariff.changed")).one()
    assert event.data["price_tiyn"] == 600_00
    assert event.data["before"] == {"title": "1 час", "price_tiyn": 500_00}


def test_a_retired_tariff_is_neither_sold_nor_changed(club: ClubContext) -> None:
    tariff_id = create(club)
    service.retire(club, tariff_id=tariff_id, actor=OWNER)
    assert for_sale(club) == []
    with pytest.raises(OperationRefused, match="tariff_not_available"):
        service.retire(club, tariff_id=tariff_id, actor=OWNER)


def test_a_retirement_is_taken_back(club: ClubContext, news: list[News]) -> None:
    first, second = create(club), create(club, "Ночь")
    service.retire(club, tariff_id=first, actor=OWNER)
    with club.read() as db:
        assert [row.id for row in queries.retired(db, club.club_id)] == [first]
    news.clear()
    for _ in range(2):
        service.restore(club, tariff_id=first, actor=OWNER)
    assert news == [CatalogChanged()]
    assert [view.tariff_id for view in for_sale(club)] == [first, second]
    with pytest.raises(OperationRefused, match="tariff_not_available"):
        service.restore(club, tariff_id=99, actor=OWNER)


def test_tariffs_stand_as_they_were_arranged(club: ClubContext, news: list[News]) -> None:
    first, second, third = create(club), create(club), create(club)
    news.clear()
    service.move(club, tariff_id=third, place=0, actor=OWNER)
    assert [view.tariff_id for view in for_sale(club)] == [third, first, second]
    assert news == [CatalogChanged()]
    service.move(club, tariff_id=second, place=2, actor=OWNER)
    assert news == [CatalogChanged()], "it is there already"
    assert create(club) == for_sale(club)[-1].tariff_id, "a new one stands last"
    service.retire(club, tariff_id=first, actor=OWNER)
    with pytest.raises(OperationRefused, match="tariff_not_available"):
        service.move(club, tariff_id=first, place=0, actor=OWNER)


def test_wrong_fields_are_named(club: ClubContext) -> None:
    with pytest.raises(OperationRefused) as refusal:
        service.create(club, terms=Terms(" ", 59, -1), actor=OWNER)
    assert refusal.value.values == {
        "title": "title_malformed",
        "seconds": "duration_out_of_range",
        "price": "price_out_of_range",
    }
