"""The form of the set-up."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField

from lovhub.server.web.formatting import CURRENCIES
from lovhub.server.web.forms import Form, choices

TIME_ZONES = [
    ("Asia/Almaty", _l("Казахстан (UTC+5)")),
    ("Asia/Bishkek", _l("Бишкек (UTC+6)")),
    ("Asia/Tashkent", _l("Ташкент (UTC+5)")),
    ("Europe/Moscow", _l("Москва (UTC+3)")),
    ("Asia/Yekaterinburg", _l("Екатеринбург (UTC+5)")),
    ("Asia/Omsk", _l("Омск (UTC+6)")),
    ("Asia/Novosibirsk", _l("Новосибирск (UTC+7)")),
]


class SetUpForm(Form):
    """The club and its owner."""

    club_name = StringField(_l("Название клуба"))
    time_zone = SelectField(_l("Часовой пояс"), choices=choices(TIME_ZONES))
    currency = SelectField(
        _l("Валюта"), choices=choices((code, f"{code} {sign}") for code, sign in CURRENCIES.items())
    )
    name = StringField(_l("Ваше имя"))
    login = StringField(_l("Логин"))
    password = PasswordField(_l("Пароль"))
