"""Registration at the lock: where it is offered, what is sent, and that nothing typed is left for the next one."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lovhub.launcher.auth import AuthScreen
from tests.launcher.fake_agent import LOCKED, SIGNED_IN

OFFERED = msgspec.structs.replace(LOCKED, knows=("register",))


@pytest.fixture
def screen(screen: AuthScreen) -> AuthScreen:
    screen.show_state(OFFERED)
    return screen


def begin(screen: AuthScreen, qtbot: QtBot) -> None:
    qtbot.mouseClick(screen.sign_in.register, Qt.MouseButton.LeftButton)
    assert screen.register.isVisible()


def test_it_is_offered_only_where_the_server_knows_it(screen: AuthScreen) -> None:
    assert screen.sign_in.register.isVisible()
    screen.show_state(LOCKED)
    assert not screen.sign_in.register.isVisible()


def test_enter_leads_through_the_fields_and_sends_them_once(
    screen: AuthScreen, qtbot: QtBot
) -> None:
    begin(screen, qtbot)
    card = screen.register
    for field, typed in (
        (card.login, "aliya"),
        (card.phone, "87011234567"),
        (card.password, "dombyra"),
        (card.repeated, "dombra"),
    ):
        assert field.hasFocus()
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert card.error.text() == "Пароли не совпали. Повторите ещё раз."
    qtbot.keyClicks(card.repeated, "dombyra")
    with qtbot.waitSignal(screen.register_wanted) as sent:
        qtbot.keyClick(card.repeated, Qt.Key.Key_Return)
    assert sent.args == ["aliya", "87011234567", "dombyra"]
    with qtbot.assertNotEmitted(screen.register_wanted):
        qtbot.keyClick(card.repeated, Qt.Key.Key_Return)
    screen.show_state(OFFERED)
    assert card.isVisible()
    card.show_answer("phone_malformed")
    assert card.phone.hasFocus()
    assert "Телефон" in card.error.text()


def test_nothing_that_was_typed_is_there_for_the_next_one(screen: AuthScreen, qtbot: QtBot) -> None:
    begin(screen, qtbot)
    screen.register.password.setText("dombyra")
    qtbot.mouseClick(screen.register.back, Qt.MouseButton.LeftButton)
    assert screen.sign_in.isVisible()
    assert screen.register.password.text() == ""
    begin(screen, qtbot)
    screen.register.password.setText("dombyra")
    screen.register._left_alone.timeout.emit()
    assert screen.sign_in.isVisible()
    assert screen.register.password.text() == ""
    begin(screen, qtbot)
    screen.register.password.setText("dombyra")
    screen.show_state(SIGNED_IN)
    assert screen.register.password.text() == ""
    assert not screen.register._left_alone.isActive()
