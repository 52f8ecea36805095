"""Forms of halls and zones."""

from collections.abc import Mapping
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import Optional

from lovhub.server.web.forms import Form, SelectField

WITHOUT_ZONE = "none"
"""The choice «without a zone»."""


class _HallsForm(Form):
    """What an operation refuses stands beside the field it is about."""

    beside: ClassVar[Mapping[str, str]] = {
        "name_missing": "name",
        "name_taken": "name",
        "hall_name_too_long": "name",
        "zone_names_wrong": "zones",
        "hall_has_zones": "hall",
        "zone_has_computers": "zone",
        "computer_number_out_of_range": "first",
        "number_taken": "first",
    }


class NewHallForm(_HallsForm):
    """A hall, and its zones at once."""

    name = StringField(_l("Название зала"))
    zones = StringField(_l("Зоны через запятую"))

    def zone_names(self) -> list[str]:
        """The zones that were typed."""
        return [name.strip() for name in (self.zones.data or "").split(",") if name.strip()]


class HallForm(_HallsForm):
    """What people call a hall."""

    name = StringField(_l("Название зала"))


class ZoneForm(_HallsForm):
    """A zone's name and hall. Any choice is let through: that a hall is gone, the operation says better."""

    name = StringField(_l("Название зоны"))
    hall = SelectField(_l("Зал"), validate_choice=False)


class DeleteHallForm(_HallsForm):
    """Where its zones go."""

    hall = SelectField(_l("Куда перенести зоны"), validate_choice=False)


class ZoneChoiceForm(_HallsForm):
    """To which zone PCs go."""

    zone = RadioField(_l("Зона"), validate_choice=False)


class NumberForm(_HallsForm):
    """From which number; empty takes the numbers away."""

    first = IntegerField(_l("Первый номер"), validators=[Optional()])
