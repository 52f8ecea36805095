"""Names, ages and times of backups."""

from datetime import UTC, datetime

import pytest

from lovhub.server.backups.rules import (
    KINDS,
    Kept,
    confirms,
    is_name,
    last_due_at,
    made_at_of,
    name_of,
    nightly_due,
    to_remove,
)

DAY = 24 * 3600
FIVE = 5 * 3600


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_that_is_made_is_a_name(kind: str) -> None:
    assert is_name(name_of(kind, 1_800_000_000))
    assert is_name(name_of(kind, 1_800_000_000, 12))


def test_copies_made_before_a_migration_are_backups_too() -> None:
    assert is_name("before-migration-0001-1.sqlite3")
    assert is_name("before-migration-0012-3.dump")


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "../lovhub.sqlite3", "identity.pem", "config.ini",
        "lovhub-2026-11-26-050000-nightly.zip/../x", "..\\lovhub-2026-11-26-050000-nightly.zip",
        "lovhub-2026-11-26-050000-nightly.zip\n", "lovhub-2026-11-26-050000-nightly.zip.part",
        "lovhub-2026-11-26-050000-nightly.zip\0", "/etc/passwd", "C:lovhub-2026-11-26-050000-a.zip",
        "before-migration-../../x-1.sqlite3", "lovhub-2026-11-26-050000-NIGHTLY.zip",
    ],
)  # fmt: skip
def test_nothing_else_is_a_name(text: str) -> None:
    assert not is_name(text)


def test_the_newest_of_each_kind_stay() -> None:
    nightly = [Kept(f"n{day}", "nightly", day * DAY, sound=True) for day in range(20)]
    by_hand = [Kept(f"h{day}", "by_hand", day * DAY, sound=False) for day in range(3)]
    removed = to_remove([*nightly, *by_hand], 14, now=20 * DAY)
    assert removed == ["n5", "n4", "n3", "n2", "n1", "n0"]


def test_the_newest_sound_one_is_never_removed() -> None:
    backups = [Kept(f"n{day}", "nightly", day * DAY, sound=day == 2) for day in range(10)]
    assert to_remove(backups, 3, now=10 * DAY) == ["n6", "n5", "n4", "n3", "n1", "n0"]


def test_what_is_dated_ahead_of_the_clock_goes_before_what_is_made_today() -> None:
    ahead = [Kept(f"a{day}", "nightly", (300 + day) * DAY, sound=True) for day in range(3)]
    today = Kept("today", "nightly", 20 * DAY, sound=True)
    assert to_remove([*ahead, today], 3, now=20 * DAY) == ["a0"]
    assert to_remove([*ahead, today], 1, now=20 * DAY) == ["a2", "a1", "a0"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("lovhub-2026-11-26-050000-nightly.zip", at("2026-11-26T05:00")),
        ("lovhub-2026-13-26-050000-nightly.zip", None),
        ("lovhub-0001-01-01-000000-nightly.zip", None),
    ],
)
def test_a_dated_name_tells_when(name: str, made: int | None) -> None:
    assert made_at_of(name) == made


def test_a_night_is_the_clubs_night() -> None:
    # Almaty is five hours ahead of UTC: five in the morning there is midnight here.
    assert last_due_at(at("2026-11-26T00:00"), FIVE, "Asia/Almaty") == at("2026-11-26T00:00")
    assert last_due_at(at("2026-11-25T23:59"), FIVE, "Asia/Almaty") == at("2026-11-25T00:00")


def test_the_nightly_one_is_due_once_a_night_and_after_a_night_without_a_server() -> None:
    five = at("2026-11-26T00:00")
    assert nightly_due(five, five - DAY, FIVE, "Asia/Almaty")
    assert not nightly_due(five + 3600, five + 10, FIVE, "Asia/Almaty")
    assert nightly_due(five + 9 * 3600, five - 10, FIVE, "Asia/Almaty")
    assert nightly_due(five, None, FIVE, "Asia/Almaty")
    assert nightly_due(five, five + 1, FIVE, "Asia/Almaty"), "by a clock that went ahead"


def test_a_confirmation_is_the_clubs_name() -> None:
    assert confirms("  арена  ночь ", "Арена ночь")
    assert not confirms("", "Арена")
    assert not confirms("Арен", "Арена")
