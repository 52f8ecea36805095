"""`lovhub serve`: the club's server."""

import contextlib
import secrets
import socket
import ssl
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path

import structlog

from lovhub import config_loader
from lovhub.clock import choose_clock
from lovhub.config_loader import Config
from lovhub.server import refusal, serving
from lovhub.server.app import ClubApp
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
from lovhub.server.refusal import StartRefused
from lovhub.server.sessions import link
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service

DEFAULT_PORT = 5000
EXIT_REFUSED = 1
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
    """Everything from the folder to the last goodbye; raises what `refusal.sentence` has words for."""
    folder = open_folder(options.data)
    with contextlib.closing(folder):
        clock = choose_clock(options.test_clock, folder.path)
        config = ensure_config(folder)
        identity = ensure_identity(folder)
        certificate = ensure_certificate(folder.path, clock.wall())
        tls = serving.tls_context(certificate)
        with listening_socket(options.host, options.port) as listener:
            set_up_logs(folder.log_file)
            with contextlib.closing(open_database(folder.database_url(config))) as database:
                backup = migrate(database, folder.backups)
                if backup is not None:
                    say(_("Перед обновлением базы сделана копия: %s") % backup)
                club = ClubContext(
                    database=database,
                    clock=clock,
                    bus=Bus(),
                    identity=identity,
                    secret_key=config.secret_key.encode(),
                )
                _take_owner_from_config(club, folder, config)
                waiting = link.recover_after_start(club)
                log.info("started", sessions_waiting=waiting, port=options.port)
                _run(club, certificate, listener, tls, options)


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


def _run(
    club: ClubContext,
    certificate: Certificate,
    listener: socket.socket,
    tls: ssl.SSLContext,
    options: Options,
) -> None:
    setup_token = secrets.token_urlsafe(24)
    app = ClubApp(club, certificate.der, setup_token)
    reached_at = addresses(options.host, options.port)
    say(_("Запуск сервера в режиме HTTPS..."))
    for address in reached_at:
        say(f"  {address}/admin/login")
    if not _has_owner(club):
        # For the console only: who reads the log later must not become the owner.
        say(_("Владельца ещё нет. Откройте одноразовую ссылку и создайте его:"))
        say(f"  {reached_at[0]}/setup?token={setup_token}")
    serving.run(app.asgi, app, listener, tls)
    log.info("stopped")
    say(_("Сервер остановлен."))
