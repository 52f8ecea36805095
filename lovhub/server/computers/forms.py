"""Forms about PCs."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from lovhub.server.errors import OperationRefused
from lovhub.server.web.forms import Form

_WHOLE = InputRequired(_l("Введите целое число."))


class RenameForm(Form):
    """What people call the PC."""

    name = StringField(_l("Название"))

    def show(self, refusal: OperationRefused, **_fields: str) -> None:
        """Whatever is refused is about the name."""
        self.show_beside("name", refusal)


class MessageForm(Form):
    """A message to the player."""

    text = TextAreaField(_l("Текст"))

    def show(self, refusal: OperationRefused, **_fields: str) -> None:
        """Whatever is refused is about the text."""
        self.show_beside("text", refusal)


class PairingsForm(Form):
    """PCs that wait, with what each is to be called; their own fields the page reads itself."""

    names = TextAreaField()


class TokenForm(Form):
    """A key with which many PCs are installed."""

    computers = IntegerField(_l("Сколько ПК"), default=60, validators=[_WHOLE])
    hours = IntegerField(_l("На сколько часов"), default=4, validators=[_WHOLE])

    def show(self, refusal: OperationRefused, **_fields: str) -> None:
        """Each refusal is about one of the numbers."""
        self.show_beside("hours" if "hours" in refusal.code else "computers", refusal)
