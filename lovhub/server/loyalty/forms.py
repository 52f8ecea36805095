"""Forms of groups, bonuses and promotions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields import DateField
from wtforms.validators import InputRequired, NumberRange

from lovhub.server.errors import OperationRefused
from lovhub.server.loyalty import rules
from lovhub.server.loyalty.models import CustomerGroup
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms, Step
from lovhub.server.web import current, refusals
from lovhub.server.web.formatting import parse_money, plain_money
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField, SelectField, choices

_NUMBER = InputRequired(_l("Введите целое число."))
_PERCENT = [_NUMBER, NumberRange(0, 100, _l("От 0 до 100."))]
_EMPTY_LINES = 2
"""How many steps can be added at once."""


class GroupForm(Form):
    """A group's name and its discount."""

    name = StringField(_l("Название"))
    percent = IntegerField(_l("Скидка на время, %"), default=10, validators=_PERCENT)


class PutInGroupForm(Form):
    """Which group a customer is in."""

    group = SelectField(_l("Группа"), validate_choice=False)

    def offer(self, groups: Sequence[CustomerGroup]) -> None:
        """Fill the list; the first choice is none."""
        named = [(str(row.id), f"{row.name}, −{row.discount_percent} %") for row in groups]
        self.group.choices = choices([("", _("Без группы")), *named])

    def group_id(self) -> int | None:
        """The chosen one; OperationRefused("group_unknown") for what cannot be one."""
        if not self.group.data:
            return None
        found = current.number(self.group.data)
        if found is None:
            raise OperationRefused("group_unknown")
        return found


@dataclass(frozen=True)
class StepLine:
    """A step as it was typed; both empty is none."""

    from_: str = ""
    percent: str = ""

    def step(self) -> Step | None:
        """What was typed; ValueError if that is no step."""
        if not self.from_.strip() and not self.percent.strip():
            return None
        amount = parse_money(self.from_)
        if amount is None:
            raise ValueError
        return Step(amount, int(self.percent))


class BonusRulesForm(Form):
    """How bonuses work: on or off, for which top-ups, and what may be paid with them."""

    is_on = BooleanField(_l("Начислять бонусы"))
    share = IntegerField(_l("Оплата бонусами, до % цены"), default=100, validators=_PERCENT)
    per_shift = MoneyField(_l("Кассир начисляет за смену не больше"))

    def __init__(self, terms: BonusTerms) -> None:
        super().__init__(
            data={
                "is_on": terms.is_on,
                "share": terms.share_percent,
                "per_shift": terms.per_shift_tiyn,
            }
        )
        self.step_errors: list[str] = []
        if self.is_submitted():
            typed = zip(
                request.form.getlist("step_from"),
                request.form.getlist("step_percent"),
                strict=False,
            )
            self.lines = [StepLine(from_[:20], percent[:3]) for from_, percent in typed][
                : rules.MOST_STEPS + 1
            ]
        else:
            self.lines = [
                StepLine(plain_money(step.from_tiyn), str(step.percent)) for step in terms.steps
            ]
            self.lines += [StepLine()] * _EMPTY_LINES

    def validate(self, extra_validators: Any = None) -> bool:
        """The steps, too."""
        right = super().validate(extra_validators)
        try:
            self._steps()
        except ValueError:
            self.step_errors.append(_("В каждой строке сумма и процент, например 5000 и 10."))
            return False
        return bool(right)

    @property
    def errors(self) -> dict[Any, Any]:
        """Those of the fields, and of the steps."""
        return {**super().errors, **({"steps": self.step_errors} if self.step_errors else {})}

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """What is wrong with the steps stands above them."""
        values = dict(refusal.values)
        if refusal.code == "invalid_fields" and "steps" in values:
            self.step_errors.append(refusals.refusal(str(values.pop("steps"))))
            refusal = OperationRefused("invalid_fields", **values)
        super().show(refusal, **fields)

    def terms(self) -> BonusTerms:
        """What was filled in; the operation judges it."""
        return BonusTerms(
            is_on=bool(self.is_on.data),
            share_percent=int(self.share.data or 0),
            per_shift_tiyn=self.per_shift.amount_tiyn(),
            steps=tuple(self._steps()),
        )

    def _steps(self) -> list[Step]:
        found = [line.step() for line in self.lines]
        return [step for step in found if step is not None]


class GiveBonusForm(Form):
    """A bonus without money, and why."""

    amount = MoneyField(_l("Бонус"))
    reason = StringField(_l("Причина"))
    key = OperationKeyField()


class UseCodeForm(Form):
    """A code that a customer has brought."""

    code = StringField(_l("Промокод"))
    key = OperationKeyField()

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """What is wrong with the code stands beside it."""
        if refusal.code.startswith("promo_"):
            self.show_beside("code", refusal)
        else:
            super().show(refusal, **fields)


class OptionalBonusField(MoneyField):
    """An amount that may be left empty, which is none."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount, if there is one."""
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)
        else:
            self.data = 0


class DayField(DateField):
    """A day; empty is none."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the day, if there is one."""
        self.data = None
        typed = str(valuelist[0]).strip() if valuelist else ""
        try:
            self.data = date.fromisoformat(typed) if typed else None
        except ValueError as error:
            raise ValueError(_("Выберите день.")) from error


class PromoForm(Form):
    """What a code gives, when, and how often."""

    title = StringField(_l("Название"))
    kind = RadioField(
        _l("Что даёт"),
        choices=choices([("bonus", _l("Бонусы")), ("time", _l("Время"))]),
        default="bonus",
    )
    amount = OptionalBonusField(_l("Бонусов"))
    minutes = IntegerField(_l("Минут"), default=60, validators=[_NUMBER])
    first_day = DayField(_l("С какого дня"))
    last_day = DayField(_l("По какой день"))
    uses = IntegerField(_l("Сколько раз каждый код"), default=1, validators=[_NUMBER])
    codes = TextAreaField(_l("Свои коды"))
    made_codes = IntegerField(_l("Или придумать кодов"), default=1, validators=[_NUMBER])

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """The days stand for instants."""
        super().show(refusal, until="last_day", **fields)

    def own_codes(self) -> list[str]:
        """One a line, or parted by commas."""
        typed = (self.codes.data or "").replace(",", "\n").splitlines()
        return [code.strip() for code in typed if code.strip()]

    def terms(self, time_zone: str, now: int) -> PromoTerms:
        """From the first day's beginning until the last one's end, by the club's clock."""
        zone = ZoneInfo(time_zone)
        first = self.first_day.data or datetime.fromtimestamp(now, zone).date()
        last = self.last_day.data
        return PromoTerms(
            title=self.title.data or "",
            kind="time" if self.kind.data == "time" else "bonus",
            amount_tiyn=self.amount.amount_tiyn(),
            seconds=int(self.minutes.data or 0) * 60,
            from_at=_midnight(first, zone),
            until_at=None if last is None else _midnight(last + timedelta(days=1), zone),
            uses=int(self.uses.data or 0),
        )


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())
