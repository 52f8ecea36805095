"""What a customer who has signed in sees and buys at the lock."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.hours_texts import hours_text
from lovhub.protocol.views import HoursView, WaitingView
from tests.launcher.fake_agent import CUSTOMER, SIGNED_IN, TARIFFS
from tests.launcher.seen import NBSP, child


def test_a_customer_sees_the_money_and_what_it_buys(screen: AuthScreen) -> None:
    screen.show_state(SIGNED_IN)
    assert screen.customer.balance.text() == f"2{NBSP}000{NBSP}₸"
    assert child(screen, "tariff1").hasFocus()
    missing = child(screen, "tariffMissing3")
    assert missing.property("text") == f"Не хватает 1{NBSP}500{NBSP}₸"


def test_buying_is_confirmed_with_the_amount(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(SIGNED_IN)
    qtbot.keyClick(child(screen, "tariff1"), Qt.Key.Key_Return)
    confirm = screen.customer.shop.confirm
    assert confirm.text() == f"Купить за 500{NBSP}₸"
    assert confirm.hasFocus()
    with qtbot.waitSignal(screen.buy_wanted) as wanted:
        qtbot.keyClick(confirm, Qt.Key.Key_Return)
    assert wanted.args is not None
    assert wanted.args[1] == 1
    assert not confirm.isEnabled()
    screen.show_buy_answer("not_enough_money")
    assert child(screen, "buyError").property("text") == "На балансе не хватает денег."


def test_bonuses_pay_up_to_their_share_and_a_discount_is_told(
    qtbot: QtBot, screen: AuthScreen
) -> None:
    rich = msgspec.structs.replace(
        CUSTOMER, balance_tiyn=30_000, bonus_tiyn=60_000, bonus_share_percent=50
    )
    hour = msgspec.structs.replace(TARIFFS[1], price_tiyn=50_000, full_price_tiyn=55_500)
    screen.show_state(msgspec.structs.replace(SIGNED_IN, customer=rich, tariffs=(hour, TARIFFS[2])))
    assert screen.customer.balance.text() == f"300{NBSP}₸ + бонусы 600{NBSP}₸"
    assert "555" in str(child(screen, "tariffDiscount1").property("text"))
    assert screen.findChild(QWidget, "tariffMissing1") is None
    assert f"400{NBSP}₸" in str(child(screen, "tariffMissing2").property("text"))
    qtbot.keyClick(child(screen, "tariff1"), Qt.Key.Key_Return)
    details = str(child(screen, "confirmDetails").property("text"))
    assert f"останется 50{NBSP}₸" in details
    assert f"Бонусами: 250{NBSP}₸" in details


def test_the_hours_of_a_tariff_are_told_before_it_is_bought(
    qtbot: QtBot, screen: AuthScreen
) -> None:
    hours = HoursView((0, 1, 2, 3, 5), "10:00", "18:00", "not")
    daytime = msgspec.structs.replace(TARIFFS[1], hours=hours)
    rich = msgspec.structs.replace(CUSTOMER, balance_tiyn=200_000)
    screen.show_state(msgspec.structs.replace(SIGNED_IN, customer=rich, tariffs=(daytime,)))
    words = "Играть можно: пн–чт, сб, кроме праздников 10:00–18:00"
    assert child(screen, "tariffHours1").property("text") == words
    qtbot.keyClick(child(screen, "tariff1"), Qt.Key.Key_Return)
    assert words in str(child(screen, "confirmDetails").property("text"))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (HoursView(tuple(range(7)), "10:00", "18:00"), "каждый день 10:00–18:00"),
        (HoursView((5, 6), "22:00", "08:00", "also"), "сб–вс и в праздники 22:00–08:00"),
        (HoursView((0,)), "пн"),
        (HoursView((), holidays="also"), "только в праздники"),
        (HoursView((0,), "10:00", "18:00", "only"), "только в праздники 10:00–18:00"),
    ],
)
def test_hours_in_words(hours: HoursView, words: str) -> None:
    assert hours_text(hours) == words


@pytest.mark.parametrize(
    ("seconds", "waiting", "words"),
    [
        (7_200, WaitingView(7_200, "10:00"), "2 ч можно играть с 10:00. Тогда войдите снова"),
        (7_200, WaitingView(7_200, "10:00", "30.11"), "2 ч можно играть с 30.11 10:00."),
        (9_000, WaitingView(7_200, "10:00"), "Уже оплачено: 2 ч 30 мин."),
        (0, None, "Купите время, и ПК откроется."),
    ],
)
def test_time_that_waits_for_its_hours_says_from_when_it_may_be_played(
    screen: AuthScreen, seconds: int, waiting: WaitingView | None, words: str
) -> None:
    has = msgspec.structs.replace(CUSTOMER, seconds_available=seconds, waiting=waiting)
    screen.show_state(msgspec.structs.replace(SIGNED_IN, customer=has))
    assert words in screen.hint.text().replace(NBSP, " ")


def test_what_cannot_be_paid_is_not_offered_for_sale(qtbot: QtBot, screen: AuthScreen) -> None:
    screen.show_state(SIGNED_IN)
    child(screen, "tariff3").setFocus()
    qtbot.keyClick(child(screen, "tariff3"), Qt.Key.Key_Return)
    assert not screen.customer.shop.confirm.isVisible()
    assert f"Не хватает 1{NBSP}500{NBSP}₸" in str(child(screen, "confirmDetails").property("text"))
    qtbot.keyClick(child(screen, "cancelBuy"), Qt.Key.Key_Escape)
    assert child(screen, "tariff3").hasFocus()


def test_a_top_up_at_the_desk_shows_at_once(screen: AuthScreen) -> None:
    screen.show_state(SIGNED_IN)
    richer = msgspec.structs.replace(CUSTOMER, balance_tiyn=400_000)
    screen.show_state(msgspec.structs.replace(SIGNED_IN, customer=richer))
    assert screen.customer.balance.text() == f"4{NBSP}000{NBSP}₸"
    assert screen.findChild(QWidget, "tariffMissing3") is None
    assert child(screen, "tariff1").hasFocus()
