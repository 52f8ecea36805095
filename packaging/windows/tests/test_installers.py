"""The PC's installer as a technician starts it, under Wine: `make test-installers`.

Not part of the test suite: the first build downloads and packs for minutes. Wine is not Windows: of what an
installation changes beside files and registry it shows only that it is asked for (docs/ru/install.md). The server's
service cannot be shown here: Wine runs two managers of services at once, and its start goes to the one or the other.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.wine import ROOT, Wine, WineRun, running_wine

sys.path.append(str(ROOT / "scripts"))
from wine_setup import compile_stand_ins

INSTALLERS = ROOT / "build" / "installers"
SECONDS = 240

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def bare_wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    """A Windows on which nothing has ever been installed."""
    folder = tmp_path_factory.mktemp("wine")
    (folder / "prefix").mkdir()
    with running_wine(folder) as wine:
        wine.use_windows_10()
        compile_stand_ins(wine.system32)
        yield wine


def files(wine: Wine) -> set[str]:
    """All that is on drive C, but for what belongs to Windows and the account."""
    drive = wine.folder / "prefix" / "drive_c"
    return {
        str(path.relative_to(drive))
        for path in drive.rglob("*")
        if path.relative_to(drive).parts[0] not in {"windows", "users"}
    }


def registry(wine: Wine) -> str:
    """What any of our names stands in."""
    asked = wine.run("reg", "query", r"HKLM\Software\Microsoft\Windows\CurrentVersion", "/s")
    users = wine.run("reg", "query", r"HKCU\Software\Microsoft\Windows\CurrentVersion", "/s")
    keys = wine.run("reg", "query", r"HKCU\Control Panel\Accessibility", "/s")
    return asked.output + users.output + keys.output


def installer(kind: str) -> Path:
    (found,) = INSTALLERS.glob(f"lovhub-{kind}-*.exe")
    return found


def run(wine: Wine, program: Path, *words: str) -> None:
    done = wine.run(program, "/S", *words, seconds=SECONDS)
    problems = (wine.folder / "prefix" / "drive_c" / "Program Files").glob("*/problem.txt")
    assert done.exit_code == 0, [problem.read_text() for problem in problems]


def uninstall(wine: Wine, programs: Path, *words: str) -> WineRun:
    """As Windows does it, but waiting: without `_?=` the uninstaller goes on as a copy of itself."""
    words = (*words, f"_?=C:\\Program Files\\{programs.name}")
    return wine.run(programs / "uninstall.exe", "/S", *words, seconds=SECONDS)


def test_a_pc_is_installed_upgraded_in_place_and_removed_without_a_trace(bare_wine: Wine) -> None:
    wine = bare_wine
    files_before, registry_before = files(wine), registry(wine)
    drive = wine.folder / "prefix" / "drive_c"
    programs, data = drive / "Program Files" / "LoVHub", drive / "ProgramData" / "LoVHub" / "PC"

    run(wine, installer("pc"), "/SERVER=192.168.1.10", "/ACCOUNT=root")
    said = wine.run(programs / "python" / "python.exe", "-m", "lovhub", "--version")
    assert said.output.strip() == "0.1.0"
    starter = wine.run("cmd", "/c", r"C:\Program Files\LoVHub\lovhub.cmd", "agent", "--help")
    assert "--only-account" in starter.output, starter.output
    assert "Server = 192.168.1.10" in (data / "config.ini").read_text()
    changed = registry(wine)
    assert 'pythonw.exe" -X utf8 -m lovhub agent' in changed
    assert "DisableTaskMgr" in changed
    assert not (programs / "lib" / "lovhub" / "server").exists()
    assert not list(programs.rglob("icuuc.dll"))
    shows = "import PySide6.QtWidgets, lovhub.launcher.command, lovhub.agent.agent"
    loaded = wine.run(programs / "python" / "python.exe", "-c", shows)
    assert loaded.exit_code == 0, loaded.output

    (data / "pc_key.bin").write_bytes(b"its own")
    (programs / "lib" / "left_over.py").touch()
    run(wine, installer("pc"))
    assert not (programs / "lib" / "left_over.py").exists()
    assert (data / "pc_key.bin").read_bytes() == b"its own"
    assert "Server = 192.168.1.10" in (data / "config.ini").read_text()
    assert registry(wine).count("DisableTaskMgr") == changed.count("DisableTaskMgr")

    run(wine, installer("pc"), "/IMAGE")
    assert [path.name for path in data.iterdir()] == ["config.ini"]

    done = uninstall(wine, programs)
    assert done.exit_code == 0, done.output
    assert files(wine) - files_before == set()
    assert registry(wine) == registry_before
