"""Room for everything at 1280×720, in each language, with names as long as people have them."""

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.texts import LANGUAGES, choose_language, format_duration
from lovhub.launcher.theme import DARK, Look, dress, scale_for_height
from lovhub.launcher.widgets.basics import ShorteningLabel
from lovhub.launcher.widgets.toast import Toast
from lovhub.protocol.local import Clock
from lovhub.protocol.views import CallView, HabitsView, HoursView, PromoView, TariffView
from tests.launcher.fake_agent import PLAYING, SIGNED_IN
from tests.launcher.test_paying import PAY

WIDTH, HEIGHT = 1280, 720
LONG_NAME = "Нурсултан Абдрахманов-Сейтжанов"
LONG_TEXT = "Просим сохранить игру и подойти к стойке: регистрация на турнир заканчивается " * 2
TARIFFS = (
    TariffView(1, "1 час", 3_600, 50_000, full_price_tiyn=60_000),
    TariffView(2, "Ночь выходного дня, VIP", 32_400, 350_000, kind="fixed_end", until="08:00"),
    TariffView(
        3,
        "Абонемент 30 часов",
        108_000,
        1_250_000,
        kind="bundle",
        valid_days=30,
        hours=HoursView((0, 1, 2, 3, 5), "10:00", "18:00", "not"),
    ),
)
assert SIGNED_IN.customer is not None
assert PLAYING.session is not None
CUSTOMER = msgspec.structs.replace(
    SIGNED_IN.customer,
    name=LONG_NAME,
    bonus_tiyn=20_000,
    pay=PAY,
    promo=PromoView(),
    habits=HabitsView(),
)
BUYING = msgspec.structs.replace(SIGNED_IN, customer=CUSTOMER, tariffs=TARIFFS)
IN_A_MATCH = msgspec.structs.replace(
    PLAYING,
    customer=CUSTOMER,
    tariffs=TARIFFS,
    session=msgspec.structs.replace(
        PLAYING.session, title=TARIFFS[1].title, seconds_left=75_600, pause_allowed=True
    ),
    knows=("pause",),
    call=CallView(1, "device", taken_by="Айгуль Бекмухамбетова"),
)


@pytest.fixture(params=sorted(LANGUAGES))
def look(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Look]:
    look = Look(DARK, scale_for_height(HEIGHT))
    dress(qapp, look)
    choose_language(request.param)
    yield look
    choose_language("ru")
    dress(qapp, Look(DARK, 1.0))


def cut_off(window: QWidget) -> list[str]:
    """The texts of a window that are not shown whole."""
    found = []
    for part in window.findChildren(QWidget):
        if not part.isVisible() or isinstance(part, ShorteningLabel):
            continue
        if isinstance(part, QLabel) and part.wordWrap():
            whole = part.heightForWidth(part.width()) <= part.height()
        elif isinstance(part, QLabel | QPushButton) and part.text():
            whole = part.sizeHint().width() <= part.width()
        else:
            continue
        if not whole:
            found.append(part.text())
    return found


def test_the_players_window_fits_and_cuts_nothing(qtbot: QtBot, look: Look) -> None:
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(IN_A_MATCH)
    window.show_launch_answer("application_failed")
    with qtbot.waitExposed(window):
        window.setGeometry(0, 0, WIDTH, HEIGHT)
        window.show()
    assert (window.width(), window.height()) == (WIDTH, HEIGHT)
    assert not cut_off(window)
    window.count_minutes(only=True)
    window.show_clock(Clock(seconds_left=75_599, played_seconds=0))
    qtbot.waitUntil(lambda: window.header.time_left.text() == format_duration(75_599))
    assert (window.width(), window.height()) == (WIDTH, HEIGHT)
    assert not cut_off(window)
    window.header.more_time.click()
    assert not cut_off(window)
    window.quick.click()
    assert not cut_off(window)


def test_a_customers_card_cuts_nothing(qtbot: QtBot, look: Look) -> None:
    screen = AuthScreen(look, ManualClock())
    qtbot.addWidget(screen)
    screen.show_state(BUYING)
    with qtbot.waitExposed(screen):
        screen.setGeometry(0, 0, WIDTH, HEIGHT)
        screen.show()
    assert (screen.width(), screen.height()) == (WIDTH, HEIGHT)
    assert not cut_off(screen)


def test_a_long_message_over_a_game_is_shown_whole(
    qtbot: QtBot, qapp: QApplication, look: Look
) -> None:
    toast = Toast(look, "toast")
    qtbot.addWidget(toast)
    for text in ("Осталось 5 мин", LONG_TEXT, LONG_TEXT * 2):
        toast.say("LoVHub", text, urgent=False, above=0, milliseconds=10_000)
        qapp.processEvents()
        assert not cut_off(toast)


def test_a_question_left_open_is_not_there_for_the_next_player(qtbot: QtBot, look: Look) -> None:
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(IN_A_MATCH)
    window.appear(behind_a_game=False)
    window.quick.click()
    assert window.shop.confirm.isVisible()
    window.disappear()
    window.appear(behind_a_game=False)
    assert not window.shop.confirm.isVisible()
