"""Which lines an owner may write: within a player's profile, and never a folder of everybody."""

import pytest

from lovhub import traces


def test_the_usual_list_is_sound() -> None:
    lines = traces.lines_of(traces.DEFAULT)
    assert all(traces.parts_of(line) for line in lines)
    assert len(lines) <= traces.MOST_LINES


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Downloads", ("Downloads",)),
        (r"AppData\Local\Steam\htmlcache", ("AppData", "Local", "Steam", "htmlcache")),
        ("AppData/Local/Epic*/webcache*/", ("AppData", "Local", "Epic*", "webcache*")),
        ("Загрузки и прочее", ("Загрузки и прочее",)),
    ],
)
def test_a_line_names_a_way_from_the_profile(line: str, parts: tuple[str, ...]) -> None:
    assert traces.parts_of(line) == parts


@pytest.mark.parametrize(
    "line",
    [
        "",
        "/",
        ".",
        "..",
        "../Public",
        "Downloads/../../Public",
        "Downloads/. ./x",
        "/etc",
        "\\\\server\\share",
        "C:/Windows",
        "C:",
        "Downloads:stream",
        "~",
        "~root/x",
        "%TEMP%/../..",
        "Downloads//x",
        "AppData",
        "appdata/LOCAL",
        "AppData/Roaming/",
        "AppData/Local/*",
        "AppData/L*",
        "AppData/*",
        "AppData/*/*",
        "*",
        "*/Local",
        ".config",
        ".local/share",
        "Down\nloads",
        "Down\0loads",
        "x[a]",
        "a/" * 150 + "b",
    ],
)
def test_what_is_not_within_or_is_too_much_is_refused(line: str) -> None:
    assert traces.parts_of(line) is None
