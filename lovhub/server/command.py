"""`lovhub serve`: the club's server."""

import argparse
import contextlib
import errno
import secrets
import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import NoReturn

import structlog
import uvicorn
from sqlalchemy.exc import DBAPIError

from lovhub import config_loader
from lovhub.clock import ClockRefused, choose_clock
from lovhub.config_loader import Config, ConfigError
from lovhub.server import refusal
from lovhub.server.app import build_app
from lovhub.server.bus import Bus
from lovhub.server.certificate import Certificate, ensure_certificate, local_addresses
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import DataFolder, ensure_config, ensure_identity, open_folder
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import DatabaseTooNew, migrate
from lovhub.server.errors import OperationRefused
from lovhub.server.logs import set_up_logs
from lovhub.server.refusal import StartRefused
from lovhub.server.sessions import link
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service

DEFAULT_PORT = 5000
EXIT_REFUSED = 1
EXIT_USAGE = 2
BACKLOG = 2048
LARGEST_MESSAGE_BYTES = 128 * 1024
"""The protocol's limit is half of this: what is a little too long still gets an answer that says so."""

log = structlog.get_logger("server")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one Russian sentence."""

    def error(self, message: str) -> NoReturn:
        """See ArgumentParser; its message is English."""
        sys.stderr.write(
            _("Не понятны параметры команды: %s. Подсказка: lovhub serve --help") % message + "\n"
        )
        raise SystemExit(EXIT_USAGE)


@dataclass(frozen=True)
class Options:
    """What the command line says. `host` empty: all addresses."""

    data: Path
    host: str
    port: int
    test_clock: Path | None


def parse(arguments: list[str]) -> Options:
    """The options; ends the process with a sentence when they are wrong."""
    parser = _Parser(prog="lovhub serve", description=_("Сервер клуба LoVHub."))
    parser.add_argument(
        "--data", type=Path, default=Path(), help=_("папка данных (по умолчанию текущая)")
    )
    parser.add_argument("--host", default="", help=_("адрес (по умолчанию все)"))
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
    except (
        StartRefused,
        ConfigError,
        ClockRefused,
        DatabaseTooNew,
        OperationRefused,
        OSError,
        DBAPIError,
    ) as error:
        sentence = refusal.sentence(error)
        if sentence is None:
            raise
        sys.stderr.write(sentence + "\n")
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
        with _listening_socket(options.host, options.port) as listener:
            set_up_logs(folder.log_file)
            database = Database(folder.database_url(config))
            with contextlib.closing(database):
                backup = migrate(database, folder.backups)
                if backup is not None:
                    _say(_("Перед обновлением базы сделана копия: %s") % backup)
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
                _run(club, certificate, listener, options)


def _take_owner_from_config(club: ClubContext, folder: DataFolder, config: Config) -> None:
    """The old guide keeps the owner's password in the file: it moves into the database, hashed."""
    if config.admin_login and config.admin_password:
        created = staff_service.create_owner_from_config(
            club, login=config.admin_login, password=config.admin_password
        )
        if created:
            _say(_("Владелец «%s» создан по config.ini.") % config.admin_login)
    if config.has_admin_password:
        config_loader.remove_option(folder.config_path, "Admin", "AdminPassword")
        _say(_("Пароль убран из config.ini: теперь он хранится в базе в виде хеша."))


def _run(
    club: ClubContext, certificate: Certificate, listener: socket.socket, options: Options
) -> None:
    setup_token = secrets.token_urlsafe(24)
    app = build_app(club, certificate.der, setup_token)
    server = uvicorn.Server(_uvicorn_config(app, certificate))
    _say(_("Запуск сервера в режиме HTTPS..."))
    for address in _addresses(options.host):
        _say(f"  https://{address}:{options.port}/admin/login")
    with club.read() as db:
        owned = staff_queries.owner_exists(db, club.club_id)
    if not owned:
        _say(_("Владельца ещё нет. Откройте одноразовую ссылку и создайте его:"))
        shown = _addresses(options.host)[0]
        _say(f"  https://{shown}:{options.port}/setup?token={setup_token}")
    server.run(sockets=[listener])
    log.info("stopped")
    _say(_("Сервер остановлен."))


def _uvicorn_config(app: object, certificate: Certificate) -> uvicorn.Config:
    def context(_config: uvicorn.Config, _default: object) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
        made.load_cert_chain(certificate.cert_path, certificate.key_path)
        return made

    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # any ASGI application
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ssl_context_factory=context,
        proxy_headers=False,
        server_header=False,
        log_config=None,
        access_log=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=5,
        backlog=BACKLOG,
    )


def _addresses(host: str) -> list[str]:
    if host and host not in {"0.0.0.0", "::"}:  # noqa: S104 (what the owner may have asked for)
        return [f"[{host}]" if ":" in host else host]
    return [address for address in local_addresses() if ":" not in address]


@contextlib.contextmanager
def _listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    """The port, taken for this process alone; raises StartRefused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # Without this another program could take the same port and listen in.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except PermissionError as error:
            raise StartRefused("port_forbidden", port=port) from error
        except socket.gaierror as error:
            raise StartRefused("host_unknown", host=host) from error
        except OSError as error:
            code = "host_unknown" if _no_such_address(error) else "port_busy"
            raise StartRefused(code, host=host, port=port) from error
        listener.setblocking(False)
        yield listener
    finally:
        listener.close()


def _no_such_address(error: OSError) -> bool:
    return error.errno == errno.EADDRNOTAVAIL


def _say(line: str) -> None:
    """For the person at the console, who may have sent our output to a file: written at once."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
