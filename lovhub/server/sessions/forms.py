"""Forms of seating, lengthening, moving and ending."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from lovhub.server.customers.forms import METHODS
from lovhub.server.tariffs.models import Tariff
from lovhub.server.web import formatting
from lovhub.server.web.forms import Form, OperationKeyField, choices


class TariffField(SelectField):
    """Which tariff; keeps the prices beside, so that the button can carry the amount."""

    prices: dict[str, str]

    def offer(self, tariffs: Sequence[Tariff], *, none: str = "") -> None:
        """Fill the list. `none`: a first choice that sells nothing."""
        sign = formatting.currency_sign()
        offered = [
            (str(tariff.id), f"{tariff.title}, {formatting.money(tariff.price_tiyn, sign)}")
            for tariff in tariffs
        ]
        self.choices = choices([*([("", none)] if none else []), *offered])
        self.prices = {str(t.id): formatting.plain_money(t.price_tiyn) for t in tariffs}


class GuestForm(Form):
    """A walk-in without an account."""

    tariff = TariffField(_l("Тариф"))
    method = RadioField(_l("Способ оплаты"), choices=METHODS, default="cash")
    guest_name = StringField(_l("Имя гостя"))
    with_code = BooleanField(_l("Выдать одноразовый код вместо посадки сразу"))
    key = OperationKeyField()


class CustomerSeatForm(Form):
    """A registered customer, found by name, login or phone."""

    search = StringField(_l("Клиент"))
    tariff = TariffField(_l("Время"))
    key = OperationKeyField()


class ExtendForm(Form):
    """More time. `method` only for a guest; a customer pays from the balance."""

    tariff = TariffField(_l("Тариф"))
    method = RadioField(_l("Способ оплаты"), choices=METHODS, default="cash")
    key = OperationKeyField()


class MoveForm(Form):
    """To which PC."""

    computer = SelectField(_l("На какой ПК"), coerce=int)


class ReleaseForm(Form):
    """Why the reserved seconds are given back."""

    reason = TextAreaField(_l("Причина"))
