import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lovhub.protocol.views import TariffView
from lovhub.server.bus import CatalogChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.tariffs import queries, rules, service
from tests.support.club import OWNER


def create(club: ClubContext, title: str = "1 час") -> int:
    return service.create(club, title=title, seconds=3600, price_tiyn=500_00, actor=OWNER)


def for_sale(club: ClubContext) -> list[TariffView]:
    with club.read() as db:
        return queries.tariffs_for_sale(db, club.club_id)


def test_a_new_tariff_is_for_sale_and_pcs_are_told(club: ClubContext, news: list[News]) -> None:
    tariff_id = create(club)
    assert for_sale(club) == [
        TariffView(tariff_id=tariff_id, title="1 час", seconds=3600, price_tiyn=500_00)
    ]
    assert news == [CatalogChanged()]


def test_a_change_is_written_down_with_what_was_before(club: ClubContext) -> None:
    tariff_id = create(club)
    service.change(
        club, tariff_id=tariff_id, title="Час", seconds=3600, price_tiyn=600_00, actor=OWNER
    )
    assert for_sale(club)[0].price_tiyn == 600_00
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "tariff.changed")).one()
    assert event.data["price_tiyn"] == 600_00
    assert event.data["before"] == {"title": "1 час", "seconds": 3600, "price_tiyn": 500_00}


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


@given(st.integers(0, 10**8), st.integers(60, 31 * 24 * 3600))
def test_the_price_of_an_hour_is_the_nearest_tiyn(price_tiyn: int, seconds: int) -> None:
    hour = rules.per_hour_tiyn(price_tiyn, seconds)
    assert abs(hour * seconds - price_tiyn * 3600) * 2 <= seconds
    assert rules.per_hour_tiyn(price_tiyn, 3600) == price_tiyn


def test_wrong_fields_are_named(club: ClubContext) -> None:
    with pytest.raises(OperationRefused) as refusal:
        service.create(club, title=" ", seconds=59, price_tiyn=-1, actor=OWNER)
    assert refusal.value.values == {
        "title": "title_malformed",
        "seconds": "duration_out_of_range",
        "price": "price_out_of_range",
    }
