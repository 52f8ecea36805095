"""Codes of what is shown on several pages, as words for people; of refusals: `refusals.py`."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

NIGHT_LEAVES = {
    "adult": _l("18 лет есть, документ видел"),
    "accompanied": _l("с родителями или законным представителем"),
}
"""Why somebody may stay at night, as staff say it."""

DOCUMENTS = {
    "id_card": _l("удостоверение личности"),
    "passport": _l("паспорт"),
    "birth_certificate": _l("свидетельство о рождении"),
    "other": _l("другой документ"),
}
"""Kinds of documents by which an age is confirmed."""

CALL_REASONS = {
    "device": _l("Мышь, клавиатура, звук"),
    "game": _l("Игра"),
    "money": _l("Деньги и время"),
    "other": _l("Другое"),
}
"""Why a player calls, by the code in `CallDesk.reason`."""

PAYMENT_METHODS = {
    "cash": _l("Наличные"),
    "card": _l("Карта"),
    "kaspi": _l("Kaspi"),
    "balance": _l("С баланса"),
    "split": _l("По частям"),
}


def payment_method(method: str) -> str:
    """A way of paying in mid-sentence: a word like others, or a name."""
    name = str(PAYMENT_METHODS.get(method, method))
    return name if method == "kaspi" else name.lower()


PROBLEMS = {
    "silent": _l("Пропал без прощания: проверьте питание и сеть"),
    "no_agent": _l("Включён без агента: отвечает в сети, а LoVHub на нём молчит. Подойдите"),
    "lock_broken": _l("Замок не держит или не отвечает: проверьте ПК"),
    "launcher_silent": _l("Лаунчер не отвечает: если не пройдёт за минуту, подойдите"),
    "broken": _l("Сломан"),
}
"""What is wrong with a PC, by the code in `HallRow.problem`."""


def given_time(minutes: int) -> str:
    """What time given without money is called, on the player's screen and in the books."""
    return gettext("+%(minutes)s мин", minutes=minutes)


_MOVEMENTS = {
    "top_up": _l("Пополнение"),
    "top_up_taken_back": _l("Отмена пополнения"),
    "sale": _l("Покупка"),
    "zone_difference": _l("Доплата за зону"),
    "debt_paid": _l("Оплата долга"),
    "debt_reopened": _l("Долг снова: пополнение отменено"),
    "debt_forgiven": _l("Долг прощён"),
    "time.refunded": _l("Возврат за несыгранное время"),
    "payment_given": _l("Деньги несостоявшейся продажи"),
    "payment_refunded": _l("Возврат"),
    "payment_refund_rejected": _l("Возврат не прошёл"),
    "bonus_by_staff": _l("Начислено вручную"),
    "bonus_taken_back": _l("Отмена начисления"),
    "promo_bonus": _l("Промокод"),
    "opening_balance": _l("Остаток при переезде"),
    "opening_balance_back": _l("Переезд отменён"),
    "customer_paid_out": _l("Выдано наличными"),
    "customer_written_off": _l("Списано"),
}


def movement(kind: str, other: str, lot_title: str) -> str:
    """What moved a customer's balance: the posting's kind, the account on the other side, what was bought.

    What a session's settlement takes or gives back is always for playing by the minute.
    """
    if kind.startswith("session."):
        return str(_l("Поминутная игра"))
    text = str(_MOVEMENTS.get(kind, kind))
    if other in PAYMENT_METHODS:
        return f"{text}, {payment_method(other)}"
    return f"{text}: {lot_title}" if lot_title else text
