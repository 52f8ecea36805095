"""Forms about guests' time."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from lovhub.server.sessions.forms import LONGEST_REASON
from lovhub.server.web.forms import Form, OperationKeyField


class NewCodeForm(Form):
    """A code anew."""

    key = OperationKeyField()


class PayOutForm(Form):
    """The money back; `amount`: what was shown."""

    amount = HiddenField("")
    reason = StringField(
        _l("Причина"),
        validators=[Length(max=LONGEST_REASON, message=_l("Не длиннее 200 символов."))],
    )
