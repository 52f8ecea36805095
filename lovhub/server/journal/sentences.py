"""Every event in words: who did what."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.journal.queries import LogRow
from lovhub.server.journal.texts import alarm_text
from lovhub.server.web import formatting, texts

_ENDS = {
    "time_over": _l("время вышло"),
    "signed_out": _l("игрок вышел"),
    "ended_by_desk": _l("завершил администратор"),
    "moved": _l("игрок пересел"),
    "power_cut": _l("пропало питание"),
    "lease_over": _l("кончилась аренда времени"),
    "released": _l("снят резерв"),
}


def kind_names() -> dict[str, str]:
    """Names of the filter's choices."""
    return {
        "launch": _("Запуски"),
        "sign_in": _("Входы"),
        "session": _("Сеансы"),
        "money": _("Деньги"),
        "computer": _("ПК"),
        "alarm": _("Тревоги"),
        "staff": _("Сотрудники и настройки"),
    }


def sentence(row: LogRow) -> str:
    """The line's text, without time, PC and customer, which have columns of their own."""
    data = row.data
    money = formatting.money
    sign = formatting.currency_sign()
    if row.kind == "launch":
        ran = data.get("ran_seconds")
        if ran is None:
            return _("Запуск: %(title)s", title=row.application_title)
        return _(
            "Запуск: %(title)s, %(ran)s",
            title=row.application_title,
            ran=formatting.duration(int(ran)),
        )
    if row.kind == "alarm":
        return _("Тревога: %(text)s", text=alarm_text(str(data.get("alarm")), "", data))
    if row.kind == "customer.topped_up":
        return _(
            "Баланс пополнен на %(amount)s (%(method)s)",
            amount=money(int(data["amount_tiyn"]), sign),
            method=_method(data.get("method")),
        )
    if row.kind == "time.sold":
        text = _(
            "Продано «%(title)s» за %(price)s",
            title=data.get("title", ""),
            price=money(int(data["price_tiyn"]), sign),
        )
        return f"{text} ({_method(data['method'])})" if data.get("method") else text
    if row.kind in {"session.ended", "session.released"}:
        reason = str(data.get("end_reason", ""))
        why = str(_ENDS.get(reason, reason))
        text = _(
            "Сеанс завершён: %(why)s, сыграно %(played)s",
            why=why,
            played=formatting.duration(int(data.get("played_seconds", 0))),
        )
        return f"{text}. {data['reason']}" if data.get("reason") else text
    if row.kind == "computer.renamed":
        return _("ПК переименован: %(old)s → %(new)s", old=data["old_name"], new=data["new_name"])
    if row.kind in {"command.sent"} and data.get("text"):
        return _("Сообщение игроку: %(text)s", text=data["text"])
    if row.kind in {"tariff.created", "tariff.changed", "tariff.retired"}:
        return f"{_simple()[row.kind]}: {data.get('title', '')}"
    if row.kind.startswith("application."):
        return f"{_simple()[row.kind]}: {data.get('title', '')}"
    return str(_simple().get(row.kind, row.kind))


def has_sentence(kind: str) -> bool:
    """Whether the kind is one that people can read."""
    special = {
        "customer.topped_up", "time.sold", "session.ended", "session.released", "computer.renamed",
    }  # fmt: skip
    return kind in special or kind in _simple()


def _method(method: object) -> str:
    return str(texts.PAYMENT_METHODS.get(str(method), method)).lower()


def _simple() -> dict[str, str]:
    return {
        "customer.registered": _("Клиент зарегистрирован"),
        "customer.signed_in": _("Вход на ПК"),
        "session.begun": _("Сеанс начат"),
        "session.guest_seated": _("Гость посажен"),
        "session.code_sold": _("Гостю выдан одноразовый код"),
        "session.begun_with_code": _("Сеанс начат по коду"),
        "session.moved": _("Игрок пересел на этот ПК"),
        "session.paused": _("Пауза"),
        "session.resumed": _("Сеанс продолжен"),
        "session.unreachable": _("Связь с ПК потеряна, секунды зарезервированы"),
        "session.linked_again": _("Связь вернулась, время учтено по журналу ПК"),
        "session.power_cut": _("ПК перезагрузился, сеанс ждёт с последней секунды"),
        "computer.paired": _("ПК подключён к клубу"),
        "computer.pairing_refused": _("ПК отклонён"),
        "computer.revoked": _("ПК отключён от клуба"),
        "computer.switched_off": _("ПК выключен штатно"),
        "command.sent": _("Команда отправлена"),
        "command.done": _("Команда выполнена"),
        "command.failed": _("Команда не выполнена"),
        "command.expired": _("Команда осталась без ответа"),
        "alarm.closed": _("Тревога закрыта"),
        "staff.owner_created": _("Создан владелец"),
        "staff.signed_in": _("Сотрудник вошёл"),
        "staff.signed_out": _("Сотрудник вышел"),
        "staff.sign_in_failed": _("Неудачный вход сотрудника"),
        "staff.password_reset": _("Пароль сотрудника сброшен"),
        "tariff.created": _("Тариф добавлен"),
        "tariff.changed": _("Тариф изменён"),
        "tariff.retired": _("Тариф убран из продажи"),
        "application.created": _("Приложение добавлено"),
        "application.changed": _("Приложение изменено"),
        "application.retired": _("Приложение убрано"),
    }
