import io
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lovhub.agent import command
from lovhub.agent.command import main
from lovhub.agent.platform import FolderLock, user_name
from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.agent.store import FileStore, FoundServer
from lovhub.agent.whereabouts import Whereabouts
from lovhub.protocol import channel, entries
from tests.agent.support import agent_process
from tests.agent.support.agent_process import AgentProcess
from tests.agent.support.club_server import ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said to the person: one line, in Russian."""
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.match(r"[А-Я]", error)
    return error


def test_it_shows_the_code_pairs_and_says_goodbye(club: ClubServer, folder: Path) -> None:
    agent = AgentProcess(folder, club.port)
    club.wait_for(channel.Heartbeat)
    code, out, err = agent.end()
    assert code == 0
    assert out == f"Код сопряжения: {club.code}\n"
    assert club.wait_for(channel.Goodbye).reason == "stopped"
    assert '"event": "linked"' in err
    assert club.token not in err
    assert club.token not in (folder / "agent.log").read_text(encoding="utf-8")
    for private in ("pc.json", "pc_key.bin"):
        assert stat.S_IMODE((folder / private).stat().st_mode) == 0o600


def test_a_paired_pc_signs_in_without_a_code(club: ClubServer, folder: Path) -> None:
    first = AgentProcess(folder, club.port)
    club.wait_for(channel.Heartbeat)
    first.end()
    second = AgentProcess(folder, club.port)
    club.wait_for(channel.Hello, 2)
    _code, out, _err = second.end()
    assert out == ""


def test_a_killed_agent_goes_on_with_the_session_and_a_reboot_does_not(
    club: ClubServer, folder: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "clock"
    moved.write_text("0")
    arguments = ("--test-clock", str(moved), "--boot-id")
    agent = AgentProcess(folder, club.port, *arguments, "first")
    club.wait_for(channel.Heartbeat)
    club.send(channel.SessionChanged(session=session_view(), lease=club.lease(seconds=3600)))
    club.wait_until(lambda: club.all(channel.Heartbeat)[-1].lock == "unlocked")
    moved.write_text("100")
    club.wait_until(lambda: club.all(channel.Heartbeat)[-1].played_seconds >= 100)
    agent.end(signal.SIGKILL)
    moved.write_text("200")

    agent = AgentProcess(folder, club.port, *arguments, "first")
    hello = club.wait_for(channel.Hello, 2)
    assert hello.session is not None
    assert hello.session.session_id == 3
    assert 200 <= hello.session.played_seconds <= 260
    assert hello.lock == "unlocked"
    agent.end(signal.SIGKILL)

    agent = AgentProcess(folder, club.port, *arguments, "second")
    hello = club.wait_for(channel.Hello, 3)
    assert hello.boot_id == "second"
    assert hello.lock == "locked"
    agent.end()


def test_two_agents_do_not_share_a_folder(club: ClubServer, folder: Path) -> None:
    agent = AgentProcess(folder, club.port)
    club.wait_for(channel.Heartbeat)
    second = AgentProcess(folder, club.port)
    _out, err = second.process.communicate(timeout=20)
    assert second.process.returncode == 1
    assert "уже работает другой агент" in err
    agent.end()


def test_a_damaged_journal_is_an_alarm(club: ClubServer, folder: Path) -> None:
    (folder / "journal.sqlite3").write_bytes(b"torn " * 1000)
    agent = AgentProcess(folder, club.port)
    (entry,) = club.wait_until(club.entries)
    assert isinstance(entry, entries.AlarmRaised)
    assert entry.kind == "journal_damaged"
    agent.end()


def test_a_damaged_pairing_is_put_aside_and_the_pc_pairs_anew(
    club: ClubServer, folder: Path
) -> None:
    (folder / "pc.json").write_text("{torn")
    agent = AgentProcess(folder, club.port)
    club.wait_for(channel.Hello)
    _code, out, _err = agent.end()
    assert "Код сопряжения" in out
    assert (folder / "pc.damaged.json").exists()


class Terminal(io.StringIO):
    """Somebody sits there and types this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[Whereabouts]:
    """With what the agent began to work; it ends at once."""
    begun: list[Whereabouts] = []

    async def run(_options: object, _store: object, where: Whereabouts, *_rest: object) -> bool:
        begun.append(where)
        return False

    monkeypatch.setattr(command, "_run", run)
    return begun


TWO = [
    ServerFound("Арена", (Address("10.0.0.5"), Address("10.1.0.5"))),
    ServerFound("", (Address("10.0.0.6"),)),
]


@pytest.mark.parametrize(
    ("found", "typed", "asked", "said"),
    [
        (TWO, "3\nдва\n2\n", Address("10.0.0.6"), "2. — (10.0.0.6:5000)"),
        (TWO, "1\n", Address("10.0.0.5"), "1. Арена (10.0.0.5:5000)"),
        (TWO, "", None, "Введите номер"),
        (TWO[:1], "", Address("10.0.0.5"), "Найден сервер: Арена (10.0.0.5:5000)"),
        ([], "", None, "Сервер пока не найден"),
    ],
    ids=["second", "first", "no answer", "only one", "none"],
)
def test_without_an_address_whoever_sits_at_the_terminal_is_told_who_is_found_and_chooses(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    run: list[Whereabouts],
    found: list[ServerFound],
    typed: str,
    asked: Address | None,
    said: str,
) -> None:
    monkeypatch.setattr(command, "search", lambda _stop: found)
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert main(["--data", str(folder), "--no-launcher"]) == 0
    assert run[0].address == asked
    assert said in capsys.readouterr().out


def test_nobody_is_asked_where_the_server_is_known_or_nobody_sees_it(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    run: list[Whereabouts],
) -> None:
    monkeypatch.setattr(command, "search", pytest.fail)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    unseen = ["--data", str(folder), "--no-launcher"]
    assert main(unseen) == 0
    monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["--data", str(folder)]) == 0
    assert main([*unseen, "--server", "10.0.0.5, 10.0.0.6"]) == 0
    FileStore(folder).save_found(FoundServer("10.0.0.7", 5000))
    assert main(unseen) == 0
    assert [where.address for where in run[:2]] == [None, None]
    assert run[2].address in {Address("10.0.0.5"), Address("10.0.0.6")}
    assert run[3].address == Address("10.0.0.7")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("address", ["host:0", "host:70000", "http://host", "a b", ""])
def test_a_bad_address(folder: Path, capsys: pytest.CaptureFixture[str], address: str) -> None:
    assert main(["--data", str(folder), "--server", address, "--no-launcher"]) == 2
    sentence(capsys)


def test_a_bad_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--colour"]) == 2
    sentence(capsys)


def test_the_guides_command_is_the_agent_of_the_folder_it_stands_in(tmp_path: Path) -> None:
    shutil.copy(ROOT / "auth.py", tmp_path)
    (tmp_path / "config.ini").write_text("[Client]\nServer = a b\n")
    done = subprocess.run(
        [sys.executable, "auth.py", "--no-launcher"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode != 0
    assert "a b" in done.stderr


def test_a_test_clock_outside_a_test_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(tmp_path), "--server", "host", "--test-clock", "clock"]
    assert main(arguments) == 2
    sentence(capsys)


def test_a_data_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    words = ["--data", str(tmp_path / "file" / "pc"), "--server", "host", "--no-launcher"]
    assert main(words) == 1
    sentence(capsys)


def test_help_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "--no-launcher" in capsys.readouterr().out


def test_under_another_account_it_leaves_the_screen_and_the_folder_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pc"
    words = ["--data", str(folder), "--server", "10.0.0.2", "--only-account"]
    assert main([*words, "nobody-here"]) == 0
    assert not folder.exists()

    folder.mkdir()
    lock = FolderLock(folder / "agent.lock")
    try:
        assert main([*words, user_name().upper()]) == 1
    finally:
        lock.release()
    assert "другой агент" in sentence(capsys)


def test_a_console_without_cyrillic_letters_keeps_no_pc_from_pairing(
    club: ClubServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(agent_process.ENVIRONMENT, "PYTHONIOENCODING", "cp1252")
    agent = AgentProcess(folder, club.port)
    club.wait_for(channel.Heartbeat)
    _code, out, _err = agent.end()
    assert club.code in out


def test_without_a_console_it_has_nobody_to_complain_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    assert main(["--data", str(tmp_path), "--server", "http://club", "--no-launcher"]) == 2


@pytest.mark.parametrize(
    ("words", "platform", "is_guarded"),
    [
        ([], "win32", False),
        (["--service", "versions"], "win32", True),
        ([], "linux", True),
        (["--boot-id", "a check"], "win32", True),
    ],
)
def test_under_windows_only_the_service_has_rights_that_the_player_has_not(
    words: list[str], platform: str, is_guarded: bool
) -> None:
    options = command._parser().parse_args(words)
    assert command._is_guarded(options, platform) == is_guarded


def test_the_server_hears_of_an_agent_that_is_no_service_and_leaves_no_keys_of_technicians_there(
    club: ClubServer, tmp_path: Path
) -> None:
    """«Защита неполная»: `tests/server/computers/test_hello.py`."""
    with PcAgent(tmp_path / "pc", club.port, is_guarded=False):
        hello = club.wait_for(channel.Hello)
    assert (hello.is_guarded, hello.takes_codes) == (False, False)
