"""Forms of moving in."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from lovhub.server.web.forms import Form

FIELD_NAMES = {
    "": _l("не переносить"),
    "login": _l("Логин"),
    "name": _l("Имя"),
    "phone": _l("Телефон"),
    "group": _l("Группа"),
    "birth_date": _l("Дата рождения"),
    "balance": _l("Баланс"),
    "hours": _l("Время, часы"),
    "minutes": _l("Время, минуты"),
}
"""What a column may hold, in words."""


class FileForm(Form):
    """A table from another system."""

    file = FileField(_l("Файл CSV или XLSX"))
