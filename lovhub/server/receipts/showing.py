"""A receipt in words: the same for the screen, the printed page and the receipt printer."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.receipts.queries import Line, Receipt
from lovhub.server.shifts.showing import Line as Shown
from lovhub.server.shifts.showing import Report, Section
from lovhub.server.web import current, formatting, texts

_KINDS: dict[str, LazyString] = {
    "top_up": _l("Пополнение баланса"),
    "discount": _l("Скидка"),
    "top_up_taken_back": _l("Возврат пополнения"),
    "goods_taken_back": _l("Возврат товаров"),
    "customer_paid_out": _l("Выдача остатка клиенту"),
    "guest_paid_out": _l("Возврат за время гостя"),
    "zone_difference": _l("Доплата за зону"),
    "payment_refunded": _l("Возврат на Kaspi"),
    "shift_paid_in": _l("Внесено в кассу"),
    "shift_paid_out": _l("Выдано из кассы"),
}
"""Kinds of postings that have no title of their own."""


def report(receipt: Receipt, *, is_copy: bool) -> Report:
    """The receipt as it is shown and printed."""
    club = current.club_row()
    numbers = ", ".join(map(str, receipt.numbers))
    at = formatting.local(receipt.at, club.time_zone)
    head = [club.name, f"{at:%d.%m.%Y %H:%M:%S}"]
    if is_copy:
        head.insert(0, _("КОПИЯ"))
    if receipt.shift_number is not None:
        head.append(_("Смена № %(number)s", number=receipt.shift_number))
    if receipt.person:
        head.append(_("Кассир: %(name)s", name=receipt.person))
    if receipt.customer:
        head.append(_("Клиент: %(login)s", login=receipt.customer))
    if receipt.reason:
        head.append(receipt.reason)
    sections = [Section(_("Состав"), [_line(line) for line in receipt.lines])]
    if receipt.paid:
        paid = [Shown(_paid(name, amount), _money(amount)) for name, amount in receipt.paid.items()]
        sections.append(Section(_("Оплата"), paid))
    if receipt.bonus_tiyn:
        bonus = Shown(_("За пополнение"), _money(receipt.bonus_tiyn))
        sections.append(Section(_("Бонусы"), [bonus]))
    sections.append(Section(_("Это не фискальный чек"), []))
    return Report(_("Чек № %(numbers)s", numbers=numbers), head, sections)


def _line(line: Line) -> Shown:
    title = line.title or str(_KINDS.get(line.kind) or _("Оплата"))
    if line.quantity > 1:
        title = f"{title} × {line.quantity}"
    return Shown(title, _money(line.amount_tiyn))


def _paid(name: str, amount_tiyn: int) -> str:
    if name == "balance":
        return str(_("С баланса"))
    if name == "bonus":
        return str(_("Бонусами"))
    method = str(texts.PAYMENT_METHODS[name])
    return str(_("Возвращено: %(method)s", method=method)) if amount_tiyn < 0 else method


def _money(amount_tiyn: int) -> str:
    return formatting.money(amount_tiyn, formatting.currency_sign())
