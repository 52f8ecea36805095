"""Both installers as a technician starts them, under Wine: `make test-installers`.

Not part of the test suite: the first build downloads and packs for minutes. Wine is not Windows: of the firewall, of
sleep, of trust and of rights to folders it shows only that they are asked for (docs/ru/install.md).
"""

import http.client
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lovhub.protocol import channel
from lovhub.protocol.pairing import bulk_token
from tests.agent.support.club_server import session_view
from tests.evening.processes import Program
from tests.launcher.conftest import shows_only_the_lock
from tests.support.wine import ROOT, Wine, WineRun, running_wine
from tests.wine.test_pc import running_club

sys.path.append(str(ROOT / "scripts"))
from wine_setup import compile_stand_ins

INSTALLERS = ROOT / "build" / "installers"
SECONDS = 600
SERVICE_SECONDS = 180
PC_SERVICE = "LoVHubPC"

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def bare_wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    """A Windows on which nothing has ever been installed."""
    folder = tmp_path_factory.mktemp("wine")
    (folder / "prefix").mkdir()
    with running_wine(folder, has_services=True) as wine:
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
    keys = (
        r"HKCU\Control Panel\Accessibility",
        r"HKU\.DEFAULT\Control Panel\Accessibility",
        r"HKCU\Software\Policies",
        r"HKCU\Software\Microsoft\GameBar",
        r"HKLM\System\CurrentControlSet\Control\SafeBoot",
    )
    others = [wine.run("reg", "query", key, "/s") for key in keys]
    return "".join(run.output for run in (asked, users, *others))


def wait_for_service(wine: Wine, state: str, name: str = "LoVHub") -> None:
    until = time.monotonic() + SERVICE_SECONDS
    while state not in (told := wine.run("sc", "query", name).output):
        assert time.monotonic() < until, told
        time.sleep(0.5)


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

    token = bulk_token("s" * 32, bytes(32))
    stays = drive / "stays"
    run(
        wine,
        installer("pc"),
        *("/SERVER=127.0.0.1:9", "/ACCOUNT=root", f"/TOKEN={token}", r"/LASTING=C:\stays"),
    )
    wait_for_service(wine, "RUNNING", PC_SERVICE)
    said = wine.run(programs / "python" / "python.exe", "-m", "lovhub", "--version")
    assert said.output.strip() == "0.1.0"
    starter = wine.run("cmd", "/c", r"C:\Program Files\LoVHub\lovhub.cmd", "agent", "--help")
    assert "--only-account" in starter.output, starter.output
    config = (data / "config.ini").read_text()
    for line in ("Server = 127.0.0.1:9", f"PairingToken = {token}", r"LastingFolder = C:\stays"):
        assert line in config
    assert stays.is_dir()
    changed = registry(wine)
    assert 'pythonw.exe" -X utf8 -m lovhub agent shell' in changed
    assert "DisableTaskMgr" in changed
    assert changed.count(PC_SERVICE) == 2  # in both kinds of Safe Mode
    assert not (programs / "lib" / "lovhub" / "server").exists()
    assert not list(programs.rglob("icuuc.dll"))
    shows = "import PySide6.QtWidgets, lovhub.launcher.command, lovhub.agent.agent"
    loaded = wine.run(programs / "python" / "python.exe", "-c", shows)
    assert loaded.exit_code == 0, loaded.output

    until((stays / "journal.sqlite3").exists, "the service works")
    (stays / "pc_key.bin").write_bytes(b"its own")
    (programs / "lib" / "left_over.py").touch()
    run(wine, installer("pc"))
    assert not (programs / "lib" / "left_over.py").exists()
    assert (stays / "pc_key.bin").read_bytes() == b"its own"
    wait_for_service(wine, "RUNNING", PC_SERVICE)
    assert "Server = 127.0.0.1:9" in (data / "config.ini").read_text()
    assert registry(wine).count("DisableTaskMgr") == changed.count("DisableTaskMgr")

    run(wine, installer("pc"), "/IMAGE")
    wait_for_service(wine, "STOPPED", PC_SERVICE)
    assert [path.name for path in data.iterdir()] == ["config.ini"]
    assert list(stays.iterdir()) == []

    done = uninstall(wine, programs)
    assert done.exit_code == 0, done.output
    assert files(wine) - files_before == set()
    assert registry(wine) == registry_before
    assert wine.run("sc", "query", PC_SERVICE).exit_code != 0


def test_the_service_locks_the_players_session_and_the_shell_where_the_service_is_not(
    bare_wine: Wine, tmp_path: Path
) -> None:
    wine = bare_wine
    programs = wine.folder / "prefix" / "drive_c" / "Program Files" / "LoVHub"

    def is_locked() -> bool:
        return shows_only_the_lock(wine.screen.screenshot())

    with running_club(tmp_path) as club:
        run(wine, installer("pc"), f"/SERVER=127.0.0.1:{club.port}", "/ACCOUNT=root")
        until(
            lambda: [beat.lock for beat in club.all(channel.Heartbeat)][-1:] == ["locked"], "lock"
        )
        until(is_locked, "the lock fills the screen")
        club.send(channel.SessionChanged(session=session_view(), lease=club.lease()))
        until(lambda: not is_locked(), "a session opens the PC")
        club.send(channel.SessionEnded(session_id=3, reason="time_over"))
        until(is_locked, "its end locks it")

        assert wine.run("net", "stop", PC_SERVICE).exit_code == 0
        club.wait_for(channel.Goodbye)
        until(lambda: not is_locked(), "the service takes its launcher along")
        set_start(wine, programs, "SERVICE_DISABLED")
        command = wine.python_command()[:1]
        shell = Program(
            "shell",
            [*command, str(programs / "python" / "pythonw.exe"), "-m", "lovhub", "agent", "shell"],
            wine.environment(),
        )
        try:
            until(is_locked, "the shell covers the screen without the service")
            beats = len(club.all(channel.Heartbeat))
            set_start(wine, programs, "SERVICE_AUTO_START")
            until(lambda: len(club.all(channel.Heartbeat)) > beats, "the shell wakes the service")
            until(lambda: len(launchers(wine, programs)) == 1, "the agent's launcher takes over")
            until(is_locked, "the lock is up")
        finally:
            shell.process.kill()
            shell.process.wait()
    assert uninstall(wine, programs).exit_code == 0
    until(lambda: not is_locked(), "nothing is left")


def set_start(wine: Wine, programs: Path, start: str) -> None:
    """As `sc config` does, which Wine has not."""
    code = (
        "import win32service as s; m = s.OpenSCManager(None, None, s.SC_MANAGER_CONNECT);"
        f" pc = s.OpenService(m, {PC_SERVICE!r}, s.SERVICE_CHANGE_CONFIG); same = s.SERVICE_NO_CHANGE;"
        f" s.ChangeServiceConfig(pc, same, s.{start}, same, None, None, 0, None, None, None, None)"
    )
    done = wine.run(programs / "python" / "python.exe", "-c", code)
    assert done.exit_code == 0, done.output


def launchers(wine: Wine, programs: Path) -> list[str]:
    """The command lines of all launchers that run."""
    code = (
        "import psutil\nfor p in psutil.process_iter(['cmdline']):\n"
        "    if 'launcher' in (p.info['cmdline'] or []): print(p.info['cmdline'])"
    )
    said = wine.run(programs / "python" / "python.exe", "-c", code).output
    return said.splitlines()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SERVICE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)


# --- the server -----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_sign_in(port: int, certificate: Path) -> None:
    """The sign-in answers, to who trusts the club's certificate and nothing else."""
    until = time.monotonic() + SERVICE_SECONDS
    while True:
        trusting = ssl.create_default_context(cafile=str(certificate))
        asking = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=trusting)
        try:
            asking.request("GET", "/admin/login")
            assert asking.getresponse().status in {200, 303}
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < until
            time.sleep(0.5)
        else:
            return
        finally:
            asking.close()


def test_a_server_is_installed_as_a_service_upgraded_and_removed(bare_wine: Wine) -> None:
    wine, port = bare_wine, free_port()
    files_before, registry_before = files(wine), registry(wine)
    drive = wine.folder / "prefix" / "drive_c"
    programs, data = drive / "Program Files" / "LoVHub Server", drive / "ProgramData" / "LoVHub"
    club, console = data / "Server", data / "Server" / "console.txt"
    service = (r"HKLM\System\CurrentControlSet\Services\LoVHub", "/s")

    run(wine, installer("server"), f"/PORT={port}")
    wait_for_service(wine, "RUNNING")
    wait_for_sign_in(port, club / "cert.pem")
    assert "/setup?token=" in console.read_text(encoding="utf-8")
    told = wine.run("reg", "query", *service).output
    assert r"NT SERVICE\LoVHub" in told  # its own account
    assert "REG_DWORD    0x2" in told  # starts with Windows
    identity = (club / "identity.pem").read_bytes()

    assert wine.run("net", "stop", "LoVHub").exit_code == 0
    wait_for_service(wine, "STOPPED")
    assert console.read_text(encoding="utf-8").rstrip().endswith("Сервер остановлен.")
    assert wine.run("net", "start", "LoVHub").exit_code == 0
    assert wine.run("net", "stop", "LoVHub").exit_code == 0  # while it still starts
    wait_for_service(wine, "STOPPED")
    assert wine.run("net", "start", "LoVHub").exit_code == 0
    wait_for_sign_in(port, club / "cert.pem")

    (programs / "lib" / "left_over.py").touch()
    run(wine, installer("server"))
    assert not (programs / "lib" / "left_over.py").exists()
    assert (club / "identity.pem").read_bytes() == identity
    wait_for_service(wine, "RUNNING")
    wait_for_sign_in(port, club / "cert.pem")

    assert uninstall(wine, programs).exit_code == 0
    assert wine.run("reg", "query", *service).exit_code != 0
    assert registry(wine) == registry_before
    left = {path for path in files(wine) - files_before if not path.startswith("ProgramData")}
    assert left == set()
    assert (club / "identity.pem").read_bytes() == identity

    run(wine, installer("server"), f"/PORT={port}")
    assert (club / "identity.pem").read_bytes() == identity
    done = uninstall(wine, programs, "/DATA")
    assert done.exit_code == 0, done.output
    assert files(wine) - files_before == set()
