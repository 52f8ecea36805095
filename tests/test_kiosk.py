"""The session of a Linux PC that is nothing but a gaming PC, on a virtual screen, with a stand-in for the agent."""

import configparser
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.programs import dies_with_the_tests, find_program, stop
from tests.support.xvfb import Screen

KIOSK = Path(__file__).parents[1] / "packaging" / "linux" / "kiosk"
SESSION = KIOSK / "lovhub-session"
SECONDS = 20

AGENT = """#!/bin/sh
echo $$ "$@" >> "$HOME/started"
exec sleep 600
"""


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class Session:
    """A running session. The agent that it keeps notes its process and how it was called."""

    def __init__(self, screen: Screen, home: Path) -> None:
        self.screen = screen
        self.home = home
        agent = home / "lovhub"
        agent.write_text(AGENT)
        agent.chmod(0o755)
        environment = {**screen.environment(), "HOME": str(home), "LOVHUB": str(agent)}
        environment.pop("XDG_STATE_HOME", None)
        find_program("openbox", "openbox")
        self.process = subprocess.Popen([*dies_with_the_tests(), str(SESSION)], env=environment)

    def started(self) -> list[list[str]]:
        try:
            return [line.split() for line in (self.home / "started").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def agent(self) -> psutil.Process:
        return psutil.Process(int(self.started()[-1][0]))

    def manager(self) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        return next((child for child in children if child.name() == "openbox"), None)

    def is_managed(self) -> bool:
        xprop = find_program("xprop", "x11-utils")
        words = [xprop, "-root", "_NET_SUPPORTING_WM_CHECK"]
        asked = subprocess.run(
            words, env=self.screen.environment(), capture_output=True, check=True, text=True
        )
        return "window id" in asked.stdout


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Screen(800, 600, window_manager=False) as screen:
        session = Session(screen, tmp_path)
        try:
            wait_until(session.started, "the agent is started")
            wait_until(session.is_managed, "the window manager has taken charge")
            yield session
        finally:
            stop(session.process)


def test_nothing_is_there_to_click_and_the_agent_is_kept(session: Session) -> None:
    [(_pid, *words)] = session.started()
    data = session.home / ".local" / "state" / "lovhub"
    assert words == ["agent", "--data", str(data)]
    assert data.stat().st_mode & 0o077 == 0
    session.agent().kill()
    wait_until(lambda: len(session.started()) == 2, "the agent is started again")

    shown = session.screen.screenshot().tobytes()
    clicks = [("mousemove", "400", "300", "click", button) for button in ("1", "2", "3")]
    presses = [("key", keys) for keys in ("alt+space", "super+e", "ctrl+alt+t", "ctrl+Escape")]
    for words in (*clicks, *presses):
        session.screen.xdotool(*words, "sleep", "0.1")
        assert session.screen.screenshot().tobytes() == shown, words


def test_who_ends_the_window_manager_ends_the_session_and_its_agent(session: Session) -> None:
    agent, manager = session.agent(), session.manager()
    assert manager is not None
    manager.kill()
    session.process.wait(SECONDS)
    assert not agent.is_running()


def test_told_to_end_it_leaves_nothing(session: Session) -> None:
    agent, manager = session.agent(), session.manager()
    assert manager is not None
    session.process.send_signal(signal.SIGTERM)
    session.process.wait(SECONDS)
    assert not agent.is_running()
    assert not manager.is_running()


def test_the_unit_stands_in_the_place_of_every_other_session_and_comes_back() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((KIOSK / "lovhub-kiosk.service").read_text(encoding="utf-8"))
    service, install = unit["Service"], unit["Install"]
    words = service["ExecStart"].split()
    assert words[1] == f"/opt/lovhub/{SESSION.relative_to(KIOSK.parents[2])}"
    assert os.access(SESSION, os.X_OK)
    assert (service["Restart"], service["User"]) == ("always", "player")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert install["Alias"] == "display-manager.service"
    assert (KIOSK / "xorg.conf").read_text().count('"true"') == 2
