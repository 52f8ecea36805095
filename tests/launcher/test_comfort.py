"""A PC as its player likes it, and as it was before once they are gone: volume, layout, language, resolution."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.app import Launcher
from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.platform.desktop import LAYOUTS, Modes, NoDesktop
from lovhub.launcher.texts import choose_language
from lovhub.launcher.theme import Look
from lovhub.launcher.workers import AgentConnection
from lovhub.protocol import local
from lovhub.protocol.views import HabitsView
from tests.launcher.fake_agent import CUSTOMER, LOCKED, PLAYING, SIGNED_IN
from tests.launcher.test_kept_games import HeardSound, OpenGuard

LIKES = HabitsView(volume=40, layout="KK", language="kk")


class LoudSound(HeardSound):
    def __init__(self) -> None:
        super().__init__()
        self.now: int | None = 75

    def level(self) -> int | None:
        return self.now

    def set_level(self, percent: int) -> None:
        self.now = percent


class SetDesktop(NoDesktop):
    def __init__(self) -> None:
        self.now = "EN"
        self.screens: dict[str, Any] = {"left": "1920x1080"}

    def layouts(self) -> tuple[str, ...]:
        return LAYOUTS

    def layout(self) -> str:
        return self.now

    def set_layout(self, layout: str) -> None:
        self.now = layout

    def modes(self) -> Modes:
        return dict(self.screens)

    def put_modes_back(self, modes: Modes) -> None:
        self.screens = dict(modes)


class Pc:
    """A launcher without an agent, and what it asks for."""

    def __init__(self, look: Look) -> None:
        self.sound, self.desktop = LoudSound(), SetDesktop()
        connection = AgentConnection("/no/agent", "token")
        self.asked: list[local.LauncherMessage] = []
        connection.ask = lambda request, _answered: self.asked.append(request)  # type: ignore[method-assign]
        self.launcher = Launcher(
            connection, OpenGuard(), self.sound, look, ManualClock(), self.desktop
        )

    def now(self) -> tuple[int | None, str, object, str]:
        leave = self.launcher.main_window.header.leave.text()
        return self.sound.now, self.desktop.now, self.desktop.screens["left"], leave


@pytest.fixture
def pc(qtbot: QtBot, look: Look) -> Iterator[Pc]:
    pc = Pc(look)
    yield pc
    choose_language("ru")
    pc.launcher.lock.release()
    for window in (pc.launcher.main_window, pc.launcher.auth):
        qtbot.addWidget(window)


def playing(habits: HabitsView | None, base: local.State = PLAYING) -> local.State:
    return msgspec.structs.replace(base, customer=msgspec.structs.replace(CUSTOMER, habits=habits))


def test_the_main_window_is_made_while_the_server_looks_at_the_password(
    qtbot: QtBot, pc: Pc, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[MainWindow] = []
    make = MainWindow.__init__

    def counted(self: MainWindow, look: Look) -> None:
        made.append(self)
        make(self, look)

    monkeypatch.setattr(MainWindow, "__init__", counted)
    pc.launcher.handle(LOCKED)
    pc.launcher.handle(local.Clock(seconds_left=0, played_seconds=0))
    assert made == []
    sign_in = pc.launcher.auth.sign_in
    sign_in.login.setText("aliya")
    sign_in.password.setText("очень длинный пароль")
    sign_in.submit.click()
    assert isinstance(pc.asked[-1], local.PlayerSignIn)
    assert made == []  # first the question goes out
    qtbot.waitUntil(lambda: len(made) == 1)
    pc.launcher.handle(playing(None))
    assert made == [pc.launcher.main_window]


def test_a_player_finds_the_pc_as_they_like_it_and_leaves_it_as_it_was(
    qtbot: QtBot, pc: Pc
) -> None:
    pc.launcher.handle(LOCKED)
    seen = []
    badge = pc.launcher.auth.sign_in.keyboard.badge
    for _click in LAYOUTS:
        badge.click()
        seen.append(pc.desktop.now)
    assert seen == ["RU", "KK", "EN"]
    pc.launcher.handle(playing(LIKES, SIGNED_IN))
    assert pc.now() == (75, "EN", "1920x1080", "Выйти")  # they do not play yet
    pc.launcher.handle(playing(LIKES))
    assert pc.now() == (40, "KK", "1920x1080", "Шығу")
    pc.sound.now, pc.desktop.screens["left"] = 90, "800x600"
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("номер карты")
    kept = msgspec.structs.replace(playing(LIKES, SIGNED_IN), games_kept=True)
    pc.launcher.handle(kept)
    pc.launcher.handle(playing(LIKES))
    assert pc.now() == (90, "KK", "800x600", "Шығу")  # paid in time: nothing has changed
    pc.launcher.handle(LOCKED)
    assert pc.now() == (75, "EN", "1920x1080", "Выйти")
    assert clipboard.text() == ""
    assert pc.launcher.auth.sign_in.submit.text() == "Войти"


def test_what_is_set_in_the_window_is_set_at_once_and_remembered(qtbot: QtBot, pc: Pc) -> None:
    pc.launcher.handle(playing(HabitsView()))
    old = pc.launcher.main_window
    qtbot.waitUntil(old.isActiveWindow)
    old.comfort.button.click()
    assert (old.comfort.volume.value(), old.comfort.layouts["EN"].isChecked()) == (75, True)
    old.comfort.volume.setValue(30)
    old.comfort.layouts["RU"].click()
    assert (pc.sound.now, pc.desktop.now) == (30, "RU")
    qtbot.waitUntil(lambda: len(pc.asked) == 2)
    old.comfort.languages["en"].click()
    qtbot.waitUntil(lambda: pc.launcher.main_window is not old)
    assert pc.now()[3] == "Sign out"
    assert pc.launcher.main_window.isVisible()
    kinds = {(one.volume, one.layout, one.language) for one in pc.asked}  # type: ignore[union-attr]
    assert kinds == {(None, "RU", ""), (30, "", ""), (None, "", "en")}

    pc.asked.clear()
    pc.launcher.handle(LOCKED)
    guest = msgspec.structs.replace(PLAYING, customer=None)
    pc.launcher.handle(guest)
    window = pc.launcher.main_window
    assert window.header.leave.text() == "Выйти"
    window.comfort.button.click()
    window.comfort.layouts["KK"].click()
    assert (pc.desktop.now, pc.asked, window.comfort.kept.isVisible()) == ("KK", [], False)
