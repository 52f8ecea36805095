"""Forms about customers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, NumberRange

from lovhub.server.ledger.accounts import PAYMENT_METHODS as ACCOUNTS
from lovhub.server.web import refusals
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField, choices
from lovhub.server.web.texts import PAYMENT_METHODS

METHODS = choices((name, PAYMENT_METHODS[name]) for name in ACCOUNTS)
"""Ways of paying at the desk."""

"""Amounts at one press, in tiyn."""

QUICK_MINUTES = (10, 15, 30, 60)
"""Time at one press."""

_WHOLE = InputRequired(_l("Введите целое число."))


class RegisterForm(Form):
    """A new customer."""

    login = StringField(_l("Логин"))
    name = StringField(_l("Имя"))
    phone = StringField(_l("Телефон"))
    birth_date = StringField(_l("Дата рождения"))
    password = PasswordField(_l("Пароль"))


class DetailsForm(Form):
    """What a customer is called, their phone and birth date."""

    name = StringField(_l("Имя"))
    phone = StringField(_l("Телефон"))
    birth_date = StringField(_l("Дата рождения"))


class PinForm(Form):
    """Nothing to fill in: only the decision."""


class OwnDataForm(Form):
    """Nothing to fill in either."""


def _shown_tiyn(typed: str | None) -> int:
    text = typed or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


class ForgetForm(Form):
    """What happens to what a deleted customer still has. The pressed button says the fate."""

    fate = StringField("")
    reason = StringField(_l("Причина"))
    expected_tiyn = HiddenField("")

    def expected(self) -> int:
        """The sum that was shown; -1, which no sum is, for anything else."""
        return _shown_tiyn(self.expected_tiyn.data)


class ForgiveForm(Form):
    """Why a debt is forgiven; the sum that was shown goes along."""

    reason = StringField(_l("Причина"))
    expected_tiyn = HiddenField("")
    key = OperationKeyField()

    def expected(self) -> int:
        """The sum that was shown; -1, which no sum is, for anything else."""
        return _shown_tiyn(self.expected_tiyn.data)


class ReceivedField(MoneyField):
    """What a customer handed over. It may stay empty, and it is nobody's business unless they pay in cash."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read the amount, if there is one."""
        self.data = None
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)


class TopUpForm(Form):
    """Money onto a balance. `received` only reckons the change: what is booked is the amount."""

    amount = MoneyField(_l("Сумма"))
    method = RadioField(_l("Способ оплаты"), choices=METHODS, default="cash")
    received = ReceivedField(_l("Получено"))
    operation = StringField(_l("Номер операции Kaspi"))
    phone = StringField(_l("Телефон в Kaspi"))
    key = OperationKeyField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Less than the amount cannot have been received."""
        valid: bool = super().validate(extra_validators)
        if valid and self.change_tiyn() < 0:
            self.received.errors = [refusals.refusal("received_too_little")]
            return False
        return valid

    def change_tiyn(self) -> int:
        """What the customer gets back."""
        if self.method.data != "cash" or self.received.data is None:
            return 0
        return self.received.amount_tiyn() - self.amount.amount_tiyn()

    def cash_counted(self) -> dict[str, int]:
        """What goes into the journal of the cash, if it was counted."""
        if self.method.data != "cash" or self.received.data is None:
            return {}
        return {"received_tiyn": self.received.amount_tiyn(), "change_tiyn": self.change_tiyn()}


class GiveTimeForm(Form):
    """Time without money."""

    hours = IntegerField(
        _l("Часов"), default=0, validators=[_WHOLE, NumberRange(0, 24, _l("От 0 до 24."))]
    )
    minutes = IntegerField(
        _l("Минут"), default=30, validators=[_WHOLE, NumberRange(0, 59, _l("От 0 до 59."))]
    )
    reason = StringField(_l("Причина"))
    key = OperationKeyField()

    def seconds(self) -> int:
        """The time."""
        return int(self.hours.data or 0) * 3600 + int(self.minutes.data or 0) * 60


class TakeBackForm(Form):
    """Why a top-up is taken back."""

    reason = StringField(_l("Причина"))
