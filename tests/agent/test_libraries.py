"""What Steam and Epic have installed: read from their files, which players may write as they like."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.agent.libraries import epic, reading, steam, vdf
from lovhub.agent.libraries.programs import Program, guessed
from lovhub.agent.libraries.scan import LONGEST_TITLE, Found, Places, scan
from lovhub.protocol import MAX_FRAME_BYTES
from lovhub.protocol.channel import CommandResult, client_codec
from lovhub.protocol.views import FoundGame

CS2 = "steam://rungameid/730"


def acf(
    number: object = 730, name: str = "Counter-Strike 2", flags: object = 4, folder: str = "cs"
) -> str:
    return f"""
"AppState"
{{
\t"appid"\t\t"{number}"
\t"name"\t\t"{name}"
\t"StateFlags"\t\t"{flags}"
\t"installdir"\t\t"{folder}"
\t"UserConfig" {{ "language" "russian" }}
}}
"""


def item(**told: Any) -> str:
    usual = {
        "FormatVersion": 0,
        "bIsIncompleteInstall": False,
        "LaunchExecutable": "FortniteGame/Binaries/Win64/FortniteLauncher.exe",
        "DisplayName": "Fortnite",
        "AppName": "Fortnite",
        "CatalogNamespace": "fn",
        "CatalogItemId": "4fe75bbc5a674f4f9b356b5c90567da5",
        "AppCategories": ["public", "games", "applications"],
        "ProcessNames": ["FortniteClient-Win64-Shipping.exe"],
        "MainGameAppName": "Fortnite",
    }
    return json.dumps({**usual, **told})


def steam_at(folder: Path, *manifests: str) -> Path:
    (folder / "steamapps").mkdir(parents=True)
    for number, text in enumerate(manifests):
        (folder / "steamapps" / f"appmanifest_{number}.acf").write_text(text, encoding="utf-8")
    return folder


# --- Valve's format ---------------------------------------------------------------------------------

VALUES = st.text(max_size=12)
NODES = st.dictionaries(
    st.text(alphabet='aя "\\/[{', max_size=4),
    VALUES | st.dictionaries(st.text("b}", max_size=2), VALUES, max_size=2),
    max_size=3,
)


def written(node: dict[str, Any]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return "\n".join(
        f"{quoted(key)} "
        + (quoted(value) if isinstance(value, str) else "{" + written(value) + "}")
        for key, value in node.items()
    )


@settings(max_examples=30, deadline=None)
@given(NODES)
def test_what_steam_would_write_is_read_back(node: dict[str, Any]) -> None:
    assert vdf.parse(written(node)) == node


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", {}),
        ('// a comment "\n"A" "b" [$WIN32] "c" { d e }', {"a": "b", "c": {"d": "e"}}),
        (r'"path" "D:\\Games\\Steam"', {"path": r"D:\Games\Steam"}),
        ('"a" "1" "A" "2"', {"a": "2"}),
    ],
)
def test_the_format_with_all_it_may_have(text: str, read: object) -> None:
    assert vdf.parse(text) == read


@pytest.mark.parametrize(
    "text",
    [
        '"a"', '"a" {', "}", "{", '"a" }', '"a" "b', "[", '"a" {' * 40 + "}" * 40,
        "// " + " " * 200_000 + '\n"', '"' + "\\" * 200_001,
    ],
)  # fmt: skip
def test_what_is_none_is_refused_and_takes_no_time(text: str) -> None:
    with pytest.raises(vdf.Malformed):
        vdf.parse(text)


WORDS = st.sampled_from(
    ['"', "{", "}", "\\", "[", "]", "//", "\n", " ", "AppState", "appid", "\0", "9" * 30]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(WORDS, max_size=60).map("".join) | st.text(max_size=80))
def test_no_text_hurts(text: str) -> None:
    assert steam.library_folders(text) == []
    assert steam.installed(text) is None
    assert steam.installed(f'"AppState" {{ {text}') is None
    assert epic.installed(text) is None


JSON_VALUES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=2)
    | st.just({"a": []}) | st.just([None, 1, {}])
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(json.loads(item()))), JSON_VALUES, max_size=9))
def test_an_epic_manifest_may_hold_anything(told: dict[str, Any]) -> None:
    found = epic.installed(item(**told))
    if found is not None:
        assert found.title.strip()
        assert found.address.isascii()
        assert all(name and "/" not in name for name in found.processes)


# --- what they tell ---------------------------------------------------------------------------------


def test_steams_libraries_in_both_ways_of_writing() -> None:
    new = r'"libraryfolders" { "0" { "path" "C:\\Steam" "apps" { "730" "1" } } "1" { "path" "D:\\S" } }'
    old = r'"LibraryFolders" { "TimeNextStatsReport" "9" "1" "D:\\S" "2" "D:\\S" }'
    assert steam.library_folders(new) == [r"C:\Steam", r"D:\S"]
    assert steam.library_folders(old) == [r"D:\S"]


@pytest.mark.parametrize(
    "text",
    [
        acf(flags=1026),  # it is being downloaded
        acf(number=228980, name="Steamworks Common Redistributables"),
        acf(number=2805730, name="Proton 9.0"),
        acf(number="730 -shutdown"),
        acf(number="7" * 25),
        acf(number=0),
        acf(name="  "),
        acf(flags="\N{ARABIC-INDIC DIGIT FOUR}"),
    ],
)
def test_what_is_no_game_that_can_be_started(text: str) -> None:
    assert steam.installed(text) is None


def test_epic_tells_the_game_its_address_and_its_processes() -> None:
    told = epic.installed(item())
    assert told == epic.Installed(
        "com.epicgames.launcher://apps/fn%3A4fe75bbc5a674f4f9b356b5c90567da5%3AFortnite"
        "?action=launch&silent=true",
        "Fortnite",
        ("FortniteLauncher.exe", "FortniteClient-Win64-Shipping.exe"),
    )
    alone = epic.installed(
        item(CatalogItemId="", LaunchExecutable="Binaries\\Game.exe", ProcessNames=None)
    )
    assert alone is not None
    assert alone.address.startswith("com.epicgames.launcher://apps/Fortnite?")
    assert alone.processes == ("Game.exe",)
    for other in (
        {"bIsIncompleteInstall": True},
        {"AppCategories": ["public", "addons", "games"]},
        {"AppCategories": ["engines"]},
        {"MainGameAppName": "Another"},
        {"AppName": ""},
    ):
        assert epic.installed(item(**other)) is None


@pytest.mark.parametrize(
    ("title", "folder", "programs", "names"),
    [
        (
            "Counter-Strike 2",
            "Counter-Strike Global Offensive",
            [Program("csgo.exe", 0, 9), Program("cs2.exe", 3, 50), Program("vconsole2.exe", 3, 9)],
            ("cs2.exe",),
        ),
        (
            "PUBG: BATTLEGROUNDS",
            "PUBG",
            [
                Program("TslGame.exe", 3, 90),
                Program("TslGame_BE.exe", 3, 1),
                Program("ExecPubg.exe", 3, 2),
                Program("zksvc.exe", 3, 2),
            ],
            ("ExecPubg.exe", "TslGame.exe"),
        ),
        (
            "Satisfactory",
            "Satisfactory",
            [
                Program("FactoryGameSteam.exe", 0, 1),
                Program("FactoryGameSteam-Win64-Shipping.exe", 3, 200),
                Program("CrashReportClient.exe", 3, 20),
            ],
            ("FactoryGameSteam-Win64-Shipping.exe",),
        ),
        ("Игра", "x", [Program("UnityCrashHandler64.exe", 0, 9), Program("unins000.exe", 0, 2)], ()),
        ("Игра", "x", [Program("a.exe", 0, 1), Program("b.exe", 0, 2), Program("launcher.exe", 0, 9)], ("b.exe",)),
        ("Rust", "Rust", [Program("Rust.exe", 0, 1), Program("RustClient.exe", 0, 9)], ("RustClient.exe", "Rust.exe")),
    ],
)  # fmt: skip
def test_the_process_is_guessed_from_the_folder(
    title: str, folder: str, programs: list[Program], names: tuple[str, ...]
) -> None:
    assert guessed(title, folder, programs) == names


# --- the look at the disks --------------------------------------------------------------------------


def test_one_look_finds_what_lies_on_all_disks(tmp_path: Path) -> None:
    other = steam_at(tmp_path / "other", acf(570, "Dota 2", 4, "dota 2 beta"))
    home = steam_at(tmp_path / "steam", acf(), acf(), acf(flags=2))
    share = steam_at(tmp_path / "share", acf(1, "Of another PC"))  # `//…` is there, too, on Linux
    paths = enumerate((home, other, f"/{share}"))
    told = " ".join(f'"{n}" {{ "path" "{path}" }}' for n, path in paths)
    (home / "steamapps/libraryfolders.vdf").write_text(f'"libraryfolders" {{ {told} }}')
    program = other / "steamapps/common/dota 2 beta/game/bin/win64/dota2.exe"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"MZ")
    manifests = tmp_path / "epic"
    manifests.mkdir()
    (manifests / "1.item").write_text(item(DisplayName="Fortnite\u202e\0"), encoding="utf-16")
    (manifests / "2.item").write_text(item(AppName="\ud800"))
    (manifests / "3.txt").write_text(item())
    found = scan(Places([home, tmp_path / "nowhere"], [manifests]))
    assert found.stores == ("steam", "epic")
    assert found.left_out == 0
    epic_address = "com.epicgames.launcher://apps/fn%3A4fe75bbc5a674f4f9b356b5c90567da5%3AFortnite?action=launch&silent=true"
    processes = ("FortniteLauncher.exe", "FortniteClient-Win64-Shipping.exe")
    assert found.games == (
        FoundGame("Counter-Strike 2", "steam", CS2),
        FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True),
        FoundGame("Fortnite", "epic", epic_address, processes),
    )


def test_nothing_is_told_from_no_library_at_all(tmp_path: Path) -> None:
    assert scan(Places([tmp_path], [tmp_path / "none"])) == Found()
    assert scan(Places([steam_at(tmp_path)])) == Found(stores=("steam",))


def test_folders_are_not_looked_through_when_the_time_is_over(tmp_path: Path) -> None:
    home = steam_at(tmp_path, acf(1, "A", 4, "a"), acf(2, "B", 4, "b"))
    for name in "ab":
        (home / "steamapps/common" / name).mkdir(parents=True)
        (home / "steamapps/common" / name / f"{name}.exe").touch()
    instants = iter([0.0, 1.0, 30.0])
    watched = [game.watch for game in scan(Places([home]), lambda: next(instants)).games]
    assert watched == [("a.exe",), ()]


def test_the_answer_fits_into_one_frame_and_says_how_many_did_not(tmp_path: Path) -> None:
    manifests = [acf(n, f"{n} Ә" + "Ж" * 200, 4, "x") for n in range(1, 401)]
    found = scan(Places([steam_at(tmp_path, *manifests)]))
    assert len(found.games) + found.left_out == 400
    assert found.left_out > 0
    assert all(len(game.title) <= LONGEST_TITLE for game in found.games)
    result = CommandResult("i" * 40, ok=True, stores=found.stores, games=found.games)
    assert len(client_codec.encode(result)) < MAX_FRAME_BYTES
    assert client_codec.decode(client_codec.encode(result)) == result


def test_what_a_player_puts_in_the_way_is_passed_over(tmp_path: Path) -> None:
    home = steam_at(tmp_path / "steam", acf(folder="../../outside"), acf(2, "B", 4, "link"))
    apps = home / "steamapps"
    os.mkfifo(apps / "appmanifest_9.acf")  # whoever opens it waits for ever
    (apps / "appmanifest_8.acf").symlink_to(apps / "appmanifest_0.acf")
    (apps / "appmanifest_7.acf").mkdir()
    (apps / "appmanifest_6.acf").write_bytes(b" " * (reading.LARGEST_FILE_BYTES + 1))
    (apps / "appmanifest_5.acf").write_bytes(acf(5, "Э").encode("cp1251"))
    (apps / "libraryfolders.vdf").symlink_to("/dev/zero")
    (home / "outside").mkdir()
    (home / "outside/cs2.exe").touch()
    (apps / "common").mkdir()
    (apps / "common/link").symlink_to(home / "outside")
    found = scan(Places([home]))
    assert [(game.title, game.watch) for game in found.games] == [
        ("B", ()), ("Counter-Strike 2", ()), ("\N{REPLACEMENT CHARACTER}", ()),
    ]  # fmt: skip


def test_a_folder_without_end_is_left_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 10)
    for number in range(30):
        (tmp_path / f"{number}.exe").touch()
    assert len(reading.programs_below(tmp_path)) == 10
    deep = tmp_path / "a/b/c/d/e"
    deep.mkdir(parents=True)
    (deep / "deep.exe").touch()
    monkeypatch.setattr(reading, "MOST_ENTRIES", 4000)
    assert "deep.exe" not in {program.name for program in reading.programs_below(tmp_path)}


@pytest.mark.parametrize(
    ("path", "on_windows", "on_linux"),
    [
        (r"D:\Games", True, False),
        ("d:/Games", True, False),
        (r"\\evil\share", False, False),
        (r"C:\\evil\share", False, False),
        (r"\\?\UNC\evil\share", False, False),
        (r"\??\C:\Games", False, False),
        ("//evil/share", False, False),
        ("/home/a", False, True),
        ("Games", False, False),
        ("", False, False),
    ],
)
def test_only_this_pcs_own_disks(
    monkeypatch: pytest.MonkeyPatch, path: str, *, on_windows: bool, on_linux: bool
) -> None:
    monkeypatch.setattr(reading, "ON_WINDOWS", True)
    assert reading.is_local(path) is on_windows
    monkeypatch.setattr(reading, "ON_WINDOWS", False)
    assert reading.is_local(path) is on_linux


def test_an_older_server_and_an_older_agent_do_not_mind() -> None:
    old = b'{"type":"command_result","command_id":"a","ok":true}'
    assert client_codec.decode(old) == CommandResult("a", ok=True)
    assert (
        msgspec.json.decode(b'{"title":"a","store":"s","place":"p","new":1}', type=FoundGame).watch
        == ()
    )
