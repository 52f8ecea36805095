"""An evening of a player at a real launcher process, with keys that are really pressed."""

import os
import subprocess
import sys

import msgspec
import pytest

from lovhub.clock import ManualClock
from lovhub.launcher.app import FEWEST_SILENT_LOOKS, AgentWatch
from lovhub.protocol import local
from tests.launcher.conftest import (
    LauncherProcess,
    StartBystander,
    shows_only_the_lock,
    wait_until,
)
from tests.launcher.fake_agent import PLAYING, SIGNED_IN


@pytest.mark.parametrize("password", ["Secret1", "p ss,.!#%&'\"\\<>"])
def test_what_is_typed_is_what_the_agent_receives(launcher: LauncherProcess, password: str) -> None:
    launcher.lock()
    launcher.type("aliya")
    launcher.press("Tab")
    launcher.type(password)
    launcher.press("Return")
    request = launcher.agent.wait_for(local.PlayerSignIn)
    assert (request.login, request.password) == ("aliya", password)


def test_after_a_wrong_password_it_is_typed_anew(launcher: LauncherProcess) -> None:
    launcher.lock()
    launcher.type("aliya")
    launcher.press("Return")
    launcher.type("wrong")
    launcher.press("Return")
    launcher.agent.answer(launcher.agent.wait_for(local.PlayerSignIn), "wrong_credentials")
    launcher.agent.wait_until_covering()
    launcher.type("right")
    launcher.press("Return")
    request = launcher.agent.wait_for(local.PlayerSignIn)
    assert (request.login, request.password) == ("aliya", "right")


def test_an_hour_is_bought_with_two_keys(launcher: LauncherProcess) -> None:
    """The night for 3,500 ₸ comes first, but the focus is on what 2,000 ₸ can buy."""
    launcher.lock(SIGNED_IN)
    launcher.press("Return", "Return")
    request = launcher.agent.wait_for(local.PlayerBuy)
    assert request.tariff_id == 1


def test_a_purchase_of_unknown_outcome_is_repeated_under_the_same_id(
    launcher: LauncherProcess,
) -> None:
    launcher.lock(SIGNED_IN)
    launcher.press("Return", "Return")
    first = launcher.agent.wait_for(local.PlayerBuy)
    launcher.agent.answer(first, "server_unreachable")
    launcher.agent.wait_until_covering()
    launcher.press("Return")
    second = launcher.agent.wait_for(local.PlayerBuy)
    launcher.agent.answer(second, "not_enough_money")
    launcher.agent.wait_until_covering()
    launcher.press("Return")
    third = launcher.agent.wait_for(local.PlayerBuy)
    assert first.request_id == second.request_id != third.request_id


def test_the_first_game_starts_with_enter(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.press("Return")
    assert launcher.agent.wait_for(local.PlayerLaunch).application_id == 11
    launcher.press("Right", "Return")
    assert launcher.agent.wait_for(local.PlayerLaunch).application_id == 12


def test_search_and_enter_start_a_game(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.press("ctrl+f")
    launcher.type("valo")
    launcher.press("Return", "Return")
    assert launcher.agent.wait_for(local.PlayerLaunch).application_id == 13


BEFORE_THE_LOCK = """
import sys, lovhub.launcher.command, lovhub.launcher.app
print(*sys.modules)
"""


def test_before_the_lock_nothing_is_read_that_the_lock_does_not_show() -> None:
    read = subprocess.run(
        [sys.executable, "-c", BEFORE_THE_LOCK], capture_output=True, check=True, text=True
    ).stdout.split()
    assert "lovhub.launcher.widgets.sign_in" in read
    shown_later = {"main_window", "screenshot", "widgets.away", "widgets.cards", "widgets.files"}
    shown_later |= {"widgets.toast", "widgets.floating_clock", "widgets.maintenance"}
    shown_later |= {"widgets.technician_sheet"}
    later = {f"lovhub.launcher.{name}" for name in shown_later}
    libraries = {"cryptography", "subprocess", "concurrent.futures", "dataclasses", "queue"}
    assert not (later | libraries) & set(read)


STYLE_ASKED = """
from PySide6 import QtWidgets
from lovhub.clock import ManualClock
from lovhub.launcher import theme
from lovhub.launcher.auth import AuthScreen
from tests.launcher.fake_agent import LOCKED
application = QtWidgets.QApplication(["launcher", *theme.ARGUMENTS])
look = theme.look_for_screen("dark")
theme.dress(application, look)
screen = AuthScreen(look, ManualClock())
screen.show_state(LOCKED)
screen.show()
application.processEvents()
assert "QLabel" in vars(QtWidgets)
assert "QStyle" not in vars(QtWidgets)
application.setStyleSheet("")
print(application.style().name())
"""


def test_python_learns_nothing_of_qts_styles_before_the_lock_is_up() -> None:
    """It takes milliseconds, and Qt styles the lock by itself."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    said = subprocess.run(
        [sys.executable, "-c", STYLE_ASKED],
        capture_output=True, check=True, text=True, env=environment,
    )  # fmt: skip
    assert said.stdout.strip() == "fusion"


SOURCES_READ = """
import linecache
from lovhub.launcher.plain_imports import load_qt
load_qt()
import lovhub.launcher.app, lovhub.launcher.main_window
print(*linecache.cache)
"""


def test_no_source_of_ours_is_read_at_the_start() -> None:
    read = subprocess.run(
        [sys.executable, "-c", SOURCES_READ], capture_output=True, check=True, text=True
    ).stdout.split()
    assert not [path for path in read if "lovhub" in path]


QT_AS_USUAL = """
import builtins, sys
before = builtins.compile, builtins.__import__
from lovhub.launcher.plain_imports import load_qt
load_qt()
assert before == (builtins.compile, builtins.__import__)
written_for_editors = sys.modules["shibokensupport.signature.lib.pyi_generator"]
assert not [name for name in vars(written_for_editors) if not name.startswith("__")]
from PySide6.QtCore import QPoint
try:
    QPoint("left", "top")
except TypeError as error:
    print(error)
"""


def test_qt_is_loaded_without_what_only_editors_need_and_explains_its_errors() -> None:
    said = subprocess.run(
        [sys.executable, "-c", QT_AS_USUAL], capture_output=True, check=True, text=True
    ).stdout
    assert "xpos: int, ypos: int" in said


def test_closing_the_main_window_asks_before_it_signs_out(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.press("alt+F4")
    launcher.press("Escape")
    launcher.press("Return")
    launcher.agent.wait_for(local.PlayerLaunch)
    launcher.press("alt+F4")
    launcher.press("Return")
    launcher.agent.wait_for(local.PlayerSignOut)


def test_warnings_and_notices_leave_the_keyboard_to_the_game(
    launcher: LauncherProcess, start_bystander: StartBystander
) -> None:
    launcher.play()
    game = start_bystander(launcher.screen)
    launcher.screen.xdotool("windowfocus", "--sync", game.window_id)
    shown_before = len(launcher.window_ids())
    launcher.agent.say(local.Warn(minutes_left=5))
    launcher.agent.say(local.Notice(text="Турнир в 20:00"))
    wait_until(lambda: len(launcher.window_ids()) == shown_before + 2, "both messages are shown")
    assert launcher.screen.xdotool("getwindowfocus").strip() == game.window_id
    launcher.type("a")
    wait_until(lambda: "KeyPress" in game.told(), "the key arrives in the game")


def test_locks_when_the_agent_is_gone_and_opens_when_it_is_back(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.agent.close()
    wait_until(lambda: not shows_only_the_lock(launcher.screen.screenshot()), "play goes on")
    launcher.advance_clock(local.AGENT_GONE_SECONDS)
    wait_until(lambda: shows_only_the_lock(launcher.screen.screenshot()), "it has locked itself")
    launcher.agent.listen()
    launcher.agent.accept()
    launcher.agent.wait_until_covering()
    launcher.play()


def test_locks_when_the_agent_hangs(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.advance_clock(local.AGENT_GONE_SECONDS)
    launcher.agent.wait_until_covering()
    launcher.agent.say(local.Clock(seconds_left=3_000, played_seconds=600))
    launcher.agent.wait_until_covering(False)


def test_covers_every_screen(launcher: LauncherProcess) -> None:
    launcher.play()
    environment = launcher.screen.environment()
    for words in (
        ["left", "640/160x720/180+0+0", "screen"],
        ["right", "640/160x720/180+640+0", "none"],
    ):
        subprocess.run(["xrandr", "--setmonitor", *words], env=environment, check=True)
    launcher.lock()
    try:
        assert len(launcher.window_ids()) == 2
        assert shows_only_the_lock(launcher.screen.screenshot())
    finally:
        for name in ("left", "right"):
            subprocess.run(["xrandr", "--delmonitor", name], env=environment, check=True)
    wait_until(lambda: len(launcher.window_ids()) == 1, "the cover of the second screen is gone")
    assert shows_only_the_lock(launcher.screen.screenshot())


def test_silence_counts_as_gone_only_after_all_of_it() -> None:
    clock = ManualClock()
    watch = AgentWatch(clock)
    clock.advance(local.AGENT_GONE_SECONDS - 1)
    assert not any(watch.look() for _ in range(FEWEST_SILENT_LOOKS * 3))
    clock.advance(1)
    assert watch.look()
    watch.heard()
    assert not watch.look()


def test_an_agent_that_slept_with_the_computer_may_speak_first() -> None:
    clock = ManualClock()
    watch = AgentWatch(clock)
    clock.advance(3_600)
    looks = [watch.look() for _ in range(FEWEST_SILENT_LOOKS)]
    assert looks == [False] * (FEWEST_SILENT_LOOKS - 1) + [True]


def test_paused_session_is_locked(launcher: LauncherProcess) -> None:
    launcher.play()
    launcher.lock(msgspec.structs.replace(PLAYING, mode="paused"))
    assert shows_only_the_lock(launcher.screen.screenshot())
