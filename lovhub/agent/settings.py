"""Where the server is: from the command line or from `config.ini`."""

import ipaddress
import re
from gettext import gettext as _
from pathlib import Path
from typing import Literal, NamedTuple

import structlog

from lovhub.config_loader import FILE_NAME, ConfigError, keep_sections, read, remove_option
from lovhub.protocol.local import Trouble
from lovhub.protocol.pairing import is_bulk_token

log = structlog.get_logger("settings")

DEFAULT_PORT = 5000

_ADDRESS = re.compile(
    r"^(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]@]+))(?::(?P<port>\d{1,5}))?$"
)


class Address(NamedTuple):
    """The server's host (name or IP address) and port."""

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_this_machine(self) -> bool:
        """Whether it never leaves this computer."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class SettingsRefused(Exception):
    """A setting is missing or wrong; the text is one Russian sentence for a person, `trouble` for the PC's lock."""

    def __init__(self, sentence: str, trouble: Trouble | None = None) -> None:
        super().__init__(sentence)
        self.trouble = trouble


def parse_address(text: str, path: str = "") -> Address:
    """`HOST` or `HOST:PORT`, an IPv6 address in brackets; raises SettingsRefused. `path`: the file where it stands."""
    found = _ADDRESS.match(text.strip())
    port = int(found["port"] or DEFAULT_PORT) if found else 0
    if found is None or not 0 < port < 2**16:
        raise SettingsRefused(
            _("Адрес сервера «%s» не понят: нужно ИМЯ или ИМЯ:ПОРТ, например 192.168.1.10:5000.")
            % text,
            Trouble("server_address", path),
        )
    return Address(found["six"] or found["host"], port)


def configured_server(data_folder: Path) -> str:
    """`[Client] Server` of the folder's `config.ini`, "" when absent; raises SettingsRefused."""
    path = data_folder / FILE_NAME
    try:
        return read(path).client_server
    except ConfigError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: ConfigError) -> SettingsRefused:
    line = int(error.values.get("line", 0))
    why: Literal["settings_line", "settings_unreadable"] = (
        "settings_line" if line else "settings_unreadable"
    )
    return SettingsRefused(_what_is_wrong(path, error), Trouble(why, str(path), line))


def _what_is_wrong(path: Path, error: ConfigError) -> str:
    if error.code == "unreadable":
        return _("Файл %s не читается: проверьте права на него.") % path
    if error.code == "malformed" and "line" in error.values:
        return _("В файле %(path)s ошибка в строке %(line)s: исправьте её.") % {
            "path": path,
            "line": error.values["line"],
        }
    return _("В файле %(path)s ошибка (%(code)s): исправьте его.") % {
        "path": path,
        "code": error.code,
    }


def server_addresses(argument: str | None, data_folder: Path) -> list[Address]:
    """The addresses given on the command line, else the configured ones, separated by commas; raises SettingsRefused.

    None at all: the server is looked for in the network.
    """
    if argument is not None:
        return parse_addresses(argument)
    text = configured_server(data_folder)
    return parse_addresses(text, str(data_folder / FILE_NAME)) if text else []


class Given(NamedTuple):
    """Where the server is, with which token the PC was installed, and why the settings are not to be understood."""

    addresses: list[Address]
    bulk_token: str
    refusal: SettingsRefused | None = None


def given_settings(argument: str | None, data_folder: Path) -> Given:
    """What command line and `config.ini` say; a mistake in them is no reason to leave a screen open."""
    bulk_token = configured_token(data_folder)
    try:
        return Given(server_addresses(argument, data_folder), bulk_token)
    except SettingsRefused as refusal:
        return Given([], bulk_token, refusal)


def parse_addresses(text: str, path: str = "") -> list[Address]:
    """One address or several of one club's servers; raises SettingsRefused. `path`: the file where they stand."""
    return list(dict.fromkeys(parse_address(part, path) for part in text.split(",")))


NO = frozenset({"no", "off", "false", "0", "нет"})
YES = frozenset({"yes", "on", "true", "1", "да"})


def clears_traces(data_folder: Path) -> bool:
    """Whether this PC clears away what players leave, if the owner wants it: not with `[Client] ClearTraces = no`."""
    try:
        return read(data_folder / FILE_NAME).client_traces.casefold() not in NO
    except ConfigError:
        return False  # a file that cannot be read may say so


class Lasting(NamedTuple):
    """`[Client] LastingFolder`, where key and journal are to lie, and `DiskIsWiped`, whether the disk forgets."""

    folder: str = ""
    is_wiped: bool = False


def configured_lasting(data_folder: Path) -> Lasting:
    """What the technician says of this PC's disk; a file that cannot be read says nothing, and stops no lock."""
    try:
        config = read(data_folder / FILE_NAME)
    except ConfigError:
        return Lasting()
    return Lasting(config.client_lasting, config.client_wiped.casefold() in YES)


def configured_token(data_folder: Path) -> str:
    """`[Client] PairingToken`, with which the PC was installed, "" when there is none.

    Half a token is none: the PC then shows a code like any other, and no lock is missing for want of it.
    """
    try:
        text = read(data_folder / FILE_NAME).client_token
    except ConfigError:
        return ""
    if text and not is_bulk_token(text):
        log.warning("token_not_understood")
        return ""
    return text


def parse_token(text: str) -> str:
    """A token as the installer is given it; raises SettingsRefused."""
    if not is_bulk_token(text.strip()):
        raise SettingsRefused(
            _("Ключ подключения не понят: скопируйте его со страницы «Ключи подключения» целиком.")
        )
    return text.strip()


def forget_token(data_folder: Path) -> None:
    """The PC is paired: the token is of no more use here, and others could read it."""
    try:
        remove_option(data_folder / FILE_NAME, "Client", "PairingToken")
    except (OSError, ConfigError) as error:
        log.warning("token_not_removed", reason=str(error))


PC_SECTIONS = frozenset({"Client"})
"""What of a copied `config.ini` is a PC's. All else is a server's, of whatever version, with its passwords and keys."""

SERVER_MARK = "identity.pem"
"""A folder holding this is a server's, whose file is not to be touched."""


def remove_secrets(data_folder: Path) -> list[str]:
    """Take the server's passwords and keys out of a `config.ini` that was copied to this PC, as the old guide says.

    Returns the sections that held something. Nothing is done in a server's own folder.
    """
    path = data_folder / FILE_NAME
    if (data_folder / SERVER_MARK).exists() or not path.exists():
        return []
    try:
        return keep_sections(path, PC_SECTIONS)
    except ConfigError as error:
        raise _refused(path, error) from error
