"""Every event in words: who did what."""

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.journal import computer_sentences, house_sentences, money_sentences
from lovhub.server.journal.log import LogRow
from lovhub.server.journal.texts import alarm_text
from lovhub.server.web import formatting, texts
from lovhub.server.web.language import plain as _

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
    text = str(_SIMPLE.get(row.kind, row.kind))
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


def _seated_absent(row: LogRow) -> str:
    return _(
        "Посажен стойкой, хотя клиент сам не входил и не платил дольше %(days)s дней",
        days=row.data["days"],
    )


def _resumed_for_player(row: LogRow) -> str:
    stood = formatting.duration(int(row.data["stood_seconds"]))
    if row.data["pause_reason"] == "player":
        return _("Паузу игрока закончила стойка; время стояло %(stood)s", stood=stood)
    return _("Сеанс продолжила стойка; время стояло %(stood)s", stood=stood)


def _ended(row: LogRow) -> str:
    reason = str(row.data.get("end_reason", ""))
    text = _(
        "Сеанс завершён: %(why)s, сыграно %(played)s",
        why=end_reason(reason),
        played=formatting.duration(int(row.data.get("played_seconds", 0))),
    )
    return f"{text}. {row.data['reason']}" if row.data.get("reason") else text


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


_SPECIAL: dict[str, Callable[[LogRow], str]] = {
    **money_sentences.SENTENCES,
    **computer_sentences.SENTENCES,
    **house_sentences.SENTENCES,
    "age.let_stay": _let_stay,
    "age.confirmed": _age_confirmed,
    "time.kept_for_night": _kept_for_night,
    "session.rest_code_given": _rest_code,
    "launch": _launch,
    "alarm": _alarm,
    "customer.deleted": _deleted,
    "customer.group_changed": _group_changed,
    "session.seated_absent": _seated_absent,
    "session.resumed_for_player": _resumed_for_player,
    "session.ended": _ended,
    "session.released": _ended,
    "call.made": _called,
    "call.repeated": _called,
    "alarm.closed": _alarm_closed,
}

_SIMPLE: dict[str, LazyString] = {
    **computer_sentences.SIMPLE,
    **house_sentences.SIMPLE,
    "customer.registered": _l("Клиент зарегистрирован"),
    "customer.details_changed": _l("Изменены данные клиента"),
    "customer.pin_issued": _l("Выдан одноразовый ПИН вместо забытого пароля"),
    "customer.password_set": _l("Клиент придумал новый пароль"),
    "customer.signed_in": _l("Вход на ПК"),
    "customer.data_exported": _l("Все данные клиента выгружены файлом"),
    "customer.contacts_seen": _l("Показаны телефон и дата рождения клиента"),
    "session.begun": _l("Сеанс начат"),
    "session.guest_seated": _l("Гость посажен"),
    "session.code_sold": _l("Гостю выдан одноразовый код"),
    "session.begun_with_code": _l("Сеанс начат по коду"),
    "session.moved": _l("Игрок пересел на этот ПК"),
    "session.paused": _l("Пауза"),
    "session.waits_for_age": _l("Ночь: время стоит, пока стойка не подтвердит возраст"),
    "session.resumed": _l("Сеанс продолжен"),
    "session.unreachable": _l("Связь с ПК потеряна, секунды зарезервированы"),
    "session.linked_again": _l("Связь вернулась, время учтено по журналу ПК"),
    "session.gone_on": _l(
        "ПК выключался, игрок вошёл без связи и продолжил; время учтено по журналу ПК"
    ),
    "session.power_cut": _l("ПК перезагрузился, сеанс ждёт с последней секунды"),
    "alarm.taken": _l("Тревогой занялся сотрудник"),
    "call.taken": _l("К игроку идёт сотрудник"),
    "call.closed": _l("Вызов закрыт"),
    "session.ending_dismissed": _l("Напоминание о конце времени убрано"),
    "fiscal.failed": _l("Оператор не принял фискальный чек"),
    "fiscal.sent_again": _l("Фискальный чек отправлен ещё раз"),
}


def has_sentence(kind: str) -> bool:
    """Whether the kind is one that people can read."""
    return kind in _SPECIAL or kind in _SIMPLE
