"""Reading `config.ini`, as the original guide made it and as technicians edit it.

The file may be UTF-8, UTF-8 or UTF-16 with a mark at its beginning, or cp1251 (an old Notepad). Values are
taken as they stand: `%`, `#` and `;` have no meaning inside them. The guide's placeholders count as empty.
Changes touch only the lines concerned, so that comments, order and encoding stay.
"""

import configparser
import io
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FILE_NAME = "config.ini"

_CLUB_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_KASPI_MODES = {"", "off", "manual", "fake", "biller", "qr_r1", "qr_r3", "gateway", "pos"}

DEMO_FOLDER_MARK = ".lovhub-demo-folder"
"""A data folder holding this file was made by `lovhub demo`; only there is the bank that is none believed."""

_SHORTEST_SECRET_KEY = 16
_PLACEHOLDERS = re.compile(
    r"""^( <.*> | \[.*\] | \.{3} | …
        | ваш[аеи]?[_\ ].* | your[_\ -].* | введите[_\ ].* | change[_\ -]?me.*
        | пароль | password | секретный[_\ ]ключ | secret[_\ -]?key
        | (публичный|приватный|public|private)[_\ -](ключ|key)
        )$""",
    re.IGNORECASE | re.VERBOSE,
)


class ConfigError(Exception):
    """`config.ini` cannot be used.

    `code`: unreadable, malformed, secret_key_short, kaspi_mode, database_url, club_number, club_alone.
    """

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Config:
    """What `config.ini` says; empty strings where it says nothing.

    `has_admin_password`: a password line is there, be it a placeholder. `client_server` is the address that
    a gaming PC uses when it was given none by other ways, `client_traces` whether it clears away what players leave,
    `client_lasting` where its key and journal lie, `client_wiped` whether its disk forgets at a restart, `client_token`
    the bulk token with which it was installed.
    `kaspi`: all of that section, names in lower case;
    what it means, `server/payments/settings.py` says. `mail`, `telegram`, `apprise` and `healthchecks`
    likewise: `server/notices/ways.py`. `server_announce`: PCs may find the server by mDNS.
    `fiscal`: `server/fiscal/settings.py`. `s3`: `server/backups/store.py`.
    `club_number`: which club of the database this is.
    """

    secret_key: str = ""
    admin_login: str = ""
    admin_password: str = ""
    has_admin_password: bool = False
    database_url: str = ""
    club_number: str = "1"
    kaspi_mode: str = ""
    kaspi_public_key: str = ""
    kaspi_private_key: str = field(default="", repr=False)
    kaspi: Mapping[str, str] = field(default_factory=dict, repr=False)
    mail: Mapping[str, str] = field(default_factory=dict, repr=False)
    telegram: Mapping[str, str] = field(default_factory=dict, repr=False)
    apprise: Mapping[str, str] = field(default_factory=dict, repr=False)
    fiscal: Mapping[str, str] = field(default_factory=dict, repr=False)
    healthchecks: Mapping[str, str] = field(default_factory=dict, repr=False)
    s3: Mapping[str, str] = field(default_factory=dict, repr=False)
    admin_proxies: str = ""
    backup_continuous: bool = False
    metrics_token: str = field(default="", repr=False)
    server_announce: bool = True
    client_server: str = ""
    client_traces: str = ""
    client_lasting: str = ""
    client_wiped: str = ""
    client_token: str = field(default="", repr=False)

    @property
    def club_id(self) -> int:
        """Which club of the database this server serves; several are a chain. 1 for one that is no number."""
        return int(self.club_number) if _CLUB_NUMBER.fullmatch(self.club_number) else 1


def load(path: Path) -> Config:
    """The server's settings in the file at `path`, checked; raises ConfigError. A missing file says nothing."""
    config = read(path)
    _check(config)
    return config


def read(path: Path) -> Config:
    """What the file says, right or wrong; raises ConfigError only if it cannot be read at all.

    A gaming PC may hold a copy of the server's file, as the old guide had it: what is wrong there for a
    server is not the PC's concern.
    """
    try:
        text, _ = _read(path)
    except FileNotFoundError:
        return Config()
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, allow_no_value=True, default_section="\0none"
    )
    at = 0

    def lines() -> Iterator[str]:
        nonlocal at
        for at, line in enumerate(io.StringIO(text), 1):  # noqa: B007 (the error below tells it)
            yield line

    try:
        parser.read_file(lines())
    except configparser.MissingSectionHeaderError as error:
        raise ConfigError("malformed", line=error.lineno) from error
    except configparser.ParsingError as error:
        raise ConfigError("malformed", line=error.errors[0][0]) from error
    except (
        AttributeError
    ) as error:  # an indented line after a name without a value trips the parser itself
        raise ConfigError("malformed", line=at) from error

    def value(section: str, option: str) -> str:
        found = (parser.get(section, option, fallback="") or "").strip()
        return "" if _PLACEHOLDERS.match(found) else found

    def section(name: str) -> dict[str, str]:
        return {option: value(name, option) for option in _options(parser, name)}

    return Config(
        secret_key=value("Flask", "SecretKey"),
        admin_login=value("Admin", "AdminUsername"),
        admin_password=value("Admin", "AdminPassword"),
        has_admin_password=parser.has_option("Admin", "AdminPassword"),
        database_url=value("Database", "Url"),
        club_number=value("Club", "Number") or "1",
        kaspi_mode=value("Kaspi", "Mode").lower(),
        kaspi_public_key=value("Kaspi", "PublicKey"),
        kaspi_private_key=value("Kaspi", "PrivateKey"),
        kaspi=section("Kaspi"),
        mail=section("Mail"),
        telegram=section("Telegram"),
        apprise=section("Apprise"),
        s3=section("S3"),
        fiscal=section("Fiscal"),
        healthchecks=section("Healthchecks"),
        admin_proxies=value("Admin", "TrustedProxies"),
        backup_continuous=value("Backup", "Continuous").lower() in {"yes", "on", "true", "1", "да"},
        metrics_token=value("Metrics", "Token"),
        server_announce=value("Server", "Announce").lower()
        not in {"no", "off", "false", "0", "нет"},
        client_server=value("Client", "Server"),
        client_traces=value("Client", "ClearTraces"),
        client_lasting=value("Client", "LastingFolder"),
        client_wiped=value("Client", "DiskIsWiped"),
        client_token=value("Client", "PairingToken"),
    )


def text_of(path: Path) -> str:
    """The file as it stands, whatever its encoding; raises FileNotFoundError, ConfigError."""
    return _read(path)[0]


def _options(parser: configparser.ConfigParser, section: str) -> list[str]:
    return parser.options(section) if parser.has_section(section) else []


def _check(config: Config) -> None:
    if 0 < len(config.secret_key) < _SHORTEST_SECRET_KEY:
        raise ConfigError("secret_key_short", minimum=_SHORTEST_SECRET_KEY)
    if config.kaspi_mode not in _KASPI_MODES:
        raise ConfigError("kaspi_mode", mode=config.kaspi_mode)
    if config.database_url and not config.database_url.startswith(
        ("postgresql+psycopg://", "sqlite:///")
    ):
        raise ConfigError("database_url")
    if not _CLUB_NUMBER.fullmatch(config.club_number):
        raise ConfigError("club_number", text=config.club_number)
    if config.club_id > 1 and not config.database_url.startswith("postgresql"):
        raise ConfigError("club_alone", text=config.club_number)


def remove_option(path: Path, section: str, option: str) -> bool:
    """Take the option's lines out of the file; everything else stays. Returns whether there were any."""
    text, encoding = _read(path)
    kept: list[str] = []
    removed = False
    inside = dropping = False
    for line in text.splitlines(keepends=True):
        header = re.match(r"\s*\[(?P<name>[^\]]+)\]", line)
        if header:
            inside, dropping = header["name"].strip() == section, False
        elif inside and _names_option(line, option):
            removed = dropping = True
            continue
        elif dropping and line.strip() and line[0] in " \t":
            continue  # a value may go on in indented lines
        else:
            dropping = False
        kept.append(line)
    if removed:
        write_private(path, "".join(kept).encode(encoding))
    return removed


def keep_sections(path: Path, sections: Collection[str]) -> list[str]:
    """Take all lines of other sections out of the file but comments; returns those that held some, in order.

    Everything else stays as it is.
    """
    text, encoding = _read(path)
    kept: list[str] = []
    emptied: list[str] = []
    inside = ""
    for line in text.splitlines(keepends=True):
        header = re.match(r"\s*\[(?P<name>[^\]]+)\]", line)
        if header:
            inside = header["name"].strip()
        elif (
            inside
            and inside not in sections
            and line.strip()
            and not line.lstrip().startswith(("#", ";"))
        ):
            if inside not in emptied:
                emptied.append(inside)
            continue
        kept.append(line)
    if emptied:
        write_private(path, "".join(kept).encode(encoding))
    return emptied


def set_option(path: Path, section: str, option: str, value: str) -> None:
    """Put `option = value` first into the section, in place of what was there."""
    remove_option(path, section, option)
    text, encoding = _read(path)
    line_break = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    setting = f"{option} = {value}{line_break}"
    for number, line in enumerate(lines):
        header = re.match(r"\s*\[(?P<name>[^\]]+)\]", line)
        if header and header["name"].strip() == section:
            if not line.endswith(("\n", "\r")):
                lines[number] = line + line_break
            lines.insert(number + 1, setting)
            break
    else:
        if lines and not lines[-1].endswith(("\n", "\r")):
            lines[-1] += line_break
        lines += [f"[{section}]{line_break}", setting]
    write_private(path, "".join(lines).encode(encoding))


def _names_option(line: str, option: str) -> bool:
    name = re.match(r"\s*(?P<name>[^=:]+?)\s*([=:]|$)", line)
    return name is not None and name["name"].lower() == option.lower()


def _read(path: Path) -> tuple[str, str]:
    """The file's text with its line breaks as they are, and the encoding that writes it back."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError("unreadable") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "cp1251"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ConfigError("unreadable")


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
