"""The lock of a real launcher process, and everything that is tried against it."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.protocol.event import ClientMessage

from lovhub.protocol import PROTOCOL_VERSION, local
from tests.launcher.conftest import (
    TOKEN,
    Bystander,
    LauncherProcess,
    StartBystander,
    shows_only_the_lock,
    wait_until,
)
from tests.launcher.fake_agent import LOCKED, SIGNED_IN
from tests.support.xvfb import Screen

KEYS = [
    "alt+F4",
    "alt+Tab",
    "alt+shift+Tab",
    "alt+Escape",
    "alt+space",
    "ctrl+Escape",
    "ctrl+alt+Left",
    "ctrl+alt+Right",
    "ctrl+alt+d",
    "ctrl+shift+Escape",
    "super+d",
    "super+e",
    "super+F1",
    "Super_L",
    "Menu",
    "shift+F10",
    "ctrl+q",
    "ctrl+w",
]

WINDOW_ACTIONS: dict[str, Callable[[LauncherProcess, Bystander], object]] = {
    "close by the window manager": lambda launcher, _: _wmctrl(launcher, "-c", "LoVHub"),
    "show the desktop": lambda launcher, _: _wmctrl(launcher, "-k", "on"),
    "another workspace": lambda launcher, _: _wmctrl(launcher, "-s", "1"),
    "ask to quit": lambda launcher, _: _ask_to_quit(launcher),
    "destroy": lambda launcher, _: _xdotool(launcher, "windowclose"),
    "minimise": lambda launcher, _: _xdotool(launcher, "windowminimize"),
    "unmap": lambda launcher, _: _xdotool(launcher, "windowunmap"),
    "lower": lambda launcher, _: _lower(launcher),
    "move": lambda launcher, _: _xdotool(launcher, "windowmove", "600", "400"),
    "shrink": lambda launcher, _: _xdotool(launcher, "windowsize", "300", "200"),
    "raise another": lambda launcher, other: launcher.screen.xdotool(
        "windowraise", other.window_id
    ),
    "activate another": lambda launcher, other: launcher.screen.xdotool(
        "windowactivate", other.window_id
    ),
    "focus another": lambda launcher, other: launcher.screen.xdotool(
        "windowfocus", other.window_id
    ),
    "SIGTERM": lambda launcher, _: os.kill(launcher.process.pid, signal.SIGTERM),
    "SIGINT": lambda launcher, _: os.kill(launcher.process.pid, signal.SIGINT),
    "SIGHUP": lambda launcher, _: os.kill(launcher.process.pid, signal.SIGHUP),
}


def _wmctrl(launcher: LauncherProcess, *words: str) -> None:
    # wmctrl fails when it finds no such window to act on, which is what is hoped for here
    subprocess.run(
        ["wmctrl", *words], env=launcher.screen.environment(), check=False, capture_output=True
    )


def _lower(launcher: LauncherProcess) -> None:
    with closing(Display(launcher.screen.name)) as display:
        for window_id in launcher.window_ids():
            window = display.create_resource_object("window", int(window_id))
            window.configure(stack_mode=X.Below)
        display.sync()


def _ask_to_quit(launcher: LauncherProcess) -> None:
    with closing(Display(launcher.screen.name)) as display:
        protocols = display.intern_atom("WM_PROTOCOLS")
        wish = display.intern_atom("WM_DELETE_WINDOW")
        for window_id in launcher.window_ids():
            window = display.create_resource_object("window", int(window_id))
            message = ClientMessage(
                window=window, client_type=protocols, data=(32, [wish, X.CurrentTime, 0, 0, 0])
            )
            window.send_event(message)
        display.sync()


def _xdotool(launcher: LauncherProcess, action: str, *words: str) -> None:
    for window_id in launcher.window_ids():
        launcher.screen.xdotool(action, window_id, *words)


def assert_holds(launcher: LauncherProcess, bystander: Bystander) -> None:
    """The lock covers everything, and typing goes to it and to nobody else."""
    agent = launcher.agent
    wait_until(
        lambda: shows_only_the_lock(launcher.screen.screenshot()), "the lock covers the screen"
    )
    agent.wait_until_covering()
    received_before = bystander.received()
    launcher.screen.xdotool("mousemove", "640", "60", "click", "1", "mousemove", "450", "350")
    launcher.screen.xdotool("click", "1")
    launcher.press("ctrl+a")
    launcher.type("who")
    launcher.press("Tab")
    launcher.type("secret")
    launcher.press("Return")
    request = agent.wait_for(local.PlayerSignIn)
    assert (request.login, request.password) == ("who", "secret")
    assert bystander.received() == received_before
    agent.answer(request, "ok")
    agent.say(SIGNED_IN)
    agent.say(LOCKED)  # the fields are empty again for the next attempt
    assert shows_only_the_lock(launcher.screen.screenshot())


class Locked(NamedTuple):
    """A lock that went up while a program was running behind it."""

    launcher: LauncherProcess
    bystander: Bystander


@contextmanager
def locked_over_a_program(screen: Screen, folder: Path) -> Iterator[Locked]:
    with LauncherProcess(screen, folder) as launcher:
        launcher.play()
        with closing(Bystander(screen, folder)) as bystander:
            launcher.lock()
            yield Locked(launcher, bystander)
    assert "Traceback" not in launcher.log()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """One lock for the whole table of attempts: it must hold against all of them in a row."""
    folder = tmp_path_factory.mktemp("locked")
    with Screen(1280, 720) as screen, locked_over_a_program(screen, folder) as locked:
        yield locked


@pytest.fixture(scope="module")
def locked_bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """The same without a window manager."""
    folder = tmp_path_factory.mktemp("bare")
    with (
        Screen(1280, 720, window_manager=False) as screen,
        locked_over_a_program(screen, folder) as locked,
    ):
        yield locked


def test_locks_before_anything_is_known(launcher: LauncherProcess) -> None:
    assert launcher.attached == local.Attach(
        protocol=PROTOCOL_VERSION, token=TOKEN, pid=launcher.process.pid
    )
    launcher.agent.wait_until_covering()
    assert shows_only_the_lock(launcher.screen.screenshot())


def test_bystander_gets_keys_when_nothing_is_locked(
    launcher: LauncherProcess, start_bystander: StartBystander
) -> None:
    """Otherwise its silence behind the lock would prove nothing."""
    launcher.play()
    program = start_bystander(launcher.screen)
    launcher.screen.xdotool("windowfocus", "--sync", program.window_id)
    launcher.type("a")
    launcher.screen.xdotool("mousemove", "450", "350", "click", "1")
    wait_until(lambda: {"KeyPress", "MouseButtonPress"} <= set(program.told()), "keys arrive")
    assert not shows_only_the_lock(launcher.screen.screenshot())


@pytest.mark.parametrize("key", KEYS)
def test_no_key_leads_out(locked: Locked, key: str) -> None:
    locked.launcher.press(key)
    assert_holds(*locked)


@pytest.mark.parametrize("action", WINDOW_ACTIONS)
def test_nothing_done_to_its_window_opens_it(locked: Locked, action: str) -> None:
    WINDOW_ACTIONS[action](*locked)
    assert_holds(*locked)


def test_comes_back_over_a_window_that_keeps_raising_itself(
    locked: Locked, start_bystander: StartBystander
) -> None:
    screen = locked.launcher.screen
    intruder = start_bystander(screen, "on-top")
    wait_until(lambda: shows_only_the_lock(screen.screenshot()), "the lock is over the intruder")
    intruder.close()
    assert_holds(*locked)


@pytest.mark.parametrize(
    "action", ["unmap", "lower", "move", "shrink", "destroy", "raise another", "focus another"]
)
def test_holds_without_a_window_manager(locked_bare: Locked, action: str) -> None:
    WINDOW_ACTIONS[action](*locked_bare)
    assert_holds(*locked_bare)


def test_goes_away_for_a_session_and_comes_back(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.lock()


def test_only_the_agent_ends_it(launcher: LauncherProcess) -> None:
    launcher.agent.say(local.Quit())
    assert launcher.process.wait(10) == 0
