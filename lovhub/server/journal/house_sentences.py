"""What is done to the club, its people and what it offers, in words."""

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.club import texts as club_texts
from lovhub.server.journal.log import LogRow
from lovhub.server.ledger import standing_texts
from lovhub.server.staff import rights
from lovhub.server.web import formatting
from lovhub.server.web.language import plain as _


def _settings_changed(row: LogRow) -> str:
    changed = ", ".join(
        _(
            "%(name)s: %(old)s → %(new)s",
            name=club_texts.NAMES.get(field, field),
            old=club_texts.shown(field, old),
            new=club_texts.shown(field, new),
        )
        for field, (old, new) in row.data["changes"].items()
    )
    return _("Настройки изменены. %(changed)s", changed=changed)


def _moved(row: LogRow) -> str:
    said = _("Перенесено клиентов: %(count)s", count=row.data.get("customers", 0))
    if row.kind == "move.taken_back":
        said = _("Перенос отменён, клиентов удалено: %(count)s", count=row.data.get("customers", 0))
    money = formatting.club_money(int(row.data.get("balance_tiyn", 0)))
    time = formatting.duration(int(row.data.get("seconds", 0)))
    return f"{said} ({row.data.get('title', '')}; {money}; {time})"


def _backup_made(row: LogRow) -> str:
    sound = row.data["check"] == "sound"
    state = _("проверена, цела") if sound else _("не прошла проверку")
    return _("Резервная копия сделана (%(state)s): %(name)s", state=state, name=row.data["name"])


def _logs_pruned(row: LogRow) -> str:
    return _(
        "Старые логи убраны: запусков %(launches)s, входов %(sign_ins)s, вызовов и команд %(messages)s",
        launches=row.data.get("launches", 0),
        sign_ins=row.data.get("sign_ins", 0),
        messages=row.data.get("messages", 0),
    )


def _restored(row: LogRow) -> str:
    return _("Клуб восстановлен из копии %(name)s", name=row.data["name"])


def _relocated(row: LogRow) -> str:
    return _("База клуба перенесена в PostgreSQL, строк: %(count)s", count=row.data["rows"])


def _about_person(row: LogRow) -> str:
    """Who did it is said beside; here, to whom."""
    text = str(_PEOPLE[row.kind])
    name = row.data.get("person_name")
    return f"{text}: {name}" if name else text


def _role_changed(row: LogRow) -> str:
    return _(
        "Роль изменена: %(name)s, %(old)s → %(new)s",
        name=row.data.get("person_name", ""),
        old=rights.ROLE_NAMES[row.data["old_role"]],
        new=rights.ROLE_NAMES[row.data["new_role"]],
    )


def _second_factor_rule(row: LogRow) -> str:
    roles = [str(rights.ROLE_NAMES[role]) for role in str(row.data.get("roles", "")).split()]
    if not roles:
        return _("Второй фактор больше не обязателен")
    return _("Второй фактор обязателен: %(roles)s", roles=", ".join(roles))


def _addresses(row: LogRow) -> str:
    addresses = str(row.data.get("addresses", ""))
    if not addresses:
        return _("Входить можно отовсюду")
    return _("Входить можно только с адресов: %(addresses)s", addresses=addresses)


def _recovery_code_used(row: LogRow) -> str:
    return _("Вход по резервному коду, осталось кодов: %(n)s", n=row.data.get("left", 0))


def _rows_changed(row: LogRow) -> str:
    names = standing_texts.names()
    tables = (names.get(table, table) for table in row.data.get("tables", ()))
    return _("Изменены строки базы: %(tables)s", tables=", ".join(tables))


def _rows_taken_up(row: LogRow) -> str:
    return _(
        "Цены, права, настройки, данные клиентов и сессии приняты такими, какие они есть, строк: %(count)s",
        count=row.data["rows"],
    )


_PEOPLE = {
    "staff.created": _l("Заведён сотрудник"),
    "staff.changed": _l("Изменена учётная запись"),
    "staff.disabled": _l("Вход закрыт"),
    "staff.enabled": _l("Вход открыт"),
    "staff.password_reset": _l("Пароль сотрудника сброшен"),
    "staff.password_changed": _l("Пароль сменён"),
    "staff.second_factor_on": _l("Второй фактор включён"),
    "staff.second_factor_off": _l("Второй фактор выключен"),
    "staff.second_factor_failed": _l("Неверный код второго фактора"),
    "staff.second_factor_reset": _l("Второй фактор сброшен"),
    "staff.recovery_codes_renewed": _l("Выпущены новые резервные коды"),
    "staff.account_named": _l("Указан счёт сотрудника"),
    "staff.account_cleared": _l("Убран счёт сотрудника"),
    "staff.unlinked": _l("Владелец отвязал этот клуб от остальных своих"),
    "staff.link_code_made": _l("Показан код для связи клубов"),
    "staff.session_ended": _l("Завершён сеанс входа"),
    "staff.other_sessions_ended": _l("Завершены все другие сеансы входа"),
}
"""What is done to an account."""


def _linked(row: LogRow) -> str:
    return _("Владелец связал этот клуб с клубом «%(club)s»", club=row.data["club"])


def _customers_shared(row: LogRow) -> str:
    return _("Клиенты теперь общие с клубом «%(club)s»", club=row.data["of"])


def _customers_taken_up(row: LogRow) -> str:
    return _("Клуб «%(club)s» взял клиентов этого клуба: теперь они общие", club=row.data["by"])


def _share_asked(row: LogRow) -> str:
    return _(
        "Отправлена просьба сделать клиентов общими с клубом «%(club)s»", club=row.data["club"]
    )


def _share_wanted(row: LogRow) -> str:
    return _("Клуб «%(club)s» просит сделать клиентов общими", club=row.data["club"])


def _share_refused(row: LogRow) -> str:
    return _("Отказ: клиенты не стали общими с клубом «%(club)s»", club=row.data["club"])


def _share_withdrawn(row: LogRow) -> str:
    return _("Просьба сделать клиентов общими отозвана, клуб «%(club)s»", club=row.data["club"])


SENTENCES: dict[str, Callable[[LogRow], str]] = {
    **dict.fromkeys(_PEOPLE, _about_person),
    "staff.role_changed": _role_changed,
    "staff.second_factor_rule_changed": _second_factor_rule,
    "staff.addresses_changed": _addresses,
    "staff.recovery_code_used": _recovery_code_used,
    "club.backup_made": _backup_made,
    "club.logs_pruned": _logs_pruned,
    "club.restored": _restored,
    "staff.linked": _linked,
    "club.customers_shared": _customers_shared,
    "club.customers_taken_up": _customers_taken_up,
    "club.share_asked": _share_asked,
    "club.share_wanted": _share_wanted,
    "club.share_refused": _share_refused,
    "club.share_withdrawn": _share_withdrawn,
    "club.relocated": _relocated,
    "club.settings_changed": _settings_changed,
    "move.imported": _moved,
    "rows.changed": _rows_changed,
    "rows.taken_up": _rows_taken_up,
    "move.taken_back": _moved,
}
"""Kind of event → its sentence."""

SIMPLE: dict[str, LazyString] = {
    "club.checklist_closed": _l("Список первого вечера убран с дашборда"),
    "club.checklist_shown": _l("Список первого вечера возвращён на дашборд"),
    "club.demo_made": _l("Добавлены примеры: зал, тарифы, приложения, клиенты"),
    "club.demo_removed": _l("Примеры убраны"),
    "club.backup_failed": _l("Резервную копию сделать не удалось"),
    "club.backup_downloaded": _l("Резервная копия скачана"),
    "club.backup_passphrase_set": _l("Задан пароль для резервных копий"),
    "staff.owner_created": _l("Создан владелец"),
    "staff.signed_in": _l("Сотрудник вошёл"),
    "staff.signed_out": _l("Сотрудник вышел"),
    "staff.signed_in_at_pc": _l("Сотрудник вошёл на игровом ПК"),
    "staff.sign_in_failed": _l("Неудачный вход сотрудника"),
    "tariff.created": _l("Тариф добавлен"),
    "tariff.changed": _l("Тариф изменён"),
    "tariff.retired": _l("Тариф убран из продажи"),
    "tariff.restored": _l("Тариф снова продаётся"),
    "tariff.moved": _l("Изменён порядок тарифов"),
    "tariff.holidays_changed": _l("Изменён список праздников"),
    "group.created": _l("Группа клиентов добавлена"),
    "group.changed": _l("Группа клиентов изменена"),
    "group.removed": _l("Группа клиентов убрана"),
    "notice.target_set": _l("Изменено, куда и о чём приходят сообщения владельцу"),
    "notice.test": _l("Отправлена проверка сообщений владельцу"),
    "notice.given_up": _l("Сообщение владельцу не ушло и отменено"),
    "good.created": _l("Товар добавлен"),
    "good.changed": _l("Товар изменён"),
    "good.retired": _l("Товар убран из продажи"),
    "good.restored": _l("Товар снова продаётся"),
    "application.created": _l("Приложение добавлено"),
    "application.changed": _l("Приложение изменено"),
    "application.retired": _l("Приложение убрано"),
    "application.restored": _l("Приложение снова в списке"),
    "application.picture_changed": _l("Новая картинка приложения"),
    "application.picture_removed": _l("Убрана картинка приложения"),
    "application.limited": _l("Изменены зоны приложения"),
    "application.moved": _l("Изменён порядок приложений"),
}
"""Kind of event → its sentence, which says nothing of what stands in the event."""
