"""`lovhub demo`: a server with a living club on it, for whoever wants to see what LoVHub is."""

import argparse
import asyncio
import secrets
import sys
from contextlib import suppress
from gettext import gettext as _
from pathlib import Path

from lovhub import config_loader
from lovhub.agent.settings import Address
from lovhub.clock import SystemClock
from lovhub.simulator.club import FOLDER, Club, Settings
from lovhub.simulator.club_api import ApiRefused, ClubApi
from lovhub.simulator.command import (
    CERTIFICATE_FILE,
    EXIT_BAD_INPUT,
    EXIT_FAILED,
    Parser,
    add_hall_options,
    say,
    say_figures,
    set_up_logs,
    stop_on_signals,
)
from lovhub.simulator.contents import APPLICATIONS, GOODS, HALL, TARIFFS, ZONES
from lovhub.simulator.people import Person, make_owner, read_owner
from lovhub.simulator.ports import NoFreePort, free_port
from lovhub.simulator.server_process import ServerGone, ServerProcess
from lovhub.simulator.shift import Shift, hire, open_shift
from lovhub.simulator.small_server import HOST

START_SECONDS = 60.0
_POLL_SECONDS = 0.2

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a person may ask for
"""Who answers on all addresses is reached at this one."""

_FIRST_CONFIG = """\
[Admin]
AdminUsername = {login}
AdminPassword = {password}
"""
"""The server makes its owner of this at the first start, and takes the password out of the file."""


class NotADemo(Exception):
    """The folder holds a club that no demonstration has made."""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="lovhub demo", description=_("Сервер LoVHub с живым демонстрационным клубом.")
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("demo"),
        help=_("папка демонстрационного клуба (по умолчанию demo)"),
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar=_("АДРЕС"),
        help=_("на каком адресе отвечать (по умолчанию только этому компьютеру)"),
    )
    parser.add_argument(
        "--port",
        type=int,
        default=5000,
        metavar=_("ЧИСЛО"),
        help=_("порт; если занят, берётся следующий свободный (по умолчанию 5000)"),
    )
    add_hall_options(parser)
    return parser


def prepare_folder(data: Path) -> Person:
    """Make the demonstration's folder, or find it again; raises NotADemo."""
    folder = data / FOLDER
    config = data / config_loader.FILE_NAME
    owner = read_owner(folder)
    if owner is None:
        if config.exists():
            raise NotADemo(str(data))
        folder.mkdir(parents=True, exist_ok=True)
        owner = make_owner(folder)
    (data / config_loader.DEMO_FOLDER_MARK).touch()
    if not config.exists():
        text = _FIRST_CONFIG.format(login=owner.login, password=owner.password)
        config_loader.write_private(config, text.encode())
    return owner


async def _signed_in(server: ServerProcess, address: Address, data: Path, owner: Person) -> ClubApi:
    """Wait until the server answers and sign in; raises ServerGone, ApiRefused, TimeoutError."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            server.check()
            with suppress(OSError):
                certificate_pem = (data / CERTIFICATE_FILE).read_text(encoding="ascii")
                api = ClubApi(address, certificate_pem)
                await asyncio.to_thread(api.sign_in, owner)
                return api
            await asyncio.sleep(_POLL_SECONDS)


def settle_with_bank(config: Path, club_port: int) -> int:
    """Write into the club's `config.ini` what it and the bank that is none agree on; returns the bank's port.

    Whoever has put another mode there keeps it.
    """
    port = free_port(HOST, club_port + 1)
    found = config_loader.read(config)
    if found.kaspi_mode not in {"", "fake"}:
        return port
    agreed = {
        "Mode": "fake",
        "BaseUrl": f"http://{HOST}:{port}/r3/v01",
        "GatewayUrl": f"http://{HOST}:{port}/gateway",
        "OrganizationBin": "000000000000",
        **{
            name: found.kaspi.get(name.lower()) or secrets.token_urlsafe(24)
            for name in ("DeviceToken", "GatewayApiKey", "PathSecret", "WebhookSecret")
        },
    }
    for name, value in agreed.items():
        config_loader.set_option(config, "Kaspi", name, value)
    return port


def settle_with_operator(config: Path, club_port: int) -> int:
    """The same with the operator of fiscal data that is none."""
    port = free_port(HOST, club_port + 2)
    found = config_loader.read(config).fiscal
    if found.get("mode", "") not in {"", "fake"}:
        return port
    agreed = {
        "Mode": "fake",
        "BaseUrl": f"http://{HOST}:{port}",
        "Token": found.get("token") or secrets.token_urlsafe(24),
    }
    for name, value in agreed.items():
        config_loader.set_option(config, "Fiscal", name, value)
    return port


def furnish(api: ClubApi) -> None:
    """A hall, tariffs, goods and applications, those still missing."""
    if not api.zone_ids():
        api.add_hall(HALL, ZONES)
    on_sale = api.tariff_titles()
    for tariff in TARIFFS:
        if tariff.title not in on_sale:
            api.add_tariff(tariff)
    shelf = api.goods()
    for good in GOODS:
        if good.title not in shelf:
            api.add_good(good)
    offered = api.application_titles()
    for application in APPLICATIONS:
        if application.title not in offered:
            api.add_application(application)


def _say_welcome(
    address: Address, owner: Person, cashier: Person, bank_port: int, operator_port: int
) -> None:
    say(
        _(
            "\n"
            "  LoVHub работает: демонстрационный клуб открыт.\n"
            "\n"
            "    Адрес:   https://%(address)s\n"
            "    Логин:   %(login)s\n"
            "    Пароль:  %(password)s\n"
            "\n"
            "  Это владелец. Кассир видит меньше: логин %(cashier)s, пароль %(cashier_password)s\n"
            "\n"
            "  Kaspi здесь ненастоящий: за клиента платят на http://127.0.0.1:%(bank_port)d\n"
            "  Оператор чеков тоже: что ему пришло, видно на http://127.0.0.1:%(operator_port)d\n"
            "\n"
            "  Браузер предупредит о сертификате: клуб сделал его сам, поэтому выберите\n"
            "  «Дополнительно» и «Перейти на сайт».\n"
            "  Остановить: Ctrl+C. В следующий раз клуб продолжит с того же места.\n"
        )
        % {
            "address": address,
            "login": owner.login,
            "password": owner.password,
            "cashier": cashier.login,
            "cashier_password": cashier.password,
            "bank_port": bank_port,
            "operator_port": operator_port,
        }
    )


async def _live_until_told_to_end(options: argparse.Namespace, data: Path, owner: Person) -> Club:
    with stop_on_signals() as stop:
        return await _live(options, data, owner, stop)


async def _live(
    options: argparse.Namespace, data: Path, owner: Person, stop: asyncio.Event
) -> Club:
    """From the server's start to its end; raises ServerGone, ApiRefused, OSError, TimeoutError."""
    port = free_port(options.host, options.port)
    address = Address(_LOOPBACK.get(options.host, options.host), port)
    bank_port = settle_with_bank(data / config_loader.FILE_NAME, port)
    operator_port = settle_with_operator(data / config_loader.FILE_NAME, bank_port)
    bank = await ServerProcess.start(
        *("--data", str(data), "--port", str(bank_port)),
        *("--club-host", address.host, "--club-port", str(port)),
        program="bank",
    )
    operator = await ServerProcess.start(
        "--data", str(data), "--port", str(operator_port), program="ofd"
    )
    server = await ServerProcess.start(
        "--data", str(data), "--host", options.host, "--port", str(port)
    )
    try:
        api = await _signed_in(server, address, data, owner)
        say(_("Наполняем клуб…"))
        await asyncio.to_thread(furnish, api)
        staff = await asyncio.to_thread(hire, api, data / FOLDER)
        await asyncio.to_thread(open_shift, staff)
        settings = Settings(
            address=address,
            folder=data / FOLDER,
            pcs=options.pcs,
            seed=options.seed,
            speed=options.speed,
        )
        club = Club(settings, api, staff.cashiers, SystemClock())
        living = asyncio.create_task(
            club.run(
                stop,
                options.seconds,
                opened=lambda: _say_welcome(address, owner, staff.shown, bank_port, operator_port),
            )
        )
        at_the_desk = asyncio.create_task(Shift(staff, data / FOLDER).run())
        watching = asyncio.create_task(server.watch())
        await asyncio.wait([living, watching], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await living
        server.check()
        watching.cancel()
        at_the_desk.cancel()
        return club
    finally:
        await server.stop()
        await bank.stop()
        await operator.stop()


def _refuse(sentence: str, exit_code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return exit_code


def main(arguments: list[str]) -> int:
    """Show the demonstration club until Ctrl+C; returns the exit code."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    set_up_logs()
    data: Path = options.data.absolute()
    try:
        owner = prepare_folder(data)
        club = asyncio.run(_live_until_told_to_end(options, data, owner))
    except NotADemo:
        return _refuse(
            _("В папке %s уже есть настоящий клуб: укажите для показа другую ключом --data.")
            % data,
            EXIT_BAD_INPUT,
        )
    except NoFreePort:
        return _refuse(
            _("Рядом с портом %d нет свободного: укажите другой ключом --port.") % options.port,
            EXIT_FAILED,
        )
    except ServerGone as gone:
        return _refuse(
            _("Сервер остановился. Последнее, что он сказал:") + "\n" + "\n".join(gone.lines[-20:]),
            EXIT_FAILED,
        )
    except ApiRefused as error:
        return _refuse(_("Сервер отказал: %s.") % error, EXIT_FAILED)
    except TimeoutError:
        return _refuse(_("Сервер не отвечает слишком долго."), EXIT_FAILED)
    except OSError as error:
        return _refuse(_("Не получилось: %s.") % error, EXIT_FAILED)
    say_figures(club)
    return 0
