"""Forms about PCs."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from lovhub.server.web.forms import Form


class RenameForm(Form):
    """What people call the PC."""

    name = StringField(_l("Название"))


class MessageForm(Form):
    """A message to the player."""

    text = TextAreaField(_l("Текст"))
