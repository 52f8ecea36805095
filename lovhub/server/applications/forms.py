"""The form of an application."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField

from lovhub.server.web.forms import Form, choices


class ApplicationForm(Form):
    """A game or a program."""

    title = StringField(_l("Название"))
    kind = RadioField(
        _l("Вкладка"),
        choices=choices([("game", _l("Игры")), ("program", _l("Приложения"))]),
        default="game",
    )
    exe_path = StringField(_l("Путь к .exe"))
    arguments = StringField(_l("Параметры запуска"))
