"""Forms of shifts."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from lovhub.server.shifts.queries import Heir
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField, SelectField, choices


class MaybeMoneyField(MoneyField):
    """An amount that may stay empty."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount, if there is one."""
        self.data = None
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)


class OpenForm(Form):
    """What is in the drawer at the beginning."""

    counted = MoneyField(_l("В кассе, по пересчёту"))


class PayForm(Form):
    """Money in or out, and why."""

    amount = MoneyField(_l("Сумма"))
    reason = StringField(_l("За что"))
    key = OperationKeyField()


class CloseForm(Form):
    """The count at the end. `hand_to` empty: nobody takes over at once."""

    counted = MaybeMoneyField(_l("В кассе, по пересчёту"))
    card = MaybeMoneyField(_l("Картами, по итогу терминала"))
    left = MaybeMoneyField(_l("Оставить в кассе на размен"))
    hand_to = SelectField(_l("Передать смену"), coerce=int, validate_choice=False)
    note = StringField(_l("Примечание"))
    uncounted = BooleanField(_l("Закрыть без пересчёта: до кассы сейчас не добраться"))

    def offer(self, heirs: Sequence[Heir]) -> None:
        """Who may take over."""
        self.hand_to.choices = choices(
            [(0, _l("Никому: деньги сдаю")), *((heir.id, heir.name) for heir in heirs)]
        )

    def heir(self) -> int | None:
        """Who takes over."""
        return self.hand_to.data or None
