"""`lovhub serve`: the club's server."""

import contextlib
import secrets
import socket
import ssl
from dataclasses import dataclass, replace
from gettext import gettext as _
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub import config_loader
from lovhub.clock import Clock, choose_clock
from lovhub.config_loader import Config
from lovhub.server import memory, refusal, serving
from lovhub.server.app import ClubApp
from lovhub.server.backups import service as backups_service
from lovhub.server.backups.keeper import Keeper, Restorations, Task, WantedRestore
from lovhub.server.backups.restore import restore, undo_unfinished
from lovhub.server.bus import Bus
from lovhub.server.certificate import Certificate, ensure_certificate
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import (
    DataFolder,
    ensure_config,
    ensure_identity,
    open_database,
    open_folder,
)
from lovhub.server.database.migrate import migrate
from lovhub.server.listener import ALL_HOSTS, addresses, listening_socket
from lovhub.server.logs import set_up_logs
from lovhub.server.notices import ways as notice_ways
from lovhub.server.notices.ways import Ways
from lovhub.server.payments import settings as payments_settings
from lovhub.server.payments.settings import Payments
from lovhub.server.refusal import StartRefused
from lovhub.server.sessions import link
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service

DEFAULT_PORT = 5000
EXIT_REFUSED = 1
STOP_SECONDS = 10.0
"""How long the server's end waits for a backup under way; a longer one is made anew another time."""
EXIT_INTERRUPTED = 130

log = structlog.get_logger("server")


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    data: Path
    host: str
    port: int
    test_clock: Path | None


def parse(arguments: list[str]) -> Options:
    """The options; ends the process with a sentence when they are wrong."""
    parser = Arguments(prog="lovhub serve", description=_("Сервер клуба LoVHub."))
    parser.add_argument(
        "--data", type=Path, default=Path(), help=_("папка данных (по умолчанию текущая)")
    )
    parser.add_argument("--host", default=ALL_HOSTS, help=_("адрес (по умолчанию все)"))
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=_("порт (по умолчанию 5000)")
    )
    parser.add_argument("--test-clock", type=Path, help=_("часы для проверок (сдвиг в файле)"))
    found = parser.parse_args(arguments)
    if not 0 < found.port < 2**16:
        parser.error(f"--port {found.port}")
    return Options(found.data, found.host, found.port, found.test_clock)


def main(arguments: list[str]) -> int:
    """Serve until told to stop; returns the exit code."""
    try:
        options = parse(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        serve(options)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except refusal.FORESEEN as error:
        sentence = refusal.sentence(error)
        if sentence is None:
            raise
        refuse(sentence)
        return EXIT_REFUSED
    return 0


def serve(options: Options) -> None:
    """Everything from the folder to the last goodbye; raises what `refusal.sentence` has words for.

    A backup is restored between two runs: the server stops, the backup takes the club's place, and the server
    goes on, in the same process.
    """
    folder = open_folder(options.data)
    with contextlib.closing(folder):
        clock = choose_clock(options.test_clock, folder.path)
        opened = _open(folder, clock)
        restorations = Restorations()
        # The port is kept from run to run: who calls meanwhile waits, instead of being turned away.
        with listening_socket(options.host, options.port) as listener:
            set_up_logs(folder.log_file)
            while True:
                _serve_once(folder, opened, clock, options, listener, restorations)
                wanted = restorations.take()
                if wanted is None:
                    break
                _restore(folder, opened.config, wanted, restorations)
                opened = _open(folder, clock)


@dataclass(frozen=True)
class _Opened:
    """What stands in the club's folder beside the database."""

    config: Config
    identity: Ed25519PrivateKey
    certificate: Certificate
    tls: ssl.SSLContext
    payments: Payments
    ways: Ways


def _open(folder: DataFolder, clock: Clock) -> _Opened:
    config = ensure_config(folder)
    payments = payments_settings.read(config, folder.path)
    identity = ensure_identity(folder)
    certificate = ensure_certificate(folder.path, clock.wall())
    ways = notice_ways.read(config, folder.path)
    return _Opened(config, identity, certificate, serving.tls_context(certificate), payments, ways)


def _serve_once(
    folder: DataFolder,
    opened: _Opened,
    clock: Clock,
    options: Options,
    listener: socket.socket,
    restorations: Restorations,
) -> None:
    backups_service.tidy(folder.path)
    url = folder.database_url(opened.config)
    if undo_unfinished(url):
        say(_("Восстановление из копии не закончилось: клуб оставлен таким, каким был до него."))
    with contextlib.closing(open_database(url)) as database:
        backup = migrate(database, folder.backups)
        if backup is not None:
            say(_("Перед обновлением базы сделана копия: %s") % backup)
        club = ClubContext(
            database=database,
            clock=clock,
            bus=Bus(),
            identity=opened.identity,
            secret_key=opened.config.secret_key.encode(),
        )
        _take_owner_from_config(club, folder, opened.config)
        waiting = link.recover_after_start(club)
        log.info("started", sessions_waiting=waiting, port=options.port)
        keeper = Keeper(club, folder.path, restorations)
        _run(keeper, opened, listener, options)
        keeper.wait(STOP_SECONDS)


def _restore(
    folder: DataFolder, config: Config, wanted: WantedRestore, restorations: Restorations
) -> None:
    say(_("Восстанавливаем клуб из копии %s…") % wanted.name)
    task = Task("restore", wanted.name)
    try:
        done = restore(
            folder.path,
            folder.database_url(config),
            folder.backups / wanted.name,
            files=wanted.files,
            actor=wanted.actor,
        )
    except Exception as error:
        # Whatever it was: the club is as it was before, and goes on.
        log.exception("restore_failed", backup=wanted.name)
        code = getattr(error, "code", "server_error")
        restorations.note(wanted.key, replace(task, state="failed", code=code))
        say(_("Восстановить не получилось: клуб оставлен таким, каким был."))
    else:
        restorations.note(wanted.key, replace(task, state="done", detail=done.restore_point))
        say(_("Клуб восстановлен из копии %s.") % wanted.name)


def _take_owner_from_config(club: ClubContext, folder: DataFolder, config: Config) -> None:
    """The old guide keeps the owner's password in the file: it moves into the database, hashed."""
    if not config.admin_password:
        return
    if _has_owner(club):
        notice = _(
            "Владелец уже есть в базе: пароль из config.ini не понадобился и убран из файла."
        )
    else:
        if not config.admin_login:
            raise StartRefused("admin_login_missing")
        staff_service.create_owner_from_config(
            club, login=config.admin_login, password=config.admin_password
        )
        notice = (
            _("Владелец «%s» создан. Пароль убран из config.ini: в базе хранится только его хеш.")
            % config.admin_login
        )
    config_loader.remove_option(folder.config_path, "Admin", "AdminPassword")
    say(notice)


def _has_owner(club: ClubContext) -> bool:
    with club.read() as db:
        return staff_queries.owner_exists(db, club.club_id)


def _run(keeper: Keeper, opened: _Opened, listener: socket.socket, options: Options) -> None:
    setup_token = secrets.token_urlsafe(24)
    app = ClubApp(
        keeper.club, opened.certificate.der, setup_token, keeper, opened.payments, opened.ways
    )
    memory.settle()
    reached_at = addresses(options.host, options.port)
    say(_("Запуск сервера в режиме HTTPS..."))
    for address in reached_at:
        say(f"  {address}/admin/login")
    if not _has_owner(keeper.club):
        # For the console only: who reads the log later must not become the owner.
        say(_("Владельца ещё нет. Откройте одноразовую ссылку и создайте его:"))
        say(f"  {reached_at[0]}/setup?token={setup_token}")
    stopper = serving.Stopper()
    keeper.restorations.stop = stopper.stop
    serving.run(app.asgi, app, listener.dup(), opened.tls, stopper)
    log.info("stopped")
    say(_("Сервер остановлен."))
