"""Forms of the counter: selling at one PC and at several, giving time."""

import json
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from lovhub.server.customers.forms import METHODS
from lovhub.server.sessions.forms import LONGEST_REASON, DespiteKept, SeatForm, TariffField
from lovhub.server.sessions.sale import Till, TopUp
from lovhub.server.tariffs.rules import Goods
from lovhub.server.web import current
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField, choices
from lovhub.server.web.texts import PAYMENT_METHODS

LONGEST_GUEST_NAME = 40

FROM_BALANCE = ("balance", PAYMENT_METHODS["balance"])
FROM_PAYERS_BALANCE = ("balance", _l("С баланса клиента"))
FROM_OWN = ("own", _l("С баланса каждого"))

REASONS = (
    ("network", _l("Пропадала сеть")),
    ("hung", _l("Завис ПК")),
    ("other", _l("Другое")),
)
"""Why time is given, ready-made; for the last, people write their own words."""


class OptionalMoneyField(MoneyField):
    """An amount that may be left empty: `data` is None then."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount, if there is one."""
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)
        else:
            self.data = None


class PricesField(HiddenField):
    """Carries the prices that the page showed, so that what the button said is what moves."""

    def offer(self, goods: Sequence[Goods]) -> None:
        """The prices as they are now. What was posted stays readable by `shown`."""
        self.data = json.dumps({str(one.tariff_id): one.price_tiyn for one in goods})

    def shown(self, tariff_id: int) -> int | None:
        """The price that was shown for a tariff; None if the page did not say."""
        try:
            price = json.loads((self.raw_data or [""])[0]).get(str(tariff_id))
        except (ValueError, AttributeError):
            return None
        return price if isinstance(price, int) else None


class TillForm(SeatForm):
    """One of a tariff for money. `received` is the cash handed over."""

    tariff = TariffField(_l("Тариф"))
    method = RadioField(
        _l("Способ оплаты"), choices=[*choices([FROM_BALANCE]), *METHODS], default="cash"
    )
    received = OptionalMoneyField(_l("Получено"))
    prices = PricesField("")
    key = OperationKeyField()

    def offer(self, goods: Sequence[Goods], *, none: str = "") -> None:
        """Fill in what is sold here and now."""
        self.tariff.offer(goods, none=none)
        self.prices.offer(goods)

    def price_tiyn(self) -> int | None:
        """The price that stood in the button."""
        return self.prices.shown(self.tariff.tariff_id())

    def received_tiyn(self) -> int | None:
        """Cash, where it is cash."""
        return self.received.data if self.method.data == "cash" else None


class SeatAndSellForm(DespiteKept, TillForm):
    """A free PC, or one where somebody plays: who, what, and how it is paid.

    `session`: whose time it is that is sold; "" for a PC that was free when the form was opened.
    """

    session = HiddenField("")
    who = RadioField(
        _l("Кто играет"),
        choices=choices([("guest", _l("Гость")), ("customer", _l("Клиент"))]),
        default="guest",
    )
    search = StringField(_l("Клиент"))
    guest_name = StringField(
        _l("Имя гостя"),
        validators=[Length(max=LONGEST_GUEST_NAME, message=_l("Не длиннее 40 символов."))],
    )
    with_code = BooleanField(_l("Выдать одноразовый код вместо посадки сразу"))
    amount = OptionalMoneyField(_l("Внести на баланс"))
    bonus = HiddenField("")

    def till(self) -> Till:
        """What the cashier saw and took."""
        return Till(
            price_tiyn=self.price_tiyn(),
            received_tiyn=self.received_tiyn(),
            bonus_tiyn=self._bonus_tiyn(),
        )

    def top_up(self) -> TopUp | None:
        """What a customer pays at the desk first: the price less the bonuses, unless another amount was typed."""
        if self.method.data == "balance":
            return None
        asked = (self.price_tiyn() or 0) - (self._bonus_tiyn() or 0)
        if self.amount.data is None and asked == 0:
            return None
        return TopUp(asked if self.amount.data is None else self.amount.data, self.method.data)

    def _bonus_tiyn(self) -> int | None:
        """What of the price was shown as paid with bonuses; None if the page did not say."""
        return current.number(self.bonus.data)


class SellTogetherForm(DespiteKept, TillForm):
    """One payment for several PCs, or each one's own."""

    method = RadioField(
        _l("Кто и как платит"),
        choices=[*METHODS, *choices([FROM_PAYERS_BALANCE, FROM_OWN])],
        default="cash",
    )
    search = StringField(_l("Клиент, который платит"))


class GiveTimeForm(SeatForm):
    """Time without money."""

    minutes = IntegerField(
        _l("Минут"),
        default=30,
        validators=[InputRequired(_l("От 1 до 240 минут."))],
    )
    cause = RadioField(_l("Причина"), choices=choices(REASONS), default="network")
    reason = StringField(
        _l("Своими словами"),
        validators=[Length(max=LONGEST_REASON, message=_l("Не длиннее 200 символов."))],
    )
    key = OperationKeyField()

    def why(self) -> str:
        """The reason in words: the ready-made one, and what was added to it."""
        words = (self.reason.data or "").strip()
        if self.cause.data == "other":
            return words
        ready = str(dict(REASONS)[self.cause.data])
        return f"{ready}: {words}" if words else ready


class MessageForm(Form):
    """A text for the players."""

    text = TextAreaField(_l("Текст"))
