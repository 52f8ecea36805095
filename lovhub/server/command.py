"""`lovhub serve`: the club's server."""

import contextlib
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path

from lovhub.clock import choose_clock
from lovhub.loading import without_collector
from lovhub.server import refusal
from lovhub.server.console import Arguments
from lovhub.server.data_folder import open_folder
from lovhub.server.listener import ALL_HOSTS, listening_socket
from lovhub.server.logs import set_up_logs
from lovhub.server.nodes.own_connection import is_postgresql
from lovhub.server.nodes.roles import Role
from lovhub.server.opening import open_files

DEFAULT_PORT = 5000
EXIT_REFUSED = 1
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    data: Path
    host: str
    port: int
    test_clock: Path | None
    role: Role = Role.ALL


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
    parser.add_argument(
        "--role",
        choices=[str(role) for role in Role],
        default=str(Role.ALL),
        help=_(
            "что берёт на себя один из серверов с общей базой PostgreSQL: связь с ПК (channel), страницы (pages)"
            " или всё (all, по умолчанию)"
        ),
    )
    found = parser.parse_args(arguments)
    if not 0 < found.port < 2**16:
        parser.error(f"--port {found.port}")
    return Options(found.data, found.host, found.port, found.test_clock, Role(found.role))


def main(arguments: list[str]) -> int:
    """Serve until told to stop, or install the service; returns the exit code."""
    if arguments and not arguments[0].startswith("-"):
        from lovhub.server import install  # noqa: PLC0415

        return install.main(arguments)
    try:
        options = parse(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        serve(options)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except refusal.FORESEEN as error:
        refusal.told(error)
        return EXIT_REFUSED
    return 0


def serve(options: Options) -> None:
    """Everything from the folder to the last goodbye; raises what `refusal.sentence` has words for."""
    folder = open_folder(options.data)
    with contextlib.closing(folder):
        clock = choose_clock(options.test_clock, folder.path)
        opened = open_files(folder, clock)
        if options.role is not Role.ALL and not is_postgresql(folder.database_url(opened.config)):
            raise refusal.StartRefused("role_of_one", role=options.role)
        # The port is kept from run to run: who calls meanwhile waits, instead of being turned away.
        with listening_socket(options.host, options.port) as listener:
            set_up_logs(folder.log_file)
            # The application is most of what a start takes: who is refused has been told without waiting for it.
            with without_collector():
                from lovhub.server import running  # noqa: PLC0415

            running.run(folder, opened, clock, options.host, listener, options.role)
