import pytest

from lovhub.server.applications import rules


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Games\cs2.exe",
        "d:/Игры/Dota 2/dota2.exe",
        r"\\server\games\cs2\cs2.exe",
        "/usr/bin/xterm",
        r"C:\Program Files (x86)\Steam\steam.exe",
    ],
)
def test_absolute_paths(path: str) -> None:
    assert rules.is_absolute_program_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "cs2.exe",
        r"Games\cs2.exe",
        r"C:cs2.exe",
        r"\Games\cs2.exe",
        "C:\\",
        "C:\\Games\\",
        r"\\server\cs2.exe",
        r"\\server",
        "/",
        "/usr/bin/",
        "//server/share/cs2.exe",
        r"C:\Games\..\..\Windows\cmd.exe",
        "/opt/../etc/passwd",
        "C:\\Games\\cs2.exe\n",
        r"C:\Games\cs?.exe",
        r"C:\Games\a.exe:stream",
        "https://example.com/cs2.exe",
        "C:\\" + "a" * 1000,
    ],
)
def test_paths_that_are_not_absolute_program_paths(path: str) -> None:
    assert not rules.is_absolute_program_path(path)


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
