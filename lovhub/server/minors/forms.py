"""Forms about ages and the night."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField

from lovhub.server.minors.rules import DOCUMENTS, LEAVES
from lovhub.server.web import texts
from lovhub.server.web.forms import Form, SelectField, choices


class LetStayForm(Form):
    """Why somebody may stay at night."""

    leave = RadioField(
        _l("Почему можно остаться"),
        choices=choices((code, texts.NIGHT_LEAVES[code]) for code in LEAVES),
        validate_choice=False,
    )


class ConfirmAgeForm(Form):
    """What stands in the document that staff have seen."""

    birth_date = StringField(_l("Дата рождения из документа"))
    document = SelectField(
        _l("Какой документ"),
        choices=choices((code, texts.DOCUMENTS[code]) for code in DOCUMENTS),
        validate_choice=False,
    )
