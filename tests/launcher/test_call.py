"""Calling somebody from the desk, at the lock and in the main window, by keys alone."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.theme import Look
from lovhub.protocol import local
from lovhub.protocol.views import CallView
from tests.launcher.conftest import LauncherProcess
from tests.launcher.fake_agent import LOCKED, PLAYING

Screen = AuthScreen | MainWindow


@pytest.fixture(params=["lock", "main window"])
def screen(request: pytest.FixtureRequest, qtbot: QtBot, look: Look) -> Screen:
    shown: Screen
    if request.param == "lock":
        shown = AuthScreen(look, ManualClock())
        shown.show_state(LOCKED)
    else:
        shown = MainWindow(look)
        shown.show_state(PLAYING)
    qtbot.addWidget(shown)
    shown.resize(1280, 720)
    with qtbot.waitExposed(shown):
        shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    return shown


def sheet(screen: Screen) -> QFrame:
    found = screen.findChild(QFrame, "callSheet")
    assert isinstance(found, QFrame)
    return found


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def ask(qtbot: QtBot, screen: Screen) -> list[tuple[str, str]]:
    """Open the question; returns what will have been asked for."""
    wanted: list[tuple[str, str]] = []
    screen.call.call_wanted.connect(lambda reason, text: wanted.append((reason, text)))
    screen.call.button.setFocus()
    qtbot.keyClick(screen.call.button, Qt.Key.Key_Return)
    assert sheet(screen).isVisible()
    return wanted


def test_three_times_enter_calls_about_the_mouse(qtbot: QtBot, screen: Screen) -> None:
    wanted = ask(qtbot, screen)
    qtbot.keyClick(focused(), Qt.Key.Key_Return)  # the first reason
    qtbot.keyClick(focused(), Qt.Key.Key_Return)  # nothing to add
    assert wanted == [("device", "")]


def test_every_reason_is_reached_by_tab_and_words_go_with_it(qtbot: QtBot, screen: Screen) -> None:
    wanted = ask(qtbot, screen)
    for _ in range(2):
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    screen.call.text.insert("  не хватает часа ")
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    assert wanted == [("money", "не хватает часа")]


def test_without_a_reason_nobody_is_called(qtbot: QtBot, screen: Screen) -> None:
    wanted = ask(qtbot, screen)
    assert not screen.call.confirm.isEnabled()
    qtbot.keyClick(screen.call.text, Qt.Key.Key_Return)
    assert wanted == []
    qtbot.keyClick(sheet(screen), Qt.Key.Key_Escape)
    assert sheet(screen).isHidden()


def test_while_waiting_it_is_asked_once(qtbot: QtBot, screen: Screen) -> None:
    wanted = ask(qtbot, screen)
    qtbot.mouseClick(screen.call.reasons["game"], Qt.MouseButton.LeftButton)
    for _ in range(3):
        qtbot.mouseClick(screen.call.confirm, Qt.MouseButton.LeftButton)
        qtbot.keyClick(screen.call.text, Qt.Key.Key_Return)
    assert wanted == [("game", "")]


def test_a_call_that_did_not_arrive_says_so_and_may_be_tried_again(
    qtbot: QtBot, screen: Screen
) -> None:
    wanted = ask(qtbot, screen)
    qtbot.mouseClick(screen.call.reasons["other"], Qt.MouseButton.LeftButton)
    screen.call.text.insert("help")
    qtbot.mouseClick(screen.call.confirm, Qt.MouseButton.LeftButton)
    screen.show_call_answer("server_unreachable")
    assert "Нет связи с сервером" in screen.call.error.text()
    qtbot.mouseClick(screen.call.confirm, Qt.MouseButton.LeftButton)
    screen.show_call_answer("ok")
    assert wanted == [("other", "help")] * 2
    assert sheet(screen).isHidden()


def test_the_player_reads_who_is_coming(screen: Screen) -> None:
    shown = LOCKED if isinstance(screen, AuthScreen) else PLAYING
    told = []
    for call in (CallView(1, "device"), CallView(1, "device", "Данияр"), None):
        screen.show_state(msgspec.structs.replace(shown, call=call))
        told.append((screen.call.state.isVisible(), screen.call.state.text()))
    assert told == [(True, "Администратор знает"), (True, "Идёт Данияр"), (False, "")]


def test_without_a_club_there_is_nobody_to_call(qtbot: QtBot, look: Look) -> None:
    lock = AuthScreen(look, ManualClock())
    qtbot.addWidget(lock)
    lock.show()
    assert not lock.call.isVisible()
    lock.show_state(LOCKED)
    assert lock.call.isVisible()
    lock.show_state(msgspec.structs.replace(LOCKED, mode="starting"))
    assert not lock.call.isVisible()


def test_the_call_goes_to_the_agent_and_its_answer_comes_back(launcher: LauncherProcess) -> None:
    launcher.lock()
    # From the login backwards: the staff's own button, and the desk's before it.
    launcher.press("shift+Tab", "shift+Tab", "Return", "Return")
    launcher.type("lag")
    launcher.press("Return")
    request = launcher.agent.wait_for(local.PlayerCall)
    assert (request.reason, request.text) == ("device", "lag")
    launcher.agent.answer(request, "ok")
    launcher.agent.wait_until_covering()
