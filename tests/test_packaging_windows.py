"""The rules for AppLocker that a technician may take: nobody but the player is kept from anything."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
RULES = ROOT / "packaging" / "windows" / "applocker.xml"
EVERYBODY = "S-1-1-0"


def test_everything_starts_but_what_lies_where_players_save_files() -> None:
    collections = ET.parse(RULES).getroot().findall("RuleCollection")  # noqa: S314 - our own
    assert [one.get("Type") for one in collections] == ["Exe", "Msi", "Script"]
    ids: list[str | None] = []
    denied: list[set[str | None]] = []
    for collection in collections:
        assert collection.get("EnforcementMode") == "AuditOnly"  # first it is only looked at
        rules = collection.findall("FilePathRule")
        ids += [rule.get("Id") for rule in rules]
        paths: dict[tuple[str | None, str | None], set[str | None]] = {}
        for rule in rules:
            whom = (rule.get("Action"), rule.get("UserOrGroupSid"))
            conditions = rule.findall("Conditions/FilePathCondition")
            paths.setdefault(whom, set()).update(one.get("Path") for one in conditions)
        # A collection with a rule forbids all that none of its rules allows.
        assert paths.pop(("Allow", EVERYBODY)) == {"*"}
        assert list(paths) == [("Deny", "PLAYER")]
        denied += paths.values()
    assert len(set(ids)) == len(ids)
    assert denied[0] == denied[1] == denied[2]
    assert "%HOT%\\*" in denied[0]
    assert not any("AppData" in str(path) for path in denied[0])  # games live there


def test_the_page_puts_the_players_account_where_the_file_wants_it() -> None:
    page = (ROOT / "docs" / "ru" / "stricter.md").read_text(encoding="utf-8")
    replaced = set(re.findall(r"-creplace '(\w+)'", page))
    assert replaced == {"PLAYER", "AuditOnly"}
    text = RULES.read_text(encoding="utf-8")
    assert all(f'"{word}"' in text for word in replaced)
