"""The form of an application."""

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, RadioField, SelectMultipleField, StringField, TextAreaField

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
    exe_path = StringField(_l("Путь к .exe или адрес в Steam, Epic, Battle.net"))
    arguments = StringField(_l("Параметры запуска"))
    watch = StringField(_l("Процесс игры"))
    other_paths = TextAreaField(_l("Другие пути"))

    def watched(self) -> list[str]:
        """The processes' names, as they were typed: with commas between."""
        return (self.watch.data or "").split(",")

    def others(self) -> list[str]:
        """The other paths, one a line."""
        return (self.other_paths.data or "").splitlines()
