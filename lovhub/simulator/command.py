"""`lovhub simulate`: virtual PCs and players for a server that is running already."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import NoReturn

import structlog

from lovhub.agent.settings import SettingsRefused, parse_address
from lovhub.agent.stop_signal import told_to_end
from lovhub.clock import ClockRefused, choose_clock
from lovhub.simulator.club import FASTEST, FOLDER, MOST_PCS, Club, Settings
from lovhub.simulator.club_api import ApiRefused, ClubApi
from lovhub.simulator.people import read_owner

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1
CERTIFICATE_FILE = "cert.pem"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one Russian sentence."""

    def error(self, message: str) -> NoReturn:
        """See ArgumentParser; `message` is English and of use to the technician only."""
        sys.stderr.write(
            _("Не понятны параметры команды: %(why)s. Подсказка: %(command)s --help")
            % {"why": message, "command": self.prog}
            + "\n"
        )
        raise SystemExit(EXIT_BAD_INPUT)


def pcs(text: str) -> int:
    """A number of PCs within what one process can be."""
    number = int(text)
    if not 1 <= number <= MOST_PCS:
        raise ValueError(text)
    return number


def speed(text: str) -> float:
    """How many times faster than people the players live; bounded, so that the load is."""
    times = float(text)
    if not 0 < times <= FASTEST:
        raise ValueError(text)
    return times


def seconds(text: str) -> float:
    """After how many seconds to stop."""
    number = float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def add_hall_options(parser: argparse.ArgumentParser) -> None:
    """What every simulated hall has."""
    parser.add_argument(
        "--pcs",
        type=pcs,
        default=20,
        metavar=_("ЧИСЛО"),
        help=_("сколько виртуальных ПК, не больше %d (по умолчанию 20)") % MOST_PCS,
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar=_("ЧИСЛО"), help=_("другое число: другой вечер")
    )
    parser.add_argument(
        "--speed",
        type=speed,
        default=1.0,
        metavar=_("РАЗ"),
        help=_("во сколько раз быстрее людей живут игроки, не больше %d") % FASTEST,
    )
    parser.add_argument(
        "--seconds", type=seconds, metavar=_("ЧИСЛО"), help=_("остановиться через столько секунд")
    )


def set_up_logs() -> None:
    """Only what went wrong, on standard error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Set by Ctrl+C and by a polite request to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with told_to_end(lambda: loop.call_soon_threadsafe(stop.set)):
        yield stop


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_figures(club: Club) -> None:
    """What has happened, one figure a line."""
    for name, number in sorted(club.figures.items()):
        say(f"{name}: {number}")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="lovhub simulate", description=_("Виртуальные ПК и игроки для работающего сервера.")
    )
    parser.add_argument(
        "--data", type=Path, default=Path(), help=_("папка данных сервера (по умолчанию текущая)")
    )
    parser.add_argument(
        "--server", required=True, metavar=_("АДРЕС[:ПОРТ]"), help=_("адрес сервера клуба")
    )
    add_hall_options(parser)
    parser.add_argument(
        "--staff-token-file",
        type=Path,
        metavar=_("ФАЙЛ"),
        help=_("ключ сотрудника для API (демонстрационному клубу не нужен)"),
    )
    parser.add_argument(
        "--in-memory",
        action="store_true",
        help=_("ПК ничего не хранят: в следующий раз это будут другие ПК (для нагрузки)"),
    )
    parser.add_argument(
        "--test-clock", type=Path, metavar=_("ФАЙЛ"), help=_("часы для проверок (сдвиг в файле)")
    )
    return parser


def _refuse(sentence: str, exit_code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return exit_code


async def _run(club: Club, stop_after_seconds: float | None) -> None:
    with stop_on_signals() as stop:
        await club.run(stop, stop_after_seconds)


def main(arguments: list[str]) -> int:
    """Run the virtual club until it is told to stop; returns the exit code."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    set_up_logs()
    data: Path = options.data.absolute()
    try:
        address = parse_address(options.server)
        clock = choose_clock(options.test_clock, data)
        certificate_pem = (data / CERTIFICATE_FILE).read_text(encoding="ascii")
        folder = data / FOLDER
        api = ClubApi(address, certificate_pem)
        if options.staff_token_file is not None:
            api.use_token(options.staff_token_file.read_text(encoding="ascii").strip())
        elif (owner := read_owner(folder)) is not None:
            api.sign_in(owner)
        else:
            return _refuse(
                _("Нужен ключ сотрудника: добавьте --staff-token-file ФАЙЛ."), EXIT_BAD_INPUT
            )
        settings = Settings(
            address=address,
            pcs=options.pcs,
            seed=options.seed,
            speed=options.speed,
            folder=folder,
            in_memory=options.in_memory,
        )
        club = Club(settings, api, [api], clock)
        asyncio.run(_run(club, options.seconds))
    except SettingsRefused as error:
        return _refuse(str(error), EXIT_BAD_INPUT)
    except ClockRefused:
        return _refuse(
            _("Часы для проверок разрешены только в папке, созданной для проверок: %s.") % data,
            EXIT_BAD_INPUT,
        )
    except ApiRefused as error:
        return _refuse(_("Сервер отказал: %s.") % error, EXIT_FAILED)
    except OSError as error:
        return _refuse(_("Не получилось: %s.") % error, EXIT_FAILED)
    say_figures(club)
    return 0
