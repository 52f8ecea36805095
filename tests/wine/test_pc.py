"""A whole PC: the agent under Wine starts the launcher, keys are pressed, a server answers.

The server is a small real one on Linux; the programs are the ones that a Windows PC runs, in
processes of their own with a named pipe between them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from lovhub.protocol import channel, entries, questions
from tests.agent.support.certificates import make_certificate
from tests.agent.support.club_server import ClubServer, session_view
from tests.evening.processes import Program, wait_for
from tests.launcher.conftest import shows_only_the_lock
from tests.support.wine import Wine

KEYS = [
    "Super_L",
    "Super_R",
    "super+d",
    "super+e",
    "super+r",
    "alt+Tab",
    "alt+shift+Tab",
    "alt+Escape",
    "alt+F4",
    "alt+space",
    "ctrl+Escape",
    "ctrl+shift+Escape",
]


class Pc:
    """An agent and the launcher it started."""

    def __init__(self, wine: Wine, folder: Path, club: ClubServer) -> None:
        self._wine = wine
        self._folder = folder
        self.club = club
        self.agent = Program(
            "agent",
            wine.python_command(
                *("-m", "lovhub", "agent", "--data", f"Z:{folder}"),
                *("--server", f"127.0.0.1:{club.port}"),
            ),
            wine.environment(),
        )

    def launcher_pid(self) -> int:
        record = msgspec.json.decode((self._folder / "launcher.json").read_bytes())
        return int(record["pid"])

    def lock(self) -> str:
        """As the desk was told last."""
        beats = self.club.all(channel.Heartbeat)
        return beats[-1].lock if beats else ""

    def wait_until_locked(self) -> None:
        wait_for("the PC says that it is locked", lambda: self.lock() == "locked")
        wait_for("the lock fills the screen", self.shows_the_lock)

    def shows_the_lock(self) -> bool:
        return shows_only_the_lock(self._wine.screen.screenshot())

    def press(self, *keys: str) -> None:
        self._wine.screen.xdotool("key", "--delay", "30", *keys)

    def type(self, text: str) -> None:
        self._wine.screen.xdotool("type", "--delay", "30", text)

    def kill_launcher(self) -> None:
        self._terminate(self.launcher_pid())

    def end(self) -> None:
        self.agent.process.kill()
        self.agent.process.wait()
        self.kill_launcher()

    def _terminate(self, pid: int) -> None:
        done = self._wine.run_python("-c", f"import os; os.kill({pid}, 9)")  # TerminateProcess
        assert done.exit_code == 0, done.output


@contextmanager
def running_club(folder: Path) -> Iterator[ClubServer]:
    club = ClubServer(make_certificate(folder)).start()
    try:
        yield club
    finally:
        club.kill()


@pytest.fixture(scope="module")
def pc(wine: Wine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pc]:
    with running_club(tmp_path_factory.mktemp("club")) as club:
        pc = Pc(wine, tmp_path_factory.mktemp("pc"), club)
        try:
            pc.wait_until_locked()
            yield pc
        finally:
            pc.end()


def test_no_key_leads_out_and_what_is_typed_reaches_the_server(pc: Pc) -> None:
    pc.press(*KEYS)
    assert pc.shows_the_lock()
    pc.press("ctrl+a")
    pc.type("aliya")
    pc.press("Tab")
    pc.type("secret")
    pc.press("Return")
    request = pc.club.wait_for(questions.SignIn)
    assert (request.login, request.password) == ("aliya", "secret")
    pc.club.send(channel.Answer(request_id=request.request_id, code="wrong_credentials"))
    pc.wait_until_locked()


def test_a_killed_launcher_is_back_and_the_desk_hears_of_it(pc: Pc) -> None:
    killed = pc.launcher_pid()
    pc.kill_launcher()
    pc.club.wait_until(
        lambda: (
            [entry.kind for entry in pc.club.entries() if isinstance(entry, entries.AlarmRaised)]
            == ["launcher_killed"]
        )
    )
    wait_for("another launcher is there", lambda: pc.launcher_pid() != killed)
    pc.wait_until_locked()


def test_a_session_opens_the_pc_and_its_end_locks_it(pc: Pc) -> None:
    pc.club.send(channel.SessionChanged(session=session_view(), lease=pc.club.lease()))
    wait_for("the desk sees it unlocked", lambda: pc.lock() == "unlocked")
    wait_for("the lock is gone", lambda: not pc.shows_the_lock())
    pc.club.send(channel.SessionEnded(session_id=3, reason="time_over"))
    pc.wait_until_locked()
