"""The form of a tariff, and the one of the club's holidays."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from lovhub.server.club.forms import TimeOfDayField
from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallZone
from lovhub.server.loyalty.models import CustomerGroup
from lovhub.server.tariffs import rules, words
from lovhub.server.tariffs.rules import Terms, ZonePrice
from lovhub.server.web.formatting import parse_money, plain_money
from lovhub.server.web.forms import Form, MoneyField, choices

_REQUIRED = InputRequired(_l("Введите целое число."))
_MOST_NAMED = 3


class OptionalTimeField(TimeOfDayField):
    """A time of day that may be left empty: `data` is None then."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the time, if there is one."""
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)
        else:
            self.data = None


class OptionalAmountField(MoneyField):
    """An amount that may be left empty, which is none."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount, if there is one."""
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)
        else:
            self.data = 0


@dataclass(frozen=True)
class ZoneLine:
    """A zone in the form: whether the tariff is sold there, and the price as it was typed."""

    zone: HallZone
    sold: bool
    price: str

    def own(self, *, sold_elsewhere: bool) -> ZonePrice | None:
        """What is kept of it; None if it is like everywhere else. ValueError if the price is none."""
        typed = self.price.strip()
        price_tiyn = parse_money(typed) if typed else None
        if typed and price_tiyn is None:
            raise ValueError
        if not self.sold:
            return ZonePrice(sold=False) if sold_elsewhere else None
        return None if sold_elsewhere and price_tiyn is None else ZonePrice(True, price_tiyn)


class TariffForm(Form):
    """What is sold, when, where, for how much, and what becomes of the rest."""

    kind = RadioField(_l("Что продаём"), choices=choices(words.KINDS.items()), default="package")
    title = StringField(_l("Название"))
    hours = IntegerField(
        _l("Часов"), default=1, validators=[_REQUIRED, NumberRange(0, 744, _l("От 0 до 744."))]
    )
    minutes = IntegerField(
        _l("Минут"), default=0, validators=[_REQUIRED, NumberRange(0, 59, _l("От 0 до 59."))]
    )
    valid_days = IntegerField(_l("Сколько дней действует"), default=30, validators=[Optional()])
    price = MoneyField(_l("Цена"))
    price_rule = RadioField(
        _l("Цена, если пришли позже"), choices=choices(words.PRICE_RULES.items()), default="whole"
    )
    minimum = OptionalAmountField(_l("Но не меньше"))
    weekdays = SelectMultipleField(
        _l("По каким дням"),
        coerce=int,
        choices=choices((str(number), name) for number, name in enumerate(words.WEEKDAYS)),
        default=list(range(7)),
    )
    sold_from = OptionalTimeField(_l("С"))
    sold_until = OptionalTimeField(_l("До"))
    holiday_rule = RadioField(
        _l("В праздники"), choices=choices(words.HOLIDAY_RULES.items()), default="as_weekday"
    )
    play_rule = RadioField(
        _l("Играть можно"), choices=choices(words.PLAY_RULES.items()), default="any_time"
    )
    sold_elsewhere = BooleanField(_l("Остальные ПК и новые зоны"), default=True)
    rest_rule = RadioField(_l("Остаток"), choices=choices(words.REST_RULES.items()), default="kept")
    pause_allowed = BooleanField(_l("Можно ставить на паузу"), default=True)
    groups = SelectMultipleField(_l("Только для групп"), coerce=int, validate_choice=False)

    def __init__(
        self,
        zones: Sequence[HallZone],
        terms: Terms | None = None,
        groups: Sequence[CustomerGroup] = (),
    ) -> None:
        super().__init__(data=None if terms is None else _data_of(terms))
        self.groups.choices = choices((str(group.id), group.name) for group in groups)
        self.zone_errors: list[str] = []
        if self.is_submitted():
            self.lines = [
                ZoneLine(
                    zone,
                    sold=request.form.get(f"zone_{zone.zone_id}_sold") is not None,
                    price=request.form.get(f"zone_{zone.zone_id}_price", "")[:20],
                )
                for zone in zones
            ]
        else:
            self.lines = [_line_of(zone, terms) for zone in zones]

    def validate(self, extra_validators: Any = None) -> bool:
        """The zones' prices, too."""
        right = super().validate(extra_validators)
        try:
            self._zones()
        except ValueError:
            self.zone_errors.append(_("Введите сумму числом, например 1500."))
            return False
        return bool(right)

    @property
    def errors(self) -> dict[Any, Any]:
        """Those of the fields, and of the zones."""
        return {**super().errors, **({"zones": self.zone_errors} if self.zone_errors else {})}

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """Put the refusal where its reason is; that of a zone stands above the zones."""
        values = dict(refusal.values)
        if refusal.code == "invalid_fields" and "zones" in values:
            code = str(values.pop("zones"))
            super().show(OperationRefused(code))
            self.zone_errors, self.form_errors = [*self.form_errors], []
            refusal = OperationRefused("invalid_fields", **values)
        super().show(refusal, **{"seconds": "hours", **fields})

    def terms(self) -> Terms:
        """What was filled in; the operation judges it."""
        kind = self.kind.data
        is_fixed, is_bundle, by_minute = (
            kind == "fixed_end",
            kind == "bundle",
            kind == "per_minute",
        )
        by_share = is_fixed and self.price_rule.data == "share"
        return Terms(
            title=self.title.data or "",
            # How long a fixed end is, its window says.
            seconds=rules.SHORTEST_SECONDS if is_fixed or by_minute else self._seconds(),
            price_tiyn=self.price.amount_tiyn(),
            kind=kind,
            weekdays=frozenset(self.weekdays.data or []),
            sold_from=self.sold_from.data,
            sold_until=self.sold_until.data,
            holiday_rule=self.holiday_rule.data,
            sold_elsewhere=self._sold_elsewhere(),
            zones=self._zones(),
            price_rule="share" if by_share else "whole",
            minimum_tiyn=self.minimum.amount_tiyn() if by_share or by_minute else 0,
            valid_days=self.valid_days.data if is_bundle else None,
            rest_rule=self.rest_rule.data,
            pause_allowed=self.pause_allowed.data,
            groups=frozenset(self.groups.data or []),
            play_rule="any_time" if is_fixed or by_minute else self.play_rule.data,
        )

    def _seconds(self) -> int:
        return int(self.hours.data or 0) * 3600 + int(self.minutes.data or 0) * 60

    def _sold_elsewhere(self) -> bool:
        """Where there are no zones, everywhere is elsewhere."""
        return bool(self.sold_elsewhere.data) or not self.lines

    def _zones(self) -> dict[int, ZonePrice]:
        found = {
            line.zone.zone_id: line.own(sold_elsewhere=self._sold_elsewhere())
            for line in self.lines
        }
        return {zone_id: own for zone_id, own in found.items() if own is not None}


def _data_of(terms: Terms) -> Mapping[str, Any]:
    hours, minutes = divmod(terms.seconds // 60, 60)
    return {
        **vars(terms),
        "weekdays": sorted(terms.weekdays),
        "groups": sorted(terms.groups),
        "hours": hours,
        "minutes": minutes,
        "price": terms.price_tiyn,
        "minimum": terms.minimum_tiyn,
    }


def _line_of(zone: HallZone, terms: Terms | None) -> ZoneLine:
    if terms is None:
        return ZoneLine(zone, sold=True, price="")
    there = terms.zones.get(zone.zone_id, ZonePrice(terms.sold_elsewhere))
    price = "" if there.price_tiyn is None else plain_money(there.price_tiyn)
    return ZoneLine(zone, there.sold, price)


class HolidaysForm(Form):
    """The dates that the club calls holidays, one a line."""

    days = TextAreaField(_l("Даты"))

    def dates(self) -> list[date]:
        """The dates of a form that has been validated."""
        return [found for _line, found in self._read() if found is not None]

    def validate_days(self, _field: TextAreaField) -> None:
        """Which lines are no dates."""
        wrong = [line for line, found in self._read() if found is None]
        if wrong:
            named = ", ".join(wrong[:_MOST_NAMED])
            raise ValidationError(
                _("Не похоже на дату: %(lines)s. Пишите так: 31.12.2026.", lines=named)
            )

    def _read(self) -> list[tuple[str, date | None]]:
        lines = [line.strip() for line in (self.days.data or "").splitlines()]
        return [(line, _date_of(line)) for line in lines if line]


def _date_of(line: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", line)
    try:
        return None if found is None else date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
