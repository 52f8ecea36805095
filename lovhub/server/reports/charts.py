"""Figures as the page's scripts draw them, and as its tables say them."""

from collections.abc import Mapping

from flask_babel import gettext as _

from lovhub.server.reports.rules import Money, Occupation
from lovhub.server.web import formatting

SHADES = 5


def money_chart(found: Mapping[str, Money]) -> dict[str, object]:
    """What came in, was sold and was played, under each label; whole and hundredths, not tiyn."""
    return {
        "labels": list(found),
        "unit": formatting.currency_sign(),
        "series": [
            {
                "name": _("Получено"),
                "values": [got.received_in_all_tiyn / 100 for got in found.values()],
            },
            {"name": _("Продано"), "values": [got.sold_tiyn / 100 for got in found.values()]},
            {"name": _("Сыграно"), "values": [got.played_tiyn / 100 for got in found.values()]},
        ],
    }


def shade(cell: Occupation) -> int:
    """How dark the cell is, from 0 (empty) to `SHADES` (full)."""
    percent = cell.percent or 0
    return min(SHADES, (percent * SHADES + 99) // 100)


def weekdays() -> list[str]:
    """From Monday on."""
    return [_("Пн"), _("Вт"), _("Ср"), _("Чт"), _("Пт"), _("Сб"), _("Вс")]
