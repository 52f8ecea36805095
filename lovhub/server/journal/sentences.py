"""Every event in words: who did what."""

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.club import texts as club_texts
from lovhub.server.journal import money_sentences
from lovhub.server.journal.log import LogRow
from lovhub.server.journal.texts import alarm_text
from lovhub.server.remote import texts as remote_texts
from lovhub.server.staff import rights
from lovhub.server.updates import texts as update_texts
from lovhub.server.web import formatting, texts

_ENDS = {
    "time_over": _l("время вышло"),
    "signed_out": _l("игрок вышел"),
    "ended_by_desk": _l("завершил администратор"),
    "moved": _l("игрок пересел"),
    "power_cut": _l("пропало питание"),
    "lease_over": _l("кончилась аренда времени"),
    "released": _l("снят резерв"),
    "night": _l("ночь: несовершеннолетние без родителей не играют"),
}


_TITLED = ("tariff.", "group.", "good.", "application.", "hall.", "zone.")


def end_reason(code: str) -> str:
    """Why a session ended."""
    return str(_ENDS.get(code, code))


def kind_names() -> dict[str, str]:
    """Names of the filter's choices."""
    return {
        "launch": _("Запуски"),
        "sign_in": _("Входы"),
        "customer": _("Клиенты"),
        "session": _("Сеансы"),
        "money": _("Деньги"),
        "computer": _("ПК"),
        "alarm": _("Тревоги"),
        "call": _("Вызовы"),
        "staff": _("Сотрудники и настройки"),
    }


def sentence(row: LogRow) -> str:
    """The line's text, without time, PC and customer, which have columns of their own."""
    special = _SPECIAL.get(row.kind)
    if special is not None:
        return special(row)
    text = str(_simple().get(row.kind, row.kind))
    named = row.data.get("title") if row.kind.startswith(_TITLED) else None
    return f"{text}: {named}" if named else text


def _launch(row: LogRow) -> str:
    ran = row.data.get("ran_seconds")
    text = _("Запуск: %(title)s", title=row.application_title)
    return text if ran is None else f"{text}, {formatting.duration(int(ran))}"


def _alarm(row: LogRow) -> str:
    return _("Тревога: %(text)s", text=alarm_text(str(row.data.get("alarm")), "", row.data))


def _deleted(row: LogRow) -> str:
    text = _("Клиент удалён")
    if row.data.get("paid_tiyn"):
        text += _(
            ", выдано наличными %(amount)s", amount=money_sentences.money(row.data["paid_tiyn"])
        )
    if row.data.get("written_off_tiyn"):
        text += _(
            ", списано %(amount)s", amount=money_sentences.money(row.data["written_off_tiyn"])
        )
    if row.data.get("unplayed_seconds"):
        time = formatting.duration(int(row.data["unplayed_seconds"]))
        text += _(", не сыграно %(time)s", time=time)
    if row.data.get("bonus_tiyn"):
        bonus = money_sentences.money(row.data["bonus_tiyn"])
        text += _(", сгорело бонусов %(bonus)s", bonus=bonus)
    return f"{text}: {row.data['reason']}" if row.data.get("reason") else text


def _group_changed(row: LogRow) -> str:
    none = _("без группы")
    return _(
        "Группа клиента: %(old)s → %(new)s",
        old=row.data["before"] or none,
        new=row.data["group"] or none,
    )


def _ended(row: LogRow) -> str:
    reason = str(row.data.get("end_reason", ""))
    text = _(
        "Сеанс завершён: %(why)s, сыграно %(played)s",
        why=end_reason(reason),
        played=formatting.duration(int(row.data.get("played_seconds", 0))),
    )
    return f"{text}. {row.data['reason']}" if row.data.get("reason") else text


def _renamed(row: LogRow) -> str:
    return _(
        "ПК переименован: %(old)s → %(new)s", old=row.data["old_name"], new=row.data["new_name"]
    )


def _command(row: LogRow) -> str:
    """What a PC was asked to do, or what became of it. Older rows are of messages, and do not say so."""
    kind = str(row.data.get("command", "message"))
    if kind == "message" and row.kind == "command.sent":
        return _("Сообщение игроку: %(text)s", text=row.data.get("text", ""))
    name = str(remote_texts.COMMANDS.get(kind, kind))
    text = str(_COMMANDS[row.kind])
    more = row.data.get("text") or remote_texts.detail(str(row.data.get("detail") or ""))
    return f"{text}: {name}" + (f" ({more})" if more else "")


_COMMANDS = {
    "command.sent": _l("Команда ПК"),
    "command.done": _l("Команда выполнена"),
    "command.failed": _l("Команда не выполнена"),
    "command.expired": _l("Команда осталась без ответа"),
}


def _address_changed(row: LogRow) -> str:
    return _(
        "ПК пришёл с другого адреса: %(old)s → %(new)s",
        old=row.data.get("before", ""),
        new=row.data.get("now", ""),
    )


def _broken(row: LogRow) -> str:
    return _("ПК сломан: %(reason)s", reason=row.data.get("reason", ""))


def _maintenance_begun(row: LogRow) -> str:
    return _(
        "ПК открыт без клиента для обслуживания, до %(minutes)s мин: %(reason)s",
        minutes=int(row.data["seconds"]) // 60,
        reason=row.data.get("reason", ""),
    )


def _without_session(row: LogRow) -> str:
    time = formatting.duration(int(row.data["seconds"]))
    if row.kind == "computer.open_without_session":
        return _(
            "ПК открыт без сеанса дольше %(time)s: замка нет или запущена программа", time=time
        )
    return _("ПК включён без сеанса дольше %(time)s", time=time)


def _maintenance_ended(row: LogRow) -> str:
    seconds = formatting.duration(int(row.data["seconds"]))
    return _("Обслуживание закончено, ПК был открыт %(time)s", time=seconds)


def _kept(row: LogRow) -> str:
    until = formatting.clock(int(row.data["until_at"]))
    if row.data.get("for_whom"):
        return _("ПК отложен до %(until)s: %(who)s", until=until, who=row.data["for_whom"])
    return _("ПК отложен для клиента до %(until)s", until=until)


def _numbered(row: LogRow) -> str:
    number = row.data.get("number")
    return _("Номер ПК: %(number)s", number=number) if number else _("Номер ПК убран")


def _placed(row: LogRow) -> str:
    zone = row.data.get("zone")
    return _("ПК перенесён в зону «%(zone)s»", zone=zone) if zone else _("ПК теперь вне зон")


def _zone_changed(row: LogRow) -> str:
    return _(
        "Зона изменена: %(old)s → %(new)s (%(hall)s)",
        old=row.data.get("old_name", ""),
        new=row.data.get("title", ""),
        hall=row.data.get("hall", ""),
    )


def _hall_renamed(row: LogRow) -> str:
    return _(
        "Зал переименован: %(old)s → %(new)s",
        old=row.data.get("old_name", ""),
        new=row.data.get("title", ""),
    )


def _called(row: LogRow) -> str:
    reason = str(row.data.get("reason", ""))
    text = _(
        "Вызов администратора: %(reason)s",
        reason=str(texts.CALL_REASONS.get(reason, reason)).lower(),
    )
    return f"{text}. {row.data['text']}" if row.data.get("text") else text


def _alarm_closed(row: LogRow) -> str:
    text = _("Тревога закрыта")
    return f"{text}: {row.data['note']}" if row.data.get("note") else text


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
    money = formatting.money(int(row.data.get("balance_tiyn", 0)), formatting.currency_sign())
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


def _let_stay(row: LogRow) -> str:
    leave = str(row.data.get("leave", ""))
    return _("Оставлен на ночь: %(why)s", why=texts.NIGHT_LEAVES.get(leave, leave))


def _age_confirmed(row: LogRow) -> str:
    document = str(row.data.get("document", ""))
    return _("Возраст подтверждён: %(document)s", document=texts.DOCUMENTS.get(document, document))


def _kept_for_night(row: LogRow) -> str:
    title = row.data.get("title", "")
    if row.data.get("until_at") is None:
        return _("Остаток сохранён из-за ночи, без срока: %(title)s", title=title)
    until = formatting.moment(int(row.data["until_at"]))
    return _("Срок продлён из-за ночи: %(title)s, до %(until)s", title=title, until=until)


def _rest_code(row: LogRow) -> str:
    time = formatting.duration(int(row.data.get("seconds", 0)))
    return _("Гость отпущен до утра, остаток по коду: %(time)s", time=time)


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


def _paired(row: LogRow) -> str:
    if token := row.data.get("token_id"):
        return _("ПК подключён к клубу (ключ № %(id)s)", id=token)
    return _("ПК подключён к клубу")


def _token_made(row: LogRow) -> str:
    return _(
        "Сделан ключ подключения № %(id)s: ПК %(computers)s, на %(hours)s ч",
        id=row.data["token_id"],
        computers=row.data["computers"],
        hours=row.data["hours"],
    )


def _token_revoked(row: LogRow) -> str:
    return _("Ключ подключения № %(id)s отозван", id=row.data["token_id"])


def _updated(row: LogRow) -> str:
    return update_texts.event(row.kind, row.data)


_SPECIAL: dict[str, Callable[[LogRow], str]] = {
    "computer.paired": _paired,
    **dict.fromkeys(update_texts.EVENTS, _updated),
    "computer.token_made": _token_made,
    "computer.token_revoked": _token_revoked,
    **money_sentences.SENTENCES,
    **dict.fromkeys(_PEOPLE, _about_person),
    "staff.role_changed": _role_changed,
    "staff.second_factor_rule_changed": _second_factor_rule,
    "staff.addresses_changed": _addresses,
    "staff.recovery_code_used": _recovery_code_used,
    "age.let_stay": _let_stay,
    "age.confirmed": _age_confirmed,
    "time.kept_for_night": _kept_for_night,
    "session.rest_code_given": _rest_code,
    "launch": _launch,
    "alarm": _alarm,
    "club.backup_made": _backup_made,
    "club.logs_pruned": _logs_pruned,
    "club.restored": _restored,
    "staff.linked": _linked,
    "club.customers_shared": _customers_shared,
    "club.relocated": _relocated,
    "club.settings_changed": _settings_changed,
    "customer.deleted": _deleted,
    "customer.group_changed": _group_changed,
    "session.ended": _ended,
    "session.released": _ended,
    "computer.renamed": _renamed,
    "computer.address_changed": _address_changed,
    "computer.broken": _broken,
    "computer.kept": _kept,
    "computer.maintenance_begun": _maintenance_begun,
    "computer.maintenance_ended": _maintenance_ended,
    "computer.on_without_session": _without_session,
    "computer.open_without_session": _without_session,
    "computer.numbered": _numbered,
    "computer.placed": _placed,
    "hall.renamed": _hall_renamed,
    "zone.changed": _zone_changed,
    **dict.fromkeys(_COMMANDS, _command),
    "move.imported": _moved,
    "move.taken_back": _moved,
    "call.made": _called,
    "call.repeated": _called,
    "alarm.closed": _alarm_closed,
}


def has_sentence(kind: str) -> bool:
    """Whether the kind is one that people can read."""
    return kind in _SPECIAL or kind in _simple()


def _simple() -> dict[str, str]:
    return {
        "customer.registered": _("Клиент зарегистрирован"),
        "customer.details_changed": _("Изменены данные клиента"),
        "customer.pin_issued": _("Выдан одноразовый ПИН вместо забытого пароля"),
        "customer.password_set": _("Клиент придумал новый пароль"),
        "customer.signed_in": _("Вход на ПК"),
        "customer.data_exported": _("Все данные клиента выгружены файлом"),
        "customer.contacts_seen": _("Показаны телефон и дата рождения клиента"),
        "session.begun": _("Сеанс начат"),
        "session.guest_seated": _("Гость посажен"),
        "session.code_sold": _("Гостю выдан одноразовый код"),
        "session.begun_with_code": _("Сеанс начат по коду"),
        "session.moved": _("Игрок пересел на этот ПК"),
        "session.paused": _("Пауза"),
        "session.waits_for_age": _("Ночь: время стоит, пока стойка не подтвердит возраст"),
        "session.resumed": _("Сеанс продолжен"),
        "session.unreachable": _("Связь с ПК потеряна, секунды зарезервированы"),
        "session.linked_again": _("Связь вернулась, время учтено по журналу ПК"),
        "session.power_cut": _("ПК перезагрузился, сеанс ждёт с последней секунды"),
        "computer.pairing_refused": _("ПК отклонён"),
        "computer.revoked": _("ПК отключён от клуба"),
        "computer.mended": _("ПК снова исправен"),
        "computer.let_go": _("ПК больше не отложен"),
        "computer.kept_over": _("ПК больше не отложен: время вышло"),
        "computer.kept_taken": _("Клиент сел за отложенный для него ПК"),
        "computer.kept_overridden": _("За отложенный ПК посажен другой игрок"),
        "hall.created": _("Зал добавлен"),
        "hall.moved": _("Порядок залов изменён"),
        "hall.deleted": _("Зал убран"),
        "zone.created": _("Зона добавлена"),
        "zone.moved": _("Порядок зон изменён"),
        "zone.deleted": _("Зона убрана"),
        "updates.held": _("Обновление ПК остановлено"),
        "updates.allowed": _("Обновление ПК разрешено"),
        "computer.switched_off": _("ПК выключен штатно"),
        "computer.hardware_changed": _("Железо ПК изменилось"),
        "club.checklist_closed": _("Список первого вечера убран с дашборда"),
        "club.checklist_shown": _("Список первого вечера возвращён на дашборд"),
        "club.demo_made": _("Добавлены примеры: зал, тарифы, приложения, клиенты"),
        "club.demo_removed": _("Примеры убраны"),
        "club.backup_failed": _("Резервную копию сделать не удалось"),
        "club.backup_downloaded": _("Резервная копия скачана"),
        "club.backup_passphrase_set": _("Задан пароль для ключей в резервных копиях"),
        "alarm.taken": _("Тревогой занялся сотрудник"),
        "call.taken": _("К игроку идёт сотрудник"),
        "call.closed": _("Вызов закрыт"),
        "session.ending_dismissed": _("Напоминание о конце времени убрано"),
        "fiscal.failed": _("Оператор не принял фискальный чек"),
        "fiscal.sent_again": _("Фискальный чек отправлен ещё раз"),
        "staff.owner_created": _("Создан владелец"),
        "staff.signed_in": _("Сотрудник вошёл"),
        "staff.signed_out": _("Сотрудник вышел"),
        "staff.signed_in_at_pc": _("Сотрудник вошёл на игровом ПК"),
        "staff.sign_in_failed": _("Неудачный вход сотрудника"),
        "tariff.created": _("Тариф добавлен"),
        "tariff.changed": _("Тариф изменён"),
        "tariff.retired": _("Тариф убран из продажи"),
        "tariff.restored": _("Тариф снова продаётся"),
        "tariff.moved": _("Изменён порядок тарифов"),
        "tariff.holidays_changed": _("Изменён список праздников"),
        "group.created": _("Группа клиентов добавлена"),
        "group.changed": _("Группа клиентов изменена"),
        "group.removed": _("Группа клиентов убрана"),
        "notice.target_set": _("Изменено, куда и о чём приходят сообщения владельцу"),
        "notice.test": _("Отправлена проверка сообщений владельцу"),
        "notice.given_up": _("Сообщение владельцу не ушло и отменено"),
        "good.created": _("Товар добавлен"),
        "good.changed": _("Товар изменён"),
        "good.retired": _("Товар убран из продажи"),
        "good.restored": _("Товар снова продаётся"),
        "application.created": _("Приложение добавлено"),
        "application.changed": _("Приложение изменено"),
        "application.retired": _("Приложение убрано"),
        "application.restored": _("Приложение снова в списке"),
        "application.picture_changed": _("Новая картинка приложения"),
        "application.picture_removed": _("Убрана картинка приложения"),
        "application.limited": _("Изменены зоны приложения"),
        "application.moved": _("Изменён порядок приложений"),
    }
