"""Money, time and instants as people read them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext as _

from lovhub.server.club.rules import CURRENCIES, notes_taken
from lovhub.server.web import current, language

SPACE = "\N{NO-BREAK SPACE}"
"""A space at which no line is broken."""


def money(amount_tiyn: int, sign: str = "₸") -> str:
    """150000 → «1 500 ₸», in English «1,500 ₸»; hundredths are shown only if there are any."""
    return _money(amount_tiyn, sign, english=language.spoken() == "en")


@lru_cache(4096)
def _money(amount_tiyn: int, sign: str, *, english: bool) -> str:
    whole, hundredths = divmod(abs(amount_tiyn), 100)
    minus = "−" if amount_tiyn < 0 else ""
    text = f"{whole:,}" if english else f"{whole:,}".replace(",", SPACE)
    tail = f"{'.' if english else ','}{hundredths:02}" if hundredths else ""
    return f"{minus}{text}{tail}{SPACE}{sign}"


def parse_money(text: str) -> int | None:
    """«1 500», «1500,50», «1 500 ₸», in English also «1,500.50» → tiyn; None if it is no amount."""
    if language.spoken() == "en":
        text = re.sub(r",(?=\d{3}(?!\d))", "", text)
    compact = re.sub(r"\s|₸|₽|тг\.?$", "", text)
    found = re.fullmatch(r"(\d{1,9})(?:[.,](\d{1,2}))?", compact)
    if found is None:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0") or 0)


def plain_money(amount_tiyn: int) -> str:
    """150000 → «1500», for an input field."""
    whole, hundredths = divmod(amount_tiyn, 100)
    return f"{whole},{hundredths:02}" if hundredths else str(whole)


def duration(seconds: int) -> str:
    """3552 → «0:59:12»."""
    minutes, second = divmod(max(0, seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}"


def age(seconds: int) -> str:
    """How long ago, roughly: «5 мин», «3 ч», «2 дн»."""
    if seconds < 3600:
        return str(_("%(n)s мин", n=max(1, seconds // 60)))
    if seconds < 48 * 3600:
        return str(_("%(n)s ч", n=seconds // 3600))
    return str(_("%(n)s дн", n=seconds // 86400))


def local(at: int, time_zone: str) -> datetime:
    """The instant in the club's time zone."""
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone))


def clock(at: int) -> str:
    """«21:40», by the club's clocks."""
    return _instant(at, _customs().time_zone, "%H:%M")


def moment(at: int) -> str:
    """«24.11.2026 21:40:05», by the club's clocks."""
    customs = _customs()
    return _instant(at, customs.time_zone, f"{customs.date_format} %H:%M:%S")


def day(at: int) -> str:
    """«24.11.2026», by the club's clocks."""
    customs = _customs()
    return _instant(at, customs.time_zone, customs.date_format)


@lru_cache(4096)
def _instant(at: int, time_zone: str, pattern: str) -> str:
    return local(at, time_zone).strftime(pattern)


@dataclass(frozen=True)
class _Customs:
    """How this request's reader is written to."""

    time_zone: str
    date_format: str
    currency_sign: str
    english: bool


def _customs() -> _Customs:
    """Asked once a request: a report over a year has thousands of amounts."""
    known = current.known()
    found: _Customs | None = known.get("customs")
    if found is None:
        english = language.spoken() == "en"
        found = known["customs"] = _Customs(
            time_zone=current.club_row().time_zone,
            date_format="%d %b %Y" if english else "%d.%m.%Y",
            currency_sign=currency_sign(),
            english=english,
        )
    return found


def install(app: Flask) -> None:
    """Give templates the filters `money`, `duration`, `clock` («21:40») and `moment` («24.11.2026 21:40:05»)."""
    for template_filter in (age, duration, clock, moment, day):
        app.add_template_filter(template_filter)
    app.add_template_filter(club_money, "money")


def club_money(amount_tiyn: int) -> str:
    """The amount in the club's currency, as `money` writes it."""
    customs = _customs()
    return _money(amount_tiyn, customs.currency_sign, english=customs.english)


def currency_sign() -> str:
    """The sign of the club's currency."""
    return CURRENCIES.get(current.club_row().currency, current.club_row().currency)


def notes() -> tuple[int, ...]:
    """The banknotes that the desk takes, whole, for the buttons beside what was received."""
    return notes_taken(current.club_row().currency)
