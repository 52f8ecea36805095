"""What whoever reads the terminal or the log is told at the agent's start."""

import sys
from gettext import gettext as _
from pathlib import Path

import structlog

from lovhub.agent.lasting import Places
from lovhub.agent.settings import Given, SettingsRefused, remove_secrets

log = structlog.get_logger("agent")


def tell_of_settings(given: Given) -> None:
    """What is wrong in them; the lock says it as well."""
    if given.refusal is not None:
        log.warning("settings_refused", reason=str(given.refusal))
        sys.stderr.write(f"{given.refusal}\n")


def tell_of_secrets(folder: Path) -> None:
    """A copied `config.ini` loses the server's passwords and keys; a file that cannot be changed is told of."""
    try:
        sections = remove_secrets(folder)
    except (OSError, SettingsRefused) as error:
        sys.stderr.write(
            _("Из config.ini не удалось убрать пароли и ключи сервера, удалите их сами: %s") % error
            + "\n"
        )
        return
    if sections:
        sys.stderr.write(
            _("Из config.ini убраны пароли и ключи сервера, на игровом ПК им не место: %s.")
            % ", ".join(f"[{section}]" for section in sections)
            + "\n"
        )


_FORGETS = {
    "disk_forgets": _(
        "Диск этого ПК забывает всё при перезагрузке: укажите папку, которая остаётся"
        " (LastingFolder в разделе [Client] файла config.ini)."
    ),
    "write_protected": _(
        "В папку данных нельзя писать: укажите папку, которая остаётся"
        " (LastingFolder в разделе [Client] файла config.ini)."
    ),
    "lasting_folder_unusable": _(
        "В папку LastingFolder из config.ini нельзя писать, или это не полный путь."
    ),
}


def tell_of_memory(writes_to: Places) -> None:
    """A PC that will have forgotten its key: the desk hears of it from the server, the technician reads it here."""
    if writes_to.why:
        sentence = _FORGETS[writes_to.why]
        log.warning("memory_forgets", why=writes_to.why, folder=str(writes_to.lasting))
        sys.stderr.write(
            sentence + " " + _("До перезагрузки ПК работает, но сеансы получает короткие.") + "\n"
        )
