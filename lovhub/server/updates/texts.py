"""How a PC stands to the new version, in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lovhub.server.updates.rules import Shown

STATES = {
    "current": _l("обновлён"),
    "under_way": _l("обновляется"),
    "waiting": _l("ждёт очереди"),
    "busy": _l("ждёт, пока освободится"),
    "off": _l("ждёт, пока включат"),
    "by_hand": _l("нужен установщик"),
    "refused": _l("не взял"),
    "rolled_back": _l("вернулся к прежней"),
}

_COLOURS = {"current": "green", "refused": "red", "rolled_back": "red"}
_ICONS = {
    "current": "check",
    "under_way": "refresh",
    "refused": "alert-triangle",
    "rolled_back": "rotate",
    "by_hand": "tool",
}


class Look(NamedTuple):
    """How a state is shown. `failed`: people may have it tried once more."""

    name: str
    colour: str
    icon: str
    failed: bool


def look(state: Shown) -> Look:
    """That of a state, in this request's language."""
    failed = state in {"refused", "rolled_back"}
    return Look(str(STATES[state]), _COLOURS.get(state, "secondary"), _ICONS.get(state, ""), failed)


_WHY: dict[str, LazyString] = {
    "no_report": _l("новая версия не вышла на связь за две минуты"),
    "restarts": _l("ПК перезагружался, не дождавшись новой версии"),
    "crashes": _l("новая версия падала"),
    "needs": _l(
        "ей нужны другие библиотеки: положите в папку updates пакет с ними, или поставьте её установщиком"
    ),
    "package": _l("пакет повреждён"),
    "signature": _l("пакет подписан не этим клубом"),
    "failed_before": _l("она здесь уже не прижилась"),
    "older": _l("на ПК уже более новая"),
    "room": _l("на диске ПК нет места, или в папку нельзя писать"),
    "size": _l("пакет слишком велик"),
    "version": _l("версия названа непонятно"),
}


def why(code: str) -> str:
    """Why a PC has not taken the version, or has gone back; "" where there is nothing to say."""
    if code.startswith("exit_"):
        number = code.removeprefix("exit_")
        return str(_("новая версия упала при запуске (код %(code)s)", code=number))
    return str(_WHY[code]) if code in _WHY else code


EVENTS = {
    "computer.update_done": _l("ПК обновлён до версии"),
    "computer.update_refused": _l("ПК не взял обновление"),
    "computer.update_rolled_back": _l("ПК вернулся с новой версии к прежней"),
    "computer.update_again": _l("ПК снова предложат обновление"),
}
"""What the log tells of it."""


def event(kind: str, data: Mapping[str, Any]) -> str:
    """An event of the log as a sentence, with the version and what was the matter."""
    reason = why(str(data.get("why", "")))
    return f"{EVENTS[kind]}: {data['version']}" + (f" ({reason})" if reason else "")
