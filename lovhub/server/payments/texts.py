"""States and steps of payments in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from lovhub.server.web import formatting, refusals

STATES = {
    "created": _l("спрашиваем Kaspi"),
    "unknown": _l("Kaspi не ответил"),
    "pending": _l("ждёт оплаты"),
    "expired": _l("не оплачен вовремя"),
    "cancelled": _l("отменён"),
    "failed": _l("не прошёл"),
    "review": _l("нужна проверка"),
    "paid": _l("оплачен"),
    "partly_refunded": _l("возвращён частично"),
    "refunded": _l("возвращён"),
}

REFUND_STATES = {
    "asked": _l("отправлен в Kaspi"),
    "pending": _l("Kaspi обрабатывает"),
    "unknown": _l("Kaspi не ответил"),
    "done": _l("возвращено"),
    "by_hand": _l("возвращено в Kaspi Pay вручную"),
    "rejected": _l("Kaspi отказал, деньги снова на балансе"),
}

_STEPS = {
    "created": _l("Счёт создан"),
    "pending": _l("Счёт у клиента, ждём оплаты"),
    "unknown": _l("Kaspi не ответил, выставлен ли счёт"),
    "expired": _l("Срок оплаты прошёл; если деньги придут, они будут зачислены"),
    "cancelled": _l("Счёт отменён"),
    "failed": _l("Счёт не прошёл"),
    "review": _l("Пришло не то, чего ждали: нужна проверка"),
    "paid": _l("Оплачено и зачислено на баланс"),
    "paid_late": _l("Оплачено после срока и зачислено на баланс"),
    "sold": _l("Оплачено, продажа проведена"),
    "kept": _l("Оплачено, деньги ждут гостя"),
    "order_done": _l("Продажа проведена"),
    "order_failed": _l("Продать уже не вышло"),
    "credit_given": _l("Деньги зачислены клиенту"),
    "second_of": _l("Второй раз оплачен счёт другого платежа"),
    "accepted": _l("Проверено, решено зачислить"),
    "cancel_failed": _l("Kaspi не подтвердил отмену: счёт ещё могут оплатить"),
    "refund_asked": _l("Возврат: деньги сняты с баланса, спрашиваем Kaspi"),
    "refund_by_hand": _l("Возврат записан: деньги возвращены в Kaspi Pay вручную"),
    "refund_pending": _l("Возврат принят, Kaspi обрабатывает"),
    "refund_told": _l("Сервис оплаты сообщил о возврате"),
    "refund_done": _l("Возврат выполнен"),
    "refund_unknown": _l("Kaspi не ответил, выполнен ли возврат"),
    "refund_rejected": _l("Kaspi отказал в возврате, деньги снова на балансе"),
    "refunded_elsewhere": _l("Деньги возвращены мимо программы, с баланса не сняты"),
}


def step(kind: str, data: Mapping[str, Any]) -> str:
    """A line of the story."""
    text = str(_STEPS.get(kind, kind))
    if data.get("amount_tiyn") is not None:
        amount = formatting.money(int(data["amount_tiyn"]), formatting.currency_sign())
        text = f"{text}: {amount}"
    if data.get("detail"):
        text = f"{text} ({refusals.refusal(str(data['detail']))})"
    return f"{text}. {data['reason']}" if data.get("reason") else text
