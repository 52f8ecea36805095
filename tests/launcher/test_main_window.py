import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.texts import leaving_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.tiles import RUNNING_ROLE, initials
from lovhub.protocol.local import Clock
from lovhub.protocol.views import HabitsView, TariffView, TimeView
from tests.launcher.fake_agent import APPLICATIONS, PLAYING
from tests.launcher.seen import NBSP, child


@pytest.fixture
def window(qtbot: QtBot, look: Look) -> MainWindow:
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(PLAYING)
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    qtbot.waitUntil(window.isActiveWindow)
    return window


def titles(window: MainWindow) -> list[str]:
    model = window.tiles.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_the_header_tells_who_plays_with_what(window: MainWindow) -> None:
    header = window.header
    assert header.computer.text() == "ПК-1"
    assert header.customer.text() == "Алия Сериккызы"
    assert header.tariff.text() == "1 час"
    assert header.balance.text() == f"1{NBSP}500{NBSP}₸"
    assert header.time_left.text() == "1:00:00"


def test_time_ticks_as_the_agent_says(window: MainWindow) -> None:
    window.show_clock(Clock(seconds_left=3_552, played_seconds=48))
    assert window.header.time_left.text() == "0:59:12"
    assert window.header.time_left.property("urgent") == "false"
    window.show_clock(Clock(seconds_left=300, played_seconds=3_300))
    assert window.header.time_left.property("urgent") == "true"


def test_beside_a_clock_over_the_game_minutes_are_enough_until_few_are_left(
    window: MainWindow,
) -> None:
    window.count_minutes(only=True)

    def shown(seconds_left: int) -> tuple[str, str]:
        window.show_clock(Clock(seconds_left=seconds_left, played_seconds=0))
        time_left = window.header.time_left
        return time_left.text(), time_left.accessibleName()

    assert shown(3_552) == (f"59{NBSP}мин", f"Осталось 59{NBSP}мин")
    assert shown(301)[0] == f"5{NBSP}мин"
    assert shown(300)[0] == "0:05:00"
    assert window.header.time_left.property("urgent") == "true"


def test_a_second_moves_nothing_else_in_the_window(window: MainWindow, qtbot: QtBot) -> None:
    """Or all of it would be laid out again each second, beside a game."""
    time_left = window.header.time_left

    room = time_left.size()
    for seconds_left in (3_599, 671, 2_664):
        window.show_clock(Clock(seconds_left=seconds_left, played_seconds=0))
        assert time_left.sizeHint().width() <= room.width()
        assert (time_left.minimumSize(), time_left.maximumSize()) == (room, room)
    window.show_clock(Clock(seconds_left=36_000, played_seconds=0))
    qtbot.waitUntil(lambda: time_left.width() > room.width())
    window.show_clock(Clock(seconds_left=35_999, played_seconds=1))
    qtbot.waitUntil(lambda: time_left.size() == room)


def test_a_lost_link_is_told_and_forgotten_when_it_is_back(window: MainWindow) -> None:
    window.show_clock(Clock(seconds_left=3_000, played_seconds=600, link_lost_seconds=12))
    assert window.link_lost.isVisible()
    assert f"12{NBSP}с" in window.link_lost.text()
    assert "игра продолжается" in window.link_lost.text()
    window.show_clock(Clock(seconds_left=2_999, played_seconds=601))
    assert not window.link_lost.isVisible()


def test_games_and_programs_have_a_tab_each(qtbot: QtBot, window: MainWindow) -> None:
    assert titles(window) == ["Counter-Strike 2", "Dota 2", "Valorant"]
    qtbot.mouseClick(child(window, "programsTab"), Qt.MouseButton.LeftButton)
    assert titles(window) == ["Браузер"]


def test_search_ignores_case_and_the_dots_of_yo(window: MainWindow) -> None:
    apps = (msgspec.structs.replace(APPLICATIONS[0], title="Тёмные Души"), *APPLICATIONS[1:])
    window.show_state(msgspec.structs.replace(PLAYING, applications=apps))
    window.search.setText("темн")
    assert titles(window) == ["Тёмные Души"]
    window.search.setText("xyz")
    assert titles(window) == []
    assert child(window, "noTiles").property("text") == "Ничего не нашлось."


def test_enter_on_a_tile_starts_it(qtbot: QtBot, window: MainWindow) -> None:
    assert window.tiles.hasFocus()
    qtbot.keyClick(window.tiles, Qt.Key.Key_Right)
    with qtbot.waitSignal(window.launch_wanted) as wanted:
        qtbot.keyClick(window.tiles, Qt.Key.Key_Return)
    assert wanted.args == [12]


def test_a_double_click_starts_it(qtbot: QtBot, window: MainWindow) -> None:
    place = window.tiles.visualRect(window.tiles.model().index(2, 0)).center()
    viewport = window.tiles.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(window.launch_wanted) as wanted:
        qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert wanted.args == [13]


def test_what_runs_is_marked_and_the_choice_stays(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.tiles, Qt.Key.Key_Right)
    more = (*APPLICATIONS, msgspec.structs.replace(APPLICATIONS[0], application_id=99, title="A"))
    window.show_state(
        msgspec.structs.replace(PLAYING, applications=more, running_application_ids=(12,))
    )
    assert window.tiles.chosen_application_id() == 12
    assert window.tiles.currentIndex().data(RUNNING_ROLE) is True


def test_a_program_that_does_not_start_is_told(window: MainWindow) -> None:
    window.show_launch_answer("application_failed")
    assert window.problem.text() == "Программа не запустилась. Позовите администратора."
    window.show_launch_answer("ok")
    assert not window.problem.isVisible()


def test_leaving_says_what_is_left(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(child(window, "leave"), Qt.Key.Key_Return)
    text = str(child(window, "leaveText").property("text"))
    assert f"1{NBSP}ч" in text
    assert "сохранится" in text
    with qtbot.waitSignal(window.sign_out_wanted):
        qtbot.keyClick(window.confirm_leave, Qt.Key.Key_Return)
    window.show_sign_out_answer("server_unreachable")
    assert window.problem.text() == "Нет связи с сервером. Попробуйте ещё раз."


def test_more_time_is_bought_in_the_window(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(child(window, "moreTime"), Qt.Key.Key_Return)
    card = child(window, "tariff1")
    assert card.hasFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    with qtbot.waitSignal(window.buy_wanted) as wanted:
        qtbot.keyClick(window.shop.confirm, Qt.Key.Key_Return)
    assert wanted.args is not None
    assert wanted.args[1] == 1
    window.show_buy_answer("ok")
    assert not child(window, "moreTimeSheet").isVisible()
    assert child(window, "moreTime").isEnabled()


def test_what_is_played_when_and_what_becomes_of_it_is_told(window: MainWindow) -> None:
    assert PLAYING.session is not None
    plan = (
        TimeView(title="Ночь", kind="fixed_end", seconds=3600, when_leaving="runs_on"),
        TimeView(title="3 часа", kind="package", seconds=7200, when_leaving="expires"),
        TimeView(title="10 часов", kind="bundle", seconds=36_000),
    )
    session = msgspec.structs.replace(PLAYING.session, title="Ночь", plan=plan)
    window.show_state(msgspec.structs.replace(PLAYING, session=session))
    said = str(child(window, "headerTariff").property("text")).replace(NBSP, " ")
    assert said == "Ночь · потом 3 часа, 2 ч; 10 часов, 10 ч"
    assert leaving_text(plan).replace(NBSP, " ") == (
        "«Ночь» идёт и без вас. «3 часа»: остаток 2 ч сгорит. Остальное время сохранится на вашем счёте."
    )


def test_by_the_minute_nothing_is_bought_and_all_of_it_is_said(
    qtbot: QtBot, window: MainWindow
) -> None:
    assert PLAYING.session is not None
    minutes = TariffView(7, "По минутам", 3600, 600_00, kind="per_minute", minimum_tiyn=100_00)
    poor = msgspec.structs.replace(PLAYING.customer, balance_tiyn=99_00)
    state = msgspec.structs.replace(PLAYING, tariffs=(minutes,))
    window.show_state(msgspec.structs.replace(state, customer=poor))
    assert "Не хватает" in child(window, "tariff7").accessibleName()
    window.show_state(state)
    assert f"600{NBSP}₸ за час" in child(window, "tariff7").accessibleName()
    qtbot.keyClick(child(window, "moreTime"), Qt.Key.Key_Return)
    qtbot.keyClick(child(window, "tariff7"), Qt.Key.Key_Return)
    assert window.shop.confirm.text() == f"Играть: 600{NBSP}₸ за час"
    said = str(child(window, "confirmDetails").property("text")).replace(NBSP, " ")
    order = "до времени на часах, потом пакеты, потом абонементы, потом минуты с баланса (1 500 ₸)"
    assert order in said
    assert "За сеанс не меньше 100 ₸." in said
    with qtbot.waitSignal(window.buy_wanted) as wanted:
        qtbot.keyClick(window.shop.confirm, Qt.Key.Key_Return)
    assert wanted.args is not None
    assert wanted.args[1:] == [7, 600_00]
    window.show_buy_answer("ok")
    plan = (
        TimeView(title="1 час", kind="package", seconds=60),
        TimeView(title="По минутам", kind="per_minute", seconds=9000, hour_tiyn=600_00),
    )
    session = msgspec.structs.replace(PLAYING.session, plan=plan)
    window.show_state(msgspec.structs.replace(state, session=session))
    said = str(child(window, "headerTariff").property("text")).replace(NBSP, " ")
    assert said == "1 час · потом По минутам, 600 ₸ за час, 2 ч 30 мин"
    assert window.findChild(QWidget, "tariff7") is None, "it runs already"
    session = msgspec.structs.replace(session, title="По минутам", plan=plan[1:])
    window.show_state(msgspec.structs.replace(state, session=session))
    said = str(child(window, "headerTariff").property("text")).replace(NBSP, " ")
    assert said == "По минутам, 600 ₸ за час"
    assert leaving_text(plan[1:]) == "Деньги останутся на балансе."
    assert leaving_text(plan) == "Время сохранится на вашем счёте."


def test_a_guest_buys_at_the_desk(window: MainWindow) -> None:
    window.show_state(msgspec.structs.replace(PLAYING, customer=None))
    assert not child(window, "moreTime").isVisible()
    assert window.header.balance.text() == "—"


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Counter-Strike 2", "CS"),
        ("Dota 2", "D2"),
        ("Valorant", "Va"),
        ("PUBG: Battlegrounds", "PB"),
        ("мир кораблей", "МК"),
        ("—", "—"),
    ],
)
def test_a_program_without_a_picture_is_known_by_its_letters(title: str, letters: str) -> None:
    assert initials(title) == letters


def test_what_was_started_last_comes_first_and_a_star_keeps_a_game(
    qtbot: QtBot, window: MainWindow
) -> None:
    tabs = child(window, "favouritesTab")
    qtbot.keyClick(window.tiles, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert not tabs.isVisible(), "an older server keeps no stars"
    habits = HabitsView(recent_ids=(13, 99), favourite_ids=(12, 21))
    liking = msgspec.structs.replace(PLAYING.customer, habits=habits)
    window.show_state(msgspec.structs.replace(PLAYING, customer=liking))
    assert titles(window) == ["Valorant", "Dota 2", "Counter-Strike 2"]
    window.tiles.choose(12)
    with qtbot.waitSignal(window.star_wanted) as wanted:
        qtbot.keyClick(window.tiles, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert wanted.args == [12, False]
    index = window.tiles.model().index(2, 0)
    star = window.tiles.star_place(index).center().toPoint()
    with qtbot.waitSignal(window.star_wanted) as wanted:
        qtbot.mouseClick(window.tiles.viewport(), Qt.MouseButton.LeftButton, pos=star)
    assert wanted.args == [11, True]
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton)
    assert titles(window) == ["Dota 2", "Браузер"]
    window.show_state(PLAYING)
    assert titles(window) == ["Counter-Strike 2", "Dota 2", "Valorant"]


def test_whoever_types_over_the_tiles_searches(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClicks(window.tiles, "v")
    qtbot.keyClicks(window.search, "al")
    assert (window.search.text(), titles(window)) == ("val", ["Valorant"])
    qtbot.keyClick(window.search, Qt.Key.Key_Down)
    assert window.tiles.hasFocus()
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert (window.search.text(), len(titles(window))) == ("", 3)
