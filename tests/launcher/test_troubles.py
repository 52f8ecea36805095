"""`auth.py` on a real screen where it cannot work: the lock is up, and says what is wrong."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lovhub.clock import TEST_FOLDER_MARK
from lovhub.protocol import channel
from tests.agent.support.certificates import make_certificate
from tests.agent.support.club_server import ClubServer
from tests.launcher.conftest import POLL_SECONDS, PROJECT, shows_only_the_lock, wait_until
from tests.support.programs import dies_with_the_tests, stop
from tests.support.xvfb import Screen


class GuidePc:
    """A PC as the old guide sets it up: a folder with `auth.py` and `config.ini`."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self.screen, self.folder = screen, folder
        folder.mkdir()
        (folder / TEST_FOLDER_MARK).touch()
        (folder / "clock").write_text("0")
        shutil.copy(PROJECT / "auth.py", folder)

    def start(self) -> None:
        words = ("auth.py", "--test-clock", "clock")
        with (self.folder / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [*dies_with_the_tests(), sys.executable, *words],
                cwd=self.folder,
                env={**self.screen.environment(), "PYTHONPATH": str(PROJECT)},
                stderr=said,
            )

    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")

    def shows_only_the_lock(self) -> bool:
        return shows_only_the_lock(self.screen.screenshot())

    def end(self) -> None:
        """And whatever it has started."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        stop(self.process)
        for child in children:
            if child.is_running():
                child.kill()


@pytest.fixture
def pc(managed_screen: Screen, tmp_path: Path) -> Iterator[GuidePc]:
    pc = GuidePc(managed_screen, tmp_path / "pc")
    yield pc
    if pc.process.poll() is None:
        pc.end()


def test_a_wrong_address_locks_the_pc_which_reads_the_settings_again_once_they_are_mended(
    pc: GuidePc, tmp_path: Path
) -> None:
    settings = pc.folder / "config.ini"
    settings.write_text("[Client]\nServer = 10.0.0.5:99999\n")
    pc.start()
    wait_until(pc.shows_only_the_lock, "the lock is up")
    assert "«10.0.0.5:99999» не понят" in pc.said()
    club = ClubServer(make_certificate(tmp_path / "club")).start()
    try:
        settings.write_text(f"[Client]\nServer = 127.0.0.1:{club.port}\n")
        while [beat.lock for beat in club.all(channel.Heartbeat)][-1:] != ["locked"]:
            assert pc.shows_only_the_lock()  # one lock goes when the next is there
            time.sleep(POLL_SECONDS)
        pc.process.terminate()
        wait_until(lambda: not pc.shows_only_the_lock(), "told to stop, it takes the lock along")
        assert pc.process.wait(20) == 0
    finally:
        club.kill()


def test_a_folder_that_is_none_locks_the_pc_until_it_is_told_to_stop(pc: GuidePc) -> None:
    (pc.folder / "agent.log").mkdir()
    pc.start()
    wait_until(pc.shows_only_the_lock, "the lock is up")
    assert "нельзя писать" in pc.said()
    pc.process.terminate()
    wait_until(lambda: not pc.shows_only_the_lock(), "told to stop, it takes the lock along")
    assert pc.process.wait(20) == 1
