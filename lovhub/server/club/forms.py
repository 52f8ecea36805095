"""Forms of the set-up and of the settings."""

import re
import zoneinfo
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import TimeInput

from lovhub.server.club import texts
from lovhub.server.club.rules import CURRENCIES, PRINTER_CHARSETS, PRINTER_WIDTHS, Settings
from lovhub.server.languages import LANGUAGES
from lovhub.server.web.forms import Form, MoneyField, SelectField, choices

_NUMBER = [InputRequired(_l("Введите целое число."))]


class TimeOfDayField(Field):
    """A time of day; `data` is in seconds after midnight."""

    widget = TimeInput()
    data: int | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else texts.time_of_day(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read «08:00»; anything else is an error of this field."""
        self.data = None
        found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(valuelist[0]) if valuelist else "")
        if found is None:
            raise ValueError(_("Введите время, например 08:00."))
        self.data = int(found[1]) * 3600 + int(found[2]) * 60


class DebtLimitField(MoneyField):
    """An amount; left empty, it is none."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount, if there is one."""
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)
        else:
            self.data = 0


class PlaceForm(Form):
    """Where the club is: its time and its money."""

    time_zone = StringField(texts.NAMES["time_zone"], default="Asia/Almaty")
    currency = SelectField(
        texts.NAMES["currency"],
        choices=choices((code, f"{code} {sign}") for code, sign in CURRENCIES.items()),
    )

    @property
    def chosen_zone(self) -> str:
        """What was typed, or the zone of the city or country that was: people type «Алматы»."""
        typed = (self.time_zone.data or "").strip()
        for zone, name in texts.TIME_ZONES.items():
            if typed.casefold() in (word.casefold() for word in str(name).split(", ")):
                return zone
        return typed

    @property
    def time_zones(self) -> list[tuple[str, str]]:
        """All time zones with names, those asked for most at the top."""
        others = sorted(zoneinfo.available_timezones() - texts.TIME_ZONES.keys())
        named = [(zone, str(name)) for zone, name in texts.TIME_ZONES.items()]
        return named + [(zone, "") for zone in others if "/" in zone]


class SettingsForm(PlaceForm):
    """Everything an owner may set."""

    name = StringField(texts.NAMES["name"])
    language = SelectField(texts.NAMES["language"], choices=choices(LANGUAGES.items()))

    day_starts_at = TimeOfDayField(texts.NAMES["day_starts_at"])
    lease_minutes = IntegerField(_l("Сколько минут ПК играет без связи"), validators=_NUMBER)
    grace_minutes = IntegerField(
        _l("Сколько минут игра ждёт оплаты, когда время вышло"), validators=_NUMBER
    )
    traces = TextAreaField(_l("Папки игрока, которые ПК опустошает после сеанса"))
    power_cut_rule = RadioField(
        _l("Если у ПК пропало питание"), choices=choices(texts.POWER_CUT_RULES.items())
    )
    zone_rule = RadioField(
        _l("Купленное время в зоне с другой ценой"), choices=choices(texts.ZONE_RULES.items())
    )
    silence_rule = RadioField(
        _l("Если ПК пропал и не вернулся, а его минуты без связи вышли"),
        choices=choices(texts.SILENCE_RULES.items()),
    )
    backup_at = TimeOfDayField(texts.NAMES["backup_at"])
    backups_kept = IntegerField(texts.NAMES["backups_kept"], validators=_NUMBER)
    second_backup_folder = StringField(texts.NAMES["second_backup_folder"])
    sales_need_shift = BooleanField(_l("Без открытой смены денег не принимать и не выдавать"))
    given_minutes_per_shift = IntegerField(
        texts.NAMES["given_minutes_per_shift"], validators=_NUMBER
    )
    on_without_session_minutes = IntegerField(
        _l("ПК включён без сеанса: через сколько минут показать"), validators=_NUMBER
    )
    tells_without_agent = BooleanField(texts.NAMES["tells_without_agent"])
    printer_address = StringField(texts.NAMES["printer_address"])
    printer_charset = SelectField(
        texts.NAMES["printer_charset"],
        choices=choices((code, code.upper()) for code in PRINTER_CHARSETS),
    )
    printer_width = SelectField(
        texts.NAMES["printer_width"],
        coerce=int,
        choices=choices((width, str(width)) for width in PRINTER_WIDTHS),
    )
    debt_limit_tiyn = DebtLimitField(texts.NAMES["debt_limit_tiyn"])
    minors_rule = BooleanField(texts.NAMES["minors_rule"])
    registers_at_pc = BooleanField(texts.NAMES["registers_at_pc"])
    cached_sign_ins = BooleanField(texts.NAMES["cached_sign_ins"])
    warn_unseen_days = IntegerField(texts.NAMES["warn_unseen_days"], validators=_NUMBER)
    warn_disk_free_gb = IntegerField(texts.NAMES["warn_disk_free_gb"], validators=_NUMBER)
    warn_backup_hours = IntegerField(texts.NAMES["warn_backup_hours"], validators=_NUMBER)
    keep_launches_days = IntegerField(texts.NAMES["keep_launches_days"], validators=_NUMBER)
    keep_sign_ins_days = IntegerField(texts.NAMES["keep_sign_ins_days"], validators=_NUMBER)
    keep_messages_days = IntegerField(texts.NAMES["keep_messages_days"], validators=_NUMBER)

    def settings(self) -> Settings:
        """What was sent. An empty list is a choice that a locked or foreign form left out."""
        return Settings(
            name=self.name.data or "",
            language=self.language.data or "",
            time_zone=self.chosen_zone,
            currency=self.currency.data or "",
            day_starts_at=int(self.day_starts_at.data or 0),
            lease_seconds=int(self.lease_minutes.data or 0) * 60,
            grace_seconds=int(self.grace_minutes.data or 0) * 60,
            power_cut_rule=self.power_cut_rule.data or "",
            silence_rule=self.silence_rule.data or "",
            zone_rule=self.zone_rule.data or "",
            backup_at=int(self.backup_at.data or 0),
            backups_kept=int(self.backups_kept.data or 0),
            second_backup_folder=self.second_backup_folder.data or "",
            sales_need_shift=bool(self.sales_need_shift.data),
            traces=self.traces.data or "",
            debt_limit_tiyn=self.debt_limit_tiyn.amount_tiyn(),
            minors_rule=bool(self.minors_rule.data),
            registers_at_pc=bool(self.registers_at_pc.data),
            cached_sign_ins=bool(self.cached_sign_ins.data),
            given_minutes_per_shift=int(self.given_minutes_per_shift.data or 0),
            on_without_session_minutes=int(self.on_without_session_minutes.data or 0),
            tells_without_agent=bool(self.tells_without_agent.data),
            printer_address=self.printer_address.data or "",
            printer_charset=self.printer_charset.data or "",
            printer_width=int(self.printer_width.data or 0),
            warn_unseen_days=int(self.warn_unseen_days.data or 0),
            warn_disk_free_gb=int(self.warn_disk_free_gb.data or 0),
            warn_backup_hours=int(self.warn_backup_hours.data or 0),
            keep_launches_days=int(self.keep_launches_days.data or 0),
            keep_sign_ins_days=int(self.keep_sign_ins_days.data or 0),
            keep_messages_days=int(self.keep_messages_days.data or 0),
        )


class SetUpForm(PlaceForm):
    """The club and its owner."""

    club_name = StringField(texts.NAMES["name"])
    name = StringField(_l("Ваше имя"))
    login = StringField(_l("Логин"))
    password = PasswordField(_l("Пароль"))
    start = RadioField(
        _l("С чего начать"),
        choices=choices(
            [
                ("empty", _l("С пустого клуба")),
                ("demo", _l("С примеров: зал, тарифы, игры и клиенты, которые можно убрать разом")),
            ]
        ),
        default="empty",
        validate_choice=False,
    )
