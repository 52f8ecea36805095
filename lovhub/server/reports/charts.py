"""Figures as the page's scripts draw them, as its tables say them, and as files."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.reports.rules import Money, Occupation
from lovhub.server.reports.series import GamePlayed
from lovhub.server.web import formatting, texts
from lovhub.server.web.tables import Column, Table

SHADES = 5


def money_chart(axis: str, found: Mapping[str, Money]) -> dict[str, object]:
    """What came in, was sold and was played, under each label; whole and hundredths, not tiyn."""
    received, sold, played = (
        [getattr(got, name) / 100 for got in found.values()]
        for name in ("received_in_all_tiyn", "sold_tiyn", "played_tiyn")
    )
    return {
        "axis": axis,
        "all": _("итого"),
        "labels": list(found),
        "unit": formatting.currency_sign(),
        "series": [
            {"name": _("Получено"), "values": received},
            {"name": _("Продано"), "values": sold},
            {"name": _("Сыграно"), "values": played},
        ],
    }


def shade(cell: Occupation) -> int:
    """How dark the cell is, from 0 (empty) to `SHADES` (full)."""
    percent = cell.percent or 0
    return min(SHADES, (percent * SHADES + 99) // 100)


def weekdays() -> list[str]:
    """From Monday on."""
    return [_("Пн"), _("Вт"), _("Ср"), _("Чт"), _("Пт"), _("Сб"), _("Вс")]


@dataclass(frozen=True)
class MoneyRow:
    """Money of a day or an hour, as a line of a file."""

    label: str
    money: Money


@dataclass(frozen=True)
class OccupationRow:
    """An hour of a weekday, as a line of a file."""

    weekday: str
    hour: int
    cell: Occupation


def _money_columns(label: Column[MoneyRow]) -> tuple[Column[MoneyRow], ...]:
    methods = tuple(
        Column[MoneyRow](
            f"received_{method}",
            texts.PAYMENT_METHODS[method],
            lambda row, method=method: row.money.received_tiyn[method],  # type: ignore[misc]
            "money",
        )
        for method in Money().received_tiyn
    )
    return (
        label,
        Column("received", _l("Получено"), lambda row: row.money.received_in_all_tiyn, "money"),
        *methods,
        Column("sold", _l("Продано"), lambda row: row.money.sold_tiyn, "money"),
        Column("played", _l("Сыграно"), lambda row: row.money.played_tiyn, "money"),
    )


BY_DAY = Table(
    "money-by-day", _money_columns(Column[MoneyRow]("day", _l("День"), lambda row: row.label))
)
BY_HOUR = Table(
    "money-by-hour", _money_columns(Column[MoneyRow]("hour", _l("Час"), lambda row: row.label))
)
OCCUPATION = Table(
    "occupation",
    (
        Column[OccupationRow]("weekday", _l("День недели"), lambda row: row.weekday),
        Column("hour", _l("Час"), lambda row: row.hour, "number"),
        Column("percent", _l("Загрузка, %"), lambda row: row.cell.percent, "number"),
        Column("taken", _l("Занято"), lambda row: row.cell.taken_seconds, "duration"),
        Column("all", _l("Всего времени ПК"), lambda row: row.cell.all_seconds, "duration"),
    ),
)
GAMES = Table(
    "games",
    (
        Column[GamePlayed]("title", _l("Название"), lambda game: game.title),
        Column("time", _l("Время"), lambda game: game.seconds, "duration"),
        Column("launches", _l("Запусков"), lambda game: game.launches, "number"),
    ),
)
