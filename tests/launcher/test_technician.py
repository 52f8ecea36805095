"""A technician at the lock: a number to read out, a code to type, and nothing that a player would trip over."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lovhub.agent.guard import launcher_command
from lovhub.agent.store import FileStore, Membership
from lovhub.launcher.asking import Asking
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.maintenance import MaintenanceBar
from lovhub.protocol import local
from lovhub.protocol.entries import MaintenanceEntered
from lovhub.protocol.upkeep_code import PersonKey, UpkeepKeys, make_code
from lovhub.protocol.views import AnswerCode, MaintenanceView
from tests.agent.support.pc_agent import PcAgent
from tests.evening.processes import free_port
from tests.launcher.fake_agent import LOCKED
from tests.launcher.test_staff import Asked
from tests.support.xvfb import Screen

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
    qtbot.mouseClick(screen.technician.button, Qt.MouseButton.LeftButton)
    door = screen.technician.sheet
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
    qtbot.mouseClick(screen.technician.button, Qt.MouseButton.LeftButton)
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
    assert said in screen.technician.sheet.error.text()


def test_another_number_is_shown_at_once_and_none_takes_the_sheet_away(screen: AuthScreen) -> None:
    screen.show_state(NUMBERED)
    screen.technician.button.click()
    door = screen.technician.sheet
    screen.show_state(msgspec.structs.replace(NUMBERED, upkeep_number="003999999"))
    assert door.number.text() == "003 999 999"
    screen.show_state(LOCKED)
    assert not door.number.isVisible()


def test_the_bar_says_so_where_no_reason_is_known(qtbot: QtBot, look: Look) -> None:
    bar = MaintenanceBar(look)
    qtbot.addWidget(bar)
    bar.show_maintenance(MaintenanceView(0, "Тимур", "", 600))
    assert bar.who.text() == "Тимур: по коду"


def test_agent_and_launcher_let_a_technician_in_where_there_is_no_server(
    managed_screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in managed_screen.environment().items():
        monkeypatch.setenv(name, value)
    key = bytes(range(32))
    store = FileStore(tmp_path)
    store.join(Membership(7, "token", b"club"), "")
    store.save_upkeep_keys(UpkeepKeys(3, (PersonKey(4, "Тимур", key),)))
    with PcAgent(tmp_path, free_port(), launcher=launcher_command) as pc:
        pc.wait_until(lambda: pc.call(pc.agent._lock) == "locked")
        number = pc.call(pc.agent._codes.number)
        code = make_code(key, computer_id=7, number=number, minutes=15, now=0)
        managed_screen.xdotool("key", "Tab", "Return")
        managed_screen.xdotool("type", "--delay", "15", code)
        managed_screen.xdotool("key", "Return")
        pc.wait_until(lambda: pc.call(pc.agent._lock) == "unlocked")
        (entry,) = pc.call(pc.agent._journal.pending)
        assert isinstance(entry, MaintenanceEntered)
        assert (entry.lock_number, entry.person_id, entry.minutes) == (number, 4, 15)
        pc.clock.advance(15 * 60)
        pc.wait_until(lambda: pc.call(pc.agent._lock) == "locked")
