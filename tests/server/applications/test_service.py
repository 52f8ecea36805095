import pytest

from lovhub.protocol.views import ApplicationView
from lovhub.server.applications import queries, service
from lovhub.server.bus import CatalogChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from tests.support.club import OWNER


def create(club: ClubContext, title: str = "CS 2", kind: str = "game") -> int:
    return service.create(
        club,
        title=title,
        kind=kind,
        exe_path='"C:\\Games\\cs2.exe"',
        arguments=["-novid"],
        actor=OWNER,
    )


def offered(club: ClubContext) -> list[ApplicationView]:
    with club.read() as db:
        return queries.applications_for_players(db, club.club_id)


def test_a_new_application_is_offered_last_and_pcs_are_told(
    club: ClubContext, news: list[News]
) -> None:
    first = create(club, "Яндекс", "program")
    second = create(club)
    assert [view.application_id for view in offered(club)] == [first, second]
    assert offered(club)[1] == ApplicationView(
        application_id=second,
        title="CS 2",
        kind="game",
        exe_path="C:\\Games\\cs2.exe",
        arguments=("-novid",),
    )
    assert news == [CatalogChanged(), CatalogChanged()]


def test_change_and_retire(club: ClubContext) -> None:
    application_id = create(club)
    service.change(
        club,
        application_id=application_id,
        title="CS",
        kind="program",
        exe_path="/opt/cs",
        arguments=[],
        actor=OWNER,
    )
    assert offered(club)[0].exe_path == "/opt/cs"
    assert offered(club)[0].kind == "program"
    service.retire(club, application_id=application_id, actor=OWNER)
    assert offered(club) == []
    with pytest.raises(OperationRefused, match="application_not_available"):
        service.retire(club, application_id=application_id, actor=OWNER)


def test_wrong_fields_are_named(club: ClubContext) -> None:
    with pytest.raises(OperationRefused) as refusal:
        service.create(club, title="", kind="film", exe_path="cs.exe", arguments=['"'], actor=OWNER)
    assert refusal.value.values == {
        "title": "title_malformed",
        "kind": "kind_unknown",
        "exe_path": "path_not_absolute",
        "arguments": "arguments_malformed",
    }
