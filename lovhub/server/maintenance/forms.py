"""The forms of opening a PC for its upkeep: from here, or by a code."""

from collections.abc import Mapping
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField

from lovhub.server.maintenance import rules
from lovhub.server.web.forms import Form, choices


class MaintenanceForm(Form):
    """What is to be done, and for how many minutes at most."""

    beside: ClassVar[Mapping[str, str]] = {
        "reason_missing": "reason",
        "text_too_long": "reason",
        "maintenance_minutes": "minutes",
    }

    reason = StringField(_l("Что нужно сделать"))
    minutes = IntegerField(_l("Минут"), default=rules.USUAL_MINUTES)


class CodeForm(Form):
    """The number on the lock, what is to be done, and for how long."""

    beside: ClassVar[Mapping[str, str]] = {
        "lock_number_wrong": "number",
        "reason_missing": "reason",
        "text_too_long": "reason",
        "code_minutes": "minutes",
    }

    number = StringField(_l("Номер с замка"))
    reason = StringField(_l("Что нужно сделать"))
    minutes = RadioField(
        _l("Минут"),
        choices=choices((minutes, str(minutes)) for minutes in rules.CODE_MINUTES),
        coerce=int,
        default=rules.USUAL_MINUTES,
    )
