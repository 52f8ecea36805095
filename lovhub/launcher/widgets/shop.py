"""Buying time: tariffs as cards, and a confirmation that names the amount."""

from dataclasses import dataclass
from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lovhub.launcher.hours_texts import played_when
from lovhub.launcher.texts import _, answer_text, format_duration, format_hourly, format_money
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, answers, label
from lovhub.protocol.views import AnswerCode, CustomerView, TariffView

COLUMNS = 2
HOUR_SECONDS = 3600

BY_MINUTE = "per_minute"
"""The kind of a tariff of which nothing is bought: the balance pays as one plays."""


def time_of(tariff: TariffView) -> str:
    """What time is bought: so long, until then, or so long within so many days; by the minute, nothing is."""
    if tariff.kind == BY_MINUTE:
        return _("с баланса, пока играете")
    if tariff.until:
        return _("до {time}").format(time=tariff.until)
    duration = format_duration(tariff.seconds)
    if tariff.valid_days is not None:
        return _("{duration}, действует {days} дн").format(
            duration=duration, days=tariff.valid_days
        )
    return duration


def price_of(tariff: TariffView) -> str:
    """What it costs: at once, or by the hour."""
    if tariff.kind == BY_MINUTE:
        return format_hourly(tariff.price_tiyn)
    return format_money(tariff.price_tiyn)


@dataclass(frozen=True)
class Wallet:
    """What the player can pay with. Bonuses pay up to `share_percent` of a price, before money.

    `debt_tiyn`: what they owe; `debt_limit_tiyn`: up to what they may, where they play in debt now.
    """

    balance_tiyn: int
    bonus_tiyn: int = 0
    share_percent: int = 100
    debt_tiyn: int = 0
    debt_limit_tiyn: int = 0

    def bonuses_for(self, tariff: TariffView) -> int:
        """What of the price is paid with bonuses; by the minute, nothing."""
        if tariff.kind == BY_MINUTE:
            return 0
        return min(self.bonus_tiyn, tariff.price_tiyn * self.share_percent // 100)

    def missing_tiyn(self, tariff: TariffView) -> int:
        """How much more is needed: of what is paid by the minute, its minimum, or what a minute costs."""
        needed = tariff.price_tiyn - self.bonuses_for(tariff)
        if tariff.kind == BY_MINUTE:
            needed = max(tariff.minimum_tiyn, tariff.price_tiyn // 60)
        return max(0, needed - self.balance_tiyn)

    @property
    def words(self) -> str:
        """«1 500 ₸ + бонусы 200 ₸»; in debt, how much of what."""
        money = format_money(self.balance_tiyn)
        if self.debt_limit_tiyn and not self.balance_tiyn:
            return _("в долг {debt} из {limit}").format(
                debt=format_money(self.debt_tiyn), limit=format_money(self.debt_limit_tiyn)
            )
        if self.debt_tiyn:
            return _("долг {debt}").format(debt=format_money(self.debt_tiyn))
        if not self.bonus_tiyn:
            return money
        return _("{money} + бонусы {bonus}").format(
            money=money, bonus=format_money(self.bonus_tiyn)
        )


def wallet_of(customer: CustomerView | None) -> Wallet:
    """What whoever is signed in has; nobody has nothing."""
    if customer is None:
        return Wallet(0)
    return Wallet(
        customer.balance_tiyn,
        customer.bonus_tiyn,
        customer.bonus_share_percent,
        customer.debt_tiyn,
        customer.debt_limit_tiyn,
    )


class TariffCard(Button):
    """One tariff: how long, for how much, and whether the balance is enough."""

    def __init__(self, tariff: TariffView, wallet: Wallet, look: Look) -> None:
        super().__init__("", "tariff", f"tariff{tariff.tariff_id}")
        self.tariff = tariff
        self.missing_tiyn = wallet.missing_tiyn(tariff)
        self.setProperty("affordable", "false" if self.missing_tiyn else "true")
        px = look.px
        self.setMinimumSize(px(270), px(168))
        # Higher where a long title takes two lines; a button otherwise keeps its height.
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Minimum)
        title = label(tariff.title, "figure", wrap=True)
        duration = label(time_of(tariff), "muted", wrap=True)
        price = label(price_of(tariff), "figure", f"tariffPrice{tariff.tariff_id}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(18), px(24), px(18))
        layout.setSpacing(px(4))
        layout.addWidget(title)
        layout.addWidget(duration)
        spoken = [tariff.title, time_of(tariff), price_of(tariff)]
        if tariff.hours is not None:
            text = played_when(tariff.hours)
            layout.addWidget(label(text, "muted", f"tariffHours{tariff.tariff_id}", wrap=True))
            spoken.append(text)
        layout.addStretch()
        layout.addWidget(price)
        if tariff.full_price_tiyn:
            text = _("Ваша скидка: вместо {full}").format(full=format_money(tariff.full_price_tiyn))
            layout.addWidget(label(text, "muted", f"tariffDiscount{tariff.tariff_id}", wrap=True))
            spoken.append(text)
        if self.missing_tiyn:
            text = _("Не хватает {amount}").format(amount=format_money(self.missing_tiyn))
            layout.addWidget(label(text, "warning", f"tariffMissing{tariff.tariff_id}", wrap=True))
            spoken.append(text)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(", ".join(spoken))


class Shop(QWidget):
    """The tariffs on sale now. `behind` is what the confirmation covers.

    Signals:
        buy_wanted(request_id, tariff_id, price_tiyn): confirmed by the player. The request id stays the same
            until the outcome of this purchase is known, so that pressing again never buys twice.
    """

    buy_wanted = Signal(str, int, int)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self._tariffs: tuple[TariffView, ...] = ()
        self._wallet = Wallet(-1)
        self._request_id = ""
        self._chosen: TariffView | None = None
        self._cards: list[TariffCard] = []
        self._empty = label(
            _("Сейчас нет тарифов в продаже. Позовите администратора."),
            "muted",
            "noTariffs",
            wrap=True,
        )
        self._grid_host = QWidget()
        self._grid = QGridLayout(self._grid_host)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(look.px(16))
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._grid_host)
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(scroll, 1)
        self._sheet = Sheet(behind, look, 560)
        self._sheet.setObjectName("confirmPurchase")
        self._question = label("", "title", "confirmTitle", wrap=True)
        self._details = label("", "subtitle", "confirmDetails", wrap=True)
        self._error = label("", "error", "buyError", wrap=True)
        self.confirm = Button("", "primary", "confirmBuy")
        self.cancel = Button(_("Отмена"), "", "cancelBuy")
        buttons = answers(look, self.confirm, self.cancel)
        for widget in (self._question, self._details, self._error):
            self._sheet.body.addWidget(widget)
        self._sheet.body.addLayout(buttons)
        self.confirm.clicked.connect(self._confirmed)
        self.cancel.clicked.connect(self._sheet.dismiss)

    def show_tariffs(self, tariffs: tuple[TariffView, ...], wallet: Wallet) -> None:
        """Show these tariffs for a customer with this much to pay with."""
        if (tariffs, wallet) == (self._tariffs, self._wallet):
            return
        self._tariffs, self._wallet = tariffs, wallet
        focused = next((card.tariff.tariff_id for card in self._cards if card.hasFocus()), None)
        for card in self._cards:
            card.setParent(None)
            card.deleteLater()
        self._cards = [TariffCard(tariff, wallet, self._look) for tariff in tariffs]
        for index, card in enumerate(self._cards):
            self._grid.addWidget(card, index // COLUMNS, index % COLUMNS)
            card.show()  # at once: only what is shown can take the focus
            card.clicked.connect(lambda _checked=False, chosen=card: self._choose(chosen))
        self._grid.setRowStretch(len(self._cards) // COLUMNS + 1, 1)
        self._empty.setVisible(not tariffs)
        self._scroll.setVisible(bool(tariffs))
        for card in self._cards:
            if card.tariff.tariff_id == focused:
                card.setFocus(Qt.FocusReason.TabFocusReason)

    def quick_tariff(self) -> TariffView | None:
        """What «one more hour» is here: of what the balance allows, the package nearest to an hour."""
        near = [card for card in self._cards if card.tariff.kind == "package"]
        allowed = [card.tariff for card in near if not card.missing_tiyn]
        return min(allowed, key=lambda one: abs(one.seconds - HOUR_SECONDS), default=None)

    def choose_quickly(self) -> None:
        """Ask only whether it shall be bought."""
        quick = self.quick_tariff()
        for card in self._cards:
            if card.tariff is quick:
                self._choose(card)

    def focus_first(self) -> None:
        """The focus on the first tariff that the balance allows, else on the first."""
        affordable = [card for card in self._cards if not card.missing_tiyn] or self._cards
        if affordable:
            affordable[0].setFocus(Qt.FocusReason.TabFocusReason)

    def show_answer(self, code: AnswerCode) -> None:
        """The purchase was answered: done, or say why not."""
        self._set_busy(busy=False)
        if code != "server_unreachable":
            self._request_id = ""
        if code == "ok":
            self.close_confirmation()
            return
        self._error.setText(answer_text(code))
        self._error.show()
        self.confirm.setFocus()

    def close_confirmation(self) -> None:
        """Take the question away, if there is one."""
        self._set_busy(busy=False)
        self._sheet.dismiss()

    def _choose(self, card: TariffCard) -> None:
        tariff = card.tariff
        if tariff != self._chosen:
            self._chosen, self._request_id = tariff, ""
        price = price_of(tariff)
        self._error.hide()
        self._question.setText(tariff.title)
        if card.missing_tiyn:
            missing = format_money(card.missing_tiyn)
            self._details.setText(
                _(
                    "Цена {price}, на балансе {balance}. Не хватает {missing}. "
                    "Пополните баланс у администратора."
                )
                .format(price=price, balance=self._wallet.words, missing=missing)
            )  # fmt: skip
            self.confirm.hide()
            self.cancel.setText(_("Понятно"))
            self._sheet.present(self.cancel)
            return
        if tariff.kind == BY_MINUTE:
            self._details.setText(self._about_minutes(tariff))
            self.confirm.setText(_("Играть: {price}").format(price=price))
        else:
            bonus = self._wallet.bonuses_for(tariff)
            left_tiyn = self._wallet.balance_tiyn - (tariff.price_tiyn - bonus)
            text = _("{duration}. На балансе останется {remaining}.").format(
                duration=time_of(tariff), remaining=format_money(left_tiyn)
            )
            if tariff.hours is not None:
                text += " " + _("{when}; остаток ждёт следующего раза.").format(
                    when=played_when(tariff.hours)
                )
            if bonus:
                text += " " + _("Бонусами: {bonus}.").format(bonus=format_money(bonus))
            self._details.setText(text)
            self.confirm.setText(_("Купить за {price}").format(price=price))
        self.confirm.setAccessibleName(self.confirm.text())
        self.confirm.show()
        self.cancel.setText(_("Отмена"))
        self._sheet.present(self.confirm)

    def _about_minutes(self, tariff: TariffView) -> str:
        """How playing by the minute goes, and in which order time is used."""
        text = _(
            "Сейчас ничего не покупается: каждая секунда списывается с баланса, по {price}. "
            "Сначала идёт купленное время: до времени на часах, потом пакеты, потом абонементы, потом минуты с баланса "
            "({balance})."
        ).format(price=price_of(tariff), balance=format_money(self._wallet.balance_tiyn))
        if tariff.minimum_tiyn:
            least = format_money(tariff.minimum_tiyn)
            text += " " + _("За сеанс не меньше {least}.").format(least=least)
        return text

    def _confirmed(self) -> None:
        if self._chosen is None:
            return
        self._request_id = self._request_id or uuid4().hex
        self._error.hide()
        self._set_busy(busy=True)
        chosen = self._chosen
        self.buy_wanted.emit(self._request_id, chosen.tariff_id, chosen.price_tiyn)

    def _set_busy(self, *, busy: bool) -> None:
        self.confirm.setEnabled(not busy)
        self.cancel.setEnabled(not busy)
