"""What the agent asks of Windows: the pipe, job objects, the boot id, private files, the lock."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import ntsecuritycon
import psutil
import pytest
import pywintypes
import win32api
import win32con
import win32gui
import win32pipe
import win32process
import win32security

from lovhub.agent.platform import (
    FolderLock,
    ProcessGroup,
    adopt_group,
    boot_id,
    boot_monotonic,
    hostname,
    local_endpoint,
    peer_allowed,
    serve_local,
    start_group,
    write_private_file,
)
from lovhub.agent.platform.common import FolderInUse
from lovhub.agent.platform.windows_pipe import FIRST_INSTANCE
from tests.support.programs import RUNS_ON

WAIT_SECONDS = 30.0
POLL_SECONDS = 0.02
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {RUNS_ON!r}])
open(sys.argv[1], "w").write(f"{{child.pid}}.")
{RUNS_ON}
"""
DYING_AGENT = f"""
import asyncio, os, sys
from lovhub.agent.platform import start_group

async def main():
    sleeper = [sys.executable, "-c", {RUNS_ON!r}]
    game = await start_group(sleeper)
    launcher = await start_group(sleeper, outlives_agent=True)
    print(game.pid, launcher.pid, flush=True)
    os._exit(1)

asyncio.run(main())
"""


def live(test: Coroutine[Any, Any, None]) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            await test

    asyncio.run(in_time())


def run(code: str, *words: str) -> str:
    """What a Windows Python of its own prints."""
    command = [sys.executable, "-X", "utf8", "-c", code, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip()


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(POLL_SECONDS)
    return found


async def until(condition: Callable[[], Any]) -> Any:
    while not (found := condition()):  # noqa: ASYNC110 - files and processes are looked at
        await asyncio.sleep(POLL_SECONDS)
    return found


# --- the pipe -------------------------------------------------------------------------------------


async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def test_a_pipe_carries_lines_both_ways_and_knows_its_peer(tmp_path: Path) -> None:
    peers: list[bool] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(peer_allowed(writer))
        writer.write(b"heard " + await reader.readline())
        await writer.drain()
        writer.close()

    async def test() -> None:
        endpoint = local_endpoint(tmp_path)
        listener = await serve_local(endpoint, answer)
        visitor = (
            "import sys; pipe = open(sys.argv[1], 'r+b', buffering=0);"
            " pipe.write('Ёлка\\n'.encode()); print(pipe.read(100).decode().strip())"
        )
        for _ in range(2):
            assert await asyncio.to_thread(run, visitor, endpoint) == "heard Ёлка"
        listener.close()

    live(test())
    assert peers == [True, True]


def test_the_pipe_is_asked_for_as_the_first_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows then refuses a name that another process took. Wine 8 does not know that flag."""
    asked_for: list[int] = []
    create = win32pipe.CreateNamedPipe

    def note(name: str, open_mode: int, *rest: Any) -> int:
        asked_for.append(open_mode)
        return create(name, open_mode, *rest)

    monkeypatch.setattr(win32pipe, "CreateNamedPipe", note)

    async def test() -> None:
        (await serve_local(local_endpoint(tmp_path), silent)).close()

    live(test())
    assert asked_for[0] & FIRST_INSTANCE


def test_no_two_pipes_have_one_name(tmp_path: Path) -> None:
    assert local_endpoint(tmp_path) != local_endpoint(tmp_path)


# --- programs -------------------------------------------------------------------------------------


def test_a_killed_group_takes_its_grandchildren_along(tmp_path: Path) -> None:
    async def test() -> None:
        note = tmp_path / "child"
        group = await start_group([sys.executable, "-c", PARENT, str(note)])
        await until(lambda: note.exists() and note.read_text().endswith("."))
        child = psutil.Process(int(note.read_text()[:-1]))
        assert group.alive()
        group.kill()
        await group.wait()
        await until(lambda: not child.is_running() and not group.alive())
        group.release()

    live(test())


def test_what_a_program_left_running_is_still_of_its_group(tmp_path: Path) -> None:
    async def test() -> None:
        note = tmp_path / "child"
        starter = PARENT.replace(f"\n{RUNS_ON}\n", "\nsys.exit(7)\n")
        group = await start_group([sys.executable, "-c", starter, str(note)])
        assert await group.wait() == 7
        child = psutil.Process(int(note.read_text()[:-1]))
        assert group.alive()
        group.kill()
        await until(lambda: not child.is_running() and not group.alive())
        group.release()

    live(test())


def test_a_dying_agent_takes_the_games_along_but_not_the_lock() -> None:
    game, launcher = (int(pid) for pid in run(DYING_AGENT).split())
    wait_until(lambda: not psutil.pid_exists(game), "the game ends")
    left = psutil.Process(launcher)
    assert left.is_running()
    left.kill()
    assert adopt_group(game, 0.0) is None


def test_a_program_asked_to_end_has_its_windows_closed() -> None:
    async def test() -> None:
        group = await start_group(["notepad.exe"])
        await until(lambda: _windows_of(group))
        group.ask_to_end()
        await group.wait()
        group.release()

    live(test())


def _windows_of(group: ProcessGroup) -> list[int]:
    found: list[int] = []

    def look(window: int, _extra: object) -> bool:
        _thread, pid = win32process.GetWindowThreadProcessId(window)
        if pid == group.pid and win32gui.IsWindowVisible(window):
            found.append(window)
        return True

    win32gui.EnumWindows(look, None)
    return found


def test_a_line_is_handed_over_where_nobody_can_read_it(tmp_path: Path) -> None:
    async def test() -> None:
        code = "import pathlib, sys; pathlib.Path('heard').write_text(sys.stdin.read())"
        group = await start_group([sys.executable, "-c", code], folder=tmp_path, with_input=True)
        await group.hand_over(b"token")
        assert await group.wait() == 0
        assert (tmp_path / "heard").read_text() == "token\n"
        group.release()

    live(test())


def test_our_own_programs_are_started_without_a_console_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A player could close it, and the launcher with it. Wine shows none in any case."""
    asked_for: list[int] = []
    create = asyncio.create_subprocess_exec

    async def note(*words: str, creationflags: int, **options: Any) -> asyncio.subprocess.Process:
        asked_for.append(creationflags)
        return await create(*words, creationflags=creationflags, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", note)

    async def test() -> None:
        group = await start_group([sys.executable, "-c", "input()"], with_input=True)
        await group.hand_over(b"token")
        assert await group.wait() == 0
        group.release()

    live(test())
    assert asked_for[0] & subprocess.CREATE_NO_WINDOW


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    async def test() -> None:
        with pytest.raises(FileNotFoundError):
            await start_group([str(tmp_path / "no-such.exe")])

    live(test())


# --- the PC ---------------------------------------------------------------------------------------


def test_every_process_is_told_the_same_boot_id() -> None:
    other = run("from lovhub.agent.platform import boot_id; print(boot_id())")
    assert len(other) == 36
    assert other == boot_id() == boot_id()


def test_every_process_counts_from_the_same_boot() -> None:
    before = boot_monotonic()
    between = float(run("from lovhub.agent.platform import boot_monotonic as b; print(b())"))
    assert 0 < before <= between <= boot_monotonic()


def test_the_pc_has_a_name() -> None:
    assert hostname() == socket.gethostname() != ""


# --- files ----------------------------------------------------------------------------------------


def test_a_private_file_is_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_private_file(path, b"first, and longer")
    write_private_file(path, b"second")
    assert path.read_bytes() == b"second"
    assert [left.name for left in tmp_path.iterdir()] == ["key"]


def test_a_private_file_is_for_this_user_and_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Windows is asked for, before there is a byte in it: Wine cannot keep such rights."""
    asked_for: list[tuple[str, int, Any]] = []
    empty: list[bool] = []
    set_rights = win32security.SetNamedSecurityInfo

    def note(name: str, kind: int, what: int, *rest: Any) -> None:
        asked_for.append((name, what, rest[2]))
        empty.append(Path(name).stat().st_size == 0)
        set_rights(name, kind, what, *rest)

    monkeypatch.setattr(win32security, "SetNamedSecurityInfo", note)
    write_private_file(tmp_path / "key", b"secret")

    ((name, what, access),) = asked_for
    assert Path(name).parent == tmp_path
    assert empty == [True]
    assert what == (
        win32security.DACL_SECURITY_INFORMATION | win32security.PROTECTED_DACL_SECURITY_INFORMATION
    )
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
    own, _attributes = win32security.GetTokenInformation(token, win32security.TokenUser)
    system = win32security.CreateWellKnownSid(win32security.WinLocalSystemSid, None)
    assert [access.GetAce(place)[1:] for place in range(access.GetAceCount())] == [
        (ntsecuritycon.FILE_ALL_ACCESS, own),
        (ntsecuritycon.FILE_ALL_ACCESS, system),
    ]


def test_a_file_system_that_knows_no_rights_is_an_os_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_words: object) -> None:
        raise pywintypes.error(50, "SetNamedSecurityInfo", "not supported")

    monkeypatch.setattr(win32security, "SetNamedSecurityInfo", refuse)
    with pytest.raises(OSError, match="not supported"):
        write_private_file(tmp_path / "key", b"secret")


def test_a_private_file_in_no_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_private_file(tmp_path / "missing" / "key", b"")


def test_a_folder_is_held_by_one_agent_until_it_dies(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from lovhub.agent.platform import FolderLock;"
        f" lock = FolderLock(Path(sys.argv[1])); print('held', flush=True); {RUNS_ON}"
    )
    path = tmp_path / "agent.lock"
    command = [sys.executable, "-c", holder, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(FolderInUse):
            FolderLock(path)
        other.kill()
    FolderLock(path).release()
