"""Where the server is: from the command line or from `config.ini`."""

import configparser
import re
from gettext import gettext as _
from pathlib import Path
from typing import NamedTuple

DEFAULT_PORT = 5000
CONFIG_FILE = "config.ini"

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


class SettingsRefused(Exception):
    """A setting is missing or wrong; the text is one Russian sentence for the person at the PC."""


def parse_address(text: str) -> Address:
    """`HOST` or `HOST:PORT`, an IPv6 address in brackets; raises SettingsRefused."""
    found = _ADDRESS.match(text.strip())
    port = int(found["port"] or DEFAULT_PORT) if found else 0
    if found is None or not 0 < port < 2**16:
        raise SettingsRefused(
            _("Адрес сервера «%s» не понят: нужно ИМЯ или ИМЯ:ПОРТ, например 192.168.1.10:5000.")
            % text
        )
    return Address(found["six"] or found["host"], port)


def _read_text(path: Path) -> str:
    """The file's text: UTF-8 with or without BOM, or the Windows code page old editors save in."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace")


def configured_server(data_folder: Path) -> str:
    """`[Client] Server` of the folder's `config.ini`, "" when absent; raises SettingsRefused."""
    path = data_folder / CONFIG_FILE
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_read_text(path))
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsRefused(
            _("Файл %(path)s не читается: %(reason)s.") % {"path": path, "reason": error.strerror}
        ) from error
    except configparser.Error as error:
        raise SettingsRefused(
            _("В файле %(path)s ошибка: %(reason)s.")
            % {"path": path, "reason": str(error).splitlines()[0]}
        ) from error
    return parser.get("Client", "Server", fallback="").strip()


def server_address(argument: str | None, data_folder: Path) -> Address:
    """The address given on the command line, else the configured one; raises SettingsRefused."""
    text = argument if argument is not None else configured_server(data_folder)
    if not text:
        raise SettingsRefused(
            _(
                "Не указан адрес сервера: добавьте --server АДРЕС "
                "или строку Server = АДРЕС в раздел [Client] файла config.ini."
            )
        )
    return parse_address(text)
