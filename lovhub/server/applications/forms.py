"""The form of an application."""

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, RadioField, SelectMultipleField, StringField

from lovhub.server.web.forms import Form, choices


class PictureForm(Form):
    """A file with a picture."""

    picture = FileField(_l("Файл: PNG, JPEG, WebP или ICO"))

    def sent(self) -> bytes:
        """What was chosen; empty if nothing was."""
        file = self.picture.data
        return file.read() if isinstance(file, FileStorage) else b""


class ZonesForm(Form):
    """In which zones an application is offered. Whether a zone is still there, the operation says."""

    zones = SelectMultipleField(_l("Зоны"), coerce=int, validate_choice=False)


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
