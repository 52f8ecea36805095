"""Clearing away what a player leaves, with the files of Windows. Wine makes no junctions."""

import stat
from pathlib import Path

import pytest

from lovhub.agent.platform.profile import profile_folder
from lovhub.agent.sweep import sweep


def test_the_profile_is_known_without_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERPROFILE", r"C:\windows")
    folder = profile_folder()
    assert folder is not None
    assert folder.parent.name.casefold() == "users"


def test_what_is_read_only_goes_too_however_it_is_spelled(tmp_path: Path) -> None:
    cache = tmp_path / "AppData" / "Local" / "Steam" / "htmlcache"
    cache.mkdir(parents=True)
    fixed = cache / "Cookies"
    fixed.touch()
    fixed.chmod(stat.S_IREAD)
    kept = tmp_path / "AppData" / "Local" / "Steam" / "library.vdf"
    kept.touch()
    assert sweep(tmp_path, [r"appdata\local\steam\HtmlCache"]) == 0
    assert list(cache.iterdir()) == []
    assert kept.exists()
