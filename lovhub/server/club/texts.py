"""The club's settings in words."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.languages import LANGUAGES
from lovhub.server.web import formatting

NAMES = {
    "name": _l("Название клуба"),
    "language": _l("Язык"),
    "time_zone": _l("Часовой пояс"),
    "currency": _l("Валюта"),
    "day_starts_at": _l("Начало рабочего дня"),
    "lease_seconds": _l("Сколько ПК играет без связи"),
    "grace_seconds": _l("Сколько игра ждёт оплаты"),
    "traces": _l("Что убирать за игроком"),
    "power_cut_rule": _l("Пропало питание"),
    "silence_rule": _l("ПК не вернулся"),
    "cached_sign_ins": _l("Доиграть своё по паролю, пока нет связи"),
    "zone_rule": _l("Купленное время в зоне с другой ценой"),
    "backup_at": _l("Время ночной копии"),
    "backups_kept": _l("Сколько копий хранить"),
    "second_backup_folder": _l("Вторая папка для копий"),
    "sales_need_shift": _l("Деньги только при открытой смене"),
    "given_minutes_per_shift": _l("Минут без денег от кассира за смену"),
    "debt_limit_tiyn": _l("Игра в долг: сколько может быть должен один клиент"),
    "registers_at_pc": _l("Игроки регистрируются сами за ПК"),
    "minors_rule": _l("Несовершеннолетние без родителей не играют с 22:00 до 06:00"),
    "on_without_session_minutes": _l("Минут, после которых ПК без сеанса подозрителен"),
    "tells_without_agent": _l("Искать в сети ПК, включённые без агента"),
    "printer_address": _l("Адрес принтера чеков"),
    "printer_charset": _l("Кодировка принтера"),
    "printer_width": _l("Букв в строке принтера"),
    "warn_unseen_days": _l("ПК не появлялся, дней"),
    "warn_disk_free_gb": _l("Мало места на диске, ГБ"),
    "warn_backup_hours": _l("Нет свежей копии, часов"),
    "keep_launches_days": _l("Запуски программ хранить, дней"),
    "keep_sign_ins_days": _l("Входы хранить, дней"),
    "keep_messages_days": _l("Вызовы и команды хранить, дней"),
}
"""What each setting is called."""

POWER_CUT_RULES = {
    "pause": _l("Пауза с последней секунды: игрок теряет не больше 5 секунд"),
    "run_on": _l("Время идёт дальше, как будто питание не пропадало"),
    "end": _l("Сеанс завершается, остаток времени возвращается клиенту"),
}
"""What becomes of a session whose PC lost power."""

SILENCE_RULES = {
    "wait": _l("Ждать ПК или решения стойки: секунды остаются в резерве"),
    "consume": _l("Считать сыгранными"),
    "return": _l("Вернуть клиенту"),
}
"""What becomes of the seconds leased to a PC that never came back."""

ZONE_RULES = {
    "free": _l("Играют в любой зоне, ничего не доплачивая"),
    "difference": _l("В зоне дороже — доплата за остаток"),
    "convert": _l(
        "Время пересчитывается по ценам: в зоне дороже его меньше, в зоне дешевле больше"
    ),
}
"""What becomes of bought time in a zone with another price."""

TIME_ZONES = {
    "Asia/Almaty": _l("Алматы, Астана, Казахстан, UTC+5"),
    "Asia/Bishkek": _l("Бишкек, Киргизия, UTC+6"),
    "Asia/Tashkent": _l("Ташкент, Узбекистан, UTC+5"),
    "Asia/Dushanbe": _l("Душанбе, Таджикистан, UTC+5"),
    "Europe/Kaliningrad": _l("Калининград, UTC+2"),
    "Europe/Moscow": _l("Москва, UTC+3"),
    "Europe/Minsk": _l("Минск, Беларусь, UTC+3"),
    "Europe/Samara": _l("Самара, UTC+4"),
    "Asia/Yekaterinburg": _l("Екатеринбург, UTC+5"),
    "Asia/Omsk": _l("Омск, UTC+6"),
    "Asia/Novosibirsk": _l("Новосибирск, UTC+7"),
    "Asia/Krasnoyarsk": _l("Красноярск, UTC+7"),
    "Asia/Irkutsk": _l("Иркутск, UTC+8"),
    "Asia/Vladivostok": _l("Владивосток, UTC+10"),
    "Asia/Baku": _l("Баку, Азербайджан, UTC+4"),
    "Asia/Yerevan": _l("Ереван, Армения, UTC+4"),
    "Asia/Tbilisi": _l("Тбилиси, Грузия, UTC+4"),
}
"""Time zones that are asked for most, under the names by which people look for them."""


@dataclass(frozen=True)
class StepText:
    """A step of the first evening: what to do, and what for."""

    title: LazyString
    why: LazyString


FIRST_EVENING = {
    "halls": StepText(
        _l("Разметьте залы и зоны"),
        _l("«Общий зал», «VIP»: так ПК видны на карте зала, а у зон бывают свои тарифы."),
    ),
    "tariffs": StepText(
        _l("Добавьте тарифы"), _l("Например, «1 час» за 500. Без тарифа нечего продать.")
    ),
    "applications": StepText(
        _l("Добавьте игры и программы"), _l("Их игрок увидит на экране ПК плитками.")
    ),
    "computers": StepText(
        _l("Подключите игровые ПК"),
        _l("Запустите на ПК LoVHub и сравните шесть цифр на его экране и на странице."),
    ),
    "staff": StepText(
        _l("Заведите сотрудников"),
        _l("У каждого свой вход: так видно, кто пополнил и кто отменил."),
    ),
    "customers": StepText(
        _l("Зарегистрируйте первого клиента"), _l("Или посадите гостя: ему аккаунт не нужен.")
    ),
    "played": StepText(
        _l("Посадите первого игрока"), _l("Хотя бы себя: продайте час и проверьте, как идёт время.")
    ),
    "backup": StepText(
        _l("Сделайте резервную копию"),
        _l("Дальше они делаются сами каждую ночь; первую сделайте сейчас и проверьте."),
    ),
    "passphrase": StepText(
        _l("Задайте пароль для копий"),
        _l("Тогда в копии лягут ключи клуба, и на новом компьютере ПК узнают сервер."),
    ),
    "second_folder": StepText(
        _l("Задайте вторую папку для копий"),
        _l("На другом диске или в сети: умрёт диск — копии останутся."),
    ),
}
"""The steps in words."""


def shown(field: str, value: object) -> str:
    """A setting's value as people read it."""
    if field in {"day_starts_at", "backup_at"} and isinstance(value, int):
        return time_of_day(value)
    if field in {"lease_seconds", "grace_seconds"} and isinstance(value, int):
        return str(_("%(n)s мин", n=value // 60))
    if field == "traces" and value:
        return ", ".join(str(value).splitlines())
    if field == "debt_limit_tiyn" and isinstance(value, int):
        return formatting.money(value, formatting.currency_sign())
    if isinstance(value, bool):
        return str(_("да")) if value else str(_("нет"))
    named = {
        "language": LANGUAGES,
        "power_cut_rule": POWER_CUT_RULES,
        "silence_rule": SILENCE_RULES,
        "zone_rule": ZONE_RULES,
    }.get(field, {})
    text = str(named.get(str(value), value))
    return f"«{text}»" if text else str(_("пусто"))


def time_of_day(seconds: int) -> str:
    """28800 → «08:00»."""
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours:02}:{minutes:02}"
