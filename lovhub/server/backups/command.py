"""`lovhub backup create|list|check|restore`: copies of the club from the console."""

import argparse
import getpass
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from gettext import gettext as _
from pathlib import Path

from lovhub import config_loader
from lovhub.server import refusal
from lovhub.server.actor import SYSTEM
from lovhub.server.backups import (
    archive,
    continuous,
    folder,
    keys,
    restore,
    sealing,
    service,
    store_command,
)
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.scratch import Unsound
from lovhub.server.backups.store import StoreFailed
from lovhub.server.backups.store_texts import PROBLEMS
from lovhub.server.backups.texts import detail_text
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.data_folder import (
    database_url,
    ensure_config,
    ensure_identity,
    open_folder,
    seal_key,
)
from lovhub.server.errors import OperationRefused
from lovhub.server.existing_club import existing_club
from lovhub.server.nodes.place import Place
from lovhub.server.refusal import StartRefused

EXIT_UNSOUND = 1
EXIT_REFUSED = 2


def main(arguments: list[str]) -> int:
    """Run `lovhub backup …`; exit code 0: done, 1: a backup that is not sound, 2: refused."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    actions = {
        "create": _create,
        "list": _list,
        "check": _check,
        "fetch": _fetch,
        "restore": _restore,
    }
    try:
        return actions[options.action](options)
    except Unsound as unsound:
        refuse(_why(unsound.code, detail_text(unsound.detail, unsound.flaws)))
        return EXIT_UNSOUND
    except OperationRefused as refused:
        refuse(_refusal(refused))
        return EXIT_REFUSED
    except store_command.WrongOption as option:
        refuse(_("Раздел [S3]: исправьте строку %s.") % option)
        return EXIT_REFUSED
    except StoreFailed as failure:
        refuse(_("Хранилище S3: %s.") % PROBLEMS[failure.code])
        return EXIT_REFUSED
    except refusal.FORESEEN as error:
        refusal.told(error)
        return EXIT_REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(prog="lovhub backup", description=_("Резервные копии клуба."))
    actions = parser.add_subparsers(dest="action", required=True, metavar=_("ДЕЙСТВИЕ"))
    made = {
        "create": _("сделать и проверить копию; сервер может работать"),
        "list": _("показать копии"),
        "check": _("восстановить копию во временную базу и проверить учёт"),
        "fetch": _("забрать копию из хранилища S3 в папку копий"),
        "restore": _("поставить копию на место клуба; сервер должен быть остановлен"),
    }
    parsers = {name: actions.add_parser(name, help=words) for name, words in made.items()}
    for parser_of in parsers.values():
        parser_of.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    for name in ("list", "fetch", "restore"):
        parsers[name].add_argument(
            "--store-file",
            type=Path,
            help=_("файл с разделом [S3], если его нет в config.ini (новый компьютер)"),
        )
    parsers["list"].add_argument("--store", action="store_true", help=_("копии в хранилище S3"))
    parsers["fetch"].add_argument(
        "name", nargs="?", default="", help=_("имя копии из list --store; без имени — последняя")
    )
    parsers["check"].add_argument("name", help=_("имя копии из списка"))
    parsers["restore"].add_argument(
        "file",
        help=_(
            "имя копии из списка, путь к файлу, вторая папка с непрерывной копией или «s3:» и имя в хранилище"
        ),
    )
    for name in ("fetch", "restore"):
        parsers[name].add_argument(
            "--passphrase-file", type=Path, help=_("файл с паролем копии (иначе спросим)")
        )
    parsers["restore"].add_argument(
        "--without-keys", action="store_true", help=_("не возвращать ключи клуба")
    )
    parsers["restore"].add_argument(
        "--serve", action="store_true", help=_("сразу запустить сервер")
    )
    parsers["restore"].add_argument("--port", help=_("порт сервера (с --serve)"))
    parsers["restore"].add_argument("--host", help=_("адрес сервера (с --serve)"))
    return parser


def _create(options: argparse.Namespace) -> int:
    data: Path = options.data.resolve()
    with existing_club(data) as club:
        made = service.make(
            club, data, kind="by_hand", actor=SYSTEM, store=store_command.settings(data, None)
        )
    say(_("Копия сделана: %s") % (service.backups_of(data) / made.name))
    if not made.has_keys:
        say(_("Она открыта, и ключей клуба в ней нет: пароль для копий не задан."))
    return _say_check(made.check)


def _list(options: argparse.Namespace) -> int:
    if options.store or options.store_file is not None:
        return store_command.list_stored(options.data.resolve(), options.store_file)
    backups = folder.all_in(service.backups_of(options.data.resolve()))
    for backup in backups:
        made = datetime.fromtimestamp(backup.made_at, UTC).astimezone()
        check = backup.check
        state = _("не проверена") if check is None else _("цела") if check.sound else check.code
        say(f"{made:%d.%m.%Y %H:%M}  {backup.size_bytes / 1e6:8.1f} МБ  {state:<14}  {backup.name}")
    if not backups:
        say(_("Копий нет."))
    return 0


def _fetch(options: argparse.Namespace) -> int:
    data: Path = options.data.resolve()
    name = _fetched(data, options.name, options)
    say(_("Копия забрана: %s") % (service.backups_of(data) / name))
    return 0


def _fetched(data: Path, named: str, options: argparse.Namespace) -> str:
    return store_command.fetch(data, named, options.store_file, lambda: _passphrase(options))


def _check(options: argparse.Namespace) -> int:
    data: Path = options.data.resolve()
    with existing_club(data) as club:
        check = service.check_backup(club, data, options.name)
    return _say_check(check)


def _say_check(check: folder.Check | None) -> int:
    if check is not None and check.sound:
        say(_("Копия проверена: восстановлена во временную базу, учёт сходится."))
        if check.has_other_key:
            say(detail_text("", check.flaws))
        return 0
    if check is not None:
        refuse(_why(check.code, detail_text(check.detail, check.flaws)))
    return EXIT_UNSOUND


def _restore(options: argparse.Namespace) -> int:
    data: Path = options.data.resolve()
    backup = _file(data, options)
    files = _unsealed(backup, data, options)
    with closing(open_folder(data)) as opened, closing(Place()) as place:
        service.tidy(data)
        if files is not None and not opened.config_path.exists() and keys.CONFIG in files:
            config_loader.write_private(opened.config_path, files[keys.CONFIG])
        config = ensure_config(opened)
        url = database_url(data, config)
        place.enter(url)
        if not place.is_alone:
            raise StartRefused("database_serves")
        restore.undo_unfinished(url)
        had_identity = (data / keys.IDENTITY).exists()
        if files is not None and keys.IDENTITY in files and not had_identity:
            config_loader.write_private(data / keys.IDENTITY, files[keys.IDENTITY])
        elif not had_identity and not (data / "lovhub.sqlite3").exists():
            ensure_identity(opened)
        done = restore.restore(
            data,
            url,
            backup,
            files=files,
            actor=SYSTEM,
            passphrase=getattr(options, "passphrase", None) or "",
            own_key=seal_key(config),
        )
    say(_("Клуб восстановлен из копии %s.") % done.backup_name)
    if done.restore_point:
        say(_("Что было до этого, сохранено в копии %s.") % done.restore_point)
    if not done.with_keys and not had_identity:
        say(_("Ключей клуба не было: каждый игровой ПК придётся подключить заново."))
    if not options.serve:
        say(_("Запустите сервер: lovhub serve --data %s") % data)
        return 0
    return _serve(data, options)


def _serve(data: Path, options: argparse.Namespace) -> int:
    from lovhub.server import command  # noqa: PLC0415 - only this action serves

    words = ["--data", str(data)]
    for name in ("host", "port"):
        value = getattr(options, name)
        words += [f"--{name}", value] if value else []
    return command.main(words)


def _file(data: Path, options: argparse.Namespace) -> Path:
    """A file anywhere on this machine, a second folder with a copied log, a backup in the store or in the folder."""
    named: str = options.file
    if named.startswith(store_command.MARK):
        return service.backups_of(data) / _fetched(
            data, named.removeprefix(store_command.MARK), options
        )
    path = Path(named)
    if path.is_dir():
        return continuous.take(path.resolve(), data, int(time.time()), lambda: _passphrase(options))
    if path.is_file():
        return path.resolve()
    return folder.path_of(service.backups_of(data), named)


def _unsealed(backup: Path, data: Path, options: argparse.Namespace) -> dict[str, bytes] | None:
    """The keys in it, if they are wanted; whoever must type the passphrase is asked for it now, and once."""
    own = sealing.read_key(data)
    try:
        sealed = None if options.without_keys else archive.sealed_keys(backup)
        if sealed is not None or archive.needs_passphrase(backup, own):
            archive.try_passphrase(backup, passphrase=_passphrase(options), key=own)
    except BadArchive as error:
        raise Unsound("damaged", error.reason) from error
    return None if sealed is None else keys.opened(sealed, _passphrase(options))


def _passphrase(options: argparse.Namespace) -> str:
    """Of the backup, from the file that was named or from whoever sits here; asked for once."""
    known: str | None = getattr(options, "passphrase", None)
    if known is not None:
        return known
    if options.passphrase_file is not None:
        typed = options.passphrase_file.read_text(encoding="utf-8").strip("\r\n")
    elif sys.stdin.isatty():
        typed = getpass.getpass(_("Пароль копии: "))
    else:
        raise OperationRefused("passphrase_needed")
    options.passphrase = typed
    return str(typed)


def _why(code: str, detail: str) -> str:
    texts = {
        "damaged": _("Копия повреждена, клуб не тронут."),
        "books": _("В копии не сходится учёт, клуб не тронут."),
        "too_new": _("Копия сделана более новой версией LoVHub: установите её и повторите."),
        "other_database": _(
            "Копия сделана с другой базы (SQLite или PostgreSQL): она сюда не подходит."
        ),
        "sealed_otherwise": _(
            "Копия закрыта паролем, которого у этого клуба нет: проверить её можно, восстанавливая с этим паролем."
        ),
        "no_scratch": _(
            "Временную базу для проверки создать не удалось: проверьте место на диске и права."
        ),
    }
    return f"{texts[code][:-1]} ({detail})." if detail else texts[code]


def _refusal(refused: OperationRefused) -> str:
    wrong_passphrase = _("Пароль копии не подходит: проверьте раскладку и регистр.")
    texts = {
        "backup_unknown": _("Такой копии нет: имена покажет lovhub backup list."),
        "backup_damaged": _("Это не копия LoVHub, или она повреждена."),
        "backup_failed": _("Копию сделать не удалось: проверьте место на диске и права."),
        "disk_full": _("На диске мало места для копии: освободите место и повторите."),
        "invalid_fields": wrong_passphrase,
        "not_set_up": _("Клуб ещё не настроен: копировать нечего."),
        "passphrase_needed": _(
            "Копия закрыта паролем: укажите файл с ним ключом --passphrase-file."
            " Если открыта сама база, а закрыты только ключи клуба, её вернёт и --without-keys:"
            " игровые ПК придётся подключить заново."
        ),
    }
    return texts[refused.code]
