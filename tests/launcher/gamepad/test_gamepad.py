"""A player with a pad at the launcher's own windows; the pad is a stand-in, the windows are real."""

from collections.abc import Mapping

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.gamepad.mapping import PadState
from lovhub.launcher.gamepad.screen_keyboard import PAGES
from lovhub.launcher.gamepad.watch import LOOK_SECONDS, GamepadWatch
from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.call import CallDesk
from lovhub.protocol.views import TariffView
from tests.launcher.fake_agent import LOCKED, PLAYING


class FakePads:
    """A pad that a test holds. `asked`: how often it was looked at, by whichever way."""

    def __init__(self) -> None:
        self.held: PadState | None = PadState()
        self.asked = 0

    def look(self) -> None:
        self.asked += 1

    def states(self) -> Mapping[str, PadState]:
        self.asked += 1
        return {} if self.held is None else {"pad": self.held}

    def let_go(self) -> None:
        pass


class Player:
    """Has a pad in the hands, before `window`."""

    def __init__(self, qtbot: QtBot, look: Look, window: QWidget) -> None:
        self.clock = ManualClock()
        self.pads = FakePads()
        self.watch = GamepadWatch(look, self.clock, self.pads)
        self.watch._timer.setInterval(3_600_000)  # each step is the test's
        self.window = window
        self._qtbot = qtbot
        self.watch.follow(window)
        self.watch._poll()

    def press(self, *buttons: str) -> None:
        """One after the other, each let go again."""
        for button in buttons:
            for held in (frozenset({button}), frozenset[str]()):
                self.pads.held = PadState(held)
                self.clock.advance(1)
                self.watch._poll()

    def focus(self) -> str:
        return self.window.focusWidget().objectName()

    def child(self, name: str) -> QWidget | None:
        found = [child for child in self.window.findChildren(QWidget, name) if child.isVisible()]
        return found[0] if found else None

    def type(self, *names: str) -> None:
        """Go to each key of the keyboard on the screen and press it."""
        for letter in names:
            for _step in range(30):
                at = self.window.focusWidget()
                if at.accessibleName() == letter:
                    break
                wanted = next(
                    key
                    for key in self.window.findChildren(QPushButton)
                    if key.isVisible() and key.accessibleName() == letter
                )
                here, there = (
                    at.mapToGlobal(at.rect().center()),
                    wanted.mapToGlobal(wanted.rect().center()),
                )
                if abs(there.y() - here.y()) > at.height() // 2:
                    self.press("down" if there.y() > here.y() else "up")
                else:
                    self.press("right" if there.x() > here.x() else "left")
            assert self.window.focusWidget().accessibleName() == letter
            self.press("a")


@pytest.fixture
def player(qtbot: QtBot, look: Look) -> Player:
    """In a session."""
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(PLAYING)
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    qtbot.waitUntil(window.isActiveWindow)
    return Player(qtbot, look, window)


@pytest.fixture
def guest(qtbot: QtBot, look: Look) -> Player:
    """At the lock."""
    screen = AuthScreen(look, ManualClock())
    screen.resize(1280, 720)
    qtbot.addWidget(screen)
    screen.show_state(LOCKED)
    with qtbot.waitExposed(screen):
        screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.focus_first()
    return Player(qtbot, look, screen)


def test_a_game_is_found_and_started(player: Player) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    started: list[int] = []
    window.launch_wanted.connect(started.append)
    player.press("right", "a")
    player.press("left", "a")
    titles = [PLAYING.applications[1].application_id, PLAYING.applications[0].application_id]
    assert started == titles


def test_tabs_turn_and_at_the_tiles_edge_the_way_leads_out(player: Player) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    player.press("right_shoulder")
    assert window.shelf.programs_tab.isChecked()
    player.press("left_shoulder", "left_shoulder")
    assert window.shelf.games_tab.isChecked()
    assert player.focus() == "tiles"
    player.press("up")
    assert player.focus() != "tiles"
    player.press("down")
    assert player.focus() == "tiles"


def test_every_button_of_the_window_is_within_reach(player: Player) -> None:
    wanted = {
        child.objectName()
        for child in player.window.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled()
    }
    seen, ways = set(), ["up", "down", "left", "right"]
    queue: list[list[str]] = [[]]
    window = player.window
    assert isinstance(window, MainWindow)
    start = window.focusWidget()
    while queue:
        way = queue.pop(0)
        start.setFocus()
        window.tiles.setCurrentIndex(window.tiles.model().index(0, 0))
        player.press(*way)
        here = player.focus()
        if here not in seen:
            seen.add(here)
            queue += [[*way, step] for step in ways]
    assert seen == wanted


def test_the_way_leads_through_a_list_that_is_longer_than_its_place_and_out_of_it(
    player: Player,
) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    tariffs = tuple(TariffView(number, f"{number} ч", 3_600, 50_000) for number in range(1, 11))
    window.show_state(msgspec.structs.replace(PLAYING, tariffs=tariffs))
    window.header.more_time.setFocus()
    player.press("a")
    seen = [player.focus()]
    for _step in range(8):
        player.press("down")
        seen.append(player.focus())
        if seen[-1].startswith("tariff"):
            assert not window.focusWidget().visibleRegion().isEmpty()
    assert seen[:5] == ["tariff1", "tariff3", "tariff5", "tariff7", "tariff9"]
    assert seen[-1] == "closeMoreTime"


def test_a_question_takes_the_pad_and_back_closes_it(player: Player) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    window.header.leave.setFocus()
    player.press("a")
    assert player.child("leaveSheet") is not None
    for _step in range(3):
        player.press("left", "up", "right")  # what lies behind is out of reach
        assert player.focus() in {"confirmLeave", "stay"}
    player.press("b")
    assert player.child("leaveSheet") is None
    assert player.focus() == "leave"


def test_a_star_is_given(player: Player, qtbot: QtBot) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    window.tiles.takes_stars = True
    with qtbot.waitSignal(window.star_wanted) as starred:
        player.press("x")
    assert starred.args == [PLAYING.applications[0].application_id, True]


def test_in_a_game_no_pad_is_asked_and_what_is_held_then_means_nothing_after_it(
    player: Player,
) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    started: list[int] = []
    window.launch_wanted.connect(started.append)
    player.watch.follow(None)
    assert not player.watch._timer.isActive()
    before = player.pads.asked
    for _look in range(20):
        player.clock.advance(1)
        player.watch.follow(None)
    assert player.pads.asked == before
    player.pads.held = PadState(frozenset({"a"}))
    player.watch.follow(window)
    for _step in range(3):
        player.clock.advance(1)
        player.watch._poll()
    assert started == []
    player.press("b", "a")
    assert len(started) == 1


def test_without_a_pad_it_is_looked_for_now_and_then(player: Player) -> None:
    player.press("down")
    assert player.child("gamepadHints") is not None
    player.pads.held = None
    player.watch._poll()
    assert player.child("gamepadHints") is None
    assert not player.watch._timer.isActive()
    player.clock.advance(LOOK_SECONDS)
    player.watch.follow(player.window)
    before = player.pads.asked
    player.watch.follow(player.window)
    assert player.pads.asked == before
    player.pads.held = PadState()
    player.clock.advance(LOOK_SECONDS)
    player.watch.follow(player.window)
    assert player.watch._timer.isActive()


def test_hints_say_what_counts_now_and_go_when_the_pad_lies_still(player: Player) -> None:
    player.press("right")
    hints = player.child("gamepadHints")
    assert hints is not None
    assert "в избранное" in hints.property("text")
    player.clock.advance(30)
    player.watch._poll()
    assert player.child("gamepadHints") is None


def test_one_signs_in_with_a_pad_alone(guest: Player, qtbot: QtBot) -> None:
    screen = guest.window
    assert isinstance(screen, AuthScreen)
    assert guest.focus() == "login"
    guest.press("a")
    guest.type(*"al1")
    guest.press("left_shoulder")
    guest.type(*"Y")
    guest.press("right_shoulder", "right_shoulder", "left_shoulder")
    assert len(PAGES) == 3
    guest.type(*"!")
    guest.press("x")
    guest.press("y", "x")
    assert screen.sign_in.login.text() == "al1Y"
    guest.type("Готово")
    assert guest.focus() == "password"
    assert guest.child("screenKeyboard") is None
    guest.press("a")
    guest.type(*"p4")
    shown = guest.child("screenKeyboardText")
    assert shown is not None
    assert "p4" not in shown.property("text")
    with qtbot.waitSignal(screen.sign_in_wanted) as asked:
        guest.type("Готово")
    assert asked.args == ["al1Y", "p4"]


def test_the_code_has_a_tab_and_the_keyboard_goes_with_what_it_types_into(guest: Player) -> None:
    screen = guest.window
    assert isinstance(screen, AuthScreen)
    guest.press("right_shoulder")
    assert guest.focus() == "code"
    guest.press("a")
    guest.type(*"12")
    guest.press("b")
    assert guest.child("screenKeyboard") is None
    assert guest.focus() == "code"
    assert screen.sign_in.code.text() == "12"
    guest.press("a")
    screen.show_state(msgspec.structs.replace(LOCKED, mode="paused"))
    guest.watch._poll()
    assert guest.child("screenKeyboard") is None


def test_a_reason_for_the_desk_is_written_in_russian_and_kazakh(player: Player) -> None:
    window = player.window
    assert isinstance(window, MainWindow)
    assert isinstance(window.call, CallDesk)
    field = window.search
    assert isinstance(field, QLineEdit)
    field.setFocus()
    player.press("a", "right_shoulder")
    player.type(*"ырқ")
    player.press("b")
    assert field.text() == "ырқ"
