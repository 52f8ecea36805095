"""Fiscal documents in words."""

from flask_babel import lazy_gettext as _l

STATES = {
    "queued": _l("ждёт отправки"),
    "sent": _l("отправлен, ответа нет"),
    "confirmed": _l("принят"),
    "failed": _l("не принят"),
}

KINDS = {"sale": _l("Приход"), "refund": _l("Возврат")}
