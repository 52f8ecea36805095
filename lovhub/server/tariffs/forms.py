"""The form of a tariff."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange

from lovhub.server.web.forms import Form, MoneyField

_REQUIRED = InputRequired(_l("Введите целое число."))


class TariffForm(Form):
    """So much time for so much money."""

    title = StringField(_l("Название"))
    hours = IntegerField(
        _l("Часов"), default=1, validators=[_REQUIRED, NumberRange(0, 744, _l("От 0 до 744."))]
    )
    minutes = IntegerField(
        _l("Минут"), default=0, validators=[_REQUIRED, NumberRange(0, 59, _l("От 0 до 59."))]
    )
    price = MoneyField(_l("Цена"))

    def seconds(self) -> int:
        """The duration."""
        return int(self.hours.data or 0) * 3600 + int(self.minutes.data or 0) * 60
