"""What the check calls the tables of which it holds every row against the log (`journal/standing.py`), and columns."""

import re
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


def in_words(detail: str) -> str:
    """What differs in a row (`Difference.detail`), with columns called as people call them, where they have a name."""
    names = _columns()
    return _COLUMN.sub(lambda found: names.get(found[0], found[0]), detail)


_COLUMN = re.compile(r"(?:^|(?<=, ))\w+")


def _columns() -> dict[str, str]:
    return {
        "age_confirmed_at": _("когда подтверждён возраст"),
        "age_confirmed_by": _("кто подтвердил возраст"),
        "age_document": _("документ о возрасте"),
        "balance_account_id": _("счёт баланса"),
        "birth_date": _("дата рождения"),
        "club_id": _("клуб"),
        "created_at": _("когда заведён"),
        "deleted_at": _("когда удалён"),
        "group_id": _("группа"),
        "login": _("логин"),
        "login_key": _("логин для входа"),
        "name": _("имя или название"),
        "name_key": _("имя или название для поиска"),
        "password_hash": _("пароль"),
        "phone": _("телефон"),
        "salt": _("соль для хешей"),
    }
