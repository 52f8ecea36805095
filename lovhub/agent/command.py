"""`lovhub agent`: the process on a gaming PC."""

import argparse
import asyncio
import contextlib
import io
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from gettext import gettext as _
from pathlib import Path
from typing import NoReturn

import structlog

from lovhub.agent import choosing
from lovhub.agent.agent import Agent
from lovhub.agent.boot_clock import BootClock
from lovhub.agent.guard import launcher_command
from lovhub.agent.journal import Journal
from lovhub.agent.lasting import LOCK_FILE, Places, places
from lovhub.agent.logs import set_up_logs
from lovhub.agent.machine import ThisMachine
from lovhub.agent.platform import FolderLock, boot_id, forgets, local_endpoint, user_name
from lovhub.agent.platform.common import FolderInUse
from lovhub.agent.platform.profile import profile_folder
from lovhub.agent.search import search
from lovhub.agent.seat import OwnSeat, Seat, SessionSeat
from lovhub.agent.settings import (
    Address,
    SettingsRefused,
    clears_traces,
    configured_lasting,
    configured_token,
    forget_token,
    remove_secrets,
    server_addresses,
)
from lovhub.agent.starter import EXIT_BAD_INPUT, EXIT_UPDATED, SERVICE, STARTED_BY
from lovhub.agent.store import FileStore, IdentityStore
from lovhub.agent.versions import Versions
from lovhub.agent.whereabouts import Search, Whereabouts
from lovhub.clock import Clock, ClockRefused, choose_clock

log = structlog.get_logger("agent")

EXIT_FAILED = 1


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one Russian sentence."""

    def error(self, message: str) -> NoReturn:
        """See ArgumentParser; `message` is English and of use to the technician only."""
        sys.stderr.write(
            _("Не понятны параметры команды: %s. Подсказка: lovhub agent --help") % message + "\n"
        )
        raise SystemExit(EXIT_BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lovhub agent", description=_("Агент LoVHub на игровом ПК."))
    parser.add_argument(
        "--data", type=Path, default=Path(), help=_("папка данных (по умолчанию текущая)")
    )
    parser.add_argument(
        "--server",
        metavar=_("АДРЕС[:ПОРТ]"),
        help=_("адрес сервера клуба; без него сервер ищется в сети"),
    )
    parser.add_argument("--no-launcher", action="store_true", help=_("не запускать лаунчер"))
    parser.add_argument(
        "--test-clock", type=Path, metavar=_("ФАЙЛ"), help=_("часы для проверок (сдвиг в файле)")
    )
    parser.add_argument(
        "--name", default="", metavar=_("ИМЯ"), help=_("имя ПК вместо имени в сети")
    )
    parser.add_argument(
        "--only-account",
        metavar=_("ИМЯ"),
        help=_("работать только под этой учётной записью Windows"),
    )
    parser.add_argument(
        "--boot-id", metavar=_("ТЕКСТ"), help=_("для проверок: другой текст означает перезагрузку")
    )
    parser.add_argument(SERVICE, type=Path, help=argparse.SUPPRESS)
    parser.add_argument(STARTED_BY, choices=("itself", "starter"), help=argparse.SUPPRESS)
    return parser


def _refuse(sentence: str, exit_code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return exit_code


def _announce(pairing_code: str) -> None:
    sys.stdout.write(_("Код сопряжения: %s") % pairing_code + "\n")
    sys.stdout.flush()


def _clock(test_clock: Path | None, data_folder: Path) -> Clock:
    return BootClock() if test_clock is None else choose_clock(test_clock, data_folder)


def _is_check(options: argparse.Namespace) -> bool:
    return options.test_clock is not None or options.boot_id is not None


def _is_guarded(options: argparse.Namespace, platform: str) -> bool:
    """Under Linux its own unit is all there is; under Windows there is the service, and what is no service is less."""
    return options.service is not None or platform != "win32" or _is_check(options)


def _search_beside(given: Sequence[Address]) -> Search | None:
    """How the server is looked for where none of these answers; a server of this machine has not moved away."""
    if given and all(address.is_this_machine for address in given):
        return None
    return search


def _may_ask(
    options: argparse.Namespace, store: IdentityStore, given: Sequence[Address], bulk_token: str
) -> bool:
    """Whether the PC knows nothing of its server, and somebody sits at the terminal who may choose.

    Where there is a launcher, it asks: it covers the terminal, and must not wait for an answer there.
    """
    is_known = given or bulk_token or store.found() or store.pinned_identity_key()
    is_seen = options.no_launcher and sys.stdin is not None and sys.stdin.isatty()
    return is_seen and not is_known


def _seat(options: argparse.Namespace) -> Seat:
    """Whose traces are cleared away: nobody's where this is a check, or where the PC is not to be touched."""
    is_clearing = not _is_check(options) and clears_traces(options.data)
    if options.service and sys.platform == "win32":
        from lovhub.agent.platform.windows_sessions import WindowsSessions  # noqa: PLC0415

        account = options.only_account or ""
        return SessionSeat(WindowsSessions(), account, clears_traces=is_clearing)
    return OwnSeat(profile_folder() if is_clearing else None)


async def _run(
    options: argparse.Namespace,
    store: FileStore,
    whereabouts: Whereabouts,
    clock: Clock,
    writes_to: Places,
    bulk_token: str,
) -> bool:
    """Work until told to stop; whether another version is to run from now on."""
    journal = Journal(writes_to.lasting)
    try:
        endpoint = local_endpoint(writes_to.work)
        seat = _seat(options)
        agent = Agent(
            whereabouts=whereabouts,
            data_folder=writes_to.work,
            endpoint=endpoint,
            store=store,
            journal=journal,
            clock=clock,
            boot_id=options.boot_id or boot_id(),
            launcher=None if options.no_launcher else launcher_command(endpoint),
            machine=ThisMachine(seat),
            seat=seat,
            announce=_announce,
            name=options.name,
            memory_lasts=not writes_to.why,
            is_guarded=_is_guarded(options, sys.platform),
            bulk_token=bulk_token,
            forget_token=lambda: forget_token(options.data),
            # A PC that forgets would fetch the same version at each start: its image is made anew instead.
            versions=Versions(options.service or writes_to.lasting, open_up=seat.let_read)
            if options.started_by and not writes_to.why
            else None,
        )
        if journal.damaged_file is not None:
            agent.alarm("journal_damaged", journal.damaged_file.name)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_received: loop.call_soon_threadsafe(agent.stop))
        await agent.run()
        return agent.makes_way
    finally:
        journal.close()


def main(arguments: list[str]) -> int:
    """Run the agent until it is told to stop, or install it; returns the exit code."""
    if arguments and not arguments[0].startswith("-"):
        from lovhub.agent import install  # noqa: PLC0415

        return install.main(arguments)
    _give_a_voice()
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    options.data = folder = options.data.absolute()
    if (
        not options.service
        and options.only_account
        and options.only_account.casefold() != user_name().casefold()
    ):
        return 0  # a technician signs in with another account, and needs no lock
    try:
        given = server_addresses(options.server, folder)
        bulk_token = configured_token(folder)
        clock = _clock(options.test_clock, folder)
    except SettingsRefused as error:
        return _refuse(str(error), EXIT_BAD_INPUT)
    except ClockRefused:
        return _refuse(
            _("Часы для проверок разрешены только в папке, созданной для проверок: %s.") % folder,
            EXIT_BAD_INPUT,
        )
    return _work(options, given, clock, bulk_token)


class _Nobody(io.TextIOBase):
    """Takes every word and keeps none."""

    def write(self, text: str) -> int:
        return len(text)


def _give_a_voice() -> None:
    """Started by Windows at the sign-in, without a console, Python has no streams to write to."""
    if sys.stdout is None:
        sys.stdout = _Nobody()
    if sys.stderr is None:
        sys.stderr = _Nobody()


def _tell_of_secrets(folder: Path) -> None:
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


def _tell_of_memory(writes_to: Places) -> None:
    """A PC that will have forgotten its key: the desk hears of it from the server, the technician reads it here."""
    if writes_to.why:
        sentence = _FORGETS[writes_to.why]
        log.warning("memory_forgets", why=writes_to.why, folder=str(writes_to.lasting))
        sys.stderr.write(
            sentence + " " + _("До перезагрузки ПК работает, но сеансы получает короткие.") + "\n"
        )


def _places(options: argparse.Namespace) -> Places:
    lasting = configured_lasting(options.data)
    return places(
        options.data,
        lasting.folder,
        is_wiped=lasting.is_wiped,
        disk_forgets=(lambda _folder: False) if _is_check(options) else forgets,
    )


def _work(
    options: argparse.Namespace, given: Sequence[Address], clock: Clock, bulk_token: str
) -> int:
    """Take the data folder and run; returns the exit code."""
    folder: Path = options.data
    with contextlib.ExitStack() as held:
        try:
            writes_to = _places(options)
            set_up_logs(writes_to.work)
            for place in dict.fromkeys((writes_to.work, writes_to.lasting)):
                held.callback(FolderLock(place / LOCK_FILE).release)
            _tell_of_secrets(folder)
        except FolderInUse:
            return _refuse(_("В папке %s уже работает другой агент.") % folder, EXIT_FAILED)
        except OSError as error:
            return _refuse(
                _("В папку данных %(folder)s нельзя писать: %(reason)s.")
                % {"folder": folder, "reason": error.strerror},
                EXIT_FAILED,
            )
        _tell_of_memory(writes_to)
        try:
            store = FileStore(writes_to.lasting)
            whereabouts = Whereabouts(given, store, _search_beside(given))
            if _may_ask(options, store, given, bulk_token):
                choosing.ask(whereabouts, search)
            makes_way = asyncio.run(_run(options, store, whereabouts, clock, writes_to, bulk_token))
        except KeyboardInterrupt:  # while it asked
            return EXIT_FAILED
        except (OSError, sqlite3.OperationalError) as error:
            return _refuse(
                _("Агент остановлен: в папке данных %(folder)s ошибка: %(reason)s.")
                % {"folder": writes_to.lasting, "reason": error},
                EXIT_FAILED,
            )
    if not makes_way:
        return 0
    if options.started_by == "starter":
        # At an orderly end Python would end the launcher, which covers the screen until the next one does.
        logging.shutdown()
        os._exit(EXIT_UPDATED)
    return EXIT_UPDATED
