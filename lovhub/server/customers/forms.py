"""Forms about customers."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField, StringField

from lovhub.server.web.forms import Form, MoneyField, OperationKeyField

METHODS = [("cash", _l("Наличные")), ("card", _l("Карта")), ("kaspi", _l("Kaspi"))]
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
