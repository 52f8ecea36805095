"""An update on a PC, with real processes: what is taken, what is turned away, and that a bad one is undone."""

import asyncio
import importlib.metadata
import shutil
import signal
from collections.abc import Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub import __version__
from lovhub.agent.updates import Updates
from lovhub.agent.versions import FOLDER, State, Versions
from lovhub.clock import TEST_FOLDER_MARK
from lovhub.package import LIBRARIES, make_package, this_python
from lovhub.protocol import channel
from lovhub.protocol.channel import ClientFrame
from lovhub.protocol.entries import UnknownEntry
from lovhub.protocol.updates import (
    PART_BYTES,
    PARTS_AT_ONCE,
    REPORT_SECONDS,
    SECONDS_BETWEEN_PARTS,
    UpdateNews,
    UpdateOffer,
    UpdatePart,
    UpdateStatement,
    UpdateWanted,
    sign_update,
)
from lovhub.server.channel.pace import MOST_IN_WINDOW, WINDOW_SECONDS
from tests.agent.support.agent_process import AgentProcess
from tests.agent.support.club_server import ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent

NEXT = "0.2.0"
COMMAND = "lovhub/agent/command.py"


def package(
    version: str = NEXT, says: str = "", libraries: Path | None = None, libraries_for: str = ""
) -> bytes:
    """This very program as another version; `says`: what its agent does instead."""
    instead = {"lovhub/__init__.py": f'__version__ = "{version}"\n'}
    if says:
        instead[COMMAND] = says
    return make_package(
        version=version, instead=instead, libraries=libraries, libraries_for=libraries_for
    )


def hellos(club: ClubServer) -> list[str]:
    return [hello.agent_version for hello in club.all(channel.Hello)]


def news(club: ClubServer) -> list[tuple[str, str, str]]:
    return [(told.version, told.state, told.why) for told in club.all(UpdateNews)]


class Pc:
    """An agent under its starter, with a clock that can be moved."""

    def __init__(self, club: ClubServer, folder: Path) -> None:
        self.club, self.folder = club, folder
        folder.mkdir()
        (folder / TEST_FOLDER_MARK).touch()
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.agent = self.start()
        club.wait_for(channel.Heartbeat)

    def start(self) -> AgentProcess:
        self.agent = AgentProcess(self.folder, self.club.port, "--test-clock", str(self.clock))
        return self.agent

    def laid(self) -> list[str]:
        return sorted(path.name for path in (self.folder / FOLDER).glob("*") if path.is_dir())

    def power_cut(self) -> None:
        """Everything of it is gone at once."""
        starter = psutil.Process(self.agent.process.pid)
        for process in [*starter.children(recursive=True), starter]:
            process.kill()
        self.agent.process.communicate()


@pytest.fixture
def pc(club: ClubServer, tmp_path: Path) -> Iterator[Pc]:
    pc = Pc(club, tmp_path / "pc")
    yield pc
    if pc.agent.process.poll() is None:
        pc.power_cut()


def test_only_what_the_club_signed_is_newer_and_whole_is_taken_and_it_stays(
    club: ClubServer, pc: Pc
) -> None:
    good = package()
    club.offer(good, NEXT, signer=Ed25519PrivateKey.generate())
    club.wait_until(lambda: news(club) == [("", "refused", "signature")])
    altered = bytearray(good)
    altered[len(good) // 2] ^= 1
    statement = club.offer(good, NEXT, hands_over=bytes(altered))
    club.wait_until(lambda: news(club)[1:] == [(NEXT, "refused", "package")])
    club.offer(good, __version__)
    club.wait_until(lambda: news(club)[2:] == [(__version__, "refused", "older")])
    assert pc.laid() == []

    club.offer(good, NEXT)
    club.wait_until(lambda: news(club)[3:] == [(NEXT, "done", "")])
    assert hellos(club) == [__version__, NEXT]
    assert pc.laid() == [f"{NEXT}-{statement.sha256.hex()[:12]}"]
    assert [goodbye.reason for goodbye in club.all(channel.Goodbye)] == ["restart"]

    club.offer(package("0.1.9"), "0.1.9")  # signed by the club, but from before
    club.wait_until(lambda: news(club)[4:] == [("0.1.9", "refused", "older")])
    assert pc.agent.end()[0] == 0
    assert club.all(channel.Goodbye)[-1].reason == "stopped"

    pc.start()
    club.wait_until(lambda: hellos(club) == [__version__, NEXT, NEXT])


@pytest.fixture
def newer_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a version of `websockets` that nobody has installed; ours needs it from now on."""
    folder = tmp_path / "newer"
    installed = importlib.metadata.distribution("websockets")
    for file in installed.files or ():
        if ".." in file.parts or "__pycache__" in file.parts:
            continue
        name = file.as_posix().replace(f"websockets-{installed.version}.", "websockets-99.0.")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(str(file.locate()), folder / name)
    about = folder / "websockets-99.0.dist-info"
    for file_name in ("METADATA", "RECORD"):
        told = (about / file_name).read_text()
        (about / file_name).write_text(told.replace(installed.version, "99.0"))
    monkeypatch.setitem(dict_of_needs(), "websockets", "99.0")
    return folder


def dict_of_needs() -> dict[str, str]:
    assert isinstance(LIBRARIES, dict)
    return LIBRARIES


def libraries_in_use(pc: Pc) -> set[Path]:
    """Where the agent that runs has its `websockets` from."""
    starter = psutil.Process(pc.agent.process.pid)
    return {
        Path(one.path).parent
        for process in [*starter.children(recursive=True), starter]
        for one in process.memory_maps()
        if "websockets" in one.path
    }


def test_a_version_that_needs_another_library_runs_with_the_one_it_brings_until_it_is_undone(
    club: ClubServer, pc: Pc, newer_library: Path
) -> None:
    club.offer(package(), NEXT)
    club.wait_until(lambda: news(club) == [(NEXT, "refused", "needs")])
    brings = partial(package, libraries=newer_library, libraries_for=this_python())
    statement = club.offer(brings(), NEXT)
    club.wait_until(lambda: news(club)[1:] == [(NEXT, "done", "")])
    laid = pc.folder / FOLDER / f"{NEXT}-{statement.sha256.hex()[:12]}"
    assert laid / "libraries" / "websockets" in libraries_in_use(pc)

    club.offer(package("0.3.0"), "0.3.0")
    club.wait_until(lambda: news(club)[2:] == [("0.3.0", "refused", "needs")])
    club.offer(brings("0.3.0", says="raise SystemExit(3)\n"), "0.3.0")
    club.wait_until(lambda: news(club)[3:] == [("0.3.0", "rolled_back", "exit_3")])
    assert libraries_in_use(pc) >= {laid / "libraries" / "websockets"}


def test_a_version_that_falls_at_its_start_is_undone_and_not_taken_again(
    club: ClubServer, pc: Pc
) -> None:
    falling = package(says="raise SystemExit(3)\n")
    club.offer(falling, NEXT)
    club.wait_until(lambda: news(club) == [(NEXT, "rolled_back", "exit_3")])
    assert hellos(club) == [__version__, __version__]
    club.offer(falling, NEXT)
    club.wait_until(lambda: news(club)[1:] == [(NEXT, "refused", "failed_before")])


WRITES_AND_FALLS = """
import sqlite3

def main(arguments):
    folder = arguments[arguments.index("--data") + 1]
    body = b'{"entry":"telepathy_heard","number":7,"at":1,"said":"of the future"}'
    with sqlite3.connect(folder + "/journal.sqlite3") as journal:
        journal.execute("INSERT INTO entry (number, body) VALUES (7, ?)", (body,))
    return 1
"""


def test_what_a_version_has_written_that_is_undone_is_handed_over_by_the_one_before(
    club: ClubServer, pc: Pc
) -> None:
    """A kind of fact that no agent of today knows, and a server of its own version would."""
    club.offer(package(says=WRITES_AND_FALLS), NEXT)
    club.wait_until(lambda: (NEXT, "rolled_back", "exit_1") in news(club))
    (entry,) = club.wait_until(club.entries)
    assert isinstance(entry, UnknownEntry)
    assert b'"said":"of the future"' in entry.body
    assert not list(pc.folder.glob("*.damaged-*"))


def test_a_version_that_does_not_report_within_two_minutes_is_undone_also_after_power_cuts(
    club: ClubServer, pc: Pc
) -> None:
    mark = pc.folder / "silent"
    # A version that comes up, says nothing to anybody, and does not end by itself.
    waits = "threading.Event().wait()"
    says = f"import pathlib, threading\npathlib.Path({str(mark)!r}).touch()\n{waits}\n"
    club.offer(package(says=says), NEXT)
    club.wait_until(mark.exists)
    pc.power_cut()
    mark.unlink()
    pc.start()
    club.wait_until(mark.exists)
    assert hellos(club) == [__version__]
    pc.clock.write_text(str(REPORT_SECONDS + 1))
    club.wait_until(lambda: news(club) == [(NEXT, "rolled_back", "no_report")])
    assert hellos(club) == [__version__, __version__]
    code, _out, err = pc.agent.end(signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False)


@pytest.mark.parametrize(("parts", "waits"), [(PARTS_AT_ONCE, 0), (PARTS_AT_ONCE + 1, 1)])
def test_a_large_package_is_not_asked_for_faster_than_the_server_answers(
    tmp_path: Path, parts: int, waits: int
) -> None:
    identity = Ed25519PrivateKey.generate()
    waiting: list[Coroutine[Any, Any, None]] = []
    asked: list[ClientFrame] = []
    updates = Updates(
        Versions(tmp_path),
        send=asked.append,
        run=waiting.append,
        identity_key=identity.public_key().public_bytes_raw,
        is_idle=lambda: True,
        leave=lambda: None,
    )
    statement = UpdateStatement(NEXT, parts * PART_BYTES, b"s" * 32)
    updates.offered(UpdateOffer(sign_update(identity, statement)))
    updates.part(UpdatePart(0, b"." * PART_BYTES))
    assert (len(asked), len(waiting)) == (2 - waits, waits)
    for coroutine in waiting:
        asyncio.run(coroutine)
    assert asked[-1] == UpdateWanted(statement.sha256, PART_BYTES)
    assert SECONDS_BETWEEN_PARTS * MOST_IN_WINDOW[UpdateWanted] > WINDOW_SECONDS


@pytest.mark.parametrize(("current", "proves"), [(__version__, True), (NEXT, False)])
def test_only_the_version_on_trial_proves_itself(
    tmp_path: Path, current: str, proves: bool
) -> None:
    """Where the starter cannot count the start, as on a full disk, the installed one runs."""
    versions = Versions(tmp_path)
    versions._write(State(current=f"{current}-0123456789ab", on_trial=True))
    waiting: list[Coroutine[Any, Any, None]] = []
    updates = Updates(
        versions,
        send=lambda _frame: None,
        run=waiting.append,
        identity_key=lambda: None,
        is_idle=lambda: True,
        leave=lambda: None,
    )
    updates.look(is_linked=True, lock="locked")
    updates.look(is_linked=True, lock="locked")
    for coroutine in waiting:
        asyncio.run(coroutine)
    assert versions.state().on_trial != proves


def test_nobody_is_disturbed_and_the_old_lock_stays_until_the_new_one_comes(
    club: ClubServer, tmp_path: Path
) -> None:
    before = PcAgent(tmp_path / "pc", club.port).__enter__()
    before.wait_mode("locked")
    old_lock = psutil.Process(before.launcher_pid())
    club.send(channel.SessionChanged(session=session_view(), lease=club.lease()))
    before.wait_mode("playing")
    assert not before.call(before.agent.is_idle)
    club.send(channel.SessionEnded(session_id=3, reason="time_over"))
    before.wait_mode("locked")
    assert before.call(before.agent.is_idle)
    before.call(before.agent.make_way)
    before.thread.join(20)
    assert old_lock.status() != psutil.STATUS_ZOMBIE
    with PcAgent(tmp_path / "pc", club.port) as after:
        after.wait_mode("locked")
        assert not old_lock.is_running() or old_lock.status() == psutil.STATUS_ZOMBIE
