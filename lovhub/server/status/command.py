"""`lovhub doctor`: the self-checks from the console; a server may be running, or refuse to start."""

from contextlib import closing
from gettext import gettext as _
from pathlib import Path

from lovhub import config_loader
from lovhub.clock import SystemClock
from lovhub.server import refusal
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.data_folder import database_url, open_database, seal_key
from lovhub.server.refusal import StartRefused
from lovhub.server.status import bundle, facts, rules, texts

EXIT_ERRORS = 1
EXIT_REFUSED = 2


def main(arguments: list[str]) -> int:
    """Run `lovhub doctor`; exit code 0: no errors (warnings may be), 1: errors, 2: it could not look."""
    parser = Arguments(prog="lovhub doctor", description=_("Самопроверка клуба."))
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help=_("собрать для разработчиков файл без секретов: версии, проверки, настройки, журнал"),
    )
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    if options.bundle is not None:
        return _bundle(options.data.resolve(), options.bundle)
    try:
        return _examine(options.data.resolve())
    except refusal.FORESEEN as error:
        refusal.told(error)
        return EXIT_REFUSED


def _bundle(data: Path, file: Path) -> int:
    try:
        bundle.write(data, file)
    except OSError as error:
        refuse(
            _("Файл %(name)s не записан: %(reason)s.")
            % {"name": file, "reason": error.strerror or _("такой уже есть")}
        )
        return EXIT_REFUSED
    say(
        _("Собрано в %s. Секретов, имён и телефонов там нет; посмотреть можно самим: это zip.")
        % file
    )
    return 0


def _examine(data: Path) -> int:
    config = config_loader.read(data / config_loader.FILE_NAME)
    url = database_url(data, config)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise StartRefused("database_missing", folder=str(data))
    with closing(open_database(url, seal_key(config))) as database:
        findings = rules.judge(
            facts.gather(data, database, SystemClock(), club_id=config.club_id, deep=True)
        )
    for finding in findings:
        say(f"{finding.number}  {texts.sentence(finding)}")
        say(f"         {texts.hint(finding)}")
    errors = sum(finding.level == "error" for finding in findings)
    if not findings:
        say(_("Всё в порядке: проверено пунктов %d.") % len(rules.NUMBERS))
    else:
        say(
            _("Ошибок: %(errors)d, предупреждений: %(warnings)d.")
            % {"errors": errors, "warnings": len(findings) - errors}
        )
    return EXIT_ERRORS if errors else 0
