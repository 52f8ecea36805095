"""«Мои операции» in the window: in words, part by part, and gone with whoever looked."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.texts import operation_text
from lovhub.launcher.theme import Look
from lovhub.protocol.local import Operations
from lovhub.protocol.views import HoursView, OperationView
from tests.launcher.fake_agent import CUSTOMER, PLAYING

KNOWING = msgspec.structs.replace(PLAYING, knows=("ask_operations",))
HOUR = OperationView("sale", 1_800_000_000, tiyn=-500_00, bonus_tiyn=-20_00, seconds=3600, title="1 час")  # fmt: skip
PAID = OperationView("top_up", 1_799_999_000, tiyn=700_00, detail="kaspi")
NEWER = OperationView("raffle_won", 1_799_000_000, tiyn=1_00)


def told(window: MainWindow) -> list[str]:
    names = ("operationWhat", "operationTime", "operationMoney")
    columns = [window.operations.sheet.findChildren(QWidget, name) for name in names]
    return [
        " | ".join(str(part.property("text")) for part in row).replace("\xa0", " ")
        for row in zip(*columns, strict=True)
    ]


def test_what_became_of_the_money_is_read_and_left_to_nobody(qtbot: QtBot, look: Look) -> None:
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(PLAYING)
    assert window.operations.isHidden()  # a server that does not know the question is not asked it
    window.show_state(KNOWING)
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    mine, asked = window.operations, []
    mine.wanted.connect(lambda request_id, before: asked.append((request_id, before)))
    qtbot.keyClick(mine.button, Qt.Key.Key_Return)
    [(first, _place)] = asked
    mine.show_part(Operations("of somebody else", (NEWER,)))
    mine.show_part(Operations(first, (HOUR, PAID), next="7.5"))
    mine.show_answer("ok")
    assert told(window) == [
        "Куплено: 1 час | 1 ч | −500 ₸\n−20 ₸ бонусами",
        "Пополнение, через Kaspi |  | +700 ₸",
    ]
    mine.more.click()
    assert asked[1][1] == "7.5"
    mine.show_answer("server_unreachable")
    assert (mine.error.isVisible(), mine.more.isEnabled()) == (True, True)
    mine.more.click()
    daytime = msgspec.structs.replace(HOUR, hours=HoursView((0, 1), "10:00", "18:00"))
    mine.show_part(Operations(asked[2][0], (NEWER, daytime)))
    mine.show_answer("ok")
    assert told(window)[2:] == [
        "Операция |  | +1 ₸",
        "Куплено: 1 час\nИграть можно: пн–вт 10:00–18:00 | 1 ч | −500 ₸\n−20 ₸ бонусами",
    ]
    assert (mine.error.isVisible(), mine.more.isVisible()) == (False, False)

    another = msgspec.structs.replace(CUSTOMER, customer_id=8)
    window.show_state(msgspec.structs.replace(KNOWING, customer=another))
    assert (mine.sheet.isVisible(), told(window)) == (False, [])
    mine.button.click()
    mine.show_part(Operations(asked[2][0], (PAID,)))  # late, and of the one before
    assert told(window) == []


def test_whoever_was_seated_by_the_desk_reads_it() -> None:
    seated = OperationView("played", 1_800_000_000, seconds=600, title="ПК-1", detail="desk")
    assert operation_text(seated) == "Игра, ПК-1, посадил администратор"
    assert operation_text(msgspec.structs.replace(seated, detail="")) == "Игра, ПК-1"


def test_what_was_at_another_club_names_it() -> None:
    far = OperationView("played", 1_800_000_000, seconds=600, title="ПК-1", club="Дворец")
    assert operation_text(far) == "Игра, ПК-1, клуб «Дворец»"
    assert operation_text(msgspec.structs.replace(PAID, club="Дворец")) == (
        "Пополнение, через Kaspi, клуб «Дворец»"
    )
