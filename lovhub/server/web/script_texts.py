"""The words that scripts show. They travel in the page, so that scripts hold none and catalogues hold all."""

from functools import cache

from babel.support import NullTranslations
from flask.json import dumps
from flask_babel import get_domain
from flask_babel import gettext as _
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from lovhub.server.journal.texts import alarm_parts, alarm_texts


def script_texts_json() -> Markup:
    """The texts as they stand in every page, in the language of this request."""
    return _json(get_domain().get_translations())


@cache
def _json(_catalogue: NullTranslations) -> Markup:
    # A catalogue stays as it is while the server runs; four hundred texts need not be looked up for every page.
    return htmlsafe_json_dumps(script_texts(), dumps=dumps)


def script_texts() -> dict[str, str]:
    """Texts by name; `{…}` is filled in by the script."""
    return {
        "theme_system": _("Тема: как в системе"),
        "theme_light": _("Тема: светлая"),
        "theme_dark": _("Тема: тёмная"),
        "undo": _("Вернуть"),
        "print_receipt": _("Печать чека"),
        "offline": _("Нет связи с сервером. Попробуйте ещё раз."),
        "overloaded": _("Сервер перегружен, повторите через {seconds} с."),
        "failed": _("Не получилось. Обновите страницу и повторите."),
        "nothing_found": _(
            "Ничего не нашли. Ищите по логину, телефону, имени, номеру ПК или названию."
        ),
        "key_field": _("В поле поиска этой страницы"),
        "key_palette": _("Искать клиента, ПК, игру, раздел"),
        "key_help": _("Показать эти клавиши"),
        "key_attention": _("Открыть и закрыть «Требует внимания»"),
        "key_select_all": _("Выбрать все ПК на странице"),
        "key_select": _("Выбрать ПК, на котором стоит фокус"),
        "key_select_none": _("Снять выбор с ПК"),
        "key_open_pc": _("Открыть ПК по номеру (здесь: 17)"),
        "key_select_pc": _("Выбрать ПК по номеру (здесь: 17)"),
        "key_menu": _("По строкам открытого меню ПК"),
        "key_choose_row": _("В поле поиска: выбрать клиента"),
        "key_open_row": _("В поле поиска: пополнить выбранного или первого"),
        "key_amounts": _("В поле суммы или минут: готовые значения"),
        "key_counter_on": _("На тарифе: дальше, к деньгам и к кнопке"),
        "key_counter_found": _("В поиске клиента: выбрать из найденных"),
        "key_leave_row": _("Закрыть форму в строке"),
        "restarting": _("Сервер перезапускается. Страница ждёт его."),
        "status_off": _("Отключен"),
        "status_active": _("Активен"),
        "status_used": _("Используется"),
        "broken_because": _("сломан: {reason}"),
        "kept_for": _("отложен до {time}: {who}"),
        "till": _("до {time}"),
        "zone_title": _("{name} · свободно {free} из {total}"),
        "without_zone": _("Без зоны"),
        "tile_lock": _("Замок сломан"),
        "tile_lock_short": _("Замок!"),
        "tile_broken": _("Сломан"),
        "tile_broken_short": _("Сломан"),
        "tile_lost": _("Нет связи"),
        "tile_lost_short": _("Нет связи"),
        "tile_off": _("Отключен"),
        "tile_off_short": _("Отключен"),
        "tile_used": _("Используется"),
        "tile_used_short": _("Занят"),
        "tile_paused": _("Пауза"),
        "tile_paused_short": _("Пауза"),
        "tile_kept": _("Отложен"),
        "tile_kept_short": _("Ждёт"),
        "tile_free": _("Активен"),
        "tile_free_short": _("Активен"),
        "tile_maintenance": _("Обслуживание"),
        "tile_maintenance_short": _("Техник"),
        "maintenance_by": _("обслуживание, до {time}: {who}, {reason}"),
        "maintenance": _("Открыть для обслуживания"),
        "maintenance_end": _("Закончить обслуживание"),
        "keep": _("Отложить"),
        "let_go": _("Больше не откладывать"),
        "mark_broken": _("Сломан"),
        "mend": _("Исправен"),
        "silent": _("нет связи {seconds} с"),
        "silent_minutes": _("нет связи {minutes} мин"),
        "until": _("не дольше {time}"),
        "off_reserved": _("выключен штатно, время зарезервировано"),
        "switched_off": _("выключен штатно"),
        "vanished": _("пропал без прощания"),
        "no_agent": _("включён без агента!"),
        "tile_no_agent": _("Без агента"),
        "tile_no_agent_short": _("Без агента"),
        "lock_broken": _("замок сломан!"),
        "launcher_silent": _("лаунчер не отвечает"),
        "paused": _("пауза"),
        "paused_player": _("пауза: поставил игрок"),
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
        "remote": _("Команды ПК"),
        "rename": _("Переименовать"),
        "actions": _("Действия"),
        "actions_with": _("Действия с {name}"),
        "with_bonuses": _("{amount} и бонусами {bonus}"),
        "change_due": _("Сдача {amount}"),
        "change_short": _("Не хватает {amount}"),
        "parts_missing": _("Осталось разделить {amount}"),
        "parts_beyond": _("Больше цены на {amount}"),
        "selected": _("Выбрано: {count}"),
        "select_pc": _("Выбрать {name}"),
        "number_opens": _("→ {name}: Enter открыть, X выбрать"),
        "number_which": _("какой из них?"),
        "no_such_pc": _("— такого ПК нет"),
        "approve": _("Подтвердить"),
        "approve_many": _("Подключить сразу несколько"),
        "refuse": _("Отклонить"),
        "attention_count": _("Требует внимания: {count}"),
        "call_device": _("Мышь, клавиатура, звук"),
        "call_game": _("Игра"),
        "call_money": _("Деньги и время"),
        "call_other": _("Другое"),
        "time_ends": _("кончается время"),
        "night_minor": _("несовершеннолетний без родителей: в 22:00 сеанс остановится"),
        "night_unconfirmed": _("возраст не подтверждён: в 22:00 сеанс остановится"),
        "night_waits": _("ночь, время стоит: нужен документ или родители"),
        "take_debt": _("Принять оплату"),
        "let_stay": _("Оставить на ночь"),
        "left": _("осталось {time}"),
        "just_now": _("только что"),
        "minutes_ago": _("{minutes} мин назад"),
        "taken_by": _("занимается {name}"),
        "take_call": _("Иду"),
        "close_call": _("Готово"),
        "take_alarm": _("Взять"),
        "close_alarm": _("Закрыть"),
        "dismiss": _("Убрать"),
        "alarm_seconds": _("{text} ({seconds} с)"),
        "choose_computers": _("Сначала отметьте ПК."),
        "wants_in": _("хочет подключиться ({address})"),
        **{f"alarm_{kind}": text for kind, text in alarm_texts().items()},
        **{f"part_{part}": text for part, text in alarm_parts().items()},
    }
