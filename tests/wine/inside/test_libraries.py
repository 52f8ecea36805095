"""Where Steam and Epic are is read from the registry, and from where they usually are."""

import os
import winreg
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.agent.machine import ThisMachine
from lovhub.agent.platform import windows_libraries
from lovhub.agent.seat import OwnSeat
from lovhub.protocol.views import FoundGame
from tests.agent.test_libraries import acf, item, steam_at

KEY = r"SOFTWARE\Valve\Steam"
ALL = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_32KEY


@pytest.fixture
def install_path() -> Iterator[winreg.HKEYType]:
    with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, KEY, 0, ALL) as key:
        yield key
        winreg.DeleteValue(key, "InstallPath")


def test_libraries_on_every_disk_are_found(
    install_path: winreg.HKEYType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = steam_at(tmp_path / "Диск", acf(570, "Dota 2", 4, "dota"))
    program = other / "steamapps" / "common" / "dota" / "bin" / "dota2.exe"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"MZ")
    home = steam_at(tmp_path / "Steam", acf())
    doubled = str(other).replace("\\", "\\\\")
    told = f'"libraryfolders" {{ "1" {{ "path" "{doubled}" }} "2" {{ "path" "\\\\\\\\evil\\\\share" }} }}'
    (home / "steamapps" / "libraryfolders.vdf").write_text(told, encoding="utf-8")
    winreg.SetValueEx(install_path, "InstallPath", 0, winreg.REG_SZ, str(home))
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path))
    manifests = tmp_path / "Epic" / "EpicGamesLauncher" / "Data" / "Manifests"
    manifests.mkdir(parents=True)
    (manifests / "1.item").write_text(item(), encoding="utf-8")
    found = ThisMachine(OwnSeat()).find_games()
    assert found.stores == ("steam", "epic")
    assert [game.title for game in found.games] == ["Counter-Strike 2", "Dota 2", "Fortnite"]
    dota = FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True)
    assert found.games[1] == dota


def test_a_share_in_the_registry_is_not_gone_to(install_path: winreg.HKEYType) -> None:
    winreg.SetValueEx(install_path, "InstallPath", 0, winreg.REG_SZ, r"\\evil\share\Steam")
    places = windows_libraries.library_places()
    assert places.steam == [Path(r"C:\Program Files (x86)\Steam")]
    assert os.environ["PROGRAMDATA"] in str(places.epic[-1])
