"""The books in words: columns, names and files."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.halls.models import Hall, Zone
from lovhub.server.ledger.accounts import PAYMENT_METHODS
from lovhub.server.reports.book_days import Owed
from lovhub.server.reports.books import Books, By, Line, Step, Stretch, Sums, lines, total
from lovhub.server.staff.models import Staff
from lovhub.server.tariffs.models import Tariff
from lovhub.server.web import current, formatting, pdf, texts
from lovhub.server.web.tables import Column, Table

STEPS: dict[Step, LazyString] = {
    "whole": _l("Целиком"),
    "day": _l("По дням"),
    "week": _l("По неделям"),
    "month": _l("По месяцам"),
}

CUTS: dict[By, LazyString] = {
    "whole": _l("Всё вместе"),
    "zone": _l("По зонам"),
    "tariff": _l("По тарифам"),
    "person": _l("По людям"),
    "method": _l("По способам оплаты"),
}

_VALUES: dict[By, LazyString] = {
    "zone": _l("Зона"),
    "tariff": _l("Тариф"),
    "person": _l("Кто"),
    "method": _l("Способ оплаты"),
}

_TITLES: dict[str, LazyString] = {
    "sold": _l("Продано"),
    "played": _l("Сыграно"),
    "expired": _l("из него сгорело"),
    "goods": _l("Товары"),
    "received": _l("Получено"),
    "in": _l("Принято"),
    "out": _l("Возвращено"),
}

SHOWN: dict[By, tuple[str, ...]] = {
    "whole": (
        "sold",
        "played",
        "expired",
        "goods",
        "received",
        *(f"received:{method}" for method in PAYMENT_METHODS),
    ),
    "zone": ("sold", "played", "expired"),
    "tariff": ("sold", "played", "expired"),
    "person": ("sold", "goods", "in", "out", "received"),
    "method": ("in", "out", "received"),
}
"""Which sums each cut tells; those of a cut add up to the whole's."""

_OWED: dict[str, LazyString] = {
    "customer_balance": _l("Деньги на балансах"),
    "lot_unearned": _l("Оплачено, но не сыграно"),
    "customer_bonus": _l("Бонусы клиентов (не деньги)"),
    "lot_bonus": _l("Бонусы в несыгранном времени (не деньги)"),
    "customer_debt": _l("Клиенты должны клубу (не долг клиентам)"),
    "desk_credit": _l("Деньги гостей за несостоявшиеся продажи"),
}


@dataclass(frozen=True)
class Shown:
    """A line of the books as people read it."""

    days: str
    name: str
    sums: Sums


@dataclass(frozen=True)
class OwedShown:
    """What is owed in accounts of one kind, with its name."""

    name: str
    owed: Owed


OWED = Table(
    "owed",
    (
        Column[OwedShown]("kind", _l("Что должны"), lambda row: row.name),
        Column("before", _l("На начало"), lambda row: row.owed.before_tiyn, "money"),
        Column("change", _l("Изменение"), lambda row: row.owed.change_tiyn, "money"),
        Column("after", _l("На конец"), lambda row: row.owed.after_tiyn, "money"),
    ),
)


@dataclass(frozen=True)
class Told:
    """The books as they are shown, in any form."""

    table: Table[Shown]
    rows: list[Shown]
    total: Sums
    owed: list[OwedShown]

    @property
    def owed_in_all(self) -> Owed:
        """All kinds of money together."""
        return Owed(
            "",
            sum(row.owed.before_tiyn for row in self.owed if row.owed.in_money),
            sum(row.owed.change_tiyn for row in self.owed if row.owed.in_money),
        )


def title(what: str) -> LazyString:
    """A sum's name."""
    name, _colon, method = what.partition(":")
    return texts.PAYMENT_METHODS[method] if method else _TITLES[name]


def told(db: Session, club_id: int, found: Books) -> Told:
    """The books with the names of what they tell apart; one more statement at most."""
    by, names = found.by, names_of(db, club_id, found.by)
    known = lines(found)
    columns = [Column[Shown]("days", _l("Дни"), lambda row: row.days)]
    if by != "whole":
        columns.append(Column("name", _VALUES[by], lambda row: row.name))
    columns += [
        Column(what, title(what), lambda row, what=what: row.sums.of(what), "money")  # type: ignore[misc]
        for what in SHOWN[by]
    ]
    return Told(
        Table("books", tuple(columns)),
        [Shown(days(line.stretch), name_of(line, names), line.sums) for line in known],
        total(known),
        [OwedShown(owed_name(owed.kind), owed) for owed in found.owed],
    )


def names_of(db: Session, club_id: int, by: By) -> Mapping[str, str]:
    """Name of each value; what has gone since keeps its own."""
    if by == "zone":
        rows = db.execute(
            select(Zone.id, Zone.name, Hall.name)
            .join(Hall, Hall.id == Zone.hall_id)
            .where(Zone.club_id == club_id)
        ).all()
        called = [zone for _id, zone, _hall in rows]
        return {
            "": _("Без зоны"),
            **{
                str(row_id): zone if called.count(zone) == 1 else f"{zone} ({hall})"
                for row_id, zone, hall in rows
            },
        }
    if by == "tariff":
        tariffs = db.execute(select(Tariff.id, Tariff.title).where(Tariff.club_id == club_id))
        return {"": _("Без тарифа"), **{str(row_id): name for row_id, name in tariffs}}
    if by == "person":
        staff = db.execute(select(Staff.id, Staff.name).where(Staff.club_id == club_id))
        people = {f"staff:{row_id}": name for row_id, name in staff}
        return {"player": _("Игрок"), "system": _("Сервер"), **people}
    if by == "method":
        return {method: str(name) for method, name in texts.PAYMENT_METHODS.items()}
    return {}


def name_of(line: Line, names: Mapping[str, str]) -> str:
    """The name of a line's value."""
    return names.get(line.value, line.value)


def owed_name(kind: str) -> str:
    """A kind of debt to customers in words; one without words is shown by its name."""
    return str(_OWED.get(kind, kind))


def days(stretch: Stretch) -> str:
    """«01.03.2027», or from it to another."""
    first, last = (f"{day:%d.%m.%Y}" for day in (stretch.first, stretch.last))
    return first if first == last else f"{first} – {last}"


MOST_IN_PDF = 1000
"""A longer one takes a minute to write and nobody prints it; tables have them all."""


def as_pdf(found: Told, by: By, period: Stretch, made_at: str) -> bytes:
    """All of it as one file."""
    head = [
        current.club_row().name,
        f"{days(period)}. {CUTS[by]}.",
        _("Составлено %(moment)s", moment=made_at),
    ]
    if len(found.rows) > MOST_IN_PDF:
        head.append(
            _(
                "Показаны первые %(shown)s строк из %(all)s, итоги — по всем.",
                shown=MOST_IN_PDF,
                all=len(found.rows),
            )
        )
    file = pdf.document(_("Учёт денег"), head, landscape=True)
    words = 1 if by == "whole" else 2
    blank = [""] * (words - 1)

    def cells(sums: Sums) -> list[str]:
        return [_money(sums.of(what)) for what in SHOWN[by]]

    pdf.table(
        file,
        _("Выручка"),
        [str(column.title) for column in found.table.columns],
        [
            [row.days, *([row.name] if words == 2 else []), *cells(row.sums)]
            for row in found.rows[:MOST_IN_PDF]
        ],
        words=words,
        total=[_("Итого"), *blank, *cells(found.total)],
    )
    in_all = found.owed_in_all
    pdf.table(
        file,
        _("Долг клиентам"),
        [str(column.title) for column in OWED.columns],
        [[row.name, *_owed(row.owed)] for row in found.owed],
        words=1,
        total=[_("Итого"), *_owed(in_all)],
    )
    return bytes(file.output())


def _owed(owed: Owed) -> list[str]:
    return [_money(amount) for amount in (owed.before_tiyn, owed.change_tiyn, owed.after_tiyn)]


def _money(amount_tiyn: int) -> str:
    return formatting.money(amount_tiyn, formatting.currency_sign())
