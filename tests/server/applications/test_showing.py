"""Pictures of applications, and the zones in which they are offered."""

import io

import pytest
from PIL import Image
from sqlalchemy import func, select

from lovhub.server.applications import queries, showing
from lovhub.server.applications.models import ApplicationPicture
from lovhub.server.bus import CatalogChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.halls import service as halls
from lovhub.server.journal.models import Event
from tests.support.club import OWNER, People


def drawn(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(file, "PNG")
    return file.getvalue()


def kept(club: ClubContext) -> int:
    with club.read() as db:
        return db.scalars(select(func.count()).select_from(ApplicationPicture)).one()


def set_picture(club: ClubContext, application_id: int, colour: str) -> str:
    return showing.set_picture(club, application_id=application_id, sent=drawn(colour), actor=OWNER)


def test_a_picture_is_kept_as_long_as_something_shows_it(club: ClubContext, people: People) -> None:
    first, second = people.application(), people.application()
    red = set_picture(club, first, "red")
    assert set_picture(club, second, "red") == red
    assert set_picture(club, second, "red") == red
    assert kept(club) == 1
    with club.read() as db:
        assert queries.picture(db, club.club_id, red)
        assert queries.picture(db, club.club_id, "nothing") is None
        assert queries.picture(db, club.club_id + 1, red) is None
        recorded = db.scalars(select(func.count()).where(Event.kind.like("application.pict%")))
        assert recorded.one() == 2, "showing the same picture again is no change"
    blue = set_picture(club, first, "blue")
    assert blue != red
    assert kept(club) == 2
    showing.remove_picture(club, application_id=second, actor=OWNER)
    assert kept(club) == 1
    showing.remove_picture(club, application_id=first, actor=OWNER)
    assert kept(club) == 0


def test_a_refused_picture_changes_nothing(club: ClubContext, people: People) -> None:
    application_id = people.application()
    red = set_picture(club, application_id, "red")
    with pytest.raises(OperationRefused, match="invalid_fields"):
        showing.set_picture(club, application_id=application_id, sent=b"no", actor=OWNER)
    with club.read() as db:
        assert queries.get(db, club.club_id, application_id).picture == red
    with pytest.raises(OperationRefused, match="application_not_available"):
        set_picture(club, 99, "red")
    assert kept(club) == 1


def zone(club: ClubContext, name: str) -> int:
    hall_id = halls.create_hall(club, name=f"Зал {name}", zones=[], actor=OWNER)
    return halls.create_zone(club, hall_id=hall_id, name=name, actor=OWNER)


def test_an_application_is_offered_where_the_club_says(
    club: ClubContext, people: People, news: list[News]
) -> None:
    everywhere, limited = people.application(), people.application()
    vip, common = zone(club, "VIP"), zone(club, "Общая")
    news.clear()

    def limit(*zone_ids: int) -> None:
        showing.limit_to_zones(club, application_id=limited, zone_ids=zone_ids, actor=OWNER)

    def offered() -> dict[int | None, set[int]]:
        with club.read() as db:
            found = queries.applications_by_zone(db, club.club_id, [None, vip, common])
        return {
            zone_id: {view.application_id for view in views} for zone_id, views in found.items()
        }

    both = {everywhere, limited}
    assert offered() == {None: both, vip: both, common: both}
    limit(vip)
    limit(vip)
    assert news == [CatalogChanged()]
    assert offered() == {None: {everywhere}, vip: both, common: {everywhere}}
    limit(vip, common)
    assert offered() == {None: {everywhere}, vip: both, common: both}
    with pytest.raises(OperationRefused, match="zone_unknown"):
        limit(vip, 99)
    halls.delete_zone(club, zone_id=vip, to_zone_id=None, leave_without_zone=True, actor=OWNER)
    with pytest.raises(OperationRefused, match="zone_unknown"):
        limit(vip)
    limit()
    assert offered()[None] == both
