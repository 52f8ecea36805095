"""`lovhub staff reset-password`: the way back in when a password is forgotten."""

import argparse
import secrets
import sys
from gettext import gettext as _
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import DBAPIError

from lovhub.clock import SystemClock
from lovhub.config_loader import ConfigError
from lovhub.server import refusal
from lovhub.server.bus import Bus
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import existing_database
from lovhub.server.errors import OperationRefused
from lovhub.server.refusal import StartRefused
from lovhub.server.staff import service

EXIT_UNKNOWN = 1
EXIT_REFUSED = 2


def main(arguments: list[str]) -> int:
    """Run `lovhub staff …`. The new password is random and printed once."""
    parser = argparse.ArgumentParser(prog="lovhub staff", description=_("Сотрудники клуба."))
    parser.add_argument("action", choices=["reset-password"])
    parser.add_argument("login", help=_("логин сотрудника"))
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    options = parser.parse_args(arguments)
    folder: Path = options.data.resolve()
    password = secrets.token_urlsafe(12)
    try:
        with existing_database(folder) as (database, config):
            club = ClubContext(
                database=database,
                clock=SystemClock(),
                bus=Bus(),
                identity=Ed25519PrivateKey.generate(),
                secret_key=config.secret_key.encode(),
            )
            service.reset_password(club, options.login, password)
    except OperationRefused:
        sys.stderr.write(_("Сотрудника с логином «%s» нет.") % options.login + "\n")
        return EXIT_UNKNOWN
    except (StartRefused, ConfigError, DBAPIError, OSError) as error:
        sentence = refusal.sentence(error)
        if sentence is None:
            raise
        sys.stderr.write(sentence + "\n")
        return EXIT_REFUSED
    sys.stdout.write(
        _("Новый пароль для «%(login)s»: %(password)s")
        % {"login": options.login, "password": password}
        + "\n"
    )
    return 0
