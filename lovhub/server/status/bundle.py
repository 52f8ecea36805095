"""What a maintainer needs to see of a club that does not work, in one file, and nothing that anybody could use.

Every part is made by itself: a bundle is wanted most where something cannot be read. Of `config.ini` only those options
are shown that are named here; of all others, that they are there. Whatever they hold is blotted out of the log, too,
should it ever have got there. No row of the database is in it, and no key.
"""

import configparser
import importlib.metadata
import io
import json
import platform
import re
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, select

from lovhub import __version__, config_loader
from lovhub.clock import SystemClock
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.data_folder import database_url, open_database, seal_key
from lovhub.server.database.base import Base
from lovhub.server.database.sealed_tables import ROW_SEAL
from lovhub.server.status import facts, rules, texts

SHOWN = frozenset(
    {
        ("admin", "adminusername"), ("admin", "trustedproxies"),
        ("client", "server"),
        ("kaspi", "mode"), ("kaspi", "trustedproxies"), ("kaspi", "allowedips"),
        ("kaspi", "responseformat"), ("kaspi", "gatewayform"),
        ("mail", "host"), ("mail", "port"), ("mail", "security"), ("mail", "cafile"),
        ("telegram", "api"), ("telegram", "cafile"), ("healthchecks", "cafile"),
        ("s3", "endpoint"), ("s3", "bucket"), ("s3", "folder"), ("s3", "region"), ("s3", "cafile"),
        ("fiscal", "mode"),
    }
)  # fmt: skip
"""Section and option of `config.ini` whose value may be seen. A new option is hidden until it stands here."""

HIDDEN = "***"
SHORTEST_BLOTTED = 4
"""Shorter values are in every second word; none of ours that short is a secret."""
MOST_LOG_BYTES = 2_000_000


def write(data: Path, file: Path) -> None:
    """Write the bundle of the club in the folder `data`; FileExistsError rather than over something."""
    if file.exists():
        raise FileExistsError(file)
    config_loader.write_private(file, made(data))


def made(data: Path) -> bytes:
    """The bundle, a zip."""
    hidden: set[str] = set()
    settings = _attempt(lambda: _settings(data, hidden))
    parts: dict[str, Any] = {
        "versions.json": _attempt(_versions),
        "config.json": settings,
        "checks.json": _attempt(lambda: _checks(data)),
        "database.json": _attempt(lambda: _database(data)),
        "folder.json": _attempt(lambda: _folder(data)),
    }
    blot = _blotter(hidden)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, found in parts.items():
            said = json.dumps(found, ensure_ascii=False, indent=1, default=str)
            bundle.writestr(name, blot(said))
        # Without knowing what must not be seen, nothing of the log may be.
        if isinstance(settings, dict) and "failed" not in settings:
            bundle.writestr("server.log", blot(_log(data)))
    return packed.getvalue()


def _attempt(part: Callable[[], Any]) -> Any:
    try:
        return part()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the club, its other parts are told
        return {"failed": type(error).__name__}


def _versions() -> dict[str, Any]:
    return {
        "lovhub": __version__,
        "python": sys.version,
        "system": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {
            found.name: found.version for found in sorted(_packages(), key=lambda found: found.name)
        },
    }


def _packages() -> list[importlib.metadata.Distribution]:
    return [found for found in importlib.metadata.distributions() if found.name]


def _settings(data: Path, hidden: set[str]) -> dict[str, dict[str, str]]:
    """What `config.ini` says, as far as it may be seen; what may not goes into `hidden`."""
    path = data / config_loader.FILE_NAME
    if not path.exists():
        return {}
    text = config_loader.text_of(path)
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, allow_no_value=True, default_section="\0none"
    )
    parser.read_string(text)
    shown: dict[str, dict[str, str]] = {}
    for section in parser.sections():
        for option, value in parser.items(section):
            value = (value or "").strip()  # noqa: PLW2901 - as the server takes it
            may_be_seen = (section.lower(), option.lower()) in SHOWN or not value
            shown.setdefault(section, {})[option] = value if may_be_seen else HIDDEN
            if not may_be_seen:
                hidden.update(_forms(value))
            if section.lower() == "apprise":
                # There a secret may stand where other addresses have their host.
                hidden.update(part for part in re.split(r"[/?&=@:]", value) if len(part) > 8)
    return shown


def _forms(value: str) -> set[str]:
    """A value in the forms in which it might stand somewhere: whole, its lines, and a password inside an address."""
    found = {value, *(line.strip() for line in value.splitlines())}
    try:
        parts = urlsplit(value)
        found |= {part for part in (parts.password, parts.username) if part}
        found |= {
            part for part in re.split(r"[/?&=]", parts.path + "?" + parts.query) if len(part) > 8
        }
    except ValueError:
        pass
    return found | {unquote(part) for part in found}


def _blotter(hidden: set[str]) -> Callable[[str], str]:
    """Replaces what must not be seen, the longest first, as it stands and as JSON writes it."""
    plain = {value for value in hidden if len(value) >= SHORTEST_BLOTTED}
    forms = plain | {json.dumps(value)[1:-1] for value in plain}
    forms |= {json.dumps(value, ensure_ascii=False)[1:-1] for value in plain}
    if not forms:
        return lambda said: said
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda said: pattern.sub(HIDDEN, said)


def _checks(data: Path) -> list[dict[str, str]]:
    config = config_loader.read(data / config_loader.FILE_NAME)
    with closing(open_database(database_url(data, config), seal_key(config))) as database:
        findings = rules.judge(
            facts.gather(data, database, SystemClock(), club_id=config.club_id, deep=True)
        )
    return [{"number": finding.number, "says": texts.sentence(finding)} for finding in findings]


def _database(data: Path) -> dict[str, Any]:
    """Its version, how many rows each table has, and the club's settings but for its name."""
    config = config_loader.read(data / config_loader.FILE_NAME)
    url = database_url(data, config)
    with closing(open_database(url, seal_key(config))) as database, database.read() as db:
        rows = {
            table.name: db.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
        club = _attempt(lambda: club_service.get(db, 1))
        settings = {
            column.name: getattr(club, column.name, None)
            for column in Club.__table__.columns
            if column.name not in ("name", ROW_SEAL)
        }
    return {"kind": url.partition(":")[0], "rows": rows, "club": settings}


def _folder(data: Path) -> dict[str, int]:
    """Names and sizes of what lies in the club's folder."""
    found = [path for pattern in ("*", "logs/*", "backups/*") for path in data.glob(pattern)]
    return {
        path.relative_to(data).as_posix(): path.stat().st_size
        for path in sorted(found)
        if path.is_file()
    }


def _log(data: Path) -> str:
    """The end of the log, whole lines."""
    path = data / "logs" / "server.log"
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - MOST_LOG_BYTES))
            found = file.read()
    except OSError:
        return ""
    if size > MOST_LOG_BYTES:
        found = found.partition(b"\n")[2]
    return found.decode("utf-8", "replace")
