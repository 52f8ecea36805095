"""Paying for the balance at the PC: how much, the code, and that it has come."""

import re

import msgspec
import pytest
import segno
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.paying import CodePicture, Paying, is_whole
from lovhub.protocol import local
from lovhub.protocol.views import CodeView, PaidView, PaymentView, PayView
from tests.launcher.conftest import LauncherProcess, wait_until
from tests.launcher.fake_agent import CUSTOMER, LOCKED, PLAYING, SIGNED_IN

NOW = 1_800_000_000
MATRIX = segno.make("https://pay.kaspi.kz/123", error="m").matrix
BITS = "".join(str(module & 1) for row in MATRIX for module in row)
CODE = CodeView(
    len(MATRIX), bytes(int(BITS[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(BITS), 8))
)
PAY = PayView(
    way="code",
    smallest_tiyn=100_00,
    largest_tiyn=50_000_00,
    amounts_tiyn=(500_00, 1_000_00, 2_000_00),
)
WAITING = PaymentView(7, 1_000_00, "waiting", NOW + 180, CODE)


def saying(pay: PayView | None, base: local.State = PLAYING, **changes: object) -> local.State:
    customer = msgspec.structs.replace(base.customer or CUSTOMER, pay=pay)
    return msgspec.structs.replace(base, customer=customer, server_time=NOW, **changes)


def asking(payment: PaymentView | None, paid: PaidView | None = None) -> PayView:
    return msgspec.structs.replace(PAY, asked=payment, paid=paid)


def words(text: str) -> str:
    return re.sub(r"\s", " ", text)


@pytest.fixture
def window(qtbot: QtBot, look: Look) -> MainWindow:
    window = MainWindow(look)
    qtbot.addWidget(window)
    window.show_state(saying(PAY))
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def paying(window: MainWindow) -> Paying:
    return window.paying


def wanted_by(paying: Paying) -> list[tuple[str, int]]:
    wanted: list[tuple[str, int]] = []
    paying.top_up_wanted.connect(lambda key, tiyn: wanted.append((key, tiyn)))
    return wanted


def test_by_keys_alone_an_amount_the_code_and_thanks(
    qtbot: QtBot, window: MainWindow, paying: Paying
) -> None:
    wanted, cancelled = wanted_by(paying), []
    paying.cancel_wanted.connect(cancelled.append)
    qtbot.keyClick(paying.button, Qt.Key.Key_Return)
    assert not paying.confirm.isEnabled()
    for _ in range(2):  # the first amount, then the button that names it
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Return)
    assert [tiyn for _key, tiyn in wanted] == [500_00]
    paying.show_answer("server_unreachable")
    assert "Нет связи" in paying.error.text()
    qtbot.mouseClick(paying.confirm, Qt.MouseButton.LeftButton)
    assert wanted[1] == wanted[0]  # the same question: it may have arrived
    window.show_state(saying(asking(msgspec.structs.replace(WAITING, state="asking", code=None))))
    paying.show_answer("ok")
    assert paying.code.isHidden()
    window.show_state(saying(asking(WAITING)))
    assert paying.code.isVisible()
    assert (words(paying.big.text()), paying.left.text()) == (
        "1 000 ₸",
        "Счёт действует ещё 0:03:00",
    )
    qtbot.mouseClick(paying.cancel, Qt.MouseButton.LeftButton)
    assert cancelled == [7]
    paying.show_answer("ok")
    window.show_state(saying(asking(None, PaidView(7, 1_000_00))))
    assert words(paying.text.text()) == "Баланс пополнен на 1 000 ₸"
    assert paying.code.isHidden()
    qtbot.mouseClick(paying.close_button, Qt.MouseButton.LeftButton)
    assert paying.sheet.isHidden()


def test_an_amount_of_ones_own_keeps_to_the_limits(qtbot: QtBot, paying: Paying) -> None:
    wanted = wanted_by(paying)
    paying.open()
    enabled = []
    for typed in ("99", "100", "50000", "50001", "abc-1", ""):
        paying.entry.clear()
        qtbot.keyClicks(paying.entry, typed)
        enabled.append(paying.confirm.isEnabled())
    assert enabled == [False, True, True, False, False, False]
    qtbot.keyClicks(paying.entry, "700")
    qtbot.keyClick(paying.entry, Qt.Key.Key_Return)
    qtbot.keyClick(paying.entry, Qt.Key.Key_Return)  # while the answer is awaited
    assert [tiyn for _key, tiyn in wanted] == [700_00]


def test_what_is_over_says_what_to_do_and_offers_a_new_one(
    qtbot: QtBot, window: MainWindow, paying: Paying
) -> None:
    wanted = wanted_by(paying)
    window.show_state(saying(asking(WAITING)))
    paying.open()
    shown = []
    for state in ("expired", "failed", "unknown", "review", "something new"):
        window.show_state(saying(asking(msgspec.structs.replace(WAITING, state=state, code=None))))
        shown.append((paying.text.text()[:10], paying.confirm.text()))
    assert shown == [
        ("Время вышл", "Новый QR"),
        ("Kaspi не п", "Новый QR"),
        ("Kaspi не о", "Новый QR"),
        ("Пришла дру", ""),
        ("Подождите.", ""),
    ]
    window.show_state(saying(asking(msgspec.structs.replace(WAITING, state="expired", code=None))))
    qtbot.mouseClick(paying.confirm, Qt.MouseButton.LeftButton)
    assert [tiyn for _key, tiyn in wanted] == [1_000_00]
    paying.show_answer("too_many_attempts")
    assert "Слишком много" in paying.error.text()
    window.show_state(saying(asking(WAITING), linked=False))
    assert "деньги придут" in paying.text.text()
    assert paying.code.isHidden()


def test_an_open_question_is_there_again_and_a_guest_sees_none(
    qtbot: QtBot, look: Look, window: MainWindow, paying: Paying
) -> None:
    restarted = MainWindow(look)
    qtbot.addWidget(restarted)
    restarted.show_state(saying(asking(WAITING)))
    restarted.appear(behind_a_game=False)
    assert restarted.paying.code.isVisible()
    for state in (saying(None), msgspec.structs.replace(PLAYING, customer=None)):
        window.show_state(state)
        assert paying.isHidden()
    number = PayView(way="number", number="0000018", service="Arena KZ")
    window.show_state(saying(number))
    paying.open()
    assert paying.big.text() == "0000018"
    assert "Arena KZ" in paying.text.text()
    assert paying.confirm.isHidden()


def test_the_code_is_drawn_module_by_module(qtbot: QtBot, look: Look) -> None:
    picture = CodePicture(look)
    qtbot.addWidget(picture)
    picture.show_code(CODE)
    image: QImage = picture.grab().toImage()
    side = picture.width() // (CODE.size + 8)
    left = (picture.width() - side * CODE.size) // 2
    seen = [
        [
            image.pixelColor(
                left + column * side + side // 2, left + row * side + side // 2
            ).lightness()
            < 128
            for column in range(CODE.size)
        ]
        for row in range(CODE.size)
    ]
    assert seen == [[bool(module & 1) for module in row] for row in MATRIX]
    assert image.pixelColor(1, 1).lightness() > 250
    assert not is_whole(CodeView(CODE.size, CODE.modules[:-1]))
    assert not is_whole(CodeView(1_000_000, b""))


def test_what_the_player_presses_goes_to_the_agent(launcher: LauncherProcess) -> None:
    launcher.lock(LOCKED)
    launcher.agent.say(saying(asking(WAITING), SIGNED_IN))
    wait_until(lambda: _white_pixels(launcher) > 10_000, "the code is on the screen")
    launcher.press("shift+Tab", "Return")  # from «Закрыть» to «Отменить счёт»
    request = launcher.agent.wait_for(local.PlayerCancelTopUp)
    assert request.payment_id == 7
    launcher.agent.say(saying(PAY, SIGNED_IN))
    launcher.agent.answer(request, "ok")
    wait_until(lambda: _white_pixels(launcher) < 10_000, "the code is gone")
    launcher.agent.wait_until_covering()


def _white_pixels(launcher: LauncherProcess) -> int:
    image = launcher.screen.screenshot().convert("RGB")
    colors = image.getcolors(image.width * image.height)
    assert colors is not None
    return sum(count for count, color in colors if color == (255, 255, 255))
