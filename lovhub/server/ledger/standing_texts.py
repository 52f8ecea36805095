"""What the check calls the tables of which it holds every row against the log (`journal/standing.py`)."""

from gettext import gettext as _


def names() -> dict[str, str]:
    """Table → what one of its rows is called; the number after it is the row's, or that of whose row it is."""
    return {
        "application": _("Приложение"),
        "application_zone": _("Зона приложения"),
        "bonus_rules": _("Правила бонусов клуба"),
        "bonus_step": _("Ступень бонусов клуба"),
        "club": _("Настройки клуба"),
        "computer": _("ПК"),
        "customer": _("Клиент"),
        "customer_group": _("Группа клиентов"),
        "good": _("Товар"),
        "hall": _("Зал"),
        "holiday": _("Праздник клуба"),
        "pairing_token": _("Ключ подключения"),
        "promo": _("Акция"),
        "promo_code": _("Промокод"),
        "recovery_code": _("Резервный код"),
        "staff": _("Сотрудник"),
        "tariff": _("Тариф"),
        "tariff_group": _("Группа тарифа"),
        "tariff_zone": _("Цена в зоне, тариф"),
        "zone": _("Зона"),
    }
