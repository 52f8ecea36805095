"""Forms of what people say of PCs."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TimeField

from lovhub.server.web.forms import Form


class BrokenForm(Form):
    """Why nobody may sit there."""

    beside: ClassVar[Mapping[str, str]] = {"reason_missing": "reason", "text_too_long": "reason"}

    reason = StringField(_l("Что сломано"))


class ClockField(TimeField):
    """A time of day, by the club's clocks."""

    data: time | None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the time; an empty or a wrong one is an error of this field."""
        self.data = None
        try:
            self.data = time.fromisoformat(str(valuelist[0]).strip() if valuelist else "")
        except ValueError as error:
            raise ValueError(_("Введите время, например 19:30.")) from error


class KeepForm(Form):
    """For whom, and until when by the club's clocks."""

    beside: ClassVar[Mapping[str, str]] = {
        "for_whom_missing": "search",
        "text_too_long": "search",
        "customer_unknown": "search",
        "kept_until_out_of_range": "until",
    }

    search = StringField(_l("Для кого"))
    until = ClockField(_l("До"))
