"""What a PC says that it found is checked as what people type: players write the files it comes from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.protocol.channel import CommandResult
from lovhub.protocol.views import FoundGame
from lovhub.server.applications.rules import problems, what_starts
from lovhub.server.libraries.rules import Offered, believed, compared

CS2 = FoundGame("Counter-Strike 2", "steam", "steam://rungameid/730", ("cs2.exe",), is_guess=True)
EPIC = "com.epicgames.launcher://apps/fn%3Aid%3AFortnite"


def told(*games: FoundGame) -> CommandResult:
    return CommandResult(
        "a", ok=True, stores=("steam", "epic", "gog"), games=games, games_left_out=-1
    )


def test_what_makes_sense_is_believed() -> None:
    found = believed(7, told(CS2))
    assert (found.computer_id, found.games, found.left_out) == (7, (CS2,), 0)
    assert found.stores == ("steam", "epic")


@pytest.mark.parametrize(
    ("title", "store", "place"),
    [
        ("Игра", "gog", "steam://rungameid/1"),
        ("Игра", "steam", "steam://uninstall/730"),
        ("Игра", "steam", r"C:\Windows\System32\cmd.exe"),
        ("Игра", "steam", "file:///etc/passwd"),
        ("Игра", "epic", "com.epicgames.launcher://apps/a b?action=install"),
        (" \u202e\x07", "steam", "steam://rungameid/1"),
        ("", "steam", "steam://rungameid/1"),
    ],
)
def test_what_could_start_something_else_is_passed_over(title: str, store: str, place: str) -> None:
    assert believed(1, told(FoundGame(title, store, place, ("a.exe",)))).games == ()


def test_a_title_is_cut_and_the_system_is_not_watched() -> None:
    watch = ("explorer.exe", "..\\a.exe", "a\u202e.exe", "game.exe", "", "lsass.exe")
    [game] = believed(1, told(FoundGame("Ж\n" + "ж" * 200, "steam", CS2.place, watch))).games
    assert len(game.title) == 80
    assert game.title.startswith("Ж жж")
    assert game.watch == ("game.exe",)


TEXTS = st.text(max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    TEXTS,
    st.sampled_from(("steam", "epic", "x")),
    TEXTS | st.just(CS2.place),
    st.lists(TEXTS, max_size=3),
)
def test_all_that_is_believed_can_be_an_application(
    title: str, store: str, place: str, watch: list[str]
) -> None:
    for game in believed(1, told(FoundGame(title, store, place, tuple(watch)))).games:
        assert not problems(game.title, "game", game.place, [], [], list(game.watch) or ["x.exe"])


@pytest.mark.parametrize(
    ("title", "place", "is_retired", "standing"),
    [
        ("CS", "steam://run/730/", False, "offered"),
        ("CS", r"C:\Games\cs2.exe", False, "new"),
        ("counter-strike  2", r"C:\Games\cs2.exe", False, "alike"),
        ("CS", "STEAM://rungameid/730", True, "new"),  # no address at all: nothing answers to it
        ("CS", "steam://launch/730", True, "retired"),
        ("Counter-Strike 2", "steam://rungameid/731", True, "new"),
    ],
)
def test_what_the_club_has_already_is_seen(
    title: str, place: str, *, is_retired: bool, standing: str
) -> None:
    [candidate] = compared([CS2], [Offered(title, ("/opt/x", place), is_retired)])
    assert candidate.standing == standing
    assert candidate.is_chosen is (standing == "new")


def test_a_game_without_a_process_is_not_chosen_for_anybody() -> None:
    [candidate] = compared([FoundGame("Rust", "steam", "steam://rungameid/1")], [])
    assert (candidate.standing, candidate.is_chosen) == ("new", False)


def test_one_thing_has_one_place_however_it_is_written() -> None:
    plain = "com.epicgames.launcher://apps/fn:id:Fortnite"
    assert what_starts(f"{EPIC}?action=launch&silent=true") == what_starts(plain)
    assert what_starts(EPIC) != what_starts(EPIC + "2")
    assert what_starts(' "C:\\Games\\A.exe"') == what_starts("c:/games/a.EXE")
