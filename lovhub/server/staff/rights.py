"""Who may do what: the table of rights by role. What each page asks for stands in `endpoints.py`.

Roles: `owner` (may do everything), `manager` (runs the club: money, prices, mistakes), `cashier` (the desk),
`technician` (the PCs, no money).
"""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.staff.rules import ROLES

ROLE_NAMES: dict[str, LazyString] = {
    "owner": _l("Владелец"),
    "manager": _l("Управляющий"),
    "cashier": _l("Кассир"),
    "technician": _l("Техник"),
}

RIGHTS: dict[str, frozenset[str]] = {
    "signed_in": frozenset(ROLES),
    "see_hall": frozenset(ROLES),
    "see_log": frozenset(ROLES),
    "see_customers": frozenset({"owner", "manager", "cashier"}),
    "see_revenue": frozenset({"owner", "manager"}),
    "see_suspicious": frozenset({"owner", "manager"}),
    "see_chain": frozenset({"owner"}),
    "register_customers": frozenset({"owner", "manager", "cashier"}),
    "confirm_ages": frozenset({"owner", "manager", "cashier"}),
    "let_minors_stay": frozenset({"owner", "manager", "cashier"}),
    "sell": frozenset({"owner", "manager", "cashier"}),
    "give_time": frozenset({"owner", "manager", "cashier"}),
    "sell_in_debt": frozenset({"owner", "manager", "cashier"}),
    "forgive_debts": frozenset({"owner", "manager"}),
    "run_shifts": frozenset({"owner", "manager", "cashier"}),
    "give_more_time": frozenset({"owner", "manager"}),
    "close_any_shift": frozenset({"owner", "manager"}),
    "delete_customers": frozenset({"owner", "manager"}),
    "take_out_customer_data": frozenset({"owner", "manager"}),
    "see_contacts": frozenset({"owner", "manager"}),
    "reveal_contacts": frozenset({"owner", "manager", "cashier"}),
    "give_bonuses": frozenset({"owner", "manager", "cashier"}),
    "give_more_bonuses": frozenset({"owner", "manager"}),
    "set_groups": frozenset({"owner", "manager"}),
    "manage_loyalty": frozenset({"owner", "manager"}),
    "take_back_money": frozenset({"owner", "manager"}),
    "manage_payments": frozenset({"owner", "manager"}),
    "see_fiscal": frozenset({"owner", "manager"}),
    "run_sessions": frozenset({"owner", "manager", "cashier"}),
    "message_players": frozenset(ROLES),
    "handle_computers": frozenset(ROLES),
    "switch_computers": frozenset({"owner", "manager", "technician"}),
    "take_screenshots": frozenset({"owner", "manager", "technician"}),
    "handle_alarms": frozenset(ROLES),
    "answer_calls": frozenset(ROLES),
    "mark_computers": frozenset(ROLES),
    "open_for_maintenance": frozenset({"owner", "manager", "technician"}),
    "manage_computers": frozenset({"owner", "manager", "technician"}),
    "make_pairing_tokens": frozenset({"owner", "manager", "technician"}),
    "manage_updates": frozenset({"owner", "manager", "technician"}),
    "manage_applications": frozenset({"owner", "manager", "technician"}),
    "manage_goods": frozenset({"owner", "manager"}),
    "manage_tariffs": frozenset({"owner", "manager"}),
    "export_lists": frozenset({"owner", "manager"}),
    "move_in": frozenset({"owner", "manager"}),
    "see_settings": frozenset({"owner", "manager"}),
    "change_settings": frozenset({"owner"}),
    "manage_people": frozenset({"owner", "manager"}),
    "manage_sign_ins": frozenset({"owner"}),
    "see_status": frozenset({"owner", "manager", "technician"}),
    "make_backups": frozenset({"owner", "manager"}),
    "manage_backups": frozenset({"owner"}),
}
"""Right → the roles that have it. `docs/rights.md` shows this table to owners: `scripts/rights.py` writes it."""

NAMES: dict[str, LazyString] = {
    "signed_in": _l("Войти; видеть тарифы и приложения; своя учётная запись"),
    "see_hall": _l("Видеть зал: ПК, игроков, тревоги"),
    "see_log": _l("Читать логи"),
    "see_customers": _l("Видеть клиентов и их балансы"),
    "see_revenue": _l("Видеть выручку и отчёты"),
    "see_chain": _l("Видеть свои клубы рядом и связывать их в сеть"),
    "see_suspicious": _l("Видеть подозрительное: отмены, правки, расхождения по людям"),
    "register_customers": _l("Регистрировать клиентов"),
    "confirm_ages": _l("Подтверждать возраст по документу"),
    "let_minors_stay": _l("Оставлять на ночь несовершеннолетних, пришедших с родителями"),
    "sell": _l("Продавать: пополнять баланс, сажать, продлевать"),
    "run_shifts": _l("Открывать и закрывать свою смену, вносить и выдавать деньги"),
    "close_any_shift": _l("Закрывать чужую смену, и без пересчёта"),
    "give_more_time": _l("Добавлять время без денег сверх предела за смену"),
    "delete_customers": _l("Удалять клиентов"),
    "take_out_customer_data": _l("Выгружать все данные одного клиента файлом, по его просьбе"),
    "see_contacts": _l("Видеть телефоны и даты рождения клиентов целиком"),
    "reveal_contacts": _l(
        "Открывать телефон и дату рождения одного клиента нажатием, с записью в логи"
    ),
    "move_in": _l("Переносить клиентов из файла и отменять перенос"),
    "give_time": _l("Добавлять время без денег, с причиной"),
    "sell_in_debt": _l("Сажать в долг, если владелец разрешил и до его предела"),
    "forgive_debts": _l("Прощать долги клиентов, с причиной"),
    "give_bonuses": _l("Начислять бонусы, с причиной"),
    "give_more_bonuses": _l("Начислять бонусы сверх предела за смену"),
    "set_groups": _l("Относить клиентов к группам"),
    "manage_loyalty": _l("Вести группы и скидки, правила бонусов, промокоды"),
    "take_back_money": _l("Возвращать чужие ошибочные пополнения"),
    "manage_payments": _l("Возвращать платежи Kaspi, решать спорные, сверять с банком"),
    "see_fiscal": _l("Видеть фискальные чеки и отправлять их ещё раз"),
    "run_sessions": _l("Вести сеансы: пауза, пересадка, завершение"),
    "message_players": _l("Писать игрокам сообщения"),
    "handle_computers": _l("Закрывать и открывать экран ПК, менять громкость, включать ПК по сети"),
    "switch_computers": _l("Перезагружать и выключать ПК, запускать на них программы"),
    "take_screenshots": _l("Смотреть снимок экрана игрока"),
    "answer_calls": _l("Отвечать на вызовы игроков"),
    "handle_alarms": _l("Закрывать тревоги"),
    "mark_computers": _l("Отмечать ПК сломанными и откладывать для кого‑то"),
    "open_for_maintenance": _l("Открывать ПК без клиента для обслуживания, на время и с причиной"),
    "manage_computers": _l("Подключать и переименовывать ПК; залы и зоны"),
    "make_pairing_tokens": _l("Делать и отзывать ключи, с которыми ПК ставят по многу сразу"),
    "manage_updates": _l("Останавливать и разрешать обновление ПК"),
    "manage_applications": _l("Менять приложения"),
    "export_lists": _l("Выгружать списки в CSV и XLSX"),
    "manage_goods": _l("Менять список товаров и цены"),
    "manage_tariffs": _l("Менять тарифы и цены"),
    "see_settings": _l("Видеть настройки клуба"),
    "change_settings": _l("Менять настройки клуба"),
    "see_status": _l("Видеть состояние системы"),
    "make_backups": _l("Делать и проверять резервные копии"),
    "manage_backups": _l("Скачивать копии и восстанавливать клуб из них"),
    "manage_people": _l("Вести сотрудников (управляющий — кассиров и техников)"),
    "manage_sign_ins": _l("Видеть и завершать чужие сеансы входа; требовать второй фактор"),
}
"""Right → what it lets one do, in words for the owner."""


def may(role: str, right: str) -> bool:
    """Whether people of this role have the right. KeyError for a right that does not exist."""
    return role in RIGHTS[right]
