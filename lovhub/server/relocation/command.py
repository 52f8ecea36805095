"""`lovhub migrate-database`: the club moves from its SQLite file to PostgreSQL; the server must be stopped."""

import argparse
import getpass
import sys
import time
from contextlib import closing
from gettext import gettext as _
from pathlib import Path

from lovhub import config_loader
from lovhub.config_loader import ConfigError
from lovhub.server import refusal
from lovhub.server.backups.restore import undo_unfinished
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.data_folder import (
    DataFolder,
    ensure_config,
    existing_database,
    open_database,
    open_folder,
)
from lovhub.server.refusal import StartRefused
from lovhub.server.relocation.errors import RelocationRefused
from lovhub.server.relocation.service import relocate

EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130
SAY_EVERY_SECONDS = 3.0
_POSTGRES = "postgresql+psycopg://"
_SQLITE = "sqlite:///"


def main(arguments: list[str]) -> int:
    """Run `lovhub migrate-database`; exit code 0: done."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        return _migrate(options.data.resolve(), options)
    except RelocationRefused as refused:
        refuse(_sentence(refused))
        return EXIT_REFUSED
    except refusal.FORESEEN as error:
        refusal.told(error)
        return EXIT_REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(
        prog="lovhub migrate-database",
        description=_(
            "Переносит клуб из SQLite в пустую базу PostgreSQL и сверяет каждую строку. Сервер должен быть остановлен."
            " Файл SQLite не меняется; config.ini меняется, только когда всё перенесено."
        ),
    )
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    parser.add_argument(
        "--to",
        metavar=_("АДРЕС"),
        help=_(
            "postgresql+psycopg://пользователь:пароль@адрес/база (без этого ключа спросим: так пароль не увидят"
            " другие на этом компьютере)"
        ),
    )
    parser.add_argument("--to-file", type=Path, help=_("файл, в котором записан этот адрес"))
    return parser


def _migrate(data: Path, options: argparse.Namespace) -> int:
    if not data.is_dir():
        raise StartRefused("database_missing", folder=str(data))
    with closing(open_folder(data)) as folder:
        config = config_loader.load(folder.config_path)
        url = folder.database_url(config)
        if not url.startswith(_SQLITE):
            raise RelocationRefused("already")
        address = _address(options)
        undo_unfinished(url)
        with existing_database(data) as (source, _config):
            try:
                to = open_database(address, source.seal_key)
            except ConfigError as error:
                raise RelocationRefused("address") from error
            try:
                with closing(to):
                    rows, flaws = relocate(source, to, _Progress().tell)
            except KeyboardInterrupt:
                refuse(_("Прервано: PostgreSQL, SQLite и config.ini остались как были."))
                return EXIT_INTERRUPTED
        say(_("Перенесено и сверено строк: %s.") % _number(rows))
        if flaws:
            say(
                _(
                    "Учёт перенесён как есть, но он и в SQLite не сходится, расхождений: %d."
                    " Их покажет lovhub ledger check."
                )
                % flaws
            )
        return _point_there(folder, address)


def _point_there(folder: DataFolder, address: str) -> int:
    try:
        ensure_config(folder)
        config_loader.set_option(folder.config_path, "Database", "Url", address)
    except (OSError, ConfigError):
        refuse(
            _(
                "Клуб уже в PostgreSQL, но config.ini записать не удалось: впишите в его раздел [Database] строку"
                " «Url = » с адресом, который вы указали, и только потом запускайте сервер."
            )
        )
        return EXIT_REFUSED
    say(_("config.ini изменён: в разделе [Database] теперь адрес PostgreSQL."))
    say(
        _(
            "Прежний файл lovhub.sqlite3 не изменён и больше не нужен серверу: уберите его в архив. Не убирайте адрес"
            " из config.ini: всё, что будет с этой минуты, есть только в PostgreSQL."
        )
    )
    say(_("Запустите сервер: lovhub serve --data %s") % folder.path)
    return 0


def _address(options: argparse.Namespace) -> str:
    if options.to_file is not None:
        address = config_loader.text_of(options.to_file)
    elif options.to is not None:
        address = options.to
    elif sys.stdin is not None and sys.stdin.isatty():
        address = getpass.getpass(_("Адрес базы PostgreSQL (на экране не виден): "))
    else:
        raise RelocationRefused("address_needed")
    address = address.strip()
    if not address.startswith(_POSTGRES) or len(address.split()) != 1:
        raise RelocationRefused("address")
    return str(address)


class _Progress:
    """A line for each stage and for each table with rows; for a large one, now and then."""

    def __init__(self) -> None:
        self._stage = ""
        self._said_at = time.monotonic()

    def tell(self, stage: str, table: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stage = stage
            say(_stages()[stage])
        if not table or (done < total and time.monotonic() - self._said_at < SAY_EVERY_SECONDS):
            return
        self._said_at = time.monotonic()
        if done == total:
            say(f"  {table}: {_number(total)}")
        else:
            words = {"table": table, "done": _number(done), "total": _number(total)}
            say(_("  %(table)s: %(done)s из %(total)s") % words)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def _stages() -> dict[str, str]:
    return {
        "books": _("Проверяем учёт…"),
        "copying": _("Переносим…"),
        "tying": _("Строим индексы и связи…"),
        "comparing": _("Сверяем каждую строку…"),
        "arrived": _("Здесь уже есть клуб: сверяем, весь ли он перенесён…"),
    }


def _sentence(refused: RelocationRefused) -> str:
    texts = {
        "already": _(
            "Этот клуб уже не в SQLite: в config.ini, в разделе [Database], стоит адрес другой базы."
        ),
        "address": _(
            "Адрес базы не подходит: нужен вида postgresql+psycopg://пользователь:пароль@адрес/база."
        ),
        "address_needed": _("Укажите, куда переносить: ключом --to-file или --to."),
        "no_club": _("В этой папке ещё нет клуба: переносить нечего."),
        "unknown_table": _(
            "В базе SQLite не те таблицы, что у этой версии LoVHub ({table}): ничего не перенесено."
        ),
        "misfits": _(
            "В базе SQLite есть значения, каких там быть не может: их покажет lovhub ledger check. Верните прежние,"
            " например из резервной копии, и повторите. Ничего не перенесено."
        ),
        "target_unreachable": _(
            "Нет связи с PostgreSQL: проверьте, что он запущен, и адрес, имя и пароль. Ничего не изменено."
        ),
        "target_encoding": _(
            "База PostgreSQL не в UTF-8: создайте её с ENCODING 'UTF8'. Ничего не изменено."
        ),
        "target_taken": _(
            "В эту базу уже идёт перенос, или он только что оборвался: подождите минуту и повторите."
        ),
        "target_not_empty": _(
            "База PostgreSQL не пуста, и это не этот клуб целиком: перенос начинается только в пустую. Создайте"
            " новую и укажите её. Ничего не изменено."
        ),
        "target_rights": _(
            "Этому пользователю PostgreSQL не хватает прав ({reason}): сделайте его владельцем базы."
            " Ничего не изменено."
        ),
        "target_full": _("На диске PostgreSQL нет места: освободите его. Ничего не изменено."),
        "target_failed": _("PostgreSQL отказал ({reason}): ничего не изменено."),
        "row_refused": _(
            "PostgreSQL не принял строку таблицы {table} ({reason}): ничего не изменено."
        ),
        "rows_differ": _(
            "При сверке таблица {table} не совпала: перенос отменён, ничего не изменено."
        ),
        "books_differ": _("После переноса учёт не сошёлся: перенос отменён, ничего не изменено."),
    }
    return texts[refused.code].format(**refused.values)
