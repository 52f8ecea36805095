"""Forms about what needs a person."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from lovhub.server.web.forms import Form


class CloseAlarmForm(Form):
    """What it was."""

    note = StringField(_l("Заметка"))
