"""What a service does in the session of whoever is signed in. Wine has one user, and one session for all but itself."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
import win32pipe
import win32process
import win32security
import win32ts

from lovhub.agent import errand
from lovhub.agent.platform import ProcessGroup, local_endpoint, user_name
from lovhub.agent.platform.windows_pipe import CONNECT
from lovhub.agent.platform.windows_sessions import DESKTOP, WindowsSessions
from lovhub.agent.seat import SessionSeat
from tests.wine.inside.test_agent_platform import PARENT, live, run, until

FILE_CREATE_PIPE_INSTANCE = 0x4


@pytest.fixture
def sessions() -> WindowsSessions:
    return WindowsSessions()


@pytest.fixture
def seat(sessions: WindowsSessions) -> SessionSeat:
    return SessionSeat(sessions, user_name().upper(), clears_traces=True)


def test_whoever_is_signed_in_is_known_by_name_and_session(seat: SessionSeat) -> None:
    assert seat.look() == (1, "")
    other = SessionSeat(WindowsSessions(), "somebody", clears_traces=True)
    assert other.look() == (None, user_name())


def test_who_works_there_from_another_computer_is_known_by_name(
    sessions: WindowsSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wine has no such sessions: Windows' answer is played, and the real one is asked first."""
    assert sessions.remote() == ""
    active, gone = win32ts.WTSActive, win32ts.WTSDisconnected
    here = [{"SessionId": 0, "State": gone}, {"SessionId": 1, "State": active}]
    afar = [{"SessionId": 2, "State": gone}, {"SessionId": 3, "State": active}]
    names = {3: "Admin"}
    monkeypatch.setattr(
        win32ts, "WTSQuerySessionInformation", lambda _server, number, _what: names[number]
    )
    for told, name in ((here, ""), (here + afar[:1], ""), (here + afar, "Admin")):
        monkeypatch.setattr(win32ts, "WTSEnumerateSessions", lambda _server, told=told: told)
        assert sessions.remote() == name
    names[3] = ""
    assert sessions.remote() == "?"


def test_a_program_is_started_where_people_see_it_with_its_line_and_its_folder(
    seat: SessionSeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktops: list[str] = []
    create = win32process.CreateProcessAsUser

    def note(*words: object) -> object:
        desktops.append(words[-1].lpDesktop)  # type: ignore[attr-defined]
        return create(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(win32process, "CreateProcessAsUser", note)

    async def test() -> None:
        code = (
            "import os, pathlib, sys;"
            "pathlib.Path('heard').write_text(sys.stdin.read() + os.environ['USERPROFILE']); sys.exit(7)"
        )
        group = await seat.start([sys.executable, "-c", code], folder=tmp_path, with_input=True)
        await group.hand_over(b"token")
        assert await group.wait() == 7
        assert await group.wait() == 7
        group.release()

    live(test())
    heard = (tmp_path / "heard").read_text().splitlines()
    assert heard[0] == "token"
    assert heard[1].casefold().startswith(r"c:\users")
    assert desktops == [DESKTOP]


def test_its_job_takes_what_it_started_along(seat: SessionSeat, tmp_path: Path) -> None:
    async def test() -> None:
        note = tmp_path / "child"
        group = await seat.start([sys.executable, "-c", PARENT, str(note)])
        await until(lambda: note.exists() and note.read_text().endswith("."))
        assert group.alive()
        group.kill()
        await group.wait()
        await until(lambda: not group.alive())
        group.release()

    live(test())


def test_a_program_there_is_asked_to_end_by_one_of_ours(seat: SessionSeat) -> None:
    asked: list[Sequence[int]] = []

    async def test() -> None:
        seat.ask_to_end = asked.append  # type: ignore[method-assign]
        group: ProcessGroup = await seat.start(["notepad.exe"])
        group.ask_to_end()
        assert list(asked[0]) == [group.pid]
        group.kill()
        await group.wait()
        group.release()

    live(test())


def test_an_errand_is_done_and_its_answer_comes_back(seat: SessionSeat) -> None:
    gpus, screens = seat.displays()
    assert screens
    assert (tuple(gpus), tuple(screens)) == (errand.displays().gpus, errand.displays().screens)
    with pytest.raises(OSError, match=r"."):
        seat.set_volume(30)  # Wine has no sound here


def test_an_errand_that_does_not_end_is_ended(sessions: WindowsSessions) -> None:
    said = sessions.run(
        1, [sys.executable, "-c", "import threading; threading.Event().wait()"], b"\n", 0.5
    )
    assert said == b""


def test_an_errand_is_over_once_it_ends_whoever_holds_its_output(
    sessions: WindowsSessions, tmp_path: Path
) -> None:
    note = tmp_path / "child"
    code = (
        "import pathlib, subprocess, sys;"
        "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait(60)'],"
        " close_fds=False);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); print('done')"
    )
    said = sessions.run(1, [sys.executable, "-c", code], b"\n", 60)
    child = psutil.Process(int(note.read_text()))
    assert child.is_running()
    child.kill()
    assert said.strip() == b"done"


def test_a_program_that_is_not_there_is_an_error(seat: SessionSeat, tmp_path: Path) -> None:
    async def test() -> None:
        with pytest.raises(OSError, match=r"."):
            await seat.start([str(tmp_path / "no-such.exe")])

    live(test())


def test_a_version_is_read_by_every_account_and_what_lies_in_it_inherits_that(
    seat: SessionSeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows keeps the list; Wine keeps what it can of it."""
    lists: list[str] = []
    put = win32security.SetNamedSecurityInfo

    def note(*words: object) -> None:
        described = win32security.SECURITY_DESCRIPTOR()
        described.SetSecurityDescriptorDacl(True, words[-2], False)  # type: ignore[arg-type]
        lists.append(
            win32security.ConvertSecurityDescriptorToStringSecurityDescriptor(
                described, win32security.SDDL_REVISION_1, win32security.DACL_SECURITY_INFORMATION
            )
        )
        put(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(win32security, "SetNamedSecurityInfo", note)
    seat.let_read(tmp_path)
    (tmp_path / "module.py").touch()
    assert lists == ["D:(A;OICI;0x1200a9;;;BU)"]


def test_the_pipe_is_for_the_player_and_the_system_and_knows_the_process_at_its_other_end(
    sessions: WindowsSessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows keeps the list; Wine lets everybody in."""
    lists: list[str] = []
    create = win32pipe.CreateNamedPipe

    def note(*words: object) -> int:
        lists.append(
            win32security.ConvertSecurityDescriptorToStringSecurityDescriptor(
                words[-1].SECURITY_DESCRIPTOR,  # type: ignore[attr-defined]
                win32security.SDDL_REVISION_1,
                win32security.DACL_SECURITY_INFORMATION,
            )
        )
        return create(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(win32pipe, "CreateNamedPipe", note)
    pids: list[int] = []

    async def tell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pids.append(sessions.pid_of(writer))
        writer.write(b"done\n")
        await writer.drain()
        writer.close()

    async def test() -> None:
        endpoint = local_endpoint(tmp_path)
        listener = await sessions.serve(endpoint, tell, user_name())
        visitor = "import os, sys; print(os.getpid()); open(sys.argv[1], 'rb').readline()"
        visitors = [int(await asyncio.to_thread(run, visitor, endpoint)) for _ in range(2)]
        assert pids == visitors
        listener.close()

    live(test())
    assert "S-1-5-21-" in lists[0]
    assert lists[0].count("(A;") == 2
    assert "SY)" in lists[0]
    # To connect, and not to make instances of it: else the player's program could pose as the agent.
    assert CONNECT in lists[0]
    assert int(CONNECT, 16) & FILE_CREATE_PIPE_INSTANCE == 0
