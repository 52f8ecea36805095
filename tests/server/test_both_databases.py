"""What is tested on SQLite holds on PostgreSQL as well: who leaves it out says why."""

import re
from pathlib import Path

HERE = Path(__file__).parent
FOUNDS_A_CLUB = re.compile(
    r"\bclub: ClubContext\b|\bnew_sqlite\(|: (WebAdmin|ChannelServer|Scene|At)\b"
)
ON_BOTH = re.compile(r"each_database|each_empty_database|postgres")

ONLY_SQLITE = {
    "channel": "frames, connections and pace; what they lead to is tried on both, here or in its own folder",
    "command": "the command line, and folders with a file in them",
    "crashes": "SQLite's own log, torn",
    "pressure": "requests that are turned away before they reach a database",
    "web": "pages over operations and questions of other folders; test_two_clubs asks for every page and call on both",
    ".": "the server around its database",
}
"""Folders of which files may use SQLite only."""


def on_sqlite_only() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted(HERE.rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if file == Path(__file__) or not FOUNDS_A_CLUB.search(text) or ON_BOTH.search(text):
            continue
        folders = [folder for folder in file.parents if HERE in folder.parents]
        told = [folder / "conftest.py" for folder in folders]
        if not any(ON_BOTH.search(one.read_text(encoding="utf-8")) for one in told if one.exists()):
            room = file.relative_to(HERE).parts[0] if folders else "."
            found.setdefault(room, []).append(file.name)
    return found


def test_every_test_of_the_database_runs_on_both_or_says_why_not() -> None:
    assert on_sqlite_only().keys() - ONLY_SQLITE.keys() == set()


def test_no_reason_is_left_of_what_runs_on_both_by_now() -> None:
    assert ONLY_SQLITE.keys() - on_sqlite_only().keys() == set()
