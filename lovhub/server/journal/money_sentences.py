"""Every movement of money and of bought time in words."""

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from lovhub.server.journal.log import LogRow
from lovhub.server.web import formatting, texts
from lovhub.server.web.language import plain as _


def _topped_up(row: LogRow) -> str:
    text = _(
        "Баланс пополнен на %(amount)s (%(method)s)",
        amount=money(row.data["amount_tiyn"]),
        method=_ways(row),
    )
    if row.data.get("bonus_tiyn"):
        text += _(", бонусов +%(bonus)s", bonus=money(row.data["bonus_tiyn"]))
    return text + _change(row)


def _ways(row: LogRow) -> str:
    """How it was paid: in one way, or so much in each."""
    parts = row.data.get("parts") or []
    if not parts:
        return texts.payment_method(str(row.data.get("method")))
    return ", ".join(f"{texts.payment_method(method)} {money(tiyn)}" for method, tiyn in parts)


def _sold(row: LogRow) -> str:
    text = _(
        "Продано «%(title)s» за %(price)s",
        title=row.data.get("title", ""),
        price=money(row.data["price_tiyn"]),
    )
    if row.data.get("method"):
        text = f"{text} ({_ways(row)})"
    if row.data.get("bonus_tiyn"):
        text += _(" и бонусами %(bonus)s", bonus=money(row.data["bonus_tiyn"]))
    if row.data.get("discount_tiyn"):
        text += _(", скидка %(discount)s", discount=money(row.data["discount_tiyn"]))
    return text + _change(row)


def _sold_together(row: LogRow) -> str:
    text = _(
        "Одна оплата: «%(title)s» на %(count)s ПК за %(total)s (%(method)s)",
        title=row.data.get("title", ""),
        count=len(row.data.get("outcomes", [])),
        total=money(row.data["total_tiyn"]),
        method=texts.payment_method(str(row.data.get("method"))),
    )
    return text + _change(row)


def _given(row: LogRow) -> str:
    return _(
        "Добавлено без денег %(minutes)s мин: %(reason)s",
        minutes=int(row.data["seconds"]) // 60,
        reason=row.data.get("reason", ""),
    )


def _by_minute(row: LogRow) -> str:
    return _(
        "Играет по минутам с баланса: «%(title)s», %(price)s за час",
        title=row.data["title"],
        price=money(row.data["hour_tiyn"]),
    )


def _in_debt(row: LogRow) -> str:
    return _(
        "Играет в долг до %(limit)s: «%(title)s», %(price)s за час",
        limit=money(row.data["limit_tiyn"]),
        title=row.data["title"],
        price=money(row.data["hour_tiyn"]),
    )


def _debt(row: LogRow) -> str:
    if row.kind == "debt.paid":
        return _("Оплачен долг %(amount)s", amount=money(row.data["amount_tiyn"]))
    return _(
        "Прощён долг %(amount)s: %(reason)s",
        amount=money(row.data["amount_tiyn"]),
        reason=row.data.get("reason", ""),
    )


def _taken_along(row: LogRow) -> str:
    values = {
        "title": row.data["title"],
        "from_zone": row.data["from_zone"] or _("без зоны"),
        "to_zone": row.data["to_zone"] or _("без зоны"),
        "minutes": int(row.data["seconds"]) // 60,
    }
    if row.data["amount_tiyn"]:
        return _(
            "«%(title)s», %(minutes)s мин, из зоны «%(from_zone)s» в «%(to_zone)s»: доплата %(amount)s (%(method)s)",
            amount=money(row.data["amount_tiyn"]),
            method=texts.payment_method(str(row.data.get("method"))),
            **values,
        )
    return _(
        "«%(title)s» из зоны «%(from_zone)s» в «%(to_zone)s»: %(minutes)s мин стали %(becomes)s мин",
        becomes=int(row.data["becomes"]) // 60,
        **values,
    )


def _expired(row: LogRow) -> str:
    return _(
        "Сгорел остаток «%(title)s»: %(minutes)s мин, %(money)s",
        title=row.data["title"],
        minutes=int(row.data["seconds"]) // 60,
        money=money(row.data["amount_tiyn"]),
    )


def _guest_time(row: LogRow) -> str:
    values = {"title": row.data["title"], "minutes": int(row.data["seconds"]) // 60}
    if row.kind == "guest_time.code_given":
        return _("Гостю выдан новый код: «%(title)s», %(minutes)s мин", **values)
    values["money"] = money(row.data["amount_tiyn"])
    if row.kind == "guest_time.ended":
        return _(
            "За временем гостя не пришли: «%(title)s», %(minutes)s мин, %(money)s в доход", **values
        )
    text = _("Гостю возвращено %(money)s за «%(title)s», %(minutes)s мин", **values)
    return f"{text}: {row.data['reason']}" if row.data.get("reason") else text


def _refunded(row: LogRow) -> str:
    text = _(
        "Остаток «%(title)s», %(minutes)s мин, возвращён на баланс: %(money)s",
        title=row.data["title"],
        minutes=int(row.data["seconds"]) // 60,
        money=money(row.data["amount_tiyn"]),
    )
    if row.data.get("bonus_tiyn"):
        text += _(" и бонусами %(bonus)s", bonus=money(row.data["bonus_tiyn"]))
    return text


def _bonus_given(row: LogRow) -> str:
    return _(
        "Начислено бонусами %(amount)s: %(reason)s",
        amount=money(row.data["amount_tiyn"]),
        reason=row.data.get("reason", ""),
    )


def _bonus_taken_back(row: LogRow) -> str:
    text = _(
        "Бонусы %(amount)s забраны: были начислены вручную (%(why)s)",
        amount=money(row.data["amount_tiyn"]),
        why=row.data.get("given_because", ""),
    )
    return f"{text}. {row.data['reason']}" if row.data.get("reason") else text


def _bonus_rules(row: LogRow) -> str:
    if not row.data["is_on"]:
        return _("Бонусы выключены")
    steps = ", ".join(
        _("от %(amount)s +%(percent)s %%", amount=money(amount), percent=percent)
        for amount, percent in row.data["steps"]
    )
    text = _("Правила бонусов: оплата до %(share)s %% цены", share=row.data["share_percent"])
    return f"{text}, {steps}" if steps else text


def _promo(row: LogRow) -> str:
    title, amount = row.data["title"], row.data.get("amount_tiyn")
    if row.kind == "promo.stopped":
        return _("Акция «%(title)s» остановлена", title=title)
    gives = formatting.duration(int(row.data["seconds"]))
    if amount:
        gives = _("бонусами %(amount)s", amount=money(amount))
    if row.kind == "promo.created":
        return _(
            "Новая акция «%(title)s»: %(gives)s, кодов %(codes)s",
            title=title,
            gives=gives,
            codes=row.data["codes"],
        )
    return _("Промокод «%(title)s»: %(gives)s", title=title, gives=gives)


def _change(row: LogRow) -> str:
    """What cash was handed over and what was given back, where the cashier counted it."""
    if row.data.get("received_tiyn") is None:
        return ""
    return _(
        ", получено %(received)s, сдача %(change)s",
        received=money(row.data["received_tiyn"]),
        change=money(row.data.get("change_tiyn", 0)),
    )


def _shift_opened(row: LogRow) -> str:
    return _(
        "Смена № %(number)s открыта, в кассе %(counted)s%(difference)s",
        number=row.data["number"],
        counted=money(row.data["counted_tiyn"]),
        difference=_difference(row),
    )


def _shift_closed(row: LogRow) -> str:
    number = row.data["number"]
    if row.data.get("counted_tiyn") is None:
        text = _("Смена № %(number)s закрыта без пересчёта", number=number)
    else:
        text = _(
            "Смена № %(number)s закрыта, насчитано %(counted)s%(difference)s",
            number=number,
            counted=money(row.data["counted_tiyn"]),
            difference=_difference(row),
        )
    return f"{text}: {row.data['note']}" if row.data.get("note") else text


def _cards_compared(row: LogRow) -> str:
    if not row.data["difference_tiyn"]:
        return _("Карты сошлись с терминалом: %(amount)s", amount=money(row.data["counted_tiyn"]))
    return _(
        "Карты не сошлись: по терминалу %(counted)s, записано %(expected)s",
        counted=money(row.data["counted_tiyn"]),
        expected=money(row.data["expected_tiyn"]),
    )


def _goods(row: LogRow) -> str:
    if row.kind == "goods.taken_back":
        return _(
            "Продажа товаров отменена, возвращено %(total)s: %(reason)s",
            total=money(row.data["total_tiyn"]),
            reason=row.data.get("reason") or _("сразу"),
        )
    lines = [title if count == 1 else f"{title} × {count}" for title, count in row.data["lines"]]
    return _(
        "Товары: %(lines)s за %(total)s (%(method)s)",
        lines=", ".join(lines),
        total=money(row.data["total_tiyn"]),
        method=texts.payment_method(str(row.data.get("method"))),
    )


def _receipt(row: LogRow) -> str:
    numbers = ", ".join(str(number) for number in row.data["numbers"])
    if row.data.get("copy"):
        return _("Напечатана копия чека № %(numbers)s", numbers=numbers)
    return _("Напечатан чек № %(numbers)s", numbers=numbers)


def _difference(row: LogRow) -> str:
    difference = int(row.data.get("difference_tiyn") or 0)
    if difference == 0:
        return ""
    if difference > 0:
        return _(", излишек %(amount)s", amount=money(difference))
    return _(", недостача %(amount)s", amount=money(-difference))


def _paid_in_or_out(row: LogRow) -> str:
    values = {"amount": money(row.data["amount_tiyn"]), "reason": row.data.get("reason", "")}
    if row.kind == "shift.paid_out":
        return _("Выдано из кассы %(amount)s: %(reason)s", **values)
    return _("Внесено в кассу %(amount)s: %(reason)s", **values)


def money(amount_tiyn: object) -> str:
    """An amount of an event, with the club's sign."""
    return formatting.club_money(int(str(amount_tiyn)))


def _payment(row: LogRow) -> str:
    text = f"{_PAYMENTS[row.kind]}: {money(row.data['amount_tiyn'])}"
    return f"{text}. {row.data['reason']}" if row.data.get("reason") else text


def _taken_back(row: LogRow) -> str:
    text = _(
        "Пополнение на %(amount)s отменено",
        amount=money(row.data["amount_tiyn"]),
    )
    if row.data.get("bonus_tiyn"):
        text += _(", бонусов −%(bonus)s", bonus=money(row.data["bonus_tiyn"]))
    if row.data.get("debt_tiyn"):
        text += _(", снова в долгу %(amount)s", amount=money(row.data["debt_tiyn"]))
    if row.data.get("for_bonus_tiyn"):
        text += _(
            ", за потраченные бонусы %(amount)s с баланса",
            amount=money(row.data["for_bonus_tiyn"]),
        )
    return f"{text}: {row.data['reason']}" if row.data.get("reason") else text


_PAYMENTS = {
    "payment.created": _l("Клиенту выставлен счёт Kaspi"),
    "payment.pending": _l("Счёт Kaspi ждёт оплаты"),
    "payment.unknown": _l("Kaspi не ответил, выставлен ли счёт"),
    "payment.expired": _l("Счёт Kaspi не оплачен вовремя"),
    "payment.cancelled": _l("Счёт Kaspi отменён"),
    "payment.failed": _l("Счёт Kaspi не прошёл"),
    "payment.review": _l("Платёж Kaspi ждёт проверки"),
    "payment.credit_given": _l("Деньги несостоявшейся продажи зачислены клиенту"),
    "payment.refund_asked": _l("Возврат на Kaspi"),
    "payment.registry_taken": _l("Загружен реестр банка"),
    "payment.refund_decided": _l("Решено, дошёл ли возврат на Kaspi"),
}
"""What becomes of a payment; that it was paid, the top-up says."""

SENTENCES: dict[str, Callable[[LogRow], str]] = {
    **dict.fromkeys(_PAYMENTS, _payment),
    "customer.topped_up": _topped_up,
    "customer.top_up_taken_back": _taken_back,
    "time.sold": _sold,
    "time.sold_together": _sold_together,
    "time.given": _given,
    "session.by_minute": _by_minute,
    "session.in_debt": _in_debt,
    "debt.paid": _debt,
    "debt.forgiven": _debt,
    "time.taken_along": _taken_along,
    "time.expired": _expired,
    "time.refunded": _refunded,
    "bonus.given": _bonus_given,
    "bonus.taken_back": _bonus_taken_back,
    "bonus.rules_changed": _bonus_rules,
    "promo.created": _promo,
    "promo.stopped": _promo,
    "promo.used": _promo,
    "guest_time.code_given": _guest_time,
    "guest_time.paid_out": _guest_time,
    "guest_time.ended": _guest_time,
    "goods.sold": _goods,
    "receipt.printed": _receipt,
    "goods.taken_back": _goods,
    "shift.opened": _shift_opened,
    "shift.closed": _shift_closed,
    "shift.forced": _shift_closed,
    "shift.cards_compared": _cards_compared,
    "shift.paid_in": _paid_in_or_out,
    "shift.paid_out": _paid_in_or_out,
}
"""Kind of event → its sentence."""
