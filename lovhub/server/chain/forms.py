"""Forms of the chain."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Optional

from lovhub.server.web.forms import Form, choices


class LinkForm(Form):
    """The code that another club's page shows."""

    link_code = StringField(_l("Код из другого клуба"))


ANOTHER_OWNER_S = 0
"""Chosen instead of a club of one's own."""


class ShareForm(Form):
    """Whose customers this club is to have; `number`: of a club that is another owner's."""

    beside = {"chain_club_unknown": "number"}  # noqa: RUF012

    of = RadioField(_l("Чьи клиенты"), coerce=int, validators=[InputRequired(_l("Выберите клуб."))])
    number = IntegerField(_l("Номер чужого клуба"), validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Another owner's club needs its number."""
        right: bool = super().validate(extra_validators)
        if right and not self.of_club_id():
            self.number.errors = [_("Впишите номер клуба.")]
            return False
        return right

    def of_club_id(self) -> int:
        """The club that was chosen; 0 where it is another owner's whose number was not given."""
        return int((self.number.data if self.of.data == ANOTHER_OWNER_S else self.of.data) or 0)


class AnswerForm(Form):
    """Yes or no to a club that asks for this one's customers."""

    answer = RadioField(
        _l("Ответ"),
        choices=choices(
            [("consent", _l("Согласиться: клиенты станут общими")), ("refuse", _l("Отказать"))]
        ),
        validators=[InputRequired(_l("Выберите ответ."))],
    )
