"""Backups in words."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.backups import rules
from lovhub.server.backups.away import Stored
from lovhub.server.backups.flaws import Flaws
from lovhub.server.backups.folder import Check
from lovhub.server.backups.keeper import Task
from lovhub.server.ledger import words
from lovhub.server.web import refusals

LONGEST_DETAIL = 200

KINDS = {
    "nightly": _l("ночная"),
    "by_hand": _l("вручную"),
    "restore_point": _l("перед восстановлением"),
    "before_migration": _l("перед обновлением"),
    "uploaded": _l("загружена"),
}
"""Why a backup was made."""

UNSOUND = {
    "damaged": _l("повреждена"),
    "books": _l("учёт не сходится"),
    "too_new": _l("от более новой версии LoVHub"),
    "other_database": _l("с другой базы (SQLite или PostgreSQL)"),
    "sealed_otherwise": _l("закрыта паролем, которого у этого клуба нет"),
    "no_scratch": _l("не проверена: нет места или прав на временную базу"),
}
"""What a check has found wrong."""

STEPS = {
    "": _l("начинаем"),
    "copying": _l("копируем базу"),
    "packing": _l("сжимаем"),
    "checking": _l("восстанавливаем во временную базу и проверяем учёт"),
    "second_copy": _l("кладём во вторую папку"),
    "store": _l("отправляем в хранилище S3"),
    "fetching": _l("забираем из хранилища S3"),
}
"""What is being done now."""


def check_text(check: Check | None) -> str:
    """What came of a check, in a few words."""
    if check is None:
        return str(_("не проверена"))
    return str(_("цела, учёт сходится") if check.sound else UNSOUND.get(check.code, check.code))


def detail_text(detail: str, flaws: Flaws | None) -> str:
    """What a check says besides what came of it; "" for nothing."""
    if flaws is None:
        return detail
    try:
        first = words.of(flaws.first)
    except KeyError:  # another version has checked it
        first = flaws.first.kind
    number = f"{flaws.number}: " if flaws.number > 1 else ""
    return f"{number}{first}"[:LONGEST_DETAIL]


def task_text(task: Task) -> str:
    """What is under way or what came of it, in one sentence."""
    if task.state == "working":
        names = {
            "backup": _("Делаем копию"),
            "check": _("Проверяем копию"),
            "restore": _("Готовим восстановление"),
            "fetch": _("Забираем копию"),
        }
        how_far = "" if task.percent is None else f" {task.percent} %"
        return f"{names[task.what]}: {STEPS.get(task.step, task.step)}{how_far}…"
    if task.state == "restarting":
        return str(
            _("Копия цела. Сервер перезапускается с ней: это займёт не больше минуты или двух.")
        )
    if task.state == "done":
        return str(_done(task))
    why = UNSOUND.get(task.code) or refusals.refusal(task.code)
    if task.what == "restore":
        return str(_("Клуб не тронут: копия не подошла (%(why)s).", why=why))
    return str(_("Не получилось: %(why)s", why=why))


def stored_text(row: Stored, *, with_club: bool) -> str:
    """A backup in a store, in a line; `with_club`: there are several clubs' there."""
    made = datetime.fromtimestamp(row.made_at, UTC).strftime("%d.%m.%Y %H:%M")
    kind = KINDS.get(rules.kind_of(row.name), "")
    club = f", {row.club}" if with_club else ""
    return f"{made} UTC ({kind}, {row.size_bytes / 1e6:.1f} МБ{club})"


def _done(task: Task) -> str:
    if task.what == "restore":
        return str(_("Клуб восстановлен из копии. Войдите заново."))
    texts = {
        "backup": _("Копия готова."),
        "check": _("Копия проверена."),
        "fetch": _("Копия забрана из хранилища: она в списке как загруженная."),
    }
    return str(texts[task.what])
