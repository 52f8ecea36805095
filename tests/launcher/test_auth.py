"""The lock: what it says in each state, and signing in."""

import msgspec
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.platform import KeyboardState
from lovhub.launcher.texts import choose_language
from lovhub.launcher.theme import DARK, Look, dress, scale_for_height
from lovhub.launcher.widgets.basics import LONGEST_ENTRY
from lovhub.protocol.local import State, Trouble
from lovhub.protocol.views import ServerView
from lovhub.server.customers import rules as customers
from lovhub.server.staff import rules as staff
from tests.launcher.fake_agent import LOCKED, PLAYING, SIGNED_IN
from tests.launcher.seen import child


def test_it_begins_by_connecting(screen: AuthScreen) -> None:
    assert screen.message.title.text() == "Подключение…"
    assert screen.message.isVisible()


def test_the_time_is_right_at_once_when_it_is_shown_again(qtbot: QtBot, look: Look) -> None:
    clock = ManualClock()
    screen = AuthScreen(look, clock)
    qtbot.addWidget(screen)
    screen.show()
    before = screen.clock.time.text()
    screen.hide()
    clock.advance(60)
    screen.show()
    assert screen.clock.time.text() != before


def test_searching_tells_the_address(screen: AuthScreen) -> None:
    screen.show_state(
        msgspec.structs.replace(LOCKED, mode="starting", server_address="192.168.1.10:5000")
    )
    assert "192.168.1.10:5000" in screen.message.text.text()


def test_without_an_address_it_says_what_to_look_at(screen: AuthScreen) -> None:
    screen.show_state(msgspec.structs.replace(LOCKED, mode="starting"))
    assert "config.ini" in screen.message.text.text()


@pytest.mark.parametrize("spoken", ["ru", "kk", "en"])
@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Trouble("server_address", "C:/pc/{0}.ini"), ["C:/pc/{0}.ini", "192.168.1.10:5000"]),
        (Trouble("server_address"), ["--server", "192.168.1.10:5000"]),
        (Trouble("settings_unreadable", "C:/pc/config.ini"), ["C:/pc/config.ini", "UTF-8"]),
        (Trouble("settings_line", "C:/pc/config.ini", 7), ["C:/pc/config.ini", "7"]),
        (Trouble("disk_full", "C:/pc"), ["C:/pc"]),
        (Trouble("folder", "C:/pc"), ["C:/pc"]),
        (Trouble("failed", "C:/pc"), ["C:/pc", "agent.log"]),
    ],
    ids=["address", "argument", "unreadable", "line", "full", "folder", "failed"],
)
def test_what_is_wrong_with_the_pc_is_said_with_its_place(
    screen: AuthScreen, spoken: str, trouble: Trouble, told: list[str]
) -> None:
    choose_language(spoken)
    try:
        screen.show_connecting(trouble)
        alone = screen.message.title.text(), screen.message.text.text()
        screen.show_state(msgspec.structs.replace(LOCKED, mode="starting", trouble=trouble))
    finally:
        choose_language("ru")
    assert (screen.message.title.text(), screen.message.text.text()) == alone
    said = alone[1].replace("\N{ZERO WIDTH SPACE}", "")
    for word in told:
        assert word in said


def test_a_path_is_broken_behind_a_folder_only(screen: AuthScreen) -> None:
    path = "C:\\ProgramData\\LoVHub\\agent"
    screen.show_connecting(Trouble("folder", path))
    marked = "C:\N{WORD JOINER}\\ProgramData\\\N{ZERO WIDTH SPACE}LoVHub\\\N{ZERO WIDTH SPACE}agent"
    assert marked in screen.message.text.text()


def test_without_a_server_it_says_who_may_go_on_and_asks_for_a_password_only(
    screen: AuthScreen, qtbot: QtBot
) -> None:
    goes_on = msgspec.structs.replace(LOCKED, linked=False, club_name="", goes_on=True)
    screen.show_state(goes_on)
    assert screen.hint.text().startswith("Нет связи с сервером. Если ваш сеанс шёл за этим ПК")
    assert screen.sign_in.isVisible()
    assert not screen.sign_in._tab_code.isVisible()
    assert not screen.sign_in._forgotten.isVisible()  # no PIN is known here
    assert not screen.sign_in.register.isVisible()
    with qtbot.waitSignal(screen.sign_in_wanted) as wanted:
        qtbot.keyClicks(screen.sign_in.login, "aliya")
        qtbot.keyClicks(screen.sign_in.password, "secret")
        qtbot.keyClick(screen.sign_in.password, Qt.Key.Key_Return)
    assert wanted.args == ["aliya", "secret"]
    screen.show_sign_in_answer("wrong_credentials")
    assert screen.sign_in.error.text() == "Неверный логин или пароль."
    screen.show_state(LOCKED)
    assert screen.hint.text() == "Войдите, чтобы начать играть."
    assert screen.sign_in._tab_code.isVisible()
    assert screen.sign_in._forgotten.isVisible()


def test_of_several_servers_somebody_chooses_one(screen: AuthScreen, qtbot: QtBot) -> None:
    choosing = msgspec.structs.replace(
        LOCKED,
        mode="starting",
        servers=(ServerView("Арена & Ко", "10.0.0.5:5000"), ServerView("К" * 50, "10.0.0.6:5000")),
    )
    screen.show_state(choosing)
    first, second = screen.servers.buttons
    assert first.isVisible()
    assert "Арена && Ко" in first.text()
    assert second.text().startswith("ККК")
    assert second.text().endswith("К…  ·  10.0.0.6:5000")
    screen.show_state(choosing)
    assert screen.servers.buttons == [first, second]
    with qtbot.waitSignal(screen.server_wanted) as chosen:
        qtbot.keyClick(second, Qt.Key.Key_Return)
    assert chosen.args == ["10.0.0.6:5000"]
    screen.show_state(msgspec.structs.replace(LOCKED, mode="starting"))
    assert not screen.servers.isVisible()


def test_pairing_shows_the_code_in_large_groups(screen: AuthScreen) -> None:
    screen.show_state(
        msgspec.structs.replace(
            LOCKED, mode="pairing", pairing_code="041733", server_address="10.0.0.5:5000"
        )
    )
    assert screen.message.big.text() == "041 733"
    assert "10.0.0.5:5000" in screen.link.text()


def test_a_waiting_computer_takes_the_name_typed_at_it_where_the_desk_wants_one(
    screen: AuthScreen, qtbot: QtBot
) -> None:
    waiting = msgspec.structs.replace(LOCKED, mode="pairing", pairing_code="041733")
    screen.show_state(waiting)
    assert not screen.pc_name.isVisible()
    screen.show_state(msgspec.structs.replace(waiting, takes_name=True))
    assert screen.pc_name.isVisible()
    screen.pc_name.field.insert(" ПК-17 ")
    with qtbot.waitSignal(screen.pc_name.name_wanted) as told:
        qtbot.keyClick(screen.pc_name.field, Qt.Key.Key_Return)
    assert told.args == ["ПК-17"]
    screen.show_state(msgspec.structs.replace(waiting, takes_name=True, wished_name="ПК-17"))
    assert "ПК-17" in screen.pc_name.told.text()
    screen.show_state(msgspec.structs.replace(LOCKED, takes_name=True))
    assert not screen.pc_name.isVisible()


def test_a_locked_computer_shows_its_name_and_waits_for_a_login(screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    assert (screen.computer.text(), screen.club.text()) == ("ПК-1", "Арена")
    assert screen.sign_in.login.hasFocus()


def test_why_the_session_ended_is_told(screen: AuthScreen) -> None:
    screen.show_state(msgspec.structs.replace(LOCKED, ended_reason="time_over"))
    assert "Время вышло" in screen.hint.text()


def test_what_was_typed_survives_a_change_of_state(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    qtbot.keyClicks(screen.sign_in.login, "ali")
    screen.show_state(msgspec.structs.replace(LOCKED, linked=False))
    assert screen.sign_in.login.text() == "ali"
    assert screen.link.text() == "Нет связи с сервером"


def test_nothing_of_one_player_is_left_for_the_next(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    qtbot.keyClicks(screen.sign_in.login, "aliya")
    qtbot.keyClicks(screen.sign_in.password, "secret")
    screen.show_state(SIGNED_IN)
    screen.show_state(LOCKED)
    assert screen.sign_in.login.text() == screen.sign_in.password.text() == ""


def test_an_empty_field_is_asked_for_in_place(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    qtbot.mouseClick(screen.sign_in.submit, Qt.MouseButton.LeftButton)
    assert screen.sign_in.error.text() == "Введите логин."
    assert screen.sign_in.login.hasFocus()


def test_while_waiting_nothing_is_sent_twice(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    asked: list[tuple[str, str]] = []
    screen.sign_in_wanted.connect(lambda login, password: asked.append((login, password)))
    qtbot.keyClicks(screen.sign_in.login, "aliya")
    qtbot.keyClicks(screen.sign_in.password, "secret")
    for _ in range(3):
        qtbot.keyClick(screen.sign_in.password, Qt.Key.Key_Return)
        qtbot.mouseClick(screen.sign_in.submit, Qt.MouseButton.LeftButton)
    assert asked == [("aliya", "secret")]
    assert screen.sign_in.submit.text() == "Входим…"
    screen.show_sign_in_answer("wrong_credentials")
    assert screen.sign_in.error.text() == "Неверный логин или пароль."
    assert screen.sign_in.password.hasFocus()
    assert screen.sign_in.submit.isEnabled()


def test_the_password_can_be_looked_at(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    assert screen.sign_in.password.echoMode() == QLineEdit.EchoMode.Password
    eye = child(screen, "showPassword")
    qtbot.mouseClick(eye, Qt.MouseButton.LeftButton)
    assert screen.sign_in.password.echoMode() == QLineEdit.EchoMode.Normal
    assert eye.accessibleName() == "Скрыть пароль"


def type_pin(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    qtbot.keyClicks(screen.sign_in.login, "aliya")
    qtbot.keyClicks(screen.sign_in.password, "481516")
    qtbot.keyClick(screen.sign_in.password, Qt.Key.Key_Return)
    screen.show_sign_in_answer("new_password_needed")


def test_a_pin_is_replaced_by_a_new_password_before_anything_else(
    qtbot: QtBot, screen: AuthScreen
) -> None:
    type_pin(qtbot, screen)
    card = screen.sign_in
    assert card.new_password.hasFocus()
    assert card.new_password.echoMode() == QLineEdit.EchoMode.Password
    assert card.submit.text() == "Сохранить и войти"
    qtbot.keyClicks(card.new_password, "dombra")
    qtbot.keyClick(card.new_password, Qt.Key.Key_Return)
    assert card.repeated.hasFocus()
    assert not card.error.isVisible()
    qtbot.keyClicks(card.repeated, "dombro")
    qtbot.keyClick(card.repeated, Qt.Key.Key_Return)
    assert card.error.text() == "Пароли не совпали. Повторите ещё раз."
    assert card.repeated.text() == ""
    qtbot.keyClicks(card.repeated, "dombra")
    with qtbot.waitSignal(screen.new_password_wanted) as wanted:
        qtbot.keyClick(card.repeated, Qt.Key.Key_Return)
    assert wanted.args == ["aliya", "481516", "dombra"]
    assert not card.submit.isEnabled()


def test_a_password_that_is_refused_may_be_chosen_again(qtbot: QtBot, screen: AuthScreen) -> None:
    type_pin(qtbot, screen)
    card = screen.sign_in
    for entry in (card.new_password, card.repeated):
        qtbot.keyClicks(entry, "abc")
    qtbot.keyClick(card.repeated, Qt.Key.Key_Return)
    screen.show_sign_in_answer("password_too_short")
    assert card.error.text() == "Пароль слишком короткий: нужно не меньше 4 символов."
    assert card.new_password.hasFocus()
    assert card.submit.text() == "Сохранить и войти"


def test_a_pin_that_is_gone_leads_back_to_the_sign_in(qtbot: QtBot, screen: AuthScreen) -> None:
    type_pin(qtbot, screen)
    card = screen.sign_in
    for entry in (card.new_password, card.repeated):
        qtbot.keyClicks(entry, "dombra")
    qtbot.keyClick(card.repeated, Qt.Key.Key_Return)
    screen.show_sign_in_answer("wrong_code")
    assert (card.login.text(), card.password.text()) == ("aliya", "")
    assert card.password.hasFocus()
    assert card.error.text() == "Такого кода нет, или он уже использован."


def test_a_pin_left_standing_is_forgotten(qtbot: QtBot, screen: AuthScreen) -> None:
    type_pin(qtbot, screen)
    card = screen.sign_in
    [timer] = card.findChildren(QTimer)
    assert timer.isActive()
    timer.timeout.emit()
    assert card.login.text() == ""
    assert card.login.hasFocus()
    assert not timer.isActive()


def test_caps_lock_and_layout_are_shown(screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    screen.show_keyboard(KeyboardState(caps_lock=True, layout="RU"))
    assert screen.sign_in.keyboard.caps_lock.text() == "Включён Caps Lock"
    assert screen.sign_in.keyboard.badge.text() == "RU"


def test_a_guest_signs_in_with_a_code(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(LOCKED)
    qtbot.mouseClick(child(screen, "codeTab"), Qt.MouseButton.LeftButton)
    assert screen.sign_in.code.hasFocus()
    qtbot.keyClicks(screen.sign_in.code, " 481516 ")
    with qtbot.waitSignal(screen.code_wanted) as wanted:
        qtbot.keyClick(screen.sign_in.code, Qt.Key.Key_Return)
    assert wanted.args == ["481516"]
    screen.show_sign_in_answer("wrong_code")
    assert "код" in screen.sign_in.error.text()


def test_a_customer_can_leave(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(SIGNED_IN)
    with qtbot.waitSignal(screen.sign_out_wanted):
        qtbot.keyClick(child(screen, "signOut"), Qt.Key.Key_Return)


def test_a_pause_shows_what_is_kept(screen: AuthScreen) -> None:
    screen.show_state(msgspec.structs.replace(PLAYING, mode="paused"))
    assert screen.message.title.text() == "Сессия на паузе"
    assert screen.message.big.text() == "1:00:00"


def test_no_field_at_the_lock_opens_a_menu_which_would_take_the_keyboard_from_it(
    screen: AuthScreen,
) -> None:
    assert isinstance(screen.customer, QWidget)
    assert isinstance(screen.away, QWidget)
    assert isinstance(screen.register, QWidget)
    screen.staff.button.click()
    fields = screen.findChildren(QLineEdit)
    assert {"login", "pcName", "callText", "promoCode", "payAmount", "staffPath"} <= {
        field.objectName() for field in fields
    }
    no_menu = Qt.ContextMenuPolicy.NoContextMenu
    assert [field.objectName() for field in fields if field.contextMenuPolicy() != no_menu] == []


def test_the_longest_password_that_the_server_takes_can_be_typed() -> None:
    assert max(customers.LONGEST_PASSWORD, staff.LONGEST_PASSWORD) <= LONGEST_ENTRY


def test_a_message_from_the_desk_is_not_read_as_markup(screen: AuthScreen) -> None:
    screen.show_notice("<b>Турнир</b>")
    assert screen.notice.textFormat() == Qt.TextFormat.PlainText
    assert screen.notice.isVisible()


MANY_SERVERS = msgspec.structs.replace(
    LOCKED,
    mode="starting",
    servers=tuple(
        ServerView("Ш" * 200, f"192.168.100.{number}:50000") for number in range(100, 116)
    ),
)


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 720), (1366, 768), (1920, 1080), (2560, 1440), (3840, 2160)]
)
@pytest.mark.parametrize(
    "state", [LOCKED, SIGNED_IN, MANY_SERVERS], ids=lambda state: str(state.mode)
)
def test_everything_fits_the_screen(
    qtbot: QtBot, qapp: QApplication, width: int, height: int, state: State
) -> None:
    look = Look(DARK, scale_for_height(height))
    dress(qapp, look)
    screen = AuthScreen(look, ManualClock())
    qtbot.addWidget(screen)
    screen.show_state(msgspec.structs.replace(state, upkeep_number="003123456"))
    screen.show_notice("Через 10 минут турнир")
    smallest = screen.minimumSizeHint()
    assert (smallest.width(), smallest.height()) <= (width, height)
    assert smallest.height() <= height
