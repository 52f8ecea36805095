import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.applications import rules
from lovhub.server.web import refusals


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Games\cs2.exe",
        r"c:\cs2.EXE",
        r"C:\\Games\\cs2.exe",
        "d:/Игры/Dota 2/dota2.exe",
        r"\\server\games\cs2.exe",
        r"\\192.168.1.10\games$\cs2\cs2.exe",
        "//server/share/cs2.exe",
        r"C:\Program Files (x86)\Steam\steam.exe",
        r"C:\100% Orange Juice\100orange.exe",
        r"C:\Games\v1.2\game.win64.exe",
        r"C:\Games\console\nul1.exe",
        "/usr/bin/xterm",
    ],
)
def test_paths_of_programs(path: str) -> None:
    assert rules.path_problem(path) is None


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "path_missing"),
        ("C:\\" + "a" * 1000 + ".exe", "path_too_long"),
        # no root
        ("cs2.exe", "path_not_absolute"),
        (r"Games\cs2.exe", "path_not_absolute"),
        (r"C:cs2.exe", "path_not_absolute"),
        (r"\Games\cs2.exe", "path_not_absolute"),
        ("/Games/cs2.exe", "path_not_absolute"),
        (r"\\server\cs2.exe", "path_not_absolute"),
        (r"\\server", "path_not_absolute"),
        (r"..\cs2.exe", "path_not_absolute"),
        # a root, but not a program
        ("C:\\", "path_not_exe"),
        ("C:\\Games\\", "path_not_exe"),
        (r"C:\Games\cs2", "path_not_exe"),
        (r"C:\Games\cs2.lnk", "path_not_exe"),
        (r"C:\Games\start.bat", "path_not_exe"),
        (r"C:\Games\.exe", "path_not_exe"),
        (r"C:\cs2.exe\readme.txt", "path_not_exe"),
        ("/", "path_not_exe"),
        ("/usr/bin/", "path_not_exe"),
        # where it leads depends
        (r"C:\Games\..\..\Windows\cmd.exe", "path_with_dots"),
        (r"C:\Games\.\cs2.exe", "path_with_dots"),
        (r"\\.\pipe\cs2.exe", "path_with_dots"),
        ("/opt/../etc/passwd", "path_with_dots"),
        (r"%ProgramFiles%\cs2.exe", "path_with_variable"),
        (r"C:\Users\%USERNAME%\cs2.exe", "path_with_variable"),
        (r"$env:ProgramFiles\cs2.exe", "path_with_variable"),
        ("~/cs2.exe", "path_with_variable"),
        # what Windows has no file for
        ("C:\\Games\\cs2\n.exe", "path_with_forbidden"),
        (r"C:\Games\cs?.exe", "path_with_forbidden"),
        (r"C:\Games\a.exe:stream.exe", "path_with_forbidden"),
        (r"C:\Games\<cs2>.exe", "path_with_forbidden"),
        (r"\\?\C:\Games\cs2.exe", "path_with_forbidden"),
        (r"C:\Games \cs2.exe", "path_with_forbidden"),
        (r"C:\Games.\cs2.exe", "path_with_forbidden"),
        (r"C:\con\cs2.exe", "path_with_forbidden"),
        (r"C:\Games\NUL.exe", "path_with_forbidden"),
        ("/opt/\x00", "path_with_forbidden"),
        # something else was meant
        (r"C:\Games\cs2.exe -novid", "path_with_arguments"),
        (r'"C:\Games\cs2.exe" -novid', "path_with_arguments"),
        ("https://example.com/cs2.exe", "path_is_link"),
        ("steam://rungameid/730", "path_is_link"),
        ("com.epicgames.launcher://apps/x", "path_is_link"),
        ("shell:AppsFolder", "path_is_link"),
    ],
)
def test_what_is_wrong_with_a_path(path: str, problem: str) -> None:
    assert rules.path_problem(path) == problem


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("steam://rungameid/730", None),
        ("steam://run/570/", None),
        ("com.epicgames.launcher://apps/9773aa1%3A530145%3ASugar?action=launch&silent=true", None),
        ("battlenet://Pro", None),
        (r"C:\Games\cs2.exe", None),
        # no game is started by these
        ("steam://uninstall/730", "address_malformed"),
        ("steam://run/570//-novid/", "address_malformed"),
        ("steam://openurl/https://example.com", "address_malformed"),
        ("steam://rungameid/730 & calc", "address_malformed"),
        ("STEAM://rungameid/730", "address_malformed"),
        ("com.epicgames.launcher://store/p/x", "address_malformed"),
        ("battlenet://", "address_malformed"),
        # and nothing at all by these
        ("https://example.com/cs2.exe", "path_is_link"),
        ("ms-settings://display", "path_is_link"),
        ("file:///c:/windows/system32/cmd.exe", "path_is_link"),
    ],
)
def test_a_launcher_is_asked_for_games_only(place: str, problem: str | None) -> None:
    assert rules.place_problem(place) == problem


@pytest.mark.parametrize(
    ("place", "others", "watch", "found"),
    [
        ("steam://rungameid/730", [], ["cs2.exe"], {}),
        ("steam://rungameid/730", [], [], {"watch": "watch_missing"}),
        (r"C:\a.exe", ["steam://rungameid/730"], [], {"watch": "watch_missing"}),
        (r"C:\a.exe", [r"D:\a.exe"], [], {}),
        (r"C:\a.exe", [r"D:\a.exe", "a.exe"], [], {"other_paths": "path_not_absolute"}),
        (
            r"C:\a.exe",
            [rf"{disk}:\a.exe" for disk in "DEFGHI"],
            [],
            {"other_paths": "too_many_paths"},
        ),
        (r"C:\a.exe", [], [r"bin\cs2.exe"], {"watch": "watch_malformed"}),
        (r"C:\a.exe", [], ["Explorer.EXE"], {"watch": "watch_is_system"}),
        (r"C:\a.exe", [], ["VALORANT-Win64-Shipping.exe", "vgc.exe"], {}),
    ],
)
def test_where_else_it_may_be_and_by_what_it_is_known(
    place: str, others: list[str], watch: list[str], found: dict[str, str]
) -> None:
    assert rules.problems("CS 2", "game", place, [], others, watch) == found


def test_every_problem_of_a_path_has_its_own_sentence() -> None:
    codes = [
        "path_missing", "path_too_long", "path_not_absolute", "path_not_exe", "path_with_dots",
        "path_with_variable", "path_with_forbidden", "path_with_arguments", "path_is_link",
        "address_malformed", "too_many_paths", "watch_malformed", "watch_is_system", "watch_missing",
    ]  # fmt: skip
    sentences = {str(refusals.SENTENCES[code]) for code in codes}
    assert len(sentences) == len(codes)


@given(
    st.text('Cc:\\/. exeab%"', max_size=12).map(lambda middle: f"C:\\{middle}.exe")
    | st.text(max_size=30)
)
def test_a_path_that_is_taken_has_a_root_and_no_way_back(path: str) -> None:
    if rules.path_problem(path) is None:
        assert path.startswith(("/", "\\\\")) or path[1:2] == ":"
        assert ".." not in path.replace("\\", "/").split("/")
        assert path.startswith("/") or path.lower().endswith(".exe")


@given(st.lists(st.text(st.characters(exclude_characters='"'), max_size=10)))
def test_arguments_come_back_from_their_line(arguments: list[str]) -> None:
    assert rules.split_arguments(rules.join_arguments(arguments)) == arguments


def test_quotes_of_copy_as_path_are_stripped() -> None:
    assert rules.unquoted(' "C:\\Games\\cs2.exe" ') == "C:\\Games\\cs2.exe"
    assert rules.unquoted("'/usr/bin/xterm'") == "/usr/bin/xterm"
    assert rules.unquoted('"') == '"'


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("", []),
        ("-novid  +map de_dust2", ["-novid", "+map", "de_dust2"]),
        (r'--profile "C:\Мои игры\x" -w', ["--profile", r"C:\Мои игры\x", "-w"]),
        ('--title="Два слова"', ["--title=Два слова"]),
        ('"" x', ["", "x"]),
    ],
)
def test_arguments_are_split_as_typed(line: str, arguments: list[str]) -> None:
    assert rules.split_arguments(line) == arguments
    assert rules.split_arguments(rules.join_arguments(arguments)) == arguments


def test_an_open_quote_is_refused() -> None:
    assert rules.split_arguments('-x "abc') is None
