"""What the check calls tables and columns, where it tells of a single row.

See `journal/standing.py`, `database/row_seals.py` and `misfits.py`.
"""

import re

from flask_babel import gettext as _


def names() -> dict[str, str]:
    """Table → what one of its rows is called; the number after it is the row's, or that of whose row it is."""
    return {
        "account_balance": _("Предел счёта"),
        "alarm": _("Тревога"),
        "application": _("Приложение"),
        "application_picture": _("Картинка приложения"),
        "application_zone": _("Зона приложения"),
        "bank_day": _("День сверки с банком"),
        "bank_day_operation": _("Операция дня сверки с банком"),
        "bank_line": _("Строка выписки банка"),
        "bonus_rules": _("Правила бонусов клуба"),
        "bonus_step": _("Ступень бонусов клуба"),
        "book_day": _("Итоги дня для отчётов"),
        "call": _("Вызов к ПК"),
        "closed_day": _("Закрытый день отчётов"),
        "closed_fortnight": _("Закрытые две недели отчётов"),
        "club": _("Настройки клуба"),
        "computer": _("ПК"),
        "computer_condition": _("Отметка о ПК"),
        "computer_link": _("Связь с ПК"),
        "computer_update": _("Обновление ПК"),
        "customer": _("Клиент"),
        "customer_group": _("Группа клиентов"),
        "customer_habits": _("Привычки клиента"),
        "customer_pin": _("PIN клиента"),
        "demo_item": _("Строка демонстрации"),
        "desk": _("Касса"),
        "desk_posting": _("Чек кассы, операция"),
        "ending_dismissal": _("Скрытое напоминание о сессии"),
        "event": _("Событие"),
        "favourite_application": _("Любимое приложение клиента"),
        "fiscal_document": _("Фискальный документ"),
        "good": _("Товар"),
        "good_sale": _("Продажа товара"),
        "hall": _("Зал"),
        "hold": _("Время, отложенное для сессии"),
        "holiday": _("Праздник клуба"),
        "journal_block": _("Блок цепочки событий"),
        "launch": _("Запуск программы"),
        "ledger_account": _("Счёт"),
        "ledger_block": _("Блок цепочки учёта"),
        "ledger_posting": _("Операция учёта"),
        "ledger_seal": _("Печать операции"),
        "ledger_transfer": _("Перевод"),
        "lot": _("Покупка"),
        "maintenance": _("Обслуживание ПК"),
        "maintenance_code": _("Код обслуживания"),
        "meter": _("Поминутная игра, покупка"),
        "money_flow": _("Движение денег в отчётах"),
        "move": _("Перенос из другой системы"),
        "move_part": _("Часть перенесённого файла"),
        "moved_customer": _("Перенесённый клиент"),
        "node": _("Сервер сети"),
        "node_letter": _("Письмо серверу сети"),
        "notice": _("Уведомление"),
        "notice_target": _("Куда слать уведомления"),
        "pairing_token": _("Ключ подключения"),
        "payment": _("Платёж"),
        "payment_order": _("Заказ платежа"),
        "payment_refund": _("Возврат платежа"),
        "payment_step": _("Шаг платежа"),
        "pc_command": _("Команда ПК"),
        "pc_hardware": _("Железо ПК"),
        "play_session": _("Сессия"),
        "promo": _("Акция"),
        "promo_code": _("Промокод"),
        "promo_use": _("Использование акции"),
        "provider_event": _("Ответ платёжной системе"),
        "receipt_print": _("Печать чека"),
        "recovery_code": _("Резервный код"),
        "seat_code": _("Код гостя"),
        "share_request": _("Приглашение в сеть клубов"),
        "shift": _("Смена"),
        "signs_of_life": _("Последние сигналы ПК"),
        "staff": _("Сотрудник"),
        "staff_session": _("Вход сотрудника"),
        "standing": _("Строка о том, как стоят настройки, №"),
        "summed_until": _("До какого времени сведены отчёты"),
        "suspicious_day": _("День в отчёте о подозрительном"),
        "suspicious_lead": _("Подозрительный случай"),
        "suspicious_lead_until": _("До какого времени искали подозрительное"),
        "tariff": _("Тариф"),
        "tariff_group": _("Группа тарифа"),
        "tariff_zone": _("Цена в зоне, тариф"),
        "trouble": _("Неполадка клуба"),
        "update_plan": _("План обновления ПК"),
        "without_agent": _("Время ПК без LoVHub"),
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
