"""Forms of the chain."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired

from lovhub.server.web.forms import Form


class LinkForm(Form):
    """The code that another club's page shows."""

    link_code = StringField(_l("Код из другого клуба"))


class ShareForm(Form):
    """Whose customers this club is to have."""

    of = RadioField(_l("Чьи клиенты"), coerce=int, validators=[InputRequired(_l("Выберите клуб."))])
