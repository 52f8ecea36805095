"""Alarms in words. Russian, through gettext; used by the live pages, the dashboard and the log."""

from collections.abc import Mapping
from gettext import gettext as _
from typing import Any


def _texts() -> dict[str, str]:
    return {
        "launcher_killed": _("лаунчер остановлен, агент его вернул"),
        "launcher_hung": _("лаунчер не отвечал, агент его перезапустил"),
        "lock_uncovered": _("замок не закрывает экран"),
        "false_server": _("кто-то выдаёт себя за сервер клуба"),
        "clock_moved": _("часы компьютера переведены"),
        "journal_damaged": _("журнал ПК повреждён и начат заново"),
        "journal_lost": _("журнал ПК пропал, учтено по последнему сигналу"),
        "late_report": _("отчёт ПК больше положенного"),
        "report_short": _("ПК отчитался за меньшее время, чем прошло"),
        "hardware_changed": _("изменилось железо"),
        "backup_failed": _("ночная копия не сделана"),
        "backup_unsound": _("копия сделана, но не прошла проверку"),
        "backup_second_copy": _("копия не легла во вторую папку"),
        "mass_loss": _("пропала связь сразу со многими ПК: питание или коммутатор"),
    }


def _parts() -> dict[str, str]:
    return {"memory": _("память"), "disk": _("диски"), "gpu": _("видеокарта")}


def alarm_text(kind: str, computer_name: str, data: Mapping[str, Any]) -> str:
    """A sentence with the PC's name, such as «ПК-1: лаунчер остановлен, агент его вернул»."""
    text = _texts().get(kind, kind)
    for change in data.get("changes", ()):
        part = _parts().get(change["part"], change["part"])
        text = f"{text}; {part}: {change['was']} → {change['now']}"
    seconds = data.get("seconds")
    if isinstance(seconds, int) and seconds > 0:
        text = _("%(text)s (%(seconds)d с)") % {"text": text, "seconds": seconds}
    return f"{computer_name}: {text}" if computer_name else text


def alarm_kinds() -> set[str]:
    """Every kind that has a text."""
    return set(_texts())
