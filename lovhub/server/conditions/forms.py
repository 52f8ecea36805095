"""Forms of what people say of PCs."""

from collections.abc import Sequence
from datetime import time
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TimeField

from lovhub.server.errors import OperationRefused
from lovhub.server.web.forms import Form


class _ConditionForm(Form):
    _FIELDS: ClassVar[dict[str, str]] = {}

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """Put the refusal beside the field it is about."""
        name = self._FIELDS.get(refusal.code)
        if name is not None:
            self.show_beside(name, refusal)
        else:
            super().show(refusal, **fields)


class BrokenForm(_ConditionForm):
    """Why nobody may sit there."""

    _FIELDS: ClassVar[dict[str, str]] = {"reason_missing": "reason", "text_too_long": "reason"}

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


class KeepForm(_ConditionForm):
    """For whom, and until when by the club's clocks."""

    _FIELDS: ClassVar[dict[str, str]] = {
        "for_whom_missing": "search",
        "text_too_long": "search",
        "customer_unknown": "search",
        "kept_until_out_of_range": "until",
    }

    search = StringField(_l("Для кого"))
    until = ClockField(_l("До"))
