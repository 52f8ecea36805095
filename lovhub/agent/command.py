"""`lovhub agent`: the process on a gaming PC."""

import argparse
import asyncio
import contextlib
import errno
import io
import logging
import os
import sqlite3
import sys
from gettext import gettext as _
from pathlib import Path
from typing import NoReturn

import structlog

from lovhub.agent import choosing
from lovhub.agent.agent import Agent
from lovhub.agent.boot_clock import BootClock
from lovhub.agent.cover import Cover
from lovhub.agent.guard import LAUNCHER_FILE, launcher_command
from lovhub.agent.journal import Journal
from lovhub.agent.lasting import LOCK_FILE, Places, places
from lovhub.agent.logs import LOG_FILE, set_up_logs
from lovhub.agent.machine import ThisMachine
from lovhub.agent.platform import FolderLock, boot_id, forgets, local_endpoint, user_name
from lovhub.agent.platform.common import FolderInUse
from lovhub.agent.platform.profile import profile_folder
from lovhub.agent.search import search
from lovhub.agent.seat import OwnSeat, Seat, SessionSeat
from lovhub.agent.settings import (
    Given,
    SettingsRefused,
    clears_traces,
    configured_lasting,
    forget_token,
    given_settings,
    server_addresses,
)
from lovhub.agent.starter import EXIT_BAD_INPUT, EXIT_UPDATED, NOT_CHOSEN, SERVICE, STARTED_BY
from lovhub.agent.stop_signal import told_to_end
from lovhub.agent.store import FileStore, IdentityStore
from lovhub.agent.telling import tell_of_memory, tell_of_secrets, tell_of_settings
from lovhub.agent.versions import Versions
from lovhub.agent.whereabouts import Search, Whereabouts
from lovhub.clock import Clock, ClockRefused, choose_clock
from lovhub.protocol.local import Trouble

log = structlog.get_logger("agent")

EXIT_FAILED = 1
MENDED_LOOK_SECONDS = 2.0


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
    parser.add_argument(NOT_CHOSEN, help=argparse.SUPPRESS)
    parser.add_argument(STARTED_BY, choices=("itself", "starter"), help=argparse.SUPPRESS)
    return parser


class CannotWork(Exception):
    """The agent could not begin, or go on; the text is one Russian sentence, `trouble` for the lock."""

    def __init__(self, sentence: str, trouble: Trouble) -> None:
        super().__init__(sentence)
        self.trouble = trouble


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


def _search_beside(given: Given, store: IdentityStore) -> Search | None:
    """How the server is looked for where no address answers; a server of this machine has not moved away.

    Somebody meant to say where it is: then only a PC that knows its club by a key looks elsewhere.
    """
    if given.addresses and all(address.is_this_machine for address in given.addresses):
        return None
    if given.refusal is not None and not (store.pinned_identity_key() or given.bulk_token):
        return None
    return search


def _may_ask(options: argparse.Namespace, store: IdentityStore, given: Given) -> bool:
    """Whether the PC knows nothing of its server, and somebody sits at the terminal who may choose.

    Where there is a launcher, it asks: it covers the terminal, and must not wait for an answer there.
    """
    is_known = given.addresses or given.bulk_token or store.found() or store.pinned_identity_key()
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
    given: Given,
    cover: Cover,
) -> bool:
    """Work until told to stop; whether another agent is to run from now on: another version, or other settings."""
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
            bulk_token=given.bulk_token,
            forget_token=lambda: forget_token(options.data),
            # A PC that forgets would fetch the same version at each start: its image is made anew instead.
            versions=Versions(options.service or writes_to.lasting, open_up=seat.let_read)
            if options.started_by and not writes_to.why
            else None,
            trouble=given.refusal.trouble if given.refusal else None,
        )
        if options.not_chosen:
            log.warning("version_not_chosen", reason=options.not_chosen)
        if journal.damaged_file is not None:
            agent.alarm("journal_damaged", journal.damaged_file.name)
        loop = asyncio.get_running_loop()
        # Only until it has run: this loop is closed then, and could not be told any more.
        with told_to_end(lambda: loop.call_soon_threadsafe(agent.stop)):
            mending = loop.create_task(_begin_anew_once_mended(options, given, agent))
            cover.hand_over(writes_to.work / LAUNCHER_FILE)
            try:
                await agent.run()
            finally:
                mending.cancel()
        return agent.makes_way
    finally:
        journal.close()


async def _begin_anew_once_mended(options: argparse.Namespace, given: Given, agent: Agent) -> None:
    """Whoever mends `config.ini` may have no way to this PC but the network, and need not go there to restart it."""
    if given.refusal is None or options.server is not None:
        return
    while True:  # nobody tells of a file
        await asyncio.sleep(MENDED_LOOK_SECONDS)
        if agent.is_idle() and given_settings(None, options.data).refusal is None:
            break
    log.info("settings_mended")
    agent.make_way()


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
        if options.no_launcher:  # there is no lock to say what is wrong
            server_addresses(options.server, folder)
        clock = _clock(options.test_clock, folder)
    except SettingsRefused as error:
        return _refuse(str(error), EXIT_BAD_INPUT)
    except ClockRefused:
        return _refuse(
            _("Часы для проверок разрешены только в папке, созданной для проверок: %s.") % folder,
            EXIT_BAD_INPUT,
        )
    return _keep_working(options, clock)


def _keep_working(options: argparse.Namespace, clock: Clock) -> int:
    """Work, and as long as that is not possible keep the screen covered and try again; returns the exit code."""
    cover = Cover(options.data / LAUNCHER_FILE)
    said = ""
    while True:
        try:
            exit_code = _work(options, clock, cover)
            cover.lift()  # another agent has the folder, and its own lock
            return exit_code
        except CannotWork as error:
            cannot = error
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not leave the screen open
            with contextlib.suppress(OSError):
                set_up_logs(options.data)  # it may have come before that
            cannot = _failed(error, options.data)
        if str(cannot) != said:
            said = str(cannot)
            _refuse(said, EXIT_FAILED)
        # A service has no screen: Windows starts it again, and the shell covers the player's meanwhile.
        if options.no_launcher or options.service or not cover.hold(cannot.trouble):
            return EXIT_FAILED


def _failed(error: Exception, folder: Path) -> CannotWork:
    """A mistake of ours. `folder`: where the log is."""
    log.error("agent_failed", exc_info=error)
    return CannotWork(
        _("Агент остановлен, ошибка программы: %(reason)s. Подробности в %(path)s.")
        % {"reason": repr(error), "path": folder / LOG_FILE},
        Trouble("failed", str(folder)),
    )


def _cannot_write(error: OSError | sqlite3.OperationalError, folder: Path) -> Trouble:
    log.warning("folder_unusable", folder=str(folder), reason=str(error))
    is_full = (
        error.errno == errno.ENOSPC
        if isinstance(error, OSError)
        else getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    )
    return Trouble("disk_full" if is_full else "folder", str(folder))


class _Nobody(io.TextIOBase):
    """Takes every word and keeps none."""

    def write(self, text: str) -> int:
        return len(text)


def _give_a_voice() -> None:
    """Started by Windows at the sign-in, without a console, Python has no streams to write to.

    One that goes into a file may have no Cyrillic letters: what is said there must not end what is being done.
    """
    if sys.stdout is None:
        sys.stdout = _Nobody()
    if sys.stderr is None:
        sys.stderr = _Nobody()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _places(options: argparse.Namespace) -> Places:
    lasting = configured_lasting(options.data)
    return places(
        options.data,
        lasting.folder,
        is_wiped=lasting.is_wiped,
        disk_forgets=(lambda _folder: False) if _is_check(options) else forgets,
    )


def _work(options: argparse.Namespace, clock: Clock, cover: Cover) -> int:
    """Take the data folder and run; returns the exit code. Raises CannotWork."""
    folder: Path = options.data
    with contextlib.ExitStack() as held:
        try:
            writes_to = _places(options)
            set_up_logs(writes_to.work)
            for place in dict.fromkeys((writes_to.work, writes_to.lasting)):
                held.callback(FolderLock(place / LOCK_FILE).release)
            tell_of_secrets(folder)
        except FolderInUse:
            return _refuse(_("В папке %s уже работает другой агент.") % folder, EXIT_FAILED)
        except OSError as error:
            raise CannotWork(
                _("В папку данных %(folder)s нельзя писать: %(reason)s.")
                % {"folder": folder, "reason": error.strerror},
                _cannot_write(error, folder),
            ) from error
        tell_of_memory(writes_to)
        try:
            store = FileStore(writes_to.lasting)
            given = given_settings(options.server, folder)
            tell_of_settings(given)
            whereabouts = Whereabouts(given.addresses, store, _search_beside(given, store))
            if _may_ask(options, store, given):
                choosing.ask(whereabouts, search)
            makes_way = asyncio.run(
                _run(options, store, whereabouts, clock, writes_to, given, cover)
            )
        except KeyboardInterrupt:  # while it asked
            return EXIT_FAILED
        except (OSError, sqlite3.OperationalError) as error:
            raise CannotWork(
                _("Агент остановлен: в папке данных %(folder)s ошибка: %(reason)s.")
                % {"folder": writes_to.lasting, "reason": error},
                _cannot_write(error, writes_to.lasting),
            ) from error
        except Exception as error:
            raise _failed(error, writes_to.work) from error
    if not makes_way:
        return 0
    if options.started_by == "starter":
        # At an orderly end Python would end the launcher, which covers the screen until the next one does.
        logging.shutdown()
        os._exit(EXIT_UPDATED)
    return EXIT_UPDATED
