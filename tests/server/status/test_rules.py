"""Every self-check: what makes it speak, and what leaves it silent."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lovhub.server.status import texts
from lovhub.server.status.rules import (
    DAY,
    GIGABYTE,
    NUMBERS,
    ClubFacts,
    Facts,
    Finding,
    is_older,
    judge,
)

NOW = 1_800_000_000
CLUB = ClubFacts(
    created_at=NOW - 30 * DAY,
    time_zone="Asia/Almaty",
    zone_offset_seconds=5 * 3600,
    clock_jumps=0,
    computers=3,
    old_agents=(),
    unseen=(),
    second_folder="",
    second_folder_works=True,
    warn_unseen_days=3,
    warn_disk_free_gb=5,
    warn_backup_hours=36,
)
WELL = Facts(
    now=NOW,
    computer_offset_seconds=5 * 3600,
    certificate_ends_at=NOW + 400 * DAY,
    newest_backup_at=NOW - 5 * 3600,
    newest_check="sound",
    keys_sealed=True,
    disk_free_bytes=100 * GIGABYTE,
    revision="0005",
    head="0005",
    club=CLUB,
)

SPEAKS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("LV-E001", {"wall_ahead_seconds": 61}, {}),
    ("LV-E001", {"wall_ahead_seconds": -3600}, {}),
    ("LV-W001", {}, {"clock_jumps": 2}),
    ("LV-W002", {"computer_offset_seconds": 0}, {}),
    ("LV-W003", {"test_clock": True}, {}),
    ("LV-E002", {"certificate_ends_at": NOW}, {}),
    ("LV-W004", {"certificate_ends_at": NOW + 30 * DAY - 1}, {}),
    ("LV-E010", {"bank_certificate": "kaspi.pem", "bank_certificate_ends_at": NOW}, {}),
    ("LV-W021", {"bank_certificate_ends_at": NOW + 30 * DAY - 1}, {}),
    ("LV-E003", {"newest_backup_at": NOW - 36 * 3600}, {}),
    ("LV-E003", {"newest_backup_at": None}, {}),
    ("LV-E004", {"newest_check": "books"}, {}),
    ("LV-E011", {"newest_has_other_key": True}, {}),
    ("LV-W005", {"newest_check": ""}, {}),
    ("LV-W006", {"keys_sealed": False}, {}),
    ("LV-E005", {}, {"second_folder": "E:\\", "second_folder_works": False}),
    ("LV-E006", {"disk_free_bytes": GIGABYTE - 1}, {}),
    ("LV-W007", {"disk_free_bytes": 5 * GIGABYTE - 1}, {}),
    ("LV-E007", {"database_damage": "page 7"}, {}),
    ("LV-E008", {"revision": "0004"}, {}),
    ("LV-E009", {"database_error": "refused", "revision": ""}, {}),
    ("LV-W008", {"wal_bytes": 300 * 10**6}, {}),
    ("LV-W009", {}, {"old_agents": ("ПК-1",)}),
    ("LV-W010", {}, {"unseen": ("ПК-1", "ПК-2")}),
    ("LV-W011", {"config_exposed": ("config.ini",)}, {}),
    ("LV-W012", {"password_in_config": True}, {}),
    ("LV-W013", {"kaspi_keys_unused": True}, {}),
    ("LV-W015", {}, {"notices_failing": 2}),
    ("LV-W018", {}, {"second_folder": "/mnt", "second_newest_at": NOW - 36 * 3600}),
    ("LV-W018", {}, {"second_folder": "/mnt", "second_newest_at": None}),
    ("LV-W019", {"log_behind_seconds": 300}, {}),
    ("LV-W020", {"hidden_computers": ("ПК-1",)}, {}),
    ("LV-W017", {"turned_away": 1}, {}),
    ("LV-W016", {}, {"fiscal_waiting": 3, "fiscal_oldest_seconds": 7200}),
]

SILENT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"wall_ahead_seconds": -60}, {}),
    ({"certificate_ends_at": None}, {}),
    ({"bank_certificate_ends_at": NOW + 30 * DAY}, {}),
    ({"newest_backup_at": NOW - 36 * 3600 + 1}, {}),
    ({"newest_backup_at": None, "newest_check": ""}, {"created_at": NOW - 35 * 3600}),
    ({"keys_sealed": False}, {"computers": 0}),
    ({"disk_free_bytes": 5 * GIGABYTE}, {}),
    ({"wal_bytes": 256 * 10**6}, {}),
]


def facts(values: dict[str, Any], of_club: dict[str, Any]) -> Facts:
    return replace(WELL, **values, club=replace(CLUB, **of_club))


def test_a_club_in_order_has_nothing_to_say() -> None:
    assert judge(WELL) == []


@pytest.mark.parametrize(("number", "values", "of_club"), SPEAKS)
def test_each_check_speaks(number: str, values: dict[str, Any], of_club: dict[str, Any]) -> None:
    (finding,) = judge(facts(values, of_club))
    assert finding.number == number
    assert finding.level == ("error" if "-E" in number else "warning")
    for text in (texts.sentence(finding), texts.hint(finding)):
        assert text.endswith(".")
        assert "{" not in text


@pytest.mark.parametrize(("values", "of_club"), SILENT)
def test_what_is_just_within_bounds_is_silent(
    values: dict[str, Any], of_club: dict[str, Any]
) -> None:
    assert judge(facts(values, of_club)) == []


def test_every_number_is_tried_spoken_and_documented() -> None:
    document = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| (LV-[EW]\d{3}) \|", document, re.MULTILINE)
    assert documented == list(NUMBERS)
    assert set(NUMBERS) == texts.numbers() == {number for number, _values, _club in SPEAKS}


def test_without_a_readable_database_the_rest_is_still_judged() -> None:
    broken = replace(
        WELL, club=None, database_error="malformed", revision="", disk_free_bytes=GIGABYTE - 1
    )
    assert [finding.number for finding in judge(broken)] == ["LV-E006", "LV-E009"]


def test_errors_come_first() -> None:
    found = judge(facts({"test_clock": True, "database_damage": "x"}, {"clock_jumps": 1}))
    assert [finding.number for finding in found] == ["LV-E007", "LV-W001", "LV-W003"]


def test_many_names_are_counted_and_the_first_are_named() -> None:
    names = tuple(f"ПК-{number}" for number in range(1, 61))
    (finding,) = judge(facts({}, {"unseen": names}))
    assert finding == Finding(
        "LV-W010", {"count": 60, "names": "ПК-1, ПК-2, ПК-3, ПК-4, ПК-5…", "days": 3}
    )


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("0.1.0", "0.2.0", True),
        ("0.9.0", "0.10.0", True),
        ("0.2.0", "0.2.0", False),
        ("0.3.0", "0.2.0", False),
        ("", "0.2.0", False),
        ("nonsense", "0.0.0", False),
    ],
)
def test_versions_are_compared_as_numbers(version: str, than: str, older: bool) -> None:
    assert is_older(version, than) is older
