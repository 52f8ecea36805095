"""The form of where messages go."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from lovhub.server.web.forms import Form


class TargetForm(Form):
    """An address, a chat and a service, all of which may stay empty, and what goes there beside shifts."""

    email = StringField(_l("Почта"))
    telegram = StringField(_l("Чат Telegram"))
    apprise = BooleanField(_l("Слать через Apprise"))
    troubles = BooleanField(_l("Тревоги: копия, учёт, замок, диск, сертификат"))
    daily_head = BooleanField(_l("Раз в день — контрольная строка учёта"))
