"""Forms of payments."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField

from lovhub.server.sessions.forms import SeatForm
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField


class AskForm(Form):
    """Money to ask a customer for."""

    amount = MoneyField(_l("Сумма"))
    phone = StringField(_l("Телефон в Kaspi"))
    as_link = BooleanField(_l("Ссылка вместо QR"))
    key = OperationKeyField()


class RecordForm(Form):
    """A payment that was seen in Kaspi Pay."""

    amount = MoneyField(_l("Сумма"))
    operation = StringField(_l("Номер операции из чека"))
    key = OperationKeyField()


class RefundForm(Form):
    """How much goes back, and why."""

    amount = MoneyField(_l("Сколько вернуть"))
    reason = StringField(_l("Причина"))
    key = OperationKeyField()


class DecideForm(Form):
    """Was a refund without an answer done? The pressed button says it."""

    found = StringField("")


class RegistryForm(Form):
    """A registry of the bank's."""

    file = FileField(_l("Реестр из Kaspi: CSV или XLSX"))


class GiveCreditForm(SeatForm):
    """To whom a guest's money goes."""

    search = StringField(_l("Клиент"))
