"""A shift's report in words: sections of lines, the same for the screen, the PDF and the receipt printer."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.shifts.figures import Figures, Sold
from lovhub.server.web import current, formatting, texts

_OTHER_ACCOUNTS = {
    "desk_credit": _l("Деньги гостей за несостоявшиеся продажи"),
    "written_off": _l("Списано"),
    "customer_debt": _l("Долги клиентов: оплачено и прощено"),
    "debt_forgiven": _l("Долги прощены"),
    "opening_balance": _l("Остатки при переезде"),
    "revenue": _l("За потраченные бонусы при возврате"),
}
"""Accounts that are neither a way of paying nor a sale. One without words is shown by its name."""


@dataclass(frozen=True)
class Line:
    """What, and how much."""

    name: str
    value: str
    strong: bool = False


@dataclass(frozen=True)
class Section:
    """Lines that belong together."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Report:
    """What is shown or printed."""

    title: str
    head: list[str]
    sections: list[Section]


def report(figures: Figures) -> Report:
    """The X or Z report of a shift."""
    shift = figures.shift
    title = _("Z-отчёт") if figures.is_final else _("X-отчёт")
    head = [
        current.club_row().name,
        _("Смена № %(number)s, %(person)s", number=shift.number, person=shift.person),
        _("Открыта %(moment)s", moment=_moment(shift.opened_at)),
        _("Закрыта %(moment)s, %(person)s", moment=_moment(figures.at), person=shift.closed_by)
        if figures.is_final
        else _("Снят %(moment)s, смена идёт", moment=_moment(figures.at)),
        _receipts(figures),
    ]
    sections = [_received(figures), _sold(figures), _drawer(figures)]
    if figures.tariffs:
        sections.append(Section(_("По тарифам"), [_line(sold) for sold in figures.tariffs]))
    if figures.goods:
        sections.append(Section(_("По товарам"), [_line(sold) for sold in figures.goods]))
    if figures.totals.people:
        people = [Line(name, _money(amount)) for name, amount in figures.totals.people.items()]
        sections.append(Section(_("Кто принял"), people))
    corrections = _corrections(figures)
    if corrections.lines:
        sections.append(corrections)
    return Report(title, head, sections)


def _receipts(figures: Figures) -> str:
    if figures.receipts.first is None:
        return str(_("Чеков не было"))
    return str(
        _(
            "Чеки № %(first)s–%(last)s, всего %(count)s",
            first=figures.receipts.first,
            last=figures.receipts.last,
            count=figures.receipts.count,
        )
    )


def _received(figures: Figures) -> Section:
    lines = []
    for method, got in figures.totals.methods.items():
        name = str(texts.PAYMENT_METHODS[method])
        lines.append(Line(name, _money(got.received_tiyn)))
        if got.returned_tiyn:
            returned = _("%(method)s, возвраты", method=name)
            lines.append(Line(returned, _money(-got.returned_tiyn)))
    lines.append(Line(_("Получено всего"), _money(figures.totals.received_tiyn), strong=True))
    return Section(_("Деньги"), lines)


def _sold(figures: Figures) -> Section:
    totals = figures.totals
    lines = [
        Line(_("Время"), _money(totals.sold_for_tiyn)),
        Line(_("из него с балансов"), _money(totals.from_balance_tiyn)),
        Line(_("Товары"), _money(totals.goods_tiyn)),
        Line(_("Пополнения балансов"), _money(totals.topped_up_tiyn)),
    ]
    for name, amount in (
        (_("Скидки групп"), totals.discounts_tiyn),
        (_("Потрачено бонусов"), totals.bonuses_spent_tiyn),
        (_("Начислено бонусов"), totals.bonuses_given_tiyn),
    ):
        if amount:
            lines.append(Line(name, _money(amount)))
    return Section(_("Продажи"), lines)


def _drawer(figures: Figures) -> Section:
    shift, totals = figures.shift, figures.totals
    lines = [
        Line(_("При открытии"), _money(shift.float_tiyn)),
        Line(_("Наличные за смену"), _money(totals.methods["cash"].left_tiyn)),
        Line(_("Внесено"), _money(totals.paid_in_tiyn)),
        Line(_("Выдано"), _money(-totals.paid_out_tiyn)),
        Line(_("Должно быть"), _money(figures.expected_tiyn), strong=True),
    ]
    if figures.is_final:
        counted = shift.counted_tiyn
        lines.append(
            Line(_("Насчитано"), _("без пересчёта") if counted is None else _money(counted))
        )
        if shift.difference_tiyn is not None:
            lines.append(Line(_("Разница"), _money(shift.difference_tiyn), strong=True))
        lines.append(Line(_("В сейф или владельцу"), _money(shift.to_safe_tiyn)))
        lines.append(Line(_("Осталось в кассе"), _money(shift.left_tiyn or 0)))
    if shift.opening_difference_tiyn:
        lines.append(Line(_("Разница при открытии"), _money(shift.opening_difference_tiyn)))
    return Section(_("Касса"), lines)


def _corrections(figures: Figures) -> Section:
    lines = []
    if figures.totals.returns:
        lines.append(Line(_("Отмен и возвратов"), str(figures.totals.returns)))
    if figures.given_seconds:
        lines.append(Line(_("Время без денег"), formatting.duration(figures.given_seconds)))
    for kind, (out, into) in figures.totals.others.items():
        lines.append(Line(str(_OTHER_ACCOUNTS.get(kind, kind)), _money(into - out)))
    if figures.shift.note:
        lines.append(Line(_("Примечание"), figures.shift.note))
    return Section(_("Исправления"), lines)


def _line(sold: Sold) -> Line:
    return Line(f"{sold.title} × {sold.count}", _money(sold.amount_tiyn))


def _money(amount_tiyn: int) -> str:
    return formatting.money(amount_tiyn, formatting.currency_sign())


def _moment(at: int) -> str:
    return formatting.local(at, current.club_row().time_zone).strftime("%d.%m.%Y %H:%M")
