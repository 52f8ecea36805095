"""Forms about customers."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField, StringField

from lovhub.server.ledger.accounts import PAYMENT_METHODS as ACCOUNTS
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField, choices
from lovhub.server.web.texts import PAYMENT_METHODS

METHODS = choices((name, PAYMENT_METHODS[name]) for name in ACCOUNTS)
"""Ways of paying at the desk."""


class RegisterForm(Form):
    """A new customer."""

    login = StringField(_l("Логин"))
    name = StringField(_l("Имя"))
    phone = StringField(_l("Телефон"))
    password = PasswordField(_l("Пароль"))


class TopUpForm(Form):
    """Money onto a balance."""

    amount = MoneyField(_l("Сумма"))
    method = RadioField(_l("Способ оплаты"), choices=METHODS, default="cash")
    key = OperationKeyField()
