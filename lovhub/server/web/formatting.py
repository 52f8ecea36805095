"""Money, time and instants as people read them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from flask import Flask, g
from flask_babel import gettext as _

from lovhub.server.club.rules import CURRENCIES, notes_taken
from lovhub.server.web import current, language

SPACE = "\N{NO-BREAK SPACE}"
"""A space at which no line is broken."""


def money(amount_tiyn: int, sign: str = "₸") -> str:
    """150000 → «1 500 ₸», in English «1,500 ₸»; hundredths are shown only if there are any."""
    return _money(amount_tiyn, sign, english=language.spoken() == "en")


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
    return local(at, current.club_row().time_zone).strftime("%H:%M")


def moment(at: int) -> str:
    """«24.11.2026 21:40:05», by the club's clocks."""
    return local(at, current.club_row().time_zone).strftime(f"{_date_format()} %H:%M:%S")


def day(at: int) -> str:
    """«24.11.2026», by the club's clocks."""
    return local(at, current.club_row().time_zone).strftime(_date_format())


def _date_format() -> str:
    return "%d %b %Y" if language.spoken() == "en" else "%d.%m.%Y"


def install(app: Flask) -> None:
    """Give templates the filters `money`, `duration`, `clock` («21:40») and `moment` («24.11.2026 21:40:05»)."""

    def club_money(amount_tiyn: int) -> str:
        # A report over a year has thousands of amounts: whose language and currency is asked once for a request.
        write: Callable[[int], str] | None = g.get("write_money")
        if write is None:
            write = partial(_money, sign=currency_sign(), english=language.spoken() == "en")
            g.write_money = write
        return write(amount_tiyn)

    for template_filter in (age, duration, clock, moment, day):
        app.add_template_filter(template_filter)
    app.add_template_filter(club_money, "money")


def currency_sign() -> str:
    """The sign of the club's currency."""
    return CURRENCIES.get(current.club_row().currency, current.club_row().currency)


def notes() -> tuple[int, ...]:
    """The banknotes that the desk takes, whole, for the buttons beside what was received."""
    return notes_taken(current.club_row().currency)
