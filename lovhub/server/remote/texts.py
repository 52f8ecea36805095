"""Commands to PCs and their answers in words."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

COMMANDS: dict[str, LazyString] = {
    "message": _l("Сообщение"),
    "sign_out": _l("Завершить сеанс"),
    "lock": _l("Закрыть экран"),
    "unlock": _l("Открыть экран"),
    "volume": _l("Громкость"),
    "start": _l("Запустить программу"),
    "restart": _l("Перезагрузить"),
    "shut_down": _l("Выключить"),
    "screenshot": _l("Снимок экрана"),
    "wake": _l("Включить по сети"),
    "find_games": _l("Найти игры"),
}

STATES: dict[str, LazyString] = {
    "sent": _l("ждём ответа"),
    "done": _l("выполнено"),
    "failed": _l("не выполнено"),
    "expired": _l("без ответа"),
}

_DETAILS: dict[str, LazyString] = {
    "expired": _l("пришла слишком поздно, ПК её не выполнил"),
    "done before": _l("уже выполнена раньше"),
    "no_session": _l("сеанса нет или он на паузе"),
    "another_session": _l("за ПК уже другой сеанс"),
    "application_not_available": _l("этой программы на ПК нет, или сеанс на паузе"),
    "application_failed": _l("программа не запустилась"),
    "no_launcher": _l("лаунчер на ПК не отвечает"),
    "screenshot_failed": _l("экран не удалось снять"),
}


def detail(code: str) -> str:
    """Why it was not done; a PC's own words where they are none of ours."""
    return str(_DETAILS.get(code, code))
