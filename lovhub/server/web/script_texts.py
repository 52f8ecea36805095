"""The words that scripts show. They travel in the page, so that scripts hold none and catalogues hold all."""

from flask_babel import gettext as _


def script_texts() -> dict[str, str]:
    """Texts by name; `{…}` is filled in by the script."""
    return {
        "theme_system": _("Тема: как в системе"),
        "theme_light": _("Тема: светлая"),
        "theme_dark": _("Тема: тёмная"),
        "undo": _("Вернуть"),
        "offline": _("Нет связи с сервером. Попробуйте ещё раз."),
        "failed": _("Не получилось. Обновите страницу и повторите."),
        "status_off": _("Отключен"),
        "status_active": _("Активен"),
        "status_used": _("Используется"),
        "silent": _("нет связи {seconds} с"),
        "silent_minutes": _("нет связи {minutes} мин"),
        "until": _("не дольше {time}"),
        "off_reserved": _("выключен штатно, время зарезервировано"),
        "switched_off": _("выключен штатно"),
        "vanished": _("пропал без прощания"),
        "lock_broken": _("замок сломан!"),
        "paused": _("пауза"),
        "paused_power_cut": _("пауза: пропало питание"),
        "guest": _("Гость"),
        "seat_guest": _("Посадить гостя"),
        "seat_customer": _("Посадить клиента"),
        "extend": _("Продлить"),
        "pause": _("Пауза"),
        "resume": _("Продолжить"),
        "move": _("Пересадить"),
        "release": _("Снять резерв"),
        "end": _("Завершить"),
        "message": _("Сообщение"),
        "rename": _("Переименовать"),
        "actions": _("Действия"),
        "actions_with": _("Действия с {name}"),
        "approve": _("Подтвердить"),
        "refuse": _("Отклонить"),
        "more_alarms": _("и ещё тревог: {count}"),
        "all_alarms": _("Разобраться"),
        "choose_computers": _("Сначала отметьте ПК."),
        "wants_in": _("хочет подключиться ({address})"),
    }
