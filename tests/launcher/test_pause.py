"""The player's own pause: where it is offered, what is said before it, and the way back at the lock."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.texts import paused_text
from lovhub.launcher.theme import Look
from lovhub.protocol import local
from lovhub.protocol.views import TimeView
from tests.launcher.fake_agent import LOCKED, PLAYING

assert PLAYING.session is not None
HOUR = TimeView("1 час", "package", 3_600)
NIGHT = TimeView("Ночь", "fixed_end", 3_600, "runs_on")
MAY_PAUSE = msgspec.structs.replace(
    PLAYING,
    knows=("pause",),
    session=msgspec.structs.replace(PLAYING.session, pause_allowed=True, plan=(HOUR,)),
)
PAUSED = msgspec.structs.replace(
    MAY_PAUSE,
    mode="paused",
    session=msgspec.structs.replace(
        PLAYING.session, state="paused", paused_by="player", plan=(HOUR,)
    ),
)


@pytest.fixture
def window(qtbot: QtBot, look: Look) -> MainWindow:
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(MAY_PAUSE)
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    return window


def test_it_is_offered_where_the_time_allows_it_and_the_server_knows_it(window: MainWindow) -> None:
    assert window.pause.isVisible()
    window.pause.button.click()
    assert window.pause.confirm.isVisible()
    window.show_state(PLAYING)  # by now something is played that was sold without pauses
    assert not window.pause.isVisible()
    assert not window.pause.confirm.isVisible()
    window.show_state(msgspec.structs.replace(MAY_PAUSE, knows=()))
    assert not window.pause.isVisible()


def test_one_question_says_what_happens_and_is_asked_once(window: MainWindow, qtbot: QtBot) -> None:
    pause = window.pause
    window.show_clock(local.Clock(seconds_left=3_000, played_seconds=600))
    pause.button.click()
    assert pause.text.text().startswith("Осталось 50\N{NO-BREAK SPACE}мин. Время остановится.")
    assert "Игры останутся открытыми" in pause.text.text()
    with qtbot.waitSignal(pause.pause_wanted):
        qtbot.keyClick(pause.confirm, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(pause.pause_wanted):
        qtbot.keyClick(pause.confirm, Qt.Key.Key_Return)
    pause.show_answer("pause_not_allowed")
    assert pause.error.text() == "Время, по которому вы играете, продано без паузы."
    assert pause.confirm.isEnabled()
    pause.show_answer("ok")
    assert not pause.confirm.isVisible()


def test_what_has_an_end_by_the_clock_is_not_promised_to_stand_still(window: MainWindow) -> None:
    session = msgspec.structs.replace(MAY_PAUSE.session, plan=(NIGHT,))
    window.show_state(msgspec.structs.replace(MAY_PAUSE, session=session))
    window.pause.button.click()
    assert "остановится" not in window.pause.text.text()
    assert "«Ночь» идёт и на паузе." in window.pause.text.text()
    session = msgspec.structs.replace(PAUSED.session, plan=(HOUR, NIGHT))
    assert "Время не идёт. «Ночь» идёт и на паузе." in paused_text(session)


def test_what_a_long_pause_changes_is_said_before_it_and_at_the_lock(window: MainWindow) -> None:
    assert PAUSED.session is not None
    plan = tuple(
        TimeView(title, kind, 3_600, until=until, then=then)
        for title, kind, until, then in (
            ("День", "package", "18:00", "waits"),
            ("10 часов", "bundle", "00:00", "expires"),
            ("5 часов", "bundle", "00:00", "refunded"),
            ("7 часов", "bundle", "00:00", "expires"),
            ("1 час", "package", "22:00", "night"),
            ("2 часа", "package", "22:00", "night"),
            ("3 часа", "package", "23:00", "what may come"),
        )
    )
    said = [
        "«День» — до 18:00, остаток подождёт своих часов.",
        "«10 часов», «7 часов» — до 00:00, остаток сгорит.",
        "«5 часов» — до 00:00, деньги вернутся на баланс.",
        "В 22:00 игра остановится на ночь, остаток сохранится.",
    ]
    paused = msgspec.structs.replace(PAUSED.session, plan=plan)
    assert f"Время не идёт. {' '.join(said)} Чтобы" in paused_text(paused)
    session = msgspec.structs.replace(MAY_PAUSE.session, plan=plan)
    window.show_state(msgspec.structs.replace(MAY_PAUSE, session=session))
    window.pause.button.click()
    lines = window.pause.text.text().split("\n")
    assert lines[0].endswith("Время остановится.")
    assert lines[1:5] == said
    assert len(lines) == 7
    over = msgspec.structs.replace(paused, seconds_left=0, plan=())
    assert "играть сейчас нечего" in paused_text(over)


def test_the_way_back_is_the_players_own_sign_in(screen: AuthScreen, qtbot: QtBot) -> None:
    screen.show_state(msgspec.structs.replace(PAUSED, knows=("pause", "register")))
    assert (screen.kept.text(), screen.kept.isVisible()) == ("1:00:00", True)
    assert "Время не идёт" in screen.hint.text()
    card = screen.sign_in
    assert card.login.hasFocus()
    assert not card._tab_code.isVisible()
    assert not card.register.isVisible()
    assert not screen.end_kept.isVisible()
    card.login.insert("sniper")
    card.password.insert("чужой")
    with qtbot.waitSignal(screen.sign_in_wanted):
        qtbot.keyClick(card.password, Qt.Key.Key_Return)
    screen.show_sign_in_answer("computer_busy")
    screen.show_state(PAUSED)  # whatever else is told meanwhile clears nothing that is typed
    assert card.login.text() == "sniper"
    screen.show_state(LOCKED)
    assert (card.login.text(), card._tab_code.isVisible(), screen.kept.isVisible()) == (
        "",
        True,
        False,
    )


def test_after_the_desks_pause_nobody_signs_in(screen: AuthScreen) -> None:
    assert PAUSED.session is not None
    by_desk = msgspec.structs.replace(PAUSED.session, paused_by="desk")
    screen.show_state(msgspec.structs.replace(PAUSED, session=by_desk))
    assert screen.message.title.text() == "Сессия на паузе"
    assert not screen.sign_in.isVisible()
