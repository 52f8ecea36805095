"""The one command, `lovhub`.

Each subcommand is imported only when it is called, so that `--help` is quick and a PC needs none of the
server's libraries.
"""

import importlib
import sys
from typing import NamedTuple

from lovhub import __version__
from lovhub.loading import use_own_libraries, without_collector


class Subcommand(NamedTuple):
    """Where a subcommand lives (a module with `main(arguments) -> exit code`) and what it is for."""

    module: str
    help: str


SUBCOMMANDS = {
    "serve": Subcommand("lovhub.server.command", "сервер клуба"),
    "agent": Subcommand(
        "lovhub.agent.starter", "агент на игровом ПК (запускает лаунчер и следит за ним)"
    ),
    "launcher": Subcommand("lovhub.launcher.command", "окно игрока (запускается агентом)"),
    "keys": Subcommand(
        "lovhub.launcher.hook.command", "перехват клавиш под Windows (его запускает launcher)"
    ),
    "demo": Subcommand("lovhub.simulator.demo", "сервер с живым демонстрационным клубом"),
    "bank": Subcommand("lovhub.simulator.bank.command", "ненастоящий банк (его запускает demo)"),
    "ofd": Subcommand(
        "lovhub.simulator.ofd.command", "ненастоящий оператор чеков (его запускает demo)"
    ),
    "simulate": Subcommand(
        "lovhub.simulator.command", "виртуальные ПК и игроки для уже работающего сервера"
    ),
    "bench": Subcommand("lovhub.benching", "замеры скорости (только в исходном коде)"),
    "backup": Subcommand(
        "lovhub.server.backups.command", "резервные копии: create, list, check, restore"
    ),
    "doctor": Subcommand("lovhub.server.status.command", "самопроверка: что не так и что делать"),
    "ledger": Subcommand("lovhub.server.ledger.command", "учёт: check проверяет, export выгружает"),
    "migrate-database": Subcommand(
        "lovhub.server.relocation.command", "перенести клуб из SQLite в PostgreSQL"
    ),
    "staff": Subcommand("lovhub.server.staff.command", "сотрудники: сбросить пароль владельца"),
}


def usage() -> str:
    """The help text, one line a subcommand."""
    width = max(len(name) for name in SUBCOMMANDS)
    lines = [f"  {name:<{width}}  {subcommand.help}" for name, subcommand in SUBCOMMANDS.items()]
    return "\n".join(
        [f"LoVHub {__version__}", "", "lovhub КОМАНДА [--data ПАПКА] …", "", *lines, "",
         "Подробнее о команде: lovhub КОМАНДА --help"]
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; returns the process's exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    use_own_libraries()
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(usage())
        return 0
    if arguments[0] == "--version":
        print(__version__)
        return 0
    subcommand = SUBCOMMANDS.get(arguments[0])
    if subcommand is None:
        print(f"Нет команды «{arguments[0]}».\n\n{usage()}", file=sys.stderr)
        return 2
    with without_collector():
        module = importlib.import_module(subcommand.module)
    exit_code: int = module.main(arguments[1:])
    return exit_code
