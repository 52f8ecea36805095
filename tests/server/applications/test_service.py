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
        other_paths=["", " D:\\cs2.exe", "D:\\cs2.exe"],
        watch=["cs2.exe ", ""],
        actor=OWNER,
    )


def offered(club: ClubContext) -> list[ApplicationView]:
    with club.read() as db:
        return queries.applications_by_zone(db, club.club_id, [None])[None]


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
        other_paths=("D:\\cs2.exe",),
        watch=("cs2.exe",),
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


def test_a_retired_application_comes_back_to_its_place(club: ClubContext) -> None:
    first, second = create(club), create(club)
    service.retire(club, application_id=first, actor=OWNER)
    with club.read() as db:
        assert [row.id for row in queries.retired(db, club.club_id, "game")] == [first]
        assert queries.retired(db, club.club_id, "program") == []
    for _ in range(2):
        service.restore(club, application_id=first, actor=OWNER)
    assert [view.application_id for view in offered(club)] == [first, second]
    with pytest.raises(OperationRefused, match="application_not_available"):
        service.restore(club, application_id=99, actor=OWNER)


def test_applications_are_arranged_within_their_tab(club: ClubContext, news: list[News]) -> None:
    first, program, second, third = (
        create(club),
        create(club, "Discord", "program"),
        create(club),
        create(club),
    )
    news.clear()
    service.move(club, application_id=third, place=0, actor=OWNER)
    with club.read() as db:
        games = [row.id for row in queries.in_use(db, club.club_id, "game")]
        assert games == [third, first, second]
        assert [row.id for row in queries.in_use(db, club.club_id, "program")] == [program]
    assert news == [CatalogChanged()]
    service.move(club, application_id=second, place=7, actor=OWNER)
    assert news == [CatalogChanged()], "it is there already"


def test_wrong_fields_are_named(club: ClubContext) -> None:
    with pytest.raises(OperationRefused) as refusal:
        service.create(club, title="", kind="film", exe_path="cs.exe", arguments=['"'], actor=OWNER)
    assert refusal.value.values == {
        "title": "title_malformed",
        "kind": "kind_unknown",
        "exe_path": "path_not_absolute",
        "arguments": "arguments_malformed",
    }


def test_games_of_a_library_are_added_together_and_once(
    club: ClubContext, news: list[News]
) -> None:
    create(club)
    dota = service.Game("Dota 2", "steam://rungameid/570", ["dota2.exe"])
    rust = service.Game("Rust ", "steam://rungameid/252490", ["RustClient.exe", ""])
    news.clear()
    added = service.create_games(club, games=[rust, dota, dota], actor=OWNER)
    assert service.create_games(club, games=[dota, rust], actor=OWNER) == ()
    assert news == [CatalogChanged()]
    rows = [(view.application_id, view.title, view.kind, view.watch) for view in offered(club)[1:]]
    assert rows == [
        (added[0], "Rust", "game", ("RustClient.exe",)),
        (added[1], "Dota 2", "game", ("dota2.exe",)),
    ]
    nameless = service.Game("A", "steam://rungameid/1", [])
    with pytest.raises(OperationRefused) as refused:
        service.create_games(
            club,
            games=[service.Game("B", "steam://rungameid/2", ["b.exe"]), nameless],
            actor=OWNER,
        )
    assert refused.value.values == {"watch": "watch_missing"}
    assert len(offered(club)) == 3
