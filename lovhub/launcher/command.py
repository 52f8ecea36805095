"""`lovhub launcher`: started by the agent, which passes this process its token on standard input.

Not by arguments or environment: every program of the player can read those.
"""

import argparse
import faulthandler
import importlib.util
import logging
import os
import signal
import sys
from pathlib import Path

from lovhub.clock import Clock, ClockRefused, choose_clock
from lovhub.launcher.immortal import keep_none_alive
from lovhub.launcher.plain_imports import load_qt
from lovhub.launcher.texts import _, choose_language
from lovhub.loading import without_collector

LONGEST_TOKEN = 1024
ENDING_SIGNALS = (
    "SIGTERM",
    "SIGINT",
    "SIGHUP",
    "SIGQUIT",
    "SIGTSTP",
    "SIGUSR1",
    "SIGUSR2",
    "SIGALRM",
)


def main(arguments: list[str]) -> int:
    """Run the launcher; returns the exit code."""
    options = _parser().parse_args(arguments)
    choose_language(options.language)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    token = sys.stdin.readline(LONGEST_TOKEN).strip()
    if not token:
        return _refuse(_("Лаунчер запускает агент: запустите lovhub agent."))
    try:
        clock = choose_clock(options.test_clock, options.data)
    except ClockRefused:
        return _refuse(_("Тестовые часы работают только в папке, созданной для тестов."))
    if importlib.util.find_spec("PySide6") is None:
        return _refuse(_("Не хватает PySide6. Установите зависимости: requirements_client.txt."))
    keep_none_alive()
    _refuse_to_end()
    if sys.platform != "win32":
        # The lock needs X11; under Wayland no program may cover the screen or take the keyboard.
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    return _run(options, token, clock)


def _run(options: argparse.Namespace, token: str, clock: Clock) -> int:
    # Only now, when everything that can be wrong without Qt has been said in a sentence.
    with without_collector():
        load_qt()
        from lovhub.launcher.app import run  # noqa: PLC0415
        from lovhub.launcher.platform import PlatformNotSupported  # noqa: PLC0415

    try:
        return run(options.socket, options.agent_pid, token, options.theme, clock, options.trouble)
    except PlatformNotSupported as error:
        return _refuse(
            _("Блокировка экрана не работает в этой графической системе: {name}.").format(
                name=error
            )
        )


def _refuse_to_end() -> None:
    """Only the agent ends the launcher, by a message; nobody else's polite request is heard."""
    for name in ENDING_SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    faulthandler.enable()


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lovhub launcher", description=_("Окно игрока. Запускается агентом.")
    )
    parser.add_argument("--socket", required=True, help=_("сокет или канал агента"))
    parser.add_argument("--agent-pid", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных агента"))
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help=_("оформление"))
    parser.add_argument("--language", default="ru", help=_("язык: ru, kk, en"))
    parser.add_argument("--trouble", default="", help=argparse.SUPPRESS)
    parser.add_argument("--test-clock", type=Path, help=argparse.SUPPRESS)
    return parser
