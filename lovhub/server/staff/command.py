"""`lovhub staff …`: the way back in when a password is forgotten, or the telephone with the codes is lost."""

import secrets
from gettext import gettext as _
from pathlib import Path

from lovhub.server import refusal
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.errors import OperationRefused
from lovhub.server.existing_club import existing_club
from lovhub.server.staff import allowed, second_factor, service

EXIT_UNKNOWN = 1
EXIT_REFUSED = 2


def main(arguments: list[str]) -> int:
    """Run `lovhub staff …`. A new password is random, printed once, and must be changed at the sign-in."""
    parser = Arguments(prog="lovhub staff", description=_("Сотрудники клуба."))
    parser.add_argument(
        "action", choices=["reset-password", "reset-second-factor", "allow-everywhere"]
    )
    parser.add_argument("login", nargs="?", default="", help=_("логин сотрудника"))
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    folder: Path = options.data.resolve()
    password = secrets.token_urlsafe(12)
    try:
        with existing_club(folder) as club:
            if options.action == "allow-everywhere":
                allowed.allow_everywhere(club)
            elif options.action == "reset-password":
                service.reset_password(club, options.login, password)
            else:
                second_factor.reset_by_login(club, options.login)
    except OperationRefused:
        refuse(
            _("Сотрудника с логином «%s» нет: проверьте логин и папку клуба (--data).")
            % options.login
        )
        return EXIT_UNKNOWN
    except refusal.FORESEEN as error:
        refusal.told(error)
        return EXIT_REFUSED
    if options.action == "allow-everywhere":
        say(_("Список адресов убран: входить в админку можно отовсюду."))
        return 0
    if options.action == "reset-second-factor":
        say(_("Второй фактор «%s» сброшен: для входа хватит пароля.") % options.login)
        return 0
    say(
        _("Новый пароль для «%(login)s»: %(password)s")
        % {"login": options.login, "password": password}
    )
    return 0
