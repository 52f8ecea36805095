"""A promo code at the PC: typed, refused with a reason, and what it gave."""

import re

import msgspec
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.theme import Look
from lovhub.protocol import local
from lovhub.protocol.views import GiftView, PromoView
from tests.launcher.conftest import LauncherProcess
from tests.launcher.fake_agent import CUSTOMER, PLAYING, SIGNED_IN

BONUS = GiftView(3, "Лето", bonus_tiyn=500_00)


def saying(promo: PromoView | None, base: local.State = PLAYING) -> local.State:
    customer = msgspec.structs.replace(base.customer or CUSTOMER, promo=promo)
    return msgspec.structs.replace(base, customer=customer)


def test_a_code_is_typed_by_keys_alone_until_it_gives_something(qtbot: QtBot, look: Look) -> None:
    window = MainWindow(look)
    qtbot.addWidget(window)
    promo, wanted = window.promo, []
    promo.code_wanted.connect(lambda key, code: wanted.append((key, code)))
    for state in (PLAYING, saying(None), msgspec.structs.replace(PLAYING, customer=None)):
        window.show_state(state)
        assert promo.isHidden()  # a club without promotions shows nothing of them
    window.show_state(saying(PromoView()))
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    window.header.more_time.click()
    qtbot.keyClick(promo.button, Qt.Key.Key_Return)
    qtbot.keyClicks(promo.entry, "let")
    qtbot.keyClick(promo.entry, Qt.Key.Key_Return)
    assert (promo.confirm.isEnabled(), wanted) == (False, [])
    qtbot.keyClicks(promo.entry, "o-26")
    for code, words in (
        ("server_unreachable", "Нет связи"),
        ("promo_code_wrong", "Такого промокода нет"),
        ("too_many_attempts", "через 5 минут"),
    ):
        qtbot.keyClick(promo.entry, Qt.Key.Key_Return)
        qtbot.keyClick(promo.entry, Qt.Key.Key_Return)  # while the answer is awaited
        promo.show_answer(code)  # type: ignore[arg-type]
        assert words in promo.error.text()
    assert [code for _key, code in wanted] == ["leto-26"] * 3
    keys = [key for key, _code in wanted]
    # What may have arrived is asked again under its key; what was answered is another question.
    assert keys[0] == keys[1] != keys[2]

    window.show_state(saying(PromoView(BONUS)))
    promo.show_answer("ok")
    shown = re.sub(r"\s", " ", promo.title.text())
    assert (shown, promo.text.text()) == ("Подарок: 500 ₸ бонусами", "Промокод принят: Лето")
    assert promo.entry.isHidden()
    qtbot.mouseClick(promo.close_button, Qt.MouseButton.LeftButton)
    promo.open()
    assert promo.entry.text() == ""
    assert promo.title.text() == "Промокод"


def test_at_the_lock_it_goes_to_the_agent(launcher: LauncherProcess) -> None:
    launcher.lock(saying(PromoView(), SIGNED_IN))
    launcher.press(*["shift+Tab"] * 5, "Return")  # from the tariff back to «Промокод»
    launcher.type("leto26")
    launcher.press("Return")
    request = launcher.agent.wait_for(local.PlayerUsePromoCode)
    assert request.code == "leto26"
    launcher.agent.say(saying(PromoView(BONUS), SIGNED_IN))
    launcher.agent.answer(request, "ok")
    launcher.press("Escape", "Return", "Return")  # back at the button, a new question is empty
    launcher.type("next")
    launcher.press("Return")
    assert launcher.agent.wait_for(local.PlayerUsePromoCode).code == "next"
