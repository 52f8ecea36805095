"""The form of where messages go."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from lovhub.server.web.forms import Form


class TargetForm(Form):
    """An address and a chat; both may stay empty."""

    email = StringField(_l("Почта"))
    telegram = StringField(_l("Чат Telegram"))
