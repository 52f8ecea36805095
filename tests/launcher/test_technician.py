"""A technician at the lock: a number to read out, a code to type, and nothing that a player would trip over."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lovhub.launcher.asking import Asking
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.maintenance import MaintenanceBar
from lovhub.protocol import local
from lovhub.protocol.views import AnswerCode, MaintenanceView
from tests.launcher.fake_agent import LOCKED
from tests.launcher.test_staff import Asked

NUMBERED = msgspec.structs.replace(LOCKED, upkeep_number="003123456")
STARTING = msgspec.structs.replace(NUMBERED, mode="starting", linked=False)
CODE = "234567890123"


def test_the_way_in_is_there_only_where_a_code_opens(screen: AuthScreen) -> None:
    assert not screen.technician.isVisible()
    for state in (NUMBERED, STARTING):
        screen.show_state(state)
        assert screen.technician.isVisible()
    screen.show_agent_gone()
    assert not screen.technician.isVisible()


def test_the_code_is_typed_and_goes_to_the_agent(screen: AuthScreen, qtbot: QtBot) -> None:
    asked = Asked()
    Asking(asked).listen_to_lock(screen)  # type: ignore[arg-type]
    screen.show_state(STARTING)
    door = screen.technician
    qtbot.mouseClick(door.button, Qt.MouseButton.LeftButton)
    assert door.number.text() == "003 123 456"
    assert door.code.hasFocus()
    qtbot.keyClicks(door.code, "2345")
    qtbot.keyClick(door.code, Qt.Key.Key_Return)
    assert (door.error.text(), asked.requests) == ("В коде двенадцать цифр.", [])
    door.code.clear()
    asked.answer = "wrong_code"
    qtbot.keyClicks(door.code, "2345 6789-0123")
    qtbot.keyClick(door.code, Qt.Key.Key_Return)
    (request,) = asked.requests
    assert isinstance(request, local.TechnicianCode)
    assert request.code == CODE
    assert door.error.text().startswith("Код не подошёл")
    asked.answer = "ok"
    door.confirm.click()
    assert not door.number.isVisible()
    qtbot.mouseClick(door.button, Qt.MouseButton.LeftButton)
    assert door.code.text() == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("too_many_attempts", "до 15 минут"),
        ("server_error", "на диск"),
        ("computer_busy", "ПК занят"),
    ],
)
def test_why_not_is_said(screen: AuthScreen, code: AnswerCode, said: str) -> None:
    screen.show_state(NUMBERED)
    screen.technician.button.click()
    screen.technician.show_answer(code)
    assert said in screen.technician.error.text()


def test_another_number_is_shown_at_once_and_none_takes_the_sheet_away(screen: AuthScreen) -> None:
    screen.show_state(NUMBERED)
    door = screen.technician
    door.button.click()
    screen.show_state(msgspec.structs.replace(NUMBERED, upkeep_number="003999999"))
    assert door.number.text() == "003 999 999"
    screen.show_state(LOCKED)
    assert not door.number.isVisible()


def test_the_bar_says_so_where_no_reason_is_known(qtbot: QtBot, look: Look) -> None:
    bar = MaintenanceBar(look)
    qtbot.addWidget(bar)
    bar.show_maintenance(MaintenanceView(0, "Тимур", "", 600))
    assert bar.who.text() == "Тимур: по коду"
