"""What happens to PCs, halls and zones, in words."""

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.journal.log import LogRow
from lovhub.server.remote import texts as remote_texts
from lovhub.server.updates import texts as update_texts
from lovhub.server.web import formatting
from lovhub.server.web.language import plain as _


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


def _code_given(row: LogRow) -> str:
    return _(
        "Выдан код техника для ПК, на %(minutes)s мин: %(reason)s",
        minutes=int(row.data["seconds"]) // 60,
        reason=row.data.get("reason", ""),
    )


def _maintenance_begun(row: LogRow) -> str:
    if row.data.get("by_code"):
        return _(
            "ПК открыт кодом техника в %(time)s, до %(minutes)s мин: %(reason)s",
            time=formatting.moment(int(row.data["opened_at"])),
            minutes=int(row.data["seconds"]) // 60,
            reason=row.data.get("reason", ""),
        )
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


def _on_without_agent(row: LogRow) -> str:
    """`until_at` and `is_over` are there where the report has looked them up."""
    since = formatting.clock(int(row.data["since_at"]))
    if "until_at" not in row.data:
        return _(
            "ПК включён без агента с %(since)s: в сети отвечает, LoVHub на нём молчит", since=since
        )
    until_at = int(row.data["until_at"])
    time = formatting.duration(until_at - int(row.data["since_at"]))
    if row.data.get("is_over", True):
        return _(
            "ПК был включён без агента с %(since)s до %(until)s, %(time)s",
            since=since, until=formatting.clock(until_at), time=time,
        )  # fmt: skip
    return _("ПК включён без агента с %(since)s, уже %(time)s", since=since, time=time)


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


def _launcher_stalled(row: LogRow) -> str:
    """`happened_at`: the last time; a PC without a link tells of it later."""
    at = formatting.moment(int(row.data["happened_at"]))
    times, seconds = int(row.data["times"]), int(row.data["longest_seconds"])
    if times == 1:
        return _("Лаунчер не отвечал %(seconds)s с и ожил сам (%(at)s)", seconds=seconds, at=at)
    return _(
        "Лаунчер не отвечал и оживал сам, раз: %(times)s, дольше всего %(seconds)s с (до %(at)s)",
        times=times, seconds=seconds, at=at,
    )  # fmt: skip


def _told_unknown(row: LogRow) -> str:
    return _(
        "ПК сообщил то, чего этот сервер ещё не знает (%(kind)s): обновите сервер",
        kind=row.data["entry"],
    )


def _updated(row: LogRow) -> str:
    return update_texts.event(row.kind, row.data)


SENTENCES: dict[str, Callable[[LogRow], str]] = {
    "computer.paired": _paired,
    "computer.token_made": _token_made,
    "computer.token_revoked": _token_revoked,
    "computer.renamed": _renamed,
    "computer.address_changed": _address_changed,
    "computer.broken": _broken,
    "computer.kept": _kept,
    "computer.code_given": _code_given,
    "computer.maintenance_begun": _maintenance_begun,
    "computer.maintenance_ended": _maintenance_ended,
    "computer.on_without_session": _without_session,
    "computer.open_without_session": _without_session,
    "computer.on_without_agent": _on_without_agent,
    "computer.without_agent_over": _on_without_agent,
    "computer.launcher_stalled": _launcher_stalled,
    "computer.told_unknown": _told_unknown,
    "computer.numbered": _numbered,
    "computer.placed": _placed,
    "hall.renamed": _hall_renamed,
    "zone.changed": _zone_changed,
    **dict.fromkeys(update_texts.EVENTS, _updated),
    **dict.fromkeys(_COMMANDS, _command),
}
"""Kind of event → its sentence."""

SIMPLE: dict[str, LazyString] = {
    "computer.pairing_refused": _l("ПК отклонён"),
    "computer.revoked": _l("ПК отключён от клуба"),
    "computer.mended": _l("ПК снова исправен"),
    "computer.let_go": _l("ПК больше не отложен"),
    "computer.kept_over": _l("ПК больше не отложен: время вышло"),
    "computer.kept_taken": _l("Клиент сел за отложенный для него ПК"),
    "computer.kept_overridden": _l("За отложенный ПК посажен другой игрок"),
    "hall.created": _l("Зал добавлен"),
    "hall.moved": _l("Порядок залов изменён"),
    "hall.deleted": _l("Зал убран"),
    "zone.created": _l("Зона добавлена"),
    "zone.moved": _l("Порядок зон изменён"),
    "zone.deleted": _l("Зона убрана"),
    "updates.held": _l("Обновление ПК остановлено"),
    "updates.allowed": _l("Обновление ПК разрешено"),
    "computer.switched_off": _l("ПК выключен штатно"),
    "computer.hardware_changed": _l("Железо ПК изменилось"),
}
"""Kind of event → its sentence, which says nothing of what stands in the event."""
