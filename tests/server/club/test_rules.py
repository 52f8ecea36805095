"""What a club's settings may be."""

from dataclasses import replace

import pytest

from lovhub.server.club.rules import (
    CURRENCIES,
    LIMITS,
    Settings,
    changes,
    in_the_drawer,
    notes_taken,
    problems,
    usual_top_ups,
)

ZONES = {"Asia/Almaty", "Europe/Moscow"}
SOUND = Settings(
    name="Арена",
    language="ru",
    time_zone="Asia/Almaty",
    currency="KZT",
    day_starts_at=8 * 3600,
    lease_seconds=900,
    power_cut_rule="pause",
    silence_rule="wait",
    zone_rule="free",
    backup_at=5 * 3600,
    backups_kept=14,
    second_backup_folder="",
    sales_need_shift=False,
    given_minutes_per_shift=120,
    minors_rule=True,
    on_without_session_minutes=0,
    grace_seconds=180,
    printer_address="",
    printer_charset="cp866",
    printer_width=48,
    warn_unseen_days=3,
    warn_disk_free_gb=5,
    warn_backup_hours=36,
)


def test_sound_settings_have_no_problem() -> None:
    assert problems(SOUND, ZONES) == {}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", " ", "name_malformed"),
        ("name", "я" * 81, "name_malformed"),
        ("language", "de", "choice_unknown"),
        ("time_zone", "Asia/Nowhere", "time_zone_unknown"),
        ("currency", "GBP", "choice_unknown"),
        ("day_starts_at", -1, "time_of_day_malformed"),
        ("day_starts_at", 86_400, "time_of_day_malformed"),
        ("backup_at", 86_400, "time_of_day_malformed"),
        ("power_cut_rule", "forget", "choice_unknown"),
        ("silence_rule", "forget", "choice_unknown"),
        ("traces", "Downloads\n../Public", "traces_malformed"),
        ("traces", "Downloads\n" * 61, "traces_malformed"),
    ],
)
def test_each_wrong_field_is_named(field: str, value: object, code: str) -> None:
    assert problems(replace(SOUND, **{field: value}), ZONES) == {field: code}


@pytest.mark.parametrize("field", LIMITS)
def test_numbers_have_limits(field: str) -> None:
    least, most = LIMITS[field]
    for value in (least, most):
        assert problems(replace(SOUND, **{field: value}), ZONES) == {}
    for value in (least - 1, most + 1):
        assert problems(replace(SOUND, **{field: value}), ZONES) == {field: "number_out_of_range"}


def test_only_what_differs_is_a_change() -> None:
    assert changes(SOUND, SOUND) == {}
    assert changes(SOUND, replace(SOUND, name="Гонка", backups_kept=7)) == {
        "name": ("Арена", "Гонка"),
        "backups_kept": (14, 7),
    }


@pytest.mark.parametrize("currency", CURRENCIES)
def test_each_currency_has_buttons_for_its_notes(currency: str) -> None:
    for buttons in (notes_taken(currency), usual_top_ups(currency)):
        assert len(buttons) == 5
        assert list(buttons) == sorted(set(buttons))
    assert usual_top_ups(currency)[0] <= notes_taken(currency)[0]
    pieces = in_the_drawer(currency)
    assert list(pieces) == sorted(set(pieces), reverse=True)
    assert set(notes_taken(currency) + usual_top_ups(currency)) <= set(pieces)


def test_the_buttons_of_a_club_in_kazakhstan() -> None:
    assert usual_top_ups("KZT") == (500, 1_000, 2_000, 5_000, 10_000)
    assert notes_taken("KZT") == (1_000, 2_000, 5_000, 10_000, 20_000)
    assert in_the_drawer("KZT")[:2] == (20_000, 10_000)
    assert in_the_drawer("KZT")[-1] == 5
