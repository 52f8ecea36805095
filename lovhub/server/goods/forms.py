"""Forms of goods."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from lovhub.server.goods.rules import LARGEST_QUANTITY, Line
from lovhub.server.web import current
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField

_PREFIX = "quantity-"


class GoodForm(Form):
    """Its name and price."""

    title = StringField(_l("Название"))
    price = MoneyField(_l("Цена"))


class SellForm(Form):
    """How many of each; the pressed button says how it is paid, and for how much."""

    method = StringField("")
    total = HiddenField("")
    operation = StringField(_l("Номер операции Kaspi"))
    phone = StringField(_l("Телефон в Kaspi"))
    key = OperationKeyField()

    def lines(self) -> list[Line]:
        """What is chosen. A quantity that is no number is one that nobody can sell, and is refused."""
        found = []
        for name, typed in request.form.items():
            good_id = current.number(name.removeprefix(_PREFIX))
            if name.startswith(_PREFIX) and good_id is not None and typed.strip() not in {"", "0"}:
                quantity = current.number(typed.strip())
                found.append(Line(good_id, min(quantity or 0, LARGEST_QUANTITY + 1)))
        return found

    def expected_tiyn(self) -> int:
        """The sum in the button; -1, which no sum is, for anything else."""
        return current.number(self.total.data) or -1


class TakeBackForm(Form):
    """Why a sale is taken back."""

    reason = StringField(_l("Причина"))


def typed_quantities(good_ids: Sequence[int]) -> dict[int, Any]:
    """What was typed, to be shown again."""
    return {good_id: request.form.get(f"{_PREFIX}{good_id}", "") for good_id in good_ids}
