"""The tests that our documents name exist: each trick of `fraud.md`, each case of `kaspi.md`, and so on."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("document", ["fraud.md", "security.md", "lock.md", "kaspi.md"])
def test_the_tests_that_are_named_exist(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 20
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(
            rf"^ *def {name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert missing == []
    places = set(re.findall(r"`((?:tests|packaging|docs)/[\w/.]+)`", text))
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


def test_of_each_trick_it_is_said_whether_it_is_prevented_seen_or_neither() -> None:
    text = (ROOT / "docs/fraud.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!Trick|---).*$", text.split("\n## ")[0], re.MULTILINE)
    assert len(rows) > 40
    words = r"\*\*(Prevented|Seen|Prevented and seen|Out of reach)\.\*\* "
    for row in rows:
        trick, what, tests = (cell.strip() for cell in row.strip("|").split(" | "))
        assert re.match(words, what), trick
        assert what.startswith("**Out of reach") or "`tests/" in tests, trick
